// HTTP heads: where they end, what they say, and everything that is refused before anybody reads it twice.
#include "handshake/http.h"

#include "check.h"
#include "memory.h"
#include "wire.h"

using namespace websock;
using namespace std::string_view_literals;

namespace {

// What becomes of the bytes: "waiting" for more, "accepted" as a request, or refused with a status.
std::string outcome(std::string_view received, const HeadLimits& limits = {}) {
  try {
    const std::optional<std::size_t> size = find_head(received, limits);
    if (!size) return "waiting";
    parse_request(received.substr(0, *size));
    return "accepted";
  } catch (const HttpError& error) {
    return std::to_string(error.status());
  }
}

// The same for bytes that arrive in pieces: the first outcome that is not "waiting".
std::string outcome_of_pieces(const std::vector<ByteView>& pieces) {
  std::string received;
  for (const ByteView piece : pieces) {
    received += text_of(piece);
    const std::string result = outcome(received);
    if (result != "waiting") return result;
  }
  return "waiting";
}

std::string outcome_of_request_line(const std::string& line) { return outcome(line + "\r\nHost: h\r\n\r\n"); }
std::string outcome_of_field(const std::string& line) {
  return outcome("GET / HTTP/1.1\r\nHost: h\r\n" + line + "\r\n\r\n");
}
std::string outcome_of_host(const std::string& host) { return outcome("GET / HTTP/1.1\r\nHost: " + host + "\r\n\r\n"); }

// The fields as "name=value" lines, so that white space shows.
std::string lines(const HeaderFields& fields) {
  std::string text;
  for (const HeaderField& field : fields) text += field.name + "=" + field.value + "\n";
  return text;
}

// The value of the field X, from a request that has the line.
std::string value_in(const std::string& line) {
  const Request request = parse_request("GET / HTTP/1.1\r\nHost: h\r\n" + line + "\r\n\r\n");
  const std::string* const value = find_field(request.fields, "X");
  return value ? *value : "no such field";
}

// "status reason", or the status with which the line is refused as a response's first.
std::string status_line(const std::string& line) {
  try {
    const Response response = parse_response(line + "\r\n\r\n");
    return "read as " + std::to_string(response.status) + " " + response.reason;
  } catch (const HttpError& error) {
    return std::to_string(error.status());
  }
}

// A head of exactly `size` bytes, most of them in one field.
std::string head_of_size(std::size_t size) {
  const std::string begin = "GET / HTTP/1.1\r\nHost: h\r\nX: ";
  const std::string end = "\r\n\r\n";
  return begin + std::string(size - begin.size() - end.size(), 'x') + end;
}

// A head with `count` fields, the Host among them.
std::string head_of_fields(std::size_t count) {
  std::string head = "GET / HTTP/1.1\r\nHost: h\r\n";
  for (std::size_t i = 1; i < count; ++i) head += "X: y\r\n";
  return head + "\r\n";
}

constexpr std::string_view kRequest =
    "GET /chat HTTP/1.1\r\n"
    "Host: server.example.com\r\n"
    "Upgrade: websocket\r\n"
    "Connection: Upgrade\r\n"
    "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n"
    "Origin: http://example.com\r\n"
    "Sec-WebSocket-Protocol: chat, superchat\r\n"
    "Sec-WebSocket-Version: 13\r\n"
    "\r\n";

constexpr std::string_view kResponse =
    "HTTP/1.1 101 Switching Protocols\r\n"
    "Upgrade: websocket\r\n"
    "Connection: Upgrade\r\n"
    "Sec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=\r\n"
    "Sec-WebSocket-Protocol: chat\r\n"
    "\r\n";

}  // namespace

// ---- The example of RFC 6455, section 1.2 ----

TEST("9112-2.1 the client's head of RFC 6455, read") {
  CHECK_EQ(find_head(kRequest).value(), kRequest.size());
  const Request request = parse_request(kRequest);
  CHECK_EQ(request.method, "GET");
  CHECK_EQ(request.target, "/chat");
  CHECK_EQ(request.minor_version, 1);
  CHECK_EQ(lines(request.fields),
           "Host=server.example.com\n"
           "Upgrade=websocket\n"
           "Connection=Upgrade\n"
           "Sec-WebSocket-Key=dGhlIHNhbXBsZSBub25jZQ==\n"
           "Origin=http://example.com\n"
           "Sec-WebSocket-Protocol=chat, superchat\n"
           "Sec-WebSocket-Version=13\n");
}

TEST("9112-2.1 the server's head of RFC 6455, read") {
  CHECK_EQ(find_head(kResponse).value(), kResponse.size());
  const Response response = parse_response(kResponse);
  CHECK_EQ(response.status, 101);
  CHECK_EQ(response.reason, "Switching Protocols");
  CHECK_EQ(lines(response.fields),
           "Upgrade=websocket\n"
           "Connection=Upgrade\n"
           "Sec-WebSocket-Accept=s3pPLMBiTxaQ9kYGzzhZRbK+xOo=\n"
           "Sec-WebSocket-Protocol=chat\n");
  CHECK_EQ(response.body, "");
}

// ---- Where a head ends ----

TEST("9112-2.1 the head ends with its empty line, and what follows is not looked at") {
  CHECK_EQ(find_head("GET / HTTP/1.1\r\nHost: h\r\n\r\n\x81\x85\n\r\0"sv).value(), 27u);
  CHECK_EQ(outcome("GET / HTTP/1.1\r\nHost: h\r\n\r\nGET /next HTTP/1.1\r\n"), "accepted");
}

TEST("9112-2.2-03 one empty line before the request is ignored, two are not") {
  CHECK_EQ(outcome("\r\nGET / HTTP/1.1\r\nHost: h\r\n\r\n"), "accepted");
  CHECK_EQ(find_head("\r\nGET / HTTP/1.1\r\nHost: h\r\n\r\n").value(), 29u);  // 2 + 27: it is part of the head
  CHECK_EQ(parse_request("\r\nGET / HTTP/1.1\r\nHost: h\r\n\r\n").method, "GET");
  CHECK_EQ(outcome("\r\n\r\nGET / HTTP/1.1\r\nHost: h\r\n\r\n"), "400");
  CHECK_EQ(outcome("\r\n\r\n"), "400");
}

// ---- The request line ----

