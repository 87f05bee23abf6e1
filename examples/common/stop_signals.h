// SIGINT and SIGTERM as an ordinary function call.
#pragma once

#include <atomic>
#include <functional>
#include <thread>

// A signal handler may do next to nothing: no lock, no memory. So no handler is installed. The two signals are blocked
// in every thread, and one thread waits for them with sigwait(3): there, anything may be done.
//
// Make one before any other thread is started, so that all inherit what is blocked.
class StopSignals {
 public:
  StopSignals();
  ~StopSignals();
  StopSignals(const StopSignals&) = delete;
  StopSignals& operator=(const StopSignals&) = delete;

  // Calls `stop`, on that thread, for each SIGINT or SIGTERM from now on, and for one that came before.
  void call(std::function<void()> stop);

 private:
  std::thread thread_;
  std::atomic<bool> ending_ = false;
};
