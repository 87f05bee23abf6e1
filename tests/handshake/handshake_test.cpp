// The opening handshake: what each end asks, what it answers, and what it refuses.
//
// Most tests take the heads of RFC 6455 section 1.2, change one line, and say what becomes of them.
#include "handshake/handshake.h"

#include "check.h"
#include "memory.h"
#include "wire.h"

using namespace websock;

namespace {

using Names = std::vector<std::string>;

const std::string kRequest =
    "GET /chat HTTP/1.1\r\n"
    "Host: server.example.com\r\n"
    "Upgrade: websocket\r\n"
    "Connection: Upgrade\r\n"
    "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n"
    "Origin: http://example.com\r\n"
    "Sec-WebSocket-Protocol: chat, superchat\r\n"
    "Sec-WebSocket-Version: 13\r\n"
    "\r\n";

const std::string kResponse =
    "HTTP/1.1 101 Switching Protocols\r\n"
    "Upgrade: websocket\r\n"
    "Connection: Upgrade\r\n"
    "Sec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=\r\n"
    "Sec-WebSocket-Protocol: chat\r\n"
    "\r\n";

const std::string kKey = "dGhlIHNhbXBsZSBub25jZQ==";
const ClientOffer kOffer = {{"chat", "superchat"}, {}};

// ---- A server, without its sockets ----

// The response to a request, head and body. `supported`: the server's subprotocols.
std::string answer(std::string_view received, const Names& supported = {}) {
  Response response;
  try {
    const std::size_t size = find_head(received).value();
    const ClientHandshake client = check_request(parse_request(received.substr(0, size)));
    response = make_response(client, choose_subprotocol(client.subprotocols, supported));
  } catch (const HttpError& error) {
    response = make_refusal(error);
  }
  return serialize_head(response) + response.body;
}

std::string status_of(const std::string& response) { return response.substr(9, 3); }

// The status that answers the RFC's request with a part of it replaced, or with a line added.
std::string with(std::string_view before, std::string_view after) {
  return status_of(answer(edited(kRequest, before, after)));
}
std::string with_line(const std::string& line) { return with("\r\n\r\n", "\r\n" + line + "\r\n\r\n"); }

std::string with_key(const std::string& value) {
  return with("Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==", "Sec-WebSocket-Key: " + value);
}
std::string with_version(const std::string& value) {
  return with("Sec-WebSocket-Version: 13", "Sec-WebSocket-Version: " + value);
}

// The value of a field in a response, or "none".
std::string field_of(const std::string& response, std::string_view name) {
  const Response parsed = parse_response(response.substr(0, find_head(response).value()));
  const std::string* value = find_field(parsed.fields, name);
  return value ? *value : "none";
}

// The subprotocol that a server speaking `supported` agrees to, when the lines stand in the request.
std::string chosen(const std::string& lines, const Names& supported) {
  const std::string response =
      answer(edited(kRequest, "Sec-WebSocket-Protocol: chat, superchat\r\n", lines), supported);
  return status_of(response) + " " + field_of(response, "Sec-WebSocket-Protocol");
}

// The sentence with which a request is refused.
std::string sentence(const std::string& request) {
  const std::string response = answer(request);
  return response.substr(response.find("\r\n\r\n") + 4);
}

// ---- A client, without its sockets ----

// "open", with the subprotocol in use if there is one; "waiting" for more; or "refused", with the response's status.
std::string opened(const std::string& response, const ClientOffer& offer = kOffer) {
  try {
    const std::optional<ServerResponse> found = find_response(response);
    if (!found) return "waiting";
    const std::optional<std::string> subprotocol = check_response(found->response, kKey, offer).subprotocol;
    return "open" + (subprotocol ? " " + *subprotocol : "");
  } catch (const HandshakeError& error) {
    return "refused " + std::to_string(error.status());
  }
}

// The RFC's response with a part of it replaced, or with a line added.
std::string after(std::string_view before, std::string_view replacement) {
  return opened(edited(kResponse, before, replacement));
}
std::string after_line(const std::string& line) { return after("\r\n\r\n", "\r\n" + line + "\r\n\r\n"); }

std::string request_with(const ClientOffer& offer) {
  return serialize_head(make_request("server.example.com", "/chat", kKey, offer));
}

// The first line of our request for a resource.
std::string request_line(std::string_view resource) {
  const std::string head = serialize_head(make_request("server.example.com", resource, kKey, kOffer));
  return head.substr(0, head.find("\r\n"));
}

// The values of all fields of this name in a request of ours.
Names sent(std::string_view name) {
  Names values;
  for (const HeaderField& field : parse_request(request_with(kOffer)).fields) {
    if (equal_ignoring_case(field.name, name)) values.push_back(field.value);
  }
  return values;
}

}  // namespace

// ---- Published vectors ----

TEST("1.3-04 the accept value of RFC 6455") {
  CHECK_EQ(make_accept("dGhlIHNhbXBsZSBub25jZQ=="), "s3pPLMBiTxaQ9kYGzzhZRbK+xOo=");
}

TEST("4.2.2-24 the accept value is base64(SHA-1(key + GUID))") {
  CHECK_EQ(make_accept("AQIDBAUGBwgJCgsMDQ4PEA=="), "C/0nmHhBztSRGR1CwL6Tf4ZjwpY=");
  CHECK_EQ(make_accept("AAAAAAAAAAAAAAAAAAAAAA=="), "ICX+Yqv66kxgM0FcWaLWlFLwTAI=");
  CHECK_EQ(make_accept("/////////////////////w=="), "XXpj4jYzLM2yUE0C7TIgMwTQh2g=");
  CHECK_EQ(make_accept("x3JJHMbDL1EzLkh9GBhXDw=="), "HSmrc0sMlYUkAGmm5OPpG2HaGWk=");
}

TEST("4.2.2-10 the key's text is hashed: two keys of the same 16 bytes have two accept values") {
  CHECK_EQ(make_accept("AQIDBAUGBwgJCgsMDQ4PEA=="), "C/0nmHhBztSRGR1CwL6Tf4ZjwpY=");
  CHECK_EQ(make_accept("AQIDBAUGBwgJCgsMDQ4PEC=="), "OfS0wDaT5NoxF2gqm7Zj2YtetzM=");
}

TEST("4.1-32 the key of the bytes 01 to 10") {
  CHECK_EQ(make_key({1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16}), "AQIDBAUGBwgJCgsMDQ4PEA==");
}

TEST("4.2.2-22 the request of RFC 6455 gets the response of RFC 6455, byte by byte") {
  CHECK_EQ(answer(kRequest, {"chat"}), kResponse);
}

TEST("4.2.2-23 without a subprotocol the response is these four lines") {
  CHECK_EQ(answer(kRequest),
           "HTTP/1.1 101 Switching Protocols\r\n"
           "Upgrade: websocket\r\n"
           "Connection: Upgrade\r\n"
           "Sec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=\r\n"
           "\r\n");
}

// ---- The server's half: requests that are accepted ----

TEST("1.3-01 the order of the fields does not matter") {
  CHECK_EQ(status_of(answer("GET /chat HTTP/1.1\r\n"
                            "Sec-WebSocket-Version: 13\r\n"
                            "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n"
                            "Connection: Upgrade\r\n"
                            "Upgrade: websocket\r\n"
                            "Host: server.example.com\r\n"
                            "\r\n")),
           "101");
}

TEST("4.1-52 field names have no case") {
  CHECK_EQ(with("Host", "HOST"), "101");
  CHECK_EQ(with("Upgrade: websocket", "upgrade: websocket"), "101");
  CHECK_EQ(with("Connection", "connection"), "101");
  CHECK_EQ(with("Sec-WebSocket-Key", "SEC-WEBSOCKET-KEY"), "101");
  CHECK_EQ(with("Sec-WebSocket-Version", "sec-websocket-version"), "101");
}

