// A socket that is open: receive, send, end, wait. How one is opened stands in socket_opening.cpp. Three decisions of
// this file need a reason.
//
// A receive waits in recv(2) itself, not in poll(2) before it: one system call a message instead of two. Its time limit
// is then an option of the socket, SO_RCVTIMEO, which we set only when it changes. In the steady state it never does.
//
// A send never waits, although the descriptor is a blocking one: what to do with a peer that does not read is a
// question for outbox.h, not for the thread that happens to send. That takes two things, one for each kind of system:
//
//     MSG_DONTWAIT, a flag of each call    Linux, FreeBSD    send(2) takes what fits and returns at once
//                                          macOS, NetBSD     ignored while the send buffer is full: send(2) waits
//     SO_SNDTIMEO, an option, set once     all of them       the longest that send(2) may wait: a microsecond
//
// Close-on-exec is set by a second call, fcntl(2). Linux could do it with the first (accept4, SOCK_CLOEXEC); macOS
// could not. Between the two calls a thread that forks may leak a descriptor to its child.
#include "transport/socket.h"

#include <fcntl.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/uio.h>
#include <unistd.h>

#include <array>
#include <cassert>
#include <cerrno>
#include <utility>

namespace websock {
namespace {

// A peer that has gone must be an error of send(2), not a signal that ends the process.
#ifdef MSG_NOSIGNAL
constexpr int kNoSignal = MSG_NOSIGNAL;
#else
constexpr int kNoSignal = 0;  // an older macOS: SO_NOSIGPIPE instead, see configure()
#endif

// For options without which we are slower, not wrong: TCP_NODELAY fails on a socket that is not TCP. And macOS takes no
// option at all from a connection that its peer has reset while it was in our queue.
template <class Value>
void set_option(int descriptor, int level, int name, const Value& value) {
  static_cast<void>(::setsockopt(descriptor, level, name, &value, sizeof value));
}

// What getpeername(2) and getsockname(2) have in common. Empty if they fail: the peer has gone, or this is no socket.
Address ask(int (*who)(int, sockaddr*, socklen_t*), int descriptor) {
  Address address;
  address.size = sizeof address.storage;
  const bool answered = who(descriptor, reinterpret_cast<sockaddr*>(&address.storage), &address.size) == 0;
  return answered ? address : Address();
}

}  // namespace

void throw_errno(const std::string& what) { throw std::system_error(errno, std::generic_category(), what); }

// A server reports every error but these: clients go without a word all day long.
bool is_disconnect(const std::system_error& error) {
  return error.code() == std::errc::connection_reset || error.code() == std::errc::broken_pipe;
}

// ---- Socket: owning ----

// The time limit goes along: it is set on the descriptor, whoever owns that.
Socket::Socket(Socket&& other) noexcept
    : descriptor_(std::exchange(other.descriptor_, -1)), receive_timeout_(other.receive_timeout_) {}

// What this one owned is closed when `other` is. To swap is right for every pair, a socket and itself included.
Socket& Socket::operator=(Socket&& other) noexcept {
  std::swap(descriptor_, other.descriptor_);
  std::swap(receive_timeout_, other.receive_timeout_);
  return *this;
}

// Once. A second call does nothing.
void Socket::close() {
  // We forget the number before the call: from then on the system may give it to another thread's new socket. For the
  // same reason nothing is tried again after EINTR: Linux has freed the number by then, and it may be another socket's.
  if (is_open()) ::close(std::exchange(descriptor_, -1));
}

// Every descriptor comes through here once, before anybody else sees it.
void Socket::configure() {
  // Or a program that this process starts would inherit it, and the connection would last as long as that program.
  if (::fcntl(descriptor_, F_SETFD, FD_CLOEXEC) < 0) throw_errno("fcntl");
  set_blocking(true);  // on macOS an accepted socket inherits the other mode from its listener
  set_option(descriptor_, IPPROTO_TCP, TCP_NODELAY, 1);  // or a small message may wait 40 ms for a second one
  // 0 would be "no limit". On Linux, where MSG_DONTWAIT is enough, it changes nothing: so it is the same everywhere.
  set_option(descriptor_, SOL_SOCKET, SO_SNDTIMEO, timeval{.tv_sec = 0, .tv_usec = 1});
#ifdef SO_NOSIGPIPE
  set_option(descriptor_, SOL_SOCKET, SO_NOSIGPIPE, 1);
#endif
}

// For the few calls that must not wait, and have no flag of their own to say so: accept(2), connect(2), read(2).
void Socket::set_blocking(bool blocking) {
  // The mode is one bit of F_SETFL's value, and we use none of the others.
  if (::fcntl(descriptor_, F_SETFL, blocking ? 0 : O_NONBLOCK) < 0) throw_errno("fcntl");
}

// ---- Receiving ----

// How long the recv(2) that follows may wait.
void Socket::set_receive_timeout(Milliseconds timeout) {
  if (timeout == receive_timeout_) return;
  timeval value{};  // all zero: no limit
  if (timeout != kForever) {
    value.tv_sec = static_cast<decltype(value.tv_sec)>(timeout.count() / 1000);
    value.tv_usec = static_cast<decltype(value.tv_usec)>(timeout.count() % 1000 * 1000);
  }
  // EINVAL is how macOS says that both directions have ended. Then recv(2) does not wait, and knows the reason better:
  // the end of the stream, or the peer's reset.
  const bool is_set = ::setsockopt(descriptor_, SOL_SOCKET, SO_RCVTIMEO, &value, sizeof value) == 0;
  if (!is_set && errno != EINVAL) throw_errno("SO_RCVTIMEO");
  // Remembered only now: if the system had refused it, the next receive would have to try again.
  receive_timeout_ = timeout;
}

// The connection's own thread spends its life here.
std::optional<std::size_t> Socket::receive(std::span<std::uint8_t> into, Milliseconds timeout) {
  const Deadline deadline = deadline_after(timeout);
  for (;; timeout = time_left(deadline)) {
    // A limit of 0 cannot be given as SO_RCVTIMEO, where it means "none". The flag asks for the same, and costs
    // nothing.
    const bool may_wait = timeout > Milliseconds(0);
    if (may_wait) set_receive_timeout(timeout);
    const ssize_t count = ::recv(descriptor_, into.data(), into.size(), may_wait ? 0 : MSG_DONTWAIT);
    if (count >= 0) return static_cast<std::size_t>(count);
    // On a blocking socket, too: it is what recv(2) returns when SO_RCVTIMEO has passed. The name has a second
    // spelling, which is the same number on all systems we know; POSIX allows two.
    if (errno == EAGAIN || errno == EWOULDBLOCK) return std::nullopt;
    if (errno != EINTR) throw_errno("recv");
  }
}

// ---- Sending ----

// What any thread may call for any client, because it does not wait: see the top of this file.
std::size_t Socket::send(std::span<const ByteView> pieces) {
  assert(pieces.size() <= kMaxPieces);
  constexpr int kFlags = MSG_DONTWAIT | kNoSignal;
  // The pieces, in the form that sendmsg(2) wants: a list of addresses and lengths.
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
    // Full: this socket's buffer, or (ENOBUFS, on the BSDs) the memory that all sockets share. Either passes.
    if (errno == EAGAIN || errno == EWOULDBLOCK || errno == ENOBUFS) return 0;
    if (errno != EINTR) throw_errno("send");  // a signal came before the first byte was taken, so nothing is lost
  }
}

