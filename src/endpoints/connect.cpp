// Two things here take a time that we cannot limit directly.
//
// getaddrinfo(3) asks a name server, or several, and returns when it has an answer or has given up: after 20 seconds or
// more, with the usual settings. It takes no deadline, and nothing can interrupt it. So it gets a thread of its own,
// and the caller waits for the *result*, for as long as it likes. If that is too long, the thread is left behind:
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

#include <array>
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

// The two endings that callers may want to tell apart: timed_out and operation_canceled.
[[noreturn]] void throw_error(std::errc error, const std::string& what) {
  throw std::system_error(std::make_error_code(error), what);
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

// What a resolver's thread and its caller share, and the last of them frees. Not a std::future: std::async's waits for
// the thread after all when it is destroyed, and a packaged_task keeps hold of an exception while the caller reads it.
struct Answer {
  WakePipe has_come;  // and no condition variable, since the caller waits for a stop as well
  std::mutex mutex;   // guards all below
  std::vector<Address> addresses;
  std::exception_ptr error;  // if look_up() threw
};

// What the resolver's thread runs.
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
  // Two assignments and a wake-up, none of which can throw: an exception here would end the process.
  answer.addresses = std::move(addresses);
  answer.error = std::move(error);
  answer.has_come.wake();
}

// The addresses, or an exception when the deadline has passed, or somebody has stopped it.
std::vector<Address> look_up_until(Deadline deadline, const LookUp& look_up, const std::string& host,
                                   std::uint16_t port, const ConnectStop* stop) {
  const auto answer = std::make_shared<Answer>();
  // Copies of everything, for the thread may outlive the caller.
  // Detached: a join would wait for the resolver, which is what this thread is there to avoid.
  std::thread([=] { ask(*answer, look_up, host, port); }).detach();
  wait_to_read(answer->has_come.descriptor(), deadline, stop, "look up \"" + host + "\"");
  // The pipe says only that there is an answer. It is the mutex that makes the other thread's writes visible here.
  const std::lock_guard lock(answer->mutex);
  // Taken out, not copied: whichever thread frees the Answer then has no part in the exception that our caller reads.
  if (answer->error) std::rethrow_exception(std::exchange(answer->error, nullptr));
  return std::move(answer->addresses);
}

// One poll(2) for the event and the stop. A stop counts for more than bytes: nobody wants them any more. -1: without a
// stop there is no descriptor, and poll(2) passes over a negative one.
void wait_for_either(pollfd event, Deadline deadline, const ConnectStop* stop, const std::string& what) {
  std::array<pollfd, 2> events = {{event, {stop != nullptr ? stop->descriptor() : -1, POLLIN, 0}}};
  const bool happened = wait_for(events, deadline);
  if (events[1].revents != 0) throw_error(std::errc::operation_canceled, what);
  if (!happened) throw_error(std::errc::timed_out, what);
}

// An equal share of the time until the deadline for each of `tries`, of which this is the next one.
Deadline share_of(Deadline deadline, std::size_t tries) {
  // A share of "no limit" is no limit. Divided, it would become one after all.
  if (deadline == kNever) return kNever;
  const Deadline now = Clock::now();
  return now + std::max(Clock::duration(0), deadline - now) / static_cast<Clock::rep>(tries);
}

}  // namespace

// First the flag, for those who look before they wait; then whatever they may be waiting in: poll(2), or a Turn.
void ConnectStop::stop() {
  stopped_ = true;
  pipe_.wake();
  // With the lock, though stopped_ needs none: a Turn that has just looked at it is then already waiting, and hears
  // this.
  const std::lock_guard lock(connecting().mutex);
  connecting().one_is_done.notify_all();
}

// For bytes of the peer's, or its end.
void wait_to_read(int descriptor, Deadline deadline, const ConnectStop* stop, const std::string& what) {
  wait_for_either({descriptor, POLLIN, 0}, deadline, stop, what);
}

// For room in the system's buffer.
void wait_to_write(int descriptor, Deadline deadline, const ConnectStop* stop, const std::string& what) {
  wait_for_either({descriptor, POLLOUT, 0}, deadline, stop, what);
}

// The address counts, not the name: names are cheap, and with a.example, b.example and so on for one and the same
// server there would be no limit.
Turn::Turn(std::string address, Deadline deadline, const ConnectStop* stop) : address_(std::move(address)) {
  Connecting& all = connecting();
  std::unique_lock lock(all.mutex);
  const auto is_stopped = [&] { return stop != nullptr && stop->is_stopped(); };
  const auto is_decided = [&] { return is_stopped() || all.addresses.count(address_) == 0; };
  // Two waits, as everywhere: with kNever a wait_until() may overflow. After the first one, is_decided() is true.
  if (deadline == kNever) all.one_is_done.wait(lock, is_decided);
  const bool in_time = is_decided() || all.one_is_done.wait_until(lock, deadline, is_decided);
  if (is_stopped()) throw_error(std::errc::operation_canceled, "waiting to connect to " + address_);
  if (!in_time) throw_error(std::errc::timed_out, "waiting to connect to " + address_);
  // Under the same lock as the look: of two that have waited, the second finds it taken.
  all.addresses.insert(address_);
}

// All that wait are woken, not one: each of them may wait for another address.
Turn::~Turn() {
  if (address_.empty()) return;  // moved away from: another object has the turn
  Connecting& all = connecting();
  const std::lock_guard lock(all.mutex);
  all.addresses.erase(address_);
  all.one_is_done.notify_all();
}

// The first address that takes the connection. What the server then says to the handshake is no reason to try the next
// one: it is the same server, or is meant to be.
Dialled dial(const std::string& host, std::uint16_t port, Deadline deadline, const LookUp& look_up,
             const ConnectStop* stop) {
  const std::vector<Address> addresses = look_up_until(deadline, look_up, host, port, stop);
  // It needs no end: resolve() finds one address at least, and the last one returns or throws.
  for (std::size_t i = 0;; ++i) {
    const Deadline until = share_of(deadline, addresses.size() - i);
    try {
      // Taken before connect(2), and given back by the caller, after the handshake: all that time the state is
      // CONNECTING.
      Turn turn(to_string(addresses[i]), until, stop);
      Socket socket = connect_to(addresses[i], until, stop != nullptr ? stop->descriptor() : -1);
      return {std::move(turn), std::move(socket)};
    } catch (const std::system_error&) {
      // A stop comes by here, too: each address that is left then fails at once, and the last one's error says why.
      if (i + 1 == addresses.size()) throw;  // the last one's error: it is as good as any
    }
  }
}

}  // namespace websock
