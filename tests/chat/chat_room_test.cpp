// The room: commands in, messages out, and a clock that the test moves.
#include <map>
#include <string>
#include <vector>

#include "chat/commands.h"
#include "chat/host.h"
#include "chat/page.h"
#include "chat/room.h"
#include "chat/text.h"
#include "check.h"

namespace {

using Lines = std::vector<std::string>;

// A room and those who are connected to it, by a letter each.
class Fixture {
 public:
  explicit Fixture(RoomOptions options = {.bot = false}) : room(with_clock(std::move(options))) {}

  void connect(const std::string& who) {
    Lines& heard = heard_[who];
    room.connect(&heard, {[&heard](std::string_view text) { heard.emplace_back(text); },
                          [&heard] { heard.push_back("closed"); }});
  }
  void send(const std::string& who, std::string_view json) { room.receive(&heard_[who], json); }
  void say(const std::string& who, std::string_view text) {
    send(who, to_string(JsonObject{{"type", "say"}, {"text", text}}));
  }
  void join(const std::string& who, std::string_view name) {
    connect(who);
    send(who, to_string(JsonObject{{"type", "join"}, {"name", name}}));
  }
  void disconnect(const std::string& who) { room.disconnect(&heard_[who]); }

  // What has come since the last look.
  Lines heard(const std::string& who) { return std::exchange(heard_[who], {}); }
  void forget() {
    for (auto& [who, lines] : heard_) lines.clear();
  }

  std::chrono::steady_clock::time_point now{};
  Room room;

 private:
  RoomOptions with_clock(RoomOptions options) {
    options.epoch = "e1";
    options.clock = [this] { return now; };
    options.time = [] { return std::chrono::system_clock::from_time_t(1'000'000'000); };
    return options;
  }
  std::map<std::string, Lines> heard_;  // whose addresses are the clients' ids
};

std::string error(const std::string& text) { return R"({"type":"error","text":")" + text + "\"}"; }
std::string info(const std::string& text) { return R"({"type":"info","text":")" + text + "\"}"; }
std::string message(int seq, const std::string& from, const std::string& text) {
  return R"({"type":"message","seq":)" + std::to_string(seq) + R"(,"time":"2001-09-09T01:46:40Z","from":")" + from +
         R"(","text":")" + text + "\"}";
}
std::string secret(const std::string& from, const std::string& to, const std::string& text) {
  return R"({"type":"private","time":"2001-09-09T01:46:40Z","from":")" + from + R"(","to":")" + to + R"(","text":")" +
         text + "\"}";
}
std::string welcome(const std::string& you, const std::string& members, int seq, const std::string& history,
                    int missed = 0) {
  return R"({"type":"welcome","room":"Chat","epoch":"e1","you":")" + you + R"(","bot":null,"members":[)" + members +
         R"(],"seq":)" + std::to_string(seq) + R"(,"missed":)" + std::to_string(missed) + R"(,"history":[)" + history +
         "]}";
}

// Ada is a, Bob is b, and both have heard all about it.
Fixture& with_two(Fixture& fixture) {
  fixture.join("a", "Ada");
  fixture.join("b", "Bob");
  fixture.forget();
  return fixture;
}

}  // namespace

// ---- Coming and going ----

TEST("own-chat-room-01 a newcomer is welcomed, and the others are told") {
  Fixture room;
  room.join("a", "Ada");
  CHECK_EQ(room.heard("a"), Lines{welcome("Ada", "\"Ada\"", 0, "")});
  room.join("b", "Bob");
  CHECK_EQ(room.heard("a"), Lines{R"({"type":"joined","name":"Bob"})"});
  CHECK_EQ(room.heard("b"), Lines{welcome("Bob", R"("Ada","Bob")", 0, "")});
  room.disconnect("a");
  CHECK_EQ(room.heard("b"), Lines{R"({"type":"left","name":"Ada"})"});
}

