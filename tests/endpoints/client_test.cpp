// The client, against a server that is typed by hand, and against ours.
#include "endpoints/client.h"

#include <array>
#include <atomic>
#include <functional>
#include <set>

#include "check.h"
#include "endpoints/server.h"
#include "net.h"

using namespace websock;

namespace {

// A client that waits for as long as the test needs.
ClientOptions patient() {
  ClientOptions options;
  options.connect_timeout = 2 * kLong;
  options.handshake_timeout = 2 * kLong;
  options.limits.ping_interval = Milliseconds(0);
  options.limits.outbox_stall = kLong;
  options.limits.close_timeout = kLong;
  return options;
}

// ---- A server made of a socket and patience ----

// One who has connected, and asked.
struct Visitor {
  Socket socket;
  std::string request;
};

std::string field_of(const std::string& request, const std::string& name) {
  const std::size_t begin = request.find("\r\n" + name + ": ");
  if (begin == std::string::npos) return "none";
  const std::size_t value = begin + 2 + name.size() + 2;
  return request.substr(value, request.find("\r\n", value) - value);
}

// The 101 that the request deserves, with further lines.
std::string response_to(const std::string& request, const std::string& lines = "") {
  return "HTTP/1.1 101 Switching Protocols\r\n"
         "Upgrade: websocket\r\n"
         "Connection: Upgrade\r\n"
         "Sec-WebSocket-Accept: " +
         make_accept(field_of(request, "Sec-WebSocket-Key")) + "\r\n" + lines + "\r\n";
}

class FakeServer {
 public:
  std::string url(std::string_view resource = "/") const { return url_of(listener_.local_port(), resource); }

  bool has_visitor(Milliseconds time) const {
    pollfd ready{listener_.descriptor(), POLLIN, 0};
    return wait_for({&ready, 1}, deadline_after(time));
  }

  // The next client, when its request has come.
  Visitor visitor() const {
    Visitor visitor{accept_one(listener_), ""};
    while (!visitor.request.ends_with("\r\n\r\n")) {
      const Bytes byte = take(visitor.socket, 1);
      if (byte.empty()) throw std::runtime_error("the client has gone");
      visitor.request += static_cast<char>(byte[0]);
    }
    return visitor;
  }

  // The same, and the handshake is completed; `frames` come with the 101.
  Socket welcome(const std::string& lines = "", const Bytes& frames = {}) const {
    Visitor visitor = this->visitor();
    const std::string response = response_to(visitor.request, lines);
    put(visitor.socket, Bytes() + bytes_of(response) + frames);
    return std::move(visitor.socket);
  }

 private:
  Socket listener_ = listen_on("127.0.0.1", 0);
};

// What becomes of a client that gets this response: "open", or "refused" with the status. Behind that what
// the server still reads from it: nothing but the end, or the Close of a client that was open.
std::string outcome(const std::function<std::string(const std::string&)>& edit,
                    const ClientOptions& options = patient()) {
  const FakeServer server;
  auto fake = in_thread([&] {
    Visitor visitor = server.visitor();
    const std::string response = edit(response_to(visitor.request));
    put(visitor.socket, response);
    if (response.find("\r\n\r\n") == std::string::npos) visitor.socket.shut_down_sending();  // no more will come
    // Whoever is open says goodbye, and waits for us to end TCP (7.1.1); whoever is not says nothing, and ends it.
    if (take(visitor.socket, 1).empty()) return "";
    visitor.socket.shut_down_sending();
    take_to_end(visitor.socket);
    return ", and sends";
  });
  std::string text;
  try {
    const WebSocketClient client(server.url(), options);
    text = "open";
  } catch (const HandshakeError& error) {
    text = "refused " + std::to_string(error.status());
  }
  return text + fake.get();
}

// The response with a part replaced, or with a line added.
std::string after(const std::string& before, const std::string& replacement) {
  return outcome([&](const std::string& response) { return edited(response, before, replacement); });
}
std::string after_line(const std::string& line, const ClientOptions& options = {}) {
  return outcome([&](const std::string& r) { return edited(r, "\r\n\r\n", "\r\n" + line + "\r\n\r\n"); }, options);
}
std::string after_text(const std::string& text) {
  return outcome([&](const std::string&) { return text; });
}

const char* const kOpen = "open, and sends";  // its Close

// The code of a Close frame.
std::string close_code(const RawFrame& frame) {
  if (frame.first != 0x88 || frame.payload.size() < 2) return "no Close with a code";
  return std::to_string(frame.payload[0] << 8 | frame.payload[1]);
}

// ---- Our own server ----

struct Server {
  WebSocketServer server;
  std::future<void> serving = in_thread([this] { server.serve_forever(); });

  explicit Server(ServerOptions options) : server(std::move(options)) {}
  ~Server() {
    server.close_server();
    serving.get();
  }
  std::string url(std::string_view resource = "/") const { return url_of(server.port(), resource); }
};

ServerOptions echoes() {
  ServerOptions options;
  options.limits.close_timeout = kLong;
  options.on_data_receive = [](const Client& client, const Message& message) { client->send(message); };
  return options;
}

}  // namespace

// ==== The request ====

TEST("4.1-03 a client connects, asks, and is open when the answer has come") {
  const FakeServer server;
  auto state = in_thread([&] {
    const WebSocketClient client(server.url(), patient());
    return client.connection()->state();
  });
  Visitor visitor = server.visitor();  // has connected, and asked
  CHECK(state.wait_for(Milliseconds(20)) == std::future_status::timeout);
  put(visitor.socket, response_to(visitor.request));
  CHECK_EQ(close_code(take_frame(visitor.socket)), "1001");
  visitor.socket.close();
  CHECK(state.get() == State::open);
}

TEST("4.1-19 a client speaks first, and this is what it says") {
  const FakeServer server;
  auto fake = in_thread([&] { return server.visitor().request; });
  CHECK_THROWS(WebSocketClient(server.url("/chat?room=1")), HandshakeError);
  const std::string request = fake.get();
  const std::string key = field_of(request, "Sec-WebSocket-Key");
  CHECK_EQ(request,
           "GET /chat?room=1 HTTP/1.1\r\n"
           "Host: " +
               server.url("").substr(5) +
               "\r\n"
               "Upgrade: websocket\r\n"
               "Connection: Upgrade\r\n"
               "Sec-WebSocket-Key: " +
               key +
               "\r\n"
               "Sec-WebSocket-Version: 13\r\n"
               "\r\n");
  CHECK_EQ(key.size(), 24u);
  CHECK(key.ends_with("=="));
}

