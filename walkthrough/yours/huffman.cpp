// The best lengths, yours: join the two rarest until there is one. Then see to it that no length is too long.
//
//     contract    src/compression/huffman.h
//     chapter     walkthrough/20-deflate.md
//     test        cmake -B mine -DWEBSOCK_MINE=walkthrough/yours/huffman.cpp
//                 cmake --build mine --target huffman_test && ./mine/bin/huffman_test
#include "compression/huffman.h"

#pragma GCC diagnostic ignored "-Wunused-parameter"  // until you use them

namespace websock {

void make_code_lengths(std::span<const std::uint32_t> frequencies, int longest, std::span<std::uint8_t> lengths) {}

}  // namespace websock
