// Authorities, origins and targets: what their parts are, and which texts are none. (How a Host is judged is in http_test.)
#include "handshake/authority.h"

#include "check.h"

using namespace websock;

namespace {

// "host|port", or "none".
std::string parts(std::string_view text) {
  const std::optional<Authority> authority = parse_authority(text);
  return authority ? authority->host + "|" + authority->port : "none";
}

// "scheme|host|port", or "none".
std::string origin(std::string_view text) {
  const std::optional<Origin> origin = parse_origin(text);
  return origin ? origin->scheme + "|" + origin->authority.host + "|" + origin->authority.port : "none";
}

// The same for a target.
std::string leads_to(std::string_view target) {
  const std::optional<Origin> origin = origin_of(target);
  return origin ? origin->scheme + "|" + origin->authority.host + "|" + origin->authority.port : "none";
}

}  // namespace

// ---- Authorities ----

TEST("3986-3.2.2-01 an authority is a host and perhaps a port") {
  CHECK_EQ(parts("example.com"), "example.com|");
  CHECK_EQ(parts("example.com:8467"), "example.com|8467");
  CHECK_EQ(parts("192.0.2.7:80"), "192.0.2.7|80");
  CHECK_EQ(parts("[2001:db8::7]"), "2001:db8::7|");
  CHECK_EQ(parts("[::1]:8467"), "::1|8467");
  CHECK_EQ(parts("[::ffff:192.0.2.7]:1"), "::ffff:192.0.2.7|1");
  CHECK_EQ(parts("a%41.b"), "a%41.b|");
}

TEST("3986-3.2.3-01 a port is digits, any number of them") {
  CHECK_EQ(parts("a:"), "a|");
  CHECK_EQ(parts("[::1]:"), "::1|");
  CHECK_EQ(parts("a:0080"), "a|0080");
  CHECK_EQ(parts("a:99999999999999999999"), "a|99999999999999999999");
  for (const char* text : {"a:x", "a:8x", "a: 8", "a:-8", "a:8:0", "[::1]8", "[::1]x", "[::1]:x", "[::1]:8:0"}) {
    CHECK_EQ(text + (" is " + parts(text)), text + std::string(" is none"));
  }
}

TEST("3986-3.2.2-01 a host may be empty") {
  CHECK_EQ(parts(""), "|");
  CHECK_EQ(parts(":80"), "|80");
}

TEST("3986-3.2.2-02 a host has no case") {
  CHECK_EQ(parts("WWW.Example.COM"), "www.example.com|");
  CHECK_EQ(parts("[FE80::ABCD]:80"), "fe80::abcd|80");
}

TEST("3986-3.2.2-01 of all 256 byte values exactly these may be in a name") {
  constexpr std::string_view kOthers = "-._~!$&'()*+;=";
  for (int value = 0; value < 256; ++value) {
    const char c = static_cast<char>(value);
    const bool letter_or_digit =
        (value >= 'a' && value <= 'z') || (value >= 'A' && value <= 'Z') || (value >= '0' && value <= '9');
    // A colon ends the name, and what is behind it, "y", is no port. A bracket at the front would be another matter.
    const bool may = letter_or_digit || kOthers.find(c) != std::string_view::npos;
    CHECK_EQ(std::to_string(value) + (parse_authority("x" + std::string(1, c) + "y") ? " may" : " may not"),
             std::to_string(value) + (may ? " may" : " may not"));
  }
}

TEST("3986-2.1-01 a percent sign has two hex digits behind it") {
  CHECK_EQ(parts("%c3%bc"), "%c3%bc|");
  for (const char* text : {"%", "%4", "%g4", "%4g", "a%", "a%2", "%%41"}) {
    CHECK_EQ(text + (" is " + parts(text)), text + std::string(" is none"));
  }
}

TEST("3986-3.2.2-03 an address of a kind that we do not know is refused") {
  for (const char* text : {"[v1.x]", "[vF.a:b]", "[]", "[h]", "[192.0.2.7]", "[::g]", "[1:2:3:4:5:6:7]", "[1::2::3]",
                           "[12345::]", "[::1%eth0]", "[::1%25eth0]", "[::1", "[[::1]]"}) {
    CHECK_EQ(text + (" is " + parts(text)), text + std::string(" is none"));
  }
  CHECK_EQ(parts(std::string_view("[::1\0]", 6)), "none");
}

// ---- Origins ----

TEST("own-authority-01 an origin is a scheme, a host and a port, and two that mean the same are the same") {
  CHECK_EQ(origin("http://example.com"), "http|example.com|80");
  CHECK_EQ(origin("HTTPS://Example.COM"), "https|example.com|443");
  CHECK_EQ(origin("http://example.com:8467"), "http|example.com|8467");
  CHECK_EQ(origin("http://[::1]"), "http|::1|80");
  CHECK_EQ(origin("chrome-extension://abc"), "chrome-extension|abc|");
  CHECK(parse_origin("http://a:80") == parse_origin("HTTP://A"));
  CHECK(parse_origin("http://a") != parse_origin("https://a"));
  CHECK(parse_origin("http://a") != parse_origin("http://a:443"));
}

TEST("own-authority-02 what is more or less than that is no origin") {
  for (const char* text : {"", "null", "example.com", "//example.com", "://example.com", "http:example.com", "http:/a",
                           "http://", "x://", "http://:80", "http://a/", "http://a?", "http://a#", "http://a@b",
                           "http://a b", "1http://a", "ht_tp://a", " http://a", "http://a, http://b"}) {
    CHECK_EQ(text + (" is " + origin(text)), text + std::string(" is none"));
  }
}

TEST("own-authority-03 http and https have a usual port, other schemes have none") {
  const Authority without{"a", ""};
  CHECK_EQ(with_usual_port(without, "http").port, "80");
  CHECK_EQ(with_usual_port(without, "https").port, "443");
  CHECK_EQ(with_usual_port(without, "app").port, "");
  CHECK_EQ(with_usual_port({"a", "8467"}, "http").port, "8467");
}

// ---- Targets ----

TEST("9112-3.2.2-01 a target that is a whole URI says where it leads") {
  CHECK_EQ(leads_to("http://example.com/chat?room=1"), "http|example.com|80");
  CHECK_EQ(leads_to("HTTPS://h"), "https|h|443");
  CHECK_EQ(leads_to("http://h?x=//y"), "http|h|80");
  CHECK_EQ(leads_to("http://[::1]:81/"), "http|::1|81");
}

TEST("9112-3.2.1-02 any other target does not") {
  for (const char* target : {"/", "/chat", "*", "", "/http://h/", "/?next=http://h/", "?http://h/", "ftp://h/",
                             "ws://h/", "http://", "http:///x", "http://a@b/", "h:80"}) {
    CHECK_EQ(target + (" leads to " + leads_to(target)), target + std::string(" leads to none"));
  }
}

TEST("own-authority-04 the path and the query of a target that leads elsewhere are not mistaken for its host's") {
  CHECK_EQ(path_of("/?next=http://h/x"), "/");
  CHECK_EQ(query_of("/?next=http://h/x"), "next=http://h/x");
  CHECK_EQ(path_of("http://h/a/b?c"), "/a/b");
  CHECK_EQ(path_of("http://h?c"), "/");
  CHECK_EQ(query_of("http://h?c"), "c");
  CHECK_EQ(path_of(""), "/");
}