TEST("9112-3.1-01 the method is any token, and its case is kept") {
  CHECK_EQ(parse_request("get / HTTP/1.1\r\nHost: h\r\n\r\n").method, "get");
  CHECK_EQ(outcome_of_request_line("BREW / HTTP/1.1"), "accepted");
  CHECK_EQ(outcome_of_request_line("X-Y / HTTP/1.1"), "accepted");
  CHECK_EQ(outcome_of_request_line("G(T / HTTP/1.1"), "400");
  CHECK_EQ(outcome_of_request_line(" / HTTP/1.1"), "400");
}

TEST("9112-3.2.1-02 a target is a path, perhaps with a query") {
  CHECK_EQ(outcome_of_request_line("GET /chat?room=1 HTTP/1.1"), "accepted");
  CHECK_EQ(outcome_of_request_line("GET //two/slashes HTTP/1.1"), "accepted");
  CHECK_EQ(outcome_of_request_line("GET /?x={\"a\":[1|2^3]} HTTP/1.1"), "accepted");  // as browsers send it
  CHECK_EQ(outcome_of_request_line("GET chat HTTP/1.1"), "400");
  CHECK_EQ(outcome_of_request_line("GET ?room=1 HTTP/1.1"), "400");
}

TEST("9112-3.2.2-01 or it is a whole http or https URI") {
  CHECK_EQ(outcome_of_request_line("GET http://h/chat HTTP/1.1"), "accepted");
  CHECK_EQ(outcome_of_request_line("GET HTTPS://h HTTP/1.1"), "accepted");
  CHECK_EQ(outcome_of_request_line("GET http://h?x=1 HTTP/1.1"), "accepted");
  CHECK_EQ(outcome_of_request_line("GET ftp://h/chat HTTP/1.1"), "400");
  CHECK_EQ(outcome_of_request_line("GET ws://h/chat HTTP/1.1"), "400");
  CHECK_EQ(outcome_of_request_line("GET http:/h/chat HTTP/1.1"), "400");
  CHECK_EQ(outcome_of_request_line("GET http:h HTTP/1.1"), "400");
}

TEST("9110-4.2.1-01 an http URI without a host is refused") {
  CHECK_EQ(outcome_of_request_line("GET http:///chat HTTP/1.1"), "400");
  CHECK_EQ(outcome_of_request_line("GET http:// HTTP/1.1"), "400");
  CHECK_EQ(outcome_of_request_line("GET http://:80/ HTTP/1.1"), "400");
  CHECK_EQ(outcome_of_request_line("GET http://?x=1 HTTP/1.1"), "400");
  CHECK_EQ(outcome("GET http:///chat HTTP/1.1\r\nHost:\r\n\r\n"), "400");  // though the two agree
}

TEST("9110-4.2.4-01 an http URI with user information is refused") {
  CHECK_EQ(outcome_of_request_line("GET http://user@h/ HTTP/1.1"), "400");
  CHECK_EQ(outcome_of_request_line("GET http://user:password@h/ HTTP/1.1"), "400");
  CHECK_EQ(outcome_of_request_line("GET http://@h/ HTTP/1.1"), "400");
  CHECK_EQ(outcome_of_request_line("GET http://h/@ HTTP/1.1"), "accepted");
}

TEST("9112-3.2.3-01 a target of host and port is for CONNECT, and CONNECT has no other") {
  CHECK_EQ(outcome_of_request_line("CONNECT h:80 HTTP/1.1"), "accepted");
  CHECK_EQ(outcome_of_request_line("GET h:80 HTTP/1.1"), "400");
  CHECK_EQ(outcome_of_request_line("CONNECT / HTTP/1.1"), "400");
  CHECK_EQ(outcome_of_request_line("CONNECT http://h:80/ HTTP/1.1"), "400");
  CHECK_EQ(outcome_of_request_line("CONNECT * HTTP/1.1"), "400");
}

TEST("9112-3.2.4-01 an asterisk is for OPTIONS") {
  CHECK_EQ(outcome_of_request_line("OPTIONS * HTTP/1.1"), "accepted");
  CHECK_EQ(outcome_of_request_line("OPTIONS / HTTP/1.1"), "accepted");
  CHECK_EQ(outcome_of_request_line("GET * HTTP/1.1"), "400");
  CHECK_EQ(outcome_of_request_line("GET *x HTTP/1.1"), "400");
}

TEST("3986-3.5-01 a target has no fragment") {
  CHECK_EQ(outcome_of_request_line("GET /a#b HTTP/1.1"), "400");
  CHECK_EQ(outcome_of_request_line("GET /# HTTP/1.1"), "400");
  CHECK_EQ(outcome_of_request_line("GET http://h/?a#b HTTP/1.1"), "400");
  CHECK_EQ(outcome_of_request_line("GET http://h#b HTTP/1.1"), "400");
  CHECK_EQ(outcome_of_request_line("GET /a%23b HTTP/1.1"), "accepted");
  CHECK_THROWS(serialize_head(Request{"GET", "/a#b", 1, {}}), std::invalid_argument);
}

TEST("1.3-02 the resource is the path and the query, in either form of the target") {
  CHECK_EQ(parse_request("GET /chat?room=1 HTTP/1.1\r\nHost: h\r\n\r\n").target, "/chat?room=1");
  CHECK_EQ(path_of("/chat?room=1"), "/chat");
  CHECK_EQ(query_of("/chat?room=1"), "room=1");
  CHECK_EQ(path_of("http://server.example.com:8080/chat?room=1"), "/chat");
  CHECK_EQ(query_of("http://server.example.com:8080/chat?room=1"), "room=1");
  CHECK_EQ(path_of("HTTPS://h/chat"), "/chat");
}

TEST("own-http-01 no path is the path /, and a query has its own question marks and slashes") {
  CHECK_EQ(path_of("/"), "/");
  CHECK_EQ(path_of("http://h"), "/");
  CHECK_EQ(path_of("http://h?x=1"), "/");
  CHECK_EQ(query_of("http://h?x=1"), "x=1");
  CHECK_EQ(path_of("http://h?x=/y"), "/");
  CHECK_EQ(path_of("/a?b=/c?d"), "/a");
  CHECK_EQ(query_of("/a?b=/c?d"), "b=/c?d");
  CHECK_EQ(query_of("/chat"), "");
  CHECK_EQ(query_of("/chat?"), "");
  CHECK_EQ(path_of("//two/slashes"), "//two/slashes");
  CHECK_EQ(path_of("/http://h/chat"), "/http://h/chat");
}

