// Connecting: several addresses, names that take their time, and nobody left behind.
#include "endpoints/connect.h"

#include <netdb.h>
#include <future>

#include "check.h"
#include "net.h"

using namespace websock;

namespace {

// A resolver that knows one name, and these addresses of it.
LookUp knowing(std::vector<Address> addresses) {
  return [addresses = std::move(addresses)](const std::string&, std::uint16_t) { return addresses; };
}

Address address_of(std::uint16_t port) { return resolve("127.0.0.1", port).front(); }

// The system's words for an error are not the same in every C library.
std::string words_for(std::errc error) { return std::make_error_code(error).message(); }

// "connected", or the error's sentence.
std::string outcome(const std::function<void()>& attempt) {
  try {
    attempt();
    return "connected";
  } catch (const std::runtime_error& error) {  // what a resolver throws, and std::system_error
    return error.what();
  }
}

}  // namespace

TEST("own-connect-01 the first address that takes the connection is the one") {
  const Socket listener = listen_on("127.0.0.1", 0);
  const DeafPort deaf;
  const Address good = address_of(listener.local_port());
  for (const std::vector<Address>& addresses :
       {std::vector{good}, {address_of(deaf.port), good}, {good, address_of(deaf.port)}}) {
    const Dialled dialled = dial("name", 80, soon(), knowing(addresses));
    CHECK_EQ(dialled.socket.peer_address(), "127.0.0.1:" + std::to_string(listener.local_port()));
  }
}

TEST("own-connect-02 an address that does not answer takes its share of the time, and not that of the next") {
  const FullPort full;
  const Socket listener = listen_on("127.0.0.1", 0);
  std::vector<Address> addresses = {address_of(listener.local_port())};
  if (full.port != 0) addresses.insert(addresses.begin(), address_of(full.port));
  // Half of these four seconds is the first one's. With one deadline for both, the second would have none left.
  const Dialled dialled = dial("name", 80, deadline_after(Milliseconds(4000)), knowing(addresses));
  CHECK_EQ(dialled.socket.peer_address(), "127.0.0.1:" + std::to_string(listener.local_port()));
}

TEST("own-connect-03 if no address takes it, the last one's error says why") {
  const DeafPort deaf;
  const std::string last = "127.0.0.1:" + std::to_string(deaf.port);
  const std::string why = outcome([&] { dial("name", 80, soon(), knowing({address_of(deaf.port)})); });
  CHECK_EQ(why, "connect to " + last + ": " + words_for(std::errc::connection_refused));
}

TEST("own-connect-04 a resolver that takes its time is left behind when the deadline has passed") {
  std::promise<void> answer;
  const std::shared_future<void> may_answer = answer.get_future().share();
  auto ended = std::make_shared<std::promise<void>>();
  std::future<void> has_ended = ended->get_future();
  const LookUp slow = [may_answer, ended](const std::string&, std::uint16_t port) {
    may_answer.wait();
    ended->set_value();
    return resolve("127.0.0.1", port);
  };
  const std::string why = outcome([&] { dial("slow.example", 80, deadline_after(Milliseconds(20)), slow); });
  CHECK_EQ(why, "look up \"slow.example\": " + words_for(std::errc::timed_out));
  answer.set_value();  // now it comes, and nobody is there any more
  CHECK(has_ended.wait_until(soon()) == std::future_status::ready);
}

TEST("own-connect-05 without a deadline the resolver is waited for") {
  const Socket listener = listen_on("127.0.0.1", 0);
  const std::uint16_t port = listener.local_port();
  const LookUp slow = [](const std::string&, std::uint16_t to) {
    std::this_thread::yield();
    return resolve("127.0.0.1", to);
  };
  CHECK_EQ(outcome([&] { dial("slow.example", port, kNever, slow); }), "connected");
}

TEST("own-connect-06 what the resolver throws arrives at the caller, in getaddrinfo's own words") {
  const std::string words = ::gai_strerror(EAI_NONAME);
  const std::string why = outcome([] { dial("no such host", 80, soon()); });
  CHECK(why.starts_with("cannot find the host \"no such host\": "));
  // Which of its errors it is depends on the system, and on the network.
  if (why.ends_with(words)) CHECK_EQ(why, "cannot find the host \"no such host\": " + words);
}

