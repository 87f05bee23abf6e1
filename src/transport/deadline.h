// Time limits. A limit that a user sets is a duration; while we wait it is a deadline, a point on the steady clock, so
// that an interrupted wait goes on for what is left of it instead of starting anew.
//
// The steady clock never jumps. The other one, which knows what day it is, is corrected now and then: every deadline
// that hangs on it would come at once on such a day, or an hour late.
#pragma once

#include <chrono>

namespace websock {

using Clock = std::chrono::steady_clock;
using Deadline = Clock::time_point;
using Milliseconds = std::chrono::milliseconds;

// "No limit", as a point in time and as a duration. They are ordinary values, the largest ones, so that the earlier of
// two limits is still std::min of both.
inline constexpr Deadline kNever = Deadline::max();
inline constexpr Milliseconds kForever = Milliseconds::max();

// The deadline of a limit that starts now. Limits that reach beyond the clock's last point are kNever.
inline Deadline deadline_after(Milliseconds time) {
  const Deadline now = Clock::now();
  // The clock counts nanoseconds in 64 bits, 292 years of them. kForever is a million times as long: multiplied out to
  // nanoseconds it would overflow, and come out as a point in the past. So compare in milliseconds, before adding.
  const bool beyond_the_clock = time >= std::chrono::duration_cast<Milliseconds>(kNever - now);
  return beyond_the_clock ? kNever : now + time;
}

// "No limit" stays that, and so does what would be beyond it.
inline Milliseconds twice(Milliseconds time) { return time > kForever / 2 ? kForever : 2 * time; }

// What is left, rounded up; 0 if the deadline has passed.
inline Milliseconds time_left(Deadline deadline) {
  if (deadline == kNever) return kForever;
  const Deadline now = Clock::now();
  // First compare, then subtract: from the clock's first point to now is more than its 64 bits may hold.
  if (deadline <= now) return Milliseconds(0);
  // Up, not down: down, the last fraction of a millisecond is 0, and a thread that waits 0 spins until it is over.
  return std::chrono::ceil<Milliseconds>(deadline - now);
}

}  // namespace websock