TEST("9110-2.5-01 every HTTP/1.x is read, and any other version gets 505") {
  CHECK_EQ(outcome_of_request_line("GET / HTTP/1.0"), "accepted");
  CHECK_EQ(outcome_of_request_line("GET / HTTP/1.9"), "accepted");
  CHECK_EQ(parse_request("GET / HTTP/1.0\r\n\r\n").minor_version, 0);
  CHECK_EQ(parse_request("GET / HTTP/1.9\r\nHost: h\r\n\r\n").minor_version, 9);
  CHECK_EQ(outcome_of_request_line("GET / HTTP/0.9"), "505");
  CHECK_EQ(outcome_of_request_line("GET / HTTP/2.0"), "505");
  CHECK_EQ(outcome("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"), "505");  // how a client of HTTP/2 says hello
}

TEST("9112-2.3 a version that is not HTTP, a digit, a dot and a digit is malformed") {
  CHECK_EQ(outcome_of_request_line("GET / HTTP/1"), "400");
  CHECK_EQ(outcome_of_request_line("GET / HTTP/1."), "400");
  CHECK_EQ(outcome_of_request_line("GET / HTTP/1.10"), "400");
  CHECK_EQ(outcome_of_request_line("GET / HTTP/1.x"), "400");
  CHECK_EQ(outcome_of_request_line("GET / HTTP/x.1"), "400");
  CHECK_EQ(outcome_of_request_line("GET / HTTP/1,1"), "400");
  CHECK_EQ(outcome_of_request_line("GET / http/1.1"), "400");
  CHECK_EQ(outcome_of_request_line("GET / HTTPS/1.1"), "400");
}

TEST("9112-3-02 a request line is three parts with one space between them") {
  CHECK_EQ(outcome_of_request_line("GET / HTTP/1.1"), "accepted");
  CHECK_EQ(outcome_of_request_line("GET"), "400");
  CHECK_EQ(outcome_of_request_line("GET /"), "400");
  CHECK_EQ(outcome_of_request_line("GET HTTP/1.1"), "400");
  CHECK_EQ(outcome_of_request_line("GET  HTTP/1.1"), "400");
  CHECK_EQ(outcome_of_request_line("GET  / HTTP/1.1"), "400");
  CHECK_EQ(outcome_of_request_line("GET /  HTTP/1.1"), "400");
  CHECK_EQ(outcome_of_request_line("GET / HTTP/1.1 "), "400");
  CHECK_EQ(outcome_of_request_line(" GET / HTTP/1.1"), "400");
  CHECK_EQ(outcome_of_request_line("GET\t/\tHTTP/1.1"), "400");
}

TEST("9112-3-02 a target has neither white space nor bytes outside of ASCII") {
  CHECK_EQ(outcome_of_request_line("GET /a b HTTP/1.1"), "400");
  CHECK_EQ(outcome_of_request_line("GET /a\tb HTTP/1.1"), "400");
  CHECK_EQ(outcome_of_request_line("GET /caf\xc3\xa9 HTTP/1.1"), "400");
  CHECK_EQ(outcome_of_request_line("GET /caf%C3%A9 HTTP/1.1"), "accepted");
}

TEST("own-http-16 a target may have what browsers send in a query, though RFC 3986 has no place for it") {
  for (const char* query : {"|", "{}", "^", "`", "[", "\\", "%", "100%", "%zz"}) {
    CHECK_EQ(query + outcome_of_request_line("GET /?q=" + std::string(query) + " HTTP/1.1"),
             query + std::string("accepted"));
  }
}

// ---- The fields ----

TEST("9112-5.1-02 a value stands without the white space around it, and with all inside it") {
  CHECK_EQ(value_in("X: y"), "y");
  CHECK_EQ(value_in("X:y"), "y");
  CHECK_EQ(value_in("X: \t y \t "), "y");
  CHECK_EQ(value_in("x: a \t b"), "a \t b");
  CHECK_EQ(value_in("X: http://h:80/"), "http://h:80/");
  CHECK_EQ(value_in("X:"), "");
  CHECK_EQ(value_in("X: \t "), "");
  CHECK_EQ(value_in("X: caf\xc3\xa9"), "caf\xc3\xa9");
}

TEST("9112-5.1-01 no white space before the colon") {
  CHECK_EQ(outcome_of_field("X: y"), "accepted");
  CHECK_EQ(outcome_of_field("X : y"), "400");
  CHECK_EQ(outcome_of_field("X\t: y"), "400");
  CHECK_EQ(outcome("GET / HTTP/1.1\r\nHost : h\r\n\r\n"), "400");
}

TEST("9112-5.2-01 a folded line of a request is refused") {
  CHECK_EQ(outcome_of_field("X: y\r\n z"), "400");
  CHECK_EQ(outcome_of_field("X: y\r\n\tz"), "400");
  CHECK_EQ(outcome_of_field("X: y\r\n Z: z"), "400");
  CHECK_EQ(outcome_of_field(" "), "400");
}

TEST("9112-2.2-04 white space before the first field is refused, in a request and in a response") {
  CHECK_EQ(outcome("GET / HTTP/1.1\r\n Host: h\r\n\r\n"), "400");
  CHECK_EQ(outcome("GET / HTTP/1.1\r\n \r\nHost: h\r\n\r\n"), "400");
  CHECK_THROWS(parse_response("HTTP/1.1 200 OK\r\n X: y\r\n\r\n"), HttpError);
  CHECK_THROWS(parse_response("HTTP/1.1 200 OK\r\n\t\r\n\r\n"), HttpError);
}

TEST("9112-5 a field has a colon, and a token before it") {
  CHECK_EQ(outcome_of_field("X"), "400");
  CHECK_EQ(outcome_of_field("X y"), "400");
  CHECK_EQ(outcome_of_field(": y"), "400");
  CHECK_EQ(outcome_of_field("X Y: z"), "400");
  CHECK_EQ(outcome_of_field("X\"Y\": z"), "400");
  CHECK_EQ(outcome_of_field("X\xc3\xa9: z"), "400");
}

// ---- Host ----