TEST("4.1-31 every connection has a fresh key") {
  const FakeServer server;
  std::set<std::string> keys;
  for (int i = 0; i < 5; ++i) {
    auto fake = in_thread([&] { return server.visitor().request; });
    CHECK_THROWS(WebSocketClient(server.url()), HandshakeError);
    keys.insert(field_of(fake.get(), "Sec-WebSocket-Key"));
  }
  CHECK_EQ(keys.size(), 5u);
}

TEST("4.1-38 subprotocols are asked for in one header, in order of preference") {
  const FakeServer server;
  auto fake = in_thread([&] { return server.visitor().request; });
  CHECK_THROWS(WebSocketClient(server.url(), {.subprotocols = {"b", "a"}}), HandshakeError);
  CHECK_EQ(field_of(fake.get(), "Sec-WebSocket-Protocol"), "b, a");
}

TEST("4.1-42 further headers are sent as they are given") {
  const FakeServer server;
  auto fake = in_thread([&] { return server.visitor().request; });
  const ClientOptions options{.headers = {{"Origin", "https://example.com"}, {"Cookie", "a=b; c=d"}}};
  CHECK_THROWS(WebSocketClient(server.url(), options), HandshakeError);
  const std::string request = fake.get();
  CHECK_EQ(field_of(request, "Origin"), "https://example.com");
  CHECK_EQ(field_of(request, "Cookie"), "a=b; c=d");
}

TEST("4.1-43 behind its request the client sends nothing until the response has come") {
  const FakeServer server;
  auto client = in_thread([&] { WebSocketClient(server.url(), patient()).close(); });
  Visitor visitor = server.visitor();
  pollfd more{visitor.socket.descriptor(), POLLIN, 0};
  CHECK(!wait_for({&more, 1}, deadline_after(Milliseconds(50))));
  put(visitor.socket, response_to(visitor.request));
  CHECK_EQ(close_code(take_frame(visitor.socket)), "1000");
  visitor.socket.close();
  client.get();
}

TEST("4.1-05 with an invalid URI or an invalid option no connection is attempted") {
  const FakeServer server;
  const std::string url = server.url();
  CHECK_THROWS(WebSocketClient("http" + url.substr(2)), std::invalid_argument);
  CHECK_THROWS(WebSocketClient(url + "#fragment"), std::invalid_argument);
  CHECK_THROWS(WebSocketClient(url + " "), std::invalid_argument);
  CHECK_THROWS(WebSocketClient("ws://user@" + url.substr(5)), std::invalid_argument);
  CHECK_THROWS(WebSocketClient(url, {.subprotocols = {"a", "a"}}), std::invalid_argument);
  CHECK_THROWS(WebSocketClient(url, {.subprotocols = {"a b"}}), std::invalid_argument);
  CHECK_THROWS(WebSocketClient(url, {.subprotocols = {""}}), std::invalid_argument);
  CHECK_THROWS(WebSocketClient(url, {.headers = {{"X", "a\r\nY: b"}}}), std::invalid_argument);
  CHECK_THROWS(WebSocketClient(url, {.headers = {{"X", std::string("a\0b", 3)}}}), std::invalid_argument);
  CHECK_THROWS(WebSocketClient(url, {.headers = {{"X Y", "a"}}}), std::invalid_argument);
  CHECK_THROWS(WebSocketClient(url, {.headers = {{"host", "a"}}}), std::invalid_argument);
  CHECK_THROWS(WebSocketClient(url, {.headers = {{"sec-websocket-key", "a"}}}), std::invalid_argument);
  ClientOptions no_close_timeout;
  no_close_timeout.limits.close_timeout = Milliseconds(0);
  CHECK_THROWS(WebSocketClient(url, no_close_timeout), std::invalid_argument);
  CHECK(!server.has_visitor(Milliseconds(0)));
}

TEST("4.1-15 wss:// is refused, with advice, and nothing is sent in the clear") {
  const FakeServer server;
  std::string advice;
  try {
    WebSocketClient("wss" + server.url().substr(2), {.connect_timeout = Milliseconds(1000)});
  } catch (const std::invalid_argument& error) {
    advice = error.what();
  }
  CHECK(advice.find("TLS") != std::string::npos);
  CHECK(advice.find("proxy") != std::string::npos);
  CHECK(!server.has_visitor(Milliseconds(0)));
}

// ==== The response ====

TEST("4.1-53 a correct response opens the connection") {
  CHECK_EQ(outcome([](const std::string& response) { return response; }), kOpen);
}

TEST("4.1-45 a status other than 101 is reported") {
  CHECK_EQ(after("101 Switching Protocols", "200 OK"), "refused 200");
  CHECK_EQ(after_text("HTTP/1.1 401 Unauthorized\r\nWWW-Authenticate: Basic\r\n\r\n"), "refused 401");
  CHECK_EQ(after_text("HTTP/1.1 302 Found\r\nLocation: /\r\nContent-Length: 3\r\n\r\nabc"), "refused 302");
  CHECK_EQ(after_text("HTTP/1.1 426 Upgrade Required\r\nSec-WebSocket-Version: 8\r\n\r\n"), "refused 426");
}

TEST("4.1-46 the Upgrade header has to be websocket, in any case") {
  CHECK_EQ(after("Upgrade: websocket", "Upgrade: WebSocket"), kOpen);
  CHECK_EQ(after("Upgrade: websocket", "Upgrade: h2c"), "refused 101");
  CHECK_EQ(after("Upgrade: websocket\r\n", ""), "refused 101");
}

TEST("4.1-47 the Connection header has to list Upgrade, in any case") {
  CHECK_EQ(after("Connection: Upgrade", "Connection: upgrade"), kOpen);
  CHECK_EQ(after("Connection: Upgrade", "Connection: keep-alive, Upgrade"), kOpen);
  CHECK_EQ(after("Connection: Upgrade", "Connection: keep-alive"), "refused 101");
  CHECK_EQ(after("Connection: Upgrade\r\n", ""), "refused 101");
}

TEST("4.1-48 the accept value has to be the answer to our key, exactly") {
  CHECK_EQ(after("=\r\n", "= \t\r\n"), kOpen);
  CHECK_EQ(after("=\r\n", "\r\n"), "refused 101");
  CHECK_EQ(after("=\r\n", "==\r\n"), "refused 101");
  CHECK_EQ(after("Sec-WebSocket-Accept: ", "Sec-WebSocket-Accept: x"), "refused 101");
  CHECK_EQ(after("Sec-WebSocket-Accept: ", "X-Accept: "), "refused 101");
  CHECK_EQ(outcome([](const std::string&) { return response_to("\r\nSec-WebSocket-Key: another\r\n"); }),
           "refused 101");
}

TEST("4.1-49 an extension that was not asked for is refused") {
  CHECK_EQ(after_line("Sec-WebSocket-Extensions: permessage-deflate"), "refused 101");
}

