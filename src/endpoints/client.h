// A WebSocket client: the other end of the same Connection.
//
//     websock::WebSocketClient client("ws://127.0.0.1:8467/");
//     client->send("Hello");
//     const std::optional<websock::OwnedMessage> answer = client->receive();
#pragma once

#include <string_view>

#include "../handshake/handshake.h"
#include "../transport/connection.h"
#include "uri.h"

namespace websock {

struct ClientOptions {
  Milliseconds connect_timeout = Milliseconds(10'000);    // 0: as long as the system tries
  Milliseconds handshake_timeout = Milliseconds(10'000);  // from the request sent to the complete response; 0: no limit
  std::vector<std::string> subprotocols = {};             // in order of preference
  HeaderFields headers = {};                              // further header fields of the request, such as Origin
  Limits limits = {};
};

// It starts no thread. Whoever calls receive() reads, and answers Pings and the peer's Close while it waits: so
// somebody has to. A send to a peer that does not read waits until the bytes have gone, or limits.outbox_stall;
// meanwhile it reads what comes (as much as limits.max_outbox), so that two ends that both send cannot block each
// other.
class WebSocketClient {
 public:
  // Connects, and completes the opening handshake. Throws std::invalid_argument (the URL or the options),
  // std::system_error (the network, a timeout) or HandshakeError (the server's response).
  explicit WebSocketClient(std::string_view url, const ClientOptions& options = {});
  WebSocketClient(const WebSocketClient&) = delete;
  WebSocketClient& operator=(const WebSocketClient&) = delete;
  ~WebSocketClient();  // close(1001)

  const Client& connection() const { return connection_; }
  Connection* operator->() const { return connection_.get(); }

  // The closing handshake, to its end: sends a Close, waits for the server's and for the end of TCP, each at most
  // limits.close_timeout. Messages that still arrive are discarded. Does nothing if that has been done.
  void close(CloseCode code = CloseCode::normal_closure, std::string_view reason = {});

 private:
  Client connection_;
};

}  // namespace websock