TEST("9112-3.2-03 a request of HTTP/1.1 has one Host, neither none nor two") {
  CHECK_EQ(outcome("GET / HTTP/1.1\r\nHost: h\r\n\r\n"), "accepted");
  CHECK_EQ(outcome("GET / HTTP/1.1\r\nhOST: h\r\n\r\n"), "accepted");
  CHECK_EQ(outcome("GET / HTTP/1.1\r\n\r\n"), "400");
  CHECK_EQ(outcome("GET http://h/ HTTP/1.1\r\n\r\n"), "400");
  CHECK_EQ(outcome("GET / HTTP/1.1\r\nHost: h\r\nHost: h\r\n\r\n"), "400");
  CHECK_EQ(outcome("GET / HTTP/1.1\r\nHost: h\r\nHOST: i\r\n\r\n"), "400");
}

TEST("9112-3.2-03 HTTP/1.0 may do without a Host, but not have two") {
  CHECK_EQ(outcome("GET / HTTP/1.0\r\n\r\n"), "accepted");
  CHECK_EQ(outcome("GET / HTTP/1.0\r\nHost: h\r\n\r\n"), "accepted");
  CHECK_EQ(outcome("GET / HTTP/1.0\r\nHost: h\r\nHost: h\r\n\r\n"), "400");
}

TEST("3986-3.2.2-01 a Host is a name or an address, perhaps with a port") {
  for (const char* host :
       {"server.example.com", "localhost:9001", "127.0.0.1", "[::1]:8080", "[2001:db8::7]", "[::ffff:127.0.0.1]:80",
        "under_score.example", "xn--bcher-kva.example", "b%C3%BCcher.example", "-", "1", "!$&'()*+;=~"}) {
    check::equal(__FILE__, __LINE__, host, outcome_of_host(host), "accepted");
  }
}

TEST("3986-3.2.2-01 the grammar allows an empty host, and a port that no system has") {
  for (const char* host : {"", ":", ":80", "a:", "host:99999", "[::1]:"}) {
    check::equal(__FILE__, __LINE__, host, outcome_of_host(host), "accepted");
  }
}

TEST("9112-3.2-03 a Host of anything else is malformed") {
  for (const char* host : {"a b",
                           "user@h",
                           "@h",
                           "h/path",
                           "/",
                           "http://h",
                           "h?x",
                           "h#x",
                           "\"h\"",
                           "h\\i",
                           "<h>",
                           "h|i",
                           "h^i",
                           "{h}",
                           "b\xc3\xbc"
                           "cher.example",
                           "host:port",
                           "host:abc",
                           "host:port:1",
                           "host:8o",
                           "host:-1",
                           "host:+1",
                           "host: 80",
                           "a:b:c",
                           "h:80:80",
                           "::1",
                           "::",
                           "fe80::1",
                           "[::1",
                           "::1]",
                           "[::1]80",
                           "[::1]x",
                           "[::1]:x",
                           "[[::1]]",
                           "a[::1]",
                           "[]",
                           "[:]",
                           "[h]",
                           "[127.0.0.1]",
                           "[::g]",
                           "[1:2:3:4:5:6:7]",
                           "[1:2:3:4:5:6:7:8:9]",
                           "[1::2::3]",
                           "[12345::]",
                           "[fe80::1%25eth0]",
                           "[fe80::1%eth0]",
                           "[v1.x]",
                           "%",
                           "%4",
                           "%4g",
                           "a%zz",
                           "a%2"}) {
    check::equal(__FILE__, __LINE__, host, outcome_of_host(host), "400");
  }
}

TEST("own-http-14 a Host with a comma is refused: it looks like two that a proxy has joined") {
  CHECK_EQ(outcome_of_host("a,b"), "400");
  CHECK_EQ(outcome_of_host("h, h"), "400");
}

TEST("9112-3.2.2-02 with a whole URI its host counts: a Host that names another is refused") {
  const auto outcome_of = [](const char* target, const char* host) {
    return outcome("GET " + std::string(target) + " HTTP/1.1\r\nHost: " + host + "\r\n\r\n");
  };
  CHECK_EQ(outcome_of("http://good/", "good"), "accepted");
  CHECK_EQ(outcome_of("http://GOOD/", "Good"), "accepted");
  CHECK_EQ(outcome_of("http://good:80/", "good"), "accepted");
  CHECK_EQ(outcome_of("http://good/", "good:80"), "accepted");
  CHECK_EQ(outcome_of("http://good:/", "good:"), "accepted");
  CHECK_EQ(outcome_of("https://good/", "good:443"), "accepted");
  CHECK_EQ(outcome_of("http://[::1]:8467/", "[::1]:8467"), "accepted");
  CHECK_EQ(outcome_of("http://evil/", "good"), "400");
  CHECK_EQ(outcome_of("http://good/", "evil"), "400");
  CHECK_EQ(outcome_of("http://good:8467/", "good"), "400");
  CHECK_EQ(outcome_of("http://good/", "good:443"), "400");
  CHECK_EQ(outcome_of("https://good/", "good:80"), "400");
  CHECK_EQ(outcome_of("http://good/", ""), "400");
  CHECK_EQ(outcome_of("http://www.good/", "good"), "400");
  CHECK_EQ(outcome("GET http://good/ HTTP/1.0\r\n\r\n"), "accepted");
  CHECK_EQ(outcome("GET http://good/ HTTP/1.0\r\nHost: evil\r\n\r\n"), "400");
}

// ---- Where a body would end ----

TEST("9112-6.3-03 a Content-Length is one number") {
  CHECK_EQ(outcome_of_field("Content-Length: 0"), "accepted");
  CHECK_EQ(outcome_of_field("Content-Length: 18446744073709551616"), "accepted");  // 2^64: whether it fits is not asked
  CHECK_EQ(outcome_of_field("Content-Length: 5\r\nContent-Length: 5"), "accepted");
  for (const char* value : {"", "x", "5x", "-1", "+5", "5 5", "5, 5", "5;", "0x5", "1e3", "5\r\nContent-Length: 6",
                            "5\r\nContent-Length: 05", "5\r\nContent-Length:"}) {
    check::equal(__FILE__, __LINE__, value, outcome_of_field("Content-Length: " + std::string(value)), "400");
  }
}

