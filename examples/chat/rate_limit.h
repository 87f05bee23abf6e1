// At most so many in so long: a window that slides with the clock, which is passed in.
#pragma once

#include <chrono>
#include <cstddef>
#include <deque>

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

 private:
  std::size_t most_;
  Clock::duration within_;
  std::deque<Clock::time_point> times_;  // of those within the window, oldest first
};
