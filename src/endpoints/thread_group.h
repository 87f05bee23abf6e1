// The threads of a server's clients: how many there are, and how none is left behind.
#pragma once

#include <pthread.h>

#include <condition_variable>
#include <functional>
#include <mutex>
#include <optional>

#include "../transport/deadline.h"

namespace websock {

// Threads end on their own, at any time, and each has to be joined, or its stack stays. Nobody sits and waits for that
// here: a thread that leaves joins the one that left before it. So at most one ended thread is not yet joined.
class ThreadGroup {
 public:
  // `stack_size`: bytes of each thread's stack; 0: the system's default.
  explicit ThreadGroup(std::size_t stack_size = 0) : stack_size_(stack_size) {}
  ThreadGroup(const ThreadGroup&) = delete;
  ThreadGroup& operator=(const ThreadGroup&) = delete;
  ~ThreadGroup() { join_all(); }

  // Runs `work`, which must not throw, on a new thread. Throws std::system_error if there can be no further thread.
  void start(std::function<void()> work);

  // The threads that have not ended. Any thread.
  std::size_t size() const;

  // Waits until one of the threads ends, or until the deadline. An end before the call does not count.
  void wait_for_an_end(Deadline deadline);

  // Waits until all have ended, those included that are started meanwhile. Not from one of them.
  void join_all();

 private:
  void leave();  // the last that each thread does

  const std::size_t stack_size_;
  mutable std::mutex mutex_;  // guards all below
  std::condition_variable ended_;
  std::size_t running_ = 0;                 // started, and not yet at the end of leave()
  std::size_t ends_ = 0;                    // how often a thread has ended, ever
  std::optional<pthread_t> last_to_leave_;  // at most one has ended and is not yet joined: this one
};

}  // namespace websock
