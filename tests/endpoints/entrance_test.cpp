// Chapter 16: who may come in, and what else is on the same port, end to end. The rules one by one are in
// upgrade_test.cpp; here a server runs them.
#include "check.h"
#include "server_fixture.h"

using namespace websock;

// What the server answers to `request`, until it ends the connection.
std::string answer(std::uint16_t port, const std::string& request) {
  RawClient client(port);
  client.send(request);
  return client.take_text_to_end();
}

std::string upgrade_with(const std::string& fields) { return std::string(kRequestWithoutEnd) + fields + "\r\n"; }

std::string status_of(const std::string& response) { return response.substr(0, response.find("\r\n")); }
std::string body_of(const std::string& response) { return response.substr(response.find("\r\n\r\n") + 4); }
bool has_line(const std::string& response, const std::string& line) {
  return response.find("\r\n" + line + "\r\n") < response.find("\r\n\r\n");
}

// The head of a 101, or the status line of anything else.
std::string handshake(std::uint16_t port, const std::string& fields) {
  RawClient client(port);
  client.send(upgrade_with(fields));
  const std::string head = client.take_head();
  return status_of(head).ends_with("101 Switching Protocols") ? head : status_of(head);
}

// ---- Plain HTTP ----

TEST("own-entrance-01 a plain GET is answered with 426, and told what this is") {
  Serving serving;
  const std::string response = answer(serving.port(), "GET / HTTP/1.1\r\nHost: a\r\n\r\n");
  CHECK_EQ(status_of(response), "HTTP/1.1 426 Upgrade Required");
  CHECK(has_line(response, "Upgrade: websocket"));
  CHECK(body_of(response).find("WebSocket") != std::string::npos);
  CHECK_EQ(serving.journal.count("opened"), 0u);
  CHECK(serving.ends());
}

TEST("own-entrance-02 on_http_request answers GET; HEAD is the same without the body; POST is 405") {
  Serving serving({.on_http_request = [](const Request& request) {
    return make_text_response(200, "You want " + std::string(path_of(request.target)));
  }});
  const std::string rest = " /page HTTP/1.1\r\nHost: a\r\n\r\n";
  const std::string get = answer(serving.port(), "GET" + rest);
  CHECK_EQ(status_of(get), "HTTP/1.1 200 OK");
  CHECK(has_line(get, "Connection: close"));
  CHECK(body_of(get).starts_with("You want /page"));
  const std::string head = answer(serving.port(), "HEAD" + rest);
  CHECK_EQ(head, get.substr(0, get.find("\r\n\r\n") + 4));
  const std::string post = answer(serving.port(), "POST" + rest);
  CHECK_EQ(status_of(post), "HTTP/1.1 405 Method Not Allowed");
  CHECK(has_line(post, "Allow: GET, HEAD, OPTIONS"));
  CHECK_EQ(serving.journal.count("opened"), 0u);
  CHECK(serving.ends());
}

