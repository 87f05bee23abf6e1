// A WebSocket server: it accepts on the thread that calls serve_forever, and gives each client a thread of its own,
// from the opening handshake to the end of TCP. What one client does, or fails to do, never holds up another.
//
//     websock::WebSocketServer server({
//         .host = "127.0.0.1",
//         .port = 8467,
//         .on_data_receive =
//             [](const websock::Client& client, const websock::Message& message) { client->send(message); },
//     });
//     server.serve_forever();
#pragma once

#include <atomic>
#include <exception>
#include <functional>
#include <set>
#include <string>
#include <thread>
#include <vector>

#include "conversation.h"
#include "thread_group.h"
#include "upgrade.h"

namespace websock {

struct ServerOptions {
  // A name or an address. All addresses of a name are served, and "" is every address of this machine, IPv4 and IPv6.
  std::string host = "127.0.0.1";
  std::uint16_t port = 0;  // the same for all of them; 0: the system chooses, see WebSocketServer::port()

  // All callbacks are optional. Those with a client run on that client's thread, one at a time for each client, and for
  // different clients in parallel. An exception that leaves one goes to on_error; the client is closed with 1011. They
  // have stack_size bytes of stack. What needs more ends the whole program, so nothing may recurse as deep as a message
  // is long: std::regex does, and fails from a thousand characters on.

  // A message has arrived. It is a view, which lasts until the callback returns.
  std::function<void(const Client&, const Message&)> on_data_receive = {};
  // Once, after the handshake and before any data.
  std::function<void(const Client&)> on_connection_open = {};
  // Something went wrong, but the server goes on. May run on several threads at once, and inside the constructor, if
  // limits.max_connections is more than this process may open. An ordinary disconnect is no error.
  std::function<void(const Error&)> on_error = {};
  // Exactly once for every on_connection_open, after the last data, whatever the reason: see client->close_info().
  std::function<void(const Client&)> on_connection_close = {};
  // The peer has answered our latest Ping, ping()'s or that of limits.ping_interval, so long after it was sent or
  // queued. Each Ping is told of once; a Pong with another payload, which nobody has asked for (5.5.3), is not. Of two
  // Pings that are alike the second counts, whichever the Pong is for. It may run inside a receive() that another
  // callback has called.
  std::function<void(const Client&, std::chrono::microseconds round_trip)> on_pong = {};
  // Once, on the serving thread, when the last client has gone after close_server. An exception leaves serve_forever.
  std::function<void()> on_server_destruct = {};

  // Who may come in, and what else is on this port: see UpgradeRules in upgrade.h. These run on the client's thread.
  std::vector<std::string> subprotocols = {};
  std::vector<SupportedExtension> extensions = {};  // such as permessage_deflate(): none by default
  std::vector<std::string> allowed_origins = {};
  bool same_origin = false;
  std::function<HandshakeDecision(const Request&)> on_handshake = {};
  std::function<Response(const Request&)> on_http_request = {};

  // Bytes of stack for each client's thread, on which the callbacks run; 0: the system's default, often 8 MiB. Memory
  // is used only as far as it is touched, but small stacks lie closer together. Each takes 2 KiB of page tables on
  // Linux; with 512 KiB it would be 1, with 2 MiB and more 4.
  std::size_t stack_size = 1024 * 1024;

  Limits limits = {};
};

// All members may be called from any thread and from inside any callback, but for serve_forever, serve_once, start and
// stop: those by one thread at a time, and not from a callback.
class WebSocketServer {
 public:
  // Binds and listens: from here on clients may queue. Throws std::system_error if the port is in use,
  // std::runtime_error if the host is not known, and, before it binds anything, std::invalid_argument if
  // limits.close_timeout is not positive, or an allowed origin is none.
  explicit WebSocketServer(ServerOptions options);
  WebSocketServer(const WebSocketServer&) = delete;
  WebSocketServer& operator=(const WebSocketServer&) = delete;
  ~WebSocketServer();  // stop(), if it was started. REQUIRES: nobody is in serve_forever or serve_once

  std::uint16_t port() const { return port_; }

  // Serves until close_server is called, by a callback or another thread, and all clients have gone.
  void serve_forever();

