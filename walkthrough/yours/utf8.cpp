// UTF-8, yours: a validator that remembers, from one piece to the next, how far inside a character it is. The table
// stands in RFC 3629, section 4.
//
//     contract    src/protocol/utf8.h
//     chapter     walkthrough/08-utf8.md
//     test        cmake -B mine -DWEBSOCK_MINE=walkthrough/yours/utf8.cpp
//                 cmake --build mine --target utf8_test && ./mine/bin/utf8_test
#include "protocol/utf8.h"

#pragma GCC diagnostic ignored "-Wunused-parameter"  // until you use them

namespace websock {

bool Utf8Validator::feed(ByteView bytes) { return false; }

bool is_valid_utf8(std::string_view text) { return false; }

}  // namespace websock
