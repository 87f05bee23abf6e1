// getaddrinfo(3) turns a name into addresses of either kind, getnameinfo(3) turns one back into text. Both know IPv4
// and IPv6, so no other file has to.
#include "address.h"

#include <netdb.h>

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
  std::array<char, NI_MAXHOST> host{};
  std::array<char, NI_MAXSERV> port{};
  const int error = ::getnameinfo(reinterpret_cast<const sockaddr*>(&address.storage), address.size, host.data(),
                                  host.size(), port.data(), port.size(), NI_NUMERICHOST | NI_NUMERICSERV);
  if (error != 0 || port[0] == '\0') return "";
  std::string text = host.data();
  if (address.storage.ss_family == AF_INET6) text.insert(0, 1, '[').append(1, ']');
  return text.append(1, ':').append(port.data());
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