TEST("4.2.1-03 the target may be a whole http URI") {
  CHECK_EQ(with("GET /chat ", "GET http://server.example.com/chat "), "101");
  CHECK_EQ(with("GET /chat ", "GET https://server.example.com/chat "), "101");
  CHECK_EQ(with("GET /chat ", "GET /chat?room=1 "), "101");
  CHECK_EQ(with("GET /chat ", "GET / "), "101");
}

TEST("11.1.1-04 HTTP 1.1 or later") {
  CHECK_EQ(with("HTTP/1.1", "HTTP/1.2"), "101");
  CHECK_EQ(with("HTTP/1.1", "HTTP/1.0"), "400");
  CHECK_EQ(with("HTTP/1.1", "HTTP/2.0"), "505");
}

TEST("4.2.1-05 Upgrade lists websocket, in any case and in any company") {
  CHECK_EQ(with("Upgrade: websocket", "Upgrade: WebSocket"), "101");
  CHECK_EQ(with("Upgrade: websocket", "Upgrade: WEBSOCKET"), "101");
  CHECK_EQ(with("Upgrade: websocket", "Upgrade: h2c, websocket"), "101");
  CHECK_EQ(with("Upgrade: websocket", "Upgrade: h2c\r\nUpgrade: websocket"), "101");
}

TEST("11.2-01 the registered name is WebSocket, and the case still does not matter") {
  CHECK_EQ(with("Upgrade: websocket", "Upgrade: WebSocket"), "101");
  CHECK_EQ(after("Upgrade: websocket", "Upgrade: WebSocket"), "open chat");
}

TEST("4.2.1-06 Connection lists Upgrade, in any case and in any company") {
  CHECK_EQ(with("Connection: Upgrade", "Connection: upgrade"), "101");
  CHECK_EQ(with("Connection: Upgrade", "Connection: keep-alive, Upgrade"), "101");
  CHECK_EQ(with("Connection: Upgrade", "Connection: Upgrade, HTTP2-Settings"), "101");
  CHECK_EQ(with("Connection: Upgrade", "Connection: keep-alive\r\nConnection: Upgrade"), "101");
}

TEST("4.3-01 white space is free around values and commas") {
  CHECK_EQ(with("Upgrade: websocket", "Upgrade:websocket"), "101");
  CHECK_EQ(with("Upgrade: websocket", "Upgrade: \t websocket \t"), "101");
  CHECK_EQ(with("Connection: Upgrade", "Connection: keep-alive ,\tUpgrade , "), "101");
  CHECK_EQ(with_version(" 13 "), "101");
  CHECK_EQ(with_key("\tdGhlIHNhbXBsZSBub25jZQ== "), "101");
}

TEST("1.3-03 white space around the key does not enter the accept value") {
  const std::string request = edited(kRequest, "Key: dGhlIHNhbXBsZSBub25jZQ==", "Key: \t dGhlIHNhbXBsZSBub25jZQ== \t");
  CHECK_EQ(field_of(answer(request), "Sec-WebSocket-Accept"), "s3pPLMBiTxaQ9kYGzzhZRbK+xOo=");
}

TEST("4.2.1-09 a request without an Origin is none of a browser's, and fine") {
  CHECK_EQ(with("Origin: http://example.com\r\n", ""), "101");
}

TEST("4.2.1-12 fields that nobody knows are ignored") {
  CHECK_EQ(with_line("X-Forwarded-For: 192.0.2.1"), "101");
  CHECK_EQ(with_line("Sec-WebSocket-Key1: 4 @1  46546xW%0l 1 5"), "101");  // from a draft of 2010
  CHECK_EQ(with_line("Sec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo="), "101");
}

TEST("own-handshake-01 a request that says that it has no body has none") {
  CHECK_EQ(with_line("Content-Length: 0"), "101");
}

TEST("4.1-32 a key whose unused bits are set is still the base64 of 16 bytes") {
  CHECK_EQ(with_key("AQIDBAUGBwgJCgsMDQ4PEC=="), "101");
}

TEST("4.2.1-10 the key, the subprotocols and the extensions are handed on in the client's order") {
  const std::string request = edited(kRequest, "\r\n\r\n",
                                     "\r\nSec-WebSocket-Extensions: permessage-deflate; server_max_window_bits=10"
                                     "\r\nSec-WebSocket-Extensions: x-other\r\n\r\n");
  const ClientHandshake client = check_request(parse_request(request));
  CHECK_EQ(client.key, "dGhlIHNhbXBsZSBub25jZQ==");
  CHECK_EQ(client.subprotocols, (Names{"chat", "superchat"}));
  CHECK(client.extensions ==
        (std::vector<Extension>{{"permessage-deflate", {{"server_max_window_bits", "10"}}}, {"x-other", {}}}));
}

// ---- The server's half: requests as they really come ----

namespace {

struct RealClient {
  const char* name;
  const char* head;
};

// Names, order and case are theirs; the key is the RFC's in each, so that all get the same response.
const RealClient kRealClients[] = {
    {"Chrome",
     "GET / HTTP/1.1\r\n"
     "Host: localhost:9001\r\n"
     "Connection: Upgrade\r\n"
     "Pragma: no-cache\r\n"
     "Cache-Control: no-cache\r\n"
     "User-Agent: Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) "
     "Chrome/131.0.0.0 Safari/537.36\r\n"
     "Upgrade: websocket\r\n"
     "Origin: http://localhost:8000\r\n"
     "Sec-WebSocket-Version: 13\r\n"
     "Accept-Encoding: gzip, deflate, br, zstd\r\n"
     "Accept-Language: en-US,en;q=0.9\r\n"
     "Cookie: session=0123456789abcdef\r\n"
     "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n"
     "Sec-WebSocket-Extensions: permessage-deflate; client_max_window_bits\r\n"
     "\r\n"},
    {"Firefox",
     "GET / HTTP/1.1\r\n"
     "Host: localhost:9001\r\n"
     "User-Agent: Mozilla/5.0 (X11; Linux x86_64; rv:128.0) Gecko/20100101 Firefox/128.0\r\n"
     "Accept: */*\r\n"
     "Accept-Language: en-US,en;q=0.5\r\n"
     "Accept-Encoding: gzip, deflate, br, zstd\r\n"
     "Sec-WebSocket-Version: 13\r\n"
     "Origin: null\r\n"
     "Sec-WebSocket-Extensions: permessage-deflate\r\n"
     "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n"
     "DNT: 1\r\n"
     "Connection: keep-alive, Upgrade\r\n"
     "Sec-Fetch-Dest: empty\r\n"
     "Sec-Fetch-Mode: websocket\r\n"
     "Sec-Fetch-Site: cross-site\r\n"
     "Pragma: no-cache\r\n"
     "Cache-Control: no-cache\r\n"
     "Upgrade: websocket\r\n"
     "\r\n"},
    {"Safari 14",
     "GET / HTTP/1.1\r\n"
     "Upgrade: websocket\r\n"
     "Connection: Upgrade\r\n"
     "Host: localhost:9001\r\n"
     "Origin: http://localhost:8000\r\n"
     "Pragma: no-cache\r\n"
     "Cache-Control: no-cache\r\n"
     "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n"
     "Sec-WebSocket-Version: 13\r\n"
     "Sec-WebSocket-Extensions: x-webkit-deflate-frame\r\n"
     "User-Agent: Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/605.1.15 (KHTML, like Gecko) "
     "Version/14.1 Safari/605.1.15\r\n"
     "\r\n"},
    {"curl",
     "GET /chat HTTP/1.1\r\n"
     "Host: localhost:9001\r\n"
     "User-Agent: curl/8.11.0\r\n"
     "Accept: */*\r\n"
     "Upgrade: websocket\r\n"
     "Sec-WebSocket-Version: 13\r\n"
     "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n"
     "Connection: Upgrade\r\n"
     "\r\n"},
    {"an older Dart",  // all lower case, and with a Content-Length
     "GET / HTTP/1.1\r\n"
     "user-agent: Dart/2.8 (dart:io)\r\n"
     "connection: Upgrade\r\n"
     "cache-control: no-cache\r\n"
     "accept-encoding: gzip\r\n"
     "content-length: 0\r\n"
     "sec-websocket-version: 13\r\n"
     "host: localhost:9001\r\n"
     "sec-websocket-extensions: permessage-deflate; client_max_window_bits\r\n"
     "sec-websocket-key: dGhlIHNhbXBsZSBub25jZQ==\r\n"
     "upgrade: websocket\r\n"
     "\r\n"},
    {"gorilla/websocket, in Go",
     "GET / HTTP/1.1\r\n"
     "Host: localhost:9001\r\n"
     "User-Agent: Go-http-client/1.1\r\n"
     "Connection: Upgrade\r\n"
     "Sec-WebSocket-Extensions: permessage-deflate; server_no_context_takeover; "
     "client_no_context_takeover\r\n"
     "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n"
     "Sec-WebSocket-Version: 13\r\n"
     "Upgrade: websocket\r\n"
     "\r\n"},
    {"ws, in Node",
     "GET / HTTP/1.1\r\n"
     "Sec-WebSocket-Version: 13\r\n"
     "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n"
     "Connection: Upgrade\r\n"
     "Upgrade: websocket\r\n"
     "Sec-WebSocket-Extensions: permessage-deflate; client_max_window_bits\r\n"
     "Host: localhost:9001\r\n"
     "\r\n"},
    {"websockets, in Python",
     "GET / HTTP/1.1\r\n"
     "Host: localhost:9001\r\n"
     "Upgrade: websocket\r\n"
     "Connection: Upgrade\r\n"
     "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n"
     "Sec-WebSocket-Version: 13\r\n"
     "Sec-WebSocket-Extensions: permessage-deflate; client_max_window_bits\r\n"
     "User-Agent: Python/3.12 websockets/13.1\r\n"
     "\r\n"},
};

}  // namespace

