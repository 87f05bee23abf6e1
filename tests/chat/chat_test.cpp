// The chat over the network: our own client against the room, as chat_server runs it.
#include <atomic>
#include <string>
#include <vector>

#include "chat/host.h"
#include "check.h"
#include "endpoints/server_fixture.h"
#include "websock.h"

namespace {

websock::ServerOptions hosting(Room& room, websock::ServerOptions options = {}) {
  options.same_origin = true;
  host_room(options, room);
  return options;
}

// A room, and a server for it on a free port.
struct ChatServer {
  explicit ChatServer(RoomOptions room_options = {.bot = false}, websock::ServerOptions options = {})
      : room(with_epoch(std::move(room_options))), running(hosting(room, std::move(options))) {}
  static RoomOptions with_epoch(RoomOptions options) {
    options.epoch = "e1";
    return options;
  }
  std::uint16_t port() { return running.server().port(); }
  std::string url() { return url_of(port(), "/any/path"); }

  Room room;
  Running running;
};

// Somebody in the room.
class Guest {
 public:
  explicit Guest(ChatServer& server, const websock::ClientOptions& options = {}) : client_(server.url(), options) {}
  Guest(ChatServer& server, std::string_view name) : Guest(server) {
    send(JsonObject{{"type", "join"}, {"name", name}});
    welcome = next();
  }

  void send(const Json& message) { client_.send(to_string(message)); }
  void say(std::string_view text) { send(JsonObject{{"type", "say"}, {"text", text}}); }

  // What comes next; null if it is the end.
  Json next() {
    const std::optional<websock::OwnedMessage> message = client_.receive(kLong);
    return message ? parse_json(message->text()) : Json();
  }
  // What comes next, in short: "message 3 Ada: Hello".
  std::string heard() {
    const Json message = next();
    if (message.is_null()) return "end " + std::to_string(static_cast<int>(client_.close_info().code));
    std::string line = message["type"].text();
    if (!message["seq"].is_null()) line += " " + to_string(message["seq"]);
    for (const char* name : {"from", "to", "name"}) {
      if (!message[name].is_null()) line += " " + message[name].text();
    }
    if (!message["text"].is_null()) line += ": " + message["text"].text();
    return line;
  }
  websock::WebSocketClient& client() { return client_; }

  Json welcome;

 private:
  websock::WebSocketClient client_;
};

int refused(ChatServer& server, const std::string& origin) {
  try {
    const Guest guest(server, websock::ClientOptions{.headers = {{"Origin", origin}}});
    return 0;
  } catch (const websock::HandshakeError& error) {
    return error.status();
  }
}

}  // namespace

TEST("own-chat-01 people come, talk and go, and all hear it in one order") {
  ChatServer server;
  Guest ada(server, "Ada");
  Guest bob(server, "Bob");
  CHECK_EQ(ada.heard(), "joined Bob");
  {
    Guest cyd(server, "Cyd");
    CHECK_EQ(to_string(cyd.welcome["members"]), R"(["Ada","Bob","Cyd"])");
    CHECK_EQ(ada.heard(), "joined Cyd");
    CHECK_EQ(bob.heard(), "joined Cyd");
    cyd.say("Hello");
    for (Guest* guest : {&ada, &bob, &cyd}) CHECK_EQ(guest->heard(), "message 1 Cyd: Hello");
    ada.say("Welcome");
    for (Guest* guest : {&ada, &bob, &cyd}) CHECK_EQ(guest->heard(), "message 2 Ada: Welcome");
  }
  CHECK_EQ(ada.heard(), "left Cyd");
  CHECK_EQ(bob.heard(), "left Cyd");
}

