// One WebSocket connection, as an application holds it, at either end: a handle with which any thread may send, close
// and look. It does not know who dialled.
//
// What drives a connection, its own thread, stands in connection_thread.h.
#pragma once

#include <any>
#include <atomic>
#include <cstddef>
#include <deque>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "../handshake/http.h"
#include "../protocol/message_encoder.h"
#include "../protocol/protocol.h"
#include "outbox.h"
#include "resource_limits.h"
#include "socket.h"

namespace websock {

enum class ErrorKind {
  handshake,  // an opening handshake was refused
  protocol,   // Protocol has failed the connection: a rule was broken, max_message reached (1009), no memory (1011)
  limit,      // max_connections was reached, or an outbox given up: by any of its limits, or for want of memory
  timeout,    // one of the Limits on time, but for the outbox's
  callback,   // an exception left a callback of the application
  system,     // the operating system refused something
};
std::string to_string(ErrorKind kind);

// What went wrong on a connection, besides its end. Of several the last counts. That the peer has gone, with a reset or
// without, is none, and neither is what terminate() does.
struct Fault {
  ErrorKind kind = ErrorKind::system;
  std::string text = {};  // for a human: "1002 (protocol error): a reserved bit is set"
};

// What differs between the two ends of a connection. It is data, so that no code has to ask which end it is. The
// defaults are a server's.
struct Manners {
  Role role = Role::server;                      // a client masks (5.1)
  bool ends_tcp_first = true;                    // 7.1.1: the server does, and has the TIME_WAIT
  Milliseconds send_patience = Milliseconds(0);  // how long a send may wait for room in the outbox; 0: it never waits
  std::size_t max_inbox = 0;  // bytes of messages that wait for receive(); 0: they go to a callback instead
};

// What an opening handshake leaves behind.
struct Opened {
  Socket socket;
  Request request;
  std::optional<std::string> subprotocol = {};
  std::vector<AgreedExtension> extensions = {};
  Response response = {};  // a client's: what it was answered
};

class ConnectionThread;

// The code of that number. Throws std::invalid_argument if it is not among those that there may ever be, 1000 to 4999
// (7.4.2).
CloseCode close_code(int number);

class Connection : public std::enable_shared_from_this<Connection> {
 public:
  // For those who open connections: server_client.cpp and client.cpp. `outbox_thread` must outlive the connection's
  // ConnectionThread, without which nothing is received. The state is open at once.
  Connection(const Manners& manners, Opened opened, const Limits& limits, OutboxThread& outbox_thread);

  // ---- Sending: any thread, at any time, from inside any callback ----
  //
  // True: sent or queued, not: delivered. False: the connection is closing or closed, and nothing happened. They throw
  // std::invalid_argument, and send nothing, for what the protocol does not let through. At a server they never wait
  // for the peer. At a client a send waits while more than half of limits.max_outbox is queued, before its message and
  // behind it, each time for twice limits.outbox_stall at the most; if the connection breaks while it waits behind its
  // message, that is false, too. With extensions it waits for the sends before it until their frames are queued.

  bool send(std::string_view text);             // a text message (5.6); has to be UTF-8
  bool send(ByteView bytes);                    // a binary message
  bool send(std::span<const std::byte> bytes);  // the same, for bytes kept as std::byte
  bool send(const Message& message);            // a message that was received, as it was. REQUIRES: text is valid UTF-8
  bool ping(std::string_view payload = {});     // 5.5.2: at most 125 bytes, of any kind

  // Starts the closing handshake (7.1.2) and returns. From now on nothing can be sent, and what waits for receive() or
  // still arrives is discarded. The code has to be one that may travel, the reason UTF-8 of at most 123 bytes. Whatever
  // the peer does, TCP has ended after limits.close_timeout, or that and limits.outbox_stall if bytes are queued.
  bool close(CloseCode code = CloseCode::normal_closure, std::string_view reason = {});
  bool close(int code, std::string_view reason = {});  // the same, for codes of your own: 4000 to 4999 (7.4.2)

  // Ends it at once, for a peer that one has no more patience with. No Close is sent, what is queued is lost, and data
  // that has arrived is discarded. TCP ends, with a reset or, if nothing was under way, perhaps in good order, as soon
  // as a callback that is running has returned. close_info() then says 1006, unless the peer's Close had come before;
  // on_error hears nothing. It never waits, and does nothing if the connection is closed.
  void terminate();

  // Answers to messages that arrived together leave together: what a callback sends is held back, for a few
  // milliseconds at the most, while a further message is ready; never a ping() or a close(). flush() sends off now what
  // is held back on this connection, whoever held it.
  void flush();

  // ---- Receiving ----

