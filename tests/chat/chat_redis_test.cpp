// The room on several servers: the promises of one server, and what becomes of them when something in between breaks.
#include <fstream>
#include <iterator>
#include <string>
#include <vector>

#include "chat/cluster.h"
#include "check.h"

namespace {

using websock::Milliseconds;

std::string epoch_of(const Guest& guest) { return guest.welcome()["epoch"].text(); }

// Runs `work` with each number from 0 to count - 1, all at once.
void all_at_once(std::size_t count, const std::function<void(std::size_t)>& work) {
  std::vector<std::thread> threads;
  for (std::size_t i = 0; i < count; ++i) threads.emplace_back([&, i] { work(i); });
  for (std::thread& thread : threads) thread.join();
}

}  // namespace

// ---- As on one server ----

TEST("own-cluster-01 what many say at three servers, all hear once and in one order") {
  RedisServer redis;
  Node nodes[] = {Node(redis.port, "s1"), Node(redis.port, "s2"), Node(redis.port, "s3")};
  std::vector<std::unique_ptr<Guest>> guests;
  for (std::size_t i = 0; i < 9; ++i)
    guests.push_back(std::make_unique<Guest>(nodes[i % 3], "guest " + std::to_string(i)));
  all_at_once(9, [&](std::size_t i) {
    for (int k = 0; k < 20; ++k) guests[i]->say("text " + std::to_string(k));
  });
  for (const auto& guest : guests) CHECK(guest->heard.gets(R"({"type":"message")", 180));
  const std::vector<std::string> first = guests[0]->messages();
  CHECK_EQ(first.size(), std::size_t{180});
  CHECK(first.back().starts_with("180 "));
  for (const auto& guest : guests) CHECK_EQ(guest->messages(), first);
}

TEST("own-cluster-02 of forty who want one name at the same time, one gets it") {
  RedisServer redis;
  Node nodes[] = {Node(redis.port, "s1"), Node(redis.port, "s2"), Node(redis.port, "s3")};
  std::vector<std::unique_ptr<Guest>> guests(40);
  all_at_once(40,
              [&](std::size_t i) { guests[i] = std::make_unique<Guest>(nodes[i % 3], i % 2 == 0 ? "Ada" : "ADA"); });
  std::size_t in = 0;
  std::size_t refused = 0;
  for (const auto& guest : guests) {
    in += guest->is_in();
    refused += guest->heard.count("That name is taken.");
  }
  CHECK_EQ(in, std::size_t{1});
  CHECK_EQ(refused, std::size_t{39});
}

TEST(
    "own-cluster-03 of thirty who want the last ten places at the same time, ten get in; a name changes in a full "
    "room") {
  RedisServer redis;
  const RoomOptions small = {.bot = false, .max_members = 10};
  Node nodes[] = {Node(redis.port, "s1", small), Node(redis.port, "s2", small), Node(redis.port, "s3", small)};
  std::vector<std::unique_ptr<Guest>> guests(30);
  all_at_once(30,
              [&](std::size_t i) { guests[i] = std::make_unique<Guest>(nodes[i % 3], "guest " + std::to_string(i)); });
  Guest* member = nullptr;
  std::size_t in = 0;
  for (const auto& guest : guests) {
    if (!guest->is_in()) continue;
    ++in;
    member = guest.get();
  }
  CHECK_EQ(in, std::size_t{10});
  member->say("/name Zoe");
  CHECK_EQ(member->heard.count(R"("name":"Zoe"})"), std::size_t{1});
  CHECK_EQ(redis.ask({"HLEN", "chat:{Chat}:members"}).as_number(), 10);
  CHECK_EQ(redis.ask({"HEXISTS", "chat:{Chat}:members", "zoe"}).as_number(), 1);
}

