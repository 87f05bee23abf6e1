// Three decisions of this file need a reason.
//
// A receive waits in recv(2) itself, not in poll(2) before it: one system call a message instead of two. Its time limit
// is then an option of the socket, SO_RCVTIMEO, which we set only when it changes. In the steady state it never does.
//
// A send never waits, MSG_DONTWAIT, although the descriptor is a blocking one: what to do with a peer that does not
// read is a question for outbox.h, not for the thread that happens to send.
//
// Close-on-exec is set by a second call, fcntl(2). Linux could do it with the first (accept4, SOCK_CLOEXEC); macOS
// could not. Between the two calls a thread that forks may leak a descriptor to its child.
#include "transport/socket.h"

#include <fcntl.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/resource.h>
#include <sys/uio.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cassert>
#include <cerrno>
#include <utility>

namespace websock {
namespace {

#ifdef MSG_NOSIGNAL
constexpr int kNoSignal = MSG_NOSIGNAL;
#else
constexpr int kNoSignal = 0;  // macOS: SO_NOSIGPIPE instead, see configure()
#endif

[[noreturn]] void throw_errno(const std::string& what) {
  throw std::system_error(errno, std::generic_category(), what);
}

void set_option(int descriptor, int level, int name, int value) {
  // An option that cannot be set (TCP_NODELAY on what is no TCP socket) costs speed, not correctness.
  static_cast<void>(::setsockopt(descriptor, level, name, &value, sizeof value));
}

// What every connection of ours has: blocking, close-on-exec, small messages sent at once, no SIGPIPE.
void configure(int descriptor) {
  if (::fcntl(descriptor, F_SETFD, FD_CLOEXEC) < 0 || ::fcntl(descriptor, F_SETFL, 0) < 0) throw_errno("fcntl");
  set_option(descriptor, IPPROTO_TCP, TCP_NODELAY, 1);
#ifdef SO_NOSIGPIPE
  set_option(descriptor, SOL_SOCKET, SO_NOSIGPIPE, 1);
#endif
}

void set_nonblocking(int descriptor) {
  if (::fcntl(descriptor, F_SETFL, O_NONBLOCK) < 0) throw_errno("fcntl");
}

Socket open_socket(const Address& address) {
  Socket socket(::socket(address.storage.ss_family, SOCK_STREAM, 0));
  if (!socket.is_open()) throw_errno("socket");
  configure(socket.descriptor());
  return socket;
}

const sockaddr* as_sockaddr(const Address& address) { return reinterpret_cast<const sockaddr*>(&address.storage); }

Socket listen_on(const Address& address) {
  Socket socket = open_socket(address);
  // Without it, a restarted server would be refused its port while connections that it closed sit in TIME_WAIT.
  set_option(socket.descriptor(), SOL_SOCKET, SO_REUSEADDR, 1);
  if (::bind(socket.descriptor(), as_sockaddr(address), address.size) < 0) throw_errno("bind to " + to_string(address));
  if (::listen(socket.descriptor(), SOMAXCONN) < 0) throw_errno("listen on " + to_string(address));
  set_nonblocking(socket.descriptor());  // a client that poll(2) announced may be gone again before accept(2)
  return socket;
}

}  // namespace

// ---- Socket ----

Socket::Socket(Socket&& other) noexcept
    : descriptor_(std::exchange(other.descriptor_, -1)), receive_timeout_(other.receive_timeout_) {}

Socket& Socket::operator=(Socket&& other) noexcept {
  std::swap(descriptor_, other.descriptor_);
  std::swap(receive_timeout_, other.receive_timeout_);
  return *this;
}

void Socket::close() {
  if (is_open()) ::close(std::exchange(descriptor_, -1));
}

void Socket::set_receive_timeout(Milliseconds timeout) {
  if (timeout == receive_timeout_) return;
  timeval value{};  // all zero: no limit
  if (timeout != kForever) {
    value.tv_sec = static_cast<decltype(value.tv_sec)>(timeout.count() / 1000);
    value.tv_usec = static_cast<decltype(value.tv_usec)>(timeout.count() % 1000 * 1000);
  }
  if (::setsockopt(descriptor_, SOL_SOCKET, SO_RCVTIMEO, &value, sizeof value) < 0) throw_errno("SO_RCVTIMEO");
  receive_timeout_ = timeout;
}

std::optional<std::size_t> Socket::receive(std::span<std::uint8_t> into, Milliseconds timeout) {
  const Deadline deadline = deadline_after(timeout);
  for (;; timeout = time_left(deadline)) {
    const bool may_wait = timeout > Milliseconds(0);
    if (may_wait) set_receive_timeout(timeout);
    const ssize_t count = ::recv(descriptor_, into.data(), into.size(), may_wait ? 0 : MSG_DONTWAIT);
    if (count >= 0) return static_cast<std::size_t>(count);
    if (errno == EAGAIN || errno == EWOULDBLOCK) return std::nullopt;
    if (errno != EINTR) throw_errno("recv");
  }
}

std::size_t Socket::send(std::span<const ByteView> pieces) {
  assert(pieces.size() <= kMaxPieces);
  constexpr int kFlags = MSG_DONTWAIT | kNoSignal;
  std::array<iovec, kMaxPieces> vectors{};
  for (std::size_t i = 0; i < pieces.size(); ++i) {
    vectors[i] = {const_cast<std::uint8_t*>(pieces[i].data()), pieces[i].size()};  // sendmsg only reads it
  }
  msghdr message{};
  message.msg_iov = vectors.data();
  message.msg_iovlen = static_cast<decltype(message.msg_iovlen)>(pieces.size());
  for (;;) {
    // send(2) costs the kernel less than sendmsg(2), and a single piece is the most common case.
    const ssize_t count = pieces.size() == 1 ? ::send(descriptor_, pieces[0].data(), pieces[0].size(), kFlags)
                                             : ::sendmsg(descriptor_, &message, kFlags);
    if (count >= 0) return static_cast<std::size_t>(count);
    if (errno == EAGAIN || errno == EWOULDBLOCK || errno == ENOBUFS) return 0;
    if (errno != EINTR) throw_errno("send");
  }
}

bool Socket::send_all(ByteView bytes, Deadline deadline) {
  while (!bytes.empty()) {
    bytes = bytes.subspan(send({&bytes, 1}));
    pollfd writable{descriptor_, POLLOUT, 0};
    if (!bytes.empty() && !wait_for({&writable, 1}, deadline)) return false;
  }
  return true;
}

void Socket::discard_until_end(std::span<std::uint8_t> scratch, Deadline deadline) {
  try {
    while (receive(scratch, time_left(deadline)).value_or(0) > 0) {
      if (time_left(deadline) == Milliseconds(0)) return;  // a peer that goes on and on
    }
  } catch (const std::system_error&) {
  }
}

void Socket::shut_down_sending() { static_cast<void>(::shutdown(descriptor_, SHUT_WR)); }
void Socket::shut_down() { static_cast<void>(::shutdown(descriptor_, SHUT_RDWR)); }

void Socket::reset_on_close() {
  const linger at_once{.l_onoff = 1, .l_linger = 0};
  static_cast<void>(::setsockopt(descriptor_, SOL_SOCKET, SO_LINGER, &at_once, sizeof at_once));
}

std::string Socket::peer_address() const {
  Address address;
  address.size = sizeof address.storage;
  if (::getpeername(descriptor_, reinterpret_cast<sockaddr*>(&address.storage), &address.size) < 0) return "";
  return to_string(address);
}

std::uint16_t Socket::local_port() const {
  Address address;
  address.size = sizeof address.storage;
  if (::getsockname(descriptor_, reinterpret_cast<sockaddr*>(&address.storage), &address.size) < 0) return 0;
  const std::string text = to_string(address);
  if (text.empty()) return 0;
  return static_cast<std::uint16_t>(std::stoul(text.substr(text.rfind(':') + 1)));
}

// ---- Opening ----

Socket listen_on(const std::string& host, std::uint16_t port) { return listen_on(resolve(host, port).front()); }

std::optional<Socket> accept_from(const Socket& listener) {
  for (;;) {
    Socket socket(::accept(listener.descriptor(), nullptr, nullptr));
    if (socket.is_open()) {
      configure(socket.descriptor());
      return socket;
    }
    if (errno == EAGAIN || errno == EWOULDBLOCK) return std::nullopt;
    const bool gone_already = errno == ECONNABORTED || errno == EPROTO || errno == EINTR;
    if (!gone_already) throw_errno("accept");
  }
}

Socket connect_to(const Address& address, Deadline deadline) {
  Socket socket = open_socket(address);
  set_nonblocking(socket.descriptor());
  if (::connect(socket.descriptor(), as_sockaddr(address), address.size) < 0) {
    if (errno != EINPROGRESS && errno != EINTR) throw_errno("connect to " + to_string(address));
    pollfd writable{socket.descriptor(), POLLOUT, 0};
    int error = ETIMEDOUT;
    socklen_t size = sizeof error;
    if (wait_for({&writable, 1}, deadline)) ::getsockopt(socket.descriptor(), SOL_SOCKET, SO_ERROR, &error, &size);
    errno = error;
    if (error != 0) throw_errno("connect to " + to_string(address));
  }
  configure(socket.descriptor());  // blocking again
  return socket;
}

bool is_disconnect(const std::system_error& error) {
  return error.code() == std::errc::connection_reset || error.code() == std::errc::broken_pipe;
}

std::size_t descriptor_limit() {
  rlimit limit{};
  if (::getrlimit(RLIMIT_NOFILE, &limit) < 0 || limit.rlim_cur == RLIM_INFINITY) return SIZE_MAX;
  return static_cast<std::size_t>(limit.rlim_cur);
}

// ---- Waiting ----

bool wait_for(std::span<pollfd> descriptors, Deadline deadline) {
  for (;;) {
    const auto left = time_left(deadline).count();
    const int timeout = deadline == kNever ? -1 : static_cast<int>(std::min<decltype(left)>(left, 3'600'000));
    const int count = ::poll(descriptors.data(), static_cast<nfds_t>(descriptors.size()), timeout);
    if (count > 0) return true;
    if (count < 0 && errno != EINTR) throw_errno("poll");
    if (time_left(deadline) == Milliseconds(0)) return false;
  }
}

WakePipe::WakePipe() {
  std::array<int, 2> ends{};
  if (::pipe(ends.data()) < 0) throw_errno("pipe");
  read_end_ = Socket(ends[0]);
  write_end_ = Socket(ends[1]);
  for (const int end : ends) {
    if (::fcntl(end, F_SETFD, FD_CLOEXEC) < 0) throw_errno("fcntl");
    set_nonblocking(end);
  }
}

void WakePipe::wake() {
  const char byte = 0;
  static_cast<void>(!::write(write_end_.descriptor(), &byte, 1));  // a full pipe wakes as well as one byte more
}

void WakePipe::clear() {
  std::array<char, 64> bytes{};
  while (::read(read_end_.descriptor(), bytes.data(), bytes.size()) > 0) {
  }
}

}  // namespace websock
