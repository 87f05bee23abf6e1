// The log in Redis: several servers append to it, and each of them follows it. So all of them go through the same
// entries in the same order, and have the same room.
//
//     a say  -> decide -> APPEND ->  Redis  -> XREAD -> room.apply -> our members
//                                          \-> XREAD -> the room of another server -> its members
//
// Three threads: one reads the log, and one listens to what other servers whisper, each over a connection of its own
// that waits for nothing else; the third says twice a second that we live, and looks who does not. That goes over the
// same connection as appends, which happen on the thread of the client who wants something.
#pragma once

#include <websock/transport/deadline.h>

#include <atomic>
#include <condition_variable>
#include <functional>
#include <mutex>
#include <optional>
#include <string>
#include <thread>
#include <vector>

#include "outage.h"
#include "redis_connection.h"
#include "room.h"

// Letters that nobody can guess, and that will not come twice.
std::string random_word();

struct RedisLogOptions {
  RedisUrl url = {};
  std::string room = "Chat";  // whose log: a part of the keys
  std::string server = {};    // who we are: another name for each process, without spaces
  std::size_t max_members = 500;
  std::size_t max_history = 100;                          // the room's own
  websock::Milliseconds expiry{10'000};                   // a server that has been silent for so long is dead
  websock::Milliseconds patience{1'000};                  // how long Redis may take for an answer
  std::function<std::string()> make_epoch = random_word;  // another one each time
  std::function<void(const std::string&)> report = [](const std::string&) {};  // one sentence, for the operator
};

class RedisLog {
 public:
  // Connects, and becomes the log of `room`, which must outlive it. Throws RedisError if Redis does not let us in; if
  // it cannot be reached, that is tried again for ever, and the room is away until then.
  RedisLog(Room& room, RedisLogOptions options);
  RedisLog(const RedisLog&) = delete;
  RedisLog& operator=(const RedisLog&) = delete;
  ~RedisLog();  // REQUIRES: nobody appends any more

 private:
  enum class Outcome { done, stale, epoch };
  struct Attempt {
    Outcome outcome = Outcome::done;
    Position top = {};  // the room has to come that far before it is looked at again
  };

  // redis_log.cpp: writing
  void append(const std::function<Step()>& decide);
  Attempt try_append(const std::function<Step()>& decide, websock::Deadline deadline);
  Reply command(const std::vector<std::string>& words, websock::Deadline deadline);
  bool whisper(const std::string& server, const std::string& words);
  std::vector<std::string> append_words(const std::string& epoch, const Step& step);
  std::vector<std::string> clean_words(bool end_epoch);

  // redis_log_following.cpp: reading
  void follow();
  void open(RedisConnection& connection);
  void begin_with(const Reply& picture);
  void read_more(RedisConnection& connection);
  bool is_in_log(RedisConnection& connection, Position at);
  void listen();
  void listen_more(RedisConnection& connection);
  void beat();
  void try_beat();
  void judge(const Reply& answer);
  using Use = std::function<void(RedisConnection&)>;
  void keep_trying(const char* what, std::optional<RedisConnection>& connection, const Use& begin, const Use& go_on);

  std::string key(const std::string& name) const { return "chat:{" + options_.room + "}:" + name; }
  // Silence of Redis after which the room is away: it is started anew in less.
  websock::Milliseconds long_enough() const { return 5 * options_.patience / 2; }
  bool wait(websock::Milliseconds time);  // false: it is over
  bool wait_for(const std::string& epoch, Position position, websock::Deadline deadline);
  std::string epoch() const;
  void set_away(bool away);
  void heard();
  void report(const std::string& sentence);
  void trouble(const std::string& what, const std::string& cause);
  void well(const std::string& what);
  void hang_up();

  Room& room_;
  const RedisLogOptions options_;

  std::mutex command_mutex_;                // one append at a time; guards:
  std::optional<RedisConnection> command_;  // none: connect first
  std::uint64_t last_n_ = 0;                // number of our latest append

  mutable std::mutex mutex_;  // guards all below; is never held while something is waited for, or the room is called
  std::condition_variable changed_;
  std::string epoch_;
  Position position_;                        // of the last entry that the room was given
  std::optional<RedisConnection> follower_;  // follow()'s: used by its thread without the lock, made and ended with it
  std::optional<RedisConnection> listener_;  // listen()'s, likewise
  websock::Deadline heard_ = websock::Clock::now();  // when Redis last answered the reader
  std::string reported_;                             // the last sentence, which is not said twice
  Outage outage_{long_enough()};
  bool stopping_ = false;

  std::atomic<bool> away_ = true;
  websock::Deadline steady_since_ = websock::kNever;  // beat()'s: since when our heartbeats are unbroken
  websock::Deadline last_beat_ = websock::Clock::now();
  std::vector<std::thread> threads_;
};
