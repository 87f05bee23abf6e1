// Unpredictable bytes: RFC 6455 section 10.3 tells why masking keys must not be guessable, and 4.1 wants a random nonce
// for every handshake.
#pragma once

#include <array>
#include <span>

#include "../bytes.h"

namespace websock {

// Fills `out` from the operating system's source of entropy. Any thread. Throws std::system_error if there is none.
void fill_random(std::span<std::uint8_t> out);

// A fresh masking key (5.3).
std::array<std::uint8_t, 4> random_masking_key();

}  // namespace websock
