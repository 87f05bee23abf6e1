// Masking: RFC 6455 section 5.3. Every byte of a client's payload is XORed with one byte of the frame's key. The key's
// type is written out, since nothing else of frame.h is needed here.
#pragma once

#include <array>
#include <span>

#include "../bytes.h"

namespace websock {

// Masks `payload` in place, or unmasks it: byte i becomes byte i XOR key[(offset + i) % 4], and doing that twice
// restores it. `offset` is the number of bytes of the same frame that came before, so that a payload may be handled in
// the pieces in which it arrives.
void apply_mask(std::span<std::uint8_t> payload, const std::array<std::uint8_t, 4>& key, std::uint64_t offset = 0);

}  // namespace websock
