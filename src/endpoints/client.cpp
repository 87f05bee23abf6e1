// The client's half of the opening: connect (see connect.h), ask, and check the answer.
//
//     caller's thread    check arguments | connect | request | response | start the thread | return
//     client's thread                                                                      | open | data | data | close
//
// Up to the response everything runs on the caller's thread, so what fails there is thrown at the caller. After that
// there is nobody to throw at, and on_error is told.
#include "endpoints/client.h"

#include <stdexcept>
#include <utility>

#include "endpoints/response_body.h"
#include "framing/entropy.h"

namespace websock {
namespace {

// ---- The handshake ----

// All of it. Mostly one send() does; but an application's fields may be long, and the server may not read them.
// Throws std::system_error like read_response().
void send_request(Socket& socket, std::string_view head, Deadline deadline, const ConnectStop* stop) {
  ByteView left = bytes_of(head);
  for (;;) {
    // 1: send() takes a list of pieces. It returns how many bytes went out: 0 if there is no room.
    left = left.subspan(socket.send({&left, 1}));
    if (left.empty()) return;
    // Also when the socket has room: a server that reads slowly has no more time for it, and a system that is short of
    // buffers takes nothing though poll(2) says that it would.
    if (Clock::now() >= deadline) {
      throw std::system_error(std::make_error_code(std::errc::timed_out), "sending the request");
    }
    wait_to_write(socket.descriptor(), deadline, stop, "sending the request");
  }
}

// The head of the server's answer, up to the empty line. What came behind it, frames perhaps, stays in `received`.
// Throws HandshakeError for what is no HTTP, and std::system_error for a server that is silent or lost.
Response read_response(Socket& socket, ReceiveBuffer& received, const HeadLimits& limits, Deadline deadline,
                       const ConnectStop* stop) {
  // It ends: find_response() throws once the heads pass max_head. That is less than the buffer holds, so there is
  // always room for the next piece.
  for (;;) {
    // The deadline, and not the whole limit each time: what is left of it shrinks with every piece.
    wait_to_read(socket.descriptor(), deadline, stop, "waiting for the server's response");
    // 0: it must not wait here, where no stop could wake it. poll(2) has done the waiting.
    const std::optional<std::size_t> count = socket.receive(received.make_room(), Milliseconds(0));
    if (!count) continue;  // poll(2) may have been wrong
    if (*count == 0) {
      // 0: there is no response, and so no status.
      throw HandshakeError({.status = 0}, "the server ended the connection before its response was complete");
    }
    received.add(*count);
    std::optional<ServerResponse> found = find_response(text_of(received.unread()), limits);
    // Looked for from the front after each piece; see find_head() on why that is cheap enough.
    if (!found) continue;
    received.unread() = received.unread().subspan(found->size);
    // A part of a local variable: without std::move it would be copied.
    return std::move(found->response);
  }
}

// What the request's Host header says.
std::string host_of(const Uri& uri, const ClientOptions& options) {
  return options.host.empty() ? host_field(uri) : options.host;
}

// What came behind the response is left in `received`.
Opened shake_hands(Socket socket, ReceiveBuffer& received, const Uri& uri, const ClientOptions& options) {
  // 4.1, item 7: fresh for each connection, so that no cache on the way can have the answer.
  std::array<std::uint8_t, 16> nonce{};
  fill_random(nonce);
  const std::string key = make_key(nonce);
  // It serves twice: to ask, and below to check that the server has chosen among what was offered.
  const ClientOffer offer{options.subprotocols, options.headers, options.extensions};
  Request request = make_request(host_of(uri, options), uri.resource, key, offer);

  // One deadline for the request and the whole response: a server that drips a byte now and then has no more time for
  // it.
  const Deadline deadline = deadline_after(limit_of(options.handshake_timeout));
  send_request(socket, serialize_head(request), deadline, options.stop);
  Response response = read_response(socket, received, head_limits(options.limits), deadline, options.stop);
  // Behind a 101 there are frames. Any other response is a refusal, which check_response() throws: as a whole.
  if (response.status != 101) response.body = receive_body(socket, received, response, deadline, options.stop);
  ServerHandshake server = check_response(response, key, offer);
  return {std::move(socket), std::move(request), std::move(server.subprotocol), std::move(server.extensions),
          std::move(response)};
}

// The application's own way to the server. Somebody else may have opened that descriptor, so it is made like ours.
Dialled open_socket(const Uri& uri, Deadline deadline, const ClientOptions& options) {
  // The host's name stands for the address, which we cannot know here: 4.1, item 2, takes each name for another host.
  Turn turn(uri.host + ":" + std::to_string(uri.port), deadline, options.stop);
  Socket socket = options.open_socket(uri, deadline);
  // A default-made Socket holds -1. Said here in words: the next system call would only say "bad file descriptor".
  if (!socket.is_open()) throw std::runtime_error("open_socket has returned no socket");
  socket.configure();
  return {std::move(turn), std::move(socket)};
}

// The whole opening. The turn in `dialled` ends with this function: by then the state is CONNECTING no longer.
Opened open(const Uri& uri, ReceiveBuffer& received, const ClientOptions& options) {
  // For the look-up, the turns and TCP. The handshake has a time of its own, which begins when it does.
  const Deadline deadline = deadline_after(limit_of(options.connect_timeout));
  Dialled dialled = options.open_socket ? open_socket(uri, deadline, options)
                                        : dial(uri.host, uri.port, deadline, resolve, options.stop);
  return shake_hands(std::move(dialled.socket), received, uri, options);
}

// ---- The life ----

// One outbox thread does for all clients of a process, as it does for all of a server's. It is there as long as one of
// them is.
std::shared_ptr<OutboxThread> outbox_thread_of_all() {
  // A function's own statics: they are made at the first call, whatever order the files' globals are made in.
  static std::mutex mutex;
  // weak_ptr: the last client to go ends the thread, and a program between two clients has none.
  static std::weak_ptr<OutboxThread> existing;
  // From the look to the making: of two first clients on two threads, one makes the thread, and the other finds it.
  const std::lock_guard lock(mutex);
  std::shared_ptr<OutboxThread> thread = existing.lock();
  if (!thread) existing = thread = std::make_shared<OutboxThread>();
  return thread;
}

// What makes this the client's end of a connection. See Manners, in connection.h.
Manners manners_of(const ClientOptions& options) {
  // Twice: so a server that reads nothing has been given up before a send stops waiting for it, and the send says so.
  const Milliseconds stall = options.limits.outbox_stall;
  return {.role = Role::client,
          .ends_tcp_first = false,  // 7.1.1: a client waits for the server to do it
          .send_patience = limit_of(twice(stall)),
          .max_inbox = options.on_data_receive ? 0 : limit_of(options.max_inbox)};  // 0: a callback takes the messages
}

// All that the client's thread needs. It is the thread's own, so that a WebSocketClient may be moved, or be gone.
struct Life {
  std::shared_ptr<OutboxThread> outbox_thread;  // before the connection, which must not outlive it
  Client connection;
  ReceiveBuffer received;
  Callbacks callbacks;

