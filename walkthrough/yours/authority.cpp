// Hosts and ports, yours: what RFC 3986 takes for an authority, and what a page's origin and a request's target make of
// it. Two texts that mean the same must become the same.
//
//     contract    src/handshake/authority.h
//     chapter     walkthrough/04-http.md
//     test        cmake -B mine -DWEBSOCK_MINE=walkthrough/yours/authority.cpp
//                 cmake --build mine --target authority_test && ./mine/bin/authority_test
#include "handshake/authority.h"

#pragma GCC diagnostic ignored "-Wunused-parameter"  // until you use them

namespace websock {

std::optional<Authority> parse_authority(std::string_view text) { return std::nullopt; }

std::optional<Origin> parse_origin(std::string_view text) { return std::nullopt; }

Authority with_usual_port(Authority authority, std::string_view scheme) { return authority; }

// ---- Targets ----

std::optional<Origin> origin_of(std::string_view target) { return std::nullopt; }

std::string_view path_of(std::string_view target) { return {}; }

std::string_view query_of(std::string_view target) { return {}; }

}  // namespace websock
