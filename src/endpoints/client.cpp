// The client's half of the opening: find the address, wait for one's turn, connect, ask, and check the answer.
//
// The turn is 4.1's: "There MUST be no more than one connection in a CONNECTING state" for each address. It keeps a
// script from using a browser to flood a server with connections that are never completed. One process, one queue.
#include "endpoints/client.h"

#include <condition_variable>
#include <set>

namespace websock {
namespace {

// ---- One at a time (4.1, item 2) ----

struct Connecting {
  std::mutex mutex;  // guards all below
  std::condition_variable one_is_done;
  std::set<std::string> addresses;
};

Connecting& connecting() {
  static Connecting all;
  return all;
}

// Being in the state CONNECTING towards one address, for as long as this object lives.
class Turn {
 public:
  Turn(std::string address, Deadline deadline) : address_(std::move(address)) {
    Connecting& all = connecting();
    std::unique_lock lock(all.mutex);
    const auto is_free = [&] { return all.addresses.count(address_) == 0; };
    if (deadline == kNever) all.one_is_done.wait(lock, is_free);
    if (!is_free() && !all.one_is_done.wait_until(lock, deadline, is_free)) {
      throw std::system_error(std::make_error_code(std::errc::timed_out), "waiting to connect to " + address_);
    }
    all.addresses.insert(address_);
  }
  Turn(const Turn&) = delete;
  Turn& operator=(const Turn&) = delete;
  ~Turn() {
    Connecting& all = connecting();
    const std::lock_guard lock(all.mutex);
    all.addresses.erase(address_);
    all.one_is_done.notify_all();
  }

 private:
  const std::string address_;
};

// ---- The handshake ----

Response read_response(Socket& socket, ReceiveBuffer& received, Deadline deadline) {
  for (;;) {
    const std::span<std::uint8_t> room = received.make_room();
    const std::optional<std::size_t> count = socket.receive(room, time_left(deadline));
    if (!count)
      throw std::system_error(std::make_error_code(std::errc::timed_out), "waiting for the server's response");
    if (*count == 0) throw HandshakeError(0, "the server ended the connection before its response was complete");
    received.add(*count);
    try {
      const std::string_view text = text_of(received.unread());
      const std::optional<std::size_t> size = find_head(text);
      if (!size) continue;
      Response response = parse_response(text.substr(0, *size));
      received.unread() = received.unread().subspan(*size);
      return response;
    } catch (const HttpError& error) {
      throw HandshakeError(0, std::string("the response is malformed: ") + error.what());
    }
  }
}

Opened shake_hands(Socket socket, const Uri& uri, const ClientOptions& options) {
  std::array<std::uint8_t, 16> nonce{};
  fill_random(nonce);
  const std::string key = make_key(nonce);
  const ClientOffer offer{options.subprotocols, options.headers};
  Request request = make_request(host_field(uri), uri.resource, key, offer);

  const Deadline deadline = deadline_after(limit_of(options.handshake_timeout));
  if (!socket.send_all(bytes_of(serialize_head(request)), deadline)) {
    throw std::system_error(std::make_error_code(std::errc::timed_out), "sending the request");
  }
  ReceiveBuffer received;
  const Response response = read_response(socket, received, deadline);
  std::optional<std::string> subprotocol = check_response(response, key, offer);
  return {std::move(socket), std::move(received), std::move(request), std::move(subprotocol)};
}

// The first address that answers. If none does, the last one's error.
Opened open(const Uri& uri, const ClientOptions& options) {
  const std::vector<Address> addresses = resolve(uri.host, uri.port);
  const Deadline deadline = deadline_after(limit_of(options.connect_timeout));
  for (std::size_t i = 0;; ++i) {
    const Turn turn(to_string(addresses[i]), deadline);
    Socket socket;
    try {
      socket = connect_to(addresses[i], deadline);
    } catch (const std::system_error&) {
      if (i + 1 == addresses.size()) throw;
      continue;
    }
    return shake_hands(std::move(socket), uri, options);
  }
}

}  // namespace

WebSocketClient::WebSocketClient(std::string_view url, const ClientOptions& options) {
  const Uri uri = parse_uri(url);
  if (uri.secure) {
    throw std::invalid_argument(
        "wss:// needs TLS, which websock does not have: connect to a TLS proxy such as stunnel with ws://");
  }
  if (options.limits.close_timeout <= Milliseconds(0)) throw std::invalid_argument("close_timeout must be positive");
  const ClientOffer offer{options.subprotocols, options.headers};
  serialize_head(make_request(host_field(uri), uri.resource, "", offer));  // throws before we connect
  connection_ = std::make_shared<Connection>(Role::client, open(uri, options), options.limits, nullptr);
}

WebSocketClient::~WebSocketClient() {
  try {
    close(CloseCode::going_away);
  } catch (const std::exception&) {
    // The socket is closed with the connection's last owner.
  }
}

void WebSocketClient::close(CloseCode code, std::string_view reason) {
  connection_->close(code, reason);
  while (connection_->receive()) {
  }
}

}  // namespace websock
