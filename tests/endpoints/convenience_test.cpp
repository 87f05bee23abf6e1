// What an application reaches for: a request's parts, things that can be printed, the version, and Ctrl-C.
#include <sys/wait.h>
#include <unistd.h>

#include <csignal>
#include <sstream>

#include "check.h"
#include "endpoints/client.h"
#include "endpoints/convenience.h"
#include "endpoints/response_body.h"
#include "endpoints/stop_signals.h"
#include "server_fixture.h"

using namespace websock;

namespace {

Request request_for(const std::string& target) { return {.method = "GET", .target = target, .fields = {}}; }

template <class T>
std::string printed(T value) {
  std::ostringstream out;
  out << value;
  return out.str();
}

// What a child process does that is told to stop by `signals`, one after the other: its exit status, or minus the signal
// that ended it. Its `stop` never ends by itself if it `hangs`.
int end_of_child(const std::vector<int>& signals, bool hangs) {
  const pid_t pid = ::fork();
  if (pid == 0) {
    WakePipe stopped;
    const StopSignals stop([&] {
      if (!hangs) return stopped.wake();
      ::raise(signals.back());
    });
    ::raise(signals.front());
    pollfd ready{stopped.descriptor(), POLLIN, 0};
    ::_exit(wait_for({&ready, 1}, soon()) ? 0 : 1);
  }
  int status = 0;
  ::waitpid(pid, &status, 0);
  return WIFSIGNALED(status) ? -WTERMSIG(status) : WEXITSTATUS(status);
}

}  // namespace

TEST("own-request-01 header() has a field's value, in any case of its name, or nothing") {
  Request request = request_for("/");
  request.fields = {{"Authorization", "Bearer 7"}, {"X-Empty", ""}};
  CHECK_EQ(request.header("authorization").value_or("-"), "Bearer 7");
  CHECK_EQ(request.header("X-Empty").value_or("-"), "");
  CHECK_EQ(request.header("Cookie").value_or("-"), "-");
}

TEST("9110-5.3 several fields of one name are one list") {
  Request request = request_for("/");
  request.fields = {{"Accept", "a"}, {"X", "y"}, {"accept", "b, c"}};
  CHECK_EQ(request.header("Accept").value_or("-"), "a, b, c");
}

TEST("own-request-02 query() has the first parameter of that name, decoded, or nothing") {
  const Request request = request_for("/chat?room=1&name=Ada+L%C3%B6w&empty=&flag&room=2&a%26b=%3D");
  CHECK_EQ(request.query("room").value_or("-"), "1");
  CHECK_EQ(request.query("name").value_or("-"), "Ada L\xC3\xB6w");
  CHECK_EQ(request.query("empty").value_or("-"), "");
  CHECK_EQ(request.query("flag").value_or("-"), "");
  CHECK_EQ(request.query("a&b").value_or("-"), "=");
  CHECK_EQ(request.query("chat").value_or("-"), "-");
  CHECK_EQ(request_for("/chat").query("room").value_or("-"), "-");
  CHECK_EQ(request_for("/?&&x=1&").query("x").value_or("-"), "1");
}

TEST("own-request-03 a % without two hex digits behind it stays what it is") {
  CHECK_EQ(request_for("/?x=100%").query("x").value_or("-"), "100%");
  CHECK_EQ(request_for("/?x=%4").query("x").value_or("-"), "%4");
  CHECK_EQ(request_for("/?x=%zz%-1%41").query("x").value_or("-"), "%zz%-1A");
}

TEST("own-print-01 codes, opcodes and states can be printed") {
  CHECK_EQ(printed(CloseCode::going_away), "1001 (going away)");
  CHECK_EQ(printed(CloseCode(4000)), to_string(CloseCode(4000)));
  CHECK_EQ(printed(Opcode::ping), "ping");
  CHECK_EQ(printed(State::closing), "closing");
}

TEST("own-version-01 the library's version is the headers' and the project's") {
  CHECK_EQ(std::string(version()), WEBSOCK_PROJECT_VERSION);
  int part[3] = {};
  CHECK_EQ(std::sscanf(version(), "%d.%d.%d", &part[0], &part[1], &part[2]), 3);
  CHECK_EQ(WEBSOCK_VERSION, part[0] * 10000 + part[1] * 100 + part[2]);
}

