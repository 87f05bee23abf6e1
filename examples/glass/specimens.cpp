// Which connections may have a place. Their number is limited, since each costs a thread; and a program on this machine
// that connects and says nothing must not keep the page out. So a place is safe only behind the handshake. Before it, a
// connection stays while there is room, and within the handshake's time limit.
//
// A page without the token gets no further than its request. So nobody but our own page can have all the places, and if
// it does, opening more of them is what it did wrong.
#include "specimens.h"

#include <algorithm>
#include <array>
#include <cstdio>
#include <utility>

using namespace websock;

namespace {

constexpr Milliseconds kRetry(100);  // when there was no descriptor, or no place, for one more
constexpr Milliseconds kRoom(1000);  // for a connection that was asked to go

}  // namespace

// Port 0: the page is told which one it became, so it need not be a fixed one.
Specimens::Specimens(Recorder& recorder, UpgradeRules rules, const SpecimenLimits& limits)
    : recorder_(recorder), rules_(std::move(rules)), limits_(limits), listener_(listen_on("127.0.0.1", 0)) {}

// On a thread of its own.
void Specimens::serve() {
  while (!stopping_) {
    try {
      serve_one();
    } catch (const std::exception& error) {
      // No descriptor, no thread or no memory is left for one more. Whoever leaves gives some back.
      std::fprintf(stderr, "glass: %s\n", error.what());
      threads_.wait_for_an_end(deadline_after(kRetry));
    }
  }
}

void Specimens::stop() {
  stopping_ = true;
  stop_pipe_.wake();
}

void Specimens::serve_one() {
  std::array<pollfd, 2> ready = {{{listener_.descriptor(), POLLIN, 0}, {stop_pipe_.descriptor(), POLLIN, 0}}};
  wait_for(ready, kNever);
  if (stopping_) return;
  // Nothing: the client that woke us has left again. One too many is closed as `client` goes out of scope, without a
  // word.
  std::optional<Socket> client = accept_from(listener_);
  if (!client || (threads_.size() >= limits_.connections && !make_room())) return;
  // A std::function can be copied, and a Socket cannot.
  auto shared = std::make_shared<Socket>(std::move(*client));
  threads_.start([this, shared] { converse(std::move(*shared)); });
}

// All places are taken. Of those that have not finished their handshake the oldest is asked to go: a browser's takes a
// moment, so a client that is still at it keeps others out for nothing. Whether there is a place now. The thread that
// accepts waits here for it: nobody else could be let in meanwhile.
bool Specimens::make_room() {
  bool somebody_goes = false;
  {
    const std::lock_guard lock(mutex_);
    // By number, and so by age.
    for (const auto& [connection, wishes] : wishes_) {
      const std::lock_guard its_lock(wishes->mutex);
      if (wishes->is_open) continue;
      somebody_goes = true;
      // Asked before, for another newcomer, and still on its way out: the next one, too.
      if (std::exchange(wishes->must_go, true)) continue;
      wishes->wake.wake();
      break;
    }
  }
  // In short waits: an end that comes before the call does not count, and the size tells of it all the same.
  const Deadline deadline = deadline_after(somebody_goes ? kRoom : Milliseconds(0));
  while (threads_.size() >= limits_.connections && time_left(deadline) > Milliseconds(0))
    threads_.wait_for_an_end(std::min(deadline, deadline_after(kRetry)));
  return threads_.size() < limits_.connections;
}

// A connection's thread, from end to end. Between enter() and leave() the page can wish for something.
void Specimens::converse(Socket socket) try {
  // Shared with perform(), which may still hold it when the connection leaves.
  const auto wishes = std::make_shared<Wishes>();
  Specimen specimen(std::move(socket), recorder_, rules_, limits_, *wishes);
  enter(specimen.connection(), wishes);
  try {
    specimen.run();
  } catch (const std::exception& error) {
    std::fprintf(stderr, "glass: %s\n", error.what());  // and it leaves all the same
  }
  leave(specimen.connection());
} catch (const std::exception& error) {
  // It was gone before we could ask who it is, or there is no memory. A thread's work may not throw.
  std::fprintf(stderr, "glass: %s\n", error.what());
}

void Specimens::enter(std::uint64_t connection, std::shared_ptr<Wishes> wishes) {
  const std::lock_guard lock(mutex_);
  wishes_[connection] = std::move(wishes);
}

void Specimens::leave(std::uint64_t connection) {
  const std::lock_guard lock(mutex_);
  wishes_.erase(connection);
}

// On the watcher's thread. It takes the lock of all connections only to find one, and never waits for what that one is
// doing. True may be too much: a connection that ends just now drops the steps.
bool Specimens::perform(std::uint64_t connection, const std::vector<Step>& steps) {
  std::shared_ptr<Wishes> wishes;
  {
    const std::lock_guard lock(mutex_);
    const auto found = wishes_.find(connection);
    if (found == wishes_.end()) return false;
    wishes = found->second;
  }
  const std::lock_guard lock(wishes->mutex);
  wishes->steps.insert(wishes->steps.end(), steps.begin(), steps.end());
  wishes->wake.wake();
  return true;
}