TEST("4.2.2-01 the clients that are out there are all accepted") {
  for (const RealClient& client : kRealClients) {
    check::equal(__FILE__, __LINE__, client.name, answer(client.head),
                 "HTTP/1.1 101 Switching Protocols\r\n"
                 "Upgrade: websocket\r\n"
                 "Connection: Upgrade\r\n"
                 "Sec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=\r\n"
                 "\r\n");
  }
}

// ---- The server's half: requests that are refused ----

TEST("4.2.1-02 a request that lacks one of the required fields is refused") {
  CHECK_EQ(with("Host: server.example.com\r\n", ""), "400");
  CHECK_EQ(with("Upgrade: websocket\r\n", ""), "400");
  CHECK_EQ(with("Connection: Upgrade\r\n", ""), "400");
  CHECK_EQ(with("Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n", ""), "400");
  CHECK_EQ(with("Sec-WebSocket-Version: 13\r\n", ""), "400");
}

TEST("4.2.1-03 a method other than GET gets 405, and the response says which one is allowed") {
  CHECK_EQ(with("GET ", "POST "), "405");
  CHECK_EQ(with("GET ", "HEAD "), "405");
  CHECK_EQ(with("GET ", "get "), "405");
  CHECK_EQ(field_of(answer(edited(kRequest, "GET ", "POST ")), "Allow"), "GET");
}

TEST("4.2.1-03 the target names a resource") {
  CHECK_EQ(with("GET /chat ", "GET * "), "400");
  CHECK_EQ(with("GET /chat ", "GET chat "), "400");
}

TEST("4.2.1-04 Host stands there exactly once") {
  CHECK_EQ(with("Host: server.example.com\r\n", "Host: server.example.com\r\nHost: example.com\r\n"), "400");
  CHECK_EQ(with("Host: server.example.com", "Host: server example com"), "400");
}

TEST("4.2.1-05 an Upgrade to something else is refused") {
  CHECK_EQ(with("Upgrade: websocket", "Upgrade: h2c"), "400");
  CHECK_EQ(with("Upgrade: websocket", "Upgrade: websocket2"), "400");
  CHECK_EQ(with("Upgrade: websocket", "Upgrade: web socket"), "400");
  CHECK_EQ(with("Upgrade: websocket", "Upgrade: \"websocket\""), "400");
  CHECK_EQ(with("Upgrade: websocket", "Upgrade:"), "400");
}

TEST("4.2.1-06 a Connection without Upgrade is refused") {
  CHECK_EQ(with("Connection: Upgrade", "Connection: keep-alive"), "400");
  CHECK_EQ(with("Connection: Upgrade", "Connection: close"), "400");
  CHECK_EQ(with("Connection: Upgrade", "Connection: NotUpgrade"), "400");
  CHECK_EQ(with("Connection: Upgrade", "Connection: websocket"), "400");
  CHECK_EQ(with("Connection: Upgrade", "Connection:"), "400");
}

TEST("4.2.1-07 a key that is not the base64 of 16 bytes is refused") {
  CHECK_EQ(with_key("dGhlIHNhbXBsZSBub25jZQ"), "400");    // padding missing
  CHECK_EQ(with_key("AAAAAAAAAAAAAAAAAAAA"), "400");      // 15 bytes
  CHECK_EQ(with_key("AAAAAAAAAAAAAAAAAAAAAAA="), "400");  // 17 bytes
  CHECK_EQ(with_key("AAAAAAAAAAAAAAAAAAAAAAAA"), "400");  // 18 bytes, in as many characters as 16 take
  CHECK_EQ(with_key("dGhlIHNhbXBsZSBub25jZ!=="), "400");
  CHECK_EQ(with_key("dGhlIHNhbXBsZSBub25j-Q=="), "400");
  CHECK_EQ(with_key("\"dGhlIHNhbXBsZSBub25jZQ==\""), "400");
  CHECK_EQ(with_key("dGhlIHNhbXBs ZSBub25jZQ=="), "400");
}

TEST("4.3-02 an empty key is refused") {
  CHECK_EQ(with_key(""), "400");
  CHECK_EQ(with_key("=="), "400");
}

TEST("11.3.1-01 two keys are refused, on two lines or on one, even if they are the same") {
  CHECK_EQ(with_line("Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ=="), "400");
  CHECK_EQ(with_line("sec-websocket-key: AQIDBAUGBwgJCgsMDQ4PEA=="), "400");
  CHECK_EQ(with_key("dGhlIHNhbXBsZSBub25jZQ==, dGhlIHNhbXBsZSBub25jZQ=="), "400");
}

TEST("4.2.2-11 a version other than 13 gets 426") {
  CHECK_EQ(with_version("8"), "426");
  CHECK_EQ(with_version("7"), "426");
  CHECK_EQ(with_version("0"), "426");
  CHECK_EQ(with_version("12"), "426");
  CHECK_EQ(with_version("14"), "426");
}

TEST("4.4-02 a 426 lists the version that we speak, and says what to upgrade to") {
  CHECK_EQ(answer(edited(kRequest, "Version: 13", "Version: 8")),
           "HTTP/1.1 426 Upgrade Required\r\n"
           "Content-Type: text/plain; charset=utf-8\r\n"
           "X-Content-Type-Options: nosniff\r\n"
           "Sec-WebSocket-Version: 13\r\n"
           "Upgrade: websocket\r\n"
           "Connection: Upgrade, close\r\n"
           "Content-Length: 49\r\n"
           "\r\n"
           "This server speaks version 13 of WebSocket only.\n");
}

TEST("11.3.5-01 a missing or malformed version is told the right one, too") {
  const auto told = [](std::string_view line) {
    const std::string response = answer(edited(kRequest, "Sec-WebSocket-Version: 13\r\n", line));
    return status_of(response) + " " + field_of(response, "Sec-WebSocket-Version");
  };
  CHECK_EQ(told(""), "400 13");
  CHECK_EQ(told("Sec-WebSocket-Version: 013\r\n"), "400 13");
  CHECK_EQ(told("Sec-WebSocket-Version: 256\r\n"), "400 13");
  CHECK_EQ(told("Sec-WebSocket-Version: 13\r\nSec-WebSocket-Version: 8\r\n"), "400 13");
}

