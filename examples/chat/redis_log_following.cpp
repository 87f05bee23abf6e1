// Following the log. The three threads begin here; each does one thing for as long as its connection
// holds, and begins again, after a pause that grows and is never quite the same, when it breaks.
#include <websock/framing/entropy.h>
#include <websock/handshake/base64.h>

#include <algorithm>
#include <array>
#include <utility>

#include "redis_entry.h"
#include "redis_log.h"
#include "redis_scripts.h"

using websock::Milliseconds;

namespace {

// What does not work, when it does not.
constexpr const char* kFollowing = "cannot follow the log";
constexpr const char* kListening = "cannot hear private words";

// Between half and one and a half of it: else all the servers would come back in the same instant. The byte is 0 to
// 255.
Milliseconds jittered(Milliseconds time) {
  std::array<std::uint8_t, 1> byte{};
  websock::fill_random(byte);
  return time / 2 + time * byte[0] / 256;
}

}  // namespace

std::string random_word() {
  std::array<std::uint8_t, 9> bytes{};  // 12 letters of base64, and no = at the end
  websock::fill_random(bytes);
  return websock::base64_encode(bytes);
}

// The first connection is made here and thrown away, so that a wrong password ends the program at once, with a
// sentence. A Redis that is not there yet does not: the threads go on trying.
RedisLog::RedisLog(Room& room, RedisLogOptions options) : room_(room), options_(std::move(options)) {
  room_.follow({[this](const std::function<Step()>& decide) { append(decide); },
                [this](const std::string& server, const std::string& words) { return whisper(server, words); }});
  room_.set_away(true);  // until the first picture of it is here
  try {
    RedisConnection first(options_.url, websock::deadline_after(5 * options_.patience));
    open(first);
    set_away(false);
    try_beat();  // before anybody comes in: who has never been heard looks dead to the other servers
  } catch (const std::system_error& error) {
    trouble(kFollowing, error.what());  // follow() tries again
  } catch (const Away&) {               // command() has reported it, and beat() tries again
  }
  // Last: what throws above leaves no thread behind that would have to be joined.
  threads_.emplace_back([this] { follow(); });
  threads_.emplace_back([this] { listen(); });
  threads_.emplace_back([this] { beat(); });
}

// Under the lock, so that none of the threads can make a connection between the flag and the shutting down.
RedisLog::~RedisLog() {
  {
    const std::lock_guard lock(mutex_);
    stopping_ = true;
    changed_.notify_all();
    // These wait for as long as Redis is quiet. beat()'s connection has a deadline.
    for (auto* connection : {&follower_, &listener_}) {
      if (*connection) (*connection)->shut_down();
    }
  }
  for (std::thread& thread : threads_) thread.join();
}

