// ws:// URIs: RFC 6455 section 3.
//
//     ws://example.com:8467/chat?room=1
//     scheme host      port path  query         path and query together are the resource name
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace websock {

struct Uri {
  bool secure = false;  // wss
  std::string host;     // lower case; an IPv6 address without its brackets, and with its zone: "fe80::1%eth0"
  std::uint16_t port = 80;
  std::string resource = "/";

  bool operator==(const Uri&) const = default;
};

// Throws std::invalid_argument: another scheme, no host, a bad port, user information, a fragment ('#' has to be
// written as %23), or a character that no URI may have. Host names are taken in ASCII only. The zone of a link-local
// address, the network card behind which it is, is written as "ws://[fe80::1%25eth0]/" (RFC 6874).
Uri parse_uri(std::string_view text);

// The value of the Host header: with the port only if it is not the scheme's own (4.1), and without a zone.
std::string host_field(const Uri& uri);

}  // namespace websock
