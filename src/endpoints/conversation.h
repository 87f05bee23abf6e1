// What the two endpoints have in common: the callbacks, and in which order a connection's own thread makes them.
#pragma once

#include <chrono>
#include <exception>
#include <functional>
#include <initializer_list>
#include <string>
#include <string_view>

#include "../transport/connection_thread.h"

namespace websock {

struct Error {
  ErrorKind kind = ErrorKind::system;
  std::string text = {};              // one sentence, with the peer's address if there is a peer
  Client client = {};                 // null if there is none, or none yet
  std::exception_ptr exception = {};  // what a callback threw
};

// All are optional. They run on the connection's own thread, one at a time; on_error may run on several threads at
// once. An exception that leaves one goes to on_error, and the connection is closed with 1011; one that leaves on_error
// is swallowed.
struct Callbacks {
  std::function<void(const Client&, const Message&)> on_data_receive = {};
  std::function<void(const Client&)> on_connection_open = {};
  std::function<void(const Error&)> on_error = {};
  std::function<void(const Client&)> on_connection_close = {};
  std::function<void(const Client&, std::chrono::microseconds round_trip)> on_pong = {};
};

// A connection's life, from the end of its opening handshake to the end of TCP: on_connection_open, each message, and
// what went wrong, if anything did. Without on_data_receive, messages wait for receive() if the connection has an
// inbox; else nobody wants them. Does not throw.
// REQUIRES: `thread` is the calling thread's, and `client`'s.
void converse(ConnectionThread& thread, const Client& client, const Callbacks& callbacks);

// on_connection_close, which is made once for every on_connection_open. Does not throw.
void say_goodbye(const Client& client, const Callbacks& callbacks);

// Tells on_error. `text` is put together here, where running out of memory harms nobody. Does not throw.
void report(const Callbacks& callbacks, Error error, std::initializer_list<std::string_view> text);

}  // namespace websock
