// Time limits. A limit that a user sets is a duration; while we wait it is a deadline, a point on the steady clock, so
// that an interrupted wait goes on for what is left of it instead of starting anew.
#pragma once

#include <algorithm>
#include <chrono>

namespace websock {

using Clock = std::chrono::steady_clock;
using Deadline = Clock::time_point;
using Milliseconds = std::chrono::milliseconds;

inline constexpr Deadline kNever = Deadline::max();
inline constexpr Milliseconds kForever = Milliseconds::max();

inline Deadline deadline_after(Milliseconds time) {
  const Deadline now = Clock::now();
  const bool beyond_the_clock = time >= std::chrono::duration_cast<Milliseconds>(kNever - now);
  return beyond_the_clock ? kNever : now + time;
}

// What is left, rounded up; 0 if the deadline has passed.
inline Milliseconds time_left(Deadline deadline) {
  if (deadline == kNever) return kForever;
  return std::max(Milliseconds(0), std::chrono::ceil<Milliseconds>(deadline - Clock::now()));
}

}  // namespace websock
