// getaddrinfo(3) turns a name into addresses of either kind. The way back is shorter by hand than with its counterpart,
// getnameinfo(3), and does not touch the page of stack that every client's thread would then keep for good.
#include "transport/address.h"

#include <arpa/inet.h>
#include <netdb.h>
#include <netinet/in.h>

#include <algorithm>
#include <array>
#include <memory>
#include <system_error>

namespace websock {
namespace {

void free_list(addrinfo* list) {
  if (list != nullptr) ::freeaddrinfo(list);
}

}  // namespace

std::string to_string(const Address& address) {
  std::array<char, INET6_ADDRSTRLEN> host{};
  if (address.storage.ss_family == AF_INET) {
    const auto* ipv4 = reinterpret_cast<const sockaddr_in*>(&address.storage);
    ::inet_ntop(AF_INET, &ipv4->sin_addr, host.data(), host.size());
    return std::string(host.data()).append(":").append(std::to_string(ntohs(ipv4->sin_port)));
  }
  if (address.storage.ss_family != AF_INET6) return "";  // a local socket has no address
  const auto* ipv6 = reinterpret_cast<const sockaddr_in6*>(&address.storage);
  ::inet_ntop(AF_INET6, &ipv6->sin6_addr, host.data(), host.size());
  return std::string("[").append(host.data()).append("]:").append(std::to_string(ntohs(ipv6->sin6_port)));
}

std::vector<Address> resolve(const std::string& host, std::uint16_t port) {
  addrinfo hints{};
  hints.ai_socktype = SOCK_STREAM;
  hints.ai_flags = AI_PASSIVE;
  addrinfo* found = nullptr;
  const int error = ::getaddrinfo(host.empty() ? nullptr : host.c_str(), std::to_string(port).c_str(), &hints, &found);
  const std::unique_ptr<addrinfo, void (*)(addrinfo*)> owner(found, free_list);
  if (error != 0) {
    throw std::system_error(std::make_error_code(std::errc::address_not_available),
                            "resolve \"" + host + "\": " + ::gai_strerror(error));
  }
  std::vector<Address> addresses;
  for (const addrinfo* entry = found; entry != nullptr; entry = entry->ai_next) {
    Address& address = addresses.emplace_back();
    std::copy_n(reinterpret_cast<const char*>(entry->ai_addr), entry->ai_addrlen,
                reinterpret_cast<char*>(&address.storage));
    address.size = entry->ai_addrlen;
  }
  return addresses;
}

}  // namespace websock
