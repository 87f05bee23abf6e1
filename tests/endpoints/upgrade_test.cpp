// One client's opening: who becomes a WebSocket, and what all the others are told.
//
// Most tests take this request, change it, and look at the status of the answer and at what goes into the log.
#include "endpoints/upgrade.h"

#include <array>
#include <stdexcept>

#include "check.h"
#include "memory.h"
#include "wire.h"

using namespace websock;

namespace {

const std::string kRequest =
    "GET /chat?room=1 HTTP/1.1\r\n"
    "Host: example.com\r\n"
    "Upgrade: websocket\r\n"
    "Connection: Upgrade\r\n"
    "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n"
    "Sec-WebSocket-Version: 13\r\n"
    "\r\n";

const std::string kAccepted =
    "HTTP/1.1 101 Switching Protocols\r\n"
    "Upgrade: websocket\r\n"
    "Connection: Upgrade\r\n"
    "Sec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=\r\n"
    "\r\n";

const std::string kPlain = "GET /page HTTP/1.1\r\nHost: example.com\r\n\r\n";

std::string with_line(const std::string& line) { return edited(kRequest, "\r\n\r\n", "\r\n" + line + "\r\n\r\n"); }

Opening open(const std::string& request, const UpgradeRules& rules = {}) {
  return open_websocket(request, rules).value();
}

std::string status_of(const Opening& opening) { return opening.response.substr(9, 3); }

// The status, what became of the client, and whether it is a case for the log.
std::string outcome(const Opening& opening) {
  const char* kind = opening.accepted ? " accepted" : opening.plain_http ? " plain" : " refused";
  return status_of(opening) + kind + (opening.fault.empty() ? "" : ", fault");
}
std::string outcome(const std::string& request, const UpgradeRules& rules = {}) {
  return outcome(open(request, rules));
}

// The value of a field of the response, or "none". Where there are several, all of them.
std::string field_of(const Opening& opening, std::string_view name) {
  const Response response = parse_response(opening.response.substr(0, find_head(opening.response).value()));
  std::string values;
  for (const HeaderField& field : response.fields) {
    if (equal_ignoring_case(field.name, name)) values += (values.empty() ? "" : " | ") + field.value;
  }
  return values.empty() ? "none" : values;
}
std::string body_of(const Opening& opening) { return opening.response.substr(find_head(opening.response).value()); }

// ---- Rules ----

UpgradeRules refusing_with(const Response& response) {
  UpgradeRules rules;
  rules.on_handshake = [response](const Request&) { return HandshakeDecision{.refusal = response}; };
  return rules;
}

UpgradeRules answering_http_with(const Response& response) {
  UpgradeRules rules;
  rules.on_http_request = [response](const Request&) { return response; };
  return rules;
}

UpgradeRules choosing(const std::string& subprotocol) {
  UpgradeRules rules;
  rules.on_handshake = [subprotocol](const Request&) { return HandshakeDecision{.subprotocol = subprotocol}; };
  return rules;
}

std::string with_origin(const std::string& origin, const UpgradeRules& rules, const std::string& host = "example.com") {
  return status_of(open(edited(with_line("Origin: " + origin), "Host: example.com", "Host: " + host), rules));
}

UpgradeRules allowing(std::vector<std::string> origins) {
  UpgradeRules rules;
  rules.allowed_origins = std::move(origins);
  return rules;
}

UpgradeRules same_origin() {
  UpgradeRules rules;
  rules.same_origin = true;
  return rules;
}

}  // namespace

// ==== Accepted ====

TEST("4.2.2-01 a correct request is accepted, and this is the answer") {
  const Opening opening = open(kRequest);
  CHECK_EQ(opening.response, kAccepted);
  CHECK_EQ(outcome(opening), "101 accepted");
  CHECK_EQ(opening.consumed, kRequest.size());
  CHECK_EQ(opening.request.target, "/chat?room=1");
  CHECK(list_contains(opening.request.fields, "host", "example.com"));
  CHECK(!opening.subprotocol);
}

TEST("own-upgrade-01 what stands behind the request is not consumed: it is frames already") {
  const std::string frames("\x81\x81\0\0\0\0A", 7);
  const Opening opening = open(kRequest + frames);
  CHECK_EQ(outcome(opening), "101 accepted");
  CHECK_EQ(opening.consumed, kRequest.size());
  CHECK_EQ(open(kRequest + kRequest).consumed, kRequest.size());
}

TEST("own-upgrade-02 one empty line before the request is part of it") {
  const Opening opening = open("\r\n" + kRequest);
  CHECK_EQ(opening.response, kAccepted);
  CHECK_EQ(opening.consumed, 2 + kRequest.size());
}

