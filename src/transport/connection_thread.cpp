// What the connection's own thread does: it receives, and at the end it closes.
//
// A connection ends in one of four ways, and each wants something else done to TCP (7.1):
//
//     the closing handshake is over    send what is queued, end our side, discard until the peer ends its own
//     we failed the connection         the same, so that our Close arrives: a socket that is closed while unread bytes
//                                      lie in it sends a reset, and a Close that is still on its way is lost
//     the peer is gone                 nothing: there is nobody to be polite to
//     we aborted                       a reset, which the outbox has prepared
//
// The server ends its side first, and the client waits for that (7.1.1), so that TIME_WAIT stays with the server.
#include <algorithm>
#include <stdexcept>
#include <utility>

#include "transport/connection.h"

namespace websock {

void Connection::belong_to_this_thread() { own_thread_ = std::this_thread::get_id(); }

std::optional<OwnedMessage> Connection::receive(Milliseconds timeout) {
  std::unique_lock<std::recursive_mutex> reading;
  if (is_client()) {
    reading = std::unique_lock(reading_);
  } else if (!is_own_thread()) {
    throw std::logic_error("receive() belongs to the connection's own thread");
  }
  const std::optional<Message> message = next_message(deadline_after(timeout));
  if (!message && is_client() && ended_) finish();  // at a server, the thread's own loop will
  if (!message) return std::nullopt;
  return OwnedMessage(*message);
}

void Connection::abandon(Fault fault) {
  ended_ = lost_ = true;
  fault_ = std::move(fault);
}

bool Connection::drain() {
  if (is_client()) return push_until_empty();
  if (!is_own_thread()) throw std::logic_error("drain() belongs to the connection's own thread");
  pay_debts();
  std::unique_lock lock(outbox_->mutex);
  return outbox_->wait_until_departed(lock, outbox_->queued());
}

std::optional<Message> Connection::next_message(Deadline deadline) {
  while (!ended_) {
    if (own_position_ != 0 && !wait_for_own_bytes()) return std::nullopt;  // the last message may be among them
    delivered_ = nullptr;  // its memory may be given up from here on, and become somebody else's
    const Event* event = protocol_.next_event(received_.unread());
    if (event && !protocol_.inside_message()) message_deadline_ = kNever;  // what follows has its own
    if (!event) {
      if (!wait_for_bytes(deadline)) return std::nullopt;
    } else if (event->type != EventType::message) {
      handle(*event);
    } else if (!close_sent_) {  // after that we want no more data
      if (!is_client()) held_back().holding = protocol_.message_waits(received_.unread());
      delivered_ = event->payload.data();
      return Message{event->opcode, event->payload};
    }
  }
  return std::nullopt;
}

void Connection::handle(const Event& event) {
  if (event.type == EventType::failed) {
    fault_ = {ErrorKind::protocol, to_string(*event.close.code) + ": " + event.close.reason};
  }
  ended_ = event.type == EventType::close || event.type == EventType::failed;
  const std::lock_guard lock(outbox_->mutex);
  const bool nothing_held = held_.empty();
  protocol_.respond(event, held_);
  if (!held_.empty()) hold_or_write(nothing_held, {});
}

// ---- Waiting ----

// False: the deadline has passed, or the connection has ended.
bool Connection::wait_for_bytes(Deadline deadline) {
  if (!wait_for_own_bytes()) return false;
  note_message_deadline();
  if (ended_) return false;
  try {
    const Milliseconds timeout = patience(deadline);
    const std::optional<std::size_t> count = receive_bytes(timeout);
    if (!count) {
      nothing_came(timeout);
      return !ended_ && Clock::now() < deadline;
    }
    received_.add(*count);
    awaiting_pong_ = false;
    quiet_ = Milliseconds(0);
    ended_ = lost_ = *count == 0;
  } catch (const std::system_error& error) {
    ended_ = lost_ = true;
    if (!is_disconnect(error)) fault_ = {ErrorKind::system, error.what()};
  }
  return !ended_;
}

// A peer that floods us and reads nothing has to wait for itself: before we read more, what we sent in answer has to
// have left. Only what *this* thread queued counts, or somebody's broadcast could keep us from ever reading again.
bool Connection::wait_for_own_bytes() {
  pay_debts();  // others do not have to wait with us
  if (!is_client() && own_position_ == 0) return true;
  std::unique_lock lock(outbox_->mutex);
  if (is_client()) {
    ended_ = lost_ = Clock::now() >= outbox_->end_deadline();  // no OutboxThread looks after it
  } else {
    outbox_->wait_until_departed(lock, std::exchange(own_position_, 0));
    ended_ = lost_ = !outbox_->why_aborted().empty();
  }
  return !ended_;
}

std::optional<std::size_t> Connection::receive_bytes(Milliseconds timeout) {
  const std::span<std::uint8_t> room = received_.make_room();
  if (!read_ahead_.empty()) {
    const std::size_t count = std::min(room.size(), read_ahead_.size());
    const auto taken = read_ahead_.begin() + static_cast<std::ptrdiff_t>(count);
    std::copy(read_ahead_.begin(), taken, room.begin());
    read_ahead_.erase(read_ahead_.begin(), taken);
    return count;
  }
  if (is_client() && !push_until_readable(timeout)) return std::nullopt;
  return socket_.receive(room, timeout);
}

// A client's Pongs may be waiting to be sent while it waits to receive.
bool Connection::push_until_readable(Milliseconds timeout) {
  const Deadline deadline = deadline_after(timeout);
  for (;;) {
    {
      const std::lock_guard lock(outbox_->mutex);
      outbox_->push();
      if (outbox_->is_empty()) return true;
    }
    pollfd ready{socket_.descriptor(), POLLIN | POLLOUT, 0};
    if (!wait_for({&ready, 1}, deadline)) return false;
    if ((ready.revents & ~POLLOUT) != 0) return true;
  }
}

// How long a receive may wait. In the steady state this is always the same, and costs no system call.
Milliseconds Connection::patience(Deadline deadline) const {
  const Milliseconds silence = limit_of(awaiting_pong_ ? limits_.pong_timeout : limits_.ping_interval);
  const Milliseconds left = std::min({silence, time_left(deadline), time_left(message_deadline_)});
  if (!is_client()) return left;
  const std::lock_guard lock(outbox_->mutex);
  return std::min(left, time_left(outbox_->end_deadline()));
}

void Connection::note_message_deadline() {
  if (limits_.message_timeout == Milliseconds(0)) return;
  const bool inside = protocol_.inside_message() || !received_.unread().empty();
  if (!inside) {
    message_deadline_ = kNever;
  } else if (message_deadline_ == kNever) {
    message_deadline_ = deadline_after(limits_.message_timeout);
  } else if (time_left(message_deadline_) == Milliseconds(0)) {
    fail(CloseCode::policy_violation, {ErrorKind::timeout, "a message took too long to arrive"});
  }
}

// A receive has timed out. If that is because the peer was silent for so long: ask whether it is still there, once, and
// give up when that gets no answer. Bytes that we could not send excuse the peer: our Ping may be stuck behind them.
void Connection::nothing_came(Milliseconds waited) {
  quiet_ += waited;
  const std::lock_guard lock(outbox_->mutex);
  if (awaiting_pong_) {
    if (quiet_ < limit_of(limits_.pong_timeout) || !outbox_->is_empty()) return;
    ended_ = lost_ = true;
    fault_ = {ErrorKind::timeout, "the peer did not answer a Ping"};
    socket_.reset_on_close();
    return;
  }
  if (quiet_ < limit_of(limits_.ping_interval)) return;
  protocol_.release_memory();
  if (!protocol_.send_ping({}, held_)) return;  // we have sent a Close; its deadline is the outbox's business
  const std::uint64_t before = own_position_;
  write({});
  own_position_ = before;  // we go on reading, though the Ping may wait
  awaiting_pong_ = true;
  quiet_ = Milliseconds(0);
}

void Connection::pay_debts() {
  HeldBack& mine = held_back();
  mine.holding = false;
  for (const std::shared_ptr<Connection>& connection : mine.owed) connection->flush();
  mine.owed.clear();
}

// ---- The end ----

void Connection::fail(CloseCode code, Fault fault) {
  ended_ = true;
  const std::lock_guard lock(outbox_->mutex);
  protocol_.send_close({code, fault.text}, held_);
  write({});
  fault_ = std::move(fault);
}

void Connection::finish() {
  if (!socket_.is_open()) return;
  pay_debts();
  if (!lost_) end_politely();
  {
    const std::lock_guard lock(outbox_->mutex);
    outbox_->leave();
    protocol_.transport_closed();
    Bytes().swap(held_);
    socket_.close();
  }
  protocol_.release_memory();
  received_.release();
  if (!outbox_->why_aborted().empty()) fault_ = {ErrorKind::limit, outbox_->why_aborted()};
}

void Connection::end_politely() {
  const bool sent = is_client() ? push_until_empty() : drain();
  if (!sent) return;
  const bool failed = fault_.has_value();
  if (!is_client() || failed) socket_.shut_down_sending();
  received_.unread() = {};
  socket_.discard_until_end(received_.make_room(), deadline_after(limits_.close_timeout));
}

}  // namespace websock