  // All that the client's thread does. Nothing in it throws.
  void run() {
    ConnectionThread thread(*connection, std::move(received));
    // It calls finish(), whatever happens. `thread` is still there for the farewell: a callback that asks then is told
    // by its own thread that all is over.
    converse(thread, connection, callbacks);
    say_goodbye(connection, callbacks);
  }
};

}  // namespace

// What can be wrong with the arguments is found before anybody is called; then the server decides; the thread comes
// last, when there is a connection for it to live in.
WebSocketClient::WebSocketClient(std::string_view url, const ClientOptions& options) {
  const Uri uri = parse_uri(url);
  if (uri.secure && !options.open_socket) {
    throw std::invalid_argument(
        "wss:// needs TLS, which websock does not have: connect to a TLS proxy such as stunnel with ws://");
  }
  if (!options.host.empty() && !parse_authority(options.host)) throw std::invalid_argument("host is no host name");
  // Elsewhere 0 means "no limit". But the destructor waits for this one.
  if (options.limits.close_timeout <= Milliseconds(0)) throw std::invalid_argument("close_timeout must be positive");
  const ClientOffer offer{options.subprotocols, options.headers, options.extensions};
  // Made for its exceptions, and thrown away. The key is made later, and cannot be wrong.
  serialize_head(make_request(host_of(uri, options), uri.resource, "", offer));  // throws before we connect

  auto life = std::make_shared<Life>();  // std::function's way of moving: a thread's function is copied
  life->outbox_thread = outbox_thread_of_all();
  life->callbacks = {options.on_data_receive, options.on_connection_open, options.on_error, options.on_connection_close,
                     options.on_pong};
  // What arrives behind the response goes right into the life's buffer. It may be the server's first frame.
  Opened opened = open(uri, life->received, options);
  life->connection = connection_ =
      std::make_shared<Connection>(manners_of(options), std::move(opened), options.limits, *life->outbox_thread);
  close_timeout_ = options.limits.close_timeout;
  // The thread lets go of its life when run() has returned, and not when the library gets round to destroying the
  // function.
  // If there is no thread to be had, this throws, and the socket goes with the last handle. The server sees an end of
  // TCP without a Close.
  thread_ = std::thread([life]() mutable { std::exchange(life, nullptr)->run(); });
}

// A farewell, and an end to the thread, which must not outlive what the callbacks refer to.
WebSocketClient::~WebSocketClient() {
  if (!thread_.joinable()) return;  // moved from
  try {
    close(CloseCode::going_away);
  } catch (const std::exception&) {
    // No memory for the Close. The thread ends with its peer.
  }
  if (thread_.get_id() == std::this_thread::get_id()) {
    thread_.detach();  // a callback destroys its own client: its thread cannot wait for itself
  } else {
    thread_.join();
  }
}

// A swap: what this one had ends with the other. The two threads do not notice, since they work on their Lives and
// never on these objects.
WebSocketClient& WebSocketClient::operator=(WebSocketClient&& other) noexcept {
  std::swap(connection_, other.connection_);
  std::swap(close_timeout_, other.close_timeout_);
  std::swap(thread_, other.thread_);
  return *this;
}

// What is left behind by a move has no connection, and nothing useful to say: a mistake of the program's.
Connection& WebSocketClient::ours() const {
  if (!connection_) throw std::logic_error("this WebSocketClient has been moved from");
  return *connection_;
}

// Returns when TCP has ended, or its time is over: the peer may be silent, and a callback of ours may be stuck.
void WebSocketClient::close(CloseCode code, std::string_view reason) {
  // Throws if there is none.
  ours();
  const Client connection = connection_;  // a move of this object, on another thread, is not our business then
  // False if it is closing already, and that does not matter: there still is an end to wait for.
  connection->close(code, reason);
  // On its own thread, in a callback, there is nothing to wait for: it goes on when the callback returns.
  if (ConnectionThread::of(*connection) != nullptr) return;
  // The close above gives a peer with bytes still queued one outbox_stall on top. Our caller waits, and was promised
  // close_timeout.
  ConnectionThread::end_by(*connection, deadline_after(close_timeout_));
  // Twice the time: once for TCP to end, once for a callback that is still running.
  ConnectionThread::wait_until_over(*connection, deadline_after(twice(close_timeout_)));
}

}  // namespace websock
