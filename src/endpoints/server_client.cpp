// One client of a server, from its first byte to its last, on its own thread. Read serve_client() first: it is the life
// of a connection in six lines.
//
//     open        the request is read; then turn_away(), or admit(): the 101 and a place among the clients()
//     enter       makes up for a close_server() that came meanwhile
//     converse    the callbacks, until TCP has ended
//     leave       out of the clients(), and on_connection_close
#include <array>

#include "endpoints/server.h"

namespace websock {

// Whether it became a WebSocket.
bool WebSocketServer::serve_client(Socket socket) {
  // Out here, and not in open(): frames that came with the request stay in it for the connection.
  ReceiveBuffer received;
  const Client client = open(std::move(socket), received);
  if (!client) return false;
  // Here, and not in open(): the object makes this thread the connection's own for as long as it lives.
  ConnectionThread thread(*client, std::move(received));
  // It is in clients() since admit(), so what the server is told from now on reaches it; what it was told before,
  // enter() makes up for.
  enter(client);
  converse(thread, client, callbacks_);
  leave(client);
  return true;
}

// ---- The opening handshake ----

// Null: it was refused, answered as plain HTTP, or has gone away. What came behind the request is left in `received`.
Client WebSocketServer::open(Socket socket, ReceiveBuffer& received) {
  std::string peer;  // for the errors: later there may be none to ask
  // Nothing may leave this: on a client's thread there is nobody below to catch it, and the process would end.
  try {
    peer = socket.peer_address();
    std::optional<Opening> opening = read_request(socket, received);
    if (!opening) return nullptr;
    if (!opening->accepted) {
      // Plain HTTP is answered without a fault, and is no news.
      if (!opening->fault.empty()) report(callbacks_, {ErrorKind::handshake}, {peer, ": ", opening->fault});
      turn_away(socket, opening->response);
      return nullptr;
    }
    // A client may send its first frame with the request, without waiting for the 101. Those bytes are here already.
    received.unread() = received.unread().subspan(opening->consumed);
    return admit(std::move(socket), *opening);
  } catch (const std::system_error& error) {
    // A client that goes in the middle of its handshake is no news either.
    if (!is_disconnect(error)) report(callbacks_, {ErrorKind::system}, {peer, ": ", error.what()});
  } catch (const std::exception& error) {
    report(callbacks_, {ErrorKind::system}, {peer, ": ", error.what()});
  }
  return nullptr;
}

// The 101. Throws if it cannot be sent: then there is no client.
Client WebSocketServer::admit(Socket socket, Opening& opening) {
  // The 101 and the entry into the list are one step for send_all(). Were they two, a client could see its 101, tell
  // somebody about it, and miss what that one makes us send to all.
  const std::lock_guard lock(mutex_);
  // Clock::now(): it may not wait here. It need not, since a fresh connection's send buffer is empty.
  if (!socket.send_all(bytes_of(opening.response), Clock::now())) {
    throw std::runtime_error("the answer to the opening handshake is larger than the socket's buffer");
  }
  Opened opened{std::move(socket), std::move(opening.request), std::move(opening.subprotocol),
                std::move(opening.extensions)};
  // Manners{}: a server's, which are the defaults. If memory runs out from here on, the client has its 101 and then
  // sees TCP end.
  auto client = std::make_shared<Connection>(Manners{}, std::move(opened), options_.limits, outbox_thread_);
  farewell_list_.reserve(clients_.size() + 1);  // for close_server(), which must not fail
  // From here on a broadcast reaches it, even before on_connection_open has run.
  clients_.insert(client);
  return client;
}

// Nothing: the client was too slow, or has gone, or the server stops.
std::optional<Opening> WebSocketServer::read_request(Socket& socket, ReceiveBuffer& received) {
  const Deadline deadline = deadline_after(limit_of(options_.limits.handshake_timeout));
  // The buffer cannot fill up: a head that passes max_head, which is less than it holds, gets its 414 or 431.
  for (;;) {
    // Nobody ever empties the stop pipe: one byte in it wakes all that wait in such a line, now and later.
    std::array<pollfd, 2> events = {{{socket.descriptor(), POLLIN, 0}, {stop_pipe_.descriptor(), POLLIN, 0}}};
    if (!wait_for(events, deadline)) {
      report(callbacks_, {ErrorKind::timeout}, {socket.peer_address(), ": the opening handshake took too long"});
      turn_away(socket, refuse_unread(408, "The request took too long to arrive."));
      return std::nullopt;
    }
    // No answer: the client has not even asked yet, and sees the connection end.
    if (stopping_) return std::nullopt;
    // 0: the end of the stream; or nothing, though poll(2) said that there was something. Either way there is no
    // client.
    const std::size_t count = socket.receive(received.make_room(), Milliseconds(0)).value_or(0);
    if (count == 0) return std::nullopt;
    received.add(count);
    if (std::optional<Opening> opening = open_websocket(text_of(received.unread()), rules_)) return opening;
  }
}

// Sends the response and ends the connection so that it arrives: see connection_end.cpp on why not just to close.
void WebSocketServer::turn_away(Socket& socket, std::string_view response) {
  // One deadline for both halves: to send it, and to wait until the client hangs up.
  const Deadline deadline = deadline_after(options_.limits.close_timeout);
  try {
    if (!socket.send_all(bytes_of(response), deadline)) return;
  } catch (const std::exception&) {
    return;  // gone already; or there is no memory even to say so, which on a thread of refuse() nobody would catch
  }
  socket.shut_down_sending();
  // Small, and on the stack: a crowd of the refused must not cost memory.
  std::array<std::uint8_t, 1024> scratch{};
  socket.discard_until_end(scratch, deadline);
}

// ---- In and out ----

// It is one of the clients() now. If the server was told to stop meanwhile, close_server() may not have seen this one.
void WebSocketServer::enter(const Client& client) {
  std::unique_lock lock(mutex_);
  if (!stopping_) return;
  const CloseBody& body = stop_body_;  // which does not change any more
  const Deadline deadline = stop_deadline_;
  // Before the Close is sent, as close_server() does it: nothing is sent while our lock is held.
  lock.unlock();
  ConnectionThread::close(*client, body);
  ConnectionThread::end_by(*client, deadline);
}

// First out of the list, then the farewell: an application that tells all clients() of it does not tell this one.
void WebSocketServer::leave(const Client& client) {
  {
    const std::lock_guard lock(mutex_);
    clients_.erase(client);
  }
  say_goodbye(client, callbacks_);
}

}  // namespace websock