TEST("9112-6.3-02 a Transfer-Encoding ends with chunked, or nobody knows where the body ends") {
  CHECK_EQ(outcome_of_field("Transfer-Encoding: chunked"), "accepted");
  CHECK_EQ(outcome_of_field("Transfer-Encoding: gzip, Chunked"), "accepted");
  CHECK_EQ(outcome_of_field("Transfer-Encoding: gzip\r\nTransfer-Encoding: chunked"), "accepted");
  for (const char* value : {"", ",", "gzip", "chunked, gzip", "chunked\r\nTransfer-Encoding: gzip", "xchunked",
                            "chunked;x=1", "\"chunked\"", "identity"}) {
    check::equal(__FILE__, __LINE__, value, outcome_of_field("Transfer-Encoding: " + std::string(value)), "400");
  }
}

TEST("9112-6.3-04 a request has a length or a coding, not both") {
  CHECK_EQ(outcome_of_field("Content-Length: 5\r\nTransfer-Encoding: chunked"), "400");
  CHECK_EQ(outcome_of_field("Transfer-Encoding: chunked\r\nContent-Length: 0"), "400");
}

TEST("9112-6.1-01 there is no Transfer-Encoding in HTTP/1.0") {
  CHECK_EQ(outcome("GET / HTTP/1.0\r\nTransfer-Encoding: chunked\r\n\r\n"), "400");
  CHECK_EQ(outcome("GET / HTTP/1.0\r\nContent-Length: 5\r\n\r\n"), "accepted");
}

// ---- Bytes that no head has ----

TEST("9112-2.2-02 a line ends with CR LF: a bare LF is refused, wherever it stands") {
  CHECK_EQ(outcome("\n"), "400");
  CHECK_EQ(outcome("GET / HTTP/1.1\nHost: h\n\n"), "400");
  CHECK_EQ(outcome("GET / HTTP/1.1\r\nHost: h\nX: y\r\n\r\n"), "400");
  CHECK_EQ(outcome("GET / HTTP/1.1\r\nHost: h\r\n\n"), "400");
  CHECK_EQ(outcome("\r\n\nGET / HTTP/1.1\r\nHost: h\r\n\r\n"), "400");
}

TEST("9112-2.2-01 a bare CR is refused, wherever it stands") {
  CHECK_EQ(outcome("\rGET"), "400");
  CHECK_EQ(outcome("GET / HTTP/1.1\rHost: h\r\r"), "400");
  CHECK_EQ(outcome("GET / HTTP/1.1\r\nHost: h\rX: y\r\n\r\n"), "400");
  CHECK_EQ(outcome("GET / HTTP/1.1\r\nHost: h\r\r\n\r\n"), "400");
  CHECK_EQ(outcome("GET / HTTP/1.1\r\nHost: h\r\n\r\r\n"), "400");
}

TEST("9110-5.5-01 of the control characters only the tab may stand in a value") {
  for (int value = 0; value < 256; ++value) {
    const char c = static_cast<char>(value);
    const bool control = value < 0x20 || value == 0x7f;
    const std::string head = "GET / HTTP/1.1\r\nHost: h\r\nX: a" + std::string(1, c) + "b\r\n\r\n";
    const std::string name = "a value with the byte " + std::to_string(value);
    check::equal(__FILE__, __LINE__, name.c_str(), outcome(head), control && c != '\t' ? "400"sv : "accepted"sv);
  }
}

TEST("9110-5.5-01 a NUL is refused in every part of a head") {
  CHECK_EQ(outcome("\0GET / HTTP/1.1\r\n"sv), "400");
  CHECK_EQ(outcome("GET /\0 HTTP/1.1\r\n"sv), "400");
  CHECK_EQ(outcome("GET / HTTP/1.1\r\nHost\0: h\r\n"sv), "400");
  CHECK_EQ(outcome("GET / HTTP/1.1\r\nHost: h\0\r\n"sv), "400");
}

TEST("10.7-04 what is no HTTP at all gets 400: TLS, a frame, and a human") {
  CHECK_EQ(outcome(text_of(hex("16 03 01 02 00 01 00 01 fc 03 03"))), "400");  // the ClientHello of https
  CHECK_EQ(outcome(text_of(hex("81 85 37 fa 21 3d 7f 9f 4d 51 58 0d 0a 0d 0a"))), "400");
  CHECK_EQ(outcome("hello\r\n\r\n"), "400");
  CHECK_EQ(outcome("SSH-2.0-OpenSSH_9.2p1\r\n\r\n"), "400");
  CHECK_EQ(outcome("HTTP/1.1 200 OK\r\n\r\n"), "400");
}

TEST("own-http-15 TLS is called by its name, from its first byte, at either end") {
  for (const char* bytes : {"16", "16 03 01 02 00 01", "15", "15 03 03 00 02 02 46"}) {  // a ClientHello, and an alert
    std::string why;
    try {
      find_head(text_of(hex(bytes)));
    } catch (const HttpError& error) {
      why = error.what();
    }
    CHECK_EQ(why, "This looks like TLS (https:// or wss://) where plain HTTP was expected.");
  }
}

TEST("own-http-02 a byte that no head has is refused at once, not when the head ends") {
  CHECK_EQ(outcome(text_of(hex("16"))), "400");
  CHECK_EQ(outcome("GET /\x01"), "400");
  CHECK_EQ(outcome("GET / HTTP/1.1\n"), "400");
  CHECK_EQ(outcome("GET / HTTP/1.1\rH"), "400");
}

