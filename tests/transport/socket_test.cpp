// The system calls, and what this project promises about each.
#include "transport/socket.h"

#include <net/if.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <pthread.h>
#include <sys/socket.h>

#include <array>
#include <atomic>
#include <csignal>
#include <cstddef>
#include <fstream>
#include <functional>
#include <set>

#include "check.h"
#include "net.h"
#include "transport/resource_limits.h"

using namespace websock;

namespace {

constexpr Milliseconds kShort(20);
constexpr Milliseconds kTick(10);  // the system may measure time in steps

std::error_code error_of(const std::function<void()>& call) {
  try {
    call();
  } catch (const std::system_error& error) {
    return error.code();
  }
  return {};
}

// "3 bytes", "end", or "timeout".
std::string received(Socket& socket, Milliseconds timeout) {
  std::array<std::uint8_t, 100> bytes{};
  const std::optional<std::size_t> count = socket.receive(bytes, timeout);
  if (!count) return "timeout";
  return *count == 0 ? "end" : std::to_string(*count) + " bytes";
}

bool send(Socket& socket, const Bytes& bytes) {
  const ByteView piece = bytes;
  return socket.send({&piece, 1}) == bytes.size();
}

// Sends until the socket takes no more; how many bytes that was.
std::size_t fill(Socket& socket) {
  const Bytes block(64 * 1024);
  const ByteView piece = block;
  std::size_t sent = 0;
  while (const std::size_t count = socket.send({&piece, 1})) sent += count;
  return sent;
}

int option(const Socket& socket, int level, int name) {
  int value = 0;
  socklen_t size = sizeof value;
  if (::getsockopt(socket.descriptor(), level, name, &value, &size) < 0) throw std::runtime_error("getsockopt");
  return value;
}

bool closes_on_exec(int descriptor) { return (::fcntl(descriptor, F_GETFD) & FD_CLOEXEC) != 0; }
bool is_blocking(const Socket& socket) { return (::fcntl(socket.descriptor(), F_GETFL) & O_NONBLOCK) == 0; }

bool has_ipv6() {
  try {
    listen_on("::1", 0);
    return true;
  } catch (const std::system_error&) {
    std::printf("skipped: this machine has no IPv6\n");
    return false;
  }
}

// The next client of any of them.
Socket accept_any(const std::vector<Socket>& listeners) {
  std::vector<pollfd> ready;
  for (const Socket& listener : listeners) ready.push_back({listener.descriptor(), POLLIN, 0});
  if (!wait_for(ready, soon())) throw std::runtime_error("nobody connects");
  for (std::size_t i = 0; i < ready.size(); ++i) {
    if (ready[i].revents != 0) return accept_one(listeners[i]);
  }
  throw std::runtime_error("nobody connects");
}

// A thread that is interrupted by a signal every millisecond while it does `work`.
volatile std::sig_atomic_t interruptions = 0;

void interrupt_while(const std::function<void()>& work) {
  struct sigaction action {};
  struct sigaction before {};
  action.sa_handler = [](int) { interruptions = interruptions + 1; };
  ::sigaction(SIGUSR1, &action, &before);  // without SA_RESTART: system calls return EINTR
  std::atomic<bool> done = false;
  const pthread_t self = ::pthread_self();
  auto signals = in_thread([&, self] {
    const Deadline enough = deadline_after(Milliseconds(20'000));
    for (; !done && Clock::now() < enough; std::this_thread::sleep_for(Milliseconds(1))) ::pthread_kill(self, SIGUSR1);
  });
  // Not yield(): ThreadSanitizer keeps a signal back until the next call that it knows to be one that waits.
  while (interruptions == 0) std::this_thread::sleep_for(Milliseconds(1));
  interruptions = 0;
  work();
  done = true;
  signals.get();
  ::sigaction(SIGUSR1, &before, nullptr);
}

}  // namespace

// ==== Addresses ====

TEST("own-socket-01 an address is printed with its port, IPv6 in brackets") {
  CHECK_EQ(to_string(resolve("127.0.0.1", 8467).front()), "127.0.0.1:8467");
  CHECK_EQ(to_string(resolve("::1", 8467).front()), "[::1]:8467");
}

TEST("own-socket-02 no host is every address of this machine") {
  const std::vector<Address> addresses = resolve("", 80);
  CHECK(!addresses.empty());
  for (const Address& address : addresses) {
    const std::string text = to_string(address);
    CHECK(text == "0.0.0.0:80" || text == "[::]:80");
  }
}

TEST("own-socket-03 a host that nobody knows is an error, which says so and nothing else") {
  CHECK_THROWS(resolve("no such host", 80), std::runtime_error);
  std::string text;
  try {
    resolve("256.256.256.256", 80);
  } catch (const std::runtime_error& error) {
    text = error.what();
  }
  const std::string begin = "cannot find the host \"256.256.256.256\": ";  // and then the resolver's own words
  CHECK(text.starts_with(begin));
  CHECK(text.size() > begin.size());
  CHECK(text.find(':', begin.size()) == std::string::npos);  // with no errno's behind them
}

TEST("own-socket-37 an IPv4 address inside an IPv6 one is printed as what it is") {
  CHECK_EQ(to_string(resolve("::ffff:192.0.2.1", 80).front()), "192.0.2.1:80");
  CHECK_EQ(to_string(resolve("::fffe:192.0.2.1", 80).front()), "[::fffe:c000:201]:80");  // one bit less
}

TEST("own-socket-46 an IPv6 address keeps its zone: the same bytes at two interfaces are two addresses") {
  std::array<char, IF_NAMESIZE> name{};
  CHECK(::if_indextoname(1, name.data()) != nullptr);  // mostly the loopback interface
  CHECK_EQ(to_string(resolve("fe80::1%1", 80).front()), "[fe80::1%" + std::string(name.data()) + "]:80");
  CHECK_EQ(to_string(resolve("fe80::1%9999", 80).front()), "[fe80::1%9999]:80");  // there is no such interface
  CHECK_EQ(to_string(resolve("fe80::1", 80).front()), "[fe80::1]:80");
}

TEST("own-socket-38 an address knows its port, and may be given another") {
  for (const char* host : {"127.0.0.1", "::1"}) {
    Address address = resolve(host, 80).front();
    CHECK_EQ(port_of(address), 80);
    set_port(address, 0x1234);
    CHECK_EQ(port_of(address), 0x1234);
    CHECK_EQ(to_string(address), to_string(resolve(host, 0x1234).front()));
  }
  CHECK_EQ(port_of(Address()), 0);
}

// ==== Listening and connecting ====

TEST("own-socket-04 with port 0 the system chooses one, and local_port() knows it") {
  const Socket one = listen_on("127.0.0.1", 0);
  const Socket two = listen_on("127.0.0.1", 0);
  CHECK(one.local_port() != 0);
  CHECK(two.local_port() != 0);
  CHECK(one.local_port() != two.local_port());
}

TEST("own-socket-05 bytes go both ways, over IPv4 and over IPv6") {
  for (const char* host : {"127.0.0.1", "::1"}) {
    if (host == std::string_view("::1") && !has_ipv6()) continue;
    const Socket listener = listen_on(host, 0);
    Socket dialled = connect_to(resolve(host, listener.local_port()).front(), soon());
    Socket accepted = accept_one(listener);
    put(dialled, hex("01 02"));
    put(accepted, hex("03"));
    CHECK_EQ(to_hex(take(accepted, 2)), "01 02");
    CHECK_EQ(to_hex(take(dialled, 1)), "03");
    CHECK_EQ(accepted.peer_address(), to_string(resolve(host, dialled.local_port()).front()));
    CHECK_EQ(dialled.peer_address(), to_string(resolve(host, listener.local_port()).front()));
  }
}

TEST("own-socket-06 a port that is in use is an error") {
  const Socket listener = listen_on("127.0.0.1", 0);
  CHECK(error_of([&] { listen_on("127.0.0.1", listener.local_port()); }) == std::errc::address_in_use);
}

TEST("own-socket-39 without a host we listen on all addresses of both families, at one port, and know who connects") {
  const std::vector<Socket> listeners = listen_on_all("", 0);
  const std::uint16_t port = listeners.front().local_port();
  CHECK(port != 0);
  CHECK_EQ(listeners.size(), has_ipv6() ? 2u : 1u);
  for (const Socket& listener : listeners) {
    CHECK_EQ(listener.local_port(), port);
    CHECK(!is_blocking(listener));
  }
  std::set<std::string> peers;
  std::set<std::string> wanted;
  for (const char* host : {"127.0.0.1", "::1"}) {
    if (host == std::string_view("::1") && listeners.size() == 1) continue;
    const Socket dialled = connect_to(resolve(host, port).front(), soon());
    peers.insert(accept_any(listeners).peer_address());
    wanted.insert(to_string(resolve(host, dialled.local_port()).front()));
  }
  CHECK(peers == wanted);
}

TEST("own-socket-40 a name that has two addresses is listened for on both") {
  const std::vector<Address> addresses = resolve("localhost", 0);
  const std::vector<Socket> listeners = listen_on_all("localhost", 0);
  CHECK(listeners.size() == addresses.size() || !has_ipv6());
  for (Address address : addresses) {
    set_port(address, listeners.front().local_port());
    if (listeners.size() == addresses.size()) CHECK(connect_to(address, soon()).is_open());
  }
}

TEST("own-socket-41 a port that is in use at one of the addresses is an error") {
  if (!has_ipv6()) return CHECK(true);
  const Socket other = listen_on("::1", 0);  // so that 127.0.0.1 is free at this port, most likely
  CHECK(error_of([&] { listen_on_all("", other.local_port()); }) == std::errc::address_in_use);
}

TEST(
    "own-socket-42 who listens on [::] alone gets IPv4 clients too, where the system does that, under their own "
    "names") {
  if (!has_ipv6()) return CHECK(true);
  const Socket listener = listen_on("::", 0);
  if (option(listener, IPPROTO_IPV6, IPV6_V6ONLY) != 0) return CHECK(true);  // OpenBSD
  const Socket dialled = connect_to_port(listener.local_port());
  CHECK_EQ(accept_one(listener).peer_address(), "127.0.0.1:" + std::to_string(dialled.local_port()));
}

TEST("own-socket-07 a port can be listened on again while connections that we ended linger") {
  const auto listens_again = [] {
    std::uint16_t port = 0;
    {
      const Socket listener = listen_on("127.0.0.1", 0);
      port = listener.local_port();
      Socket dialled = connect_to_port(port);
      Socket accepted = accept_one(listener);
      accepted.close();  // first, so that this end gets the TIME_WAIT
      take_to_end(dialled);
    }
    return !error_of([port] { listen_on("127.0.0.1", port); });
  };
  // Another program might just have been given that port, but not three times.
  CHECK(listens_again() || listens_again() || listens_again());
}

TEST("own-socket-08 a port where nobody listens refuses") {
  const DeafPort deaf;
  CHECK(error_of([&] { connect_to_port(deaf.port); }) == std::errc::connection_refused);
}

TEST("own-socket-09 a connect that gets no answer ends at its deadline") {
  const FullPort full;
  std::error_code error = std::make_error_code(std::errc::timed_out);
  if (full.port != 0) {
    const Address address = resolve("127.0.0.1", full.port).front();
    error = error_of([&] { connect_to(address, deadline_after(kShort)); });
  }
  CHECK(error == std::errc::timed_out);
}

TEST("own-socket-10 accept_from() does not wait: a client may be gone before we get to it") {
  const Socket listener = listen_on("127.0.0.1", 0);
  CHECK(!accept_from(listener));
  const Socket dialled = connect_to_port(listener.local_port());
  CHECK(accept_one(listener).is_open());
  CHECK(!accept_from(listener));
}

#ifdef __linux__  // elsewhere nobody says how long the queue is
TEST("own-socket-44 as many clients may wait for accept_from() as the system lets anybody have") {
  const Socket listener = listen_on("127.0.0.1", 0);
  tcp_info info{};
  socklen_t size = sizeof info;
  CHECK_EQ(::getsockopt(listener.descriptor(), IPPROTO_TCP, TCP_INFO, &info, &size), 0);
  if (size < offsetof(tcp_info, tcpi_fackets)) return;  // an emulator that knows only the options that are one number
  std::ifstream limit("/proc/sys/net/core/somaxconn");
  std::uint32_t allowed = 0;
  CHECK(limit >> allowed);
  CHECK_EQ(info.tcpi_sacked, allowed);  // of a socket that listens, this field is the length of its queue
}
#endif

TEST("own-socket-11 every descriptor is closed on exec, and every connection sends small messages at once") {
  const Socket listener = listen_on("127.0.0.1", 0);
  const Socket dialled = connect_to_port(listener.local_port());
  const Socket accepted = accept_one(listener);
  const WakePipe pipe;
  CHECK(closes_on_exec(listener.descriptor()));
  CHECK(closes_on_exec(dialled.descriptor()));
  CHECK(closes_on_exec(accepted.descriptor()));
  CHECK(closes_on_exec(pipe.descriptor()));
  CHECK(option(dialled, IPPROTO_TCP, TCP_NODELAY) != 0);
  CHECK(option(accepted, IPPROTO_TCP, TCP_NODELAY) != 0);
  CHECK(is_blocking(dialled));
  CHECK(is_blocking(accepted));
}

TEST("own-socket-12 a process may open some descriptors, at least") { CHECK(descriptor_limit() >= 20); }

// ==== Owning ====

TEST("own-socket-13 a descriptor has one owner, which closes it") {
  const std::size_t before = open_descriptors();
  {
    Socket one = listen_on("127.0.0.1", 0);
    const int descriptor = one.descriptor();
    Socket two(std::move(one));
    CHECK(two.descriptor() == descriptor);
    Socket three;
    CHECK(!three.is_open());
    three = std::move(two);
    CHECK(three.descriptor() == descriptor);
    CHECK_EQ(open_descriptors(), before + 1);
    three.close();
    CHECK(!three.is_open());
    three.close();
    CHECK_EQ(open_descriptors(), before);
    const Socket four = listen_on("127.0.0.1", 0);
  }
  CHECK_EQ(open_descriptors(), before);
}

TEST("own-socket-14 a socket that is assigned to gives up what it owned before") {
  const std::size_t before = open_descriptors();
  Socket socket = listen_on("127.0.0.1", 0);
  socket = listen_on("127.0.0.1", 0);
  CHECK_EQ(open_descriptors(), before + 1);
}

TEST("own-socket-15 what is no socket any more has no addresses") {
  Socket socket;
  CHECK_EQ(socket.peer_address(), "");
  CHECK_EQ(socket.local_port(), 0);
}

// ==== Receiving ====

TEST("own-socket-16 receive() brings what is there, not only when the buffer is full") {
  auto [a, b] = connected_sockets();
  put(b, hex("01 02 03"));
  CHECK_EQ(received(a, kLong), "3 bytes");
}

TEST("own-socket-17 no bytes are a timeout, and the end of the stream is none") {
  auto [a, b] = connected_sockets();
  CHECK_EQ(received(a, Milliseconds(0)), "timeout");
  const Deadline deadline = deadline_after(kShort);
  CHECK_EQ(received(a, kShort), "timeout");
  CHECK(Clock::now() >= deadline - kTick);
  b.shut_down_sending();
  CHECK_EQ(received(a, kForever), "end");
  CHECK_EQ(received(a, Milliseconds(0)), "end");
}

TEST("own-socket-18 a time limit holds for one receive() only") {
  auto [a, b] = connected_sockets();
  CHECK_EQ(received(a, Milliseconds(1)), "timeout");
  auto later = in_thread([&socket = b] {
    std::this_thread::sleep_for(kShort);
    put(socket, hex("01"));
  });
  CHECK_EQ(received(a, kForever), "1 bytes");
  later.get();
  CHECK_EQ(received(a, Milliseconds(1)), "timeout");
}

TEST("own-socket-19 a signal does not end a receive(), and does not make it longer") {
  auto [a, b] = connected_sockets();
  const Milliseconds time(1000);
  const Deadline deadline = deadline_after(time);
  interrupt_while([&socket = a, time] { CHECK_EQ(received(socket, time), "timeout"); });
  CHECK(interruptions > 0);
  CHECK(Clock::now() >= deadline - kTick);
  CHECK(Clock::now() < deadline + Milliseconds(15'000));  // waiting anew after every signal, it would not have ended
}

TEST("own-socket-20 a peer's reset is an error") {
  auto [a, b] = connected_sockets();
  b.reset_on_close();
  b.close();
  CHECK(error_of([&socket = a] { received(socket, kLong); }) == std::errc::connection_reset);
}

TEST("own-socket-43 a time limit may change when both directions have ended already, and the end is still the end") {
  auto [a, b] = connected_sockets();
  b.shut_down_sending();
  CHECK_EQ(received(a, kForever), "end");
  a.shut_down_sending();
  CHECK_EQ(received(a, kShort), "end");  // macOS: EINVAL for the option that this needs
  a.reset_on_close();                    // likewise, and it is ignored
}

// ==== Sending ====

TEST("own-socket-21 several pieces are sent one behind the other") {
  auto [a, b] = connected_sockets();
  const Bytes one = hex("01 02");
  const Bytes none;
  const Bytes two = hex("03");
  const std::array<ByteView, 3> pieces = {one, none, two};
  CHECK_EQ(a.send(pieces), 3u);
  CHECK_EQ(to_hex(take(b, 3)), "01 02 03");
  std::array<ByteView, Socket::kMaxPieces> many;
  many.fill(one);
  CHECK_EQ(a.send(many), 32u);
  CHECK_EQ(take(b, 32).size(), 32u);
}

TEST("own-socket-22 send() never waits: when nothing fits any more it says so") {
  auto [a, b] = connected_sockets();
  std::size_t sent = fill(a);
  CHECK(sent > 0);
  // What was on its way is acknowledged a moment later, and makes room once more. That has an end: nobody reads.
  CHECK(eventually([&socket = a, &sent] {
    if (!send(socket, hex("01"))) return true;
    sent += 1 + fill(socket);
    return false;
  }));
  CHECK_EQ(take(b, sent).size(), sent);
  pollfd writable{a.descriptor(), POLLOUT, 0};
  CHECK(wait_for({&writable, 1}, soon()));
  CHECK(send(a, hex("01")));
}

TEST("own-socket-23 sending to a peer that has gone is an error, and no SIGPIPE") {
  auto [a, b] = connected_sockets();
  b.close();
  std::error_code error;
  while (!error) error = error_of([&socket = a] { send(socket, hex("01")); });  // the first may still be taken
  CHECK(error == std::errc::broken_pipe || error == std::errc::connection_reset);
  CHECK(error_of([&socket = a] { send(socket, hex("01")); }) == std::errc::broken_pipe);
}

TEST("own-socket-24 send_all() waits for room, until its deadline") {
  auto [a, b] = connected_sockets();
  const Bytes much(16 * 1024 * 1024, 0x42);
  auto peer = in_thread([&socket = b, size = much.size()] { return take(socket, size); });
  CHECK(a.send_all(much, soon()));
  CHECK(peer.get() == much);
  CHECK(!a.send_all(much, deadline_after(kShort)));
}

TEST("own-socket-25 a signal ends no send_all()") {
  auto [a, b] = connected_sockets();
  const Bytes much(16 * 1024 * 1024);
  auto peer = in_thread([&socket = b, size = much.size()] {
    std::this_thread::sleep_for(kShort);
    return take(socket, size).size();
  });
  interrupt_while([&socket = a, &much] { CHECK(socket.send_all(much, soon())); });
  CHECK_EQ(peer.get(), much.size());
}

// ==== Ending ====

TEST("own-socket-26 after shut_down_sending() the peer reads what was sent and then the end, and may go on") {
  auto [a, b] = connected_sockets();
  put(a, hex("01"));
  a.shut_down_sending();
  CHECK_EQ(take_to_end(b), "01");
  put(b, hex("02"));
  CHECK_EQ(to_hex(take(a, 1)), "02");
}

TEST("own-socket-27 shut_down() wakes a thread that waits in receive()") {
  auto [a, b] = connected_sockets();
  std::promise<void> begins;
  auto waiter = in_thread([&socket = a, &begins] {
    begins.set_value();
    return received(socket, kForever);
  });
  begins.get_future().wait();
  std::this_thread::sleep_for(Milliseconds(1));  // so that it waits already, mostly
  a.shut_down();
  CHECK_EQ(waiter.get(), "end");
}

TEST("own-socket-28 reset_on_close() drops what was not sent, and the peer gets ECONNRESET") {
  auto [a, b] = connected_sockets();
  const std::size_t sent = fill(a);
  a.reset_on_close();
  a.close();
  std::size_t taken = 0;
  std::error_code error;
  Bytes bytes(1024 * 1024);
  while (!error) error = error_of([&, &socket = b] { taken += socket.receive(bytes, kLong).value(); });
  CHECK(error == std::errc::connection_reset);
  CHECK(taken < sent);
}

TEST("own-socket-29 discard_until_end() reads until the end, and tells no errors") {
  Bytes scratch(1000);
  {
    auto [a, b] = connected_sockets();
    put(b, Bytes(5000));
    b.close();
    a.discard_until_end(scratch, soon());
    CHECK_EQ(received(a, kLong), "end");
  }
  auto [a, b] = connected_sockets();
  b.reset_on_close();
  b.close();
  a.discard_until_end(scratch, soon());
}

TEST("own-socket-30 discard_until_end() ends at its deadline, though the peer is silent or goes on and on") {
  Bytes scratch(1000);
  {
    auto [a, b] = connected_sockets();
    a.discard_until_end(scratch, deadline_after(kShort));
    put(b, hex("01"));
    CHECK_EQ(received(a, kLong), "1 bytes");
  }
  auto [a, b] = connected_sockets();
  auto peer = in_thread([&socket = b] {
    try {
      for (;;) put(socket, Bytes(100'000));
    } catch (const std::system_error&) {
    }
  });
  a.discard_until_end(scratch, deadline_after(kShort));
  a.close();
  peer.get();
}

// ==== Waiting ====

TEST("own-socket-31 wait_for() returns when something happens, or at its deadline") {
  auto [a, b] = connected_sockets();
  pollfd readable{a.descriptor(), POLLIN, 0};
  CHECK(!wait_for({&readable, 1}, Clock::now()));
  const Deadline deadline = deadline_after(kShort);
  CHECK(!wait_for({&readable, 1}, deadline));
  CHECK(Clock::now() >= deadline);
  put(b, hex("01"));
  CHECK(wait_for({&readable, 1}, kNever));
  CHECK((readable.revents & POLLIN) != 0);
}

TEST("own-socket-32 a signal does not end a wait_for(), and does not make it longer") {
  auto [a, b] = connected_sockets();
  pollfd readable{a.descriptor(), POLLIN, 0};
  interrupt_while([&] {
    do {
      const Deadline deadline = deadline_after(Milliseconds(100));
      CHECK(!wait_for({&readable, 1}, deadline));
      CHECK(Clock::now() >= deadline);
    } while (interruptions == 0);  // a busy machine may not have sent one yet
  });
  CHECK(interruptions > 0);
}

TEST("own-socket-33 a WakePipe wakes a thread that waits, and one that is about to") {
  WakePipe pipe;
  pollfd woken{pipe.descriptor(), POLLIN, 0};
  auto waiter = in_thread([&] { return wait_for({&woken, 1}, soon()); });
  pipe.wake();
  CHECK(waiter.get());
  CHECK(wait_for({&woken, 1}, soon()));  // until it is cleared
  pipe.clear();
  CHECK(!wait_for({&woken, 1}, Clock::now()));
  pipe.clear();
}

TEST("own-socket-34 a WakePipe that was woken a hundred thousand times does not wait, and is cleared at once") {
  WakePipe pipe;
  for (int i = 0; i < 100'000; ++i) pipe.wake();
  pollfd woken{pipe.descriptor(), POLLIN, 0};
  CHECK(wait_for({&woken, 1}, soon()));
  pipe.clear();
  CHECK(!wait_for({&woken, 1}, Clock::now()));
}

// ==== Deadlines ====

TEST("own-socket-35 a deadline is its time away, and the longest times are never") {
  const Clock::time_point before = Clock::now();
  CHECK(deadline_after(Milliseconds(5)) >= before + Milliseconds(5));
  CHECK(deadline_after(kForever) == kNever);
  CHECK(deadline_after(kForever - Milliseconds(1)) == kNever);
  CHECK(time_left(kNever) == kForever);
  CHECK(twice(Milliseconds(5)) == Milliseconds(10));
  CHECK(twice(kForever) == kForever);
  CHECK(twice(kForever - Milliseconds(1)) == kForever);
  CHECK(limit_of(Milliseconds(0)) == kForever);
  CHECK(limit_of(Milliseconds(5)) == Milliseconds(5));
  CHECK(limit_of(std::chrono::hours(24) * 365 * 200) == kForever);  // twice that is more than the clock can count
  CHECK(time_left(before) == Milliseconds(0));
  CHECK(time_left(Deadline::min()) == Milliseconds(0));  // "at once", further back than a difference can reach
  CHECK(time_left(Clock::now() + Milliseconds(60'000)) <= Milliseconds(60'000));
  CHECK(time_left(Clock::now() + Milliseconds(60'000)) > Milliseconds(30'000));
  CHECK(time_left(Clock::now() + std::chrono::seconds(1) - std::chrono::microseconds(1)) > Milliseconds(0));
}

// ==== At the end ====

TEST("own-socket-36 no test has left a descriptor open") { CHECK_EQ(open_descriptors(), kDescriptorsAtStart); }
