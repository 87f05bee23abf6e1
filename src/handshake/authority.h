// Authorities: a host and perhaps a port. RFC 3986 section 3.2.
//
//     example.com        127.0.0.1:8467        [2001:db8::7]:80        [::1]
//
// The same text is in four places: the Host header, a request's target if that is a whole URI, the Origin header, and
// the URI that a client is given. They are compared with each other, so there is one parser for all of them: two of
// them could disagree.
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace websock {

struct Authority {
  std::string host;  // lower case, an IPv6 address without its brackets; may be empty, as in "Host:" (RFC 9112 3.2)
  std::string port;  // decimal digits, any number of them; empty: the usual port of the scheme

  bool operator==(const Authority&) const = default;
};

// What a page or a resource belongs to: RFC 6454 section 4. "http://a", "HTTP://A" and "http://a:80" are the same.
struct Origin {
  std::string scheme;   // lower case
  Authority authority;  // its host is not empty; its port is written out if the scheme is http or https

  bool operator==(const Origin&) const = default;
};

// "example.com:8467". Nothing: that is no authority. User information ("ada@example.com") is refused: no http URI may
// be sent with it (RFC 9110 section 4.2.4).
std::optional<Authority> parse_authority(std::string_view text);

// "https://example.com": a scheme and an authority, and nothing behind them. Nothing: that is no origin. ("null", which
// a browser sends for a page that has none, is none.)
std::optional<Origin> parse_origin(std::string_view text);

// `authority` with the port that it has with this scheme: what it says, or 80 for http and 443 for https. For any other
// scheme it stays as it is.
Authority with_usual_port(Authority authority, std::string_view scheme);

// ---- The target of a request: "/chat?room=1", or "http://example.com/chat?room=1" ----

// Where a target that is a whole http or https URI leads. Nothing for any other target, or if the URI names no host.
std::optional<Origin> origin_of(std::string_view target);

// The path and the query of a target in either form, as they were sent: "/chat" and "room=1", still percent-encoded. No
// path is "/".
std::string_view path_of(std::string_view target);
std::string_view query_of(std::string_view target);

}  // namespace websock