TEST("own-chat-room-02 who has not joined hears nothing, may say nothing, and leaves unnoticed") {
  Fixture room;
  with_two(room).connect("c");
  room.say("a", "Hello");
  room.say("c", "Hello");
  CHECK_EQ(room.heard("c"), Lines{error("Join the room first.")});
  room.send("c", R"({"type":"typing"})");
  CHECK_EQ(room.heard("c"), Lines{error("Join the room first.")});
  room.disconnect("c");
  CHECK_EQ(room.heard("b"), Lines{message(1, "Ada", "Hello")});
}

TEST("own-chat-room-03 a name has 1 to 32 characters, none of them invisible, and one owner") {
  Fixture room;
  with_two(room).connect("c");
  const auto refused = [&](const std::string& name, const std::string& why) {
    room.send("c", to_string(JsonObject{{"type", "join"}, {"name", name}}));
    CHECK_EQ(room.heard("c"), Lines{error(why)});
  };
  refused("", "A name has 1 to 32 characters.");
  refused("  ", "A name has 1 to 32 characters.");
  refused(std::string(33, 'x'), "A name has 1 to 32 characters.");
  refused("a\nb", "A name has no control characters, nor invisible ones.");
  refused(
      "a\u0085"
      "b",
      "A name has no control characters, nor invisible ones.");
  refused(
      "\u202e"
      "adA",
      "A name has no control characters, nor invisible ones.");  // shown as Ada
  refused("Ada", "That name is taken.");
  refused(" aDA ", "That name is taken.");
  std::string longest;
  for (int i = 0; i < 32; ++i) longest += "\xf0\x9f\x98\x80";
  room.send("c", to_string(JsonObject{{"type", "join"}, {"name", longest}}));
  CHECK_EQ(room.heard("a"), Lines{R"({"type":"joined","name":")" + longest + "\"}"});
  room.send("c", R"({"type":"join","name":"Cyd"})");
  CHECK_EQ(room.heard("c").back(), error("You are in the room already."));
}

TEST("own-chat-room-04 a room has a limit of members, and room again when one has left") {
  Fixture room({.bot = false, .max_members = 2});
  with_two(room).join("c", "Cyd");
  CHECK_EQ(room.heard("c"), Lines{error("The room is full.")});
  room.disconnect("b");
  room.send("c", R"({"type":"join","name":"Cyd"})");
  CHECK_EQ(room.heard("c"), Lines{welcome("Cyd", R"("Ada","Cyd")", 0, "")});
}

TEST("own-chat-room-05 a new name is announced to all, and may be another spelling of the old one") {
  Fixture room;
  with_two(room).say("b", "/name Rob");
  CHECK_EQ(room.heard("a"), Lines{R"({"type":"renamed","from":"Bob","name":"Rob"})"});
  CHECK_EQ(room.heard("b"), Lines{R"({"type":"renamed","from":"Bob","name":"Rob"})"});
  room.say("b", "username:ROB");
  CHECK_EQ(room.heard("a"), Lines{R"({"type":"renamed","from":"Rob","name":"ROB"})"});
  room.say("b", "/name Ada");
  CHECK_EQ(room.heard("b").back(), error("That name is taken."));
  CHECK_EQ(room.heard("a"), Lines{});
}

TEST("own-chat-room-06 who quits is said goodbye to, and hears no more") {
  Fixture room;
  for (const char* line : {"/quit", "disconnect"}) {
    room.join("a", "Ada");
    room.join("b", "Bob");
    room.forget();
    room.say("a", line);
    CHECK_EQ(room.heard("a"), (Lines{info("Goodbye."), "closed"}));
    CHECK_EQ(room.heard("b"), Lines{R"({"type":"left","name":"Ada"})"});
    room.disconnect("a");  // the connection's end, which comes later
    room.say("a", "Hello?");
    room.say("b", "Bye");
    CHECK_EQ(room.heard("a"), Lines{});
    room.disconnect("b");
  }
}

// ---- Saying ----