TEST("own-signals-01 SIGINT and SIGTERM end a server in order, and do what they did before when that is over") {
  for (const int signal : {SIGINT, SIGTERM}) {
    WebSocketServer server({.port = 0});
    {
      const StopSignals signals = stop_on_signals(server);
      ::raise(signal);
      server.serve_forever();
    }
    struct sigaction now {};
    ::sigaction(signal, nullptr, &now);
    CHECK(now.sa_handler == SIG_DFL);
  }
}

TEST("own-signals-02 there is one of them at a time") {
  const StopSignals signals([] {});
  CHECK_THROWS(StopSignals([] {}), std::logic_error);
}

TEST("own-signals-03 the second signal ends a program whose orderly end takes too long") {
  CHECK_EQ(end_of_child({SIGTERM}, false), 0);
  CHECK_EQ(end_of_child({SIGTERM, SIGTERM}, true), -SIGTERM);
  CHECK_EQ(end_of_child({SIGINT, SIGINT}, true), -SIGINT);
  CHECK_EQ(end_of_child({SIGINT, SIGTERM}, true), -SIGTERM);
}

// ---- Servers and clients ----

TEST("own-convenience-01 start() serves in the background, and stop() waits for the orderly end") {
  Journal journal;
  WebSocketServer server(with_journal({.on_server_destruct = [&] { journal.note("the end"); }}, journal));
  server.stop();  // nothing to stop yet
  server.start();
  CHECK_THROWS(server.start(), std::logic_error);
  WebSocketClient client(url_of(server.port()));
  CHECK(journal.gets("opened"));
  server.stop();
  CHECK_EQ(journal.count("closed "), 1u);
  CHECK_EQ(journal.count("the end"), 1u);
  CHECK(!client.receive(kLong));
  CHECK_EQ(client.close_info().code, CloseCode::going_away);
  server.stop();
  CHECK_EQ(journal.count("the end"), 1u);
}

TEST(
    "own-convenience-02 a server that was started ends with its object; what on_server_destruct throws goes to "
    "on_error") {
  std::vector<std::string> errors;
  const auto note = [&](const Error& error) { errors.push_back(to_string(error.kind) + ": " + error.text); };
  {
    WebSocketServer server({.on_error = note, .on_server_destruct = [] { throw std::runtime_error("no"); }});
    server.start();
  }
  {
    WebSocketServer server({.on_error = note, .on_server_destruct = [] { throw 7; }});
    server.start();
  }
  CHECK_EQ(errors.size(), 2u);
  CHECK_EQ(errors.at(0), "callback: on_server_destruct failed: no");
  CHECK_EQ(errors.at(1), "callback: on_server_destruct failed with something that is no std::exception");
}

TEST("own-convenience-03 send_all counts: not the excepted one, and none that is over") {
  Serving serving;
  WebSocketClient first(url_of(serving.port()));
  WebSocketClient second(url_of(serving.port()));
  CHECK(serving.journal.gets("opened", 2));
  const std::vector<Client> clients = serving.server().clients();
  CHECK_EQ(serving.server().send_all("x"), 2u);
  CHECK_EQ(serving.server().send_all("x", clients.at(0)), 1u);
  clients.at(0)->terminate();
  CHECK_EQ(serving.server().send_all(ByteView()), 1u);
  clients.at(1)->close();
  CHECK_EQ(serving.server().send_all("x"), 0u);
}

TEST("own-convenience-04 on_pong is called at either end, with the connection; what it throws goes to on_error") {
  Journal journal;
  const auto note = [&](const std::string& who) {
    return [&journal, who](const Client& client, std::chrono::microseconds time) {
      journal.note(who + (time.count() > 0 ? " pong from " : " too soon ") + client->peer_address());
      if (client->request().target == "/throws") throw std::runtime_error("no");
    };
  };
  Running running(with_journal({.on_pong = note("server")}, journal));
  const std::string url = url_of(running.server().port());
  WebSocketClient client(url, {.on_pong = note("client")});
  CHECK(client.ping("are you there?"));
  CHECK(journal.gets("client pong from 127.0.0.1:" + std::to_string(running.server().port())));
  WebSocketClient other(url + "throws");
  CHECK(journal.gets("opened", 2));
  for (const Client& each : running.server().clients()) CHECK(each->ping());
  CHECK(journal.gets("server pong from 127.0.0.1:", 2));
  CHECK(journal.gets("a callback failed: no"));
  CHECK(journal.gets("closed 1011"));
}