  // The next message. Nothing: none came within `timeout`, or is_over(). At a client without on_data_receive, any
  // thread may call it, several at once; its own, inside a callback, takes what waits there, and then reads itself.
  // Otherwise it is for callbacks, on the connection's own thread (std::logic_error on any other), and inside
  // on_data_receive it ends the life of the message that was passed in.
  std::optional<OwnedMessage> receive(Milliseconds timeout = kForever);

  // Whether receive() will never bring a message again. Any thread. So it is when nothing waits there, and close() or
  // terminate() was called or the connection has ended: its own thread knows the end at once, others know that of TCP.
  bool is_over() const;

  // Waits until everything sent so far has been handed to the system: for a callback that sends more than an outbox
  // should hold. False: the connection is broken. At a server for its own thread only (std::logic_error).
  bool drain();

  // ---- Looking: any thread ----

  State state() const;
  CloseInfo close_info() const;
  std::optional<Fault> fault() const;                  // what went wrong, if anything has; final when closed
  const Request& request() const { return request_; }  // of the opening handshake
  // The 101 that the server has answered, with its fields, such as Set-Cookie. At a server it is empty: what goes into
  // that is said by on_handshake.
  const Response& response() const { return response_; }
  std::string_view path() const { return path_of(request_.target); }
  std::string_view query() const { return query_of(request_.target); }
  const std::optional<std::string>& subprotocol() const { return subprotocol_; }
  const std::string& peer_address() const { return peer_address_; }  // "127.0.0.1:54321"

  // How many bytes of frames were sent, but not yet handed to the system, since the peer reads too slowly: what a
  // page's bufferedAmount is; and those held back. 0 once the connection is broken or closed.
  std::size_t queued_bytes() const;

  // ---- The application's own ----

  // Anything: `client->data = Player{...}`, and later `std::any_cast<Player&>(client->data)`. The library never looks
  // at it. A client's callbacks run one at a time, so what only they touch needs no lock; other threads need one.
  std::any data;

 private:
  friend class ConnectionThread;

  // Our latest Ping, until its Pong has come.
  struct Asked {
    std::string payload;
    Clock::time_point when;  // it was sent, or queued
  };

  // Messages that wait for receive().
  struct Inbox {
    std::deque<OwnedMessage> messages;
    std::size_t bytes = 0;
  };

  // Any thread. Takes the outbox's mutex for `step`. If memory runs out in the middle of a frame, that cannot be made
  // good: what follows would be taken for the frame's rest. So this connection ends, but whoever sends to it, another
  // client's thread perhaps, goes on.
  using Lock = std::unique_lock<std::mutex>;
  template <class Step>
  bool write_step(Step step) {
    Lock lock(outbox_->mutex);
    try {
      return step(lock);
    } catch (const std::bad_alloc&) {
      outbox_->abort("no memory");
      return false;
    }
  }

  // Any thread. With extensions, encoding_ is held from a message's encoding until its frames are in the outbox.
  using Turn = std::unique_lock<std::mutex>;
  Turn turn_to_encode() { return encoder_.is_empty() ? Turn() : Turn(encoding_); }
  Message encode(const Message& message);
  void release_encoder();  // not while somebody has the turn: it does not wait

  // Any thread; the outbox's mutex is held.
  bool may_send(Lock& lock);
  void wait_for_room(Lock& lock);
  bool hold_or_send(ByteView rest);
  bool send_tail(ByteView rest);

  bool start_close(const CloseBody& body);
  void want_no_data();
  std::optional<OwnedMessage> take_from_inbox(Deadline deadline);
  std::optional<OwnedMessage> first_in_inbox();

  const Manners manners_;
  const Limits limits_;
  const Request request_;
  const std::optional<std::string> subprotocol_;
  const Response response_;
  const std::string peer_address_;
  Socket socket_;  // received from by the own thread, sent to by the outbox

  // Encoding a message changes what the next one may refer to, so messages go out in the order in which they were
  // encoded. It may take its time, so it is not done under the outbox's mutex, which is taken after this one and never
  // before it: Pongs and Closes need not wait for it.
  std::mutex encoding_;
  MessageEncoder encoder_;

  // Its mutex guards everything below, but for the reading half of protocol_, which is the own thread's.
  const std::shared_ptr<Outbox> outbox_;
  Protocol protocol_;
  const ConnectionThread* held_by_ = nullptr;  // the last to owe something here; only ever compared
  std::unique_ptr<Inbox> inbox_;               // null: messages go to a callback
  std::optional<Asked> asked_;
  std::optional<Fault> fault_;
  bool terminated_ = false;  // by terminate(): the reset is no fault
  bool over_ = false;        // the own thread has finished

  std::atomic<bool> data_unwanted_ = false;  // since close() or terminate(); the own thread asks without the lock
};

// How an application gets hold of a connection. It may be kept for as long as one likes.
using Client = std::shared_ptr<Connection>;

}  // namespace websock
