// Internet addresses: where a server listens, and where a client finds it.
#pragma once

#include <sys/socket.h>

#include <cstdint>
#include <string>
#include <vector>

namespace websock {

// An IPv4 or IPv6 address with a port, as the system calls want it.
struct Address {
  sockaddr_storage storage{};
  socklen_t size = 0;
};

// "127.0.0.1:8467" or "[::1]:8467"; empty for other kinds of sockets.
std::string to_string(const Address& address);

// The addresses of a host (a name, an IPv4 or an IPv6 address without brackets), in the order to try them. An empty
// host is every address of this machine. Throws std::system_error if the host is not known.
std::vector<Address> resolve(const std::string& host, std::uint16_t port);

}  // namespace websock