TEST("4.1-50 a subprotocol that was not asked for is refused") {
  CHECK_EQ(after_line("Sec-WebSocket-Protocol: chat"), "refused 101");
  CHECK_EQ(after_line("Sec-WebSocket-Protocol: chat", {.subprotocols = {"chat"}}), kOpen);
  CHECK_EQ(after_line("Sec-WebSocket-Protocol: Chat", {.subprotocols = {"chat"}}), "refused 101");
  CHECK_EQ(after_line("Sec-WebSocket-Protocol: a, b", {.subprotocols = {"a", "b"}}), "refused 101");
}

TEST("4.1-51 whatever else is wrong with a response is refused") {
  CHECK_EQ(after_line("no colon"), "refused 0");
  CHECK_EQ(after_line(" more"), "refused 101");  // it belongs to the line above it, which is the accept value
  CHECK_EQ(after_line("Sec-WebSocket-Accept: twice"), "refused 101");
  CHECK_EQ(after("HTTP/1.1", "HTTP/2.0"), "refused 0");
  CHECK_EQ(after_text("SSH-2.0-OpenSSH_9.2\r\n\r\n"), "refused 0");
  CHECK_EQ(after_text("220 mail.example.com\n"), "refused 0");
  CHECK_EQ(after_text(std::string(3, '\0')), "refused 0");
  CHECK_EQ(after_text(std::string(17 * 1024, 'x')), "refused 0");
}

TEST("9110-15.2-01 interim responses before the 101 are skipped") {
  CHECK_EQ(after("HTTP/1.1 101", "HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 101"), kOpen);
  CHECK_EQ(after("HTTP/1.1 101", "HTTP/1.1 103 Early Hints\r\nLink: </x>\r\n\r\nHTTP/1.1 101"), kOpen);
  CHECK_EQ(after_text("HTTP/1.1 103 Early Hints\r\n\r\nHTTP/1.1 404 Not Found\r\n\r\n"), "refused 404");
}

TEST("9112-5.2-02 a folded line of the response is joined to the one above it") {
  CHECK_EQ(after("Connection: Upgrade", "Connection: keep-alive,\r\n Upgrade"), kOpen);
}

TEST("own-client-40 limits.max_head and limits.max_fields hold for the server's response, too") {
  const auto with_head = [](std::size_t size) {
    ClientOptions options = patient();
    options.limits.max_head = size;
    return after_line("X: y", options);
  };
  CHECK_EQ(with_head(2000), kOpen);
  CHECK_EQ(with_head(100), "refused 0");
  ClientOptions options = patient();
  options.limits.max_fields = 4;
  CHECK_EQ(after_line("X: y", options), kOpen);
  options.limits.max_fields = 3;
  CHECK_EQ(after_line("X: y", options), "refused 0");
}

TEST("4.1-52 the names of the response's headers have no case") {
  CHECK_EQ(after("Upgrade: websocket", "UPGRADE: websocket"), kOpen);
  CHECK_EQ(after("Sec-WebSocket-Accept", "sec-websocket-accept"), kOpen);
}

TEST("own-client-01 a server that hangs up before its response is complete is no WebSocket") {
  CHECK_EQ(after_text(""), "refused 0");
  CHECK_EQ(after("\r\n\r\n", "\r\n"), "refused 0");
}

TEST("4.1-53 a frame that comes with the response is the first message") {
  const FakeServer server;
  auto fake = in_thread([&] { return server.welcome("", hex("81 05 48656c6c6f 82 01 00")); });
  WebSocketClient client(server.url(), patient());
  CHECK_EQ(client.receive(kLong).value().text(), "Hello");
  CHECK_EQ(client.receive(kLong).value().payload.size(), 1u);
  fake.get().close();
}

TEST("own-client-02 a response and a frame are understood however the bytes arrive") {
  const FakeServer server;
  std::vector<std::size_t> cuts = {0};
  for (std::size_t cut = 1; cut < 140; cut += 3) cuts.push_back(cut);  // 0: byte by byte; else two parts
  for (const std::size_t cut : cuts) {
    auto fake = in_thread([&] {
      Visitor visitor = server.visitor();
      const std::string bytes = response_to(visitor.request) + "\x81\x02Hi";
      const std::size_t step = cut == 0 ? 1 : cut;
      for (std::size_t at = 0; at < bytes.size(); at += step) put(visitor.socket, bytes.substr(at, step));
      return std::move(visitor.socket);
    });
    WebSocketClient client(server.url(), patient());
    CHECK_EQ(client.receive(kLong).value().text(), "Hi");
    fake.get().close();
  }
}

TEST("4.1-55 the subprotocol in use is the one that the server names, or none") {
  const FakeServer server;
  auto fake = in_thread([&] {
    server.welcome("Sec-WebSocket-Protocol: superchat\r\n").close();
    server.welcome().close();
  });
  const ClientOptions options{.subprotocols = {"chat", "superchat"}};
  CHECK_EQ(WebSocketClient(server.url(), options).connection()->subprotocol().value(), "superchat");
  CHECK(!WebSocketClient(server.url(), options).connection()->subprotocol());
  fake.get();
}

// ==== Connecting ====

TEST("4.1-14 a port where nobody listens is a connection refused") {
  const DeafPort deaf;
  std::error_code code;
  try {
    WebSocketClient client("ws://127.0.0.1:" + std::to_string(deaf.port));
  } catch (const std::system_error& error) {
    code = error.code();
  }
  CHECK(code == std::errc::connection_refused);
}

TEST("own-client-03 a server that does not answer the connect is given up after connect_timeout") {
  const FullPort full;
  std::error_code code = std::make_error_code(std::errc::timed_out);
  if (full.port != 0) {
    code.clear();
    try {
      WebSocketClient client(url_of(full.port), {.connect_timeout = Milliseconds(20)});
    } catch (const std::system_error& error) {
      code = error.code();
    }
  }
  CHECK(code == std::errc::timed_out);
}

TEST("own-client-04 a server that does not answer the request is given up after handshake_timeout") {
  const FakeServer server;  // the system accepts for it, and nobody reads
  std::error_code code;
  try {
    WebSocketClient client(server.url(), {.handshake_timeout = Milliseconds(20)});
  } catch (const std::system_error& error) {
    code = error.code();
  }
  CHECK(code == std::errc::timed_out);
}

