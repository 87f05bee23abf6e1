// A client's thread calls the room, and the room calls the connections of everybody else, on that same thread and
// under its lock. It may, because Connection::send() never waits: what a slow client cannot take goes to its outbox.
#include "host.h"

#include <arpa/inet.h>

#include <cstdio>
#include <thread>

#include "page.h"

namespace {

// Where a client comes from, with its port if it is not a proxy that tells. Behind a proxy, the peer is the proxy, and
// all would share one limit.
std::string address_of(const websock::Client& client, const Hosting& hosting) {
  const std::string& peer = client->peer_address();
  return hosting.trust_proxy ? forwarded_address(client->request(), peer) : peer;
}

// The same for all the connections of one machine: "127.0.0.1:8467" and "[::1]:8467" without the port.
std::string without_port(const std::string& address) {
  // From a proxy, an IPv6 address comes without brackets, and without a port: its last colon is its own.
  const bool is_bare_ip6 = !address.starts_with('[') && address.find(':') != address.rfind(':');
  return is_bare_ip6 ? address : address.substr(0, address.rfind(':'));
}

// A page that reads 1000 knows that it was asked to leave, and stays away; after any other code it comes back.
websock::CloseCode close_code(bool come_back) {
  return come_back ? websock::CloseCode::service_restart : websock::CloseCode::normal_closure;
}

// On the client's thread. One call of fprintf for a line, so that lines of different threads do not mix.
void log(const websock::Client& client, const char* what, const Hosting& hosting) {
  if (hosting.log == nullptr) return;
  std::fprintf(hosting.log, "%s %s\n", address_of(client, hosting).c_str(), what);
  std::fflush(hosting.log);  // into a pipe, a line would wait for 4 KB of others
}

// For the balancer in front: 503 only while we are about to end. Not when the log cannot be reached: it cannot be
// reached by any other server either, and then nobody would get so much as the page that says so.
websock::Response tell_health(const Room& room) {
  return room.is_draining() ? websock::make_text_response(503, "Draining.") : websock::make_text_response(200, "Well.");
}

}  // namespace

// All callbacks run on the thread of the client that they are about. The room has its own lock.
void host_room(websock::ServerOptions& options, Room& room, const Hosting& hosting) {
  options.on_connection_open = [&room, hosting](const websock::Client& client) {
    log(client, "connected", hosting);
    // The lines hold the connection, and so keep it alive for as long as the room may speak to it: until disconnect(),
    // at the latest. The room is a reference: it outlives the server.
    room.connect(client.get(), {[client](std::string_view text) { client->send(text); },
                                [client](bool come_back) { client->close(close_code(come_back)); },
                                without_port(address_of(client, hosting))});
  };
  options.on_data_receive = [&room](const websock::Client& client, const websock::Message& message) {
    // While this thread sleeps, nothing is read from this client. What it goes on sending waits in its own kernel, and
    // costs us nothing.
    std::this_thread::sleep_for(room.receive(client.get(), message.is_text() ? message.text() : ""));  // "": no JSON
  };
  options.on_connection_close = [&room, hosting](const websock::Client& client) {
    // The id is the connection's address. No other client can have it before this callback has returned.
    room.disconnect(client.get());
    log(client, "disconnected", hosting);
  };
  // Who is let in while we drain would soon be sent away again. A proxy that hears 503 asks the next server.
  options.on_handshake = [&room](const websock::Request&) -> websock::HandshakeDecision {
    if (!room.is_draining()) return {};
    return {.refusal = websock::make_text_response(503, "Draining.")};
  };
  options.on_http_request = [&room](const websock::Request& request) {
    return websock::path_of(request.target) == "/health" ? tell_health(room) : serve_page(request);
  };
}

// No list of RFC 9110, in which a quotation mark would hide the commas behind it: proxies append a comma and an address
// to whatever is there, so what counts stands behind the last comma.
std::string forwarded_address(const websock::Request& request, const std::string& peer_address) {
  std::string_view all;
  for (const websock::HeaderField& field : request.fields) {
    if (websock::equal_ignoring_case(field.name, "X-Forwarded-For")) all = field.value;  // the last line
  }
  const std::string nearest(websock::trim(all.substr(all.rfind(',') + 1)));  // npos + 1 is 0: no comma, all of it
  in6_addr address{};
  // Anything else is no address that a proxy has written. It would be a limit of its own for each made-up word.
  const bool is_ip =
      ::inet_pton(AF_INET, nearest.c_str(), &address) == 1 || ::inet_pton(AF_INET6, nearest.c_str(), &address) == 1;
  return is_ip ? nearest : peer_address;
}
