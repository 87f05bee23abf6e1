// The accept loop, and the orderly end.
//
//     the caller's thread     accept | accept | accept | ...           | wait for all | on_server_destruct
//     client 1                handshake | open | data | data | ... | close
//     client 2                         handshake | refused
//     client 3                                  handshake | open | data | ... | close
//
// Stopping is a request: close_server sets a flag, wakes the thread that waits in poll(2), and sends each client its
// Close, which never waits. The thread in serve_forever then has nothing to do but to join.
#include "endpoints/server.h"

#include <algorithm>
#include <cassert>
#include <map>
#include <stdexcept>
#include <utility>

namespace websock {
namespace {

constexpr std::size_t kSpareDescriptors = 32;  // for the listeners, the pipes, and what else the application opens
constexpr std::size_t kMaxRefusals = 8;        // threads
constexpr Milliseconds kRetry(100);            // until accept(2) is tried again, if no client leaves sooner

// What the opening handshake has to know of the options.
UpgradeRules rules_of(const ServerOptions& options) {
  UpgradeRules rules;
  // Not options.limits as they are: the head has to fit into the receive buffer as well.
  rules.head = head_limits(options.limits);
  // Field by field: upgrade.h knows of no ServerOptions, so it can be tested without a server.
  rules.subprotocols = options.subprotocols;
  rules.extensions = options.extensions;
  rules.allowed_origins = options.allowed_origins;
  rules.same_origin = options.same_origin;
  rules.on_handshake = options.on_handshake;
  rules.on_http_request = options.on_http_request;
  // It may throw, and that is before any port is taken: the constructor's members come before its body.
  check_rules(rules);
  return rules;
}

// A message as frames, as this client and every other with the same extensions get it: a server's have no mask. They
// may lie in many outboxes for a while, so the memory is such as goes back to the system.
SharedFrames encode(const Message& original, const Connection& client, std::size_t max_frame_payload) {
  const std::optional<MessageEncoder::Shared> shared = ConnectionThread::encode_for_all(client, original.payload);
  // Nothing, if the extension declines or there is none: then the frames carry the message as it is.
  const Message message = shared ? Message{original.opcode, shared->payload, shared->rsv} : original;
  // true: each receiver's encoder has to be told of a message that it has not seen. See send_shared().
  return {std::make_shared<Buffer>(frames_of(message, max_frame_payload)), shared.has_value()};
}

}  // namespace

// Listens at once, so that a client may connect before anybody calls serve_forever; it waits in the backlog.
WebSocketServer::WebSocketServer(ServerOptions options)
    : options_(std::move(options)),
      // Of options_, with its underscore: the parameter has been moved from.
      callbacks_{options_.on_data_receive, options_.on_connection_open, options_.on_error, options_.on_connection_close,
                 options_.on_pong},
      rules_(rules_of(options_)),
      max_connections_(limit_of(options_.limits.max_connections)),
      threads_(options_.stack_size) {
  // Without a limit here close_server() could not promise to end: one silent client would keep the server for ever.
  if (options_.limits.close_timeout <= Milliseconds(0)) throw std::invalid_argument("close_timeout must be positive");
  listeners_ = listen_on_all(options_.host, options_.port);
  // Of any of them: all have the same.
  port_ = listeners_.front().local_port();
  // Better to say 503 at a limit of our own than to find out by a failing accept(2), which leaves the client in the
  // queue.
  const std::size_t descriptors = descriptor_limit();
  // One at least: 0 would refuse everybody, and the system may yet have a descriptor to spare.
  const std::size_t possible = descriptors > kSpareDescriptors ? descriptors - kSpareDescriptors : 1;
  if (max_connections_ <= possible) return;
  max_connections_ = possible;
  // on_error runs inside the constructor here: nobody can have the server yet, and it is nothing to throw for.
  report(callbacks_, {ErrorKind::limit},
         {"max_connections is lowered to ", std::to_string(possible), ", as many as this process may open"});
}

// What start() has started must not outlive this object. A thread of the application's that serves must have returned
// already.
WebSocketServer::~WebSocketServer() {
  stop();
  assert(serving_ == 0);
}

// ---- Serving ----

// Takes one client after the other off the backlog, until it is asked to stop, and then waits for all of them.
void WebSocketServer::serve_forever() {
  // Two statements, since with NDEBUG the assertion is not even evaluated.
  assert(serving_ == 0);
  ++serving_;
  while (std::optional<Socket> socket = next_client()) admit(std::move(*socket));
  end();
}

// The same without threads: the client is served here. A client that is turned away does not count.
void WebSocketServer::serve_once() {
  assert(serving_ == 0);
  ++serving_;
  // Refusals and plain HTTP are answered in between, on the same stack, until one client has become a WebSocket.
  bool served = false;
  while (!served) {
    std::optional<Socket> socket = next_client();
    if (!socket) break;
    out_of_resources_ = false;  // there was a descriptor again, and no thread is needed
    served = serve_client(std::move(*socket));
  }
  // Asked to stop, by the client's own callback perhaps: then the end is ours to make, and there is no next call.
  if (stopping_) return end();
  --serving_;
}

// The accept loop waits here: for a client at any of our addresses, or for close_server. Nothing: the server is to
// stop.
std::optional<Socket> WebSocketServer::next_client() {
  std::vector<pollfd> events;
  while (!stopping_) {
    try {
      // Made anew each time: accept_any() changes the order of the listeners.
      events.assign({{stop_pipe_.descriptor(), POLLIN, 0}});
      for (const Socket& listener : listeners_) events.push_back({listener.descriptor(), POLLIN, 0});
      // The result is always true: no deadline can pass.
      wait_for(events, kNever);
      // Asked again, since close_server() may have been what woke us.
      if (stopping_) break;
      // Nothing: whoever poll(2) announced has gone again. Back to waiting.
      if (std::optional<Socket> socket = accept_any()) return socket;
    } catch (const std::exception& error) {
      wait_for_resources(error.what());
    }
  }
  return std::nullopt;
}

// One client out of the listeners' queues; nothing if all are empty. A listener that has had its turn goes to the end
// of the list, so that a crowd at one address keeps nobody waiting at another.
std::optional<Socket> WebSocketServer::accept_any() {
  for (std::size_t i = 0; i < listeners_.size(); ++i) {
    std::optional<Socket> socket = accept_from(listeners_.front());
    // Its turn is over, whether anybody was there or not.
    std::rotate(listeners_.begin(), listeners_.begin() + 1, listeners_.end());
    if (socket) return socket;
  }
  return std::nullopt;
}

// One more client: a thread for it, or a refusal.
void WebSocketServer::admit(Socket socket) {
  // A client counts until its thread has ended, handshake and farewell included: it is threads and descriptors that run
  // out. Only this thread starts any, so the number cannot grow behind our back before the next line.
  if (threads_.size() >= max_connections_) return refuse(std::move(socket));
  try {
    const auto shared = std::make_shared<Socket>(std::move(socket));  // std::function wants to be copied
    // Whether it became a WebSocket concerns serve_once() only.
    threads_.start([this, shared] { serve_client(std::move(*shared)); });
    // The episode is over: the next one is reported again.
    out_of_resources_ = false;
  } catch (const std::exception& error) {
    wait_for_resources(error.what());  // and this client's socket is closed
  }
}

// Says 503 on a thread of its own, since saying it may take a while. Beyond a few of those the socket is just closed: a
// crowd must not get as many threads by being refused as it would by being served.
void WebSocketServer::refuse(Socket socket) {
  // The socket came by value: to return is to close it.
  if (refusals_.size() >= kMaxRefusals) return;
  try {
    const auto shared = std::make_shared<Socket>(std::move(socket));
    // Made here, where a bad_alloc is caught: what runs on the thread must not throw.
    const std::string response = refuse_unread(503, "This server is full.");
    refusals_.start([this, shared, response] { turn_away(*shared, response); });
  } catch (const std::exception&) {
    // Nothing left to be polite with: the socket is closed.
  }
}

// No descriptor, no thread or no memory is left. Clients that leave give some back; on_error hears of it once an
// episode.
void WebSocketServer::wait_for_resources(const char* what) {
  if (!std::exchange(out_of_resources_, true))
    report(callbacks_, {ErrorKind::system}, {"cannot take another client: ", what});
  // And not just a sleep: whoever leaves has given something back, and the client in the queue need wait no longer.
  threads_.wait_for_an_end(deadline_after(kRetry));
}

// ---- The end ----

// Only asks: notes it, wakes the accept loop, and says goodbye to all clients. Nothing of it waits, so a callback may
// call it.
void WebSocketServer::close_server(CloseCode code, std::string_view reason) {
  // What is thrown up to the lock has changed nothing yet: a body that may not travel, or no memory for a long reason.
  const CloseBody body{code, std::string(reason)};
  check_close_body(body);
  CloseBody for_latecomers = body;
  // One point in time for all clients: a thousand of them do not get a timeout each, one after the other.
  const Deadline deadline = deadline_after(options_.limits.close_timeout);
  std::vector<Client> open_clients;
  {
    const std::lock_guard lock(mutex_);
    // The first call decides about code and reason; clients may have been told already.
    if (stopping_) return;
    // Handles, which keep the connections alive below, where the lock is gone. They fit into the room that admit() has
    // made for them: a server may end because there is no memory, and must not need any for that.
    open_clients.swap(farewell_list_);
    open_clients.assign(clients_.begin(), clients_.end());
    stop_body_ = std::move(for_latecomers);  // moved: under the lock nothing may throw
    stop_deadline_ = deadline;
    // Before the wake-up: the thread that wakes asks for the flag.
    stopping_ = true;
    // Under the lock, for which end() waits: a server that is woken may be destroyed as soon as we let go.
    stop_pipe_.wake();
  }
  // This object may be gone from here on: serve_forever returns, and its caller destroys the server.
  for (const Client& client : open_clients) {
    // False if it was closing already. The deadline counts for that one, too.
    ConnectionThread::close(*client, body);
    ConnectionThread::end_by(*client, deadline);
  }
}

// What is left to do for the thread that serves, when it has been asked to stop.
void WebSocketServer::end() {
  // From now on the system refuses newcomers by itself, and those in the queue.
  listeners_.clear();
  // Each has its Close, and its deadline. So this ends, unless a callback never returns.
  threads_.join_all();
  refusals_.join_all();
  { const std::lock_guard lock(mutex_); }  // close_server, which woke us, has let go of this object
  --serving_;
  // serve_once() may be called again, and come here a second time. And the count above is settled first, because what
  // the callback throws leaves this function.
  const bool first_time = !std::exchange(stopped_, true);
  if (first_time && options_.on_server_destruct) options_.on_server_destruct();
}

// ---- All clients ----

// A copy: the caller goes through it, and sends, without our lock.
std::vector<Client> WebSocketServer::clients() const {
  const std::lock_guard lock(mutex_);
  return {clients_.begin(), clients_.end()};
}

// Checked once, and not for each client.
std::size_t WebSocketServer::send_all(std::string_view text, const Client& except) {
  if (!is_valid_utf8(text)) throw std::invalid_argument("a text message is not UTF-8");
  return send_all(Message{Opcode::text, bytes_of(text)}, except);
}

// Any bytes will do.
std::size_t WebSocketServer::send_all(ByteView bytes, const Client& except) {
  return send_all(Message{Opcode::binary, bytes}, except);
}

// Encoded once for each kind of connection: those with the same extensions get the same frames. Where they cannot be
// sent now they are queued, the same memory for all.
std::size_t WebSocketServer::send_all(const Message& message, const Client& except) {
  // less<>: it finds a std::string_view, and makes no string for that.
  std::map<std::string, SharedFrames, std::less<>> encoded;
  std::size_t count = 0;
  // The clients as of now. A newcomer that is not among them has not been sent its 101 yet: see admit() in
  // server_client.cpp.
  for (const Client& client : clients()) {
    if (client == except) continue;
    // Empty where nothing can be shared, without extensions for instance: all of those get the plain frames.
    const std::string_view kind = ConnectionThread::sharing(*client);
    auto frames = encoded.find(kind);
    if (frames == encoded.end()) {
      frames = encoded.emplace(kind, encode(message, *client, options_.limits.max_frame_payload)).first;
    }
    // False: it is closing, or has gone, and its own thread will say so.
    if (ConnectionThread::send_shared(*client, frames->second)) ++count;
  }
  return count;
}

}  // namespace websock