TEST("own-cluster-04 who comes back at another server has the name, and what was missed; nobody has left or come") {
  RedisServer redis;
  Node one(redis.port, "s1");
  Node two(redis.port, "s2");
  Guest bob(two, "Bob");
  Guest ada(one, "Ada", "secret");
  CHECK(bob.heard.gets(R"({"type":"joined","name":"Ada"})"));
  ada.say("one");
  bob.say("two");
  CHECK(ada.heard.gets("\"two\""));
  bob.say("three");
  Guest thief(two, "Ada", "guess");
  CHECK_EQ(thief.heard.count("That name is taken."), std::size_t{1});
  Guest again(two, "Ada", "secret", epoch_of(ada), 2);
  CHECK(again.is_in());
  CHECK(ada.heard.gets("You have joined from elsewhere."));
  CHECK(ada.heard.gets("closed 1000"));
  CHECK_EQ(again.messages(), (std::vector<std::string>{"3 Bob: three"}));
  bob.say("four");
  CHECK(again.heard.gets("\"four\""));
  CHECK_EQ(bob.heard.count(R"({"type":"left")"), std::size_t{0});
  CHECK_EQ(bob.heard.count(R"({"type":"joined")"), std::size_t{1});
  CHECK_EQ(bob.heard.count("secret"), std::size_t{0});
}

TEST("own-cluster-05 private words and typing reach the other server, and are kept nowhere") {
  RedisServer redis;
  Node one(redis.port, "s1");
  Node two(redis.port, "s2");
  Guest ada(one, "Ada");
  Guest bob(two, "Bob");
  Guest cyd(two, "Cyd");
  CHECK(ada.heard.gets(R"("name":"Cyd")"));
  // A server listens a moment after it began: until then, the sender is told that nobody was reached.
  CHECK(eventually([&] {
    ada.say("@Bob psst");
    return ada.heard.count(R"("to":"Bob","text":"psst"})") == 1;
  }));
  CHECK(bob.heard.gets(R"("from":"Ada","to":"Bob","text":"psst"})"));
  ada.send(JsonObject{{"type", "typing"}});
  CHECK(bob.heard.gets(R"({"type":"typing","name":"Ada"})"));
  CHECK(cyd.heard.gets(R"({"type":"typing","name":"Ada"})"));
  CHECK_EQ(ada.heard.count("typing"), std::size_t{0});
  CHECK_EQ(cyd.heard.count("psst"), std::size_t{0});
  const Reply stream = redis.ask({"XRANGE", "chat:{Chat}:log", "-", "+"});
  CHECK_EQ(stream.as_list().size(), std::size_t{3});  // three joins
}

TEST("own-cluster-06 the bot answers once, right behind the question") {
  RedisServer redis;
  const RoomOptions with_bot = {.bot = true};
  Node one(redis.port, "s1", with_bot);
  Node two(redis.port, "s2", with_bot);
  Guest ada(one, "Ada");
  Guest bob(two, "Bob");
  all_at_once(2, [&](std::size_t i) {
    for (int k = 0; k < 5; ++k) (i == 0 ? ada : bob).say("Bot, ping");
  });
  CHECK(ada.heard.gets(R"("from":"Bot","text")", 10));
  CHECK(bob.heard.gets("\"seq\":20,"));
  const std::vector<std::string> messages = bob.messages();
  CHECK_EQ(messages.size(), std::size_t{20});
  for (std::size_t i = 0; i < messages.size(); ++i)
    CHECK_EQ(messages[i].find(" Bot: ") != std::string::npos, i % 2 == 1);
}

TEST("own-cluster-31 four hundred of the longest texts, in Redis all at once, are read in portions") {
  RedisServer redis;
  Node one(redis.port, "s1");
  Guest ada(one, "Ada");
  // Together they are longer than what is taken of Redis in one answer. A script, so that no reader comes in between.
  const std::string entry = to_string(Json(JsonObject{
      {"type", "message"}, {"name", "Bob"}, {"text", std::string(4000, '\x01')}, {"time", "2026-01-01T00:00:00Z"}}));
  redis.ask({"EVAL",
             "for i = 1, 400 do redis.call('XADD', KEYS[1], i .. '-0', 'e', ARGV[1]) end "
             "return redis.call('HSET', KEYS[2], 'top', '400-0')",
             "2", "chat:{Chat}:log", "chat:{Chat}:meta", entry});
  CHECK(ada.heard.gets("\"seq\":400,"));
  CHECK_EQ(ada.messages().size(), std::size_t{400});
}

// ---- When something breaks ----