TEST("own-client-05 handshake_timeout is for the whole response, not for each byte of it") {
  const FakeServer server;
  auto fake = in_thread([&] {
    Visitor visitor = server.visitor();
    put(visitor.socket, "HTTP/1.1 101 Switching Protocols\r\nX: ");
    try {
      for (;; std::this_thread::sleep_for(Milliseconds(1))) put(visitor.socket, "x");
    } catch (const std::system_error&) {
      return;  // the client has gone
    }
  });
  std::error_code code;
  try {
    WebSocketClient client(server.url(), {.handshake_timeout = Milliseconds(30)});
  } catch (const std::system_error& error) {
    code = error.code();
  }
  CHECK(code == std::errc::timed_out);
  fake.get();
}

TEST("4.1-07 while one handshake is pending no other begins with the same address") {
  const FakeServer server;
  const auto connect = [&] { WebSocketClient client(server.url(), patient()); };
  auto one = in_thread(connect);
  Visitor first = server.visitor();
  auto two = in_thread(connect);
  CHECK(!server.has_visitor(Milliseconds(1000)));
  put(first.socket, response_to(first.request));
  Visitor second = server.visitor();  // now
  put(second.socket, response_to(second.request));
  first.socket.close();
  second.socket.close();
  one.get();
  two.get();
}

TEST("4.1-06 a handshake that fails makes room for the next, too") {
  const FakeServer server;
  const auto connect = [&] {
    try {
      WebSocketClient client(server.url(), patient());
      return 101;
    } catch (const HandshakeError& error) {
      return error.status();
    }
  };
  auto one = in_thread(connect);
  Visitor first = server.visitor();
  auto two = in_thread(connect);
  CHECK(!server.has_visitor(Milliseconds(1000)));  // so long that a change for the worse is noticed every time
  first.socket.close();
  CHECK_EQ(one.get(), 0);
  server.visitor().socket.close();
  CHECK_EQ(two.get(), 0);
}

TEST("4.1-08 another address is not kept waiting") {
  const FakeServer slow;
  const FakeServer quick;
  auto pending = in_thread([&] { WebSocketClient client(slow.url(), patient()); });
  Visitor visitor = slow.visitor();
  auto fake = in_thread([&] { return quick.welcome(); });
  WebSocketClient client(quick.url(), patient());
  CHECK(client.state() == State::open);
  fake.get().close();
  put(visitor.socket, response_to(visitor.request));
  visitor.socket.close();
  pending.get();
}

TEST("own-client-06 waiting for one's turn is part of connect_timeout") {
  const FakeServer server;
  auto pending = in_thread([&] { WebSocketClient client(server.url(), patient()); });
  Visitor visitor = server.visitor();
  std::error_code code;
  try {
    WebSocketClient client(server.url(), {.connect_timeout = Milliseconds(20)});
  } catch (const std::system_error& error) {
    code = error.code();
  }
  CHECK(code == std::errc::timed_out);
  CHECK(!server.has_visitor(Milliseconds(0)));
  put(visitor.socket, response_to(visitor.request));
  visitor.socket.close();
  pending.get();
}

// ==== Frames ====

TEST("5.3-03 every frame of a client's is masked, with a key of its own") {
  const FakeServer server;
  auto fake = in_thread([&] {
    Socket socket = server.welcome();
    std::vector<RawFrame> frames;
    for (int i = 0; i < 4; ++i) frames.push_back(take_frame(socket));
    put(socket, hex("89 02 c3ff 81 00"));  // a Ping, and a message by which to know that it has been read
    for (int i = 0; i < 2; ++i) frames.push_back(take_frame(socket));
    return frames;  // and the client loses its connection
  });
  WebSocketClient client(server.url(), patient());
  CHECK(client.send("Hello"));
  CHECK(client.send(""));
  CHECK(client.send(ByteView(hex("00ff"))));
  CHECK(client.ping("p"));
  CHECK(client.receive(kLong).has_value());
  client.close();

  const std::vector<RawFrame> frames = fake.get();
  std::string text;
  std::set<Bytes> keys;
  for (const RawFrame& frame : frames) {
    text += to_hex(Bytes{frame.first}) + " " + to_hex(frame.payload) + "|";
    CHECK_EQ(frame.key.size(), 4u);
    keys.insert(frame.key);
  }
  CHECK_EQ(text, "81 48 65 6c 6c 6f|81 |82 00 ff|89 70|8a c3 ff|88 03 e8|");
  CHECK_EQ(keys.size(), frames.size());
}

TEST("5.1-06 a client fails a connection whose server masks, or breaks another rule, and ends TCP") {
  struct Row {
    const char* rule;
    const char* frames;
    const char* code;
  };
  const std::array<Row, 6> rows = {{
      {"5.1-05 a masked frame", "81 85 37fa213d 7f9f4d5158", "1002"},
      {"5.2-05 a reserved bit", "91 00", "1002"},
      {"5.2-06 an unknown opcode", "8b 00", "1002"},
      {"5.4-04 nothing to continue", "80 00", "1002"},
      {"8.1-01 text that is not UTF-8", "81 01 ff", "1007"},
      {"10.4-01 a message that is too long", "82 7f 0000000001000001", "1009"},
  }};
  for (const Row& row : rows) {
    const FakeServer server;
    auto fake = in_thread([&] {
      Socket socket = server.welcome("", hex(row.frames) + hex("81 01 41"));
      std::string text = close_code(take_frame(socket));
      const std::string rest = take_to_end(socket);
      return rest.empty() ? text : text + " and " + rest;
    });
    WebSocketClient client(server.url(), patient());
    CHECK(!client.receive(kLong));
    CHECK_EQ(row.rule + (" " + fake.get()), row.rule + std::string(" ") + row.code);
    CHECK(client.state() == State::closed);
    CHECK(client.connection()->fault().value().kind == ErrorKind::protocol);
  }
}

TEST("7.1.7-01 a client that fails the connection ends TCP, though the server does not") {
  const FakeServer server;
  auto fake = in_thread([&] {
    Socket socket = server.welcome("", hex("83 00"));
    const std::string code = close_code(take_frame(socket));
    return code + take_to_end(socket);  // the client's end; ours is open until now
  });
  WebSocketClient client(server.url(), patient());
  CHECK(!client.receive(kLong));
  CHECK(client.state() == State::closed);
  CHECK_EQ(fake.get(), "1002");
}

TEST("own-client-07 receive() brings nothing when its time is over, and the message when it comes") {
  const FakeServer server;
  auto fake = in_thread([&] { return server.welcome(); });
  WebSocketClient client(server.url(), patient());
  Socket socket = fake.get();
  CHECK(!client.receive(Milliseconds(0)));
  CHECK(!client.receive(Milliseconds(10)));
  put(socket, hex("81 02 41"));
  CHECK(!client.receive(Milliseconds(10)));
  put(socket, hex("42"));
  CHECK_EQ(client.receive(kLong).value().text(), "AB");
  socket.close();
}