TEST("own-upgrade-03 a request is answered when its last byte is there, and not before") {
  for (std::size_t size = 0; size < kRequest.size(); ++size) {
    CHECK(!open_websocket(std::string_view(kRequest).substr(0, size), {}));
  }
  // Byte by byte, whole, or in two: the answer is the same when it comes.
  for_each_split(bytes_of(kRequest + "\x81"), [](const std::vector<ByteView>& pieces) {
    std::string received;
    std::optional<Opening> opening;
    for (const ByteView piece : pieces) {
      received += text_of(piece);
      if (!opening) opening = open_websocket(received, {});
    }
    CHECK_EQ(opening.value().response, kAccepted);
    CHECK_EQ(opening->consumed, kRequest.size());
  });
}

TEST("own-upgrade-04 a broken request is refused as soon as a byte shows it, in every split alike") {
  const std::string broken = edited(kRequest, "Connection: Upgrade\r\n", "Connection: Upgrade\n");
  for_each_split(bytes_of(broken), [](const std::vector<ByteView>& pieces) {
    std::string received;
    std::optional<Opening> opening;
    for (const ByteView piece : pieces) {
      received += text_of(piece);
      if (!opening) opening = open_websocket(received, {});
    }
    CHECK_EQ(outcome(opening.value()), "400 refused, fault");
  });
  CHECK(open_websocket("\x16\x03\x01", {}).has_value());  // TLS: 400, and nobody waits for a line's end
}

TEST("9110-7.8-05 a client that waits for a 100 before it sends its body gets it, and then the 101") {
  CHECK_EQ(open(with_line("Expect: 100-Continue")).response, "HTTP/1.1 100 Continue\r\n\r\n" + kAccepted);
  const Opening refused = open(edited(with_line("Expect: 100-continue"), "Version: 13", "Version: 8"));
  CHECK_EQ(status_of(refused), "426");  // that says all
  CHECK_EQ(status_of(open(edited(kPlain, "\r\n\r\n", "\r\nExpect: 100-continue\r\n\r\n"))), "426");
}

TEST("4.2.1-12 header fields that nobody knows do not disturb") {
  CHECK_EQ(outcome(with_line("X-Whatever: \xc3\xa9; \"unclosed")), "101 accepted");
}

TEST("4.2.1-03 an absolute target is as good as a path") {
  CHECK_EQ(outcome(edited(kRequest, "/chat?room=1", "http://example.com/chat?room=1")), "101 accepted");
}

// ==== Refused for what the request is ====

TEST("4.2.1-02 a handshake that breaks a rule is refused with the status that fits, and logged") {
  struct Row {
    const char* rule;
    std::string request;
    const char* status;
  };
  const std::array<Row, 14> rows = {{
      {"no HTTP at all", "SSH-2.0-OpenSSH\r\n\r\n", "400"},
      {"another version of HTTP", edited(kRequest, "HTTP/1.1", "HTTP/2.0"), "505"},
      {"no Host", edited(kRequest, "Host: example.com\r\n", ""), "400"},
      {"two Hosts", with_line("Host: example.com"), "400"},
      {"another method", edited(kRequest, "GET", "POST"), "405"},
      {"no Connection", edited(kRequest, "Connection: Upgrade\r\n", ""), "400"},
      {"a Connection without Upgrade", edited(kRequest, "Connection: Upgrade", "Connection: close"), "400"},
      {"a key, but no Upgrade", edited(kRequest, "Upgrade: websocket\r\n", ""), "400"},
      {"no key", edited(kRequest, "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n", ""), "400"},
      {"a key of 15 bytes", edited(kRequest, "dGhlIHNhbXBsZSBub25jZQ==", "dGhlIHNhbXBsZSBub25j"), "400"},
      {"no version", edited(kRequest, "Sec-WebSocket-Version: 13\r\n", ""), "400"},
      {"another version", edited(kRequest, "Version: 13", "Version: 8"), "426"},
      {"a broken list of extensions", with_line("Sec-WebSocket-Extensions: ;"), "400"},
      {"a body", with_line("Content-Length: 5"), "400"},
  }};
  for (const Row& row : rows) {
    const Opening opening = open(row.request);
    CHECK_EQ(row.rule + (": " + outcome(opening)), row.rule + (": " + std::string(row.status)) + " refused, fault");
    CHECK(field_of(opening, "Connection").ends_with("close"));
  }
}

TEST("4.2.2-11 a version that we do not speak is told which we do") {
  const Opening opening = open(edited(kRequest, "Version: 13", "Version: 8"));
  CHECK_EQ(status_of(opening), "426");
  CHECK_EQ(field_of(opening, "Sec-WebSocket-Version"), "13");
}

