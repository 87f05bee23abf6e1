// A signal handler interrupts any line of any thread, one that holds a mutex for instance. So it may do next to
// nothing: no lock, no memory, no exception. Ours does one thing, which POSIX allows it: it writes a byte into a pipe.
// A thread waits at the pipe's other end, and makes the call.
//
//     Ctrl-C  >  note_signal: write(2)  >  pipe  >  next_byte: read(2)  >  stop()
//     a thread of the application's          |      our thread
//
// sigwait(3) would do without a handler. But it wants the signals blocked in every thread, those that the application
// has started before us included.
#include "endpoints/stop_signals.h"

#include <fcntl.h>
#include <unistd.h>

#include <array>
#include <atomic>
#include <cerrno>
#include <csignal>
#include <mutex>
#include <stdexcept>
#include <system_error>
#include <utility>

#include "endpoints/server.h"

namespace websock {
namespace {

constexpr std::array kSignals = {SIGINT, SIGTERM};
constexpr char kStop = 's';  // what the handler writes
constexpr char kEnd = 'e';   // what the destructor writes

std::atomic<bool> in_use = false;                      // one StopSignals exists
std::mutex handlers;                                   // guards what the signals do, and the next two lines
std::array<struct sigaction, kSignals.size()> before;  // what they did: of the one StopSignals
bool are_ours = false;                                 // they have not been given back yet

// Both, whichever came: somebody who has waited long enough after Ctrl-C may send SIGTERM. Our thread calls it, and so
// does the destructor. Once: what the application has made of the signals since is its own affair.
void restore_handlers() {
  const std::lock_guard lock(handlers);
  if (!std::exchange(are_ours, false)) return;
  for (std::size_t i = 0; i < kSignals.size(); ++i) ::sigaction(kSignals[i], &before[i], nullptr);
}

// Both ends of the pipe. It is never closed: a handler may be about to write when its StopSignals ends, and must not
// find another file under that number.
const std::array<int, 2>& stop_pipe() {
  static const std::array<int, 2> ends = [] {
    std::array<int, 2> made{};
    // Thrown inside the constructor of the first StopSignals. The static is not made then, and the next one tries
    // again.
    if (::pipe(made.data()) != 0) throw std::system_error(errno, std::generic_category(), "pipe");
    for (const int end : made) ::fcntl(end, F_SETFD, FD_CLOEXEC);  // no child's business
    return made;
  }();
  return ends;
}

// Where the handler writes; a plain number, as a handler may not even initialise a static.
std::atomic<int> write_end = -1;
static_assert(std::atomic<int>::is_always_lock_free);

// The handler. Whatever thread the system interrupts runs it.
extern "C" void note_signal(int) {
  const int error = errno;  // the interrupted line may be about to look at it
  // It does not wait: the pipe is far from full, since each signal gets here once (SA_RESETHAND).
  static_cast<void>(::write(write_end, &kStop, 1));
  errno = error;
}

// On the thread: waits for a byte, as long as signals interrupt that.
char next_byte() {
  // What is returned if read(2) fails for another reason: then the thread ends, and does not spin.
  char byte = kEnd;
  // No end of the file to be expected: the write end is never closed.
  while (::read(stop_pipe()[0], &byte, 1) < 0 && errno == EINTR) {
  }
  return byte;
}

}  // namespace

// The thread first: once the handler is there, what it writes has to be read.
StopSignals::StopSignals(std::function<void()> stop) {
  // Here, outside of any handler: the pipe is a static, and making it takes a lock.
  write_end = stop_pipe()[1];
  if (in_use.exchange(true)) throw std::logic_error("there is a StopSignals already");
  // Held until both handlers are there: else a signal between the two could be restored before it is set.
  const std::lock_guard lock(handlers);
  try {
    thread_ = std::thread([stop = std::move(stop)] {
      // After a first kStop the signals have their usual effect again, but both may have come before that.
      for (bool stopped = false; next_byte() == kStop; stopped = true) {
        if (stopped) continue;
        restore_handlers();  // before stop(), which may take its time
        stop();
      }
    });
  } catch (const std::system_error&) {
    in_use = false;  // no thread is to be had: another try may find one
    throw;
  }
  // All zero: no other signal is blocked while the handler runs, which is short, and may be interrupted.
  // The cast below: SA_RESETHAND is the highest bit of an int, and so a constant without a sign on Linux.
  struct sigaction action {};
  action.sa_handler = note_signal;
  action.sa_flags = SA_RESTART | static_cast<int>(SA_RESETHAND);  // no system call fails for it; and it is for one time
  // The result is ignored: sigaction(2) refuses only signals that do not exist or cannot be caught.
  for (std::size_t i = 0; i < kSignals.size(); ++i) ::sigaction(kSignals[i], &action, &before[i]);
  are_ours = true;
}

// The handler goes first, so that kEnd is the last byte in the pipe.
StopSignals::~StopSignals() {
  restore_handlers();
  // The result is ignored: with a byte for each signal at most, and this one, the pipe always has room.
  static_cast<void>(::write(write_end, &kEnd, 1));
  // It also waits for a stop() that is running: what that refers to may be gone when we return.
  thread_.join();
  // Last: the next StopSignals must not find our handlers, or our thread at its pipe.
  in_use = false;
}

// Nothing is moved: what a function returns is built where its caller wants it.
StopSignals stop_on_signals(WebSocketServer& server) {
  return StopSignals([&server] { server.close_server(); });
}

}  // namespace websock
