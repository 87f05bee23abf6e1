// Being seen to live, and seeing who does not; and noticing that Redis is away, and back. All of this is the third
// thread's, but for the first heartbeat, which is the constructor's: so steady_since_ and last_beat_ need no lock.
#include <algorithm>
#include <set>

#include "redis_log.h"
#include "redis_scripts.h"

using websock::Milliseconds;

// Until it is over. Several beats fit into an expiry, so one that is late is not the end of us.
void RedisLog::beat() {
  const Milliseconds pause = std::min(options_.expiry / 5, Milliseconds(500));
  while (wait(pause)) {
    websock::Deadline heard;
    {
      const std::lock_guard lock(mutex_);
      heard = heard_;
    }
    // It is the reader who counts, even if commands got through: what is said now would be seen by nobody here. No
    // beat, either: a server that does not read may as well be taken for dead.
    if (websock::Clock::now() - heard > long_enough()) {
      set_away(true);
      continue;
    }
    constexpr const char* kLiving = "cannot say that this server lives";
    try {
      try_beat();
      well(kLiving);
    } catch (const std::exception& error) {  // RedisError; Away and Refusal of the appends in reap()
      trouble(kLiving, error.what());
    }
  }
}

// Says that we live, and asks in the same breath which of those that have members here do not.
void RedisLog::try_beat() {
  std::vector<std::string> words = {"EVAL", std::string(kBeatScript), "", key("meta"),
                                    key("server:" + options_.server)};
  for (const std::string& server : room_.servers()) {
    if (server != options_.server) words.push_back(key("server:" + server));
  }
  // How many keys there are, now that all are in: less EVAL, the script and this number itself.
  words[2] = std::to_string(words.size() - 3);
  words.insert(words.end(), {epoch(), std::to_string(options_.expiry.count())});
  // The lock is let go of before judge(): the appends that follow from it take the lock for themselves.
  Reply answer;
  {
    const std::lock_guard lock(command_mutex_);
    answer = command(words, websock::deadline_after(long_enough()));
  }
  if (answer[0].as_text() == "EPOCH") return hang_up();
  set_away(false);
  judge(answer);
}

// Which servers are dead. Redis may have stood still itself, and then all of them have expired, and the first to look
// would bury the others: so only who has been heard without a break, for longer than a server may be silent, has a say.
void RedisLog::judge(const Reply& answer) {
  const websock::Deadline now = websock::Clock::now();
  // Half an expiry: a gap in which somebody's key may have run out without its being dead.
  if (steady_since_ == websock::kNever || now - last_beat_ > options_.expiry / 2) steady_since_ = now;
  last_beat_ = now;
  std::set<std::string> dead;
  const std::string prefix = key("server:");
  for (std::size_t i = 1; i < answer.as_list().size(); ++i) dead.insert(answer[i].as_text().substr(prefix.size()));
  if (now - steady_since_ < options_.expiry * 3 / 2) dead.clear();
  // Even with nobody in it: members of our own whose client is gone are found there.
  room_.reap(dead);
}
