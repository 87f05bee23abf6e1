// A server's first three system calls, for programs that come before chapter 13: socket, bind, listen.
#pragma once

#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>

#include <charconv>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <string_view>

// The P of `--port P`; 8467 without it. Asked for --help, or anything else, it prints `help` and ends the program.
inline std::uint16_t port_argument(int argc, char** argv, const char* help) {
  if (argc == 1) return 8467;
  const std::string_view text = argc == 3 && std::string_view(argv[1]) == "--port" ? argv[2] : "";
  std::uint16_t port = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), port);
  if (error == std::errc() && end == text.data() + text.size()) return port;
  const bool asked = argc == 2 && std::string_view(argv[1]) == "--help";
  std::fputs(help, asked ? stdout : stderr);
  std::exit(asked ? 0 : 2);
}

// A socket that listens on this machine only, at `port`; 0: at one that the system chooses. Says which.
inline int listen_on_loopback(std::uint16_t port) {
  const int listener = ::socket(AF_INET, SOCK_STREAM, 0);
  const int yes = 1;  // or a port stays taken for a minute after its server has ended
  ::setsockopt(listener, SOL_SOCKET, SO_REUSEADDR, &yes, sizeof yes);
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  address.sin_port = htons(port);
  auto* name = reinterpret_cast<sockaddr*>(&address);
  socklen_t size = sizeof address;
  if (::bind(listener, name, size) < 0 || ::listen(listener, SOMAXCONN) < 0 ||
      ::getsockname(listener, name, &size) < 0) {
    std::perror("cannot listen");
    std::exit(1);
  }
  std::printf("listening on 127.0.0.1:%d\n", ntohs(address.sin_port));
  std::fflush(stdout);
  return listener;
}
