// Two things here take a time that we cannot limit directly.
//
// getaddrinfo(3) asks a name server, or several, and returns when it has an answer or has given up: after 20 seconds or
// more, with the usual settings. It takes no deadline, and nothing can interrupt it. So it gets a thread of its own, and
// the caller waits for the *result*, for as long as it likes. If that is too long, the thread is left behind:
//
//     caller    start | wait ............ deadline: timed_out
//     thread          | getaddrinfo ............................. answer, which nobody wants any more; the end
//
// Nothing is lost by that: what the thread works with is its own, and it ends when the resolver does. (glibc has
// getaddrinfo_a(3), which does much the same; no other system has it.)
//
// And an address may not answer at all, neither yes nor no: a firewall, a machine that is switched off, a route that
// leads nowhere. The system tries it for two minutes. With one deadline for all addresses, a dead first one would leave
// nothing for a good second one; so each gets its share of what is left. (Browsers do not wait even that long: they
// start on the second address 250 ms later, beside the first. That is RFC 8305, "Happy Eyeballs", and an exercise.)
#include "endpoints/connect.h"

#include <condition_variable>
#include <exception>
#include <memory>
#include <mutex>
#include <set>
#include <system_error>
#include <thread>
#include <utility>

namespace websock {
namespace {

[[noreturn]] void throw_timed_out(const std::string& what) {
  throw std::system_error(std::make_error_code(std::errc::timed_out), what);
}

// ---- One at a time (4.1, item 2) ----

struct Connecting {
  std::mutex mutex;  // guards the set
  std::condition_variable one_is_done;
  std::set<std::string> addresses;  // to which a thread is connecting
};

// The one of this process. It is made by the first call, so it does not matter which file's variables are made first;
// and it is never destroyed, because a thread of the application may still be connecting when main() returns.
Connecting& connecting() {
  static Connecting& all = *new Connecting;
  return all;
}

// ---- Time ----

// What a resolver's thread and its caller share, and the last of them frees. Not a std::future: std::async's waits for the
// thread after all when it is destroyed, and a packaged_task keeps hold of an exception while the caller reads it.
struct Answer {
  std::mutex mutex;  // guards all below
  std::condition_variable has_come;
  bool is_here = false;
  std::vector<Address> addresses;
  std::exception_ptr error;  // if look_up() threw
};

// The thread.
void ask(Answer& answer, const LookUp& look_up, const std::string& host, std::uint16_t port) {
  std::vector<Address> addresses;
  std::exception_ptr error;
  try {
    // Without the lock: this is what takes its time, and the caller must be able to give up meanwhile.
    addresses = look_up(host, port);
  } catch (...) {
    error = std::current_exception();
  }
  const std::lock_guard lock(answer.mutex);
  // Three assignments and a wake-up, none of which can throw: an exception here would end the process.
  answer.is_here = true;
  answer.addresses = std::move(addresses);
  answer.error = std::move(error);
  answer.has_come.notify_all();
}

// The addresses, or an exception when the deadline has passed.
std::vector<Address> look_up_until(Deadline deadline, const LookUp& look_up, const std::string& host,
                                   std::uint16_t port) {
  const auto answer = std::make_shared<Answer>();
  // Copies of everything, for the thread may outlive the caller.
  std::thread([=] { ask(*answer, look_up, host, port); }).detach();
  std::unique_lock lock(answer->mutex);
  const auto is_here = [&] { return answer->is_here; };
  // kNever is the clock's last moment; converted to the units of some waits, it would lie in the past.
  if (deadline == kNever) answer->has_come.wait(lock, is_here);
  if (!answer->has_come.wait_until(lock, deadline, is_here)) throw_timed_out("look up \"" + host + "\"");
  if (answer->error) std::rethrow_exception(std::exchange(answer->error, nullptr));
  return std::move(answer->addresses);
}

// An equal share of the time until the deadline for each of `tries`, of which this is the next one.
Deadline share_of(Deadline deadline, std::size_t tries) {
  if (deadline == kNever) return kNever;
  const Deadline now = Clock::now();
  return now + std::max(Clock::duration(0), deadline - now) / static_cast<Clock::rep>(tries);
}

}  // namespace

// The address counts, not the name: names are cheap, and with a.example, b.example and so on for one and the same server
// there would be no limit.
Turn::Turn(std::string address, Deadline deadline) : address_(std::move(address)) {
  Connecting& all = connecting();
  std::unique_lock lock(all.mutex);
  const auto is_free = [&] { return all.addresses.count(address_) == 0; };
  // Two waits, as everywhere: with kNever a wait_until() may overflow. After the first one, is_free() is true.
  if (deadline == kNever) all.one_is_done.wait(lock, is_free);
  if (!is_free() && !all.one_is_done.wait_until(lock, deadline, is_free)) {
    throw_timed_out("waiting to connect to " + address_);
  }
  // Under the same lock as the look: of two that have waited, the second finds it taken.
  all.addresses.insert(address_);
}

// All that wait are woken, not one: each of them may wait for another address.
Turn::~Turn() {
  if (address_.empty()) return;
  Connecting& all = connecting();
  const std::lock_guard lock(all.mutex);
  all.addresses.erase(address_);
  all.one_is_done.notify_all();
}

// The first address that takes the connection. What the server then says to the handshake is no reason to try the next
// one: it is the same server, or is meant to be.
Dialled dial(const std::string& host, std::uint16_t port, Deadline deadline, const LookUp& look_up) {
  const std::vector<Address> addresses = look_up_until(deadline, look_up, host, port);
  for (std::size_t i = 0;; ++i) {
    const Deadline until = share_of(deadline, addresses.size() - i);
    try {
      // Taken before connect(2), and given back by the caller, after the handshake: all that time the state is
      // CONNECTING.
      Turn turn(to_string(addresses[i]), until);
      Socket socket = connect_to(addresses[i], until);
      return {std::move(turn), std::move(socket)};
    } catch (const std::system_error&) {
      if (i + 1 == addresses.size()) throw;  // the last one's error: it is as good as any
    }
  }
}

}  // namespace websock
