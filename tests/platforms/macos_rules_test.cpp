// That macos_rules.cpp, which is linked before the system's library here, does what it says; otherwise whatever passes with
// it has passed on Linux only.
#include <fcntl.h>

#include "check.h"
#include "net.h"

using namespace websock;

// The sockets here are the system's calls' alone: ours keep a promise that these rules break.

// How long `call`, which sends a byte, waits before it fails because nothing fits any more. Room may appear once or twice
// while the other end's kernel takes what was sent before.
static Milliseconds time_to_fail(int descriptor, const std::function<bool()>& call) {
  const Bytes block(64 * 1024);
  for (;;) {
    ::fcntl(descriptor, F_SETFL, O_NONBLOCK);
    while (::send(descriptor, block.data(), block.size(), 0) > 0) {
    }
    ::fcntl(descriptor, F_SETFL, 0);
    const Clock::time_point before = Clock::now();
    if (!call()) return std::chrono::duration_cast<Milliseconds>(Clock::now() - before);
  }
}

TEST("own-platform-01 MSG_DONTWAIT is ignored while the send buffer is full, and SO_SNDTIMEO is not") {
  auto [a, b] = connected_sockets();
  const int descriptor = a.descriptor();
  const timeval limit{.tv_sec = 0, .tv_usec = 200'000};
  CHECK_EQ(::setsockopt(descriptor, SOL_SOCKET, SO_SNDTIMEO, &limit, sizeof limit), 0);
  std::uint8_t byte = 0;
  iovec piece{&byte, 1};
  msghdr message{};
  message.msg_iov = &piece;
  message.msg_iovlen = 1;
  CHECK(time_to_fail(descriptor, [&] { return ::send(descriptor, &byte, 1, MSG_DONTWAIT) == 1; }) >= Milliseconds(150));
  CHECK(time_to_fail(descriptor, [&] { return ::sendmsg(descriptor, &message, MSG_DONTWAIT) == 1; }) >=
        Milliseconds(150));
}

TEST("own-platform-02 no option can be set any more when both directions have ended, by whichever side") {
  const int on = 1;
  const auto takes_options = [&on](const Socket& socket) {
    return ::setsockopt(socket.descriptor(), SOL_SOCKET, SO_KEEPALIVE, &on, sizeof on) == 0;
  };
  auto [a, b] = connected_sockets();
  CHECK(takes_options(a));
  a.shut_down_sending();
  CHECK(takes_options(a));
  a.shut_down();
  CHECK(!takes_options(a));
  CHECK(errno == EINVAL);
  auto [c, d] = connected_sockets();
  d.reset_on_close();
  d.close();
  pollfd reset{c.descriptor(), POLLIN, 0};
  CHECK(wait_for({&reset, 1}, soon()));
  CHECK(!takes_options(c));
}

TEST("own-platform-03 poll(2) tells nothing of a descriptor that was asked for nothing") {
  auto [a, b] = connected_sockets();
  a.shut_down();
  pollfd nothing{a.descriptor(), 0, 0};
  CHECK_EQ(::poll(&nothing, 1, 0), 0);
  CHECK_EQ(nothing.fd, a.descriptor());
  pollfd something{a.descriptor(), POLLHUP, 0};
  CHECK_EQ(::poll(&something, 1, 0), 1);
}

TEST("own-platform-04 an accepted socket has its listener's mode") {
  const Socket listener = listen_on("127.0.0.1", 0);  // which does not block
  const Socket dialled = connect_to_port(listener.local_port());
  pollfd ready{listener.descriptor(), POLLIN, 0};
  CHECK(wait_for({&ready, 1}, soon()));
  const Socket accepted(::accept(listener.descriptor(), nullptr, nullptr));
  CHECK(accepted.is_open());
  CHECK((::fcntl(accepted.descriptor(), F_GETFL) & O_NONBLOCK) != 0);
}