TEST("own-upgrade-05 a head that is too long, or has too many fields, is refused with 431") {
  UpgradeRules rules;
  rules.head.max_head = kRequest.size();
  CHECK_EQ(outcome(kRequest, rules), "101 accepted");
  rules.head.max_head = kRequest.size() - 1;
  CHECK_EQ(outcome(kRequest, rules), "431 refused, fault");
  // It need not be complete for that.
  CHECK_EQ(outcome("GET / HTTP/1.1\r\nX: " + std::string(16 * 1024, 'x')), "431 refused, fault");
  CHECK_EQ(outcome("GET /" + std::string(16 * 1024, 'x')), "414 refused, fault");

  UpgradeRules few;
  few.head.max_fields = 5;
  CHECK_EQ(outcome(kRequest, few), "101 accepted");
  few.head.max_fields = 4;
  CHECK_EQ(outcome(kRequest, few), "431 refused, fault");
}

TEST("own-upgrade-06 a refusal says what was wrong, in a body of its own") {
  const Opening opening = open(edited(kRequest, "dGhlIHNhbXBsZSBub25jZQ==", ""));
  CHECK_EQ(body_of(opening), opening.fault + "\n");
  CHECK_EQ(field_of(opening, "Content-Length"), std::to_string(body_of(opening).size()));
}

TEST("own-upgrade-07 a HEAD never gets a body, not even when it is refused") {
  const Opening opening = open(edited(kRequest, "GET", "HEAD"));
  CHECK_EQ(outcome(opening), "405 refused, fault");
  CHECK_EQ(body_of(opening), "");
}

TEST("own-upgrade-08 a client that is refused unread is told so") {
  const std::string response = refuse_unread(408, "Too slow.");
  CHECK(response.starts_with("HTTP/1.1 408 Request Timeout\r\n"));
  CHECK(response.find("\r\nConnection: close\r\n") != std::string::npos);
  CHECK(response.ends_with("\r\n\r\nToo slow.\n"));
}

// ==== Origins ====

TEST("4.2.2-08 without rules about origins any page may connect") {
  CHECK_EQ(with_origin("https://evil.example", {}), "101");
  CHECK_EQ(with_origin("null", {}), "101");
}

TEST("10.2-02 with a list, an origin that is not on it is refused with 403, and logged") {
  const UpgradeRules rules = allowing({"https://example.com", "http://localhost:8000"});
  CHECK_EQ(with_origin("https://example.com", rules), "101");
  CHECK_EQ(with_origin("http://localhost:8000", rules), "101");
  for (const char* origin :
       {"http://example.com", "https://example.com:8443", "https://www.example.com", "https://example.com.evil.example",
        "https://example.co", "example.com", "http://localhost", "null", "https://example.com, https://example.com"}) {
    CHECK_EQ(origin + (" " + with_origin(origin, rules)), origin + std::string(" 403"));
  }
  CHECK_EQ(outcome(with_line("Origin: null"), rules), "403 refused, fault");
  CHECK_EQ(outcome(with_line("Origin:"), rules), "403 refused, fault");
}

TEST("4.2.2-06 an origin is compared without regard to case") {
  CHECK_EQ(with_origin("HTTPS://Example.COM", allowing({"https://example.com"})), "101");
  CHECK_EQ(with_origin("https://example.com", allowing({"https://EXAMPLE.com"})), "101");
}

TEST("4.2.1-09 a request without an Origin comes from no browser, and passes") {
  CHECK_EQ(outcome(kRequest, allowing({"https://example.com"})), "101 accepted");
  CHECK_EQ(outcome(kRequest, same_origin()), "101 accepted");
}

TEST("own-upgrade-09 same_origin: the page has to come from the host and port that it connects to") {
  struct Row {
    const char* origin;
    const char* host;
    const char* status;
  };
  const std::array<Row, 20> rows = {{
      {"http://example.com", "example.com", "101"},
      {"https://example.com", "example.com", "101"},  // TLS ends at a proxy
      {"http://example.com:80", "example.com", "101"},
      {"http://example.com", "example.com:80", "101"},
      {"https://example.com", "example.com:443", "101"},
      {"http://example.com:8467", "example.com:8467", "101"},
      {"http://EXAMPLE.com", "example.COM", "101"},
      {"http://[::1]:8467", "[::1]:8467", "101"},
      {"http://[::1]", "[::1]:80", "101"},
      {"http://example.com", "example.org", "403"},
      {"http://example.com", "example.com:8467", "403"},
      {"http://example.com:8467", "example.com", "403"},
      {"http://example.com", "example.com:443", "403"},
      {"https://example.com", "example.com:80", "403"},
      {"http://www.example.com", "example.com", "403"},
      {"http://[::1]", "[::2]", "403"},
      {"null", "example.com", "403"},
      {"null", "null", "403"},
      {"ftp://example.com", "example.com", "403"},
      {"example.com", "example.com", "403"},
  }};
  for (const Row& row : rows) {
    CHECK_EQ(row.origin + (" at " + std::string(row.host) + " " + with_origin(row.origin, same_origin(), row.host)),
             row.origin + (" at " + std::string(row.host) + " " + row.status));
  }
}

