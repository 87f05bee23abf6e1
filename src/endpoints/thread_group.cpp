// POSIX threads rather than std::thread, for two reasons. A thread knows its own pthread_t, and can leave it behind for
// its successor to join; a std::thread cannot hand over itself. And a thread can only be counted before it is created
// (it may be gone before pthread_create returns) if nothing need be stored afterwards.
#include "endpoints/thread_group.h"

#include <memory>
#include <system_error>
#include <utility>

namespace websock {
namespace {

struct Start {
  std::function<void()> work;
  std::function<void()> leave;
};

extern "C" void* run_and_leave(void* argument) {
  const std::unique_ptr<Start> start(static_cast<Start*>(argument));
  start->work();
  start->work = nullptr;  // frees what the work holds before the thread counts as ended
  start->leave();
  return nullptr;
}

}  // namespace

void ThreadGroup::start(std::function<void()> work) {
  auto start = std::make_unique<Start>(Start{std::move(work), [this] { leave(); }});
  {
    const std::lock_guard lock(mutex_);
    ++running_;
  }
  pthread_attr_t attributes;
  ::pthread_attr_init(&attributes);
  if (stack_size_ != 0) ::pthread_attr_setstacksize(&attributes, stack_size_);  // one that is too small changes nothing
  pthread_t thread{};
  const int error = ::pthread_create(&thread, &attributes, run_and_leave, start.get());
  ::pthread_attr_destroy(&attributes);
  if (error == 0) {
    static_cast<void>(start.release());  // the thread's now
    return;
  }
  const std::lock_guard lock(mutex_);
  --running_;
  throw std::system_error(error, std::generic_category(), "start a thread");
}

// Joins under the lock: whoever is found there has let go of it, and has nothing to do any more but return, and to
// destroy what is thread_local. To join one that is still joining another would make a convoy of them.
void ThreadGroup::leave() {
  const std::lock_guard lock(mutex_);
  if (last_to_leave_) ::pthread_join(*last_to_leave_, nullptr);
  last_to_leave_ = ::pthread_self();
  --running_;
  ++ends_;
  ended_.notify_all();
}

std::size_t ThreadGroup::size() const {
  const std::lock_guard lock(mutex_);
  return running_;
}

void ThreadGroup::wait_for_an_end(Deadline deadline) {
  std::unique_lock lock(mutex_);
  ended_.wait_until(lock, deadline, [&, before = ends_] { return ends_ != before; });
}

void ThreadGroup::join_all() {
  std::unique_lock lock(mutex_);
  ended_.wait(lock, [&] { return running_ == 0; });
  const std::optional<pthread_t> last = std::exchange(last_to_leave_, std::nullopt);
  lock.unlock();
  if (last) ::pthread_join(*last, nullptr);
}

}  // namespace websock