TEST("own-convenience-05 open_socket makes the connection, and is told where to; the Host header can be set") {
  Serving serving({.on_connection_open = [&](const Client& client) {
    client->send(client->request().header("Host").value_or("none"));
  }});
  std::string told;
  ClientOptions options;
  options.open_socket = [&](const Uri& uri, Deadline) {
    told = (uri.secure ? "TLS to " : "to ") + uri.host + " " + std::to_string(uri.port);
    return connect_to_port(serving.port());
  };
  WebSocketClient first("wss://example.com/", options);
  CHECK_EQ(told, "TLS to example.com 443");
  CHECK_EQ(std::string(first.receive(kLong).value().text()), "example.com");
  options.host = "other.example:81";
  WebSocketClient second("ws://example.com/", options);
  CHECK_EQ(told, "to example.com 80");
  CHECK_EQ(std::string(second.receive(kLong).value().text()), "other.example:81");
  for (const char* host : {"two words", "a@b", "a/b", "a\r\nX: y"}) {
    options.host = host;
    CHECK_THROWS(WebSocketClient("ws://example.com/", options), std::invalid_argument);
  }
}

TEST("own-convenience-06 what open_socket throws leaves the constructor, and no socket is an error") {
  ClientOptions options;
  options.open_socket = [](const Uri&, Deadline) -> Socket { throw std::runtime_error("no proxy"); };
  try {
    WebSocketClient client("ws://example.com/", options);
    CHECK(false);
  } catch (const std::runtime_error& error) {
    CHECK_EQ(std::string(error.what()), "no proxy");
  }
  options.open_socket = [](const Uri&, Deadline) { return Socket(); };
  CHECK_THROWS(WebSocketClient("ws://example.com/", options), std::runtime_error);
}

TEST("4.1-09 of those that open_socket makes for one host and port, one at a time is under way") {
  Serving serving;
  std::atomic<int> under_way = 0;
  std::atomic<int> most = 0;
  ClientOptions options;
  options.open_socket = [&](const Uri&, Deadline) {
    most = std::max(most.load(), ++under_way);
    Socket socket = connect_to_port(serving.port());
    --under_way;
    return socket;
  };
  std::vector<std::thread> threads;
  for (int i = 0; i < 4; ++i) threads.emplace_back([&] { WebSocketClient("ws://example.com/", options).close(); });
  for (std::thread& thread : threads) thread.join();
  CHECK_EQ(most.load(), 1);
}

// ---- What a server has answered ----

namespace {

Response response_with(const char* field, const char* value) { return {.status = 401, .fields = {{field, value}}}; }

// body_of(): the text, and "..." if more is to come.
std::string body(const Response& response, std::string_view received) {
  const ResponseBody found = body_of(response, received);
  return found.text + (found.is_complete ? "" : "...");
}

// What a client's constructor throws if it is answered so, by a server that then ends the connection if it `ends`.
HandshakeError refusal(const std::string& response, bool ends) {
  const Socket listener = listen_on("127.0.0.1", 0);
  auto server = in_thread([&] {
    RawClient client(accept_one(listener));
    client.take_head();
    client.send(response);
    if (ends) client.socket.shut_down_sending();
    take_to_end(client.socket);
  });
  try {
    WebSocketClient client(url_of(listener.local_port()), {.handshake_timeout = kLong});
  } catch (const HandshakeError& error) {
    server.get();
    return error;
  }
  throw std::runtime_error("it was not refused");
}

}  // namespace

TEST("9112-6.3 a body is as long as Content-Length says, its chunks are, or the connection lasts") {
  const Response length = response_with("content-length", "5");
  CHECK_EQ(body(length, "Hel"), "Hel...");
  CHECK_EQ(body(length, "Hello"), "Hello");
  CHECK_EQ(body(length, "Hello, and more"), "Hello");
  const Response closing = response_with("Connection", "close");
  CHECK_EQ(body(closing, "Hello"), "Hello...");
  CHECK_EQ(body(response_with("X", "y"), "Hello"), "Hello");  // nobody says how long
  for (const int status : {204, 304}) CHECK_EQ(body({.status = status, .fields = closing.fields}, "x"), "");
}

TEST("9112-6.3-05 a body with a coding that does not end with chunked lasts as long as the connection") {
  Response coded = response_with("Transfer-Encoding", "chunked, gzip");
  CHECK_EQ(body(coded, "5\r\nHello"), "5\r\nHello...");
  coded.fields.push_back({"Content-Length", "5"});
  CHECK_EQ(body(coded, "5\r\nHello"), "5\r\nHello...");
  CHECK_EQ(body(response_with("Transfer-Encoding", "gzip, Chunked"), "5\r\nHello\r\n0\r\n\r\n"), "Hello");
}

