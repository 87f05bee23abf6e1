#include "loopback.h"

#include <cerrno>
#include <cstdlib>
#include <system_error>

#include "arguments.h"

int listen_on_loopback(std::uint16_t port) {
  // Not checked: with a -1, bind(2) below fails, and that is.
  const int listener = ::socket(AF_INET, SOCK_STREAM, 0);
  const int yes = 1;  // or a port stays taken for a minute after its server has ended
  ::setsockopt(listener, SOL_SOCKET, SO_REUSEADDR, &yes, sizeof yes);
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  address.sin_port = htons(port);  // in the network's order of bytes
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

int listen_on_loopback(int argc, char** argv, const std::string& usage, const std::string& more) {
  int listener = -1;
  const std::string program = usage.substr(0, usage.find(' '));
  const int status =
      run_program(program.c_str(), [&] { listener = listen_on_loopback(port_argument(argc, argv, usage, more)); });
  if (status != 0) std::exit(status);
  return listener;
}
