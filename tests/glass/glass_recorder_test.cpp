// The ring that is the queue: what goes when there is too much, and what those who watch are told of that.
#include <websock/endpoints/client.h>
#include "check.h"
#include "endpoints/server_fixture.h"
#include "glass/watch.h"
#include "wire.h"

using namespace websock;

namespace {

Heard bytes_heard(std::size_t size) { return {Role::client, BytesHeard{0, Bytes(size, 'x')}}; }
Heard frame_heard() { return {Role::client, FrameBegan{1, 0, {}, {}}}; }

struct Counted {
  std::size_t introductions = 0;
  std::size_t entries = 0;
  std::vector<Totals> gaps;
};
Counted count(const std::vector<Item>& items) {
  Counted counted;
  for (const Item& item : items) {
    if (std::holds_alternative<Introduction>(item)) ++counted.introductions;
    if (const Gap* gap = std::get_if<Gap>(&item)) counted.gaps.push_back(gap->lost);
    if (std::holds_alternative<std::shared_ptr<const Entry>>(item)) ++counted.entries;
  }
  return counted;
}

}  // namespace

TEST("own-glass-recorder-01 a watcher gets everything once, in order, and is introduced to each connection") {
  Recorder recorder;
  const std::uint64_t first = recorder.open(true, "a", ""), second = recorder.open(false, "b", "c");
  for (int i = 0; i < 3; ++i) {
    recorder.add(first, frame_heard());
    recorder.add(second, Piece{Role::server, "recv", 0, 10});
  }
  Cursor cursor;
  const Counted all = count(recorder.next(cursor, 100));
  CHECK_EQ(all.introductions, 2u);
  CHECK_EQ(all.entries, 6u);
  CHECK(all.gaps.empty());
  CHECK(recorder.next(cursor, 100).empty());
  recorder.add(first, frame_heard());
  CHECK_EQ(count(recorder.next(cursor, 100)).entries, 1u);
}