TEST("own-client-08 a silent server gets a Ping, and is given up when it does not answer") {
  const FakeServer server;
  auto fake = in_thread([&] {
    Socket socket = server.welcome();
    const RawFrame ping = take_frame(socket);
    return to_hex(Bytes{ping.first}) + take_to_end(socket);
  });
  ClientOptions options = patient();
  options.limits.ping_interval = Milliseconds(10);
  options.limits.pong_timeout = Milliseconds(10);
  WebSocketClient client(server.url(), options);
  CHECK(!client.receive());
  CHECK(client.connection()->fault().value().kind == ErrorKind::timeout);
  CHECK_EQ(fake.get(), "89 (reset)");
}

TEST("own-client-09 one thread may receive while others send") {
  const FakeServer server;
  constexpr int kCount = 300;
  auto fake = in_thread([&] {
    Socket socket = server.welcome();
    for (int i = 0; i < kCount; ++i) {
      const RawFrame frame = take_frame(socket);
      put(socket, hex("82 7e 03e8") + frame.payload);
    }
    return take_frame(socket);
  });
  WebSocketClient client(server.url(), patient());
  std::vector<std::future<void>> senders;
  for (int thread = 0; thread < 3; ++thread) {
    senders.push_back(in_thread([&] {
      for (int i = 0; i < kCount / 3; ++i) client.send(ByteView(Bytes(1000, 0x5A)));
    }));
  }
  for (int i = 0; i < kCount; ++i) CHECK(client.receive(kLong).value().payload == Bytes(1000, 0x5A));
  for (auto& sender : senders) sender.get();
  client.connection()->close();
  CHECK_EQ(close_code(fake.get()), "1000");
  client.close();
}

// ==== Two ends that write ====

TEST("6.1-10 a client's message goes out whole, though the socket takes it in pieces") {
  constexpr std::size_t kSize = 4 * 1024 * 1024;
  const FakeServer server;
  auto fake = in_thread([&] {
    Socket socket = server.welcome();
    return take_frame(socket);
  });
  WebSocketClient client(server.url(), patient());
  CHECK(client.send(ByteView(Bytes(kSize, 0xCD))));
  const RawFrame frame = fake.get();
  CHECK_EQ(frame.first, 0x82);
  CHECK(frame.payload == Bytes(kSize, 0xCD));
}

TEST("own-client-10 when both ends write much and neither reads, nobody is stuck") {
  const FakeServer server;
  constexpr std::size_t kSize = 8 * 1024 * 1024;  // 0x800000
  auto fake = in_thread([&] {
    Socket socket = server.welcome();
    put(socket, hex("82 7f 0000000000800000") + Bytes(kSize, 0xAB));  // waits until that has left
    const bool whole = take_frame(socket).payload == Bytes(kSize, 0xCD);
    socket.close();
    return whole;
  });
  WebSocketClient client(server.url(), patient());
  CHECK(client.send(ByteView(Bytes(kSize, 0xCD))));
  CHECK(client.receive(kLong).value().payload == Bytes(kSize, 0xAB));
  CHECK(fake.get());
}

TEST("own-client-22 what waits for receive() has a limit, and beyond it the server has to wait") {
  const FakeServer server;
  constexpr std::size_t kCount = 64;  // messages of 1 MiB
  std::atomic<std::size_t> put_so_far = 0;
  auto fake = in_thread([&] {
    Socket socket = server.welcome();
    for (; put_so_far < kCount; ++put_so_far) put(socket, hex("82 7f 0000000000100000") + Bytes(1024 * 1024, 0xAB));
    return close_code(take_frame(socket));
  });
  ClientOptions options = patient();
  options.max_inbox = 2 * 1024 * 1024;
  WebSocketClient client(server.url(), options);
  for (std::size_t before = kCount; before != put_so_far;) {  // until it gets no further, or is done
    before = put_so_far;
    std::this_thread::sleep_for(Milliseconds(500));
  }
  CHECK(put_so_far < kCount);
  for (std::size_t i = 0; i < kCount; ++i) CHECK_EQ(client.receive(kLong).value().payload.size(), 1024u * 1024u);
  client.connection()->close();
  CHECK_EQ(fake.get(), "1000");
}

TEST("own-client-11 a client that ends goes on reading while its last bytes leave") {
  const FakeServer server;
  constexpr std::size_t kSize = 8 * 1024 * 1024;
  auto fake = in_thread([&] {
    Socket socket = server.welcome();
    take(socket, 1);                                // it has begun to send: more than two socket buffers hold
    put(socket, hex("88 02 03e8") + Bytes(kSize));  // and so do we, before we read on
    take(socket, 13 + kSize);                       // the rest of its message
    return close_code(take_frame(socket));
  });
  WebSocketClient client(server.url(), patient());
  CHECK(client.send(ByteView(Bytes(kSize))));
  CHECK(!client.receive(kLong));
  CHECK_EQ(fake.get(), "1000");
}

TEST("own-client-12 a send to a server that reads nothing ends after outbox_stall, with false") {
  const FakeServer server;
  auto fake = in_thread([&] { return server.welcome(); });
  ClientOptions options = patient();
  options.limits.outbox_stall = Milliseconds(20);
  WebSocketClient client(server.url(), options);
  Socket socket = fake.get();
  while (client.send(ByteView(Bytes(1024 * 1024)))) {
  }
  CHECK(!client.send("more"));
  CHECK(!client.receive());
  CHECK(client.state() == State::closed);
  CHECK(client.connection()->fault().value().text.starts_with("outbox stall"));
  CHECK(take_to_end(socket).ends_with("(reset)"));
}

// ==== The end ====

TEST("7.1.1-07 told to close, a client sends its Close and waits for the server to end TCP") {
  const FakeServer server;
  auto fake = in_thread([&] {
    Socket socket = server.welcome();
    const std::string code = close_code(take_frame(socket));
    put(socket, hex("88 02 03e8"));
    std::array<std::uint8_t, 1> byte{};
    const bool waits = !socket.receive(byte, Milliseconds(100));  // neither a byte nor the end
    socket.close();
    return code + (waits ? ", waits" : ", does not wait");
  });
  WebSocketClient client(server.url(), patient());
  client.close(CloseCode{4000}, "bye");
  CHECK_EQ(fake.get(), "4000, waits");
  CHECK(client.close_info().clean);
  CHECK(client.state() == State::closed);
}