TEST("4.3-07 a version is a number from 0 to 255 without leading zeros") {
  CHECK_EQ(with_version("255"), "426");
  CHECK_EQ(with_version("256"), "400");
  CHECK_EQ(with_version("999"), "400");
  CHECK_EQ(with_version("1300"), "400");
  CHECK_EQ(with_version("99999999999999999999"), "400");
  CHECK_EQ(with_version("013"), "400");
  CHECK_EQ(with_version("00"), "400");
  CHECK_EQ(with_version("-1"), "400");
  CHECK_EQ(with_version("+13"), "400");
  CHECK_EQ(with_version("1x"), "400");
  CHECK_EQ(with_version("13.0"), "400");
  CHECK_EQ(with_version("0x0d"), "400");
  CHECK_EQ(with_version("\"13\""), "400");
  CHECK_EQ(with_version(""), "400");
}

TEST("11.3.5-03 two versions are refused, on two lines or on one") {
  CHECK_EQ(with_line("Sec-WebSocket-Version: 13"), "400");
  CHECK_EQ(with_line("Sec-WebSocket-Version: 8"), "400");
  CHECK_EQ(with_version("13, 8"), "400");
  CHECK_EQ(with_version("13, 13"), "400");
}

TEST("own-handshake-01 a request with a body is refused") {
  CHECK_EQ(with_line("Content-Length: 1"), "400");
  CHECK_EQ(with_line("Content-Length: -0"), "400");
  CHECK_EQ(with_line("Content-Length: 0, 5"), "400");
  CHECK_EQ(with_line("Content-Length: 0\r\nContent-Length: 5"), "400");
  CHECK_EQ(with_line("Transfer-Encoding: chunked"), "400");
  CHECK_EQ(with_line("Transfer-Encoding: identity"), "400");
}

TEST("9.1-02 a malformed list of extensions fails the handshake; it is no list of unknown ones") {
  CHECK_EQ(with_line("Sec-WebSocket-Extensions: permessage-deflate;"), "400");
  CHECK_EQ(with_line("Sec-WebSocket-Extensions: ;permessage-deflate"), "400");
  CHECK_EQ(with_line("Sec-WebSocket-Extensions: permessage-deflate; =10"), "400");
  CHECK_EQ(with_line("Sec-WebSocket-Extensions:"), "400");
}

TEST("own-handshake-02 of several faults the method is named first, and the version before the key") {
  CHECK_EQ(status_of(answer("POST / HTTP/1.1\r\nHost: h\r\n\r\n")), "405");
  CHECK_EQ(status_of(answer(edited(edited(kRequest, "Version: 13", "Version: 8"), "dGhlIHNh", ""))), "426");
}

// ---- The server's half: subprotocols and extensions ----

TEST("4.2.2-14 the first of the client's subprotocols that the server knows is chosen") {
  CHECK_EQ(chosen("Sec-WebSocket-Protocol: chat, superchat\r\n", {"chat"}), "101 chat");
  CHECK_EQ(chosen("Sec-WebSocket-Protocol: chat, superchat\r\n", {"superchat"}), "101 superchat");
  CHECK_EQ(chosen("Sec-WebSocket-Protocol: chat, superchat\r\n", {"superchat", "chat"}), "101 chat");
  CHECK_EQ(chosen("Sec-WebSocket-Protocol: superchat,chat\r\n", {"other", "chat", "superchat"}), "101 superchat");
}

TEST("4.2.2-16 with no agreement there is no Sec-WebSocket-Protocol at all") {
  CHECK_EQ(chosen("Sec-WebSocket-Protocol: chat, superchat\r\n", {}), "101 none");
  CHECK_EQ(chosen("Sec-WebSocket-Protocol: chat, superchat\r\n", {"other"}), "101 none");
}

TEST("4.2.2-15 a client that asks for no subprotocol gets none") { CHECK_EQ(chosen("", {"chat"}), "101 none"); }

TEST("2.1-02 subprotocols are compared exactly") {
  CHECK_EQ(chosen("Sec-WebSocket-Protocol: Chat\r\n", {"chat"}), "101 none");
  CHECK_EQ(chosen("Sec-WebSocket-Protocol: chat2\r\n", {"chat"}), "101 none");
}

TEST("11.3.4-01 the subprotocols may be spread over several fields") {
  CHECK_EQ(chosen("Sec-WebSocket-Protocol: a\r\nSec-WebSocket-Protocol: b, c\r\n", {"c", "b"}), "101 b");
}

TEST("4.3-03 empty elements in the list do not count, but something must be left") {
  CHECK_EQ(chosen("Sec-WebSocket-Protocol: ,a,, b,\r\n", {"b"}), "101 b");
  CHECK_EQ(chosen("Sec-WebSocket-Protocol:\r\n", {"a"}), "400 none");
  CHECK_EQ(chosen("Sec-WebSocket-Protocol: ,\r\n", {"a"}), "400 none");
}

TEST("4.1-39 a subprotocol that is no token is refused") {
  CHECK_EQ(chosen("Sec-WebSocket-Protocol: a b\r\n", {"a b"}), "400 none");
  CHECK_EQ(chosen("Sec-WebSocket-Protocol: a/b\r\n", {"a/b"}), "400 none");
  CHECK_EQ(chosen("Sec-WebSocket-Protocol: \"a\"\r\n", {"a"}), "400 none");
  CHECK_EQ(chosen("Sec-WebSocket-Protocol: chat, caf\xc3\xa9\r\n", {"chat"}), "400 none");
}

TEST("9-03 extensions that we do not know are declined by leaving them out") {
  const std::string response =
      answer(edited(kRequest, "\r\n\r\n", "\r\nSec-WebSocket-Extensions: permessage-deflate; foo, x-other\r\n\r\n"));
  CHECK_EQ(status_of(response), "101");
  CHECK_EQ(field_of(response, "Sec-WebSocket-Extensions"), "none");
}

TEST("9-04 an extension whose parameters its document forbids is declined like any other") {
  const auto asked = [](const std::string& extensions) {
    const std::string response =
        answer(edited(kRequest, "\r\n\r\n", "\r\nSec-WebSocket-Extensions: " + extensions + "\r\n\r\n"));
    return status_of(response) + " " + field_of(response, "Sec-WebSocket-Extensions");
  };
  CHECK_EQ(asked("permessage-deflate; server_max_window_bits=16"), "101 none");  // RFC 7692: 8 to 15
  CHECK_EQ(asked("permessage-deflate; server_no_context_takeover=1"), "101 none");
  CHECK_EQ(asked("permessage-deflate; client_max_window_bits; client_max_window_bits"), "101 none");
}

TEST("9.1-07 an extension with parameters that it does not define is declined by us, and refused from a server") {
  CHECK_EQ(with_line("Sec-WebSocket-Extensions: permessage-deflate; window=15"), "101");
  CHECK_EQ(after_line("Sec-WebSocket-Extensions: permessage-deflate; window=15"), "refused 101");
}

TEST("9.1-04 a quoted value that is no token fails the handshake, whatever the extension is") {
  CHECK_EQ(with_line("Sec-WebSocket-Extensions: x; y=\"z\""), "101");
  CHECK_EQ(with_line("Sec-WebSocket-Extensions: x; y=\"z z\""), "400");
  CHECK_EQ(with_line("Sec-WebSocket-Extensions: x; y=\"\""), "400");
  CHECK_EQ(with_line("Sec-WebSocket-Extensions: x; y=\"a,b\""), "400");
}