TEST("own-cluster-07 an answer that is lost: what was said is there once") {
  RedisServer redis;
  Relay relay(redis.port);
  Node one(relay.port(), "s1");
  Guest ada(one, "Ada");
  for (int i = 1; i <= 10; ++i) {
    relay.lose_answers(1, "$2\r\nOK\r\n$");  // the answer of APPEND: OK, and a position
    ada.say("number " + std::to_string(i));
    CHECK_EQ(relay.still_to_lose(), 0);
  }
  CHECK(ada.heard.gets("\"number 10\""));
  CHECK_EQ(ada.messages().size(), std::size_t{10});
}

TEST("own-cluster-08 a short cut is a delay: nothing is lost, nothing doubled, and nobody hears of it") {
  RedisServer redis;
  Relay relay(redis.port);
  Node one(relay.port(), "s1", {.bot = false}, {.patience = Milliseconds(4'000)});
  Node two(redis.port, "s2");
  Guest ada(one, "Ada");
  Guest bob(two, "Bob");
  CHECK(ada.heard.gets(R"("name":"Bob")"));
  relay.stop();
  auto said = in_thread([&] { return ada.say("in the dark"), true; });
  bob.say("meanwhile");
  CHECK(one.reports.gets("did not answer"));
  relay.go_on();
  CHECK(said.get());
  CHECK(bob.heard.gets("\"in the dark\""));
  CHECK(ada.heard.gets("\"in the dark\""));
  CHECK(ada.heard.gets("\"meanwhile\""));
  CHECK_EQ(ada.messages(), bob.messages());
  CHECK_EQ(ada.messages().size(), std::size_t{2});
  CHECK_EQ(ada.heard.count("away"), std::size_t{0});
}

TEST("own-cluster-09 a long cut: the room is away, says so, refuses at once, and comes back by itself") {
  RedisServer redis;
  Relay relay(redis.port);
  Node one(relay.port(), "s1", {.bot = false}, {.expiry = Milliseconds(60'000)});
  Node two(redis.port, "s2");
  Guest ada(one, "Ada");
  Guest bob(two, "Bob");
  CHECK(ada.heard.gets(R"("name":"Bob")"));
  relay.stop();
  CHECK(ada.heard.gets(R"({"type":"away"})"));
  ada.say("is anybody there?");
  CHECK_EQ(ada.heard.count("The room cannot be reached: that was not said."), std::size_t{1});
  Guest late(one, "Late");
  CHECK_EQ(late.heard.count(R"({"type":"away"})"), std::size_t{1});
  bob.say("you missed this");
  relay.go_on();
  CHECK(late.heard.gets(R"({"type":"back"})"));
  CHECK(ada.heard.gets("\"you missed this\""));
  late.send(JsonObject{{"type", "join"}, {"name", "Late"}});
  CHECK(late.heard.gets(R"({"type":"welcome")"));
  ada.say("here again");
  CHECK(bob.heard.gets("\"here again\""));
  CHECK_EQ(bob.heard.count("is anybody there?"), std::size_t{0});
  CHECK_EQ(bob.heard.count(R"({"type":"left")"), std::size_t{0});
  CHECK(one.reports.gets("Redis is well again, after "));
  CHECK(one.reports.lines().at(0).starts_with("trouble with Redis: "));
}

TEST("own-cluster-27 a room that was told last what is not so hears the truth with the next heartbeat") {
  RedisServer redis;
  Node one(redis.port, "s1");
  Guest ada(one, "Ada");
  one.room.set_away(true);
  CHECK(ada.heard.gets(R"({"type":"back"})"));
}

TEST("own-cluster-28 a server has been heard before anybody can come in, so that nobody takes it for dead") {
  RedisServer redis;
  const Node one(redis.port, "s1");
  CHECK_EQ(redis.ask({"EXISTS", "chat:{Chat}:server:s1"}).as_number(), 1);
}

TEST("own-cluster-29 private words to somebody who has gone while the room is away: they were not said") {
  RedisServer redis;
  Relay relay(redis.port);
  Node one(relay.port(), "s1", {.bot = false}, {.expiry = Milliseconds(60'000)});
  Guest ada(one, "Ada");
  {
    const Guest bob(one, "Bob");
    CHECK(ada.heard.gets(R"("name":"Bob")"));
    relay.stop();
    CHECK(ada.heard.gets(R"({"type":"away"})"));
  }
  ada.say("@Bob are you there?");
  CHECK_EQ(ada.heard.count("Nobody could be reached: that was not said."), std::size_t{1});
  CHECK_EQ(ada.heard.count("private"), std::size_t{0});
}

TEST("own-cluster-10 FLUSHALL: a new epoch begins, and everybody comes back into it") {
  RedisServer redis;
  Node one(redis.port, "s1");
  Node two(redis.port, "s2");
  Guest ada(one, "Ada", "k");
  Guest bob(two, "Bob", "k");
  ada.say("one");
  CHECK(bob.heard.gets("\"one\""));
  redis.ask({"FLUSHALL"});
  CHECK(ada.heard.gets("closed 1012"));
  CHECK(bob.heard.gets("closed 1012"));
  Guest again(one, "Ada", "k", epoch_of(ada), 1);
  CHECK(again.gets_in());
  CHECK(epoch_of(again) != epoch_of(ada));
  again.say("two");
  CHECK_EQ(again.messages(), (std::vector<std::string>{"1 Ada: two"}));
}

TEST("own-cluster-11 kill -9 of Redis, which keeps a file: a new epoch, and nothing is lost that was acknowledged") {
  for (const char* fsync : {"everysec", "always"}) {
    RedisServer redis({"--appendonly", "yes", "--appendfsync", fsync});
    Node one(redis.port, "s1");
    Guest ada(one, "Ada", "k");
    for (int i = 1; i <= 20; ++i) ada.say("number " + std::to_string(i));
    CHECK_EQ(ada.messages().size(), std::size_t{20});
    // With everysec Redis answers before it has written, as long as its disk is busy.
    CHECK(eventually([&] {
      return redis.ask({"INFO", "persistence"}).as_text().find("aof_buffer_length:0\r") != std::string::npos;
    }));
    redis.kill();
    redis.start();
    CHECK(ada.heard.gets("closed 1012"));
    Guest again(one, "Ada", "k", epoch_of(ada), 20);
    CHECK(again.gets_in());
    CHECK(epoch_of(again) != epoch_of(ada));
    CHECK_EQ(again.messages(), ada.messages());
    again.say("after");
    CHECK_EQ(again.messages().back(), "21 Ada: after");
  }
}

TEST("own-cluster-12 Redis is full, or only a replica: refused with a sentence, nothing half done, and it passes") {
  RedisServer redis;
  Node one(redis.port, "s1");
  Guest ada(one, "Ada");
  for (const auto& [spoil, mend, word] :
       {std::tuple{std::vector<std::string>{"CONFIG", "SET", "maxmemory", "1"},
                   std::vector<std::string>{"CONFIG", "SET", "maxmemory", "0"}, "OOM"},
        std::tuple{std::vector<std::string>{"CONFIG", "SET", "min-replicas-to-write", "1"},
                   std::vector<std::string>{"CONFIG", "SET", "min-replicas-to-write", "0"}, "NOREPLICAS"},
        std::tuple{std::vector<std::string>{"REPLICAOF", "127.0.0.1", "1"},
                   std::vector<std::string>{"REPLICAOF", "NO", "ONE"}, "READONLY"}}) {
    redis.ask(spoil);
    ada.say(std::string("lost to ") + word);
    CHECK(ada.heard.gets("The room can take nothing at the moment: that was not said."));
    CHECK(one.reports.gets(word));
    redis.ask(mend);
    ada.say(std::string("after ") + word);
    CHECK(ada.heard.gets(std::string("\"after ") + word + "\""));
  }
  CHECK_EQ(ada.messages(),
           (std::vector<std::string>{"1 Ada: after OOM", "2 Ada: after NOREPLICAS", "3 Ada: after READONLY"}));
}

TEST(
    "own-cluster-13 a wrong password, or none, or a database that there is not: the server does not begin, and says "
    "why") {
  RedisServer redis({"--requirepass", "open sesame"});
  Room room(RoomOptions{});
  const auto refusal = [&](const RedisUrl& url) -> std::string {
    try {
      RedisLog log(room, {.url = url, .server = "s1"});
      return "";
    } catch (const RedisError& error) {
      return error.what();
    }
  };
  RedisUrl url = {.host = "127.0.0.1", .port = redis.port};
  CHECK_EQ(refusal(url), "Redis answers: NOAUTH Authentication required.");
  url.password = "guess";
  CHECK(refusal(url).starts_with("Redis answers: WRONGPASS"));
  url.password = "open sesame";
  url.database = "99";
  CHECK(refusal(url).starts_with("Redis answers: ERR DB index is out of range"));
  url.database = "3";
  CHECK_EQ(refusal(url), "");
}

TEST("own-cluster-14 Redis forgets its scripts, and nobody notices") {
  RedisServer redis;
  Node one(redis.port, "s1");
  Guest ada(one, "Ada");
  redis.ask({"SCRIPT", "FLUSH"});
  ada.say("one");
  CHECK_EQ(ada.messages(), (std::vector<std::string>{"1 Ada: one"}));
}

TEST("own-cluster-15 Redis stands still for longer than a server may be silent: nobody is buried") {
  RedisServer redis;
  Relay relay(redis.port);
  const RedisLogOptions options = {.expiry = Milliseconds(8'000), .patience = Milliseconds(4'000)};
  Node one(redis.port, "s1", {.bot = false}, options);
  Node two(relay.port(), "s2", {.bot = false}, options);
  Guest ada(one, "Ada");
  Guest bob(two, "Bob");
  CHECK(ada.heard.gets(R"("name":"Bob")"));
  CHECK(eventually([&] {
    return redis.ask({"EXISTS", "chat:{Chat}:server:s1", "chat:{Chat}:server:s2"}).as_number() == 2;
  }));
  redis.signal(SIGSTOP);
  relay.stop();                                 // so that of the two it is `one` that looks first
  CHECK(ada.heard.gets(R"({"type":"away"})"));  // after ten seconds; both have expired by then
  CHECK(bob.heard.gets(R"({"type":"away"})"));
  redis.signal(SIGCONT);
  CHECK(ada.heard.gets(R"({"type":"back"})"));
  relay.go_on();
  CHECK(bob.heard.gets(R"({"type":"back"})"));
  ada.say("still here");
  CHECK(bob.heard.gets("\"still here\""));
  CHECK_EQ(ada.heard.count(R"({"type":"left")") + bob.heard.count(R"({"type":"left")"), std::size_t{0});
}

TEST("own-cluster-16 who has been cut off for longer than the log goes back begins with a picture of it") {
  RedisServer redis;
  Relay relay(redis.port);
  Node one(relay.port(), "s1", {.bot = false, .max_history = 10}, {.expiry = Milliseconds(60'000)});
  Node two(redis.port, "s2", {.bot = false, .max_history = 10});
  Guest ada(one, "Ada", "k");
  Guest bob(two, "Bob");
  relay.stop();
  CHECK(ada.heard.gets(R"({"type":"away"})"));
  for (int i = 1; i <= 130; ++i) bob.say("number " + std::to_string(i));
  relay.go_on();
  CHECK(ada.heard.gets("closed 1012"));
  Guest again(one, "Ada", "k", epoch_of(ada), 0);
  CHECK(again.gets_in());
  CHECK_EQ(again.messages().size(), std::size_t{10});
  CHECK_EQ(again.messages().back(), "130 Bob: number 130");
  CHECK_EQ(to_string(again.welcome()["missed"]), "120");
  CHECK_EQ(to_string(again.welcome()["members"]).find("\"Bob\"") != std::string::npos, true);
  CHECK_EQ(epoch_of(again), epoch_of(ada));
}

namespace {

// Something else at Redis' port, which says the same to everybody.
class Impostor {
 public:
  explicit Impostor(std::string answer) : answer_(std::move(answer)), thread_([this] { run(); }) {}
  ~Impostor() {
    over_ = true;
    thread_.join();
  }
  std::uint16_t port() const { return listener_.local_port(); }

 private:
  void run() {
    websock::Bytes scratch(4096);
    while (!over_) {
      pollfd ready{listener_.descriptor(), POLLIN, 0};
      if (!websock::wait_for({&ready, 1}, websock::deadline_after(Milliseconds(10)))) continue;
      std::optional<websock::Socket> socket = websock::accept_from(listener_);
      if (!socket) continue;
      try {
        static_cast<void>(socket->receive(scratch, Milliseconds(200)));
        socket->send_all(websock::bytes_of(answer_), soon());
      } catch (const std::system_error&) {  // it had enough
      }
    }
  }
  const std::string answer_;
  const websock::Socket listener_ = websock::listen_on("127.0.0.1", 0);
  std::atomic<bool> over_ = false;
  std::thread thread_;
};

// What a server reports that finds this at its Redis' address, and whether it refuses to begin.
std::pair<std::string, bool> reported_of(const std::string& answer) {
  const Impostor impostor(answer);
  Journal reports;
  Room room(RoomOptions{});
  try {
    const RedisLog log(room, {.url = {.host = "127.0.0.1", .port = impostor.port()},
                              .server = "s1",
                              .patience = Milliseconds(20'000),
                              .report = [&](const std::string& sentence) { reports.note(sentence); }});
    reports.gets("");
    return {reports.lines().front(), false};
  } catch (const RedisError& error) {
    return {error.what(), true};
  }
}

}  // namespace

TEST("own-cluster-17 whatever answers instead of Redis: an error that says what, and no crash") {
  for (const char* answer : {"HTTP/1.1 400 Bad Request\r\n\r\n", "$99999999999\r\n", "*9999999\r\n", "-NOAUTH no\r\n",
                             ":1\r\n", "*0\r\n", "$-1\r\n", "+OK\r\n", "\n"}) {
    const auto [sentence, refuses] = reported_of(answer);
    CHECK(sentence.starts_with("Redis") || sentence.starts_with("This is not Redis"));
    CHECK(refuses);
  }
  CHECK(!reported_of("").second);  // it hangs up: as if it could not be reached
}

TEST("own-cluster-18 a Redis that is still loading, or has too many clients, is waited for") {
  const auto loading = reported_of("-LOADING Redis is loading the dataset in memory\r\n");
  CHECK(loading.first.starts_with("trouble with Redis: "));
  CHECK(loading.first.find(": Redis answers: LOADING Redis is loading the dataset in memory") != std::string::npos);
  CHECK(!loading.second);
  const auto full = reported_of("-ERR max number of clients reached\r\n");
  CHECK(full.first.find(": Redis answers: ERR max number of clients reached") != std::string::npos);
  CHECK(!full.second);
}

TEST(
    "own-cluster-19 a file of Redis that ends in the middle of an entry: whole entries only, and it goes on behind "
    "them") {
  RedisServer redis({"--appendonly", "yes", "--appendfsync", "always"});
  Node one(redis.port, "s1");
  Guest ada(one, "Ada", "k");
  for (int i = 1; i <= 20; ++i) ada.say("number " + std::to_string(i));
  CHECK_EQ(ada.messages().size(), std::size_t{20});
  redis.kill();
  const std::filesystem::path file = redis.folder() / "appendonlydir" / "appendonly.aof.1.incr.aof";
  std::ifstream stream(file, std::ios::binary);
  const std::string written((std::istreambuf_iterator<char>(stream)), std::istreambuf_iterator<char>());
  std::filesystem::resize_file(file, written.rfind("number 20"));  // behind that message there may be a heartbeat
  redis.start();
  CHECK(ada.heard.gets("closed 1012"));
  Guest again(one, "Ada", "k", epoch_of(ada), 20);
  CHECK(again.gets_in());
  std::vector<std::string> wanted = ada.messages();
  wanted.resize(again.messages().size());
  CHECK(wanted.size() >= 15);
  CHECK(wanted.size() < 20);
  CHECK_EQ(again.messages(), wanted);
  again.say("after");
  CHECK_EQ(again.messages().back(), std::to_string(wanted.size() + 1) + " Ada: after");
}

TEST("own-cluster-26 pages that move from server to server while others speak have every message once") {
  RedisServer redis;
  const RoomOptions long_memory = {.bot = false, .max_history = 5'000, .max_history_bytes = 16 * 1024 * 1024};
  Node nodes[] = {Node(redis.port, "s1", long_memory), Node(redis.port, "s2", long_memory),
                  Node(redis.port, "s3", long_memory)};
  Guest ada(nodes[0], "Ada");
  Guest bob(nodes[1], "Bob");
  std::atomic<int> moving = 6;
  std::vector<std::vector<std::string>> seen(6);
  all_at_once(8, [&](std::size_t i) {
    if (i >= 6) {
      for (int k = 0; moving > 0 && k < 2'000; ++k) (i == 6 ? ada : bob).say("text " + std::to_string(k));
      return;
    }
    std::unique_ptr<Guest> page;
    std::string epoch;
    for (std::size_t k = 0; k < 10; ++k) {
      if (k % 2 == 1) page.reset();  // every other time, the server has noticed the loss before
      auto next = std::make_unique<Guest>(nodes[(i + k) % 3], "page " + std::to_string(i), "k", epoch,
                                          static_cast<int>(seen[i].size()));
      page = std::move(next);
      page->heard.gets(R"({"type":"message")");
      epoch = epoch_of(*page);
      for (const std::string& message : page->messages()) seen[i].push_back(message);
    }
    --moving;
  });
  const Guest last(nodes[2], "Last");
  const std::vector<std::string> all = last.messages();
  CHECK(!all.empty());
  for (std::vector<std::string>& messages : seen) {
    CHECK(messages.size() <= all.size());
    CHECK_EQ(messages,
             std::vector<std::string>(all.begin(), all.begin() + static_cast<std::ptrdiff_t>(messages.size())));
  }
}

// ---- What others do to the log, and to those one speaks to ----

namespace {

const std::string kLog = "chat:{Chat}:log";

// As a server of another version might, or a faulty one: it has its place in the order. In one step, since a reader that
// comes between the two would find an entry behind `top`, and take it out.
void append_as_if(const RedisServer& redis, const std::string& id, const std::string& text) {
  redis.ask({"EVAL",
             "redis.call('XADD', KEYS[1], ARGV[1], 'e', ARGV[2]) return redis.call('HSET', KEYS[2], 'top', ARGV[1])",
             "2", kLog, "chat:{Chat}:meta", id, text});
}

}  // namespace

TEST("own-cluster-32 an entry that cannot be read is skipped, said once, and has its number, everywhere the same") {
  RedisServer redis;
  Node one(redis.port, "s1");
  Node two(redis.port, "s2");
  Guest ada(one, "Ada");
  Guest bob(two, "Bob");
  ada.say("one");
  CHECK(bob.heard.gets("\"one\""));
  append_as_if(redis, "1-1", R"({"type":"joined","name":"Eve"})");  // without an owner
  append_as_if(redis, "2-0", "no JSON");
  append_as_if(redis, "2-1", "{}");
  CHECK(one.reports.gets("the log's entry 2-1 cannot be read"));
  CHECK(two.reports.gets("the log's entry 2-1 cannot be read"));
  bob.say("three");
  CHECK(ada.heard.gets("\"three\""));
  Node three(redis.port, "s3");  // begins with a picture of that
  Guest cyd(three, "Cyd");
  CHECK(cyd.gets_in());
  CHECK(three.reports.gets("the log's entry 2-0 cannot be read"));
  CHECK_EQ(one.reports.count("the log's entry 2-0 cannot be read"), std::size_t{1});
  CHECK_EQ(ada.messages(), (std::vector<std::string>{"1 Ada: one", "3 Bob: three"}));
  CHECK_EQ(ada.heard.count(R"("seq":2)"), std::size_t{1});
  CHECK_EQ(bob.heard.count(R"("seq":2)"), std::size_t{1});
  CHECK_EQ(to_string(cyd.welcome()["members"]), R"(["Ada","Bob","Cyd"])");
  CHECK_EQ(cyd.welcome()["history"].array().size(), std::size_t{3});
  CHECK_EQ(ada.heard.count("closed"), std::size_t{0});
}

TEST("own-cluster-33 what somebody else puts into the stream is taken out, and nobody in the room notices") {
  RedisServer redis;
  Node one(redis.port, "s1");
  Node two(redis.port, "s2");
  Guest ada(one, "Ada");
  Guest bob(two, "Bob");
  ada.say("one");
  CHECK(bob.heard.gets("\"one\""));
  const std::vector<std::vector<std::string>> strange = {
      {"XADD", kLog, "*", "colour", "red"}, {"XADD", kLog, "*", "e", "{}"}, {"XADD", kLog, "2-0", "e", "no JSON"}};
  for (const std::vector<std::string>& command : strange) {
    redis.ask(command);
    CHECK(eventually([&] { return redis.ask({"XLEN", kLog}).as_number() == 3; }));  // two joins, and what was said
  }
  bob.say("two");
  CHECK(ada.heard.gets("\"two\""));
  CHECK(bob.heard.gets("\"two\""));
  CHECK_EQ(ada.messages(), (std::vector<std::string>{"1 Ada: one", "2 Bob: two"}));
  CHECK_EQ(ada.heard.count("closed"), std::size_t{0});
  CHECK_EQ(bob.heard.count("closed"), std::size_t{0});
  CHECK(one.reports.count("somebody else has written to the log") + two.reports.count("somebody else has written") > 0);
}

TEST("own-cluster-34 an entry that passes for ours and is not ends the epoch, once; then all goes on") {
  RedisServer redis;
  Node one(redis.port, "s1");
  Node two(redis.port, "s2");
  Guest ada(one, "Ada", "k");
  ada.say("one");
  redis.ask({"XADD", kLog, "2-0", "e", R"({"type":"message","name":"Eve","text":"false","time":"2026"})"});
  CHECK(ada.heard.gets("\"false\""));
  ada.say("two");
  CHECK(ada.heard.gets("closed 1012"));
  Guest again(two, "Ada", "k", epoch_of(ada), 1);
  CHECK(again.gets_in());
  CHECK(epoch_of(again) != epoch_of(ada));
  again.say("three");
  CHECK(again.heard.gets("\"three\""));
  CHECK_EQ(again.messages(), (std::vector<std::string>{"1 Ada: one", "2 Ada: three"}));
  CHECK_EQ(again.heard.count("closed"), std::size_t{0});
}

TEST("own-cluster-35 a history of more than 5,000 messages is kept as long as it was asked for") {
  RedisServer redis;
  // As many as there would be after an hour.
  redis.ask({"EVAL",
             "for i = 1, 5500 do redis.call('XADD', KEYS[1], i .. '-0', 'e', "
             "'{\"type\":\"message\",\"name\":\"Ada\",\"text\":\"Hello\",\"time\":\"2026\"}') end "
             "redis.call('HSET', KEYS[2], 'top', '5500-0')",
             "2", kLog, "chat:{Chat}:meta"});
  const RoomOptions long_memory = {.bot = false, .max_history = 6'000, .max_history_bytes = 4 << 20};
  const RedisLogOptions log = {.max_history = 6'000, .patience = Milliseconds(10'000)};
  Node one(redis.port, "s1", long_memory, log);
  Guest ada(one, "Ada");
  ada.say("once more");
  CHECK(ada.heard.gets("\"once more\""));
  Node two(redis.port, "s2", long_memory, log);
  Guest bob(two, "Bob");
  CHECK_EQ(bob.welcome()["history"].array().size(), std::size_t{5'501});
}

TEST("own-cluster-36 private words to who has gone at another server, or to one that stands still, are not confirmed") {
  RedisServer redis;
  Relay relay(redis.port);
  Node one(redis.port, "s1");
  Node two(relay.port(), "s2");
  Guest ada(one, "Ada");
  Guest bob(two, "Bob");
  CHECK(ada.heard.gets(R"("name":"Bob")"));
  CHECK(eventually([&] {  // both servers listen
    ada.say("@Bob psst");
    return ada.heard.count(R"("to":"Bob","text":"psst"})") == 1;
  }));
  relay.stop();
  ada.say("@Bob lost?");
  CHECK_EQ(ada.heard.count("The other server does not answer: perhaps that was not heard."), std::size_t{1});
  relay.go_on();
  CHECK(bob.heard.gets("lost?"));
  {
    Guest cyd(two, "Cyd");
    CHECK(ada.heard.gets(R"("name":"Cyd")"));
    two.room.set_draining(true);
  }  // gone, and expected back elsewhere: a member still
  const std::size_t before = ada.heard.count("Nobody could be reached: that was not said.");
  ada.say("@Cyd lost");
  CHECK_EQ(ada.heard.count("Nobody could be reached: that was not said."), before + 1);
  CHECK_EQ(ada.heard.count(R"("to":"Cyd")"), std::size_t{0});
  CHECK_EQ(ada.heard.count("lost?\"}"), std::size_t{0});
}