TEST("own-glass-recorder-02 a connection has a limit: the oldest goes, and the gap says how much that was") {
  Recorder recorder({.connection = 10'000, .all = 1'000'000, .connections = 10});
  const std::uint64_t c = recorder.open(true, "a", "");
  Cursor cursor;
  recorder.add(c, frame_heard());
  CHECK_EQ(count(recorder.next(cursor, 100)).entries, 1u);
  for (int i = 0; i < 40; ++i) {
    recorder.add(c, Piece{Role::client, "recv", 0, 1000});
    recorder.add(c, frame_heard());
    recorder.add(c, bytes_heard(1000));
    CHECK(recorder.memory() <= 10'000);
  }
  const std::vector<Item> items = recorder.next(cursor, 100);
  const Counted told = count(items);
  CHECK_EQ(told.gaps.size(), 1u);
  CHECK_EQ(told.gaps[0].entries + told.entries, 120u);
  CHECK(told.gaps[0].frames >= 30 && told.gaps[0].frames < 40);
  CHECK_EQ(told.gaps[0].bytes / 1000, told.gaps[0].frames + (told.gaps[0].entries % 3 == 1 ? 1 : 0));
  Cursor newcomer;
  CHECK_EQ(count(recorder.next(newcomer, 100)).gaps[0].entries, told.gaps[0].entries + 1);
}

TEST("own-glass-recorder-03 all together have a limit, too, and one entry is kept however large it is") {
  Recorder recorder({.connection = 50'000, .all = 60'000, .connections = 10});
  const std::uint64_t first = recorder.open(true, "a", ""), second = recorder.open(true, "b", "");
  for (int i = 0; i < 40; ++i) recorder.add(first, bytes_heard(1000));
  for (int i = 0; i < 40; ++i) recorder.add(second, bytes_heard(1000));
  CHECK(recorder.memory() <= 60'000);
  recorder.add(second, bytes_heard(100'000));
  Cursor cursor;
  const std::vector<Item> items = recorder.next(cursor, 100);
  CHECK_EQ(count(items).entries, 1u);
  CHECK_EQ(memory_of(*std::get<std::shared_ptr<const Entry>>(items.back())), recorder.memory());
}

TEST(
    "own-glass-recorder-07 the blocks of a compressed message count, too: empty ones cost their sender next to "
    "nothing") {
  Entry entry;
  entry.what = Heard{Role::client, MessageHeard{}};
  const std::size_t plain = memory_of(entry);
  MessageHeard message;
  message.inflated = Inflated{0, std::vector<BlockHeard>(1000)};
  entry.what = Heard{Role::client, message};
  CHECK(memory_of(entry) >= plain + 1000 * sizeof(BlockHeard));
}

TEST("own-glass-recorder-08 a message in fragments without end costs us no more than a long one, empty fragments too") {
  for (const char* fragment : {"00 00", "00 01 61"}) {
    Conversation conversation;
    conversation.hear(Role::client, bytes_of(kRequest));
    conversation.hear(Role::server, bytes_of(kAccepted));
    conversation.hear(Role::server, hex("01 00"));
    for (int i = 0; i < 50'000; ++i) conversation.hear(Role::server, hex(fragment));
    Entry entry;
    for (Heard& heard : conversation.hear(Role::server, hex("80 00"))) {
      if (std::holds_alternative<MessageHeard>(heard.what)) entry.what = std::move(heard);
    }
    CHECK_EQ(std::get<MessageHeard>(std::get<Heard>(entry.what).what).nth, 1u);
    // What is kept of the text, and 8 bytes for each place in it.
    CHECK(memory_of(entry) < 10 * kBeginning);
  }
}

TEST("own-glass-recorder-04 of too many connections the oldest goes, and what it still says is not kept") {
  Recorder recorder({.connection = 10'000, .all = 1'000'000, .connections = 2});
  const std::uint64_t first = recorder.open(true, "a", "");
  recorder.add(first, frame_heard());
  for (int i = 0; i < 2; ++i) recorder.add(recorder.open(true, "b", ""), frame_heard());
  recorder.add(first, frame_heard());
  Cursor cursor;
  const Counted all = count(recorder.next(cursor, 100));
  CHECK_EQ(all.introductions, 2u);
  CHECK_EQ(all.entries, 2u);
}

// ---- Watchers ----

namespace {

// Those who watch, at a server of ours; and a page that is this test.
struct Watching {
  explicit Watching(const Ahead& ahead = {}, const RecorderLimits& limits = {})
      : recorder(limits), watchers(recorder, nullptr, JsonObject{{"e", "hello"}}, ahead) {
    ServerOptions options;
    options.on_connection_open = [this](const Client& client) { watchers.enter(client); };
    options.on_connection_close = [this](const Client& client) { watchers.leave(client); };
    options.on_data_receive = [this](const Client& client, const Message& message) {
      watchers.receive(client, message.text());
    };
    running.emplace(options);
    connection = recorder.open(true, "a", "");
  }
  ~Watching() {
    running.reset();
    watchers.stop();
  }
  std::string url() { return url_of(running->server().port()); }

  Recorder recorder;
  Watchers watchers;
  std::optional<Running> running;
  std::uint64_t connection = 0;
};

struct Page {
  explicit Page(Watching& watching) : client(watching.url()) {}

  // Reads until it was told of so many frames. Says that it has seen them, if it does that at all.
  void read_until(std::size_t frames_wanted, bool says_seen) {
    while (frames < frames_wanted) {
      const std::optional<OwnedMessage> message = client.receive(kLong);
      if (!message) throw std::runtime_error("the page is told no more");
      const Json told = parse_json(message->text());
      for (const Json& object : told.array()) {
        frames += object["e"] == Json("frame");
        if (object["e"] == Json("gap")) lost += static_cast<std::size_t>(object["frames"].number());
        if (object["e"] == Json("sent")) sent = object["i"];
      }
      if (says_seen && !sent.is_null()) see();
    }
  }
  void see() { client.send(to_string(Json(JsonObject{{"e", "seen"}, {"i", sent}}))); }

  WebSocketClient client;
  std::size_t frames = 0;
  std::size_t lost = 0;
  Json sent;
};

void record(Watching& watching, int frames) {
  for (int i = 0; i < frames; ++i)
    watching.recorder.add(watching.connection, Heard{Role::client, FrameBegan{1, 0, {}, hex("81 00")}});
}

}  // namespace

TEST("own-glass-watch-01 a page that goes along is told everything, and so is one that comes later") {
  Watching watching;
  Page first(watching);
  record(watching, 1000);
  first.read_until(1000, true);
  Page second(watching);
  second.read_until(1000, true);
  CHECK_EQ(first.lost + second.lost, 0u);
}

TEST("own-glass-watch-02 a page that does not say what it has seen gets so many items ahead, and holds up nobody") {
  Watching watching({.items = 100}, {.connection = 100'000});
  Page slow(watching);
  Page quick(watching);
  record(watching, 50);
  slow.read_until(1, false);
  quick.read_until(50, true);
  for (int i = 0; i < 40; ++i) {
    record(watching, 50);
    quick.read_until(quick.frames + 50, true);
  }
  CHECK_EQ(quick.frames, 2050u);
  slow.read_until(99, false);  // an introduction is an item, too
  CHECK_EQ(slow.lost, 0u);
  slow.see();
  slow.read_until(100, true);
  CHECK(slow.lost > 0);  // the ring went on without it, and said so
  while (slow.frames + slow.lost < 2050) slow.read_until(slow.frames + 1, true);
  CHECK_EQ(slow.frames + slow.lost, 2050u);
}

TEST("own-glass-watch-03 a page that is gone, or talks nonsense, is let go, and the others are told as before") {
  Watching watching;
  Page page(watching);
  {
    RawClient dead(watching.running->server().port());
    dead.upgrade();
    dead.reset();
  }
  for (const char* nonsense :
       {"", "[]", "{\"e\":\"seen\",\"i\":-1}", "{\"e\":\"seen\",\"i\":1e300}", "{\"e\":\"act\"}", "{\"e\":1}"}) {
    WebSocketClient fool(watching.url());
    fool.receive(kLong);
    fool.send(std::string_view(nonsense));
    while (fool.receive(kLong)) {
    }
    CHECK_EQ(number_of(fool.close_info().code), "1008");
  }
  record(watching, 10);
  page.read_until(10, true);
  CHECK_EQ(page.frames, 10u);
}

TEST("own-glass-watch-04 an act for a connection that has ended, or that does not exist, is answered with a sentence") {
  Watching watching;
  WebSocketClient page(watching.url());
  page.receive(kLong);
  for (const char* wish : {R"({"e":"act","c":7,"id":"masked"})", R"({"e":"act","c":7,"id":"nothing"})",
                           R"({"e":"bytes","c":7,"typed":"8"})", R"({"e":"bytes","c":7,"typed":"81"})"}) {
    page.send(std::string_view(wish));
    const std::optional<OwnedMessage> answer = page.receive(kLong);
    CHECK(answer && parse_json(answer->text()).array()[0]["e"] == Json("refused"));
  }
}
