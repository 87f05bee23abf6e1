// The recipes of walkthrough/recipes.md, run as their readers run them.
#include <sys/un.h>
#include <unistd.h>

#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <filesystem>

#include "check.h"
#include "endpoints/server_fixture.h"
#include "program.h"

using namespace websock;

namespace {

// A recipe that is a server, on a port that the system chooses.
class Recipe {
 public:
  explicit Recipe(const std::string& name, std::vector<std::string> more = {})
      : process_(words(name, std::move(more)), "/dev/null") {
    const std::string line = process_.read_line();  // listening on ws://127.0.0.1:36545/
    port_ = static_cast<std::uint16_t>(std::stoi(line.substr(line.rfind(':') + 1)));
  }
  std::uint16_t port() const { return port_; }
  Process* operator->() { return &process_; }

  // What a GET is answered.
  std::string get(const std::string& path) const {
    RawClient client(port_);
    client.send("GET " + path + " HTTP/1.1\r\nHost: x\r\n\r\n");
    return client.take_text_to_end();
  }

 private:
  static std::vector<std::string> words(const std::string& name, std::vector<std::string> more) {
    more.insert(more.begin(), {WEBSOCK_BIN "recipes/" + name, "0"});
    return more;
  }
  Process process_;
  std::uint16_t port_ = 0;
};

// A recipe that is a client, with these arguments.
class Asking : public Process {
 public:
  Asking(const std::string& name, std::vector<std::string> arguments)
      : Process(words(name, std::move(arguments)), "/dev/null") {}

 private:
  static std::vector<std::string> words(const std::string& name, std::vector<std::string> arguments) {
    arguments.insert(arguments.begin(), WEBSOCK_BIN "recipes/" + name);
    return arguments;
  }
};

// Passes on what comes, both ways, until both have ended.
void relay(Socket one, Socket other) {
  const auto pass = [](Socket& from, Socket& to) {
    Bytes bytes(4096);
    try {
      while (const std::size_t count = from.receive(bytes, kLong).value_or(0)) {
        if (!to.send_all(ByteView(bytes).first(count), soon())) break;
      }
    } catch (const std::system_error&) {
      // a reset is an end, too
    }
    to.shut_down_sending();
  };
  std::thread back([&] { pass(other, one); });
  pass(one, other);
  back.join();
}

// Asks for a WebSocket with these further lines in the head. The head of the answer.
std::string ask(RawClient& client, const std::string& path, const std::string& lines) {
  client.send("GET " + path + std::string(kRequestWithoutEnd.substr(std::string_view("GET /path?query").size())) +
              lines + "\r\n");
  std::string head;
  while (!head.ends_with("\r\n\r\n")) head += text_of(take(client.socket, 1));
  return head;
}

}  // namespace

TEST("own-recipe-01 ticker: everybody hears each tick, and Ctrl-C ends it in order") {
  Recipe ticker("ticker");
  RawClient ada(ticker.port());
  RawClient bob(ticker.port());
  for (RawClient* client : {&ada, &bob}) {
    client->upgrade();
    const std::string tick = client->take_payload();
    CHECK(tick.starts_with("tick "));
    CHECK_EQ(client->take_payload(), "tick " + std::to_string(std::stoi(tick.substr(5)) + 1));
  }
  ticker->signal(SIGINT);
  for (RawClient* client : {&ada, &bob}) {
    RawFrame frame = take_frame(client->socket);
    while (frame.first == 0x81) frame = take_frame(client->socket);
    CHECK_EQ(to_hex(frame.payload), "03 e9");  // 1001
    client->socket.close();
  }
  CHECK_EQ(ticker->wait(), 0);
}

TEST("own-recipe-02 login: a cookie or a token opens, and without either there is a 401") {
  Recipe server("login");
  for (const char* line : {"Cookie: theme=dark; session=7c0ffee\r\n", "Authorization: Bearer 7c0ffee\r\n"}) {
    RawClient client(server.port());
    const std::string head = ask(client, "/", line);
    CHECK(head.starts_with("HTTP/1.1 101 "));
    CHECK(head.find("\r\nSet-Cookie: seen=1; HttpOnly; SameSite=Strict\r\n") != std::string::npos);
    CHECK_EQ(client.take_payload(), "welcome");
  }
  for (const char* line : {"Cookie: session=7c0ffee7\r\n", "Authorization: Basic 7c0ffee\r\n", ""}) {
    RawClient client(server.port());
    CHECK(ask(client, "/", line).starts_with("HTTP/1.1 401 "));
  }
}

