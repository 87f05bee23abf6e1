// POSIX threads rather than std::thread, for two reasons. A thread knows its own pthread_t, and can leave it behind for
// its successor to join; a std::thread cannot hand over itself. And a thread can only be counted before it is created
// (it may be gone before pthread_create returns) if nothing need be stored afterwards.
//
//     thread A    work | leave: on the table |
//     thread B    work ........... | leave: joins A, on the table |
//     thread C    work ................................. | leave: joins B, on the table |
//     join_all                                                                     joins C
//
// Detached threads would be simpler. But then nobody could tell when the last of their stacks has gone, and a thread
// that is still on its way out when main() returns would find the program's statics destroyed.
#include "endpoints/thread_group.h"

#include <memory>
#include <system_error>
#include <utility>

namespace websock {
namespace {

// What a new thread is given: one pointer is all that pthread_create passes on. `leave` is the group's, which this
// file-local function could not call otherwise: it is private.
struct Start {
  std::function<void()> work;
  std::function<void()> leave;
};

// The whole life of a thread. It owns its Start, from the moment at which pthread_create has succeeded.
extern "C" void* run_and_leave(void* argument) {
  const std::unique_ptr<Start> start(static_cast<Start*>(argument));
  // It must not throw: an exception has no way through pthread_create's code, and the process would end.
  start->work();
  start->work = nullptr;  // frees what the work holds before the thread counts as ended
  start->leave();
  return nullptr;  // from here on only what is thread_local is destroyed, and the next to leave may be waiting for that
}

}  // namespace

// Counted first: the thread may have ended, and have been counted off, before pthread_create returns. If it cannot be
// created, the count goes back, and the caller learns it; at a server, that is the client's bad luck and nobody else's.
void ThreadGroup::start(std::function<void()> work) {
  // On the heap, since it goes to another thread, and this function may have returned before that one looks at it.
  auto start = std::make_unique<Start>(Start{std::move(work), [this] { leave(); }});
  // Undone below if there is no thread. The lock is not held meanwhile: to create a thread may take the system a while.
  {
    const std::lock_guard lock(mutex_);
    ++running_;
  }
  pthread_attr_t attributes;
  // It fills in a struct, and fails on no system that we know.
  ::pthread_attr_init(&attributes);
  if (stack_size_ != 0) ::pthread_attr_setstacksize(&attributes, stack_size_);  // one that is too small changes nothing
  pthread_t thread{};
  // POSIX returns the error here, and leaves errno alone.
  const int error = ::pthread_create(&thread, &attributes, run_and_leave, start.get());
  ::pthread_attr_destroy(&attributes);
  if (error == 0) {
    static_cast<void>(start.release());  // the thread's now
    return;
  }
  const std::lock_guard lock(mutex_);
  --running_;
  ended_.notify_all();  // for a join_all() that waits for the thread that was counted above
  throw std::system_error(error, std::generic_category(), "start a thread");
}

// Joins the thread that left before, and only then waits to be joined itself. Without the lock: a thread's last act is
// to destroy what is thread_local, and an application's destructor may take its time. And one after the other: to be on
// the table while it still joins another would make a convoy of threads that wait for each other, each with its stack.
void ThreadGroup::leave() {
  std::unique_lock lock(mutex_);
  while (last_to_leave_) {
    // Off the table before the lock goes: nobody else may join the same thread.
    const pthread_t before = *std::exchange(last_to_leave_, std::nullopt);
    lock.unlock();
    // Cannot fail: whoever takes an id off the table is the only one to have it. nullptr: our threads return nothing.
    ::pthread_join(before, nullptr);
    lock.lock();  // meanwhile another one may have left
  }
  // Only now, with nothing left to wait for: the thread that joins this one waits for its last steps, and for no third.
  last_to_leave_ = ::pthread_self();
  --running_;
  ++ends_;
  ended_.notify_all();
}

// A moment's number: threads may end while the caller looks at it.
std::size_t ThreadGroup::size() const {
  const std::lock_guard lock(mutex_);
  return running_;
}

// Ends are counted, and not the threads that are there: one may end and another start while we are not looking, and the
// number of threads be the same as before.
void ThreadGroup::wait_for_an_end(Deadline deadline) {
  std::unique_lock lock(mutex_);
  // The result is ignored, since after either the caller tries again. And kNever needs no case of its own, as it does
  // elsewhere: the one caller waits for a tenth of a second.
  ended_.wait_until(lock, deadline, [&, before = ends_] { return ends_ != before; });
}

// When none is running, at most one is not yet joined: the last. It is taken off the table, so that the group is as new
// and may be used again.
void ThreadGroup::join_all() {
  std::unique_lock lock(mutex_);
  ended_.wait(lock, [&] { return running_ == 0; });
  const std::optional<pthread_t> last = std::exchange(last_to_leave_, std::nullopt);
  // Without the lock, as in leave(): what the thread still does may take a while.
  lock.unlock();
  if (last) ::pthread_join(*last, nullptr);
}

}  // namespace websock