TEST("own-chat-room-07 everybody hears a message, who said it too, under one number") {
  Fixture room;
  with_two(room).say("a", "Hello");
  room.say("b", "all:Hi");
  room.say("b", "/me waves");
  const Lines heard = room.heard("a");
  CHECK_EQ(heard[0], message(1, "Ada", "Hello"));
  CHECK_EQ(heard[1], message(2, "Bob", "Hi"));
  CHECK_EQ(heard[2], R"({"type":"action","seq":3,"time":"2001-09-09T01:46:40Z","from":"Bob","text":"waves"})");
  CHECK_EQ(room.heard("b"), heard);
}

TEST("own-chat-room-08 a private message reaches two, and the history never") {
  Fixture room;
  with_two(room).join("c", "Grace Hopper");
  room.forget();
  for (const char* line : {"@bob psst", "/msg Bob psst", "@Bob: psst", "@Bob, psst"}) {
    room.say("a", line);
    CHECK_EQ(room.heard("a"), Lines{secret("Ada", "Bob", "psst")});
    CHECK_EQ(room.heard("b"), Lines{secret("Ada", "Bob", "psst")});
  }
  room.say("b", "@Grace Hopper nanoseconds");
  CHECK_EQ(room.heard("c"), Lines{secret("Bob", "Grace Hopper", "nanoseconds")});
  CHECK_EQ(room.heard("a"), Lines{});
  room.join("d", "Dan");
  CHECK_EQ(room.heard("d"), Lines{welcome("Dan", R"("Ada","Bob","Grace Hopper","Dan")", 0, "")});
}

TEST("own-chat-room-09 of several names that fit, the longest is meant") {
  Fixture room;
  with_two(room).join("c", "Ada Lovelace");
  room.forget();
  room.say("b", "@Ada Lovelace hello");
  CHECK_EQ(room.heard("c"), Lines{secret("Bob", "Ada Lovelace", "hello")});
  CHECK_EQ(room.heard("a"), Lines{});
  room.say("b", "@Ada Love");
  CHECK_EQ(room.heard("a"), Lines{secret("Bob", "Ada", "Love")});
}

