// One client of a server, from its first byte to its last, on its own thread. Read serve_client() first: it is the life
// of a connection in six lines.
#include <array>

#include "endpoints/server.h"

namespace websock {

// Whether it became a WebSocket.
bool WebSocketServer::serve_client(Socket socket) {
  const Client client = open(std::move(socket));
  if (!client) return false;
  converse(client);
  leave(client);
  return true;
}

// ---- The opening handshake ----

// Null: it was refused, answered as plain HTTP, or has gone away.
Client WebSocketServer::open(Socket socket) {
  std::string peer;
  try {
    peer = socket.peer_address();
    ReceiveBuffer received;
    std::optional<Opening> opening = read_request(socket, received);
    if (!opening) return nullptr;
    if (!opening->accepted) {
      if (!opening->fault.empty()) report({ErrorKind::handshake}, {peer, ": ", opening->fault});
      turn_away(socket, opening->response);
      return nullptr;
    }
    socket.send_all(bytes_of(opening->response), deadline_after(options_.limits.close_timeout));
    received.unread() = received.unread().subspan(opening->consumed);
    Opened opened{std::move(socket), std::move(received), std::move(opening->request), std::move(opening->subprotocol)};
    auto client = std::make_shared<Connection>(Role::server, std::move(opened), options_.limits, &outbox_thread_);
    enter(client);
    return client;
  } catch (const std::system_error& error) {
    if (!is_disconnect(error)) report({ErrorKind::system}, {peer, ": ", error.what()});
  } catch (const std::exception& error) {
    report({ErrorKind::system}, {peer, ": ", error.what()});
  }
  return nullptr;
}

// Nothing: the client was too slow, or has gone, or the server stops.
std::optional<Opening> WebSocketServer::read_request(Socket& socket, ReceiveBuffer& received) {
  const Deadline deadline = deadline_after(limit_of(options_.limits.handshake_timeout));
  for (;;) {
    std::array<pollfd, 2> events = {{{socket.descriptor(), POLLIN, 0}, {stop_pipe_.descriptor(), POLLIN, 0}}};
    if (!wait_for(events, deadline)) {
      report({ErrorKind::timeout}, {socket.peer_address(), ": the opening handshake took too long"});
      turn_away(socket, refuse_unread(408, "The request took too long to arrive."));
      return std::nullopt;
    }
    if (stopping_) return std::nullopt;
    const std::size_t count = socket.receive(received.make_room(), Milliseconds(0)).value_or(0);
    if (count == 0) return std::nullopt;
    received.add(count);
    if (std::optional<Opening> opening = open_websocket(text_of(received.unread()), rules_)) return opening;
  }
}

// Sends the response and ends the connection so that it arrives: see connection_thread.cpp on why not just to close.
void WebSocketServer::turn_away(Socket& socket, std::string_view response) {
  const Deadline deadline = deadline_after(options_.limits.close_timeout);
  try {
    if (!socket.send_all(bytes_of(response), deadline)) return;
  } catch (const std::system_error&) {
    return;  // gone already
  }
  socket.shut_down_sending();
  std::array<std::uint8_t, 1024> scratch{};
  socket.discard_until_end(scratch, deadline);
}

// ---- The conversation ----

// Either it throws, or the client has entered.
void WebSocketServer::enter(const Client& client) {
  client->belong_to_this_thread();
  std::unique_lock lock(mutex_);
  const CloseBody body = stop_body_;
  clients_.insert(client);
  if (!stopping_) return;
  lock.unlock();
  client->close(body);
  client->end_at(stop_deadline_);
}

void WebSocketServer::converse(const Client& client) {
  try {
    run_callbacks(client);
  } catch (const std::exception& error) {  // not the application's: those are caught one by one
    client->abandon({ErrorKind::system, error.what()});
  }
  client->finish();
  const std::optional<Fault>& fault = client->fault();
  if (fault) report({fault->kind, {}, client}, {client->peer_address(), ": ", fault->text});
}

void WebSocketServer::run_callbacks(const Client& client) {
  try {
    if (options_.on_connection_open) options_.on_connection_open(client);
  } catch (...) {
    callback_failed(client);
  }
  while (const std::optional<Message> message = client->next_message(kNever)) deliver(client, *message);
}

void WebSocketServer::deliver(const Client& client, const Message& message) {
  try {
    if (options_.on_data_receive) options_.on_data_receive(client, message);
  } catch (...) {
    callback_failed(client);
  }
}

void WebSocketServer::leave(const Client& client) {
  {
    const std::lock_guard lock(mutex_);
    clients_.erase(client);
  }
  try {
    if (options_.on_connection_close) options_.on_connection_close(client);
  } catch (...) {
    callback_failed(client);
  }
}

// REQUIRES: an exception is being handled. After the close it closes nothing, and only reports.
void WebSocketServer::callback_failed(const Client& client) {
  client->close(CloseCode::internal_error);
  const Error error{ErrorKind::callback, {}, client, std::current_exception()};
  try {
    throw;
  } catch (const std::exception& thrown) {
    report(error, {client->peer_address(), ": a callback failed: ", thrown.what()});
  } catch (...) {
    report(error, {client->peer_address(), ": a callback failed with something that is no std::exception"});
  }
}

// Does not throw: it is called where there is nobody to catch.
void WebSocketServer::report(Error error, std::initializer_list<std::string_view> text) const {
  try {
    for (const std::string_view piece : text) error.text += piece;
  } catch (const std::bad_alloc&) {
    // Then in fewer words.
  }
  try {
    if (options_.on_error) options_.on_error(error);
  } catch (...) {
    // There is nobody left to tell.
  }
}

}  // namespace websock