TEST("own-upgrade-10 with a list and same_origin, either will do") {
  UpgradeRules rules = same_origin();
  rules.allowed_origins = {"https://other.example"};
  CHECK_EQ(with_origin("http://example.com", rules), "101");
  CHECK_EQ(with_origin("https://other.example", rules), "101");
  CHECK_EQ(with_origin("https://third.example", rules), "403");
}

TEST("6454-7.3-01 a request has one Origin, whatever the rules are") {
  for (const UpgradeRules& rules : {UpgradeRules{}, same_origin(), allowing({"http://example.com"})}) {
    CHECK_EQ(outcome(with_line("Origin: http://example.com\r\nOrigin: http://evil.example"), rules),
             "400 refused, fault");
    CHECK_EQ(outcome(with_line("Origin: http://evil.example\r\nOrigin: http://example.com"), rules),
             "400 refused, fault");
    CHECK_EQ(outcome(with_line("Origin: http://example.com\r\nOrigin: http://example.com"), rules),
             "400 refused, fault");
  }
}

TEST("own-upgrade-25 an allowed origin is compared by its parts: the usual port may be written or not") {
  CHECK_EQ(with_origin("https://example.com", allowing({"https://example.com:443"})), "101");
  CHECK_EQ(with_origin("http://example.com:80", allowing({"http://example.com"})), "101");
  CHECK_EQ(with_origin("https://example.com:80", allowing({"https://example.com"})), "403");
  CHECK_EQ(with_origin("chrome-extension://abcdef", allowing({"chrome-extension://abcdef"})), "101");
  CHECK_EQ(with_origin("null", allowing({"null"})), "101");
  CHECK_EQ(with_origin("NULL", allowing({"null"})), "403");
  CHECK_EQ(with_origin("https://example.com", allowing({"null"})), "403");
}

TEST("own-upgrade-26 an allowed origin that no page can have is refused at the start, with advice") {
  for (const char* entry : {"example.com", "https://example.com/", "https://example.com/chat", "https://", "https:///",
                            "https://example.com:port", "https://user@example.com", "//example.com", "*",
                            "https://*.example.com, x", "", "https://exam ple.com", "https:example.com", "NULL"}) {
    std::string why = "accepted";
    try {
      check_rules(allowing({"https://example.org", entry}));
    } catch (const std::invalid_argument& error) {
      why = error.what();
    }
    CHECK_EQ(why, "\"" + std::string(entry) +
                      "\" is not the origin of any page: write scheme, host and port only, such as https://example.com "
                      "or http://localhost:8000");
  }
  check_rules(allowing({"https://example.com", "HTTP://Example.com:8080", "http://[::1]:8467", "null", "app://x"}));
  check_rules({});
}

TEST("own-upgrade-27 the log says what an origin was compared with, and the page is told no more than it knows") {
  const std::string request = with_line("Origin: https://evil.example");
  CHECK_EQ(open(request, same_origin()).fault,
           "the Origin \"https://evil.example\" is not that of the Host \"example.com\"");
  CHECK_EQ(open(request, allowing({"https://a.example", "null"})).fault,
           "the Origin \"https://evil.example\" is not an allowed one: https://a.example null");
  UpgradeRules both = same_origin();
  both.allowed_origins = {"https://a.example"};
  CHECK_EQ(open(request, both).fault,
           "the Origin \"https://evil.example\" is not that of the Host \"example.com\", nor an allowed one: "
           "https://a.example");
  CHECK_EQ(body_of(open(request, both)), "Pages of this origin may not connect.\n");
}

TEST("own-upgrade-27 and nobody can draw on the terminal that shows it") {
  const std::string fault =
      open(with_line("Origin: \xc2\x9b\x32J\t\x80" + std::string(1000, 'x')), same_origin()).fault;
  CHECK_EQ(fault, "the Origin \"??2J??" + std::string(94, 'x') + "...\" is not that of the Host \"example.com\"");
}

