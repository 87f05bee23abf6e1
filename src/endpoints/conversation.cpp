// What an application is told of a connection, and when:
//
//     converse       on_connection_open | on_data_receive, on_pong, ... | TCP ends | on_error, if something went wrong
//     say_goodbye    on_connection_close
//
// Nothing here may throw: it runs where there is nobody to catch, at the bottom of a thread's stack. So each callback
// is in a try of its own, and so is each text that is put together.
#include "endpoints/conversation.h"

namespace websock {
namespace {

// Deals with an exception that left a callback. After the close it closes nothing, and only reports.
// REQUIRES: an exception is being handled.
void callback_failed(const Client& client, const Callbacks& callbacks) {
  // Closed first, reported then: the report runs on_error, which may take its time or throw. The result does not
  // matter: a close that has begun already stands, with its own code.
  client->close(CloseCode::internal_error);
  // current_exception() here, where it is being handled: on_error may keep it, and rethrow it elsewhere. {}: an empty
  // text, so that the copies of this Error below need no memory.
  const Error error{ErrorKind::callback, {}, client, std::current_exception()};
  try {
    // Only to learn its type, which a catch (...) does not tell.
    throw;
  } catch (const std::exception& thrown) {
    report(callbacks, error, {client->peer_address(), ": a callback failed: ", thrown.what()});
  } catch (...) {
    report(callbacks, error, {client->peer_address(), ": a callback failed with something that is no std::exception"});
  }
}

}  // namespace

// One message, to the callback or to the inbox. What keep() throws is ours, and ends the connection; see converse().
// (Not among the nameless above: a user who stops in a callback has to find this frame by a name that can be typed.)
static void deliver(ConnectionThread& thread, const Client& client, const Message& message,
                    const Callbacks& callbacks) {
  // Outside of the try: what keep() throws is our own want of memory, and no callback's fault.
  if (!callbacks.on_data_receive) return thread.keep(message);
  try {
    callbacks.on_data_receive(client, message);
  } catch (...) {
    callback_failed(client, callbacks);
  }
}

// Tells how long the peer took to answer our latest Ping.
static void tell_pong(const Client& client, const Callbacks& callbacks, std::chrono::microseconds round_trip) {
  try {
    // We are inside next_message() here, which an exception must not leave half done.
    callbacks.on_pong(client, round_trip);
  } catch (...) {
    callback_failed(client, callbacks);
  }
}

// The whole life, in order. Exceptions of the application's are caught where they leave it, so what is caught here is
// ours.
void converse(ConnectionThread& thread, const Client& client, const Callbacks& callbacks) {
  if (callbacks.on_pong) {
    // By reference: both outlive the ConnectionThread, which is on our caller's stack.
    thread.on_pong = [&](std::chrono::microseconds round_trip) { tell_pong(client, callbacks, round_trip); };
  }
  try {
    // Before this thread has read a frame, so that no message can come first.
    if (callbacks.on_connection_open) callbacks.on_connection_open(client);
  } catch (...) {
    callback_failed(client, callbacks);
  }
  try {
    // After a callback that threw, too: the peer's answer to our Close is still to be read. kNever: what ends a wait is
    // the peer, or one of the Limits.
    while (const std::optional<Message> message = thread.next_message(kNever)) {
      deliver(thread, client, *message, callbacks);
    }
  } catch (const std::exception& error) {  // no memory, most likely; the application's are caught above, one by one
    thread.abandon(ErrorKind::system, error.what());
  }
  // Before the fault is read, and before on_connection_close: both tell of an end that has happened.
  thread.finish();
  // By reference, and so without a copy that might fail: it does not change any more.
  if (const Fault* fault = thread.fault()) {
    report(callbacks, {fault->kind, {}, client}, {client->peer_address(), ": ", fault->text});
  }
}

// The last callback of this client. The connection is closed: there is nothing left for an exception to end.
void say_goodbye(const Client& client, const Callbacks& callbacks) {
  try {
    if (callbacks.on_connection_close) callbacks.on_connection_close(client);
  } catch (...) {
    callback_failed(client, callbacks);
  }
}

// Puts a sentence together and tells it. Each of the two may fail, and neither may throw.
void report(const Callbacks& callbacks, Error error, std::initializer_list<std::string_view> text) {
  try {
    for (const std::string_view piece : text) error.text += piece;
  } catch (const std::bad_alloc&) {
    // Then in fewer words.
  }
  try {
    if (callbacks.on_error) callbacks.on_error(error);
  } catch (...) {
    // There is nobody left to tell.
  }
}

}  // namespace websock