TEST("5.5.1-16 having answered the server's Close, a client waits for the server to end TCP") {
  const FakeServer server;
  auto fake = in_thread([&] {
    Socket socket = server.welcome("", hex("88 05 03e9 627965"));
    const std::string code = close_code(take_frame(socket));
    std::array<std::uint8_t, 1> byte{};
    const bool waits = !socket.receive(byte, Milliseconds(100));
    socket.close();
    return code + (waits ? ", waits" : ", does not wait");
  });
  WebSocketClient client(server.url(), patient());
  CHECK(!client.receive());
  CHECK_EQ(fake.get(), "1001, waits");
  CHECK(client.close_info().clean);
  CHECK_EQ(static_cast<int>(client.close_info().code), 1001);
  CHECK_EQ(client.close_info().reason, "bye");
}

TEST("7.1.1-05 a server that does not end TCP is left after close_timeout") {
  const FakeServer server;
  auto fake = in_thread([&] {
    Socket socket = server.welcome("", hex("88 02 03e8"));
    take_frame(socket);
    return take_to_end(socket);  // the client's end, not ours
  });
  ClientOptions options = patient();
  options.limits.close_timeout = Milliseconds(20);
  WebSocketClient client(server.url(), options);
  CHECK(!client.receive());
  CHECK(client.close_info().clean);
  CHECK_EQ(fake.get(), "");
}

TEST("5.5.1-17 a server that does not answer the Close is left after close_timeout") {
  const FakeServer server;
  auto fake = in_thread([&] {
    Socket socket = server.welcome();
    take_frame(socket);
    return take_to_end(socket);
  });
  ClientOptions options = patient();
  options.limits.close_timeout = Milliseconds(20);
  options.limits.ping_interval = Milliseconds(0);
  WebSocketClient client(server.url(), options);
  client.close();
  CHECK(!client.close_info().clean);
  CHECK_EQ(static_cast<int>(client.close_info().code), 1006);
  CHECK_EQ(fake.get(), "");
}

TEST("own-client-13 a server that goes on sending is left after close_timeout as well") {
  const FakeServer server;
  auto fake = in_thread([&] {
    Socket socket = server.welcome();
    try {
      for (;;) put(socket, hex("82 7e 1000") + Bytes(4096));
    } catch (const std::system_error&) {
      return true;
    }
  });
  ClientOptions options = patient();
  options.limits.close_timeout = Milliseconds(20);
  WebSocketClient client(server.url(), options);
  client.close();
  CHECK(!client.close_info().clean);
  CHECK(fake.get());
}

TEST("7.2.1-02 a connection that is lost counts as closed with 1006") {
  const FakeServer server;
  auto fake = in_thread([&] { server.welcome().close(); });
  WebSocketClient client(server.url(), patient());
  fake.get();
  CHECK(!client.receive());
  CHECK(!client.receive());
  CHECK_EQ(static_cast<int>(client.close_info().code), 1006);
  CHECK(!client.send("Hello"));
  CHECK(!client.connection()->fault());
}

TEST("own-client-14 close() discards what still arrives, and a second one does nothing") {
  const FakeServer server;
  auto fake = in_thread([&] {
    Socket socket = server.welcome("", hex("81 01 41 81 01 42"));
    take_frame(socket);
    put(socket, hex("81 01 43 88 02 03e8"));
  });
  WebSocketClient client(server.url(), patient());
  CHECK_EQ(client.receive(kLong).value().text(), "A");
  client.close();
  client.close();
  CHECK(!client.receive());
  CHECK(client.close_info().clean);
  fake.get();
}

TEST("own-client-15 a close that may not travel is refused, and the connection stays open") {
  const FakeServer server;
  auto fake = in_thread([&] { return server.welcome(); });
  WebSocketClient client(server.url(), patient());
  CHECK_THROWS(client.close(CloseCode::abnormal_closure), std::invalid_argument);
  CHECK(client.state() == State::open);
  fake.get().close();
}

TEST("own-client-16 a client that goes out of scope says 1001; its connection may be kept") {
  const FakeServer server;
  auto fake = in_thread([&] {
    Socket socket = server.welcome();
    std::string code = close_code(take_frame(socket));
    put(socket, hex("88 02 03e9"));
    return code;
  });
  Client kept;
  {
    const WebSocketClient client(server.url("/kept"), patient());
    kept = client.connection();
  }
  CHECK_EQ(fake.get(), "1001");
  CHECK(kept->state() == State::closed);
  CHECK(kept->close_info().clean);
  CHECK(!kept->send("Hello"));
  CHECK(!kept->receive());
  CHECK_EQ(kept->path(), "/kept");
}

// ==== Our client and our server ====

TEST("own-client-17 messages of every kind of length come back from our server as they were") {
  Server server(echoes());
  WebSocketClient client(server.url(), patient());
  for (const std::size_t size : {0u, 1u, 125u, 126u, 127u, 4096u, 4097u, 65535u, 65536u, 65537u, 1000000u}) {
    const std::string text(size, 'x');
    CHECK(client.send(text));
    const OwnedMessage message = client.receive(kLong).value();
    CHECK(message.is_text() && message.text() == text);
    CHECK(client.send(bytes_of(text)));
    CHECK(!client.receive(kLong).value().is_text());
  }
  client.close();
  CHECK(client.close_info().clean);
}

TEST("own-client-18 a client that first sends everything and then receives gets everything") {
  Server server(echoes());
  WebSocketClient client(server.url(), patient());
  constexpr std::size_t kCount = 200;
  for (std::size_t i = 0; i < kCount; ++i) {
    CHECK(client.send(ByteView(Bytes(64 * 1024, static_cast<std::uint8_t>(i)))));
  }
  for (std::size_t i = 0; i < kCount; ++i) {
    CHECK(client.receive(kLong).value().payload == Bytes(64 * 1024, static_cast<std::uint8_t>(i)));
  }
}

TEST("own-client-19 a server that sends much on opening, and a client that does, too") {
  ServerOptions options = echoes();
  options.limits.max_outbox = 0;
  options.on_connection_open = [](const Client& client) { client->send(ByteView(Bytes(8 * 1024 * 1024, 0x01))); };
  Server server(std::move(options));
  WebSocketClient client(server.url(), patient());
  CHECK(client.send(ByteView(Bytes(8 * 1024 * 1024, 0x02))));
  CHECK(client.receive(kLong).value().payload == Bytes(8 * 1024 * 1024, 0x01));
  CHECK(client.receive(kLong).value().payload == Bytes(8 * 1024 * 1024, 0x02));
}

TEST("own-client-21 thousands of messages come back one by one, of each size, in frames that are whole or fragments") {
  for (const std::size_t max_frame_payload : {0u, 1300u}) {
    ServerOptions echo = echoes();
    ClientOptions options = patient();
    echo.limits.max_frame_payload = options.limits.max_frame_payload = max_frame_payload;
    Server server(std::move(echo));
    WebSocketClient client(server.url(), options);
    bool same = true;
    for (const std::size_t size : {0u, 16u, 64u, 256u, 1024u, 4096u}) {
      const std::string text(size, '*');
      for (int i = 0; i < 500; ++i) {
        same = same && client.send(text) && client.receive(kLong).value().text() == text;
        same = same && client.send(bytes_of(text)) && !client.receive(kLong).value().is_text();
      }
    }
    CHECK(same);
  }
}