// With `same_origin`. 400: no such request may be sent. 403: it may, but not to us from there.
TEST("own-upgrade-28 targets, Hosts and Origins, and what each gets") {
  struct Row {
    const char* target;
    const char* host;
    const char* origin;
    const char* status;
  };
  // clang-format off
  const Row rows[] = {
      {"/chat",                     "example.com",        "http://example.com",              "101"},
      {"/chat",                     "EXAMPLE.com:80",     "http://example.com",              "101"},
      {"/chat",                     "example.com",        "https://example.com",             "101"},  // TLS ends before us
      {"/chat",                     "[::1]:8467",         "http://[::1]:8467",               "101"},
      {"http://example.com/chat",   "example.com",        "http://example.com",              "101"},
      {"/chat",                     "example.com",        "http://example.com:8467",         "403"},
      {"/chat",                     "example.com",        "http://www.example.com",          "403"},
      {"/chat",                     "example.com",        "http://example.com.evil.example", "403"},
      {"/chat",                     "example.com",        "null",                            "403"},
      {"/chat",                     "",                   "x://",                            "403"},  // both are empty
      {"/chat",                     "example.com:port",   "http://example.com",              "400"},
      {"/chat",                     "example.com:80:80",  "http://example.com",              "400"},
      {"/chat",                     "::1",                "http://[::1]",                    "400"},  // brackets
      {"/chat",                     "example.com, a.com", "http://example.com",              "400"},
      {"/chat",                     "ada@example.com",    "http://example.com",              "400"},
      {"http://evil.example/chat",  "example.com",        "http://example.com",              "400"},  // two hosts
      {"http://example.com:8/chat", "example.com",        "http://example.com",              "400"},
      {"http:///chat",              "",                   "http://example.com",              "400"},  // no host
      {"http://ada@example.com/",   "example.com",        "http://example.com",              "400"},
      {"/chat#news",                "example.com",        "http://example.com",              "400"},
      {"*",                         "example.com",        "http://example.com",              "400"},
      {"chat",                      "example.com",        "http://example.com",              "400"},
  };
  // clang-format on
  for (const Row& row : rows) {
    std::string request = edited(kRequest, "/chat?room=1", row.target);
    request = edited(request, "Host: example.com", "Host: " + std::string(row.host));
    request = edited(request, "Upgrade: websocket", "Upgrade: websocket\r\nOrigin: " + std::string(row.origin));
    const std::string what = std::string(row.target) + " at " + row.host + " from " + row.origin;
    CHECK_EQ(what + ": " + status_of(open(request, same_origin())), what + ": " + row.status);
  }
}

// ==== on_handshake ====

TEST("4.2.2-07 on_handshake sees the request, when it is correct and its origin may come in") {
  std::vector<std::string> seen;
  UpgradeRules rules = allowing({"https://example.com"});
  rules.on_handshake = [&](const Request& request) {
    seen.push_back(request.target);
    return HandshakeDecision{};
  };
  CHECK_EQ(outcome(kRequest, rules), "101 accepted");
  CHECK_EQ(seen.size(), 1u);
  CHECK_EQ(seen.at(0), "/chat?room=1");
  open(edited(kRequest, "Version: 13", "Version: 8"), rules);
  open(with_line("Origin: null"), rules);
  open(kPlain, rules);
  CHECK_EQ(seen.size(), 1u);
}

TEST("4.2.2-13 what on_handshake refuses with is what the client gets, and the connection is closed") {
  const Opening opening = open(kRequest, refusing_with(make_text_response(404, "No such room.")));
  CHECK_EQ(outcome(opening), "404 refused, fault");
  CHECK_EQ(body_of(opening), "No such room.\n");
  CHECK_EQ(field_of(opening, "Connection"), "close");
}

TEST("4.2.2-04 on_handshake may ask for authentication") {
  Response response = make_text_response(401, "Who are you?");
  response.fields.push_back({"WWW-Authenticate", "Basic realm=\"chat\""});
  const Opening opening = open(kRequest, refusing_with(response));
  CHECK_EQ(status_of(opening), "401");
  CHECK_EQ(field_of(opening, "WWW-Authenticate"), "Basic realm=\"chat\"");
}

TEST("4.2.2-05 on_handshake may redirect") {
  const Opening opening = open(kRequest, refusing_with({307, "", {{"Location", "ws://other.example/"}}, ""}));
  CHECK_EQ(status_of(opening), "307");
  CHECK_EQ(field_of(opening, "Location"), "ws://other.example/");
}

TEST("own-upgrade-11 a refusal is no 101, nor any other status below 200: that is our fault, and a 500") {
  for (const int status : {100, 101, 103, 199}) {
    CHECK_EQ(outcome(kRequest, refusing_with({status, "", {}, ""})), "500 refused, fault");
  }
  for (const int status : {0, 99, 1000, -1}) {
    CHECK_EQ(outcome(kRequest, refusing_with({status, "", {}, ""})), "500 refused, fault");
  }
}

TEST("own-upgrade-12 a callback that throws is a 500 for the client, and the reason is for the log alone") {
  UpgradeRules rules;
  rules.on_handshake = [](const Request&) -> HandshakeDecision { throw std::runtime_error("the database is down"); };
  rules.on_http_request = [](const Request&) -> Response { throw std::runtime_error("the database is down"); };
  for (const std::string& request : {kRequest, kPlain}) {
    const Opening opening = open(request, rules);
    CHECK_EQ(outcome(opening), "500 refused, fault");
    CHECK_EQ(opening.fault, "the database is down");
    CHECK(opening.response.find("database") == std::string::npos);
  }
}