TEST("own-entrance-03 a page of 200 KB arrives whole, and WebSockets are served meanwhile") {
  Serving serving({.on_http_request = [](const Request&) {
    return Response{.status = 200, .fields = {{"Content-Type", "text/html"}}, .body = std::string(200'000, 'p')};
  }});
  RawClient reader(serving.port(), 4096);
  reader.send("GET / HTTP/1.1\r\nHost: a\r\n\r\n");
  RawClient client(serving.port());
  CHECK(client.upgrade().echoes("meanwhile"));
  CHECK(body_of(reader.take_text_to_end()) == std::string(200'000, 'p'));
  CHECK(serving.ends(reader, client));
}

TEST("10.7-04 what is no HTTP is answered with 400, and on_error hears of it") {
  Serving serving;
  CHECK_EQ(status_of(answer(serving.port(), "\x16\x03\x01 this is TLS\r\n\r\n")), "HTTP/1.1 400 Bad Request");
  CHECK(serving.journal.gets("error handshake: 127.0.0.1:"));
  CHECK(serving.ends());
}

TEST("7.2.2-01 an opening handshake that is given up ends with its response and the end of TCP: no frame, no Close") {
  Serving serving;
  const std::string no_key = edited(kRequest, "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n", "");
  const std::string old_version = edited(kRequest, "Version: 13", "Version: 8");
  for (const std::string& request : {std::string("what\r\n\r\n"), no_key, old_version}) {
    const std::string response = answer(serving.port(), request);
    CHECK(status_of(response).starts_with("HTTP/1.1 4"));
    CHECK(has_line(response, "Content-Length: " + std::to_string(body_of(response).size())));
  }
  CHECK_EQ(serving.journal.count("opened"), 0u);
  CHECK(serving.ends());
}

// ---- on_handshake ----

TEST("4.2.2-13 on_handshake refuses with any status and header; nothing opens") {
  Serving serving({.on_handshake = [](const Request& request) -> HandshakeDecision {
    if (path_of(request.target) == "/nowhere") return {.refusal = make_text_response(404, "Not here.")};
    Response ask = make_text_response(401, "Who are you?");
    ask.fields.push_back({"WWW-Authenticate", "Basic"});
    return {.refusal = ask};
  }});
  const std::string denied = answer(serving.port(), kRequest);
  CHECK_EQ(status_of(denied), "HTTP/1.1 401 Unauthorized");
  CHECK(has_line(denied, "WWW-Authenticate: Basic"));
  CHECK_EQ(status_of(answer(serving.port(), edited(kRequest, "/path?query", "/nowhere"))), "HTTP/1.1 404 Not Found");
  CHECK_EQ(serving.journal.count("opened"), 0u);
  CHECK_EQ(serving.journal.count("on_handshake refused"), 2u);
  CHECK(serving.ends());
}

TEST("4.2.2-14 the subprotocol is the first that both know, or the one that on_handshake chooses") {
  Journal journal;
  Serving serving({.on_connection_open =
                       [&](const Client& client) { journal.note(client->subprotocol().value_or("none") + " agreed"); },
                   .on_connection_close = [](const Client&) {},
                   .subprotocols = {"b", "c"},
                   .on_handshake = [](const Request& request) -> HandshakeDecision {
                     if (find_field(request.fields, "Choose-Last") == nullptr) return {};
                     return {.subprotocol = "c"};
                   }});
  const std::string offer = "Sec-WebSocket-Protocol: a, b, c\r\n";
  CHECK(has_line(handshake(serving.port(), offer), "Sec-WebSocket-Protocol: b"));
  CHECK(journal.gets("b agreed"));
  CHECK(has_line(handshake(serving.port(), offer + "Choose-Last: 1\r\n"), "Sec-WebSocket-Protocol: c"));
  CHECK(journal.gets("c agreed"));
  CHECK_EQ(handshake(serving.port(), ""), kAccepted);
  CHECK(journal.gets("none agreed"));
  CHECK_EQ(journal.lines().size(), 3u);
  CHECK(serving.ends());
}

TEST("4.2.2-15 a subprotocol that was not offered is our fault: 500, and on_error") {
  Serving serving({.on_handshake = [](const Request&) -> HandshakeDecision { return {.subprotocol = "mine"}; }});
  CHECK_EQ(status_of(answer(serving.port(), kRequest)), "HTTP/1.1 500 Internal Server Error");
  CHECK(serving.journal.gets("the client did not offer"));
  CHECK(serving.ends());
}

struct SpecialException {};  // not a std::exception

TEST("own-entrance-04 an exception out of on_handshake or on_http_request is 500 and an on_error") {
  Serving serving({.on_handshake = [](const Request& request) -> HandshakeDecision {
                     if (find_field(request.fields, "Special")) throw SpecialException();
                     throw std::runtime_error("handshake callback");
                   },
                   .on_http_request = [](const Request& request) -> Response {
                     if (request.target == "/special") throw SpecialException();
                     throw std::runtime_error("http callback");
                   }});
  const std::string wanted = "HTTP/1.1 500 Internal Server Error";
  CHECK_EQ(status_of(answer(serving.port(), kRequest)), wanted);
  CHECK_EQ(status_of(answer(serving.port(), "GET / HTTP/1.1\r\nHost: a\r\n\r\n")), wanted);
  CHECK(serving.journal.gets("handshake callback"));
  CHECK(serving.journal.gets("http callback"));
  CHECK_EQ(status_of(answer(serving.port(), upgrade_with("Special: 1\r\n"))), wanted);
  CHECK_EQ(status_of(answer(serving.port(), "GET /special HTTP/1.1\r\nHost: a\r\n\r\n")), wanted);
  CHECK(serving.journal.gets("error handshake", 4));
  CHECK(serving.ends());
}

TEST("own-entrance-05 a header from a callback with CR, LF or NUL is 500: nobody writes our head for us") {
  std::string value;
  Serving serving({.on_handshake = [&](const Request&) -> HandshakeDecision {
                     return {.refusal = Response{.status = 302, .fields = {{"Location", value}}}};
                   },
                   .on_http_request =
                       [&](const Request&) {
                         return Response{.fields = {{"X", value}}, .body = "b"};
                       }});
  for (const std::string& bad : {std::string("/\r\nSet-Cookie: a=b"), std::string("/\n"), std::string("/\0", 2)}) {
    value = bad;
    for (const std::string& request : {kRequest, std::string("GET / HTTP/1.1\r\nHost: a\r\n\r\n")}) {
      const std::string response = answer(serving.port(), request);
      CHECK_EQ(status_of(response), "HTTP/1.1 500 Internal Server Error");
      CHECK(response.find("Set-Cookie") == std::string::npos);
    }
  }
  CHECK(serving.journal.gets("error", 6));
  CHECK(serving.ends());
}

// ---- Origin ----

TEST("10.2-02 an origin that is not on the list is answered with 403; no Origin is no page, and passes") {
  Serving serving({.on_connection_open = [](const Client&) {},
                   .on_connection_close = [](const Client&) {},
                   .allowed_origins = {"https://example.com"}});
  CHECK_EQ(handshake(serving.port(), "Origin: https://example.com\r\n"), kAccepted);
  CHECK_EQ(handshake(serving.port(), ""), kAccepted);
  CHECK_EQ(handshake(serving.port(), "Origin: https://evil.example\r\n"), "HTTP/1.1 403 Forbidden");
  CHECK_EQ(handshake(serving.port(), "Origin: null\r\n"), "HTTP/1.1 403 Forbidden");
  CHECK(serving.ends());
}

TEST("own-entrance-06 same_origin: the page's host and port must be those of Host") {
  Serving serving(
      {.on_connection_open = [](const Client&) {}, .on_connection_close = [](const Client&) {}, .same_origin = true});
  CHECK_EQ(handshake(serving.port(), "Origin: http://example.com\r\n"), kAccepted);
  CHECK_EQ(handshake(serving.port(), "Origin: http://example.com:80\r\n"), kAccepted);
  CHECK_EQ(handshake(serving.port(), "Origin: http://example.com:8080\r\n"), "HTTP/1.1 403 Forbidden");
  CHECK_EQ(handshake(serving.port(), "Origin: http://example.com.evil.example\r\n"), "HTTP/1.1 403 Forbidden");
  CHECK_EQ(handshake(serving.port(), "Origin: null\r\n"), "HTTP/1.1 403 Forbidden");
  CHECK(serving.ends());
}

TEST("10.5-01 what the request said is there on the Client: path, query, headers") {
  Journal journal;
  Serving serving({.on_connection_open =
                       [&](const Client& client) {
                         journal.note(std::string(client->path()) + " " + std::string(client->query()) + " " +
                                      *find_field(client->request().fields, "cookie"));
                       },
                   .on_connection_close = [](const Client&) {}});
  CHECK_EQ(handshake(serving.port(), "Cookie: id=7\r\n"), kAccepted);
  CHECK(journal.gets("/path query id=7"));
  CHECK(serving.ends());
}
