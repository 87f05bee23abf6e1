// How a socket is opened. A server listens, and accepts; a client connects.
//
//     server    socket, bind, listen          poll, accept, accept, ...
//     kernel                          TCP's handshake; the connection waits in the listener's queue
//     client    socket, connect, poll
//
// A host may have several addresses, and a listening socket has one. So a server that is to answer on all of them has a
// list of sockets, and one poll(2) for the list. A single socket of IPv6 could serve both families, but not on OpenBSD,
// not on a machine without IPv6, and not for a name that has two addresses of one family.
#include <netinet/in.h>
#include <sys/resource.h>

#include <array>
#include <cerrno>
#include <climits>
#include <exception>

#include "transport/socket.h"

namespace websock {
namespace {

constexpr int kAttempts = 10;  // at a port that is free on every address of a host

// Options of bind(2). The result is ignored: where the system lacks one of these, bind(2) itself will say if that
// matters.
void switch_option(const Socket& socket, int level, int name, bool on) {
  const int value = on ? 1 : 0;
  static_cast<void>(::setsockopt(socket.descriptor(), level, name, &value, sizeof value));
}

// The form in which the system calls take an address of any family.
const sockaddr* as_sockaddr(const Address& address) { return reinterpret_cast<const sockaddr*>(&address.storage); }

// Where every socket of ours begins that is not accepted.
Socket open_socket(const Address& address) {
  Socket socket(::socket(address.storage.ss_family, SOCK_STREAM, 0));  // 0: the family's usual protocol, TCP
  if (!socket.is_open()) throw_errno("open a socket for " + to_string(address));
  socket.configure();
  return socket;
}

// One address, one socket. `alone`: no other of ours listens for the same host.
Socket listen_on(const Address& address, bool alone) {
  Socket socket = open_socket(address);
  // Without it, a restarted server would be refused its port while connections that it closed sit in TIME_WAIT.
  switch_option(socket, SOL_SOCKET, SO_REUSEADDR, true);
  // [::] takes the IPv4 port of that number as well, on most systems. It must not when another socket of ours is there
  // for IPv4; but a user who asks for nothing else than "::" gets both.
  if (address.storage.ss_family == AF_INET6) switch_option(socket, IPPROTO_IPV6, IPV6_V6ONLY, !alone);
  if (::bind(socket.descriptor(), as_sockaddr(address), address.size) < 0) throw_errno("bind to " + to_string(address));
  // How many clients may wait for accept(2): as many as the system lets anybody have. SOMAXCONN is not that number, but
  // what the C library was built with: 128 with musl, where Linux lets 4,096 wait.
  if (::listen(socket.descriptor(), INT_MAX) < 0) throw_errno("listen on " + to_string(address));
  socket.set_blocking(false);  // a client that poll(2) announced may be gone again before accept(2)
  return socket;
}

// A machine without IPv6 may still have ::1 in its list of hosts: the system has no such family, or no such address.
bool is_not_of_this_machine(const std::system_error& error) {
  return error.code() == std::errc::address_family_not_supported || error.code() == std::errc::address_not_available;
}

// The port that the system chose for the first is the port of all that follow.
std::vector<Socket> listen_on_each(std::vector<Address> addresses) {
  std::vector<Socket> listeners;
  std::exception_ptr refusal;
  for (Address& address : addresses) {
    // With port 0 the first bind(2) lets the system choose; those that follow have to ask for the same number.
    if (!listeners.empty()) set_port(address, listeners.front().local_port());
    try {
      listeners.push_back(listen_on(address, addresses.size() == 1));
    } catch (const std::system_error& error) {
      if (!is_not_of_this_machine(error)) throw;
      // Kept, not thrown: the next address may do. It is the answer only if none does.
      refusal = std::current_exception();
    }
  }
  if (listeners.empty()) std::rethrow_exception(refusal);  // resolve() found one address at least
  return listeners;
}

}  // namespace

// ---- A server's ----

// What a server calls: its users think of a host, not of addresses.
std::vector<Socket> listen_on_all(const std::string& host, std::uint16_t port) {
  for (int attempt = 1;; ++attempt) {
    try {
      return listen_on_each(resolve(host, port));
    } catch (const std::system_error& error) {
      // The port that the system chose was free for the first address, but another program has it on the second. Ask
      // for another. A port that the user chose is the user's business, and so is a machine that has none left.
      const bool may_try_again = port == 0 && error.code() == std::errc::address_in_use && attempt < kAttempts;
      if (!may_try_again) throw;
    }
  }
}

// For programs that listen on loopback only, and tests.
Socket listen_on(const std::string& host, std::uint16_t port) { return listen_on(resolve(host, port).front(), true); }

// For when poll(2) has said that a client is in the queue. By now it may have left again.
std::optional<Socket> accept_from(const Socket& listener) {
  for (;;) {
    Socket socket(::accept(listener.descriptor(), nullptr, nullptr));  // null: peer_address() asks when it has to
    if (socket.is_open()) {
      socket.configure();
      return socket;
    }
    if (errno == EAGAIN || errno == EWOULDBLOCK) return std::nullopt;
    // A client was in the queue, and has gone: ECONNABORTED, or EPROTO in the words of System V. The next may be there.
    const bool gone_already = errno == ECONNABORTED || errno == EPROTO || errno == EINTR;
    if (!gone_already)
      throw_errno("accept");  // EMFILE, ENFILE, ENOBUFS: the client stays in the queue; we are out of something
  }
}

// ---- A client's ----

// One address. A caller that has several tries them in turn, each with a deadline of its own.
Socket connect_to(const Address& address, Deadline deadline, int stop) {
  Socket socket = open_socket(address);
  // A blocking connect(2) waits for minutes, however long we want to. So we let it begin, and wait in poll(2).
  socket.set_blocking(false);
  if (::connect(socket.descriptor(), as_sockaddr(address), address.size) < 0) {
    // EINPROGRESS: it has begun. So it has after EINTR, and to call again would be an error, EALREADY.
    if (errno != EINPROGRESS && errno != EINTR) throw_errno("connect to " + to_string(address));
    // Writable is what poll(2) calls a connection that stands, and one that failed. SO_ERROR tells them apart: it holds
    // what connect(2) would have put into errno, or 0.
    std::array<pollfd, 2> events = {{{socket.descriptor(), POLLOUT, 0}, {stop, POLLIN, 0}}};  // -1: poll(2) skips it
    // It stays that if neither happens before the deadline.
    int error = ETIMEDOUT;
    socklen_t size = sizeof error;
    if (wait_for(events, deadline)) ::getsockopt(socket.descriptor(), SOL_SOCKET, SO_ERROR, &error, &size);
    // `stop` can be read: nobody wants the connection any more, even if it stands.
    if (events[1].revents != 0) error = ECANCELED;
    // Where throw_errno() looks for it, as if connect(2) had put it there.
    errno = error;
    if (error != 0) throw_errno("connect to " + to_string(address));
  }
  // As every other socket of ours: send() and receive() are made for that.
  socket.set_blocking(true);
  return socket;
}

// ---- How many ----

// A server does not promise more clients than it may have descriptors.
std::size_t descriptor_limit() {
  rlimit limit{};
  // Unknown is as good as none: then accept(2) will say when there are no more.
  if (::getrlimit(RLIMIT_NOFILE, &limit) < 0 || limit.rlim_cur == RLIM_INFINITY) return SIZE_MAX;
  return static_cast<std::size_t>(limit.rlim_cur);
}

}  // namespace websock
