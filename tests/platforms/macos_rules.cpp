// macOS' rules for sockets, on Linux: a library that stands before the system's own functions, so that a program which only
// knows Linux' rules fails here, and not on somebody's Mac.
//
//     LD_PRELOAD=libmacos_rules.so build/bin/socket_test
//
// What it changes, each as one finds it in the source of Apple's kernel, and in no manual:
//
//     send, sendmsg    MSG_DONTWAIT is not heeded while the send buffer is full: only the socket's mode and SO_SNDTIMEO are
//     setsockopt       EINVAL once both directions have ended, by whichever side
//     poll             a descriptor that was asked for no event has none, not even POLLHUP
//     accept           the new socket has the listener's mode, blocking or not
//
// It is not macOS: what the system lacks (accept4, MSG_NOSIGNAL) is for the cross compiler to find.
#include <dlfcn.h>
#include <fcntl.h>
#include <poll.h>
#include <sys/socket.h>

#include <cerrno>

namespace {

// The system's own function of that name.
template <class Function>
Function* behind(const char* name, Function* /*to know its type*/) {
  return reinterpret_cast<Function*>(::dlsym(RTLD_NEXT, name));
}

bool blocks(int descriptor) { return (::fcntl(descriptor, F_GETFL) & O_NONBLOCK) == 0; }

// A new socket has POLLHUP, too, but nobody has ended what it could receive.
bool has_ended_both_ways(int descriptor) {
  static const auto poll = behind("poll", &::poll);
  constexpr short kBoth = POLLHUP | POLLRDHUP;
  pollfd state{descriptor, POLLRDHUP, 0};
  return poll(&state, 1, 0) == 1 && (state.revents & kBoth) == kBoth;
}

}  // namespace

extern "C" {

ssize_t send(int descriptor, const void* bytes, size_t count, int flags) {
  static const auto system = behind("send", &::send);
  return system(descriptor, bytes, count, blocks(descriptor) ? flags & ~MSG_DONTWAIT : flags);
}

ssize_t sendmsg(int descriptor, const msghdr* message, int flags) {
  static const auto system = behind("sendmsg", &::sendmsg);
  return system(descriptor, message, blocks(descriptor) ? flags & ~MSG_DONTWAIT : flags);
}

int setsockopt(int descriptor, int level, int name, const void* value, socklen_t size) noexcept {
  static const auto system = behind("setsockopt", &::setsockopt);
  if (!has_ended_both_ways(descriptor)) return system(descriptor, level, name, value, size);
  errno = EINVAL;
  return -1;
}

int poll(pollfd* descriptors, nfds_t count, int timeout) {
  static const auto system = behind("poll", &::poll);
  const auto hide = [&] {  // a negative descriptor is not looked at; and the same once more brings it back
    for (nfds_t i = 0; i < count; ++i) {
      if (descriptors[i].events == 0) descriptors[i].fd = ~descriptors[i].fd;
    }
  };
  hide();
  const int result = system(descriptors, count, timeout);
  hide();
  return result;
}

int accept(int listener, sockaddr* address, socklen_t* size) {
  static const auto system = behind("accept", &::accept);
  const int accepted = system(listener, address, size);
  if (accepted >= 0 && !blocks(listener)) ::fcntl(accepted, F_SETFL, O_NONBLOCK);
  return accepted;
}

}  // extern "C"