// Uses one connection after another until it is over: `begin` once, and then `go_on` for as long as it works. Any
// exception ends the connection; what it means is the same for all of them: once more from the beginning.
void RedisLog::keep_trying(const char* what, std::optional<RedisConnection>& connection, const Use& begin,
                           const Use& go_on) {
  for (Milliseconds pause(100); wait(Milliseconds(0)); pause = std::min(2 * pause, Milliseconds(2'000))) {
    try {
      // Without the lock: connecting may take a second.
      RedisConnection fresh(options_.url, websock::deadline_after(options_.patience));
      {
        const std::lock_guard lock(mutex_);
        if (stopping_) return;  // after this, the destructor sees it, and can shut it down
        connection.emplace(std::move(fresh));
      }
      // What has worked once is worth a quick try.
      for (begin(*connection); wait(Milliseconds(0)); go_on(*connection)) pause = Milliseconds(50);
    } catch (const std::exception& error) {
      trouble(what, error.what());
    }
    {
      const std::lock_guard lock(mutex_);
      // Under the lock: hang_up() and the destructor may be about to shut it down.
      connection.reset();
    }
    wait(jittered(pause));
  }
}

// ---- Reading the log ----

void RedisLog::follow() {
  keep_trying(
      kFollowing, follower_, [this](RedisConnection& connection) { open(connection); },
      [this](RedisConnection& connection) { read_more(connection); });
}

// Whether what we know is still so. After a break of the connection it nearly always is: the reader goes on where it
// was.
void RedisLog::open(RedisConnection& connection) {
  const websock::Deadline deadline = websock::deadline_after(options_.patience);
  // Not the numbers: after a restart they may have caught up by the time we look. See kOpenScript.
  const std::string info = connection.command({"INFO", "server"}, deadline).as_text();
  const std::size_t at = info.find("run_id:");
  if (at == info.npos) throw RedisError("Redis does not tell its run_id");
  const std::string run = info.substr(at, info.find('\r', at) - at);
  // The fresh epoch is made here and not in the script: Lua's random numbers are the same after each start of Redis.
  const Reply answer = connection.command({"EVAL", std::string(kOpenScript), "3", key("log"), key("members"),
                                           key("meta"), run, options_.make_epoch(), epoch()},
                                          deadline);
  if (answer.as_list().size() > 2) begin_with(answer);  // 2: what we know still holds
  heard();
}

// A picture of the room as it is now, for lack of the way it came to be so.
void RedisLog::begin_with(const Reply& picture) {
  RoomState state = room_.empty_state(picture[0].as_text());
  std::vector<Member> members;
  const std::vector<Reply>& pairs = picture[2].as_list();  // names and members in turn
  for (std::size_t i = 1; i < pairs.size(); i += 2) {
    const Member member = parse_member(pairs[i].as_text());
    // Of such a member nobody could ever say that it has left.
    const bool is_readable = !member.name.empty() && member.owner.client != 0;
    if (is_readable) members.push_back(member);
    if (!is_readable) report("a member of the room cannot be read: " + pairs[i - 1].as_text());
  }
  state.begin_at(parse_position(picture[1].as_text()), std::move(members));
  // Only what was said: who came and went has its result in the members already.
  for (const Reply& element : picture[3].as_list()) {
    const auto [entry, fault] = read_entry(element);
    if (!fault.empty()) report(fault);
    if (entry.is_numbered()) state.remember(wire_text(entry));
  }
  // The room first, the position behind it: who waits for the position looks at the room next.
  room_.start_anew(state);
  const std::lock_guard lock(mutex_);
  epoch_ = state.epoch();
  position_ = state.position();
  changed_.notify_all();
}

// Waits a moment for what comes next, half a second at most: then keep_trying() can see whether it is over. XREAD says
// nothing of what was trimmed before it was read, so it is for us to see that nothing is missing.
void RedisLog::read_more(RedisConnection& connection) {
  Position position;
  {
    const std::lock_guard lock(mutex_);
    position = position_;
  }
  // A hundred at a time: of the longest texts, all of whose characters have to be escaped, ReplyParser::kMaxReply holds
  // three times as many.
  const Reply answer =
      connection.command({"XREAD", "COUNT", "100", "BLOCK", std::to_string(options_.patience.count() / 2), "STREAMS",
                          key("log"), to_string(position)},
                         websock::deadline_after(2 * options_.patience));
  heard();
  if (answer.kind == Reply::nothing) return;  // nothing came
  // [0]: the first stream, there is but one. [1]: its entries, behind its name.
  for (const Reply& element : answer[0][1].as_list()) {
    const auto [entry, fault] = read_entry(element);
    const bool follows = entry.at == next_position(position, entry.is_numbered());
    // Either is a reason to doubt that a server of ours has written it. What is behind the log's top is not folded.
    if ((!follows || !fault.empty()) && !is_in_log(connection, entry.at)) {
      // Without an end of the epoch: nobody has folded it. Another server may be as quick; the second finds nothing.
      connection.command(clean_words(false), websock::deadline_after(options_.patience)).as_list();
      return;
    }
    if (!fault.empty()) report(fault);
    if (!follows) {
      const std::lock_guard lock(mutex_);
      epoch_.clear();  // so that open() asks for a picture
      throw RedisError("the log has gone on without us");
    }
    // The room before the position, as above. Without our lock: the room takes its own.
    room_.apply(entry);
    const std::lock_guard lock(mutex_);
    position = position_ = entry.at;
    changed_.notify_all();
  }
}

// Who writes to the stream without our script does not move the log's top. So what is behind that is somebody else's,
// and in the way: our next entry would have a smaller id, and Redis would refuse it.
bool RedisLog::is_in_log(RedisConnection& connection, Position at) {
  const Reply top = connection.command({"HGET", key("meta"), "top"}, websock::deadline_after(options_.patience));
  return top.kind == Reply::text && at <= parse_position(top.as_text());  // no text: there is no top, and no entry
}

// From an answer of any kind, an empty one, too: the reader can reach Redis. beat() looks how long that is ago.
void RedisLog::heard() {
  {
    const std::lock_guard lock(mutex_);
    heard_ = websock::Clock::now();
  }
  well(kFollowing);
}

// ---- Listening to whispers ----

// A connection that has subscribed takes no ordinary command any more, so whispers have one of their own.
void RedisLog::listen() {
  keep_trying(
      kListening, listener_,
      [this](RedisConnection& connection) {
        connection.send({"SUBSCRIBE", key("all"), key("to:" + options_.server)},
                        websock::deadline_after(options_.patience));
      },
      [this](RedisConnection& connection) { listen_more(connection); });
}

void RedisLog::listen_more(RedisConnection& connection) {
  std::optional<Reply> heard = connection.receive(websock::deadline_after(options_.patience));
  if (!heard) {
    connection.send({"PING"}, websock::deadline_after(options_.patience));  // is it quiet, or cut?
    heard = connection.receive(websock::deadline_after(options_.patience));
    if (!heard) throw RedisError("Redis has fallen silent");
  }
  well(kListening);
  if ((*heard)[0].as_text() != "message") return;  // subscribe, pong
  const std::string& words = (*heard)[2].as_text();
  // In front of the words stands who says them. Our own members have been told already.
  const std::string own = options_.server + " ";
  if (!words.starts_with(own)) room_.hear(std::string_view(words).substr(words.find(' ') + 1));
}
