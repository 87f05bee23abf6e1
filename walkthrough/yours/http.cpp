// HTTP heads, yours: find where one ends, take it apart, and write one that nobody can smuggle a line into.
// Everything that arrives here was sent by a stranger.
//
//     contract    src/handshake/http.h
//     chapter     walkthrough/04-http.md
//     test        cmake -B mine -DWEBSOCK_MINE=walkthrough/yours/http.cpp
//                 cmake --build mine --target http_test && ./mine/bin/http_test
#include "handshake/http.h"

#pragma GCC diagnostic ignored "-Wunused-parameter"  // until you use them

namespace websock {

// ---- Reading ----

std::optional<std::size_t> find_head(std::string_view received, const HeadLimits& limits) { return std::nullopt; }

Request parse_request(std::string_view head) { return {}; }

Response parse_response(std::string_view head) { return {}; }

// ---- Writing ----

std::string serialize_head(const Request& request) { return {}; }

std::string serialize_head(const Response& response) { return {}; }

Response make_text_response(int status, std::string_view sentence) { return {}; }

}  // namespace websock
