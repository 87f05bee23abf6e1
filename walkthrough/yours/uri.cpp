// The address of a WebSocket, yours: RFC 6455 section 3, and a refusal of everything that is not one.
//
//     contract    src/endpoints/uri.h
//     chapter     walkthrough/17-client.md
//     test        cmake -B mine -DWEBSOCK_MINE=walkthrough/yours/uri.cpp
//                 cmake --build mine --target uri_test && ./mine/bin/uri_test
#include "endpoints/uri.h"

#pragma GCC diagnostic ignored "-Wunused-parameter"  // until you use them

namespace websock {

Uri parse_uri(std::string_view text) { return {}; }

std::string host_field(const Uri& uri) { return {}; }

}  // namespace websock
