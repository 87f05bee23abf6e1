// What any thread may do: send.
//
// One mutex, the outbox's, makes of each send one step: look at the state, encode the frame, hand it to the socket. So
// frames never mix, and none follows a Close. The lock is never held while anything waits for the peer; a thread waits
// on the outbox's condition variable, which lets go of the lock.
//
// Held back. A peer that is quick sends many messages before we read once. Answered one by one, they would cost a
// system call each. So while the own thread has a further complete message at hand, whatever it sends, to this
// connection or any other, is only encoded, at the end of that connection's outbox. When it runs out of messages it
// pays its debts: one system call a connection. A send from another thread takes what is held along, so the order
// stays.
#include "transport/connection.h"

#include <stdexcept>

#include "transport/connection_thread.h"

namespace websock {

// As logs and on_error print it.
std::string to_string(ErrorKind kind) {
  switch (kind) {
    case ErrorKind::handshake:
      return "handshake";
    case ErrorKind::protocol:
      return "protocol";
    case ErrorKind::limit:
      return "limit";
    case ErrorKind::timeout:
      return "timeout";
    case ErrorKind::callback:
      return "callback";
    case ErrorKind::system:
      return "system";
  }
  // No `default` above, so the compiler warns if a kind is added and not named here. This is for a number that is none
  // of them.
  return "";
}

// Takes over what the handshake has left. The state is open from here on; reading begins with a ConnectionThread.
Connection::Connection(const Manners& manners, Opened opened, const Limits& limits, OutboxThread& outbox_thread)
    : manners_(manners),
      limits_(limits),
      request_(std::move(opened.request)),
      subprotocol_(std::move(opened.subprotocol)),
      response_(std::move(opened.response)),
      // Members are made in the order in which the class declares them, so the address is asked for before the socket
      // moves.
      peer_address_(opened.socket.peer_address()),
      socket_(std::move(opened.socket)),
      encoder_(opened.extensions),
      // Shared with the outbox thread, whose round may still hold it for a moment after the connection has gone.
      outbox_(std::make_shared<Outbox>(socket_, limits, outbox_thread)),
      protocol_(manners.role, {.max_message = limit_of(limits.max_message),
                               .max_frame_payload = limits.max_frame_payload,
                               .extensions = std::move(opened.extensions)}),
      inbox_(manners.max_inbox > 0 ? std::make_unique<Inbox>() : nullptr) {
  // No lock: nobody else has this object yet.
  protocol_.handshake_completed();
}

// ---- Sending ----

// The text is checked here and not by the peer, who would have to fail the connection for it (8.1). Without any lock:
// it may be long, and nobody else has to wait for it to be read.
bool Connection::send(std::string_view text) {
  if (!is_valid_utf8(text)) throw std::invalid_argument("a text message is not UTF-8");
  return send(Message{Opcode::text, bytes_of(text)});
}

bool Connection::send(ByteView bytes) { return send(Message{Opcode::binary, bytes}); }

// std::byte is unsigned char under another name: the language lets one be looked at as the other.
bool Connection::send(std::span<const std::byte> bytes) {
  return send(ByteView(reinterpret_cast<const std::uint8_t*>(bytes.data()), bytes.size()));
}

// The one way for data to go out. The state is looked at and the frame encoded in the same step, so that no frame can
// follow a Close (5.5.1).
bool Connection::send(const Message& message) {
  // Before the outbox's lock, never under it: an extension may take its time. Without extensions it is no lock at all.
  Turn turn = turn_to_encode();
  const Message encoded = encode(message);
  return write_step([&](Lock& lock) {
    ByteView rest;  // a long payload that need not be copied, behind the frames in the tail
    // If it is not sent, the encoder has taken in a message that the peer never sees. No harm: none follows it.
    if (!may_send(lock) || !protocol_.send_message(encoded, outbox_->tail(), &rest) || !hold_or_send(rest))
      return false;
    // Its frames are in their place: the next message may be encoded while we wait.
    if (turn) turn.unlock();
    // Once more, behind the message: a client that says its last word and ends has at most half an outbox to get rid of
    // in the time that the end is given.
    wait_for_room(lock);
    // It may have broken while we waited. Then the message is lost, and the caller should know.
    return !outbox_->is_broken();
  });
}

// Whether the application may send one more frame. At a client this waits for room first: so of several threads that
// send, none finds the limit reached, which would reset the connection. Each looks again when it has the lock.
bool Connection::may_send(Lock& lock) {
  // The protocol knows nothing of sockets: its state stays open until the own thread has seen the end.
  const auto is_open = [&] { return !outbox_->is_broken() && protocol_.state() == State::open; };
  if (!is_open()) return false;
  wait_for_room(lock);
  // Asked again: it may have ended while we waited.
  return is_open() && outbox_->may_queue();
}

// At a client: until half of the outbox is free, or its patience is over.
void Connection::wait_for_room(Lock& lock) {
  // A server's threads do not wait, and an empty outbox is the usual case.
  if (manners_.send_patience == Milliseconds(0) || outbox_->is_empty()) return;
  outbox_->wait_until_below(lock, limit_of(limits_.max_outbox) / 2, deadline_after(manners_.send_patience));
}

// What extensions make of a message. Nothing is encoded for a connection that is over: that would only take memory
// again. An extension that runs out of memory may have taken in half a message, which the peer will not see: then this
// connection ends, and the message goes nowhere.
// REQUIRES: it is our turn.
Message Connection::encode(const Message& message) {
  if (encoder_.is_empty()) return message;
  {
    const std::lock_guard lock(outbox_->mutex);
    // As it came: the caller's next step, may_send(), refuses it anyhow.
    if (outbox_->is_broken() || protocol_.state() != State::open) return message;
  }
  try {
    // No lock but our turn: Pongs and Closes of this connection go out meanwhile.
    return encoder_.encode(message);
  } catch (const std::bad_alloc&) {
    const std::lock_guard lock(outbox_->mutex);
    outbox_->abort("no memory");
    return message;
  }
}

// By the own thread. What another thread is encoding with just now is not taken away from it; its next message would
// take the memory anew.
void Connection::release_encoder() {
  const Turn turn(encoding_, std::try_to_lock);
  if (turn) encoder_.release_memory();
}

// Never held back: a sign of life is wanted now.
bool Connection::ping(std::string_view payload) {
  if (payload.size() > kMaxControlPayload) throw std::invalid_argument("a ping is longer than 125 bytes");
  return write_step([&](Lock& lock) {
    if (!may_send(lock) || !protocol_.send_ping(bytes_of(payload), outbox_->tail())) return false;
    // Under the same lock as the Ping: its Pong, on the own thread, cannot be judged before this is noted.
    asked_ = Asked{std::string(payload), Clock::now()};
    return send_tail({});
  });
}

// For applications, whose codes and reasons have to be checked.
bool Connection::close(CloseCode code, std::string_view reason) {
  const CloseBody body{code, std::string(reason)};
  // Before the lock, and before a byte is encoded: what is thrown here has changed nothing.
  check_close_body(body);
  return start_close(body);
}

// REQUIRES: check_close_body(body) does not throw.
bool Connection::start_close(const CloseBody& body) {
  return write_step([&](Lock&) {
    // Past may_send(): a Close goes out though the outbox is full, and waits for no room in it.
    if (outbox_->is_broken() || !protocol_.send_close(body, outbox_->tail())) return false;
    want_no_data();
    const bool sent = send_tail({});
    // From here on the peer has its time, and it does not matter whether the own thread is there to notice: it may sit
    // in a callback, or wait for room in the inbox.
    outbox_->end_after(limits_.close_timeout);
    return sent;
  });
}

// If nothing is held back, there is no reason for a system call.
void Connection::flush() {
  // No result: on a broken connection there is nothing left to send off.
  write_step([&](Lock&) { return outbox_->tail().empty() || send_tail({}); });
}

// Under the lock: what was encoded is sent, or kept for a moment.
bool Connection::hold_or_send(ByteView rest) {
  ConnectionThread* const thread = ConnectionThread::innermost();
  // Held back only if this thread has another message at hand, and so will be here again at once. Never with a `rest`:
  // those bytes are the caller's, who may reuse them as soon as we return.
  // 0: the frame is in the tail already, and counts there.
  const bool holds = thread != nullptr && thread->is_holding_back() && rest.empty() && outbox_->may_hold(0);
  if (!holds) return send_tail(rest);
  // Each thread that adds to it owes it, or one that takes its time would hold back what others sent. It owes it once
  // until it pays, even if the outbox thread or somebody else's send was quicker: in a flood that never ends, the list
  // of debts would grow without an end, too.
  if (held_by_ != thread) {
    thread->owe(shared_from_this());
    held_by_ = thread;
  }
  outbox_->hold();
  return true;
}

// Under the lock.
bool Connection::send_tail(ByteView rest) {
  ConnectionThread* const own = ConnectionThread::of(*this);
  // A message that goes back as it came is not copied: it stays where it is until this thread goes on to the next, and
  // before that the thread waits for its own bytes.
  const bool stays = own != nullptr && own->has_delivered(rest);
  const bool sent = outbox_->send(rest, stays ? Outbox::Rest::stays : Outbox::Rest::copied);
  // A position, for this thread to wait for before it reads on: what it queued for its own peer ends there.
  if (own != nullptr && !outbox_->is_empty()) own->note_own_bytes(outbox_->queued());
  return sent;
}

// Positions, not emptiness: what others go on to send is not waited for.
bool Connection::drain() {
  ConnectionThread* const own = ConnectionThread::of(*this);
  // A server's other threads must never wait for one client. A client's may: they have no other to hold up.
  if (own == nullptr && manners_.send_patience == Milliseconds(0)) {
    throw std::logic_error("drain() belongs to the connection's own thread");
  }
  if (own != nullptr) own->pay_debts();  // others need not wait with us
  flush();
  std::unique_lock lock(outbox_->mutex);
  // What another thread queued between flush() and this lock is waited for as well. That is a little more, but it ends.
  return outbox_->wait_until_departed(lock, outbox_->queued());
}

// ---- Receiving ----

// Whose thread is this? Its own reads; any other has to find something in the inbox.
std::optional<OwnedMessage> Connection::receive(Milliseconds timeout) {
  const Deadline deadline = deadline_after(timeout);
  ConnectionThread* const own = ConnectionThread::of(*this);
  if (own == nullptr && inbox_) return take_from_inbox(deadline);
  if (own == nullptr) throw std::logic_error("receive() belongs to the connection's own thread");
  // A client's own thread, in a callback. What waits in the inbox came first. If nothing does, nobody else will put
  // anything there: so this thread reads, here, inside the callback.
  if (inbox_) {
    const std::lock_guard lock(outbox_->mutex);
    if (!inbox_->messages.empty()) return first_in_inbox();
  }
  const std::optional<Message> message = own->next_message(deadline);
  if (!message) return std::nullopt;
  // A copy, since the view lasts only until the next receive().
  return OwnedMessage(*message);
}

// Waits for a message, for the end, or for the deadline. After the end, what came before it is still handed out.
std::optional<OwnedMessage> Connection::take_from_inbox(Deadline deadline) {
  const Client alive = shared_from_this();  // this thread may be the last to hold the connection
  std::unique_lock lock(outbox_->mutex);
  const auto is_decided = [&] { return over_ || data_unwanted_ || !inbox_->messages.empty(); };
  // A case of its own: wait_until() may convert the clock's last point into other units, and overflow.
  if (deadline == kNever) {
    outbox_->changed.wait(lock, is_decided);
  } else {
    outbox_->changed.wait_until(lock, deadline, is_decided);
  }
  // In one step with the look above: of several threads that wait here, each message goes to one.
  return first_in_inbox();
}

// Under the lock.
std::optional<OwnedMessage> Connection::first_in_inbox() {
  if (inbox_->messages.empty()) return std::nullopt;
  OwnedMessage message = std::move(inbox_->messages.front());
  inbox_->messages.pop_front();
  inbox_->bytes -= ConnectionThread::size_in_inbox(message);
  outbox_->changed.notify_all();  // the own thread may have waited for this room
  return message;
}

// Whether receive() can still bring anything. The connection's own thread knows that first.
bool Connection::is_over() const {
  const ConnectionThread* const own = ConnectionThread::of(*this);
  // Before over_ is set, which is finish()'s business: a callback that has read to the end asks here. No lock: the flag
  // is this thread's own.
  const bool has_ended = own != nullptr && own->has_ended();
  const std::lock_guard lock(outbox_->mutex);
  return (has_ended || over_ || data_unwanted_) && (!inbox_ || inbox_->messages.empty());
}

// ---- Looking ----

// The writing half of the protocol is under the lock, and so is what it says of itself.
State Connection::state() const {
  const std::lock_guard lock(outbox_->mutex);
  return protocol_.state();
}

// A copy: it goes on changing until TCP has ended.
CloseInfo Connection::close_info() const {
  const std::lock_guard lock(outbox_->mutex);
  return protocol_.close_info();
}

// Of frames, headers and all: those in the queue, and those that are held back.
std::size_t Connection::queued_bytes() const {
  const std::lock_guard lock(outbox_->mutex);
  if (outbox_->is_broken()) return 0;  // nothing of it will ever leave
  return static_cast<std::size_t>(outbox_->queued() - outbox_->departed()) + outbox_->tail().size();
}

// A copy, for the same reason.
std::optional<Fault> Connection::fault() const {
  const std::lock_guard lock(outbox_->mutex);
  return fault_;
}

}  // namespace websock
