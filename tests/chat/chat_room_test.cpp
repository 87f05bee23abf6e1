// The room: commands in, messages out, and a clock that the test moves.
#include <cstdlib>
#include <future>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "chat/commands.h"
#include "chat/host.h"
#include "chat/names.h"
#include "chat/outage.h"
#include "chat/page.h"
#include "chat/redis_log.h"
#include "chat/room.h"
#include "chat/text.h"
#include "check.h"

namespace {

using Lines = std::vector<std::string>;

// A room and those who are connected to it, by a letter each.
class Fixture {
 public:
  explicit Fixture(RoomOptions options = {.bot = false}) : room(with_clock(options)) {
    // The same tests, with the log in Redis: with_redis.sh says where that is.
    const char* url = std::getenv("CHAT_ROOM_REDIS");
    if (url == nullptr) return;
    static int count = 0;
    log_.emplace(room, RedisLogOptions{.url = parse_redis_url(url),
                                       .room = "room " + std::to_string(++count),
                                       .max_members = options.max_members,
                                       .patience = websock::Milliseconds(20'000),  // nobody is to be away here
                                       .make_epoch = [] { return std::string("e1"); }});
  }

  void connect(const std::string& who, const std::string& address = "") {
    Lines& heard = heard_[who];
    room.connect(&heard,
                 {[&heard](std::string_view text) { heard.emplace_back(text); },
                  [&heard](bool come_back) { heard.push_back(come_back ? "closed: come back" : "closed"); }, address});
  }
  std::chrono::nanoseconds send(const std::string& who, std::string_view json) {
    return room.receive(&heard_[who], json);
  }
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
  std::optional<RedisLog> log_;         // none: the room's own
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
  // What a page or a terminal would show as another's name, or as the end of it.
  for (const char* hidden : {"A\u00addа", "Ada\u200b", "Ada\u2800", "Ada\u3164", "Ada\ufe0f", "A\U000e0041",
                             "A\u2003da", "A\u00a0da", "A\u061cda", "Ada\ufff9", "\U000f0000"}) {
    refused(hidden, "A name has no control characters, nor invisible ones.");
  }
  refused("\u0301", "A name does not begin with a mark that joins the character before it.");
  refused("\u0301Ada", "A name does not begin with a mark that joins the character before it.");
  refused("Ada \"I\"", "A name has no quotation marks.");
  refused("Ada  Lovelace", "A name has no two spaces in a row.");
  std::string longest;
  for (int i = 0; i < 32; ++i) longest += "\xf0\x9f\x98\x80";
  room.send("c", to_string(JsonObject{{"type", "join"}, {"name", longest}}));
  CHECK_EQ(room.heard("a"), Lines{R"({"type":"joined","name":")" + longest + "\"}"});
  room.forget();
  room.send("c", R"({"type":"join","name":"Cyd"})");
  CHECK_EQ(room.heard("c"), Lines{error("You are in the room already.")});
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
  room.say("b", "@\"Grace Hopper\" nanoseconds");
  CHECK_EQ(room.heard("c"), Lines{secret("Bob", "Grace Hopper", "nanoseconds")});
  CHECK_EQ(room.heard("a"), Lines{});
  room.join("d", "Dan");
  CHECK_EQ(room.heard("d"), Lines{welcome("Dan", R"("Ada","Bob","Grace Hopper","Dan")", 0, "")});
}

TEST("own-chat-room-09 without quotation marks a name is one word, so nobody gets what was meant for another") {
  Fixture room;
  with_two(room).join("c", "Ada I");
  room.forget();
  room.say("b", "@Ada I think that she listens");
  CHECK_EQ(room.heard("a"), Lines{secret("Bob", "Ada", "I think that she listens")});
  CHECK_EQ(room.heard("c"), Lines{});
  room.forget();
  room.disconnect("a");
  room.forget();
  room.say("b", "@Ada I think that she listens");
  CHECK_EQ(room.heard("b"), Lines{error("There is nobody of that name in the room.")});
  CHECK_EQ(room.heard("c"), Lines{});
  for (const char* line : {"@\"ada i\" hello", "/msg \"Ada I\": hello", "@\"Ada I\"hello"}) {
    room.say("b", line);
    CHECK_EQ(room.heard("c"), Lines{secret("Bob", "Ada I", "hello")});
  }
}

TEST("own-chat-room-20 a client that says for whom a message is needs no marks in it") {
  Fixture room;
  with_two(room).join("c", "Ada I");
  room.forget();
  room.send("b", R"({"type":"say","text":"/quit","to":"Ada I"})");
  CHECK_EQ(room.heard("c"), Lines{secret("Bob", "Ada I", "/quit")});
  room.send("b", R"({"type":"say","text":"hello","to":"Eve"})");
  CHECK_EQ(room.heard("b").back(), error("There is nobody of that name in the room."));
  CHECK_EQ(room.heard("a"), Lines{});
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
  room.say("a", "/WHO");  // alone, too, it may be written as one likes
  CHECK_EQ(room.heard("a"), Lines{R"({"type":"info","text":"In the room: Ada, Bob"})"});
  room.say("a", "/help");
  const Lines help = room.heard("a");
  for (const char* line : {"@Ada hello ", "@Bot hello ", "/me waves ", "/name Ada ", "/who ", "/help ", "/quit "}) {
    CHECK(help[0].find(std::string("\\n") + line) != std::string::npos);  // each on a line of its own
  }
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

TEST("own-chat-room-21 a join that is wrong in any part changes nothing") {
  for (const char* wrong : {R"({"type":"join","name":"Ghost","epoch":5})", R"({"type":"join","name":"Ghost","key":[]})",
                            R"({"type":"join","name":"Ghost","epoch":"e1","after":"x"})",
                            R"({"type":"join","name":"Ghost","epoch":"e1","after":-1})", R"({"type":"join"})",
                            R"({"type":"join","name":7})"}) {
    Fixture room;
    with_two(room).connect("c");
    room.send("c", wrong);
    CHECK(room.heard("c").at(0).starts_with(R"({"type":"error","text":"Not understood: )"));
    room.say("a", "/who");
    CHECK_EQ(room.heard("a"), Lines{info("In the room: Ada, Bob")});
    room.say("b", "psst");
    CHECK_EQ(room.heard("c"), Lines{});
    room.send("c", R"({"type":"join","name":"Ghost"})");
    CHECK_EQ(room.heard("a").back(), R"({"type":"joined","name":"Ghost"})");
  }
}

TEST("own-chat-room-22 a say or a join that is wrong in a member it could do without is refused as well") {
  Fixture room;
  with_two(room).send("a", R"({"type":"say","text":"x","to":5})");
  CHECK(room.heard("a").at(0).starts_with(R"({"type":"error","text":"Not understood: )"));
  CHECK_EQ(room.heard("b"), Lines{});
}

TEST("own-chat-room-23 what a client sent is read before the room is locked: it holds up nobody but its sender") {
  std::vector<std::future<bool>> others;
  Room* room = nullptr;
  Room whole({.bot = false, .read = [&](std::string_view text) {
                // is_draining() takes the lock. If this thread had it, the other one would wait for it, and for ever.
                others.push_back(std::async(std::launch::async, [&] { return room->is_draining(); }));
                CHECK(others.back().wait_for(std::chrono::minutes(1)) == std::future_status::ready);
                return parse_request(text);
              }});
  room = &whole;
  const int ada = 0;
  whole.connect(&ada, {[](std::string_view) {}, [](bool) {}});
  whole.receive(&ada, R"({"type":"ping"})");
  whole.receive(&ada, "no JSON");
  CHECK_EQ(others.size(), std::size_t{2});
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

TEST("own-chat-rate-04 who comes in again, or takes another name, is still over the limit") {
  Fixture room;
  with_two(room);
  const auto come_back = [&](const std::string& who, const char* name) {
    room.connect(who);
    room.send(who, to_string(JsonObject{{"type", "join"}, {"name", name}, {"key", "k"}}));
    room.forget();
  };
  come_back("c", "Cyd");
  for (int i = 0; i < 10; ++i) room.say("c", "x");
  come_back("d", "Cyd");  // with the key
  room.say("d", "x");
  CHECK_EQ(room.heard("d"), Lines{error("That was a little fast. Please wait a few seconds.")});
  room.disconnect("d");
  come_back("e", "cYD");
  room.say("e", "x");
  CHECK_EQ(room.heard("e"), Lines{error("That was a little fast. Please wait a few seconds.")});
  come_back("f", "Fay");
  for (int i = 0; i < 9; ++i) room.say("f", "x");
  room.say("f", "/name Faye");
  room.forget();
  room.say("f", "x");
  CHECK_EQ(room.heard("f"), Lines{error("That was a little fast. Please wait a few seconds.")});
  room.now += std::chrono::seconds(5);
  room.say("f", "y");
  CHECK_EQ(room.heard("a"), Lines{message(20, "Faye", "y")});
}

TEST("own-chat-rate-05 from one address, 200 may come in within ten seconds; others are not kept out") {
  Fixture room;
  const auto join_from = [&](const std::string& address) {
    room.connect("x", address);
    room.send("x", R"({"type":"join","name":"X"})");
    room.disconnect("x");
    return room.heard("x").at(0);
  };
  for (int i = 0; i < 200; ++i) CHECK(join_from("192.0.2.1").starts_with(R"({"type":"welcome")"));
  const std::string wait =
      R"({"type":"error","text":"Too many come in at once. Please wait a few seconds.","wait":10})";
  CHECK_EQ(join_from("192.0.2.1"), wait);
  CHECK(join_from("192.0.2.2").starts_with(R"({"type":"welcome")"));
  room.now += std::chrono::seconds(10);
  CHECK(join_from("192.0.2.1").starts_with(R"({"type":"welcome")"));
}

TEST("own-chat-rate-07 from one address, 300 messages may come within ten seconds, whatever the names") {
  Fixture room;
  with_two(room);
  const auto say_from = [&](const std::string& address, int name) {
    room.connect("x", address);
    room.send("x", to_string(JsonObject{{"type", "join"}, {"name", "X" + std::to_string(name)}}));
    room.heard("x");
    for (int i = 0; i < 10; ++i) room.say("x", "y");
    room.disconnect("x");
    return room.heard("x").back();
  };
  const std::string refused = error("That was a little fast. Please wait a few seconds.");
  for (int name = 0; name < 30; ++name) CHECK(say_from("192.0.2.1", name) != refused);
  CHECK_EQ(say_from("192.0.2.1", 30), refused);
  CHECK(say_from("192.0.2.2", 31) != refused);
  CHECK(say_from("", 32) != refused);
  room.now += std::chrono::seconds(10);
  CHECK(say_from("192.0.2.1", 33) != refused);
}

TEST("own-chat-rate-06 who has been quiet is forgotten") {
  LimitOfEach<RateLimit> limits({1, std::chrono::seconds(5)});
  RateLimit::Clock::time_point now{};
  for (int i = 0; i < 10'000; ++i, now += std::chrono::seconds(1)) CHECK(limits.of(std::to_string(i), now).allow(now));
  CHECK(limits.size() <= 100);
}

TEST("own-chat-rate-08 a pace: some ahead of time, then one every so often, and no debt that outlives a second") {
  using std::chrono::milliseconds;
  Pace pace(milliseconds(50), milliseconds(200));
  RateLimit::Clock::time_point now{};
  for (int i = 0; i < 4; ++i) CHECK(pace.take(now) == milliseconds(0));
  CHECK(pace.take(now) == milliseconds(50));
  CHECK(pace.take(now) == milliseconds(100));
  CHECK(pace.take(now, 3) == milliseconds(250));
  now += milliseconds(250);
  CHECK(pace.take(now) == milliseconds(50));  // it waited, and goes on at that pace
  for (int i = 0; i < 1'000; ++i) CHECK(pace.take(now) <= Pace::kLongest);
  CHECK(!pace.is_idle(now));
  now += milliseconds(1'200);
  CHECK(pace.is_idle(now));
  CHECK(pace.take(now) == milliseconds(0));
}

TEST("own-chat-rate-09 who sends too fast is read more slowly, whatever it sends, and whether it is a member or not") {
  const std::string big(4'000, '\x01');
  const auto refused = to_string(JsonObject{{"type", "say"}, {"text", big + "x"}});
  for (const std::string& flood :
       {std::string(R"({"type":"say","text":"/who"})"), std::string(R"({"type":"ping"})"), std::string("no JSON"),
        std::string(R"({"type":"say","text":"/name Eve"})"), refused, std::string(60'000, '[')}) {
    Fixture room;
    with_two(room).connect("c");
    for (const char* who : {"a", "c"}) {
      std::chrono::nanoseconds pause{};
      int taken = 0;
      for (; pause.count() == 0 && taken < 1'000; ++taken) pause = room.send(who, flood);
      CHECK(taken <= 51);  // the first 50 come ahead of time
      CHECK(pause.count() > 0);
      for (int i = 0; i < 100; ++i) pause = room.send(who, flood);
      CHECK(pause == std::chrono::seconds(1));
    }
    CHECK(room.send("b", R"({"type":"say","text":"Hello"})").count() == 0);  // others do not notice
    CHECK_EQ(room.heard("b").back(), message(1, "Bob", "Hello"));
  }
}

TEST("own-chat-rate-10 a flood that comes from one address on many connections is read more slowly, too") {
  Fixture room;
  with_two(room);
  const auto flood_from = [&](const std::string& address) {
    std::chrono::nanoseconds longest{};
    for (int i = 0; i < 40; ++i) {
      room.connect("x", address);
      for (int k = 0; k < 40; ++k) longest = std::max(longest, room.send("x", "no JSON"));
      room.disconnect("x");
    }
    return longest;
  };
  CHECK(flood_from("") == std::chrono::seconds(0));  // unknown: no limit by address
  CHECK(flood_from("192.0.2.1") == std::chrono::seconds(1));
  room.connect("x", "192.0.2.2");
  CHECK(room.send("x", "no JSON").count() == 0);
}

TEST("own-chat-rate-11 people are read without a pause, be it two hundred behind one address") {
  Fixture room;
  for (int i = 0; i < 200; ++i) room.connect(std::to_string(i), "192.0.2.1");
  for (int second = 0; second < 20; ++second, room.now += std::chrono::seconds(1)) {
    for (int i = 0; i < 200; ++i) {
      // One in ten types, one in ten writes, and everybody's page asks whether we are there.
      const bool is_busy = i % 10 == 0;
      if (is_busy) CHECK(room.send(std::to_string(i), R"({"type":"typing"})").count() == 0);
      if (is_busy) CHECK(room.send(std::to_string(i), R"({"type":"say","text":"Hello"})").count() == 0);
      if (i % 20 == second) CHECK(room.send(std::to_string(i), R"({"type":"ping"})").count() == 0);
    }
  }
}

TEST("own-chat-rate-12 from one address a long text counts as several: everybody is sent it") {
  Fixture room;
  with_two(room);
  int said = 0;
  for (int name = 0; name < 10; ++name) {
    room.connect("x", "192.0.2.1");
    room.send("x", to_string(JsonObject{{"type", "join"}, {"name", "X" + std::to_string(name)}}));
    for (int i = 0; i < 10; ++i) room.say("x", std::string(3'999, 'y'));
    room.disconnect("x");
  }
  for (const std::string& line : room.heard("b")) said += line.starts_with(R"({"type":"message")");
  CHECK_EQ(said, 75);  // 4 each, of 300
}

// ---- History ----

// What a newcomer is sent, in bytes, where twenty messages of the greatest length were said: each letter of them takes six
// bytes, as "\u0001" does in JSON.
static std::size_t welcome_after_the_longest(Fixture& room) {
  with_two(room);
  for (int i = 0; i < 20; ++i, room.now += std::chrono::seconds(1)) room.say("a", std::string(4'000, '\x01'));
  room.join("c", "Cyd");
  return room.heard("c").at(0).size();
}

TEST("own-chat-history-09 a longer history may take more bytes: 64 KiB for each 100 messages, at least and up to 256") {
  for (const auto& [messages, kilobytes] : std::vector<std::pair<std::size_t, std::size_t>>{
           {0, 64}, {1, 64}, {100, 64}, {199, 64}, {200, 128}, {399, 192}, {400, 256}, {500, 256}, {10'000, 256}}) {
    CHECK_EQ(max_history_bytes_for(messages), kilobytes * 1024);
  }
  Fixture room({.bot = false, .max_history = 400, .max_history_bytes = max_history_bytes_for(400)});
  const std::size_t size = welcome_after_the_longest(room);
  CHECK(size > 10 * 24'000);
  CHECK(size < 256 * 1024 + 500);
}

TEST("own-chat-history-07 the history is limited in bytes, too, whatever the size of a message") {
  const std::string text(1'000, 'x');
  Fixture room({.bot = false, .max_history_bytes = 5'000});
  with_two(room);
  for (int i = 0; i < 8; ++i) room.say("a", text);
  room.join("c", "Cyd");
  const std::string welcome = room.heard("c").at(0);
  CHECK(welcome.size() < 5'500);
  CHECK(welcome.find("\"seq\":4,") == std::string::npos);
  for (const char* kept : {"\"seq\":5,", "\"seq\":6,", "\"seq\":7,", "\"seq\":8,"}) {
    CHECK(welcome.find(kept) != std::string::npos);
  }
}

TEST("own-chat-history-08 of the longest messages a newcomer gets 64 KiB: all others wait while a welcome is sent") {
  Fixture room;
  const std::size_t size = welcome_after_the_longest(room);
  CHECK(size > 2 * 24'000);
  CHECK(size < 64 * 1024 + 500);
}

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

// ---- Names ----

// The sums that the files of the Unicode Character Database, version 14.0, give themselves.
TEST("own-chat-names-01 the tables hold what Unicode's files say, over all code points") {
  std::size_t hidden = 0;
  std::size_t marks = 0;
  std::size_t both = 0;
  for (char32_t c = 0; c <= 0x10FFFF; ++c) {
    hidden += is_hidden(c);
    marks += is_mark(c);
    both += is_hidden(c) && is_mark(c);
  }
  // Default_Ignorable_Code_Point; Cc, Co, Cs; Zs but for the space; Zl and Zp; Cf that is not ignored by default; characters
  // that are none; and the Braille pattern without dots.
  CHECK_EQ(hidden, std::size_t{4'174 + 65 + 137'468 + 2'048 + 16 + 2 + 25 + 66 + 1});
  // Mn, Mc and Me, without those that are hidden as well, and with what is not assigned between them.
  CHECK_EQ(marks, std::size_t{1'950 + 445 + 13 - 263 + 179});
  CHECK_EQ(both, std::size_t{1});  // U+034F, in the middle of the combining diacritical marks
}

TEST("own-chat-names-02 letters, digits, symbols and emoji of all scripts are not hidden, and no marks") {
  for (const char32_t c : U"Az09 _-.éß\u0416\u05d0\u0639\u0939\u0e01\u4e2d\u3042\uac00\U0001f600\U00020000") {
    if (c != 0) CHECK(!is_hidden(c) && !is_mark(c));
  }
  for (const char* name : {"Zoë", "Žižek", "O'Neil", "李小龍", "José\u0301", "\U0001f980"})
    CHECK_EQ(check_name(name), name);
  CHECK_EQ(check_name("  Ada "), "Ada");
}

TEST("own-chat-names-03 each range of the tables begins and ends where it should") {
  for (const char32_t c :
       {0x00ADU, 0x034FU, 0x061CU, 0x115FU, 0x1160U, 0x17B4U,  0x180BU,  0x200BU,  0x200FU,  0x202AU,  0x2066U, 0x3164U,
        0xFE00U, 0xFE0FU, 0xFEFFU, 0xFFA0U, 0xFFF0U, 0x1BCA0U, 0x1D173U, 0xE0000U, 0xE0FFFU, 0x0085U,  0x00A0U, 0x1680U,
        0x2000U, 0x2028U, 0x2029U, 0x202FU, 0x205FU, 0x3000U,  0xE000U,  0xFDD0U,  0xFFFEU,  0x10FFFFU}) {
    CHECK(is_hidden(c));
  }
  for (const char32_t c : {0x20U, 0x7EU, 0xA1U, 0xACU, 0xAEU, 0x2010U, 0x2027U, 0x2030U, 0x3001U, 0xFDCFU, 0xFFFDU}) {
    CHECK(!is_hidden(c));
  }
  for (const char32_t c :
       {0x0300U, 0x036EU, 0x0483U, 0x0591U, 0x064BU, 0x093EU, 0x0E31U, 0x20DDU, 0x3099U, 0xFE20U, 0x1E8D6U}) {
    CHECK(is_mark(c));
  }
}

// ---- Text, addresses, the page ----

// ---- With a log that is elsewhere, as the log sees it ----

TEST(
    "own-chat-log-01 a client whose join is in a picture of the room, and was never told to it, is sent to come "
    "again") {
  Room room({.server = "s1", .bot = false});
  Step join;
  room.follow({.append = [&](const std::function<Step()>& decide) { join = decide(); }, .whisper = {}});
  Lines heard;
  room.connect(&heard, {[&](std::string_view text) { heard.emplace_back(text); },
                        [&](bool come_back) { heard.push_back(come_back ? "closed 1012" : "closed 1000"); }});
  Lines other;
  room.connect(&other,
               {[&](std::string_view text) { other.emplace_back(text); }, [&](bool) { other.push_back("closed"); }});
  room.receive(&heard, R"({"type":"join","name":"Ada"})");
  CHECK_EQ(join.changes.size(), std::size_t{1});
  RoomState picture = room.empty_state("e2");
  picture.begin_at({7, 0}, {parse_member(join.changes[0].owner)});
  room.start_anew(picture);
  CHECK_EQ(heard, Lines{"closed 1012"});
  CHECK_EQ(other, Lines{});
}

TEST("own-chat-log-02 while a server drains, who goes has not left; at the end, who has not come back elsewhere has") {
  Room room({.server = "s1", .bot = false});
  std::vector<Step> steps;
  room.follow({.append = [&](const std::function<Step()>& decide) { steps.push_back(decide()); }, .whisper = {}});
  Lines heard;
  room.connect(&heard, {[&](std::string_view text) { heard.emplace_back(text); }, [](bool) {}});
  room.receive(&heard, R"({"type":"join","name":"Ada"})");
  room.apply(
      {.type = "joined", .name = "Ada", .owner = parse_member(steps.at(0).changes.at(0).owner).owner, .at = {0, 1}});
  CHECK(!room.is_draining());
  room.set_draining(true);
  CHECK(room.is_draining());
  room.disconnect(&heard);
  room.reap({});
  CHECK_EQ(steps.size(), std::size_t{1});
  room.end_drain();
  CHECK_EQ(steps.size(), std::size_t{2});
  CHECK_EQ(steps.back().entries.at(0).type, "left");
}

TEST("own-chat-log-03 a page that joins again at `back`, while its first join is still under way, is welcomed once") {
  Room room({.server = "s1", .bot = false});
  Lines heard;  // the types
  room.connect(&heard, {[&](std::string_view text) { heard.push_back(parse_json(text)["type"].text()); }, [](bool) {}});
  std::function<void(const std::function<Step()>&)> append;
  room.follow({.append = [&](const std::function<Step()>& decide) { append(decide); }, .whisper = {}});
  const auto come_out = [&](const Step& step) {
    const Member member = parse_member(step.changes.at(0).owner);
    room.apply({.type = "joined", .name = member.name, .owner = member.owner, .at = {0, 1}});
  };
  const char* const join = R"({"type":"join","name":"Ada ","key":"k"})";

  // Neither done nor refused: nobody knows. And the room is not away by now, so nobody else would say `back`.
  Step doubtful;
  append = [&](const std::function<Step()>& decide) {
    doubtful = decide();
    throw Away("The room did not answer.");
  };
  room.receive(&heard, join);
  CHECK_EQ(heard, (Lines{"away", "back"}));
  // It was done. The room reads that while the second join is under way.
  append = [&](const std::function<Step()>& decide) {
    come_out(doubtful);
    CHECK(decide().entries.empty());
  };
  room.receive(&heard, join);
  CHECK_EQ(heard, (Lines{"away", "back", "welcome"}));
  // A third one, for a second `back`.
  append = [&](const std::function<Step()>&) { CHECK(false); };
  room.receive(&heard, join);
  CHECK_EQ(heard, (Lines{"away", "back", "welcome"}));
  room.receive(&heard, R"({"type":"join","name":"Ada","key":"another"})");
  CHECK_EQ(heard.back(), "error");
}

TEST("own-chat-log-04 the operator reads once that Redis is away, once that it is back, and seldom anything between") {
  const auto at = [](double seconds) {
    return Outage::Clock::time_point(std::chrono::milliseconds(static_cast<int>(1000 * seconds)));
  };
  Outage outage(std::chrono::milliseconds(2'500));
  CHECK_EQ(outage.well("cannot write", at(0)), "");
  CHECK_EQ(outage.trouble("cannot follow", "hung up", at(1)), "trouble with Redis: cannot follow: hung up");
  for (int i = 0; i < 118; ++i) {
    CHECK_EQ(outage.trouble("cannot write", "refused", at(1.5 + i / 2.0)), "");
    CHECK_EQ(outage.trouble("cannot follow", "hung up", at(1.5 + i / 2.0)), "");
  }
  CHECK_EQ(outage.trouble("cannot follow", "hung up", at(61)), "");
  CHECK_EQ(outage.trouble("cannot write", "refused", at(61)), "trouble with Redis: cannot write: refused");
  // The two take turns; neither is news any more.
  for (int i = 0; i < 400; ++i) CHECK_EQ(outage.trouble("cannot write", i % 2 ? "hung up" : "refused", at(62 + i)), "");
  CHECK_EQ(outage.well("cannot write", at(470)), "");
  CHECK_EQ(outage.well("cannot follow", at(471.25)), "Redis is well again, after 470.2 s");
  CHECK_EQ(outage.well("cannot follow", at(472)), "");

  // A minute of peace, and again. Then what is over at once is not told; what lasts is, though it comes soon.
  CHECK_EQ(outage.trouble("cannot write", "refused", at(480)), "trouble with Redis: cannot write: refused");
  CHECK_EQ(outage.well("cannot write", at(480.5)), "Redis is well again, after 0.5 s");
  for (int i = 0; i < 20; ++i) {
    CHECK_EQ(outage.trouble("cannot write", "refused", at(481 + i)), "");
    CHECK_EQ(outage.well("cannot write", at(481.5 + i)), "");
  }
  CHECK_EQ(outage.trouble("cannot write", "refused", at(502)), "");
  CHECK_EQ(outage.trouble("cannot write", "refused", at(504.5)), "trouble with Redis: cannot write: refused");
  CHECK_EQ(outage.well("cannot write", at(512)), "Redis is well again, after 10.0 s");
}

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
      // What a client wrote itself cannot hide what the proxy has added.
      {{{"X-Forwarded-For", "\", 203.0.113.7"}}, "203.0.113.7"},
      {{{"X-Forwarded-For", "\"1.2.3.4, 203.0.113.7"}}, "203.0.113.7"},
      {{{"X-Forwarded-For", "\"\\"}, {"X-Forwarded-For", "203.0.113.7"}}, "203.0.113.7"},
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

TEST("own-chat-page-04 the page's scripts are one: no event comes between two of them") {
  const websock::Request request{.method = "GET", .target = "/", .minor_version = 1, .fields = {}};
  const std::string page = serve_page(request).body;
  CHECK(page.find("<script ") != std::string::npos);
  CHECK_EQ(page.find("<script "), page.rfind("<script "));
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