TEST("11.3.2-02 however many fields of extensions a request has, the response has none") {
  const std::string request =
      edited(kRequest, "\r\n\r\n", "\r\nSec-WebSocket-Extensions: a\r\nSec-WebSocket-Extensions: b\r\n\r\n");
  CHECK_EQ(answer(request, {"chat"}), kResponse);
}

TEST("4.2.2-19 a client that asks for no extension gets none") {
  CHECK_EQ(field_of(answer(kRequest), "Sec-WebSocket-Extensions"), "none");
}

// ---- The server's half: what a refusal looks like ----

TEST("10.7-04 a refusal is a whole HTTP response: one sentence, and the end of the connection") {
  CHECK_EQ(answer(edited(kRequest, "Upgrade: websocket\r\n", "")),
           "HTTP/1.1 400 Bad Request\r\n"
           "Content-Type: text/plain; charset=utf-8\r\n"
           "X-Content-Type-Options: nosniff\r\n"
           "Connection: close\r\n"
           "Content-Length: 84\r\n"
           "\r\n"
           "The Upgrade header does not list websocket: a proxy on the way may have removed it.\n");
}

TEST("4.2.1-03 a 405, byte by byte") {
  CHECK_EQ(answer(edited(kRequest, "GET ", "POST ")),
           "HTTP/1.1 405 Method Not Allowed\r\n"
           "Content-Type: text/plain; charset=utf-8\r\n"
           "X-Content-Type-Options: nosniff\r\n"
           "Allow: GET\r\n"
           "Connection: close\r\n"
           "Content-Length: 32\r\n"
           "\r\n"
           "A WebSocket handshake is a GET.\n");
}

TEST("own-handshake-03 each refusal names its cause") {
  const auto edited_to = [](std::string_view before, std::string_view after) {
    return sentence(edited(kRequest, before, after));
  };
  CHECK_EQ(edited_to("HTTP/1.1", "HTTP/1.0"),
           "A WebSocket handshake needs HTTP/1.1, and this is HTTP/1.0: a proxy on the way may have to be told so.\n");
  CHECK_EQ(edited_to("/chat", "*"), "The request's target is malformed.\n");
  CHECK_EQ(edited_to("Connection: Upgrade", "Connection: close"),
           "The Connection header does not list Upgrade: a proxy on the way may have removed it.\n");
  CHECK_EQ(edited_to("Origin: http://example.com", "Content-Length: 5"), "An upgrade request cannot have a body.\n");
  CHECK_EQ(edited_to("Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n", ""),
           "There must be exactly one Sec-WebSocket-Key.\n");
  CHECK_EQ(edited_to("dGhlIHNh", ""), "The Sec-WebSocket-Key is not the base64 of 16 bytes.\n");
  CHECK_EQ(edited_to("Version: 13", "Version: 013"),
           "There must be exactly one Sec-WebSocket-Version, and it must be 13.\n");
  CHECK_EQ(edited_to("chat, superchat", "a b"), "The Sec-WebSocket-Protocol header is malformed.\n");
  CHECK_EQ(edited_to("chat, superchat", ""), "The Sec-WebSocket-Protocol header is empty.\n");
  CHECK_EQ(edited_to("Origin: http://example.com", "Sec-WebSocket-Extensions: a;;b"),
           "The Sec-WebSocket-Extensions header is malformed.\n");
  CHECK_EQ(edited_to("Host: server.example.com\r\n", ""), "The request has no Host header.\n");
}

TEST("own-handshake-04 nothing that the peer sent comes back in a refusal") {
  const std::pair<std::string_view, std::string_view> rows[] = {
      {"GET /chat HTTP/1.1", "EVIL /chat HTTP/1.1"},
      {"GET /chat HTTP/1.1", "GET EVIL HTTP/1.1"},
      {"Host: server.example.com", "Host: <EVIL>"},
      {"Host: server.example.com", "Host : EVIL"},
      {"Upgrade: websocket", "Upgrade: EVIL"},
      {"Connection: Upgrade", "Connection: EVIL"},
      {"dGhlIHNhbXBsZSBub25jZQ==", "EVIL"},
      {"Version: 13", "Version: EVIL"},
      {"chat, superchat", "<EVIL>"},
      {"Origin: http://example.com", "Sec-WebSocket-Extensions: EVIL;"},
  };
  for (const auto& [before, after_it] : rows) {
    const std::string response = answer(edited(kRequest, before, after_it));
    const std::string row(after_it);
    check::equal(__FILE__, __LINE__, row.c_str(), status_of(response).front(), '4');
    check::equal(__FILE__, __LINE__, row.c_str(), response.find("EVIL"), std::string::npos);
  }
}

TEST("10.2-02 an application refuses with a status of its own") {
  const Response response = make_refusal(HttpError(403, "This origin may not connect."));
  CHECK_EQ(serialize_head(response) + response.body,
           "HTTP/1.1 403 Forbidden\r\n"
           "Content-Type: text/plain; charset=utf-8\r\n"
           "X-Content-Type-Options: nosniff\r\n"
           "Connection: close\r\n"
           "Content-Length: 29\r\n"
           "\r\n"
           "This origin may not connect.\n");
}

TEST("4.2.2-04 a refusal may carry fields, such as a question for a password") {
  const HttpError error(401, "Who are you?", {{"WWW-Authenticate", "Basic realm=\"chat\""}});
  CHECK_EQ(field_of(serialize_head(make_refusal(error)), "WWW-Authenticate"), "Basic realm=\"chat\"");
}

TEST("4.2.2-05 a refusal may show the way to somewhere else") {
  const HttpError error(302, "The chat has moved.", {{"Location", "https://example.com/chat"}});
  CHECK_EQ(status_of(serialize_head(make_refusal(error))), "302");
  CHECK_EQ(field_of(serialize_head(make_refusal(error)), "Location"), "https://example.com/chat");
}

// ---- The server's half: is it for us? ----

TEST("own-handshake-05 a request that asks for the upgrade, or brings a key, wants a WebSocket") {
  CHECK(wants_websocket(parse_request(kRequest)));
  CHECK(wants_websocket(parse_request("GET / HTTP/1.1\r\nHost: h\r\nUpgrade: h2c, WebSocket\r\n\r\n")));
  CHECK(wants_websocket(parse_request("GET / HTTP/1.1\r\nHost: h\r\nsec-websocket-key: x\r\n\r\n")));
}

TEST("own-handshake-05 anything else is plain HTTP") {
  CHECK(!wants_websocket(parse_request("GET / HTTP/1.1\r\nHost: h\r\n\r\n")));
  CHECK(!wants_websocket(parse_request("GET / HTTP/1.1\r\nHost: h\r\nUpgrade: h2c\r\n\r\n")));
  CHECK(!wants_websocket(parse_request("GET / HTTP/1.1\r\nHost: h\r\nConnection: Upgrade\r\n\r\n")));
}

TEST("9110-7.8-04 an Upgrade in HTTP/1.0 is ignored") {
  CHECK(!wants_websocket(parse_request("GET / HTTP/1.0\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n\r\n")));
  CHECK(wants_websocket(parse_request("GET / HTTP/1.1\r\nHost: h\r\nUpgrade: websocket\r\n\r\n")));
}

TEST("own-handshake-05 but a key in HTTP/1.0 is a WebSocket client's, behind a proxy that speaks an old HTTP") {
  CHECK(wants_websocket(parse_request("GET / HTTP/1.0\r\nSec-WebSocket-Key: x\r\n\r\n")));
}

TEST("9110-7.8-01 a 101 says in its Upgrade what to") { CHECK_EQ(field_of(answer(kRequest), "Upgrade"), "websocket"); }

TEST("9110-7.8-02 nothing is switched to that was not asked for") {
  CHECK_EQ(with("Upgrade: websocket", "Upgrade: h2c"), "400");
  CHECK_EQ(field_of(answer(edited(kRequest, "Upgrade: websocket", "Upgrade: h2c, websocket")), "Upgrade"), "websocket");
}