TEST("own-http-03 a refusal is one sentence that names the cause, without the peer's bytes") {
  const auto sentence = [](const std::string& head) -> std::string {
    try {
      find_head(head);
      parse_request(head);
    } catch (const HttpError& error) {
      return error.what();
    }
    return "accepted";
  };
  CHECK_EQ(sentence("GET / HTTP/1.1\r\nEVIL: 1\r\n\r\n"), "The request has no Host header.");
  CHECK_EQ(sentence("GET / HTTP/1.1\r\nHost: EVIL\r\nHost: EVIL\r\n\r\n"),
           "The request has more than one Host header.");
  CHECK_EQ(sentence("GET / HTTP/1.1\r\nHost: <EVIL>\r\n\r\n"), "The Host header is malformed.");
  CHECK_EQ(sentence("GET / HTTP/1.1\r\nEVIL : 1\r\n\r\n"), "White space before a header's colon.");
  CHECK_EQ(sentence("GET / HTTP/1.1\r\nHost: h\r\n EVIL\r\n\r\n"), "A header line is folded.");
  CHECK_EQ(sentence("GET / HTTP/1.1\r\nEVIL\r\n\r\n"), "A header line has no colon.");
  CHECK_EQ(sentence("GET / HTTP/1.1\r\n<EVIL>: 1\r\n\r\n"), "A header's name is not a token.");
  CHECK_EQ(sentence("EVIL\r\n\r\n"), "The request line is malformed.");
  CHECK_EQ(sentence("GET EVIL HTTP/1.1\r\n\r\n"), "The request's target is malformed.");
  CHECK_EQ(sentence("GET http://EVIL/ HTTP/1.1\r\nHost: h\r\n\r\n"),
           "The target and the Host header name different hosts.");
  CHECK_EQ(sentence("GET / HTTP/1.1\r\nHost: h\r\nContent-Length: EVIL\r\n\r\n"),
           "The Content-Length is not one number.");
  CHECK_EQ(sentence("GET / HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: EVIL\r\n\r\n"),
           "The Transfer-Encoding leaves open where the body ends.");
  CHECK_EQ(sentence("GET / EVIL\r\n\r\n"), "The HTTP version is malformed.");
  CHECK_EQ(sentence("GET / HTTP/6.6\r\n\r\n"), "Only HTTP/1.x is understood.");
  CHECK_EQ(sentence("GET / EVIL\n"), "A line ends with a bare LF.");
  CHECK_EQ(sentence("GET / EVIL\r\r"), "The head contains a bare CR.");
  CHECK_EQ(sentence("GET / EVIL\x1b"), "The head contains a control character.");
  CHECK_EQ(sentence("GET / EVIL" + std::string(16384, 'x')), "The first line is too long.");
  CHECK_EQ(sentence("GET / HTTP/1.1\r\nEVIL: " + std::string(16384, 'x')), "The head is too long.");
  CHECK_EQ(sentence(head_of_fields(101)), "The head has too many header fields.");
}

// ---- Limits ----

TEST("own-http-04 a head of 16 KiB passes, one of a byte more gets 431") {
  CHECK_EQ(outcome(head_of_size(16384)), "accepted");
  CHECK_EQ(outcome(head_of_size(16385)), "431");
}

TEST("own-http-04 the limit holds for a head that never ends, too") {
  const std::string begin = "GET / HTTP/1.1\r\nX: ";
  CHECK_EQ(outcome(begin + std::string(16384 - begin.size(), 'x')), "waiting");
  CHECK_EQ(outcome(begin + std::string(16385 - begin.size(), 'x')), "431");
}

TEST("9112-3-01 a target that is too long has a status of its own: 414") {
  CHECK_EQ(outcome("GET /" + std::string(16384 - 5, 'x')), "waiting");
  CHECK_EQ(outcome("GET /" + std::string(16385 - 5, 'x')), "414");
  CHECK_EQ(outcome("\r\nGET /" + std::string(16385 - 7, 'x')), "414");
}

TEST("own-http-04 the empty line before the head and the one behind it count") {
  const HeadLimits limits{.max_head = 29};
  CHECK_EQ(outcome("GET / HTTP/1.1\r\nHost: hhh\r\n\r\n", limits), "accepted");  // 29 bytes
  CHECK_EQ(outcome("\r\nGET / HTTP/1.1\r\nHost: h\r\n\r\n", limits), "accepted");
  CHECK_EQ(outcome("GET / HTTP/1.1\r\nHost: hhhh\r\n\r\n", limits), "431");
  CHECK_EQ(outcome("\r\nGET / HTTP/1.1\r\nHost: hh\r\n\r\n", limits), "431");
}

