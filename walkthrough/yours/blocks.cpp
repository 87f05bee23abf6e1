// The slow decoder, yours: RFC 1951 from section 3.2.3 to 3.2.7, bit by bit, with the whole message at hand. Write
// this one before inflate.cpp.
//
//     contract    src/compression/blocks.h
//     chapter     walkthrough/19-inflate.md
//     faults      the tests want the sentences that are in tests/compression/inflated.h
//     test        cmake -B mine -DWEBSOCK_MINE=walkthrough/yours/blocks.cpp
//                 cmake --build mine --target blocks_test && ./mine/bin/blocks_test
#include "compression/blocks.h"

#pragma GCC diagnostic ignored "-Wunused-parameter"  // until you use them

namespace websock {

std::vector<Block> read_blocks(ByteView message, std::size_t window, Bytes& text) {
  throw InflateError("not written yet");
}

}  // namespace websock
