// getaddrinfo(3) turns a name into addresses of either kind. We do not use its counterpart getnameinfo(3) for the way
// back: by hand it is shorter, and getnameinfo(3) touches a page of stack that every client's thread would then keep.
//
//     "localhost"  ->  [::1]:8467  127.0.0.1:8467    a name may have several addresses, of both families
//     "127.0.0.1"  ->  127.0.0.1:8467                an address is itself, and nobody is asked
//     ""           ->  0.0.0.0:8467  [::]:8467       "any address of this machine", once for each family
//
// The casts between sockaddr, sockaddr_in and sockaddr_in6 look wild, but this is how the interface was designed, in
// 1983, before C had void pointers: every family's struct begins with the same field, which says which one it is.
#include "transport/address.h"

#include <arpa/inet.h>
#include <net/if.h>
#include <netdb.h>
#include <netinet/in.h>

#include <algorithm>
#include <array>
#include <memory>
#include <span>
#include <stdexcept>

namespace websock {
namespace {

// Frees what getaddrinfo(3) returned. A wrapper, because freeaddrinfo(3) may crash on the null pointer of a failed
// call.
void free_list(addrinfo* list) {
  if (list != nullptr) ::freeaddrinfo(list);
}

// The fields of an address whose family has been looked at.
const sockaddr_in& as_ipv4(const Address& address) { return reinterpret_cast<const sockaddr_in&>(address.storage); }
const sockaddr_in6& as_ipv6(const Address& address) { return reinterpret_cast<const sockaddr_in6&>(address.storage); }

// The four bytes of an IPv4 address, for people. inet_ntop(3) would do, but goes nearly as deep as getnameinfo(3). For
// IPv6 it is worth that: which zeros are left out there is a page of rules.
std::string ipv4_text(const void* bytes) {
  std::string text;
  for (const std::uint8_t byte : std::span(static_cast<const std::uint8_t*>(bytes), 4)) {
    if (!text.empty()) text += '.';
    text += std::to_string(byte);
  }
  return text;
}

// A link-local address, fe80::1, is another machine at each of our interfaces. Which one is meant is its zone:
// "%eth0", or the interface's number if it is gone by now. Nothing for all other addresses, whose zone is 0.
std::string zone_text(std::uint32_t zone) {
  if (zone == 0) return "";
  std::array<char, IF_NAMESIZE> name{};
  return std::string("%") + (::if_indextoname(zone, name.data()) ? std::string(name.data()) : std::to_string(zone));
}

// The sixteen of an IPv6 address, in brackets, so that the port's colon is not taken for one of its own.
std::string ipv6_text(const sockaddr_in6& address) {
  const in6_addr& bytes = address.sin6_addr;
  // ::ffff:a.b.c.d: ten zero bytes, ff ff, and an IPv4 address. So a server that listens with one socket for both
  // families is told of IPv4 clients. People, and the rules of their firewalls, know that client as a.b.c.d.
  if (IN6_IS_ADDR_V4MAPPED(&bytes)) return ipv4_text(&bytes.s6_addr[12]);
  std::array<char, INET6_ADDRSTRLEN> text{};
  ::inet_ntop(AF_INET6, &bytes, text.data(), text.size());
  return std::string("[") + text.data() + zone_text(address.sin6_scope_id) + "]";
}

}  // namespace

// For a log line: which of its clients a server means.
std::string to_string(const Address& address) {
  const std::string port = std::to_string(port_of(address));
  if (address.storage.ss_family == AF_INET) return ipv4_text(&as_ipv4(address).sin_addr) + ":" + port;
  if (address.storage.ss_family == AF_INET6) return ipv6_text(as_ipv6(address)) + ":" + port;
  return "";  // a socket that is not of the internet, such as one of socketpair(2), has no address
}

// A server that let the system choose its port asks which one it got.
std::uint16_t port_of(const Address& address) {
  // Both families keep the port as it travels, most significant byte first; ntohs(3) turns it into a number.
  if (address.storage.ss_family == AF_INET) return ntohs(as_ipv4(address).sin_port);
  if (address.storage.ss_family == AF_INET6) return ntohs(as_ipv6(address).sin6_port);
  return 0;
}

// The same host, at another port. Only for addresses that resolve() made.
void set_port(Address& address, std::uint16_t port) {
  // Two views of the same bytes, only one of which is right. The family says which, before either is looked at.
  auto& ipv4 = reinterpret_cast<sockaddr_in&>(address.storage);
  auto& ipv6 = reinterpret_cast<sockaddr_in6&>(address.storage);
  (address.storage.ss_family == AF_INET ? ipv4.sin_port : ipv6.sin6_port) = htons(port);
}

// Both ends use it: a server for where to listen, a client for where to connect.
std::vector<Address> resolve(const std::string& host, std::uint16_t port) {
  // All zero: addresses of either family, in the order in which the system thinks they are best tried.
  addrinfo hints{};
  hints.ai_socktype = SOCK_STREAM;  // or each address comes three times: for TCP, for UDP, and raw
  hints.ai_flags = AI_PASSIVE;      // what no host means: any address of ours, not loopback. It changes nothing else
  addrinfo* found = nullptr;
  // The port goes in as text, since it may be a service's name there ("http"), and comes back as a part of each
  // address.
  const int error = ::getaddrinfo(host.empty() ? nullptr : host.c_str(), std::to_string(port).c_str(), &hints, &found);
  // The owner comes first: on every way out of here, a throw included, the list is freed.
  const std::unique_ptr<addrinfo, void (*)(addrinfo*)> owner(found, free_list);
  // Not a std::system_error: getaddrinfo(3) has error numbers and texts of its own, and errno says nothing.
  if (error != 0) throw std::runtime_error("cannot find the host \"" + host + "\": " + ::gai_strerror(error));

  // A name that stands twice in /etc/hosts comes back twice. Then a server would find its second port taken, by itself.
  std::vector<Address> addresses;
  std::vector<std::string> seen;
  for (const addrinfo* entry = found; entry != nullptr; entry = entry->ai_next) {
    Address address;
    // A copy, byte by byte: the list, and the addresses in it, are gone when this function returns.
    std::copy_n(reinterpret_cast<const char*>(entry->ai_addr), entry->ai_addrlen,
                reinterpret_cast<char*>(&address.storage));
    address.size = entry->ai_addrlen;
    // Compared as text: the structs also have bytes that mean nothing, and those may differ.
    const std::string text = to_string(address);
    if (std::find(seen.begin(), seen.end(), text) != seen.end()) continue;
    seen.push_back(text);
    addresses.push_back(address);
  }
  return addresses;
}

}  // namespace websock
