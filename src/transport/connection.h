// One WebSocket connection, at either end: a socket, a Protocol and an Outbox, and the rules for using them from
// several threads. It does not know who dialled.
//
// Every connection has a thread of its own, the one that receives. All other threads may send.
#pragma once

#include <atomic>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

#include "../handshake/http.h"
#include "../protocol/protocol.h"
#include "outbox.h"
#include "receive_buffer.h"
#include "resource_limits.h"
#include "socket.h"

namespace websock {

enum class ErrorKind {
  handshake,  // an opening handshake was refused
  protocol,   // the peer broke a rule of the protocol
  limit,      // one of the Limits on sizes and numbers was reached
  timeout,    // one of the Limits on time
  callback,   // an exception left a callback of the application
  system,     // the operating system refused something
};
std::string to_string(ErrorKind kind);

// What went wrong on a connection, besides its end.
struct Fault {
  ErrorKind kind = ErrorKind::system;
  std::string text;
};

// What an opening handshake leaves behind.
struct Opened {
  Socket socket;
  ReceiveBuffer received;  // unread: what came behind the handshake
  Request request;
  std::optional<std::string> subprotocol;
};

class Connection : public std::enable_shared_from_this<Connection> {
 public:
  // ---- Sending: any thread, at any time, from inside any callback ----
  //
  // These never wait for the peer (at a server; a client's wait until the bytes have gone, see client.h). True: sent or
  // queued, not: delivered. False: the connection is closing or closed, and nothing happened. They throw
  // std::invalid_argument, and send nothing, for what the protocol does not let through.

  bool send(std::string_view text);          // a text message (5.6); has to be UTF-8
  bool send(ByteView bytes);                 // a binary message
  bool send(const Message& message);         // a message that was received, as it was. REQUIRES: text is valid UTF-8
  bool ping(std::string_view payload = {});  // 5.5.2: at most 125 bytes, of any kind

  // Starts the closing handshake (7.1.2) and returns. From now on nothing can be sent, and what still arrives is
  // discarded. The code has to be one that may travel, the reason UTF-8 of at most 123 bytes.
  bool close(CloseCode code = CloseCode::normal_closure, std::string_view reason = {});

  // Answers to messages that arrived together leave together: what a callback sends is held back while a further
  // message lies ready. A callback that is going to take its time sends it off with flush().
  void flush();

  // ---- Receiving: the connection's own thread ----
  //
  // Both throw std::logic_error on any other thread.

  // The next message. Nothing: none came within `timeout`, or the connection has ended. Inside on_data_receive it ends
  // the life of the message that was passed in.
  std::optional<OwnedMessage> receive(Milliseconds timeout = kForever);

  // Waits until everything sent so far has been handed to the system: for a callback that sends more than an outbox
  // should hold. False: the connection is broken.
  bool drain();

  // ---- Looking: any thread ----

  State state() const;
  CloseInfo close_info() const;
  const Request& request() const { return request_; }  // of the opening handshake
  std::string_view path() const { return path_of(request_.target); }
  std::string_view query() const { return query_of(request_.target); }
  const std::optional<std::string>& subprotocol() const { return subprotocol_; }
  const std::string& peer_address() const { return peer_address_; }  // "127.0.0.1:54321"

  // ---- For those who open and run connections: server.cpp and client.cpp ----

  // `outbox_thread` is null at a client. It must outlive finish().
  Connection(Role role, Opened opened, const Limits& limits, OutboxThread* outbox_thread);

  // Makes the calling thread the connection's own.
  void belong_to_this_thread();

  // The next message, as a view that lasts until the next call. Nothing: the deadline has passed, or has_ended().
  std::optional<Message> next_message(Deadline deadline);
  bool has_ended() const { return ended_; }

  // Ends it here and now, for a reason that has nothing to do with the peer.
  void abandon(Fault fault);

  // The end of TCP, as polite as can be (7.1.1), and of the descriptor.
  // REQUIRES: has_ended().
  void finish();

  // What went wrong, if anything did. After finish().
  const std::optional<Fault>& fault() const { return fault_; }

  // Frames that a server encoded once for many connections.
  bool send_encoded(const std::shared_ptr<const Bytes>& frames);

  // REQUIRES: check_close_body(body) does not throw.
  bool close(const CloseBody& body);

  // Ends the connection by then, whatever the peer does.
  void end_at(Deadline deadline);

 private:
  // What this thread holds back, and from whom.
  struct HeldBack {
    bool holding = false;
    std::vector<std::shared_ptr<Connection>> owed;
  };
  static HeldBack& held_back();

  // Any thread. Takes the outbox's mutex for `step`, unless the connection is broken.
  template <class Step>
  bool write_step(Step step);

  // Any thread; the outbox's mutex is held.
  bool may_hold(std::size_t more) const;
  bool hold_or_write(bool nothing_held, ByteView rest);
  bool write(ByteView rest);
  void note_own_position();

  // The connection's own thread.
  bool is_own_thread() const { return std::this_thread::get_id() == own_thread_; }
  void handle(const Event& event);
  bool wait_for_bytes(Deadline deadline);
  bool wait_for_own_bytes();
  std::optional<std::size_t> receive_bytes(Milliseconds timeout);
  Milliseconds patience(Deadline deadline) const;
  void note_message_deadline();
  void nothing_came(Milliseconds waited);
  void fail(CloseCode code, Fault fault);
  void end_politely();
  static void pay_debts();

  // A client's, which has no OutboxThread.
  bool is_client() const { return outbox_thread_ == nullptr; }
  bool push_until_empty();
  bool push_until_readable(Milliseconds timeout);
  void read_ahead();

  const Limits limits_;
  const Request request_;
  const std::optional<std::string> subprotocol_;
  const std::string peer_address_;
  Socket socket_;  // received from by the own thread, sent to by the outbox
  OutboxThread* const outbox_thread_;

  // Its mutex guards the writing half: the outbox, the writing half of protocol_, and the two below.
  const std::shared_ptr<Outbox> outbox_;
  Protocol protocol_;
  Bytes held_;               // frames that are held back
  std::thread::id held_by_;  // the last to add to them

  std::atomic<bool> close_sent_ = false;  // by close(); the own thread asks without the lock

  // The reading half: the own thread's.
  std::thread::id own_thread_;
  ReceiveBuffer received_;
  bool ended_ = false;  // nothing more will be read
  bool lost_ = false;   // and the peer is not there to be told
  bool awaiting_pong_ = false;
  Milliseconds quiet_ = Milliseconds(0);     // spent in receiving nothing, since the last byte or the last Ping
  const std::uint8_t* delivered_ = nullptr;  // where the message lies that was handed out last
  std::uint64_t own_position_ = 0;  // where in the outbox the last bytes queued by this thread end; 0: none are
  Deadline message_deadline_ = kNever;
  std::optional<Fault> fault_;

  // A client's thread that sends reads ahead while it waits, if no other thread is receiving.
  std::recursive_mutex reading_;  // guards the two below, and is held while receiving
  Bytes read_ahead_;
  bool read_ahead_ended_ = false;
};

// How the callbacks of a server get hold of a connection. It may be kept for as long as one likes.
using Client = std::shared_ptr<Connection>;

}  // namespace websock
