// What any thread may do: send.
//
// One mutex, the outbox's, makes of each send one step: look at the state, encode the frame, hand it to the socket. So
// frames never mix, and none follows a Close. The lock is never held while anything waits.
//
// Held back. A peer that is quick sends many messages before we read once. Answered one by one, they would cost a
// system call each. So while the own thread has a further complete message at hand, whatever it sends, to this
// connection or any other, is only encoded and kept in that connection's held_. When it runs out of messages it pays
// its debts: one system call a connection. A send from another thread takes what is held along, so the order stays.
#include "transport/connection.h"

#include <stdexcept>

namespace websock {
namespace {

constexpr std::size_t kMaxHeld = 64 * 1024;  // bytes

}  // namespace

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
  return "";
}

Connection::Connection(Role role, Opened opened, const Limits& limits, OutboxThread* outbox_thread)
    : limits_(limits),
      request_(std::move(opened.request)),
      subprotocol_(std::move(opened.subprotocol)),
      peer_address_(opened.socket.peer_address()),
      socket_(std::move(opened.socket)),
      outbox_thread_(outbox_thread),
      outbox_(std::make_shared<Outbox>(socket_, limits, outbox_thread)),
      protocol_(role, {.max_message = limit_of(limits.max_message), .max_frame_payload = limits.max_frame_payload}),
      received_(std::move(opened.received)) {
  protocol_.handshake_completed();
}

// ---- Sending ----

// What memory runs out for in the middle of a frame cannot be made good: what follows would be taken for the frame's
// rest. So this connection ends, but whoever sends to it, another client's thread perhaps, goes on.
template <class Step>
bool Connection::write_step(Step step) {
  const std::lock_guard lock(outbox_->mutex);
  try {
    return !outbox_->is_broken() && step();
  } catch (const std::bad_alloc&) {
    outbox_->abort("no memory");
    return false;
  }
}

bool Connection::send(std::string_view text) {
  if (!is_valid_utf8(text)) throw std::invalid_argument("a text message is not UTF-8");
  return send(Message{Opcode::text, bytes_of(text)});
}

bool Connection::send(ByteView bytes) { return send(Message{Opcode::binary, bytes}); }

bool Connection::send(const Message& message) {
  const bool sent = write_step([&] {
    const bool nothing_held = held_.empty();
    ByteView rest;
    return protocol_.send_message(message, held_, &rest) && hold_or_write(nothing_held, rest);
  });
  return sent && push_until_empty();
}

bool Connection::send_encoded(const std::shared_ptr<const Bytes>& frames) {
  return write_step([&] {
    if (protocol_.state() != State::open) return false;
    const bool nothing_held = held_.empty();
    if (nothing_held && !may_hold(frames->size())) {
      const bool sent = outbox_->write_shared(frames);
      note_own_position();
      return sent;
    }
    held_.insert(held_.end(), frames->begin(), frames->end());
    return hold_or_write(nothing_held, {});
  });
}

bool Connection::ping(std::string_view payload) {
  if (payload.size() > kMaxControlPayload) throw std::invalid_argument("a ping is longer than 125 bytes");
  const bool sent = write_step([&] { return protocol_.send_ping(bytes_of(payload), held_) && write({}); });
  return sent && push_until_empty();
}

bool Connection::close(CloseCode code, std::string_view reason) {
  const CloseBody body{code, std::string(reason)};
  check_close_body(body);
  return close(body);
}

bool Connection::close(const CloseBody& body) {
  const bool sent = write_step([&] {
    if (!protocol_.send_close(body, held_)) return false;
    close_sent_ = true;
    if (!write({})) return false;
    outbox_->end_after(limits_.close_timeout);
    return true;
  });
  return sent && push_until_empty();
}

void Connection::flush() {
  write_step([&] { return held_.empty() || write({}); });
  push_until_empty();
}

// ---- Looking ----

State Connection::state() const {
  const std::lock_guard lock(outbox_->mutex);
  return protocol_.state();
}

CloseInfo Connection::close_info() const {
  const std::lock_guard lock(outbox_->mutex);
  return protocol_.close_info();
}

void Connection::end_at(Deadline deadline) {
  write_step([&] {
    outbox_->end_at(deadline);
    return true;
  });
}

// ---- Under the lock ----

Connection::HeldBack& Connection::held_back() {
  thread_local HeldBack mine;
  return mine;
}

bool Connection::may_hold(std::size_t more) const {
  return !is_client() && held_back().holding && held_.size() + more <= kMaxHeld;
}

bool Connection::hold_or_write(bool nothing_held, ByteView rest) {
  if (!rest.empty() || !may_hold(0)) return write(rest);
  // Every thread that adds to held_ owes it, or one that takes its time would hold back what others sent.
  if (nothing_held || held_by_ != std::this_thread::get_id()) {
    held_by_ = std::this_thread::get_id();
    held_back().owed.push_back(shared_from_this());
  }
  return true;
}

bool Connection::write(ByteView rest) {
  // A message that goes back as it came is not copied: it stays where it is until this thread goes on to the next, and
  // before that the thread waits for its own bytes.
  const bool stays = is_own_thread() && rest.data() == delivered_;
  const bool sent = outbox_->write(held_, rest, stays);
  held_.clear();
  if (held_.capacity() > kMaxHeld) Bytes().swap(held_);
  note_own_position();
  return sent;
}

void Connection::note_own_position() {
  if (is_own_thread() && !outbox_->is_empty()) own_position_ = outbox_->queued();
}

// ---- A client's ----

// There is no OutboxThread here, so whoever sends waits until its bytes have gone. Meanwhile it reads: if the other end
// did the same without reading, both would wait for ever.
bool Connection::push_until_empty() {
  if (!is_client()) return true;
  for (;;) {
    Deadline stalls_at = kNever;
    pollfd ready{};
    {
      const std::lock_guard lock(outbox_->mutex);
      outbox_->push();
      if (outbox_->is_broken()) return false;
      if (outbox_->is_empty()) return true;
      stalls_at = outbox_->next_deadline();
      ready = {socket_.descriptor(), POLLOUT, 0};
    }
    const std::unique_lock reading(reading_, std::try_to_lock);  // if it is not ours, another thread reads
    const bool reads = reading.owns_lock() && !read_ahead_ended_ && read_ahead_.size() < limit_of(limits_.max_outbox);
    if (reads) ready.events |= POLLIN;
    if (!wait_for({&ready, 1}, stalls_at)) {
      const std::lock_guard lock(outbox_->mutex);
      outbox_->push_or_abort();
    } else if ((ready.revents & POLLIN) != 0 && reads) {
      read_ahead();
    }
  }
}

void Connection::read_ahead() {
  const std::size_t held = read_ahead_.size();
  read_ahead_.resize(held + ReceiveBuffer::kSize);
  std::size_t count = 0;
  try {
    count = socket_.receive(std::span(read_ahead_).subspan(held), Milliseconds(0)).value_or(0);
  } catch (const std::system_error&) {
    // Receiving will meet the same error again, in its turn.
  }
  read_ahead_ended_ = count == 0;
  read_ahead_.resize(held + count);
}

}  // namespace websock
