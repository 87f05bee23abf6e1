// The best lengths for a prefix code: D. A. Huffman's answer of 1952. prefix_code.h makes the code out of the lengths.
#pragma once

#include <span>

#include "../bytes.h"

namespace websock {

// Sets lengths[symbol], in bits, so that a text with these frequencies takes as few bits as a prefix code can make it
// take; 0 for a symbol that does not occur. If a length would be more than `longest`, the code is somewhat worse
// instead. A single symbol gets a length of 1, as RFC 1951 section 3.2.7 wants it of a distance.
// REQUIRES: both have the same size, at most 288; 2^longest is not less than that; the frequencies' sum is below 2^31.
void make_code_lengths(std::span<const std::uint32_t> frequencies, int longest, std::span<std::uint8_t> lengths);

}  // namespace websock