TEST("own-recipe-03 one_port: the page and an echo") {
  Recipe server("one_port");
  const std::string page = server.get("/");
  CHECK(page.starts_with("HTTP/1.1 200 OK\r\n"));
  CHECK(page.find("new WebSocket(") != std::string::npos);
  RawClient client(server.port());
  client.upgrade();
  CHECK(client.echoes("Hello"));
}

TEST("own-recipe-04 behind_proxy: only /live/ is served, and the proxy says who it is") {
  Recipe server("behind_proxy");
  RawClient client(server.port());
  CHECK(ask(client, "/live/", "X-Forwarded-For: 6.6.6.6, 192.0.2.1\r\n").starts_with("HTTP/1.1 101 "));
  CHECK_EQ(client.take_payload(), "you are 192.0.2.1");
  RawClient lost(server.port());
  CHECK(ask(lost, "/", "").starts_with("HTTP/1.1 404 "));
  RawClient stranger(server.port());
  CHECK(ask(stranger, "/live/", "Origin: https://evil.example\r\n").starts_with("HTTP/1.1 403 "));
}

TEST("own-recipe-05 draining: 503 for the load balancer first, 1012 for the clients then") {
  Recipe server("draining", {"2"});
  RawClient client(server.port());
  client.upgrade();
  CHECK(server.get("/health").starts_with("HTTP/1.1 200 "));
  server->signal(SIGTERM);
  // For two seconds it says so. A machine that is too slow to ask within those does not see it.
  std::string answer;
  try {
    do answer = server.get("/health");
    while (answer.starts_with("HTTP/1.1 200 "));
  } catch (const std::exception&) {
    answer.clear();  // it has stopped listening: nobody there, or a reset
  }
  if (!answer.empty()) CHECK(answer.starts_with("HTTP/1.1 503 "));
  const RawFrame close = take_frame(client.socket);
  CHECK_EQ(close.first, 0x88);
  CHECK_EQ(to_hex(ByteView(close.payload).first(2)), "03 f4");  // 1012
  client.socket.close();
  CHECK_EQ(server->wait(), 0);
}

TEST("own-recipe-06 reconnect: it comes back after an end, and gives up on a 401 and on a wrong URL") {
  Serving serving({.on_connection_open = [](const Client& client) { client->send("hello"); }});
  Asking client("reconnect", {url_of(serving.port())});
  CHECK_EQ(client.read_line(), "hello");
  for (const Client& open : serving.server().clients()) open->close(CloseCode::service_restart);
  CHECK_EQ(client.read_line(), "hello");
  client.kill();
  Serving refusing({.on_handshake = [](const Request&) {
    return HandshakeDecision{.refusal = make_text_response(401, "Log in first.")};
  }});
  CHECK_EQ(Asking("reconnect", {url_of(refusing.port())}).wait(), 1);
  CHECK_EQ(Asking("reconnect", {"http://127.0.0.1/"}).wait(), 1);
}

TEST("own-recipe-07 client_data: each client has a name and a count of its own") {
  Recipe server("client_data");
  RawClient ada(server.port());
  ada.upgrade("name=Ada");
  RawClient somebody(server.port());
  somebody.upgrade();
  for (RawClient* client : {&ada, &ada, &somebody}) client->send(masked_text("x"));
  CHECK_EQ(ada.take_payload(), "Ada has said 1");
  CHECK_EQ(ada.take_payload(), "Ada has said 2");
  CHECK_EQ(somebody.take_payload(), "Somebody has said 1");
}

TEST("own-recipe-08 ask: the answer among other messages, or the news that there is none in time") {
  Serving answering({.on_data_receive = [](const Client& client, const Message& message) {
    client->send("something else");
    client->send(message);
  }});
  // It waits for two seconds, and a busy machine may need another try.
  CHECK(eventually([&] { return Asking("ask", {url_of(answering.port()), "Hello"}).read_line() == "Hello"; }));
  Serving silent({.on_data_receive = [](const Client&, const Message&) {}});
  CHECK_EQ(Asking("ask", {url_of(silent.port()), "Hello"}).read_line(), "no answer within 2 s");
}

