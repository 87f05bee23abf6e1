// What an operator is told of trouble with Redis, which several threads notice several times a second: a sentence when
// it begins, one when it is over, and in between, once a minute at most, another cause. The clock is passed in.
#pragma once

#include <chrono>
#include <cstdio>
#include <set>
#include <string>

class Outage {
 public:
  using Clock = std::chrono::steady_clock;

  // brief: what comes again soon after the last sentence, and is over in less, is not worth another one.
  explicit Outage(Clock::duration brief) : brief_(brief) {}

  // Something does not work, and why. Returns the sentence that is due; empty: none.
  std::string trouble(const std::string& what, const std::string& cause, Clock::time_point now) {
    if (failing_.empty()) since_ = now;
    failing_.insert(what);
    // Two causes may take turns: each is worth one sentence.
    const bool is_new =
        causes_.empty() ? now >= next_ || now - since_ >= brief_ : now >= next_ && !causes_.contains(cause);
    if (!is_new) return "";
    causes_.insert(cause);
    next_ = now + std::chrono::minutes(1);
    return "trouble with Redis: " + what + ": " + cause;
  }

  // It works. The outage is over when all that failed works again; who was not told that it began is not told that.
  std::string well(const std::string& what, Clock::time_point now) {
    if (failing_.erase(what) == 0 || !failing_.empty() || causes_.empty()) return "";
    causes_.clear();
    char seconds[32];
    std::snprintf(seconds, sizeof seconds, "%.1f", std::chrono::duration<double>(now - since_).count());
    return std::string("Redis is well again, after ") + seconds + " s";
  }

 private:
  const Clock::duration brief_;
  std::set<std::string> failing_;
  std::set<std::string> causes_;  // that were told of this outage
  Clock::time_point since_ = {};
  Clock::time_point next_ = {};  // from when on another sentence may come
};