TEST("9110-7.8-03 an Upgrade is listed in Connection, at either end") {
  CHECK_EQ(field_of(answer(kRequest), "Connection"), "Upgrade");
  CHECK_EQ(field_of(answer(edited(kRequest, "Version: 13", "Version: 8")), "Connection"), "Upgrade, close");
  CHECK_EQ(sent("Connection"), Names{"Upgrade"});
}

TEST("9110-15.5.22-01 a 426 says in its Upgrade what to") {
  CHECK_EQ(field_of(answer(edited(kRequest, "Version: 13", "Version: 8")), "Upgrade"), "websocket");
  CHECK_EQ(field_of(serialize_head(make_refusal(HttpError(426, "Elsewhere."))), "Upgrade"), "websocket");
}

TEST("9110-10.2.1-01 a 405 says which method there is") {
  CHECK_EQ(field_of(answer(edited(kRequest, "GET ", "POST ")), "Allow"), "GET");
}

// ---- The client's half: the request ----

TEST("9112-3.2-01 a request has a Host, and it comes first") {
  const Request request = parse_request(request_with(kOffer));
  CHECK_EQ(request.fields.at(0).name, "Host");
  CHECK_EQ(request.fields.at(0).value, "server.example.com");
  CHECK_EQ(count_fields(request.fields, "Host"), 1u);
}

TEST("4.1-20 the client's request, byte by byte") {
  CHECK_EQ(request_with({}),
           "GET /chat HTTP/1.1\r\n"
           "Host: server.example.com\r\n"
           "Upgrade: websocket\r\n"
           "Connection: Upgrade\r\n"
           "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n"
           "Sec-WebSocket-Version: 13\r\n"
           "\r\n");
}

TEST("4.1-38 subprotocols are listed in order of preference, further fields behind them") {
  CHECK_EQ(request_with({{"chat", "superchat"}, {{"Origin", "http://example.com"}, {"Cookie", "a=b"}}}),
           "GET /chat HTTP/1.1\r\n"
           "Host: server.example.com\r\n"
           "Upgrade: websocket\r\n"
           "Connection: Upgrade\r\n"
           "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n"
           "Sec-WebSocket-Version: 13\r\n"
           "Sec-WebSocket-Protocol: chat, superchat\r\n"
           "Origin: http://example.com\r\n"
           "Cookie: a=b\r\n"
           "\r\n");
}

TEST("4.1-21 the method is GET") { CHECK_EQ(request_line("/").substr(0, 4), "GET "); }

TEST("4.1-22 the version is HTTP/1.1") { CHECK(request_line("/").ends_with(" HTTP/1.1")); }

TEST("4.1-23 the target is the resource as it is") {
  CHECK_EQ(request_line("/"), "GET / HTTP/1.1");
  CHECK_EQ(request_line("/chat?room=1&name=a%20b"), "GET /chat?room=1&name=a%20b HTTP/1.1");
}

TEST("4.1-25 there is an Upgrade, and only one") { CHECK_EQ(sent("Upgrade").size(), 1u); }

TEST("4.1-26 the Upgrade is to websocket") { CHECK_EQ(sent("Upgrade"), Names{"websocket"}); }

TEST("4.1-27 there is a Connection, and only one") { CHECK_EQ(sent("Connection").size(), 1u); }

TEST("4.1-28 the Connection lists Upgrade") { CHECK_EQ(sent("Connection"), Names{"Upgrade"}); }

TEST("4.1-29 there is a Sec-WebSocket-Key, and only one") {
  CHECK_EQ(sent("Sec-WebSocket-Key"), Names{"dGhlIHNhbXBsZSBub25jZQ=="});
}

TEST("4.1-36 there is a Sec-WebSocket-Version, and only one") { CHECK_EQ(sent("Sec-WebSocket-Version").size(), 1u); }

TEST("4.1-37 the version asked for is 13") { CHECK_EQ(sent("Sec-WebSocket-Version"), Names{"13"}); }

TEST("4.1-24 the Host and the resource are what the caller says") {
  const Request request = make_request("[::1]:8080", "/chat?room=1", kKey, {});
  CHECK_EQ(serialize_head(request).substr(0, 47), "GET /chat?room=1 HTTP/1.1\r\nHost: [::1]:8080\r\nUp");
}

TEST("4.1-30 a key is the base64 of 16 bytes") {
  CHECK_EQ(make_key({}), "AAAAAAAAAAAAAAAAAAAAAA==");
  CHECK_EQ(make_key({'t', 'h', 'e', ' ', 's', 'a', 'm', 'p', 'l', 'e', ' ', 'n', 'o', 'n', 'c', 'e'}),
           "dGhlIHNhbXBsZSBub25jZQ==");
}

TEST("4.1-39 a subprotocol that is no token is not offered") {
  CHECK_THROWS(request_with({{"a b"}, {}}), std::invalid_argument);
  CHECK_THROWS(request_with({{"a/b"}, {}}), std::invalid_argument);
  CHECK_THROWS(request_with({{"a,b"}, {}}), std::invalid_argument);
  CHECK_THROWS(request_with({{""}, {}}), std::invalid_argument);
  CHECK_THROWS(request_with({{"caf\xc3\xa9"}, {}}), std::invalid_argument);
  CHECK_THROWS(request_with({{"chat\r\nForged: 1"}, {}}), std::invalid_argument);
}

TEST("4.1-40 a subprotocol is not offered twice; another case makes it another one") {
  CHECK_THROWS(request_with({{"chat", "chat"}, {}}), std::invalid_argument);
  CHECK_THROWS(request_with({{"chat", "superchat", "chat"}, {}}), std::invalid_argument);
  CHECK(request_with({{"chat", "Chat"}, {}}).find("chat, Chat") != std::string::npos);
}

TEST("11.3.1-01 the fields of the handshake itself are nobody else's to set") {
  const auto refused = [](const char* name) {
    try {
      request_with({{}, {{name, "x"}}});
      return false;
    } catch (const std::invalid_argument&) {
      return true;
    }
  };
  CHECK(refused("Host"));
  CHECK(refused("Upgrade"));
  CHECK(refused("Connection"));
  CHECK(refused("Sec-WebSocket-Key"));
  CHECK(refused("Sec-WebSocket-Version"));
  CHECK(refused("Sec-WebSocket-Protocol"));
  CHECK(refused("Sec-WebSocket-Extensions"));
  CHECK(refused("Content-Length"));
  CHECK(refused("Transfer-Encoding"));
  CHECK(refused("HOST"));
  CHECK(refused("sec-websocket-key"));
  CHECK(!refused("Sec-Fetch-Mode"));
  CHECK(!refused("X-Host"));
}

TEST("9.1-08 we ask for no extension, and nobody can in our name") {
  CHECK_EQ(sent("Sec-WebSocket-Extensions"), Names{});
  const ClientOffer offer{{}, {{"Sec-WebSocket-Extensions", "permessage-deflate"}}};
  CHECK_THROWS(request_with(offer), std::invalid_argument);
}

TEST("4.1-42 no further field can forge a line") {
  CHECK_THROWS(request_with({{}, {{"Cookie", "a=b\r\nForged: 1"}}}), std::invalid_argument);
  CHECK_THROWS(request_with({{}, {{"Cookie", "a=b\n"}}}), std::invalid_argument);
  CHECK_THROWS(request_with({{}, {{"Forged: 1\r\nCookie", "a=b"}}}), std::invalid_argument);
  CHECK_THROWS(request_with({{}, {{"X", std::string("a\0b", 3)}}}), std::invalid_argument);
}

TEST("4.1-20 the host and the resource cannot forge a line either") {
  const auto request = [](std::string_view host, std::string_view resource) {
    return serialize_head(make_request(host, resource, kKey, {}));
  };
  CHECK_THROWS(request("h\r\nForged: 1", "/"), std::invalid_argument);
  CHECK_THROWS(request("h", "/ HTTP/1.1\r\nForged: 1\r\n"), std::invalid_argument);
  CHECK_THROWS(request("h", "/two words"), std::invalid_argument);
}