TEST("4.2.2-26 our client and our server agree on a subprotocol and see the same resource") {
  std::promise<std::string> seen;
  ServerOptions options = echoes();
  options.subprotocols = {"superchat", "chat"};
  options.on_connection_open = [&](const Client& client) {
    seen.set_value(client->request().target + " " + client->subprotocol().value_or("none"));
  };
  Server server(std::move(options));
  const WebSocketClient client(server.url("/room?x=1"), {.subprotocols = {"other", "chat", "superchat"}});
  CHECK_EQ(client.connection()->subprotocol().value(), "chat");
  CHECK_EQ(seen.get_future().get(), "/room?x=1 chat");
}

TEST("4.2.2-09 what our server refuses our client reports") {
  ServerOptions options = echoes();
  options.allowed_origins = {"https://example.com"};
  options.on_handshake = [](const Request& request) {
    HandshakeDecision decision;
    if (path_of(request.target) != "/here") decision.refusal = make_text_response(404, "Nothing is here.");
    return decision;
  };
  Server server(std::move(options));
  const auto status = [&](const std::string& resource, const std::string& origin) {
    try {
      WebSocketClient client(server.url(resource), {.headers = {{"Origin", origin}}});
      return 101;
    } catch (const HandshakeError& error) {
      return error.status();
    }
  };
  CHECK_EQ(status("/here", "https://example.com"), 101);
  CHECK_EQ(status("/there", "https://example.com"), 404);
  CHECK_EQ(status("/here", "https://example.org"), 403);
}

TEST("7.3-01 a server that closes tells our client why") {
  ServerOptions options = echoes();
  options.on_connection_open = [](const Client& client) { client->close(CloseCode{4001}, "full"); };
  Server server(std::move(options));
  WebSocketClient client(server.url(), patient());
  CHECK(!client.receive(kLong));
  CHECK_EQ(static_cast<int>(client.close_info().code), 4001);
  CHECK_EQ(client.close_info().reason, "full");
  CHECK(client.close_info().clean);
}

// ==== A life of its own ====

TEST("own-client-23 a client answers Pings though nobody calls it") {
  const FakeServer server;
  auto fake = in_thread([&] { return server.welcome(); });
  WebSocketClient client(server.url(), patient());
  Socket socket = fake.get();
  put(socket, hex("89 01 70"));
  const RawFrame pong = take_frame(socket);
  CHECK_EQ(pong.first, 0x8a);
  CHECK_EQ(to_hex(pong.payload), "70");
  socket.close();
}

TEST("own-client-24 a dead server is noticed though nobody calls anything, or only looks in") {
  for (const bool looks_in : {false, true}) {
    const FakeServer server;
    auto fake = in_thread([&] { return server.welcome(); });
    ClientOptions options = patient();
    options.limits.ping_interval = Milliseconds(20);
    options.limits.pong_timeout = Milliseconds(20);
    std::promise<void> closed;
    options.on_connection_close = [&](const Client&) { closed.set_value(); };
    WebSocketClient client(server.url(), options);
    Socket socket = fake.get();
    auto gone = closed.get_future();
    while (gone.wait_for(Milliseconds(1)) != std::future_status::ready) {
      if (looks_in) static_cast<void>(client.receive(Milliseconds(0)));
    }
    CHECK(client.fault().value().kind == ErrorKind::timeout);
    CHECK(client.is_over());
  }
}

TEST("own-client-25 the callbacks are a server's: open, each message in order, and one close") {
  const FakeServer server;
  auto fake = in_thread([&] {
    Socket socket = server.welcome("", hex("81 01 41 81 01 42 88 02 0fa0"));
    take_frame(socket);
  });
  std::string journal;
  std::promise<void> closed;
  ClientOptions options = patient();
  options.on_connection_open = [&](const Client&) { journal += "open "; };
  options.on_data_receive = [&](const Client&, const Message& message) { journal += message.text(); };
  options.on_connection_close = [&](const Client& client) {
    journal += " " + std::to_string(static_cast<int>(client->close_info().code));
    closed.set_value();
  };
  const WebSocketClient client(server.url(), options);
  closed.get_future().wait();
  CHECK_EQ(journal, "open AB 4000");
  fake.get();
}

TEST("own-client-26 an exception out of a client's callback closes it with 1011, and on_error has it") {
  const FakeServer server;
  auto fake = in_thread([&] {
    Socket socket = server.welcome("", hex("81 01 41"));
    return close_code(take_frame(socket));
  });
  std::promise<std::string> told;
  ClientOptions options = patient();
  options.on_data_receive = [](const Client&, const Message&) { throw std::runtime_error("no"); };
  options.on_error = [&](const Error& error) { told.set_value(to_string(error.kind) + ": " + error.text); };
  const WebSocketClient client(server.url(), options);
  CHECK_EQ(fake.get(), "1011");
  CHECK(told.get_future().get().ends_with(": a callback failed: no"));
}

TEST("own-client-27 with on_data_receive, receive() is for the callbacks") {
  Server server(echoes());
  std::promise<std::string> second;
  ClientOptions options = patient();
  options.on_data_receive = [&](const Client& client, const Message&) {
    second.set_value(std::string(client->receive(kLong).value().text()));
  };
  WebSocketClient client(server.url(), options);
  CHECK_THROWS(client.receive(Milliseconds(0)), std::logic_error);
  client.send("A");
  client.send("B");
  CHECK_EQ(second.get_future().get(), "B");
}

TEST("own-client-28 close() from another thread ends it in time, whatever the peer and the others do") {
  const FakeServer server;
  auto fake = in_thread([&] { return server.welcome(); });
  ClientOptions options = patient();
  options.limits.close_timeout = Milliseconds(100);
  options.limits.max_outbox = 1024 * 1024;
  WebSocketClient client(server.url(), options);
  Socket mute = fake.get();
  auto receiver = in_thread([&] { return client.receive().has_value(); });
  auto sender = in_thread([&] {
    while (client.send(ByteView(Bytes(1024 * 1024)))) {
    }
  });
  const Deadline before = Clock::now();
  client.close();
  CHECK(Clock::now() - before < kLong / 2);  // not the Ping's time, and not for ever
  // A starved thread of its own may come a moment later: close() does not wait for it any longer.
  CHECK(eventually([&] { return client.state() == State::closed; }));
  CHECK(!receiver.get());
  sender.get();
}

