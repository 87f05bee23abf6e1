// What chapter 13 does with more care, in the fewest lines that work: IPv4 only, and one error for all three calls. So
// the programs of the first chapters need nothing that comes later in the book.
//
//     socket    a descriptor, which has no address yet
//     bind      its address: 127.0.0.1, so nobody can reach it but programs on this machine
//     listen    from here on the system completes connections, whether we accept(2) them or not
#include "loopback.h"

#include <cerrno>
#include <cstdlib>
#include <system_error>

#include "arguments.h"

// The descriptor that is returned is the caller's, and mostly lives until the process ends: that closes it. Where this
// throws, the descriptor is not closed. Simplification: a program that goes on would have to.
int listen_on_loopback(std::uint16_t port) {
  // Not checked: with a -1, bind(2) below fails, and that is.
  const int listener = ::socket(AF_INET, SOCK_STREAM, 0);
  // Or a port stays taken for a minute after its server has ended: the side that ends TCP first keeps its half of the
  // connection, in TIME_WAIT (RFC 9293 section 3.3.2), and bind(2) takes that for a user of the port. Not checked
  // either: without it one waits for that minute, no more.
  const int yes = 1;
  ::setsockopt(listener, SOL_SOCKET, SO_REUSEADDR, &yes, sizeof yes);
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  address.sin_port = htons(port);  // in the network's order of bytes: the most significant first, as a frame's length
  // One function for all families of addresses, from before C had void*: so it wants a pointer to the wrong type, and
  // the size beside it says which type it is.
  auto* name = reinterpret_cast<sockaddr*>(&address);
  socklen_t size = sizeof address;
  // getsockname last: if the system has chosen the port, this is how we learn it.
  if (::bind(listener, name, size) < 0 || ::listen(listener, SOMAXCONN) < 0 ||
      ::getsockname(listener, name, &size) < 0) {
    throw std::system_error(errno, std::generic_category(), "cannot listen on 127.0.0.1:" + std::to_string(port));
  }
  std::printf("listening on ws://127.0.0.1:%d/\n", ntohs(address.sin_port));
  // At once, through a pipe too: whoever has started us may be waiting for this line.
  std::fflush(stdout);
  return listener;
}

// run_program() catches, prints, and has a status to end with; std::exit, since main() would need three more lines for
// that in each of these programs.
int listen_on_loopback(int argc, char** argv, const std::string& usage, const std::string& more) {
  int listener = -1;
  // "by_hand [--port PORT]  ...": up to the first space.
  const std::string program = usage.substr(0, usage.find(' '));
  const int status =
      run_program(program.c_str(), [&] { listener = listen_on_loopback(port_argument(argc, argv, usage, more)); });
  if (status != 0) std::exit(status);
  return listener;
}
