// SHA-1, yours: the message in blocks of 64 bytes, the last one padded, five words of state, eighty steps a block.
//
//     contract    src/handshake/sha1.h
//     chapter     walkthrough/02-sha1.md
//     test        cmake -B mine -DWEBSOCK_MINE=walkthrough/yours/sha1.cpp
//                 cmake --build mine --target sha1_test && ./mine/bin/sha1_test
#include "handshake/sha1.h"

#pragma GCC diagnostic ignored "-Wunused-parameter"  // until you use them

// RFC 3174, section 6.1: the state before the first block. And section 5: what is added in the steps 0 to 19, 20 to 39,
// and so on.
//
//     67452301 efcdab89 98badcfe 10325476 c3d2e1f0
//     5a827999 6ed9eba1 8f1bbcdc ca62c1d6

namespace websock {

Sha1Digest sha1(ByteView message) { return {}; }

}  // namespace websock