TEST("own-client-29 receive() keeps its time beside another receive() and a send that waits") {
  const FakeServer server;
  auto fake = in_thread([&] { return server.welcome(); });
  ClientOptions options = patient();
  options.limits.max_outbox = 1024 * 1024;
  WebSocketClient client(server.url(), options);
  Socket mute = fake.get();
  auto other = in_thread([&] { return client.receive().has_value(); });
  auto sender = in_thread([&] { client.send(ByteView(Bytes(32 * 1024 * 1024))); });
  const Deadline before = Clock::now();
  CHECK(!client.receive(Milliseconds(20)));
  CHECK(Clock::now() - before < kLong / 2);
  CHECK(!client.is_over());  // a timeout, not the end
  mute.close();
  CHECK(!other.get());
  sender.get();
  CHECK(client.is_over());
}

TEST("own-client-41 several threads that send wait for one another's bytes, and none of them ends the connection") {
  const FakeServer server;
  constexpr std::size_t kSize = 8 * 1024 * 1024;
  auto fake = in_thread([&] {
    Socket socket = server.welcome();
    bool whole = true;
    for (int i = 0; i < 6; ++i) whole = take_frame(socket).payload.size() == kSize && whole;
    return take_frame(socket).first == 0x89 && whole;  // the Ping: whoever hangs up before it would have it refused
  });
  ClientOptions options = patient();
  options.limits.max_outbox = 1024 * 1024;
  WebSocketClient client(server.url(), options);
  const auto send_three = [&] {
    bool sent = true;
    for (int i = 0; i < 3; ++i) sent = client.send(ByteView(Bytes(kSize))) && sent;
    return sent;
  };
  auto other = in_thread(send_three);
  CHECK(send_three());
  CHECK(other.get());
  CHECK(client.connection()->queued_bytes() <=
        options.limits.max_outbox / 2);  // so much a close() may have to wait for
  CHECK(client.ping());
  CHECK(fake.get());
}

TEST("own-client-42 receive() in a callback of a client's goes on where receive() is, and after the end, too") {
  const FakeServer server;
  std::promise<void> in_the_inbox;
  auto fake = in_thread([&] {
    Socket socket = server.welcome("", hex("81 01 41 81 01 42"));
    in_the_inbox.get_future().wait();
    const Bytes ping = take_frame(socket).payload;
    put(socket, hex("81 01 43 8a 01") + ping + hex("81 01 44 81 01 45"));
  });
  std::promise<std::string> in_pong;
  std::promise<std::string> in_close;
  ClientOptions options = patient();
  options.on_pong = [&](const Client& client, auto) {
    std::string heard;
    for (int i = 0; i < 3; ++i) heard += client->receive(kLong).value().text();
    in_pong.set_value(heard);
  };
  options.on_connection_close = [&](const Client& client) {
    std::string heard;
    while (!client->is_over()) heard += client->receive().value().text();
    in_close.set_value(heard);
  };
  WebSocketClient client(server.url(), options);
  CHECK_EQ(client.receive(kLong).value().text(), "A");
  in_the_inbox.set_value();
  CHECK(client.ping("?"));
  fake.get();
  CHECK_EQ(in_pong.get_future().get(), "BCD");
  CHECK_EQ(in_close.get_future().get(), "E");
  CHECK(client.is_over());
}

TEST("own-client-30 what waited for receive() is still there when the connection is lost") {
  const FakeServer server;
  auto fake = in_thread([&] { server.welcome("", hex("81 01 41 81 01 42")).close(); });
  std::promise<void> lost;
  ClientOptions options = patient();
  options.on_connection_close = [&](const Client&) { lost.set_value(); };
  WebSocketClient client(server.url(), options);
  fake.get();
  lost.get_future().wait();
  CHECK(!client.is_over());
  CHECK_EQ(client.receive().value().text(), "A");
  CHECK_EQ(client.receive().value().text(), "B");
  CHECK(client.is_over());
  CHECK(!client.receive());
}

TEST("own-client-48 a client that was moved from says so, and does not crash") {
  Server server(ServerOptions{});
  WebSocketClient client(server.url());
  const WebSocketClient moved = std::move(client);
  CHECK(client.connection() == nullptr);
  CHECK_THROWS(client.send("to nobody"), std::logic_error);
  CHECK_THROWS(client.receive(), std::logic_error);
  CHECK_THROWS(client.state(), std::logic_error);
  CHECK_THROWS(client.close(), std::logic_error);
}

TEST("own-client-31 a client can be moved, and moved into: the one that was there is closed") {
  const FakeServer server;
  auto fake = in_thread([&] {
    Socket one = server.welcome();
    Socket two = server.welcome("", hex("81 01 42"));
    const std::string code = close_code(take_frame(one));
    one.close();
    take_frame(two);
    return code;
  });
  WebSocketClient client(server.url(), patient());
  WebSocketClient moved = std::move(client);
  CHECK(client.connection() == nullptr);
  moved = WebSocketClient(server.url(), patient());
  CHECK_EQ(moved.receive(kLong).value().text(), "B");
  moved.connection()->close();
  CHECK_EQ(fake.get(), "1001");
}

TEST("own-client-32 a client may be closed, and destroyed, inside its own callback") {
  Server server(echoes());
  std::promise<void> done;
  std::unique_ptr<WebSocketClient> client;
  std::promise<void> made;
  std::shared_future<void> is_made = made.get_future().share();
  ClientOptions options = patient();
  options.on_data_receive = [&](const Client&, const Message&) {
    is_made.wait();
    client->close();
    client.reset();
  };
  options.on_connection_close = [&](const Client&) { done.set_value(); };
  client = std::make_unique<WebSocketClient>(server.url(), options);
  made.set_value();
  Client connection = client->connection();
  connection->send("A");
  done.get_future().wait();
  CHECK(connection->state() == State::closed);
}

TEST("own-client-33 the outbox's thread is one for all clients, and goes with the last") {
  Server server(echoes());
  std::vector<WebSocketClient> clients;
  for (int i = 0; i < 20; ++i) clients.emplace_back(server.url(), patient());
  for (WebSocketClient& client : clients) client.send("A");
  for (WebSocketClient& client : clients) CHECK_EQ(client.receive(kLong).value().text(), "A");
  const std::size_t open = open_descriptors();
  clients.erase(clients.begin() + 1, clients.end());
  CHECK(open_descriptors() + 19 <= open);
}

// ==== At the end ====

TEST("own-client-20 no test has left a descriptor open") {
  // The thread of a resolver lets go of its pipe a moment after it has answered.
  CHECK(eventually([] { return open_descriptors() == kDescriptorsAtStart; }));
}
