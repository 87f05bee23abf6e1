// The mask, yours: RFC 6455 section 5.3. One line is enough to pass. Make it fast afterwards, if you like.
//
//     contract    src/framing/mask.h
//     chapter     walkthrough/07-mask.md
//     test        cmake -B mine -DWEBSOCK_MINE=walkthrough/yours/mask.cpp
//                 cmake --build mine --target mask_test && ./mine/bin/mask_test
#include "framing/mask.h"

#pragma GCC diagnostic ignored "-Wunused-parameter"  // until you use them

namespace websock {

void apply_mask(std::span<std::uint8_t> payload, const std::array<std::uint8_t, 4>& key, std::uint64_t offset) {}

}  // namespace websock
