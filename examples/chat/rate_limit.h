// How often somebody may do something. Whoever asks passes the clock in.
#pragma once

#include <algorithm>
#include <chrono>
#include <cstddef>
#include <deque>
#include <map>
#include <string>
#include <utility>

// At most so many in so long: a window that slides with the clock. What is too much is refused.
class RateLimit {
 public:
  using Clock = std::chrono::steady_clock;

  RateLimit(std::size_t most, Clock::duration within) : most_(most), within_(within) {}

  // Whether one more is allowed now, which counts as `weight`; if so, it counts. What is refused does not: who is told
  // to wait, and waits, is let in again.
  bool allow(Clock::time_point now, std::size_t weight = 1) {
    while (!times_.empty() && now - times_.front() >= within_) times_.pop_front();
    if (times_.size() + weight > most_) return false;
    times_.insert(times_.end(), weight, now);
    return true;
  }

  // Whether nothing is within the window: then it is as good as new.
  bool is_idle(Clock::time_point now) const { return times_.empty() || now - times_.back() >= within_; }

 private:
  std::size_t most_;
  Clock::duration within_;
  std::deque<Clock::time_point> times_;  // of those within the window, oldest first
};

// One every so often, and some ahead of time. What is too much is not refused, only taken later: so nothing is lost,
// and nobody has to be told.
class Pace {
 public:
  using Clock = RateLimit::Clock;
  static constexpr Clock::duration kLongest = std::chrono::seconds(1);

  Pace(Clock::duration each, Clock::duration ahead) : each_(each), ahead_(ahead) {}

  // One more has come, which counts as `weight`. For how long nothing more is to be taken from there: 0, as long as
  // that is not too fast.
  Clock::duration take(Clock::time_point now, int weight = 1) {
    // Limited, or those who share an address with a flood would pay for it long after its end.
    due_ = std::min(std::max(due_, now) + weight * each_, now + ahead_ + kLongest);
    return std::max(due_ - now - ahead_, Clock::duration::zero());
  }

  bool is_idle(Clock::time_point now) const { return due_ <= now; }

 private:
  Clock::duration each_;
  Clock::duration ahead_;
  Clock::time_point due_ = {};  // when all that has come would have come, one every `each_`
};

// A RateLimit or a Pace for each of many, who are known by a name or an address. They outlive connections: who is over
// the limit does not get a new one by coming in again.
template <class Limit>
class LimitOfEach {
 public:
  explicit LimitOfEach(Limit fresh) : fresh_(std::move(fresh)) {}

  // Good until the next call.
  Limit& of(const std::string& who, RateLimit::Clock::time_point now) {
    if (limits_.size() >= sweep_at_) forget_idle(now);
    return limits_.try_emplace(who, fresh_).first->second;
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

  Limit fresh_;
  std::map<std::string, Limit> limits_;
  std::size_t sweep_at_ = 100;
};