TEST("own-chat-room-10 what cannot be done is refused to who asked, and to nobody else") {
  Fixture room;
  with_two(room);
  const auto refused = [&](std::string_view line, const std::string& why) {
    room.say("a", line);
    CHECK_EQ(room.heard("a"), Lines{error(why)});
    CHECK_EQ(room.heard("b"), Lines{});
    room.now += std::chrono::seconds(1);
  };
  refused("@Eve hello", "There is nobody of that name in the room.");
  refused("@Bo hello", "There is nobody of that name in the room.");
  refused("@Bob", "There is nothing to say.");
  refused("", "There is nothing to say.");
  refused(" \n ", "There is nothing to say.");
  refused("/me", "There is nothing to say.");
  refused("/shrug", "There is no such command; /help lists them.");
  refused("/bot hello", "There is no bot in this room.");
  refused("chatbot:hello", "There is no bot in this room.");
  refused(std::string(4'001, 'x'), "A message has at most 4,000 characters.");
}

TEST("own-chat-room-11 4,000 characters are a message, of four bytes each too") {
  Fixture room;
  with_two(room);
  std::string text;
  for (int i = 0; i < 4'000; ++i) text += "\xf0\x9f\x98\x80";
  room.say("a", text);
  CHECK_EQ(room.heard("b"), Lines{message(1, "Ada", text)});
}

TEST("own-chat-room-12 /who and /help are answered to who asks") {
  Fixture room;
  with_two(room).say("a", "/who");
  CHECK_EQ(room.heard("a"), Lines{R"({"type":"info","text":"In the room: Ada, Bob"})"});
  room.say("a", "/help");
  CHECK(room.heard("a")[0].find("@name text") != std::string::npos);
  CHECK_EQ(room.heard("b"), Lines{});
}

TEST("own-chat-room-13 whatever is not understood is answered with an error") {
  Fixture room;
  with_two(room);
  for (const char* garbage : {"", "Hello", "{", "[]", "5", "{}", R"({"type":7})", R"({"type":"shout","text":"x"})",
                              R"({"type":"say"})", R"({"type":"say","text":5})", R"({"type":"say","text":"a"} x)"}) {
    room.send("a", garbage);
    const Lines heard = room.heard("a");
    CHECK_EQ(heard.size(), std::size_t{1});
    CHECK(heard.at(0).starts_with(R"({"type":"error","text":"Not understood: )"));
    CHECK_EQ(room.heard("b"), Lines{});
  }
}

TEST("own-chat-room-14 others see who is typing") {
  Fixture room;
  with_two(room).send("a", R"({"type":"typing"})");
  CHECK_EQ(room.heard("a"), Lines{});
  CHECK_EQ(room.heard("b"), Lines{R"({"type":"typing","name":"Ada"})"});
}

TEST("own-chat-room-15 a ping is answered, so that a page can tell a dead line from a quiet one") {
  Fixture room;
  with_two(room).send("a", R"({"type":"ping"})");
  CHECK_EQ(room.heard("a"), Lines{R"({"type":"pong"})"});
}

// ---- Limits in time ----

TEST("own-chat-rate-01 10 in 5 seconds, and the window slides") {
  RateLimit limit(10, std::chrono::seconds(5));
  RateLimit::Clock::time_point now{};
  for (int i = 0; i < 10; ++i, now += std::chrono::milliseconds(100)) CHECK(limit.allow(now));
  CHECK(!limit.allow(now));
  now = RateLimit::Clock::time_point{} + std::chrono::milliseconds(4'999);
  CHECK(!limit.allow(now));
  now += std::chrono::milliseconds(1);
  CHECK(limit.allow(now));   // the first has left the window
  CHECK(!limit.allow(now));  // the second has not
}

TEST("own-chat-rate-02 the eleventh message in 5 seconds is refused, of one client and not of others") {
  Fixture room;
  with_two(room);
  for (int i = 0; i < 12; ++i) room.say("a", "x");
  const Lines heard = room.heard("a");
  CHECK_EQ(heard.size(), std::size_t{12});
  CHECK_EQ(heard[9], message(10, "Ada", "x"));
  CHECK_EQ(heard[10], error("That was a little fast. Please wait a few seconds."));
  CHECK_EQ(room.heard("b").size(), std::size_t{10});
  room.say("b", "y");
  CHECK_EQ(room.heard("a"), Lines{message(11, "Bob", "y")});
  room.now += std::chrono::seconds(5);
  room.say("a", "z");
  CHECK_EQ(room.heard("b").back(), message(12, "Ada", "z"));
}

TEST("own-chat-rate-03 typing is not passed on faster either") {
  Fixture room;
  with_two(room);
  for (int i = 0; i < 50; ++i) room.send("a", R"({"type":"typing"})");
  CHECK_EQ(room.heard("b").size(), std::size_t{10});
  CHECK_EQ(room.heard("a"), Lines{});
}

// ---- History ----

TEST("own-chat-history-01 a newcomer gets the last messages") {
  Fixture room({.bot = false, .max_history = 2});
  with_two(room);
  for (const char* text : {"one", "two", "three"}) room.say("a", text);
  room.join("c", "Cyd");
  CHECK_EQ(room.heard("c"), Lines{welcome("Cyd", R"("Ada","Bob","Cyd")", 3,
                                          message(2, "Ada", "two") + "," + message(3, "Ada", "three"))});
}

TEST("own-chat-history-02 who comes back gets what was missed, and no more") {
  Fixture room;
  with_two(room);
  for (const char* text : {"one", "two", "three"}) room.say("a", text);
  room.connect("c");
  room.send("c", R"({"type":"join","name":"Cyd","epoch":"e1","after":2})");
  CHECK_EQ(room.heard("c"), Lines{welcome("Cyd", R"("Ada","Bob","Cyd")", 3, message(3, "Ada", "three"))});
}

TEST("own-chat-history-03 who has missed more than is kept is told how many") {
  Fixture room({.bot = false, .max_history = 1});
  with_two(room);
  for (const char* text : {"one", "two", "three", "four"}) room.say("a", text);
  room.connect("c");
  room.send("c", R"({"type":"join","name":"Cyd","epoch":"e1","after":1})");
  CHECK_EQ(room.heard("c"), Lines{welcome("Cyd", R"("Ada","Bob","Cyd")", 4, message(4, "Ada", "four"), 2)});
}

TEST("own-chat-history-04 numbers of another epoch count for nothing") {
  Fixture room;
  with_two(room).say("a", "one");
  room.connect("c");
  room.send("c", R"({"type":"join","name":"Cyd","epoch":"e0","after":500})");
  CHECK_EQ(room.heard("c"), Lines{welcome("Cyd", R"("Ada","Bob","Cyd")", 1, message(1, "Ada", "one"))});
}

TEST("own-chat-history-05 a history of none is none") {
  Fixture room({.bot = false, .max_history = 0});
  with_two(room).say("a", "one");
  room.join("c", "Cyd");
  CHECK_EQ(room.heard("c"), Lines{welcome("Cyd", R"("Ada","Bob","Cyd")", 1, "")});
}

TEST("own-chat-history-06 with its key a client gets its name back from a connection that died unnoticed") {
  Fixture room;
  with_two(room).connect("c");
  room.send("c", R"({"type":"join","name":"Cyd","key":"k"})");
  room.forget();
  room.connect("d");
  room.send("d", R"({"type":"join","name":"Cyd","key":"wrong"})");
  CHECK_EQ(room.heard("d"), Lines{error("That name is taken.")});
  room.send("d", R"({"type":"join","name":"Cyd","key":""})");
  CHECK_EQ(room.heard("d"), Lines{error("That name is taken.")});
  room.send("d", R"({"type":"join","name":"Cyd","key":"k","epoch":"e1","after":0})");
  CHECK_EQ(room.heard("c"), (Lines{info("You have joined from elsewhere."), "closed"}));
  CHECK_EQ(room.heard("d"), Lines{welcome("Cyd", R"("Ada","Bob","Cyd")", 0, "")});
  room.disconnect("c");
  CHECK_EQ(room.heard("a"), Lines{});  // nobody has come, nobody has left
  room.say("a", "@Cyd there?");
  CHECK_EQ(room.heard("d"), Lines{secret("Ada", "Cyd", "there?")});
}

// ---- The bot in the room ----

TEST("own-chat-room-16 the bot greets who is alone, and answers to everything") {
  Fixture room({.bot = true});
  room.join("a", "Ada");
  const Lines heard = room.heard("a");
  CHECK(heard[0].find(R"("bot":"Bot","members":["Bot","Ada"])") != std::string::npos);
  CHECK_EQ(heard[1], secret("Bot", "Ada", "It is only you and me here. What is on your mind?"));
  room.say("a", "I am bored");
  CHECK_EQ(room.heard("a"),
           (Lines{message(1, "Ada", "I am bored"), message(2, "Bot", "I am sorry to hear that you are bored.")}));
}

TEST("own-chat-room-17 among people the bot answers when it is spoken to") {
  Fixture room({.bot = true});
  with_two(room).say("a", "I am bored");
  CHECK_EQ(room.heard("b"), Lines{message(1, "Ada", "I am bored")});
  room.say("a", "Bot, ping");
  CHECK_EQ(room.heard("b"), (Lines{message(2, "Ada", "Bot, ping"), message(3, "Bot", "Pong.")}));
  room.say("a", "Bottom, ping");
  CHECK_EQ(room.heard("b"), Lines{message(4, "Ada", "Bottom, ping")});
}

TEST("own-chat-room-18 a word with the bot in private stays private") {
  Fixture room({.bot = true});
  with_two(room);
  for (const char* line : {"@Bot hello", "/bot hello", "chatbot:hello", "/msg bot hello"}) {
    room.say("a", line);
    const Lines heard = room.heard("a");
    CHECK_EQ(heard.at(0), secret("Ada", "Bot", "hello"));
    CHECK(heard.at(1).find(R"("from":"Bot","to":"Ada")") != std::string::npos);
    CHECK_EQ(room.heard("b"), Lines{});
  }
}

TEST("own-chat-room-19 nobody can take the bot's name, unless there is no bot") {
  Fixture room({.bot = true});
  room.join("a", "bot");
  CHECK_EQ(room.heard("a"), Lines{error("That name is taken.")});
  Fixture without;
  without.join("a", "Bot");
  CHECK_EQ(without.heard("a"), Lines{welcome("Bot", "\"Bot\"", 0, "")});
}

// ---- Text, addresses, the page ----

TEST("own-chat-text-01 code points, from one byte to four") {
  const std::u32string points = code_points("A\u00e9\u20ac\U0001f600");
  CHECK(points == U"A\u00e9\u20ac\U0001f600");
  std::string back;
  for (const char32_t c : points) back += to_utf8(c);
  CHECK_EQ(back, "A\u00e9\u20ac\U0001f600");
  CHECK_EQ(count_code_points(back), std::size_t{4});
}

TEST("own-chat-host-01 behind a proxy the address is the rightmost one, if it is one") {
  struct Row {
    websock::HeaderFields fields;
    const char* address;
  };
  const std::vector<Row> rows = {
      {{}, "10.0.0.1:99"},
      {{{"X-Forwarded-For", "203.0.113.7"}}, "203.0.113.7"},
      {{{"X-Forwarded-For", "1.2.3.4, 203.0.113.7"}}, "203.0.113.7"},
      {{{"X-Forwarded-For", "1.2.3.4"}, {"x-forwarded-for", "5.6.7.8 ,2001:db8::7"}}, "2001:db8::7"},
      {{{"X-Forwarded-For", "203.0.113.7, unknown"}}, "10.0.0.1:99"},
      {{{"X-Forwarded-For", "203.0.113.700"}}, "10.0.0.1:99"},
      {{{"X-Forwarded-For", ""}}, "10.0.0.1:99"},
  };
  for (const Row& row : rows) {
    const websock::Request request{.method = "GET", .target = "/", .minor_version = 1, .fields = row.fields};
    CHECK_EQ(forwarded_address(request, "10.0.0.1:99"), row.address);
  }
}

TEST("own-chat-page-01 the page lets in what carries its nonce, and nothing else") {
  const websock::Request request{.method = "GET", .target = "/any/path/?x=1", .minor_version = 1, .fields = {}};
  const websock::Response page = serve_page(request);
  const std::string* policy = find_field(page.fields, "Content-Security-Policy");
  CHECK_EQ(page.status, 200);
  CHECK(policy != nullptr && policy->starts_with("default-src 'none'; script-src 'nonce-"));
  CHECK(policy != nullptr && policy->find("frame-ancestors 'none'") != std::string::npos);
  CHECK_EQ(*find_field(page.fields, "X-Frame-Options"), "DENY");
  const std::size_t at = page.body.find("<script nonce=\"") + 15;
  const std::string nonce = page.body.substr(at, page.body.find('"', at) - at);
  CHECK_EQ(nonce.size(), std::size_t{24});
  CHECK(policy->find("script-src 'nonce-" + nonce + "'") != std::string::npos);
  CHECK(serve_page(request).body.find(nonce) == std::string::npos);
}

TEST("own-chat-page-02 what looks like a file is not there") {
  const websock::Request request{.method = "GET", .target = "/favicon.ico", .minor_version = 1, .fields = {}};
  CHECK_EQ(serve_page(request).status, 404);
}

TEST("own-chat-page-03 the page makes no markup of text, and fetches nothing") {
  for (const char* forbidden :
       {"innerHTML", "outerHTML", "insertAdjacentHTML", "document.write", "eval(", "src=", "@import", "url("}) {
    CHECK(kChatPage.find(forbidden) == kChatPage.npos);
  }
  CHECK(kChatPage.find("textContent") != kChatPage.npos);
}
