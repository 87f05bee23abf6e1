// At most so many in so long: a window that slides with the clock, which is passed in.
#pragma once

#include <algorithm>
#include <chrono>
#include <cstddef>
#include <deque>
#include <map>
#include <string>

class RateLimit {
 public:
  using Clock = std::chrono::steady_clock;

  RateLimit(std::size_t most, Clock::duration within) : most_(most), within_(within) {}

  // Whether one more is allowed now; if so, it counts. What is refused does not: who is told to wait, and
  // waits, is let in again.
  bool allow(Clock::time_point now) {
    while (!times_.empty() && now - times_.front() >= within_) times_.pop_front();
    if (times_.size() >= most_) return false;
    times_.push_back(now);
    return true;
  }

  // Whether nothing is within the window: then it is as good as new.
  bool is_idle(Clock::time_point now) const { return times_.empty() || now - times_.back() >= within_; }

 private:
  std::size_t most_;
  Clock::duration within_;
  std::deque<Clock::time_point> times_;  // of those within the window, oldest first
};

// The same for each of many, who are known by a name or an address. They outlive connections: who is over the limit
// does not get a new one by coming in again.
class RateLimits {
 public:
  RateLimits(std::size_t most, RateLimit::Clock::duration within) : fresh_(most, within) {}

  bool allow(const std::string& who, RateLimit::Clock::time_point now) {
    if (limits_.size() >= sweep_at_) forget_idle(now);
    return limits_.try_emplace(who, fresh_).first->second.allow(now);
  }

  std::size_t size() const { return limits_.size(); }

  // `who` goes by another name from now on, and takes along what counts.
  void rename(const std::string& who, const std::string& name) {
    if (const auto found = limits_.find(who); found != limits_.end()) limits_.insert_or_assign(name, found->second);
  }

 private:
  // Seldom, so that it costs little each time: only when there are twice as many as were left over the last time.
  void forget_idle(RateLimit::Clock::time_point now) {
    std::erase_if(limits_, [&](const auto& each) { return each.second.is_idle(now); });
    sweep_at_ = std::max<std::size_t>(100, 2 * limits_.size());
  }

  RateLimit fresh_;
  std::map<std::string, RateLimit> limits_;
  std::size_t sweep_at_ = 100;
};