// ---- The client's half: the response ----

TEST("4.1-44 a response opens the connection if it passes all six steps, and not if it fails one") {
  CHECK_EQ(opened(kResponse), "open chat");
  CHECK_EQ(after("101 Switching Protocols", "200 OK"), "refused 200");
  CHECK_EQ(after("Upgrade: websocket", "Upgrade: h2c"), "refused 101");
  CHECK_EQ(after("Connection: Upgrade", "Connection: close"), "refused 101");
  CHECK_EQ(after("s3pPLMBiTxaQ9kYGzzhZRbK+xOo=", "s3pPLMBiTxaQ9kYGzzhZRbK+xOo"), "refused 101");
  CHECK_EQ(after_line("Sec-WebSocket-Extensions: permessage-deflate"), "refused 101");
  CHECK_EQ(after("Protocol: chat", "Protocol: other"), "refused 101");
}

TEST("4.1-53 the response of RFC 6455 opens the connection") { CHECK_EQ(opened(kResponse), "open chat"); }

TEST("4.1-52 field names in the response have no case") {
  CHECK_EQ(after("Upgrade: websocket", "UPGRADE: websocket"), "open chat");
  CHECK_EQ(after("Connection", "connection"), "open chat");
  CHECK_EQ(after("Sec-WebSocket-Accept", "sec-websocket-accept"), "open chat");
  CHECK_EQ(after("Sec-WebSocket-Protocol", "SEC-WEBSOCKET-PROTOCOL"), "open chat");
}

TEST("4.2.2-21 the reason behind 101 is free") {
  CHECK_EQ(after("101 Switching Protocols", "101 Web Socket Protocol Handshake"), "open chat");
  CHECK_EQ(after("101 Switching Protocols", "101"), "open chat");
}

TEST("1.3-05 any final status but 101 opens nothing, and the caller learns which it was") {
  CHECK_EQ(after("101 Switching Protocols", "200 OK"), "refused 200");
  CHECK_EQ(after("101 Switching Protocols", "302 Found"), "refused 302");
  CHECK_EQ(after("101 Switching Protocols", "401 Unauthorized"), "refused 401");
  CHECK_EQ(after("101 Switching Protocols", "426 Upgrade Required"), "refused 426");
  CHECK_EQ(after("101 Switching Protocols", "999"), "refused 999");
}

TEST("9110-15.2-01 interim responses before the 101 are skipped, whichever they are and however many") {
  const std::string hints = "HTTP/1.1 103 Early Hints\r\nLink: </style.css>; rel=preload\r\n\r\n";
  CHECK_EQ(opened(hints + kResponse), "open chat");
  CHECK_EQ(opened("HTTP/1.1 100 Continue\r\n\r\n" + kResponse), "open chat");
  CHECK_EQ(opened("HTTP/1.1 102 Processing\r\n\r\n" + hints + "HTTP/1.1 199\r\n\r\n" + kResponse), "open chat");
  std::string many;
  for (int i = 0; i < 100; ++i) many += hints;
  CHECK_EQ(opened(many + kResponse), "open chat");
}

TEST("9110-15.2-01 an interim response is not the answer, even if it looks like one") {
  CHECK_EQ(after("101 Switching Protocols", "100 Continue"), "waiting");
  CHECK_EQ(opened(edited(kResponse, "101", "103")), "waiting");
  CHECK_EQ(opened(edited(kResponse, "101", "103") + edited(kResponse, "101 Switching", "404 Not")), "refused 404");
  CHECK_EQ(opened(edited(kResponse, "101", "099")), "refused 99");
}

TEST("own-handshake-10 a server that sends nothing but interim responses is given up: all heads share one limit") {
  std::string received;
  while (received.size() + 25 <= 16 * 1024) received += "HTTP/1.1 100 Continue\r\n\r\n";
  CHECK(!find_response(received));
  try {
    find_response(received + std::string(25, 'x'));
    CHECK(false);
  } catch (const HandshakeError& error) {
    CHECK_EQ(error.what(),
             std::string("the server sends interim responses, and no final one within the limit for a head"));
  }
  CHECK(find_response(kResponse, {.max_head = kResponse.size()}).has_value());
  CHECK_THROWS(find_response("HTTP/1.1 100 X\r\n\r\n" + kResponse, {.max_head = kResponse.size()}), HandshakeError);
}

TEST("own-handshake-11 what is behind the response is not its own, however the network cut them") {
  const std::string interim = "HTTP/1.1 103 X\r\n\r\n";
  const std::string head = interim + kResponse;
  for_each_split(bytes_of(head + "\x81\x02Hi"), [&](const std::vector<ByteView>& pieces) {
    std::string received;
    std::optional<ServerResponse> found;
    for (const ByteView piece : pieces) {
      received += text_of(piece);
      found = find_response(received);
      CHECK_EQ(found.has_value(), received.size() >= head.size());
    }
    CHECK_EQ(found.value().size, head.size());
    CHECK_EQ(found->response.status, 101);
  });
}

TEST("9112-5.2-02 a response with a folded line is read as if it were not folded") {
  CHECK_EQ(after("Connection: Upgrade", "Connection: keep-alive,\r\n Upgrade"), "open chat");
  CHECK_EQ(after("Upgrade: websocket", "Upgrade:\r\n\twebsocket"), "open chat");
  CHECK_EQ(after("Sec-WebSocket-Accept: s3pPLMBi", "Sec-WebSocket-Accept: s3pPLMBi\r\n "), "refused 101");
}

TEST("4.1-46 the response upgrades to websocket, in any case, and to nothing else") {
  CHECK_EQ(after("Upgrade: websocket", "Upgrade: WebSocket"), "open chat");
  CHECK_EQ(after("Upgrade: websocket\r\n", ""), "refused 101");
  CHECK_EQ(after("Upgrade: websocket", "Upgrade: h2c"), "refused 101");
  CHECK_EQ(after("Upgrade: websocket", "Upgrade:"), "refused 101");
  CHECK_EQ(after("Upgrade: websocket", "Upgrade: websocket2"), "refused 101");
  CHECK_EQ(after("Upgrade: websocket", "Upgrade: websocket, h2c"), "refused 101");
}

TEST("4.1-46 two Upgrade fields are a list of two, in either order") {
  CHECK_EQ(after("Upgrade: websocket", "Upgrade: h2c\r\nUpgrade: websocket"), "refused 101");
  CHECK_EQ(after("Upgrade: websocket", "Upgrade: websocket\r\nUpgrade: h2c"), "refused 101");
}

TEST("4.1-47 the response's Connection lists Upgrade, in any case and in any company") {
  CHECK_EQ(after("Connection: Upgrade", "Connection: upgrade"), "open chat");
  CHECK_EQ(after("Connection: Upgrade", "Connection: keep-alive, Upgrade"), "open chat");
  CHECK_EQ(after("Connection: Upgrade\r\n", ""), "refused 101");
  CHECK_EQ(after("Connection: Upgrade", "Connection: keep-alive"), "refused 101");
  CHECK_EQ(after("Connection: Upgrade", "Connection: websocket"), "refused 101");
}

TEST("4.1-48 the accept value answers our key, without the white space around it") {
  CHECK_EQ(after("s3pPLMBiTxaQ9kYGzzhZRbK+xOo=", " \ts3pPLMBiTxaQ9kYGzzhZRbK+xOo= \t"), "open chat");
  CHECK_EQ(after("Sec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=\r\n", ""), "refused 101");
  CHECK_EQ(after("s3pPLMBiTxaQ9kYGzzhZRbK+xOo=", ""), "refused 101");
}

