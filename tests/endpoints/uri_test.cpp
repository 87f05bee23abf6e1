// ws:// URIs: which there are, and what their parts are.
#include "endpoints/uri.h"

#include <array>
#include <stdexcept>

#include "check.h"

using namespace websock;

namespace {

// The parts of a URI: "ws, example.com, 80, /chat". "refused" if it is none.
std::string parts(std::string_view text) {
  try {
    const Uri uri = parse_uri(text);
    return std::string(uri.secure ? "wss" : "ws") + ", " + uri.host + ", " + std::to_string(uri.port) + ", " +
           uri.resource;
  } catch (const std::invalid_argument&) {
    return "refused";
  }
}

// Whether `text` may stand behind the host of a URI; it is then the resource, as it is.
bool is_resource(const std::string& text) { return parts("ws://h" + text) == "ws, h, 80, " + text; }

}  // namespace

// ==== Rules obeyed ====

TEST("3-01 a URI is a scheme, a host, a port, a path and a query") {
  CHECK_EQ(parts("ws://example.com:8467/chat?room=1"), "ws, example.com, 8467, /chat?room=1");
  CHECK_EQ(parts("wss://example.com:8467/chat?room=1"), "wss, example.com, 8467, /chat?room=1");
  CHECK_EQ(parts("ws://127.0.0.1:1/"), "ws, 127.0.0.1, 1, /");
  CHECK_EQ(parts("ws://h/a/b//c/"), "ws, h, 80, /a/b//c/");
  CHECK(parse_uri("ws://h/") == (Uri{false, "h", 80, "/"}));
}

TEST("3-02 the port may be left out") {
  CHECK_EQ(parts("ws://h/"), "ws, h, 80, /");
  CHECK_EQ(parts("ws://h:/"), "ws, h, 80, /");
  CHECK_EQ(parts("wss://h:/x"), "wss, h, 443, /x");
}

TEST("3-03 without a port it is 80 for ws and 443 for wss") {
  CHECK_EQ(parts("ws://h"), "ws, h, 80, /");
  CHECK_EQ(parts("wss://h"), "wss, h, 443, /");
}

TEST("3-04 the scheme has no case") {
  CHECK_EQ(parts("WS://h/"), "ws, h, 80, /");
  CHECK_EQ(parts("Wss://h/"), "wss, h, 443, /");
  CHECK_EQ(parts("WSS://h/"), "wss, h, 443, /");
}

TEST("3-05 the resource is the path, or a slash, and the query, if there is one") {
  CHECK_EQ(parts("ws://h"), "ws, h, 80, /");
  CHECK_EQ(parts("ws://h/"), "ws, h, 80, /");
  CHECK_EQ(parts("ws://h?x=1"), "ws, h, 80, /?x=1");
  CHECK_EQ(parts("ws://h:81?x=1"), "ws, h, 81, /?x=1");
  CHECK_EQ(parts("ws://h/?x=1"), "ws, h, 80, /?x=1");
  CHECK_EQ(parts("ws://h/a?x=1&y=/?"), "ws, h, 80, /a?x=1&y=/?");
}

TEST("3-05 an empty query is none") {
  CHECK_EQ(parts("ws://h/a?"), "ws, h, 80, /a");
  CHECK_EQ(parts("ws://h?"), "ws, h, 80, /");
  CHECK_EQ(parts("ws://h/a??"), "ws, h, 80, /a??");     // the query is "?"
  CHECK_EQ(parts("ws://h/a?b?"), "ws, h, 80, /a?b?");   // the query is "b?"
  CHECK_EQ(parts("ws://h/a%3F?"), "ws, h, 80, /a%3F");  // an escaped question mark begins no query
}

TEST("11.1.1-01 path and query travel as they were written, escapes included") {
  CHECK(is_resource("/chat%20room/%C3%A9?q=a+b&c=%23"));
  CHECK(is_resource("/-._~!$&'()*+,;=:@"));
  CHECK(is_resource("/?/?:@-._~!$&'()*+,;="));
}

TEST("own-uri-01 an IPv6 address stands in brackets, and its host has none") {
  CHECK_EQ(parts("ws://[::1]/"), "ws, ::1, 80, /");
  CHECK_EQ(parts("ws://[::1]:8467/x"), "ws, ::1, 8467, /x");
  CHECK_EQ(parts("wss://[2001:db8::7]"), "wss, 2001:db8::7, 443, /");
  CHECK_EQ(parts("ws://[::ffff:127.0.0.1]:1?x"), "ws, ::ffff:127.0.0.1, 1, /?x");
}