TEST("own-http-04 what follows the head does not count") {
  CHECK_EQ(outcome(head_of_size(16384) + std::string(100'000, 'x')), "accepted");
}

TEST("own-http-05 100 fields pass, 101 get 431") {
  CHECK_EQ(outcome(head_of_fields(100)), "accepted");
  CHECK_EQ(outcome(head_of_fields(101)), "431");
  CHECK_EQ(outcome(head_of_fields(1), {.max_fields = 1}), "accepted");
  CHECK_EQ(outcome(head_of_fields(2), {.max_fields = 1}), "431");
}

// ---- Every split ----

TEST("own-http-06 find_head says nothing until the head is whole, and from then on its size") {
  for (const std::string_view head : {kRequest, kResponse, "\r\nGET / HTTP/1.0\r\n\r\n"sv}) {
    const std::string received = std::string(head) + "\x81\x85\x37\xfa";  // and the first bytes of a frame
    for (std::size_t n = 0; n <= received.size(); ++n) {
      const std::optional<std::size_t> size = find_head(std::string_view(received).substr(0, n));
      CHECK_EQ(size.value_or(0), n < head.size() ? 0 : head.size());
    }
  }
}

TEST("own-http-07 a bad head is refused with the same status, wherever the network cut it") {
  const std::pair<const char*, const char*> rows[] = {
      {"GET / HTTP/1.1\r\nHost: h\r\n\r\n", "accepted"},
      {"\r\nGET / HTTP/1.0\r\n\r\n", "accepted"},
      {"GET / HTTP/1.1\r\nHost: h\r\n", "waiting"},
      {"GET / HTTP/1.1\nHost: h\n\n", "400"},
      {"GET / HTTP/1.1\r\nHost: h\r\r\n\r\n", "400"},
      {"GET / HTTP/1.1\r\nHost: \x7f\r\n\r\n", "400"},
      {"GET / HTTP/1.1\r\nHost : h\r\n\r\n", "400"},
      {"GET / HTTP/1.1\r\nHost: h\r\n X: y\r\n\r\n", "400"},
      {"GET / HTTP/1.1\r\n\r\n", "400"},
      {"\r\n\r\nGET / HTTP/1.1\r\nHost: h\r\n\r\n", "400"},
      {"GET / HTTP/3.0\r\nHost: h\r\n\r\n", "505"},
  };
  for (const auto& [head, wanted] : rows) {
    for_each_split(bytes_of(head), [row = head, status = wanted](const std::vector<ByteView>& pieces) {
      check::equal(__FILE__, __LINE__, row, outcome_of_pieces(pieces), status);
    });
  }
}

TEST("own-http-07 a head is refused from the byte that passes a limit, and stays refused") {
  const std::string long_head = head_of_size(80);
  for (std::size_t n = 0; n <= long_head.size(); ++n) {
    CHECK_EQ(outcome(long_head.substr(0, n), {.max_head = 64}), n <= 64 ? "waiting"sv : "431"sv);
  }
  const std::string many_fields = head_of_fields(6);
  const std::size_t fourth_line_ends = head_of_fields(4).size() - 2;
  for (std::size_t n = 0; n <= many_fields.size(); ++n) {
    CHECK_EQ(outcome(many_fields.substr(0, n), {.max_fields = 3}), n < fourth_line_ends ? "waiting"sv : "431"sv);
  }
}

// ---- Reading a response ----

TEST("9112-4 a status line has a version, three digits, and a reason that may be empty or missing") {
  CHECK_EQ(status_line("HTTP/1.1 101 Switching Protocols"), "read as 101 Switching Protocols");
  CHECK_EQ(status_line("HTTP/1.1 200 "), "read as 200 ");
  CHECK_EQ(status_line("HTTP/1.1 200"), "read as 200 ");
  CHECK_EQ(status_line("HTTP/1.0 404 N\xc3\xb8!"), "read as 404 N\xc3\xb8!");
  CHECK_EQ(status_line("HTTP/1.1 999  two spaces"), "read as 999  two spaces");
}

TEST("9112-4 any other status line is refused") {
  CHECK_EQ(status_line(""), "400");
  CHECK_EQ(status_line("HTTP/1.1"), "400");
  CHECK_EQ(status_line("HTTP/1.1 "), "400");
  CHECK_EQ(status_line("HTTP/1.1 10"), "400");
  CHECK_EQ(status_line("HTTP/1.1 1010 OK"), "400");
  CHECK_EQ(status_line("HTTP/1.1  101 OK"), "400");
  CHECK_EQ(status_line("HTTP/1.1 1x1 OK"), "400");
  CHECK_EQ(status_line("HTTP/1.1\t101 OK"), "400");
  CHECK_EQ(status_line("HTTP/1.1 101\tOK"), "400");
  CHECK_EQ(status_line("ICY 200 OK"), "400");
  CHECK_EQ(status_line("GET / HTTP/1.1"), "400");
  CHECK_EQ(status_line("HTTP/2.0 200 OK"), "505");
}

TEST("9112-5 the fields of a response obey the same rules, but it needs no Host") {
  CHECK_EQ(lines(parse_response("HTTP/1.1 200 OK\r\nX:  y \r\n\r\n").fields), "X=y\n");
  CHECK_THROWS(parse_response("HTTP/1.1 200 OK\r\nX : y\r\n\r\n"), HttpError);
  CHECK_THROWS(parse_response("HTTP/1.1 200 OK\r\nno colon\r\n\r\n"), HttpError);
}

TEST("9112-5.2-02 a folded line of a response is joined to the one above it, with a space") {
  const auto value_of = [](const std::string& line) {
    const Response response = parse_response("HTTP/1.1 200 OK\r\n" + line + "\r\nY: z\r\n\r\n");
    const std::string* const found = find_field(response.fields, "X");
    return found == nullptr ? "no X" : *found;
  };
  CHECK_EQ(value_of("X: a\r\n b"), "a b");
  CHECK_EQ(value_of("X: a\r\n\tb"), "a b");
  CHECK_EQ(value_of("X: a \r\n \t b \r\n c"), "a b c");
  CHECK_EQ(value_of("X:\r\n a"), "a");
  CHECK_EQ(value_of("X: a\r\n \r\n b"), "a b");
  CHECK_EQ(value_of("X: a\r\n "), "a");
  CHECK_EQ(value_of("X: a\r\n Y: b"), "a Y: b");  // no field of its own, whatever it looks like
}

TEST("9112-6.3-01 the head of a 101 is all of it, whatever it says about a length") {
  const std::string_view response =
      "HTTP/1.1 101 X\r\nContent-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n\x81\x05Hello";
  const std::size_t size = find_head(response).value();
  CHECK_EQ(response.substr(size), "\x81\x05Hello");
  CHECK_EQ(parse_response(response.substr(0, size)).status, 101);
}

// ---- Writing ----

TEST("9112-2.1 the client's head of RFC 6455, written") {
  const Request request{"GET",
                        "/chat",
                        1,
                        {{"Host", "server.example.com"},
                         {"Upgrade", "websocket"},
                         {"Connection", "Upgrade"},
                         {"Sec-WebSocket-Key", "dGhlIHNhbXBsZSBub25jZQ=="},
                         {"Origin", "http://example.com"},
                         {"Sec-WebSocket-Protocol", "chat, superchat"},
                         {"Sec-WebSocket-Version", "13"}}};
  CHECK_EQ(serialize_head(request), kRequest);
}

TEST("9112-2.1 the server's head of RFC 6455, written") {
  const Response response{101,
                          "",
                          {{"Upgrade", "websocket"},
                           {"Connection", "Upgrade"},
                           {"Sec-WebSocket-Accept", "s3pPLMBiTxaQ9kYGzzhZRbK+xOo="},
                           {"Sec-WebSocket-Protocol", "chat"}},
                          ""};
  CHECK_EQ(serialize_head(response), kResponse);
}

TEST("9110-15 each status has its usual reason, unless another is given") {
  const std::pair<int, std::string_view> rows[] = {
      {100, "Continue"},
      {101, "Switching Protocols"},
      {200, "OK"},
      {204, "No Content"},
      {301, "Moved Permanently"},
      {302, "Found"},
      {303, "See Other"},
      {304, "Not Modified"},
      {307, "Temporary Redirect"},
      {308, "Permanent Redirect"},
      {400, "Bad Request"},
      {401, "Unauthorized"},
      {403, "Forbidden"},
      {404, "Not Found"},
      {405, "Method Not Allowed"},
      {408, "Request Timeout"},
      {414, "URI Too Long"},
      {426, "Upgrade Required"},
      {429, "Too Many Requests"},
      {431, "Request Header Fields Too Large"},
      {500, "Internal Server Error"},
      {503, "Service Unavailable"},
      {505, "HTTP Version Not Supported"},
      {299, ""},
  };
  for (const auto& [status, reason] : rows) {
    const std::string head = serialize_head(Response{status, "", {}, ""});
    CHECK_EQ(head.substr(0, head.find("\r\n")), "HTTP/1.1 " + std::to_string(status) + " " + std::string(reason));
  }
  CHECK_EQ(serialize_head(Response{101, "Go on", {}, ""}), "HTTP/1.1 101 Go on\r\n\r\n");
}

TEST("9110-8.6 a response that may have a body says how long it is, even if it is empty") {
  CHECK_EQ(serialize_head(Response{200, "", {}, "Hello"}), "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\n");
  CHECK_EQ(serialize_head(Response{400, "", {}, ""}), "HTTP/1.1 400 Bad Request\r\nContent-Length: 0\r\n\r\n");
  CHECK_EQ(serialize_head(Response{404, "", {}, "caf\xc3\xa9"}),
           "HTTP/1.1 404 Not Found\r\nContent-Length: 5\r\n\r\n");  // bytes, not letters
}

TEST("9110-8.6-01 1xx, 204 and 304 have no body, and no Content-Length") {
  CHECK_EQ(serialize_head(Response{101, "", {}, ""}), "HTTP/1.1 101 Switching Protocols\r\n\r\n");
  CHECK_EQ(serialize_head(Response{199, "", {}, ""}), "HTTP/1.1 199 \r\n\r\n");
  CHECK_EQ(serialize_head(Response{204, "", {}, ""}), "HTTP/1.1 204 No Content\r\n\r\n");
  CHECK_EQ(serialize_head(Response{304, "", {}, ""}), "HTTP/1.1 304 Not Modified\r\n\r\n");
}

TEST("own-http-17 a body that the status does not allow is not sent behind the head") {
  for (const int status : {101, 204, 304}) {
    CHECK_THROWS(serialize_head(Response{status, "", {}, "Hello"}), std::invalid_argument);
  }
}

TEST("own-http-08 a text response is one sentence of plain text, and says that it is nothing else") {
  const Response response = make_text_response(404, "There is nothing here.");
  CHECK_EQ(serialize_head(response),
           "HTTP/1.1 404 Not Found\r\n"
           "Content-Type: text/plain; charset=utf-8\r\n"
           "X-Content-Type-Options: nosniff\r\n"
           "Content-Length: 23\r\n"
           "\r\n");
  CHECK_EQ(response.body, "There is nothing here.\n");
}

TEST("own-http-09 no control character gets into a head that we write") {
  for (const std::string_view bad : {"\r"sv, "\n"sv, "\0"sv, "\r\nForged: 1"sv, "\x1b"sv, "\x7f"sv}) {
    const std::string text = "a" + std::string(bad) + "b";
    CHECK_THROWS(serialize_head(Request{text, "/", 1, {}}), std::invalid_argument);
    CHECK_THROWS(serialize_head(Request{"GET", "/" + text, 1, {}}), std::invalid_argument);
    CHECK_THROWS(serialize_head(Request{"GET", "/", 1, {{text, "y"}}}), std::invalid_argument);
    CHECK_THROWS(serialize_head(Request{"GET", "/", 1, {{"X", text}}}), std::invalid_argument);
    CHECK_THROWS(serialize_head(Response{200, text, {}, ""}), std::invalid_argument);
    CHECK_THROWS(serialize_head(Response{200, "", {{text, "y"}}, ""}), std::invalid_argument);
    CHECK_THROWS(serialize_head(Response{200, "", {{"X", text}}, ""}), std::invalid_argument);
  }
  CHECK_EQ(serialize_head(Request{"GET", "/", 1, {{"X", "a\tb"}}}), "GET / HTTP/1.1\r\nX: a\tb\r\n\r\n");
}

TEST("9112-5.2-03 no folded line is written") {
  CHECK_THROWS(serialize_head(Response{200, "", {{"X", "a\r\n b"}}, ""}), std::invalid_argument);
  CHECK_THROWS(serialize_head(Request{"GET", "/", 1, {{"X", "a\r\n b"}}}), std::invalid_argument);
}

TEST("own-http-10 what would not be read as one request line is not written as one") {
  CHECK_THROWS(serialize_head(Request{"GET", "/a b", 1, {}}), std::invalid_argument);
  CHECK_THROWS(serialize_head(Request{"GET", "/caf\xc3\xa9", 1, {}}), std::invalid_argument);
  CHECK_THROWS(serialize_head(Request{"GET", "", 1, {}}), std::invalid_argument);
  CHECK_THROWS(serialize_head(Request{"", "/", 1, {}}), std::invalid_argument);
  CHECK_THROWS(serialize_head(Request{"G T", "/", 1, {}}), std::invalid_argument);
}

TEST("own-http-11 a name that is no token and a status without three digits are not written") {
  CHECK_THROWS(serialize_head(Request{"GET", "/", 1, {{"", "y"}}}), std::invalid_argument);
  CHECK_THROWS(serialize_head(Request{"GET", "/", 1, {{"X Y", "z"}}}), std::invalid_argument);
  CHECK_THROWS(serialize_head(Request{"GET", "/", 1, {{"X:", "y"}}}), std::invalid_argument);
  CHECK_THROWS(serialize_head(Response{99, "", {}, ""}), std::invalid_argument);
  CHECK_THROWS(serialize_head(Response{1000, "", {}, ""}), std::invalid_argument);
  CHECK_THROWS(serialize_head(Response{-1, "", {}, ""}), std::invalid_argument);
}

TEST("own-http-12 the Content-Length is the body's, and nobody else's to set") {
  CHECK_THROWS(serialize_head(Response{200, "", {{"Content-Length", "5"}}, "Hello"}), std::invalid_argument);
  CHECK_THROWS(serialize_head(Response{304, "", {{"content-length", "5"}}, ""}), std::invalid_argument);
}

TEST("9112-6.2-01 no Transfer-Encoding is written beside the Content-Length") {
  CHECK_THROWS(serialize_head(Response{200, "", {{"Transfer-Encoding", "chunked"}}, "Hello"}), std::invalid_argument);
  CHECK_THROWS(serialize_head(Response{204, "", {{"transfer-encoding", "gzip"}}, ""}), std::invalid_argument);
}

// ---- Without memory ----

TEST("own-http-13 wherever memory runs out, nothing is lost") {
  check_nothing_lost([] { serialize_head(parse_request(kRequest)); });
  check_nothing_lost([] { serialize_head(parse_response(kResponse)); });
  check_nothing_lost([] { serialize_head(make_text_response(404, "There is nothing here, nor was there ever.")); });
}
