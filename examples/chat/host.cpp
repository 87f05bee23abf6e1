// A client's thread calls the room, and the room calls the connections of everybody else, on that same thread and
// under its lock. It may, because Connection::send() never waits: what a slow client cannot take goes to its outbox.
#include "host.h"

#include <arpa/inet.h>

#include <cstdio>

#include "page.h"

namespace {

void log(const websock::Client& client, const char* what, const Hosting& hosting) {
  if (hosting.log == nullptr) return;
  const std::string& peer = client->peer_address();
  const std::string address = hosting.trust_proxy ? forwarded_address(client->request(), peer) : peer;
  std::fprintf(hosting.log, "%s %s\n", address.c_str(), what);
  std::fflush(hosting.log);
}

}  // namespace

void host_room(websock::ServerOptions& options, Room& room, const Hosting& hosting) {
  options.on_connection_open = [&room, hosting](const websock::Client& client) {
    log(client, "connected", hosting);
    room.connect(client.get(),
                 {[client](std::string_view text) { client->send(text); }, [client] { client->close(); }});
  };
  options.on_data_receive = [&room](const websock::Client& client, const websock::Message& message) {
    room.receive(client.get(), message.is_text() ? message.text() : "");  // no JSON is empty
  };
  options.on_connection_close = [&room, hosting](const websock::Client& client) {
    room.disconnect(client.get());
    log(client, "disconnected", hosting);
  };
  options.on_http_request = serve_page;
}

std::string forwarded_address(const websock::Request& request, const std::string& peer_address) {
  const std::vector<std::string_view> entries = websock::list_elements(request.fields, "X-Forwarded-For");
  if (entries.empty()) return peer_address;
  const std::string nearest(entries.back());
  in6_addr address{};
  const bool is_ip =
      ::inet_pton(AF_INET, nearest.c_str(), &address) == 1 || ::inet_pton(AF_INET6, nearest.c_str(), &address) == 1;
  return is_ip ? nearest : peer_address;
}
