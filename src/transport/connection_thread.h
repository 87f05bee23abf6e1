// What drives a connection: the thread that receives, and at the end closes. Every connection has one, at either end;
// all other threads may send. No application sees this.
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <vector>

#include "connection.h"
#include "receive_buffer.h"

namespace websock {

// A message as frames that were made once for many connections.
struct SharedFrames {
  std::shared_ptr<const Buffer> bytes;
  bool is_encoded = false;  // by encode_for_all() of an extension
};

// Makes the thread that creates it the connection's own, for as long as it lives: on that thread's stack, in the
// function that serves the connection. What it holds is that thread's alone, and needs no lock.
//
//     ConnectionThread thread(*connection, std::move(received));
//     while (const std::optional<Message> message = thread.next_message(kNever)) ...
//     thread.finish();
class ConnectionThread {
 public:
  // `received`: what came behind the opening handshake.
  ConnectionThread(Connection& connection, ReceiveBuffer received);
  ConnectionThread(const ConnectionThread&) = delete;
  ConnectionThread& operator=(const ConnectionThread&) = delete;
  ~ConnectionThread();  // REQUIRES: finish() was called; it is the last one that this thread has created

  // The next message, as a view that lasts until the next call. Nothing: the deadline has passed, or has_ended().
  // May wait longer than that for what this thread has queued for its own peer. Throws std::bad_alloc: then abandon().
  std::optional<Message> next_message(Deadline deadline);
  bool has_ended() const { return ended_; }

  // Called by next_message(), and so by receive(), when the Pong to our latest Ping has come, be it the application's
  // or the one (without a payload) after a silence: with the time since that Ping was sent or queued. Empty: nobody
  // wants to know. Must not throw.
  std::function<void(std::chrono::microseconds round_trip)> on_pong;

  // Waits until fewer than max_inbox bytes are there, and puts a message where receive() finds it: so one of any size
  // finds room. Without an inbox, and after close() or terminate(), it is dropped; after a break it is kept.
  void keep(const Message& message);
  static std::size_t size_in_inbox(const OwnedMessage& message) { return sizeof message + message.payload.size(); }

  // Ends it here and now, for a reason that has nothing to do with the peer: without a Close, and TCP as close(2) would
  // end it, without a reset of our own. Does not throw: this is what one does when there is no memory.
  void abandon(ErrorKind kind, const char* why) noexcept;

  // The end of TCP, as polite as can be (7.1.1), and of the descriptor. A second time it does nothing. Does not throw.
  // REQUIRES: has_ended().
  void finish();

  // What went wrong, if anything did; null: nothing. It does not change after finish().
  const Fault* fault() const { return connection_.fault_ ? &*connection_.fault_ : nullptr; }

  // ---- For Connection: what its senders have to know of the thread they run on ----

  static ConnectionThread* innermost() { return innermost_; }                // null: this thread is nobody's own
  static ConnectionThread* of(const Connection& connection);                 // null: it is not this connection's
  bool is_holding_back() const { return holding_; }                          // a further message is ready
  void owe(Client connection) { owed_.push_back(std::move(connection)); }    // something is held back there
  void pay_debts();                                                          // sends it; none until the next message
  void note_own_bytes(std::uint64_t position) { own_position_ = position; }  // what this thread queued ends there
  bool has_delivered(ByteView bytes) const { return !bytes.empty() && bytes.data() == delivered_; }

  // ---- For a server and a client, on any thread: what they do to a connection, and no application may ----

  // A broadcast is encoded once for all connections whose sharing() is the same; see MessageEncoder.
  static std::string_view sharing(const Connection& connection) { return connection.encoder_.sharing(); }
  static std::optional<MessageEncoder::Shared> encode_for_all(const Connection& connection, ByteView payload) {
    return connection.encoder_.encode_for_all(payload);
  }
  static bool send_shared(Connection& connection, const SharedFrames& frames);
  // close(), for a body that has been checked.
  static bool close(Connection& connection, const CloseBody& body) { return connection.start_close(body); }
  // TCP ends by then, whatever the peer does.
  static void end_by(Connection& connection, Deadline deadline);
  // Waits until its thread has finished, or until the deadline.
  static void wait_until_over(Connection& connection, Deadline deadline);

 private:
  void handle(const Event& event);
  void note_pong(ByteView payload);
  bool wait_for_bytes(Deadline deadline);
  bool wait_for_own_bytes();
  Milliseconds patience(Deadline deadline) const;
  void note_message_deadline();
  void nothing_came(Milliseconds waited);
  void ask_for_a_sign();
  void fail(CloseCode code, ErrorKind kind, const char* why);
  void end_politely();
  void set_fault(ErrorKind kind, const char* why) noexcept;

  static constinit thread_local ConnectionThread* innermost_;
  ConnectionThread* const outer_ = innermost_;  // serve_once may be called on another connection's own thread

  Connection& connection_;
  ReceiveBuffer received_;
  bool ended_ = false;  // nothing more will be read
  bool lost_ = false;   // and the peer is not there to be told
  bool awaiting_pong_ = false;
  Deadline silent_since_ = kNever;      // the beginning of the first receive that brought nothing; kNever: none did
  Deadline message_deadline_ = kNever;  // for the message that has begun
  const std::uint8_t* delivered_ = nullptr;  // where the message is that was handed out last
  std::uint64_t own_position_ = 0;  // where in the outbox the last bytes queued by this thread end; 0: none are
  bool holding_ = false;
  std::vector<Client> owed_;
};

}  // namespace websock