TEST("6874-4-01 the zone of a link-local address goes to the resolver, and not into the Host header") {
  CHECK_EQ(parts("ws://[fe80::1%25eth0]/"), "ws, fe80::1%eth0, 80, /");
  CHECK_EQ(parts("ws://[FE80::1%25Eth0]:8467/x"), "ws, fe80::1%Eth0, 8467, /x");  // an interface's name has case
  CHECK_EQ(host_field(parse_uri("ws://[fe80::1%25eth0]/")), "[fe80::1]");
  CHECK_EQ(host_field(parse_uri("ws://[fe80::1%25eth0]:8467/")), "[fe80::1]:8467");
  for (const char* host : {"[fe80::1%25]", "[fe80::1%eth0]", "[fe80::1%25a%25b]", "fe80::1%25eth0", "[%25eth0]",
                           "[fe80::1%25eth0", "[fe80::1]%25eth0", "[fe80::1%25[eth0]", "[fe80::1%25eth0:1]"}) {
    CHECK_EQ(host + (" is " + parts("ws://" + std::string(host) + "/")), host + std::string(" is refused"));
  }
}

TEST("3986-3.2.2-01 a host is a name or an address, and has no case") {
  CHECK_EQ(parts("ws://Example.COM/A"), "ws, example.com, 80, /A");
  CHECK_EQ(parts("ws://[2001:DB8::7]/"), "ws, 2001:db8::7, 80, /");
  for (const char* host : {"[::1::2]", "[1:2:3]", "[12345::]", "[v1.x]", "[::1%2541]x", "a[::1]"}) {
    CHECK_EQ(host + (" is " + parts("ws://" + std::string(host) + "/")), host + std::string(" is refused"));
  }
}

TEST("9112-3.2-02 the Host is what the URI has, and nobody's name with it") {
  CHECK_EQ(host_field(parse_uri("ws://example.com:8467/")), "example.com:8467");
  CHECK_EQ(parts("ws://ada@example.com/"), "refused");
}

TEST("9112-3.2.1-01 an empty path is sent as a slash") {
  CHECK_EQ(parse_uri("ws://h").resource, "/");
  CHECK_EQ(parse_uri("ws://h?x=1").resource, "/?x=1");
}

TEST("own-uri-06 what is refused is told why, and what to do") {
  const auto sentence = [](const char* text) -> std::string {
    try {
      parse_uri(text);
    } catch (const std::invalid_argument& error) {
      return error.what();
    }
    return "accepted";
  };
  CHECK_EQ(sentence("ws://ada:secret@h/"),
           "not a WebSocket URI: it has user information: send an Authorization header instead");
  CHECK_EQ(sentence("ws://::1/"), "not a WebSocket URI: an IPv6 address has brackets around it");
  CHECK_EQ(sentence("ws://[::1/"), "not a WebSocket URI: a bracket is missing");
  CHECK_EQ(sentence("ws://a|b/"), "not a WebSocket URI: a character has to be percent-encoded");
  CHECK_EQ(sentence("ws://[h]/"), "not a WebSocket URI: the host is malformed");
  CHECK_EQ(sentence("ws:///"), "not a WebSocket URI: it has no host");
  CHECK_EQ(sentence("ws://h:x/"), "not a WebSocket URI: the port is not a number from 1 to 65535");
}

TEST("own-uri-02 every port from 1 to 65535 is one") {
  CHECK_EQ(parts("ws://h:1/"), "ws, h, 1, /");
  CHECK_EQ(parts("ws://h:443/"), "ws, h, 443, /");
  CHECK_EQ(parts("ws://h:65535/"), "ws, h, 65535, /");
}

TEST("4.1-24 the Host header has the port only if it is not the scheme's own, and brackets round IPv6") {
  CHECK_EQ(host_field(parse_uri("ws://h/")), "h");
  CHECK_EQ(host_field(parse_uri("ws://h:80/")), "h");
  CHECK_EQ(host_field(parse_uri("wss://h:443/")), "h");
  CHECK_EQ(host_field(parse_uri("ws://h:443/")), "h:443");
  CHECK_EQ(host_field(parse_uri("wss://h:80/")), "h:80");
  CHECK_EQ(host_field(parse_uri("ws://h:8467/")), "h:8467");
  CHECK_EQ(host_field(parse_uri("ws://[::1]/")), "[::1]");
  CHECK_EQ(host_field(parse_uri("ws://[::1]:8467/")), "[::1]:8467");
}

// ==== Rules broken ====

TEST("4.1-04 a scheme other than ws and wss is refused") {
  for (const char* text : {"http://h/", "https://h/", "ftp://h/", "://h/", "//h/", "h", "h:80", "/chat", "", "ws",
                           "ws:", "ws:/", "ws:h", "ws:/h/", "wsss://h/", "w://h/", "xws://h/", "ws//h/"}) {
    CHECK_EQ(text + (" is " + parts(text)), text + std::string(" is refused"));
  }
}

TEST("4.1-04 a URI without a host is refused") {
  for (const char* text : {"ws://", "ws:///", "ws:///chat", "ws://?x", "ws://:80/", "ws://[]/", "ws://[]:80/"}) {
    CHECK_EQ(text + (" is " + parts(text)), text + std::string(" is refused"));
  }
}

