// Close codes and the body of a Close frame, yours: RFC 6455 sections 5.5.1 and 7.4. Two of these judge what a peer
// sent, two what we are about to send.
//
//     contract    src/protocol/close.h
//     chapter     walkthrough/09-close.md
//     test        cmake -B mine -DWEBSOCK_MINE=walkthrough/yours/close.cpp
//                 cmake --build mine --target close_test && ./mine/bin/close_test
#include "protocol/close.h"

#pragma GCC diagnostic ignored "-Wunused-parameter"  // until you use them

namespace websock {

bool may_travel(CloseCode code) { return false; }

CloseBody parse_close_body(ByteView payload) { return {}; }

void check_close_body(const CloseBody& body) {}

Bytes serialize_close_body(const CloseBody& body) { return {}; }

std::string to_string(CloseCode code) { return {}; }

}  // namespace websock
