// The threads of a server's clients.
#include "endpoints/thread_group.h"

#include <atomic>
#include <functional>
#include <future>
#include <memory>
#include <thread>

#include "check.h"

using namespace websock;

namespace {

// Threads of a group that stay until they are let go.
struct Gate {
  std::promise<void> promise;
  std::shared_future<void> open = promise.get_future().share();

  std::function<void()> wait() {
    return [open = open] { open.wait(); };
  }
};

// Something thread_local that takes its time to be destroyed, if the thread asks for that.
struct Slow {
  std::shared_future<void> open;

  ~Slow() {
    if (open.valid()) open.wait();
  }
};
thread_local Slow slow;

Deadline soon() { return deadline_after(Milliseconds(30'000)); }

}  // namespace

TEST("own-thread-group-01 work runs on a thread of its own") {
  std::promise<std::thread::id> id;
  ThreadGroup group;
  group.start([&] { id.set_value(std::this_thread::get_id()); });
  CHECK(id.get_future().get() != std::this_thread::get_id());
}

TEST("own-thread-group-02 join_all() waits until all work is done") {
  std::atomic<int> done = 0;
  ThreadGroup group;
  for (int i = 0; i < 20; ++i) group.start([&] { ++done; });
  group.join_all();
  CHECK_EQ(done.load(), 20);
  CHECK_EQ(group.size(), 0u);
}

TEST("own-thread-group-03 so does the destructor") {
  std::atomic<int> done = 0;
  {
    ThreadGroup group;
    for (int i = 0; i < 20; ++i) group.start([&] { ++done; });
  }
  CHECK_EQ(done.load(), 20);
}

TEST("own-thread-group-04 size() counts the threads that have not ended, from the moment of start()") {
  ThreadGroup group;
  CHECK_EQ(group.size(), 0u);
  Gate gate;
  for (std::size_t i = 0; i < 5; ++i) {
    CHECK_EQ(group.size(), i);
    group.start(gate.wait());
  }
  CHECK_EQ(group.size(), 5u);
  gate.promise.set_value();
  group.join_all();
  CHECK_EQ(group.size(), 0u);
}

TEST("own-thread-group-05 an empty group has nothing to wait for, and may be used again") {
  std::atomic<int> done = 0;
  ThreadGroup group;
  group.join_all();
  for (int round = 1; round <= 3; ++round) {
    group.start([&] { ++done; });
    group.join_all();
    group.join_all();
    CHECK_EQ(done.load(), round);
  }
}

TEST("own-thread-group-06 wait_for_an_end() returns when a thread ends, though others go on") {
  Gate first;
  Gate second;
  ThreadGroup group;
  group.start(first.wait());
  group.start(second.wait());
  auto waiter = std::async(std::launch::async, [&] {
    while (group.size() == 2) group.wait_for_an_end(deadline_after(Milliseconds(100)));
    return group.size();
  });
  first.promise.set_value();
  CHECK_EQ(waiter.get(), 1u);
  second.promise.set_value();
}

TEST("own-thread-group-07 wait_for_an_end() is woken, though others go on, and does not wait for its deadline") {
  // A thread that ends before the wait begins is no end to wait for: so they end one by one until one is met.
  std::atomic<bool> woken = false;
  Gate gate;
  ThreadGroup group;
  group.start(gate.wait());
  auto waiter = std::async(std::launch::async, [&] {
    const Deadline deadline = soon();
    group.wait_for_an_end(deadline);
    woken = true;
    return Clock::now() < deadline;
  });
  while (!woken) group.start([] {});
  CHECK(waiter.get());
  gate.promise.set_value();
}

TEST("own-thread-group-08 wait_for_an_end() returns at its deadline when no thread ends") {
  Gate gate;
  ThreadGroup group;
  group.start(gate.wait());
  const Deadline deadline = deadline_after(Milliseconds(20));
  group.wait_for_an_end(deadline);
  CHECK(Clock::now() >= deadline);
  CHECK_EQ(group.size(), 1u);
  gate.promise.set_value();
}

TEST("own-thread-group-09 what the work holds is freed before its thread counts as ended") {
  ThreadGroup group;
  for (int i = 0; i < 1000; ++i) {
    const auto held = std::make_shared<int>(i);
    group.start([held] {});
    while (group.size() > 0) std::this_thread::yield();
    if (held.use_count() != 1) return CHECK_EQ(held.use_count(), 1);
  }
  CHECK_EQ(group.size(), 0u);
}

TEST("own-thread-group-10 threads are joined while others go on: thousands leave no stack behind") {
  // A thread that nobody joins keeps its stack, and a process may have so many pieces of memory: 65,530, by default,
  // where a stack and its guard are two of them. So 32,765 such threads are too many.
  constexpr int kThreads = 34'000;
  std::atomic<int> done = 0;
  ThreadGroup group;
  for (int i = 0; i < kThreads; ++i) {
    group.start([&] { ++done; });
    while (group.size() > 50) group.wait_for_an_end(deadline_after(Milliseconds(10)));
  }
  group.join_all();
  CHECK_EQ(done.load(), kThreads);
}

TEST("own-thread-group-11 a thread of the group may start another one") {
  std::atomic<int> done = 0;
  ThreadGroup group;
  group.start([&] {
    group.start([&] { ++done; });
    ++done;
  });
  group.join_all();
  CHECK_EQ(done.load(), 2);
}

TEST("own-thread-group-12 a thread that takes long to be destroyed holds up the one that joins it, and nobody else") {
  Gate gate;
  ThreadGroup group;
  group.start([&gate] { slow.open = gate.open; });
  while (group.size() > 0) std::this_thread::yield();
  for (int i = 0; i < 20; ++i) group.start([] {});  // one of them joins it, and waits
  while (group.size() > 1) std::this_thread::yield();
  CHECK_EQ(group.size(), 1u);
  gate.promise.set_value();
}