TEST("own-upgrade-12 a callback may throw anything") {
  UpgradeRules rules;
  rules.on_handshake = [](const Request&) -> HandshakeDecision { throw 42; };
  CHECK_EQ(outcome(kRequest, rules), "500 refused, fault");
}

TEST("own-upgrade-13 a callback cannot put a line break or a NUL into a head, and nobody is let in by it") {
  for (const std::string& value : {std::string("a\r\nSet-Cookie: b=c"), std::string("a\rb"), std::string("a\nb"),
                                   std::string("a\0b", 3), std::string("a\x7f")}) {
    for (const HeaderField& field : HeaderFields{{"X", value}, {"X" + value, "y"}}) {
      const Response response{200, "", {field}, ""};
      CHECK_EQ(outcome(kRequest, refusing_with(response)), "500 refused, fault");
      CHECK_EQ(outcome(kPlain, answering_http_with(response)), "500 refused, fault");
    }
    CHECK_EQ(outcome(kRequest, refusing_with({404, value, {}, ""})), "500 refused, fault");
    CHECK_EQ(outcome(kRequest, choosing(value)), "500 refused, fault");
  }
}

// ==== Subprotocols ====

TEST("4.2.2-14 the first of the client's subprotocols that the server knows is agreed on") {
  UpgradeRules rules;
  rules.subprotocols = {"superchat", "chat"};
  const Opening opening = open(with_line("Sec-WebSocket-Protocol: other, chat, superchat"), rules);
  CHECK_EQ(opening.subprotocol.value(), "chat");
  CHECK_EQ(field_of(opening, "Sec-WebSocket-Protocol"), "chat");
}

TEST("4.2.2-16 without agreement there is no subprotocol, and no header") {
  UpgradeRules rules;
  rules.subprotocols = {"chat"};
  for (const std::string& request : {kRequest, with_line("Sec-WebSocket-Protocol: Chat, other")}) {
    const Opening opening = open(request, rules);
    CHECK_EQ(outcome(opening), "101 accepted");
    CHECK(!opening.subprotocol);
    CHECK_EQ(field_of(opening, "Sec-WebSocket-Protocol"), "none");
  }
}

TEST("own-upgrade-14 on_handshake may choose any subprotocol that the client offered") {
  const std::string request = with_line("Sec-WebSocket-Protocol: one, two");
  const Opening opening = open(request, choosing("two"));
  CHECK_EQ(opening.subprotocol.value(), "two");
  CHECK_EQ(field_of(opening, "Sec-WebSocket-Protocol"), "two");
}

TEST("own-upgrade-15 on_handshake's choice of one that was not offered is a 500, and nobody is let in") {
  const std::string request = with_line("Sec-WebSocket-Protocol: one, two");
  for (const char* subprotocol : {"three", "One", "one, two", ""}) {
    CHECK_EQ(outcome(request, choosing(subprotocol)), "500 refused, fault");
  }
  CHECK_EQ(outcome(kRequest, choosing("one")), "500 refused, fault");
}

TEST("4.2.2-18 no extension is agreed to") {
  const Opening opening = open(with_line("Sec-WebSocket-Extensions: permessage-deflate, x-foo"));
  CHECK_EQ(outcome(opening), "101 accepted");
  CHECK_EQ(field_of(opening, "Sec-WebSocket-Extensions"), "none");
}

// ==== Plain HTTP ====

TEST("own-upgrade-16 without on_http_request, plain HTTP is told what this port is for: 426") {
  const Opening opening = open(kPlain);
  CHECK_EQ(outcome(opening), "426 plain");
  CHECK_EQ(field_of(opening, "Upgrade"), "websocket");
  CHECK_EQ(field_of(opening, "Connection"), "Upgrade, close");
  CHECK(!body_of(opening).empty());
}

TEST("own-upgrade-17 on_http_request answers a plain GET") {
  std::string seen;
  UpgradeRules rules;
  rules.on_http_request = [&](const Request& request) {
    seen = request.method + " " + request.target;
    return Response{200, "", {{"Content-Type", "text/html"}}, "<p>Hello"};
  };
  const Opening opening = open(kPlain, rules);
  CHECK_EQ(seen, "GET /page");
  CHECK_EQ(opening.response,
           "HTTP/1.1 200 OK\r\n"
           "Content-Type: text/html\r\n"
           "Connection: close\r\n"
           "Content-Length: 8\r\n"
           "\r\n"
           "<p>Hello");
  CHECK_EQ(outcome(opening), "200 plain");
  CHECK_EQ(opening.consumed, kPlain.size());
}