// For handshakes and programs that have nobody else to hold up.
bool Socket::send_all(ByteView bytes, Deadline deadline) {
  while (!bytes.empty()) {
    // send() never waits, so it is here that a slow peer is waited for.
    bytes = bytes.subspan(send({&bytes, 1}));
    pollfd writable{descriptor_, POLLOUT, 0};
    if (bytes.empty()) break;
    // The clock, too: a system that is short of buffers takes nothing though poll(2) calls the socket writable.
    if (!wait_for({&writable, 1}, deadline) || Clock::now() >= deadline) return false;
  }
  return true;
}

// ---- Ending ----

// So that our last frame is not lost: a socket that is closed while unread bytes are in it sends a reset (7.1.1).
void Socket::discard_until_end(std::span<std::uint8_t> scratch, Deadline deadline) {
  try {
    while (receive(scratch, time_left(deadline)).value_or(0) > 0) {
      // receive() returns what is there, even when no time is left: this is for a peer that goes on and on.
      if (time_left(deadline) == Milliseconds(0)) return;
    }
  } catch (const std::system_error&) {
    // The peer has reset the connection: there is no end of the stream to wait for any more.
  }
}

// Both results are ignored: shutdown(2) fails when the peer's reset has come first, and then there is nothing to end.
void Socket::shut_down_sending() { static_cast<void>(::shutdown(descriptor_, SHUT_WR)); }
void Socket::shut_down() { static_cast<void>(::shutdown(descriptor_, SHUT_RDWR)); }

