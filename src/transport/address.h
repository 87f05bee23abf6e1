// Internet addresses: where a server listens, and where a client finds it.
//
// The system calls take an address as a block of bytes and its length. The block's first field, its family, says how to
// read the rest: IPv4 or IPv6. Nobody else in this project looks inside.
#pragma once

#include <sys/socket.h>

#include <cstdint>
#include <string>
#include <vector>

namespace websock {

// An IPv4 or IPv6 address with a port, as the system calls want it.
struct Address {
  sockaddr_storage storage{};  // large enough for every family
  socklen_t size = 0;          // how much of it is in use
};

// "127.0.0.1:8467" or "[::1]:8467"; empty for other kinds of sockets. A socket of IPv6 may also accept IPv4 clients, as
// ::ffff:127.0.0.1: those are printed as what they are, 127.0.0.1. With its zone, if it has one: "[fe80::1%eth0]:8467".
std::string to_string(const Address& address);

// 0 for other kinds of sockets.
std::uint16_t port_of(const Address& address);
void set_port(Address& address, std::uint16_t port);

// The addresses of a host (a name, an IPv4 or an IPv6 address without brackets), in the order to try them, none twice.
// An empty host is every address of this machine: 0.0.0.0 and [::], which a server can listen on. May take seconds, if
// a name server has to be asked. Throws std::runtime_error if the host is not known, and says why.
std::vector<Address> resolve(const std::string& host, std::uint16_t port);

}  // namespace websock
