// A WebSocket client: the other end of the same Connection.
//
//     websock::WebSocketClient client("ws://127.0.0.1:8467/");
//     client.send("Hello");
//     const std::optional<websock::OwnedMessage> answer = client.receive();
#pragma once

#include <string_view>
#include <thread>

#include "../handshake/handshake.h"
#include "connect.h"
#include "conversation.h"
#include "uri.h"

namespace websock {

struct ClientOptions {
  // From the call until a server has taken the connection; 0: as long as the system tries. It includes the look-up of
  // the name, each address in its share of the time, and waiting while other threads here are opening connections to
  // the same address: 4.1 allows one at a time.
  Milliseconds connect_timeout = Milliseconds(10'000);
  Milliseconds handshake_timeout = Milliseconds(10'000);  // from the request sent to the complete response; 0: no limit
  std::vector<std::string> subprotocols = {};             // in order of preference
  HeaderFields headers = {};                              // further header fields of the request, such as Origin
  std::vector<SupportedExtension> extensions = {};        // offered, such as permessage_deflate(): none by default

  // The Host header: a host, and a port if it is not the usual one. Empty: the URL's. For a tunnel, where the URL says
  // 127.0.0.1 and the server at its other end goes by a name.
  std::string host = {};

  // Makes the connection, instead of us: through a proxy, over a Unix socket, or with somebody else's TLS behind it
  // (then the URL may be wss://). It returns a connected stream socket by `deadline`, which is that of connect_timeout,
  // and what it throws leaves the constructor. One at a time is under way for each host and port: 4.1's rule (item 2)
  // for a client that does not see addresses. Empty: we look the host up and connect.
  std::function<Socket(const Uri& uri, Deadline deadline)> open_socket = {};

  // Another thread's way out of the constructor: after stop->stop() it throws std::system_error (operation_canceled),
  // at once, whatever it waits for, but for open_socket, which is the application's own. It has to outlive the
  // constructor.
  const ConnectStop* stop = nullptr;

  // All are optional, and the same as a server's; see Callbacks in conversation.h. They run on the client's own thread,
  // the first of them perhaps before the constructor has returned. The handle that they are given is connection().
  std::function<void(const Client&, const Message&)> on_data_receive = {};
  std::function<void(const Client&)> on_connection_open = {};
  std::function<void(const Error&)> on_error = {};
  std::function<void(const Client&)> on_connection_close = {};
  std::function<void(const Client&, std::chrono::microseconds round_trip)> on_pong = {};

  // Without on_data_receive, messages wait for receive(). When they take so many bytes, no more are read, and TCP makes
  // the server wait; 0: no limit. The server's Pings wait, too, then: it may well take us for dead.
  std::size_t max_inbox = 16 * 1024 * 1024;

  Limits limits = {};
};

// It has a thread of its own, which receives: so Pings are answered and sent, deadlines kept, and a dead server
// noticed, whether or not anybody calls anything. What can be done with the connection, any thread may do, from inside
// any callback, too; but moving and destroying this object is for one thread alone. One that was moved from can be
// destroyed, assigned to, and asked for connection(); every other member throws std::logic_error.
class WebSocketClient {
 public:
  // Connects, and completes the opening handshake. Throws std::invalid_argument (the URL or the options),
  // std::runtime_error (an unknown host), std::system_error (the network, a timeout, no thread to be had) or
  // HandshakeError (the server's response).
  explicit WebSocketClient(std::string_view url, const ClientOptions& options = {});
  WebSocketClient(WebSocketClient&& other) noexcept { *this = std::move(other); }
  WebSocketClient& operator=(WebSocketClient&& other) noexcept;  // `other` gets what this one had
  ~WebSocketClient();  // close(1001), and waits for the callback that is running

  // See Connection, in connection.h.
  bool send(std::string_view text) { return ours().send(text); }
  bool send(ByteView bytes) { return ours().send(bytes); }
  bool send(const Message& message) { return ours().send(message); }
  bool ping(std::string_view payload = {}) { return ours().ping(payload); }
  std::optional<OwnedMessage> receive(Milliseconds timeout = kForever) { return ours().receive(timeout); }
  bool is_over() const { return ours().is_over(); }
  State state() const { return ours().state(); }
  CloseInfo close_info() const { return ours().close_info(); }
  std::optional<Fault> fault() const { return ours().fault(); }
  const Response& response() const { return ours().response(); }

  // The connection itself: for all that is not above, and to be kept for longer than this object. Null if moved from.
  const Client& connection() const { return connection_; }

  // The closing handshake, to its end: sends a Close, waits for the server's and for the end of TCP, together at most
  // limits.close_timeout; and as long again for a callback that is still running. What still waits for receive(), and
  // what still arrives, is discarded. Does nothing if it has been done. Inside a callback of this client it returns at
  // once, and the rest happens when that has returned.
  void close(CloseCode code = CloseCode::normal_closure, std::string_view reason = {});

 private:
  Connection& ours() const;  // throws if moved from

  Client connection_;
  Milliseconds close_timeout_ = Milliseconds(0);
  std::thread thread_;
};

}  // namespace websock
