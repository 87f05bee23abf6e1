// Offers of extensions, yours: a list of names with parameters, and the grammar of RFC 6455 section 9.1. Use what
// fields.h has.
//
//     contract    src/handshake/extension.h
//     chapter     walkthrough/05-handshake.md
//     test        cmake -B mine -DWEBSOCK_MINE=walkthrough/yours/extension.cpp
//                 cmake --build mine --target extension_test && ./mine/bin/extension_test
#include "handshake/extension.h"

#pragma GCC diagnostic ignored "-Wunused-parameter"  // until you use them

namespace websock {

std::vector<Extension> parse_extensions(const HeaderFields& fields) { return {}; }

}  // namespace websock