TEST("own-upgrade-18 a HEAD gets the head that a GET would get, and no body") {
  const UpgradeRules rules = answering_http_with({200, "", {}, "Hello"});
  const Opening opening = open(edited(kPlain, "GET", "HEAD"), rules);
  CHECK_EQ(opening.response, "HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: 5\r\n\r\n");
  const Opening without = open(edited(kPlain, "GET", "HEAD"));
  CHECK_EQ(outcome(without), "426 plain");
  CHECK_EQ(body_of(without), "");
}

TEST("own-upgrade-19 another method is refused with 405, and on_http_request does not see it") {
  bool seen = false;
  UpgradeRules rules;
  rules.on_http_request = [&](const Request&) {
    seen = true;
    return Response{};
  };
  CHECK_EQ(outcome(edited(kPlain, "GET /page", "CONNECT example.com:80"), rules), "405 plain");
  for (const char* method : {"POST", "PUT", "DELETE", "get", "X"}) {
    const Opening opening = open(edited(kPlain, "GET", method), rules);
    CHECK_EQ(outcome(opening), "405 plain");
    CHECK_EQ(field_of(opening, "Allow"), "GET, HEAD, OPTIONS");
  }
  CHECK(!seen);
}

TEST("own-upgrade-31 on_http_request answers OPTIONS, for a path or for the server as a whole; without it: 426") {
  UpgradeRules rules;
  rules.on_http_request = [](const Request& request) {
    return make_text_response(200, request.method + request.target);
  };
  CHECK_EQ(body_of(open(edited(kPlain, "GET", "OPTIONS"), rules)), "OPTIONS/page\n");
  CHECK_EQ(body_of(open("OPTIONS * HTTP/1.1\r\nHost: x\r\n\r\n", rules)), "OPTIONS*\n");
  CHECK_EQ(outcome(open(edited(kPlain, "GET", "OPTIONS"))), "426 plain");
}

TEST("own-upgrade-32 on_handshake adds headers to the 101, but none of the handshake's own") {
  UpgradeRules rules;
  rules.on_handshake = [](const Request&) {
    return HandshakeDecision{.headers = {{"Set-Cookie", "id=7; HttpOnly"}, {"Set-Cookie", "seen=1"}}};
  };
  const Opening opening = open(kRequest, rules);
  CHECK(opening.accepted);
  CHECK(opening.response.find("\r\nSet-Cookie: id=7; HttpOnly\r\nSet-Cookie: seen=1\r\n") != std::string::npos);
  for (const char* name :
       {"Upgrade", "connection", "sec-websocket-accept", "Sec-WebSocket-Protocol", "Content-Length"}) {
    rules.on_handshake = [&](const Request&) { return HandshakeDecision{.headers = {{name, "0"}}}; };
    CHECK_EQ(outcome(open(kRequest, rules)), "500 refused, fault");
  }
  rules.on_handshake = [&](const Request&) { return HandshakeDecision{.headers = {{"X", "a\r\nSet-Cookie: b"}}}; };
  CHECK_EQ(outcome(open(kRequest, rules)), "500 refused, fault");
}

TEST("own-upgrade-20 HTTP/1.0 knows no Upgrade: with one, it is plain HTTP all the same") {
  const std::string request = "GET / HTTP/1.0\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n\r\n";
  CHECK_EQ(outcome(request), "426 plain");
  CHECK_EQ(outcome(request, answering_http_with({200, "", {}, "Hello"})), "200 plain");
  CHECK_EQ(outcome("GET / HTTP/1.0\r\n\r\n", answering_http_with({200, "", {}, "Hello"})), "200 plain");
}

TEST("own-upgrade-20 a key in HTTP/1.0 is told the cause: a proxy that speaks an old HTTP") {
  const std::string lost = "GET /chat HTTP/1.0\r\nHost: h\r\nConnection: close\r\nSec-WebSocket-Key: x\r\n\r\n";
  for (const std::string& request : {edited(kRequest, "HTTP/1.1", "HTTP/1.0"), lost}) {
    const Opening opening = open(request, answering_http_with({200, "", {}, "Hello"}));
    CHECK_EQ(outcome(opening), "400 refused, fault");
    CHECK_EQ(
        body_of(opening),
        "A WebSocket handshake needs HTTP/1.1, and this is HTTP/1.0: a proxy on the way may have to be told so.\n");
  }
}

TEST("own-upgrade-21 an Upgrade to something else is plain HTTP") {
  CHECK_EQ(outcome(edited(kPlain, "\r\n\r\n", "\r\nConnection: Upgrade\r\nUpgrade: h2c\r\n\r\n")), "426 plain");
}

