// Unpredictable bytes, yours. Ask the operating system; and several threads may ask you.
//
//     contract    src/framing/entropy.h
//     chapter     walkthrough/07-mask.md
//     test        cmake -B mine -DWEBSOCK_MINE=walkthrough/yours/entropy.cpp
//                 cmake --build mine --target entropy_test && ./mine/bin/entropy_test
#include "framing/entropy.h"

#pragma GCC diagnostic ignored "-Wunused-parameter"  // until you use them

namespace websock {

void fill_random(std::span<std::uint8_t> out) {}

std::array<std::uint8_t, 4> random_masking_key() { return {}; }

}  // namespace websock