  // serve_forever on a thread of its own, which this returns from at once; and its end: close_server, and a wait for
  // that thread. What on_server_destruct throws goes to on_error. start() throws std::logic_error if the server was
  // started already, and std::system_error if there is no thread to be had. stop() does nothing if there is nothing to
  // stop.
  void start();
  void stop();

  // Serves one WebSocket client, on the calling thread: one stack to step through. Further clients wait in the queue;
  // requests that open no WebSocket are answered, and do not count. May be called again. After close_server it ends as
  // serve_forever does, on_server_destruct included.
  void serve_once();

  // Asks the server to end, and returns at once. No client is accepted any more; every open one gets a Close with this
  // code and reason, and one whose request has not come yet is hung up on. serve_forever returns after
  // limits.close_timeout at the latest, callbacks that still run aside. A second call does nothing. Throws
  // std::invalid_argument if the Close could not be sent. Without memory a long reason (more than the 15 bytes or so
  // that a std::string keeps in itself) is a std::bad_alloc, and nothing has happened; with a short one or none, the
  // server ends.
  void close_server(CloseCode code = CloseCode::going_away, std::string_view reason = {});

  // The clients from just before their on_connection_open to their on_connection_close, as of now.
  std::vector<Client> clients() const;

  // Sends to all of these, encoding once. Returns for how many it was sent or queued: not for those that are closing,
  // or are broken. The exceptions of Connection::send.
  std::size_t send_all(std::string_view text, const Client& except = nullptr);
  std::size_t send_all(ByteView bytes, const Client& except = nullptr);
  std::size_t send_all(const Message& message, const Client& except = nullptr);

  // The same as client->send(...) and so on.
  bool send(const Client& client, std::string_view text) { return client->send(text); }
  bool send(const Client& client, ByteView bytes) { return client->send(bytes); }
  bool send(const Client& client, const Message& message) { return client->send(message); }
  bool ping(const Client& client, std::string_view payload = {}) { return client->ping(payload); }
  std::optional<OwnedMessage> receive(const Client& client, Milliseconds timeout = kForever) {
    return client->receive(timeout);
  }
  bool close_client(const Client& client, CloseCode code = CloseCode::normal_closure, std::string_view reason = {}) {
    return client->close(code, reason);
  }

 private:
  // The accept loop.
  std::optional<Socket> next_client();  // nothing: the server is to end
  std::optional<Socket> accept_any();   // the listeners take turns
  void admit(Socket socket);
  void refuse(Socket socket);
  void wait_for_resources(const char* what);
  void end();

  // One client, on its thread. serve_client and open do not throw: nobody is below to catch it.
  bool serve_client(Socket socket);
  Client open(Socket socket, ReceiveBuffer& received);
  Client admit(Socket socket, Opening& opening);  // moves out of it what the connection keeps
  std::optional<Opening> read_request(Socket& socket, ReceiveBuffer& received);
  void turn_away(Socket& socket, std::string_view response);
  void enter(const Client& client);
  void leave(const Client& client);

  const ServerOptions options_;
  const Callbacks callbacks_;  // those of the options
  const UpgradeRules rules_;
  std::size_t max_connections_;
  std::vector<Socket> listeners_;  // one for each address
  std::uint16_t port_ = 0;
  bool out_of_resources_ = false;  // the accept loop's: on_error has been told of this episode
  bool stopped_ = false;           // the serving thread's: on_server_destruct has been called
  std::atomic<int> serving_ = 0;   // threads in serve_forever or serve_once: asserted to be one

  WakePipe stop_pipe_;  // readable, for ever, once stopping_ is true
  std::atomic<bool> stopping_ = false;

  mutable std::mutex mutex_;  // guards the four below; while it is held no callback runs and only a 101 is sent
  std::set<Client> clients_;
  std::vector<Client> farewell_list_;  // empty, with room for all of them
  CloseBody stop_body_;
  Deadline stop_deadline_ = kNever;

  OutboxThread outbox_thread_;
  ThreadGroup refusals_;    // a few threads that say 503; no callback runs on them, so their stacks are the default
  ThreadGroup threads_;     // one for each client
  std::thread background_;  // start()'s
};

}  // namespace websock