TEST("4.1-04 a port that is no number from 1 to 65535 is refused") {
  for (const char* port : {"0", "00", "65536", "70000", "99999999999999999999", "-1", "+1", "x", "8x", "0x50", "8:0",
                           "%38", "8.0", "1e3"}) {
    CHECK_EQ(port + (" is " + parts("ws://h:" + std::string(port) + "/")), port + std::string(" is refused"));
  }
}

TEST("4.1-04 a malformed host is refused") {
  for (const char* host :
       {"::1", "a:b:c", "[::1", "::1]", "[::1]x", "[::1]80", "[[::1]]", "a[b]", "a]b", "[h]", "[127.0.0.1]"}) {
    CHECK_EQ(host + (" is " + parts("ws://" + std::string(host) + "/")), host + std::string(" is refused"));
  }
}

TEST("own-uri-04 a host with a comma is refused, as our own server refuses its Host header") {
  CHECK_EQ(parts("ws://us,r"), "refused");
  CHECK_EQ(parts("ws://a,b:80/"), "refused");
  CHECK_EQ(parts("ws://h/a,b?c,d"), "ws, h, 80, /a,b?c,d");
}

TEST("3-01 there is no user information in a WebSocket URI") {
  CHECK_EQ(parts("ws://user@h/"), "refused");
  CHECK_EQ(parts("ws://user:password@h/"), "refused");
  CHECK_EQ(parts("ws://@h/"), "refused");
  CHECK_EQ(parts("ws://h/@"), "ws, h, 80, /@");
}

TEST("3-06 there is no fragment in a WebSocket URI") {
  CHECK_EQ(parts("ws://h/a#b"), "refused");
  CHECK_EQ(parts("ws://h/a#"), "refused");
  CHECK_EQ(parts("ws://h#"), "refused");
  CHECK_EQ(parts("ws://h/?a#b"), "refused");
}

TEST("3-07 a '#' that is meant is written as %23") { CHECK_EQ(parts("ws://h/a%23b"), "ws, h, 80, /a%23b"); }

TEST("11.1.1-02 a host with characters that are not ASCII is refused: converting it is for others") {
  CHECK_EQ(parts("ws://b\xc3\xbc"
                 "cher.example/"),
           "refused");
  CHECK_EQ(parts("ws://xn--bcher-kva.example/"), "ws, xn--bcher-kva.example, 80, /");
}

TEST("11.1.1-03 a character that has to be percent-encoded never gets into a request") {
  CHECK_EQ(parts("ws://h/\xc3\xbc"), "refused");
  for (int c = 0; c < 256; ++c) {
    const bool excluded = c <= 0x20 || c >= 0x7F ||
                          std::string_view("\"#<>\\^`{|}%").find(static_cast<char>(c)) != std::string_view::npos;
    if (!excluded) continue;
    CHECK_EQ(parts("ws://h/" + std::string(1, static_cast<char>(c))), "refused");
    CHECK_EQ(parts("ws://h/?" + std::string(1, static_cast<char>(c)) + "x"), "refused");
    CHECK_EQ(parts("ws://h" + std::string(1, static_cast<char>(c)) + "/"), "refused");
  }
  CHECK_EQ(parts("ws://h/ HTTP/1.1\r\nX: y\r\n\r\n"), "refused");
  CHECK_EQ(parts(" ws://h/"), "refused");
  CHECK_EQ(parts("ws://h/ "), "refused");
}

TEST("11.1.2-02 the host of a wss URI is ASCII as well") {
  CHECK_EQ(parts("wss://b\xc3\xbc"
                 "cher.example/"),
           "refused");
  CHECK_EQ(parts("wss://xn--bcher-kva.example/"), "wss, xn--bcher-kva.example, 443, /");
}

TEST("11.1.2-03 nothing in a wss URI is left for us to percent-encode either") {
  CHECK_EQ(parts("wss://h/\xc3\xbc"), "refused");
  CHECK_EQ(parts("wss://h/a b"), "refused");
  CHECK_EQ(parts("wss://h/?<>"), "refused");
  CHECK_EQ(parts("wss://h/%C3%BC?a%20b"), "wss, h, 443, /%C3%BC?a%20b");
}

TEST("own-uri-05 two URIs are the same if all their parts are") {
  const Uri uri = parse_uri("ws://h:81/x");
  CHECK(uri == parse_uri("WS://h:81/x"));
  CHECK(uri != parse_uri("wss://h:81/x"));
  CHECK(uri != parse_uri("ws://i:81/x"));
  CHECK(uri != parse_uri("ws://h:82/x"));
  CHECK(uri != parse_uri("ws://h:81/y"));
}

TEST("own-uri-03 a '%' has two hex digits behind it") {
  for (const char* text : {"/%", "/%4", "/%4g", "/%g4", "/a%", "/%%41", "/?%", "/?a=%2"}) {
    CHECK_EQ(parts("ws://h" + std::string(text)), "refused");
  }
  CHECK(is_resource("/%41%fF%00"));
}