TEST("4.1-07 while one connection to an address is pending, the next waits for its turn") {
  const Socket listener = listen_on("127.0.0.1", 0);
  const std::uint16_t port = listener.local_port();
  std::optional<Dialled> first = dial("127.0.0.1", port, soon());
  const std::string address = "127.0.0.1:" + std::to_string(port);
  // The look-up has to be over by then, on a thread that has to be started.
  CHECK_EQ(outcome([&] { dial("127.0.0.1", port, deadline_after(Milliseconds(1000))); }),
           "waiting to connect to " + address + ": " + words_for(std::errc::timed_out));
  std::future<void> second = in_thread([&] { dial("127.0.0.1", port, soon()); });
  first.reset();
  second.get();
  CHECK_EQ(outcome([&] { dial("127.0.0.1", port, soon()); }), "connected");
}

TEST("own-connect-07 an address whose turn does not come is left for the next one") {
  const Socket one = listen_on("127.0.0.1", 0);
  const Socket other = listen_on("127.0.0.1", 0);
  const Dialled busy = dial("127.0.0.1", one.local_port(), soon());
  const Dialled dialled = dial("name", 80, deadline_after(Milliseconds(4000)),
                               knowing({address_of(one.local_port()), address_of(other.local_port())}));
  CHECK_EQ(dialled.socket.peer_address(), "127.0.0.1:" + std::to_string(other.local_port()));
}

TEST("own-connect-08 an attempt that fails gives its turn back, and its descriptor") {
  const DeafPort deaf;
  const std::size_t before = open_descriptors();
  for (int i = 0; i < 3; ++i) {
    const std::string why = outcome([&] { dial("127.0.0.1", deaf.port, soon()); });
    CHECK(why.ends_with(words_for(std::errc::connection_refused)));
  }
  // The thread of a resolver lets go of its pipe a moment after it has answered.
  CHECK(eventually([&] { return open_descriptors() == before; }));
}

// ---- Stopped ----

namespace {

// What `connect` throws when it is stopped after `begun`. It has no deadline, so nothing else ends it.
std::string stopped(const std::function<void(const ConnectStop&)>& connect, const std::function<void()>& begun) {
  ConnectStop stop;
  auto other = in_thread([&] { return outcome([&] { connect(stop); }); });
  begun();
  stop.stop();
  return other.get();
}

}  // namespace

TEST("own-connect-10 stop() ends the look-up, though the resolver goes on") {
  std::promise<void> asked;
  std::promise<void> answer;
  const std::shared_future<void> may_answer = answer.get_future().share();
  const LookUp slow = [&asked, may_answer](const std::string&, std::uint16_t port) {
    asked.set_value();
    may_answer.wait();
    return resolve("127.0.0.1", port);
  };
  const auto connect = [&](const ConnectStop& stop) { dial("slow.example", 80, kNever, slow, &stop); };
  CHECK_EQ(stopped(connect, [&] { asked.get_future().wait(); }), "look up \"slow.example\": Operation canceled");
  answer.set_value();
}

TEST("own-connect-11 stop() ends the wait for one's turn, and for an address that does not answer") {
  const Turn first("192.0.2.7:80", soon());
  const auto wait = [](const ConnectStop& stop) { Turn("192.0.2.7:80", kNever, &stop); };
  CHECK_EQ(stopped(wait, [] {}), "waiting to connect to 192.0.2.7:80: Operation canceled");

  const FullPort full;
  if (full.port == 0) return;
  // Whether it is stopped in front of connect(2), or in it, is for the machine to say.
  const auto connect = [&](const ConnectStop& stop) { dial("127.0.0.1", full.port, kNever, resolve, &stop); };
  CHECK(stopped(connect, [] {}).ends_with("Operation canceled"));
}

TEST("own-connect-12 a socket that is just connecting is given up as soon as the descriptor can be read") {
  const FullPort full;
  if (full.port == 0) {
    CHECK_EQ(full.port, 0);
    return;
  }
  WakePipe stop;
  stop.wake();
  const Address address = address_of(full.port);
  CHECK_EQ(outcome([&] { connect_to(address, kNever, stop.descriptor()); }),
           "connect to " + to_string(address) + ": Operation canceled");
}

TEST("own-connect-13 what was stopped stays so: nothing connects with it any more") {
  const Socket listener = listen_on("127.0.0.1", 0);
  ConnectStop stop;
  CHECK(!stop.is_stopped());
  stop.stop();
  stop.stop();
  CHECK(stop.is_stopped());
  CHECK(outcome([&] {
          dial("127.0.0.1", listener.local_port(), kNever, resolve, &stop);
        }).ends_with("Operation canceled"));
}