TEST("1.3-06 no other accept value is taken for consent") {
  const auto accept = [](std::string_view value) { return after("s3pPLMBiTxaQ9kYGzzhZRbK+xOo=", value); };
  CHECK_EQ(accept("BXhwxM0SZasKmCD9S4BfpPmCnEw="),
           "refused 101");                                          // the key was decoded before it was hashed
  CHECK_EQ(accept("WJfwerbIozKsJXHxxI0JTO1SQgU="), "refused 101");  // the GUID was in lower case
  CHECK_EQ(accept("YjM3YTRmMmNjMDYyNGYxNjkwZjY0NjA2Y2YzODU5NDViMmJlYzRlYQ=="),
           "refused 101");                                          // hex, encoded
  CHECK_EQ(accept("C/0nmHhBztSRGR1CwL6Tf4ZjwpY="), "refused 101");  // to another key
  CHECK_EQ(accept("dGhlIHNhbXBsZSBub25jZQ=="), "refused 101");      // an echo of ours
}

TEST("4.1-48 the accept value is compared exactly") {
  const auto accept = [](std::string_view value) { return after("s3pPLMBiTxaQ9kYGzzhZRbK+xOo=", value); };
  CHECK_EQ(accept("s3pPLMBiTxaQ9kYGzzhZRbK+xOo"), "refused 101");   // padding removed
  CHECK_EQ(accept("s3pPLMBiTxaQ9kYGzzhZRbK+xOp="), "refused 101");  // the same bytes, with unused bits set
  CHECK_EQ(accept("S3PPLMBITXAQ9KYGZZHZRBK+XOO="), "refused 101");
  CHECK_EQ(accept("s3pPLMBiTxaQ9kYGzzhZRbK+xOo=="), "refused 101");
  CHECK_EQ(accept("\"s3pPLMBiTxaQ9kYGzzhZRbK+xOo=\""), "refused 101");
}

TEST("11.3.3-01 two accept values are refused, even if both are right") {
  CHECK_EQ(after_line("Sec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo="), "refused 101");
  CHECK_EQ(after_line("Sec-WebSocket-Accept: C/0nmHhBztSRGR1CwL6Tf4ZjwpY="), "refused 101");
  CHECK_EQ(after("s3pPLMBiTxaQ9kYGzzhZRbK+xOo=", "s3pPLMBiTxaQ9kYGzzhZRbK+xOo=, s3pPLMBiTxaQ9kYGzzhZRbK+xOo="),
           "refused 101");
}

TEST("4.1-49 an extension that was not offered is refused, and we offer none") {
  CHECK_EQ(after_line("Sec-WebSocket-Extensions: permessage-deflate"), "refused 101");
  CHECK_EQ(after_line("Sec-WebSocket-Extensions: x-other"), "refused 101");
  CHECK_EQ(after_line("Sec-WebSocket-Extensions:"), "refused 101");
}

TEST("4.1-55 the subprotocol in use is the one that the server names, or none") {
  CHECK_EQ(after("Sec-WebSocket-Protocol: chat", "Sec-WebSocket-Protocol: superchat"), "open superchat");
  CHECK_EQ(after("Sec-WebSocket-Protocol: chat\r\n", ""), "open");
}

TEST("4.1-50 a subprotocol that was not offered is refused; the comparison is exact") {
  CHECK_EQ(after("Sec-WebSocket-Protocol: chat", "Sec-WebSocket-Protocol: other"), "refused 101");
  CHECK_EQ(after("Sec-WebSocket-Protocol: chat", "Sec-WebSocket-Protocol: Chat"), "refused 101");
  CHECK_EQ(opened(kResponse, {}), "refused 101");  // we asked for none
}

TEST("4.3-08 the server names one subprotocol, and an empty one is not the same as none") {
  CHECK_EQ(after("Sec-WebSocket-Protocol: chat", "Sec-WebSocket-Protocol: chat, superchat"), "refused 101");
  CHECK_EQ(after("Sec-WebSocket-Protocol: chat", "Sec-WebSocket-Protocol:"), "refused 101");
}

TEST("11.3.4-02 two Sec-WebSocket-Protocol fields are refused, even if they agree") {
  CHECK_EQ(after_line("Sec-WebSocket-Protocol: chat"), "refused 101");
  CHECK_EQ(after_line("Sec-WebSocket-Protocol: superchat"), "refused 101");
}

TEST("4.1-51 a response that is no HTTP is refused before anything in it counts") {
  CHECK_EQ(after("Upgrade: websocket", "Upgrade : websocket"), "refused 0");
  CHECK_EQ(after("HTTP/1.1 101", "HTTP/1.1 1O1"), "refused 0");
  CHECK_EQ(after("HTTP/1.1 101", "HTTP/2.0 101"), "refused 0");
  CHECK_EQ(opened("220 mail.example.com ESMTP\r\n"), "waiting");
  CHECK_EQ(opened("220 mail.example.com ESMTP\n"), "refused 0");
}

// ---- Both halves ----

TEST("own-handshake-06 our client and our server understand each other") {
  const ClientOffer offer = {{"superchat", "chat"}, {{"Origin", "http://example.com"}}};
  const Request request = make_request("server.example.com", "/chat", "x3JJHMbDL1EzLkh9GBhXDw==", offer);
  const std::string response = answer(serialize_head(request), {"chat"});
  CHECK_EQ(check_response(parse_response(response), "x3JJHMbDL1EzLkh9GBhXDw==", offer).subprotocol.value(), "chat");
}

TEST("own-handshake-07 our client takes no response to another key, from anybody") {
  CHECK_THROWS(check_response(parse_response(kResponse), "x3JJHMbDL1EzLkh9GBhXDw==", kOffer), HandshakeError);
}

// ---- Without memory ----

TEST("own-handshake-09 wherever memory runs out, neither half loses what it held") {
  const ClientOffer offer = {{"superchat", "chat"}, {{"Authorization", "Basic d2Vic29ja2V0OnJmYzY0NTU="}}};
  const Request request = parse_request(edited(
      kRequest, "\r\n\r\n", "\r\nSec-WebSocket-Extensions: permessage-deflate; client_max_window_bits=15\r\n\r\n"));
  const Response response = parse_response(kResponse);
  check_nothing_lost([&] {
    const ClientHandshake client = check_request(request);
    make_response(client, choose_subprotocol(client.subprotocols, {"superchat"}));
  });
  check_nothing_lost([&] { make_request("server.example.com", "/a/resource/of/some/length", kKey, offer); });
  check_nothing_lost([&] { check_response(response, kKey, kOffer); });
}

TEST("own-handshake-09 nor is anything lost on the way to a refusal") {
  const Request post = parse_request(edited(kRequest, "GET", "POST"));
  const Request version_8 = parse_request(edited(kRequest, "Version: 13", "Version: 8"));
  const Request no_version = parse_request(edited(kRequest, "Version: 13", "Version: x"));
  const Request bad_subprotocol = parse_request(edited(kRequest, "chat, superchat", "a-long-subprotocol, b c"));
  for (const Request& request : {post, version_8, no_version, bad_subprotocol}) {
    check_nothing_lost([&] {
      try {
        check_request(request);
      } catch (const HttpError& error) {
        make_refusal(error);
      }
    });
  }
// libc++ 14 itself loses a vector's memory when the copy of an element throws, and this error holds a copy of the fields.
#if !defined(_LIBCPP_VERSION) || _LIBCPP_VERSION >= 15000
  check_nothing_lost([&] {
    try {
      check_response(parse_response(edited(kResponse, "101", "404")), kKey, kOffer);
    } catch (const HandshakeError&) {
    }
  });
#endif
}

// ---- Every split ----

TEST("own-handshake-08 the answer does not depend on how the network cut the request") {
  for_each_split(bytes_of(kRequest), [](const std::vector<ByteView>& pieces) {
    std::string received;
    for (const ByteView piece : pieces) {
      CHECK(!find_head(received));
      received += text_of(piece);
    }
    CHECK_EQ(answer(received, {"chat"}), kResponse);
  });
}