TEST("9112-7.1 chunks are put together, however far they have come") {
  const Response chunked = response_with("Transfer-Encoding", "chunked");
  const std::string bytes = "3\r\nHel\r\n0B;x=y\r\nlo, world.\n\r\n0\r\n\r\n";
  const std::string whole = "Hello, world.\n";
  for (std::size_t size = 0; size <= bytes.size(); ++size) {
    const ResponseBody part = body_of(chunked, std::string_view(bytes).substr(0, size));
    CHECK(whole.starts_with(part.text));
    CHECK_EQ(part.is_complete, size >= bytes.find("0\r\n\r\n") + 3);
    if (part.is_complete) CHECK_EQ(part.text, whole);
  }
  CHECK_EQ(body(chunked, "x\r\nHello"), "");                         // no size
  CHECK_EQ(body(chunked, "ffffffffffffffff\r\nHello"), "Hello...");  // and one that is nearly too large to count with
  CHECK_EQ(body(chunked, "10000000000000000\r\nHello"), "");         // or is
}

TEST("own-response-01 of a body no more than 64 KiB are kept, whatever it says of itself") {
  const std::string much(kMaxBody + 1, 'x');
  for (const Response& response : {response_with("Content-Length", "99999999"), response_with("Connection", "close")}) {
    CHECK_EQ(body(response, much), much.substr(1));
  }
  CHECK(body_of(response_with("Transfer-Encoding", "chunked"), "fffff\r\n" + much).is_complete);
}

TEST("own-response-02 a refusal is thrown with its fields and its body") {
  const HandshakeError error =
      refusal("HTTP/1.1 503 Service Unavailable\r\nRetry-After: 7\r\nContent-Length: 5\r\n\r\nHello", false);
  CHECK_EQ(error.status(), 503);
  CHECK_EQ(*find_field(error.response().fields, "Retry-After"), "7");
  CHECK_EQ(error.response().body, "Hello");
  CHECK_EQ(refusal("HTTP/1.1 401 No\r\nConnection: close\r\n\r\nHello", true).response().body, "Hello");
  CHECK_EQ(refusal("HTTP/1.1 401 No\r\nContent-Length: 9\r\n\r\nHello", true).response().body, "Hello");  // cut short
}

TEST("own-response-03 a response that cannot be read has the status 0, and nothing else") {
  const HandshakeError error = refusal("220 mail.example.com\r\n\r\n", false);
  CHECK_EQ(error.status(), 0);
  CHECK(error.response().fields.empty());
}

TEST("own-response-04 after a 101 its fields can be asked for, at the client") {
  Serving serving({.on_handshake = [](const Request&) {
    return HandshakeDecision{.headers = {{"Set-Cookie", "a=b"}}};
  }});
  const WebSocketClient client(url_of(serving.port()));
  CHECK_EQ(client.response().status, 101);
  CHECK_EQ(*find_field(client.response().fields, "Set-Cookie"), "a=b");
}

TEST("own-response-05 a client that waits for the response can be stopped") {
  const Socket listener = listen_on("127.0.0.1", 0);
  ConnectStop stop;
  auto client = in_thread([&]() -> std::string {
    try {
      WebSocketClient(url_of(listener.local_port()), {.handshake_timeout = Milliseconds(0), .stop = &stop});
      return "open";
    } catch (const std::system_error& error) {
      return error.code() == std::errc::operation_canceled ? error.what() : "another error";
    }
  });
  RawClient server(accept_one(listener));
  server.take_head();
  stop.stop();
  CHECK_EQ(client.get(), "waiting for the server's response: Operation canceled");
}

TEST("own-response-06 so can one whose long request the server does not read") {
  const Socket listener = listen_on("127.0.0.1", 0);
  ConnectStop stop;
  auto client = in_thread([&]() -> std::string {
    try {
      WebSocketClient(url_of(listener.local_port()), {.handshake_timeout = Milliseconds(0),
                                                      .headers = {{"X", std::string(32 * 1024 * 1024, 'x')}},
                                                      .stop = &stop});
      return "open";
    } catch (const std::system_error& error) {
      return error.what();
    }
  });
  Socket server = accept_one(listener);
  take(server, 1);  // it has begun
  stop.stop();
  CHECK_EQ(client.get(), "sending the request: Operation canceled");
}