TEST("own-recipe-09 http_proxy: CONNECT, and then the server's bytes from the first on; a refusal is told") {
  Serving serving;
  const Socket proxy = listen_on("127.0.0.1", 0);
  const std::vector<std::string> arguments = {"127.0.0.1", std::to_string(proxy.local_port()), url_of(serving.port())};
  const std::string host = "127.0.0.1:" + std::to_string(serving.port());
  const std::string wanted = "CONNECT " + host + " HTTP/1.1\r\nHost: " + host + "\r\n\r\n";
  Asking client("http_proxy", arguments);
  Socket connection = accept_one(proxy);
  CHECK_EQ(std::string(text_of(take(connection, wanted.size()))), wanted);
  put(connection, hex("48545450 2f312e31 20323030 204f4b 0d0a0d0a"));  // HTTP/1.1 200 OK
  std::thread passing([&] { relay(std::move(connection), connect_to_port(serving.port())); });
  CHECK_EQ(client.read_line(), "Hello");
  CHECK_EQ(client.wait(), 0);
  passing.join();

  Asking refused("http_proxy", arguments);
  Socket refusing = accept_one(proxy);
  take(refusing, wanted.size());
  put(refusing, hex("48545450 2f312e31 20343037 204e6f 0d0a0d0a"));  // HTTP/1.1 407 No
  CHECK_EQ(refused.wait(), 1);
}

TEST("own-recipe-10 unix_socket: the handshake and a message through a file; without the file, an error") {
  Serving serving;
  const std::string path = "/tmp/websock_recipe_" + std::to_string(::getpid());
  const Socket listener(::socket(AF_UNIX, SOCK_STREAM, 0));
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  path.copy(address.sun_path, sizeof address.sun_path - 1);
  CHECK_EQ(::bind(listener.descriptor(), reinterpret_cast<sockaddr*>(&address), sizeof address), 0);
  CHECK_EQ(::listen(listener.descriptor(), 1), 0);
  Asking client("unix_socket", {path, "ws://localhost/"});
  std::thread passing([&] { relay(accept_one(listener), connect_to_port(serving.port())); });
  CHECK_EQ(client.read_line(), "Hello");
  CHECK_EQ(client.wait(), 0);
  passing.join();
  ::unlink(path.c_str());
  CHECK_EQ(Asking("unix_socket", {path, "ws://localhost/"}).wait(), 1);
  CHECK_EQ(Asking("unix_socket", {std::string(200, 'x'), "ws://localhost/"}).wait(), 1);
}

TEST("own-recipe-11 wss: openssl speaks TLS, to a server whose certificate it has checked, and to no other") {
  if (std::system("openssl version >/dev/null 2>&1") != 0) {
    std::printf("not tried: there is no openssl\n");
    CHECK_EQ(Asking("wss", {"wss://localhost:1/", "/dev/null"}).wait(), 1);  // which is said
    return;
  }
  Serving serving({.limits = {.handshake_timeout = kLong}});  // it begins with the connection that s_server is given
  const std::string folder = "/tmp/websock_recipe_" + std::to_string(::getpid());
  std::filesystem::create_directory(folder);
  for (const char* name : {"good", "other"}) {
    const std::string make =
        std::string("cd ") + folder + " && openssl req -x509 -newkey rsa:2048 -nodes -days 1 -subj " +
        "/CN=localhost -addext subjectAltName=DNS:localhost -keyout " + name + ".key -out " + name + " 2>/dev/null";
    CHECK_EQ(std::system(make.c_str()), 0);
  }
  // What it decrypts goes to our server, and back: its standard input and output are a socket to that.
  const std::string port = std::to_string(listen_on("127.0.0.1", 0).local_port());
  Process tls({"/bin/bash", "-c",
               "cd " + folder + " && exec 3<>/dev/tcp/127.0.0.1/" + std::to_string(serving.port()) +
                   " && exec openssl s_server -quiet -cert good -key good.key -accept " + port + " <&3 >&3"},
              "/dev/null");
  CHECK(eventually([&] {
    try {
      return connect_to_port(static_cast<std::uint16_t>(std::stoi(port))).is_open();
    } catch (const std::system_error&) {
      return false;
    }
  }));
  const std::string url = "wss://localhost:" + port + "/";
  CHECK_EQ(Asking("wss", {url, folder + "/other"}).wait(), 1);
  Asking client("wss", {url, folder + "/good"});
  CHECK_EQ(client.read_line(), "Hello");
  CHECK_EQ(client.wait(), 0);
  tls.kill();
  std::filesystem::remove_all(folder);
}
