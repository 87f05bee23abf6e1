// The compressor, yours: tokens become blocks. Begin with stored blocks only, which is legal; then the fixed code;
// dynamic ones last.
//
//     contract    src/compression/deflate.h
//     chapter     walkthrough/20-deflate.md
//     test        cmake -B mine -DWEBSOCK_MINE=walkthrough/yours/deflate.cpp
//                 cmake --build mine --target deflate_test && ./mine/bin/deflate_test
#include "compression/deflate.h"

#pragma GCC diagnostic ignored "-Wunused-parameter"  // until you use them

namespace websock {

void Deflater::deflate(ByteView message, Bytes& out) {}

}  // namespace websock
