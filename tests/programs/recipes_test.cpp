// The recipes of walkthrough/recipes.md, run as their readers run them.
#include <csignal>

#include "check.h"
#include "endpoints/server_fixture.h"
#include "program.h"

using namespace websock;

namespace {

// A recipe, on a port that the system chooses.
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
  } catch (const std::runtime_error&) {
    answer.clear();  // it has stopped listening
  }
  if (!answer.empty()) CHECK(answer.starts_with("HTTP/1.1 503 "));
  const RawFrame close = take_frame(client.socket);
  CHECK_EQ(close.first, 0x88);
  CHECK_EQ(to_hex(ByteView(close.payload).first(2)), "03 f4");  // 1012
  client.socket.close();
  CHECK_EQ(server->wait(), 0);
}