TEST("own-chat-02 what many say at once, all hear in the same order") {
  ChatServer server;
  std::vector<std::unique_ptr<Guest>> guests;
  for (int i = 0; i < 8; ++i) guests.push_back(std::make_unique<Guest>(server, "guest " + std::to_string(i)));
  std::vector<std::string> heard(guests.size());
  std::vector<std::thread> threads;
  for (std::size_t i = 0; i < guests.size(); ++i) {
    threads.emplace_back([&, i] {
      for (int k = 0; k < 10; ++k) guests[i]->say("text " + std::to_string(k));
      for (int messages = 0; messages < 80;) {
        const std::string line = guests[i]->heard();
        if (!line.starts_with("message")) continue;  // those who came in later
        heard[i] += line + "\n";
        ++messages;
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
  CHECK(heard[0].find("message 80 ") != std::string::npos);
  for (const std::string& each : heard) CHECK_EQ(each, heard[0]);
}

TEST("own-chat-03 a private message reaches one person") {
  ChatServer server;
  Guest ada(server, "Ada");
  Guest bob(server, "Bob");
  Guest cyd(server, "Cyd");
  cyd.say("@Ada psst");
  cyd.say("aloud");
  CHECK_EQ(ada.heard(), "joined Bob");
  CHECK_EQ(ada.heard(), "joined Cyd");
  CHECK_EQ(ada.heard(), "private Cyd Ada: psst");
  CHECK_EQ(ada.heard(), "message 1 Cyd: aloud");
  CHECK_EQ(bob.heard(), "joined Cyd");
  CHECK_EQ(bob.heard(), "message 1 Cyd: aloud");
}

TEST("own-chat-04 who comes back hears what was missed, once") {
  ChatServer server;
  Guest ada(server, "Ada");
  Guest bob(server, "Bob");
  bob.say("one");
  CHECK_EQ(ada.heard(), "joined Bob");
  CHECK_EQ(ada.heard(), "message 1 Bob: one");
  ada.client().close();
  CHECK_EQ(bob.heard(), "message 1 Bob: one");
  CHECK_EQ(bob.heard(), "left Ada");
  bob.say("two");
  CHECK_EQ(bob.heard(), "message 2 Bob: two");
  Guest again(server);
  again.send(parse_json(R"({"type":"join","name":"Ada","epoch":"e1","after":1})"));
  const Json welcome = again.next();
  CHECK_EQ(welcome["history"].array().size(), std::size_t{1});
  CHECK_EQ(welcome["history"].array().at(0)["text"].text(), "two");
  bob.say("three");
  CHECK_EQ(again.heard(), "message 3 Bob: three");
}

TEST("own-chat-05 a lost connection's name comes back with its key, and the old connection is told") {
  ChatServer server;
  Guest old(server);
  const Json join = parse_json(R"({"type":"join","name":"Ada","key":"k"})");
  old.send(join);
  CHECK_EQ(old.next()["type"].text(), "welcome");
  Guest fresh(server);
  fresh.send(join);
  CHECK_EQ(fresh.next()["type"].text(), "welcome");
  CHECK_EQ(old.heard(), "info: You have joined from elsewhere.");
  CHECK_EQ(old.heard(), "end 1000");
}

TEST("own-chat-06 garbage is answered to who sent it, and to nobody else") {
  ChatServer server;
  Guest ada(server, "Ada");
  Guest bob(server, "Bob");
  for (const char* garbage : {"", "all:Hello", "{\"type\":", "[1,2]", R"({"type":"say","text":7})"}) {
    bob.client().send(std::string_view(garbage));
    CHECK(bob.heard().starts_with("error: Not understood"));
  }
  bob.client().send(websock::bytes_of(R"({"type":"say","text":"binary"})"));
  CHECK(bob.heard().starts_with("error: Not understood"));
  bob.say("done");
  CHECK_EQ(ada.heard(), "joined Bob");
  CHECK_EQ(ada.heard(), "message 1 Bob: done");
}

TEST("own-chat-07 /quit ends with a Close, and the others see who has left") {
  ChatServer server;
  Guest ada(server, "Ada");
  Guest bob(server, "Bob");
  bob.say("/quit");
  CHECK_EQ(bob.heard(), "info: Goodbye.");
  CHECK_EQ(bob.heard(), "end 1000");
  CHECK_EQ(ada.heard(), "joined Bob");
  CHECK_EQ(ada.heard(), "left Bob");
}

TEST("own-chat-08 only pages of the room's own origin may connect, and those that are listed") {
  ChatServer server({.bot = false}, {.allowed_origins = {"https://friends.example"}});
  CHECK_EQ(refused(server, "http://127.0.0.1:" + std::to_string(server.port())), 0);
  CHECK_EQ(refused(server, "https://friends.example"), 0);
  for (const char* origin :
       {"http://evil.example", "http://127.0.0.1", "null", "https://friends.example.evil.example"}) {
    CHECK_EQ(refused(server, origin), 403);
  }
}

TEST("own-chat-09 the page is on the same port, and may not be framed") {
  ChatServer server;
  RawClient browser(server.port());
  browser.send("GET / HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n");
  const std::string head = browser.take_head();
  CHECK(head.starts_with("HTTP/1.1 200 OK\r\n"));
  for (const char* part : {"frame-ancestors 'none'", "X-Frame-Options: DENY", "default-src 'none'", "text/html"}) {
    CHECK(head.find(part) != std::string::npos);
  }
  CHECK(browser.take_text_to_end().find("</html>") != std::string::npos);
}

TEST("own-chat-10 who does not read holds nobody up, and is thrown out in the end") {
  websock::ServerOptions options;
  options.limits.max_outbox = 64 * 1024;
  // A second passes whenever the room looks at its clock, so that nobody is ever too fast.
  std::atomic<int> seconds = 0;
  RoomOptions room{.bot = false, .max_history = 0};
  room.clock = [&] { return websock::Clock::time_point(std::chrono::seconds(++seconds)); };
  ChatServer server(room, options);
  Guest ada(server, "Ada");
  RawClient deaf(server.port(), 4096);
  deaf.upgrade();
  deaf.send(masked_text(R"({"type":"join","name":"Deaf"})"));
  CHECK_EQ(ada.heard(), "joined Deaf");
  std::string text;
  for (int i = 0; i < 4'000; ++i) text += "\xe2\x82\xac";
  // The system takes some megabytes for one who does not read, before the outbox has to.
  bool left = false;
  for (int i = 0; !left && i < 2'000; ++i) {
    ada.say(text);
    std::string line = ada.heard();
    if (line.starts_with("left")) {
      left = line == "left Deaf";
      line = ada.heard();
    }
    CHECK(line.starts_with("message"));
  }
  CHECK(left);
}