TEST("own-upgrade-22 on_http_request cannot answer with a status below 200: nobody becomes a WebSocket by it") {
  for (const int status : {100, 101, 199}) {
    CHECK_EQ(outcome(kPlain, answering_http_with({status, "", {}, ""})), "500 refused, fault");
  }
}

TEST("own-upgrade-23 rules about origins do not concern plain HTTP") {
  const std::string request = edited(kPlain, "\r\n\r\n", "\r\nOrigin: null\r\n\r\n");
  UpgradeRules rules = answering_http_with({200, "", {}, ""});
  rules.same_origin = true;
  CHECK_EQ(outcome(request, rules), "200 plain");
}

TEST("9110-9.1-01 GET and HEAD are understood") {
  const UpgradeRules rules = answering_http_with({200, "", {}, "Hello"});
  CHECK_EQ(outcome(kPlain, rules), "200 plain");
  CHECK_EQ(outcome(edited(kPlain, "GET", "HEAD"), rules), "200 plain");
}

TEST("9110-9.3.2-01 no answer to a HEAD has a body, whoever gives it") {
  const std::string head = edited(kPlain, "GET", "HEAD");
  CHECK_EQ(body_of(open(head, answering_http_with({200, "", {}, "Hello"}))), "");
  CHECK_EQ(body_of(open(head, answering_http_with({100, "", {}, "Hello"}))), "");  // a 500
  CHECK_EQ(body_of(open(head)), "");                                               // a 426
  CHECK_EQ(body_of(open(edited(kRequest, "GET", "HEAD"))), "");                    // a 405
}

TEST("9110-10.2.1-01 a 405 says which methods there are") {
  CHECK_EQ(field_of(open(edited(kPlain, "GET", "POST")), "Allow"), "GET, HEAD, OPTIONS");
  CHECK_EQ(field_of(open(edited(kRequest, "GET", "POST")), "Allow"), "GET");
}

TEST("9110-15.2-02 HTTP/1.0 gets no interim response") {
  const std::string request = "GET / HTTP/1.0\r\nExpect: 100-continue\r\n\r\n";
  CHECK_EQ(outcome(request, answering_http_with({200, "", {}, "Hello"})), "200 plain");
  CHECK_EQ(outcome(request, answering_http_with({103, "", {}, ""})), "500 refused, fault");
}

// ---- Without memory ----

TEST("own-upgrade-29 an extension that both know is agreed to, and one that the server does not know is passed over") {
  SupportedExtension turned;
  turned.name = "x-turned";
  turned.accept = [](const Extension& offer) {
    AcceptedExtension accepted;
    accepted.answer = offer;
    accepted.agreed.rsv = 0x20;
    return accepted;
  };
  UpgradeRules rules;
  rules.extensions = {turned};
  const std::string offers = with_line("Sec-WebSocket-Extensions: x-unknown, x-turned; a=1");
  const Opening agreed = open(offers, rules);
  CHECK_EQ(field_of(agreed, "Sec-WebSocket-Extensions"), "x-turned; a=1");
  CHECK_EQ(agreed.extensions.size(), 1u);
  CHECK_EQ(int{agreed.extensions.at(0).rsv}, 0x20);
  const Opening without = open(offers);
  CHECK_EQ(field_of(without, "Sec-WebSocket-Extensions"), "none");
  CHECK(without.accepted && without.extensions.empty());
}

TEST("own-upgrade-24 wherever memory runs out, nobody gets half an answer, and nothing is lost") {
  UpgradeRules rules;
  rules.subprotocols = {"chat"};
  rules.allowed_origins = {"https://example.com"};
  rules.same_origin = true;
  rules.on_http_request = [](const Request&) { return make_text_response(200, "A page."); };
  const std::string accepted = with_line("Sec-WebSocket-Protocol: superchat, chat");
  for (const std::string& request : {accepted, kPlain, with_line("Origin: https://elsewhere.example"),
                                     edited(kPlain, "GET", "POST"), edited(kRequest, "Version: 13", "Version: 8"),
                                     kRequest + "\n", std::string("no request\r\n\r\n"), std::string("\n")}) {
    const std::string whole = open(request, rules).response;
    check_nothing_lost([&] {
      const Opening opening = open(request, rules);
      CHECK(opening.response == whole || status_of(opening) == "500");
      CHECK_EQ(opening.accepted, status_of(opening) == "101");
    });
  }
  check_nothing_lost([] { refuse_unread(503, "There are too many connections already."); });
}

TEST("own-upgrade-24 nor if it runs out behind the application's own answer") {
  check_nothing_lost([] {
    const Response answer{401, "", {{"WWW-Authenticate", "Basic realm=\"websock\""}}, "Who are you?"};
    const Opening opening = open(kRequest, refusing_with(answer));
    CHECK(status_of(opening) == "401" || status_of(opening) == "500");
  });
}