// For a peer that does not read: an orderly end would leave megabytes in the kernel until TCP gives up.
void Socket::reset_on_close() {
  // "Linger" on (1), for 0 seconds: to wait no time for what is unsent is to drop it, and TCP has to say so.
  set_option(descriptor_, SOL_SOCKET, SO_LINGER, linger{.l_onoff = 1, .l_linger = 0});
}

// ---- Addresses ----

std::string Socket::peer_address() const { return to_string(ask(::getpeername, descriptor_)); }
std::uint16_t Socket::local_port() const { return port_of(ask(::getsockname, descriptor_)); }

// ---- Waiting ----

// Where a thread waits for more than one thing, or to send.
bool wait_for(std::span<pollfd> descriptors, Deadline deadline) {
  for (;;) {
    // poll(2) counts in an int, which holds 24 days in milliseconds. So wait an hour at a time, and look again.
    const auto left = time_left(deadline).count();
    const int timeout = deadline == kNever ? -1 : static_cast<int>(std::min<decltype(left)>(left, 3'600'000));
    // -1 waits for ever, and 0 only looks: a deadline that has passed still finds out what is ready now.
    const int count = ::poll(descriptors.data(), static_cast<nfds_t>(descriptors.size()), timeout);
    if (count > 0) return true;
    // A signal is no event: around again, with what is left of the time.
    if (count < 0 && errno != EINTR) throw_errno("poll");
    if (time_left(deadline) == Milliseconds(0)) return false;
  }
}

// The ends of a pipe are no sockets, but they are descriptors, and want an owner as much.
WakePipe::WakePipe() {
  std::array<int, 2> ends{};
  if (::pipe(ends.data()) < 0) throw_errno("pipe");
  // Owned before anything below can throw.
  read_end_ = Socket(ends[0]);
  write_end_ = Socket(ends[1]);
  for (Socket* const end : {&read_end_, &write_end_}) {
    if (::fcntl(end->descriptor(), F_SETFD, FD_CLOEXEC) < 0) throw_errno("fcntl");
    end->set_blocking(false);  // wake() must not wait in a full pipe, nor clear() in an empty one
  }
}

// From now on, until clear(), the pipe is readable. It does not matter whether the other thread waits already. (The "!"
// is for GCC, which warns of a result that is dropped by a cast alone.)
void WakePipe::wake() {
  const char byte = 0;
  static_cast<void>(!::write(write_end_.descriptor(), &byte, 1));  // a full pipe wakes as well as one byte more
}

// Takes out whatever is in there: a hundred calls of wake() are one reason to look up, not a hundred.
void WakePipe::clear() {
  std::array<char, 64> bytes{};
  while (::read(read_end_.descriptor(), bytes.data(), bytes.size()) > 0) {
  }
}

}  // namespace websock
