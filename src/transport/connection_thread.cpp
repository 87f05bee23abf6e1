// The life of a connection, seen from its own thread:
//
//     pay debts | wait for own bytes | receive | unmask, check, assemble | callback: send, send ...| pay debts | ...
//
// Most of what it waits for has a deadline, and most deadlines are far away: so the common path never looks at a clock,
// and each receive waits for the same time as the one before. How it all ends stands in connection_end.cpp.
#include "transport/connection_thread.h"

#include <utility>

namespace websock {

// One for each thread. constinit: nothing has to run before its first use, so to look at it is a plain read.
constinit thread_local ConnectionThread* ConnectionThread::innermost_ = nullptr;

// From here on sends on this thread know whose it is.
ConnectionThread::ConnectionThread(Connection& connection, ReceiveBuffer received)
    : connection_(connection), received_(std::move(received)) {
  // outer_ has kept the one before: members are initialised before this line runs.
  innermost_ = this;
}

ConnectionThread::~ConnectionThread() { innermost_ = outer_; }

// Is the calling thread this connection's own? Mostly the innermost is asked for, or none.
ConnectionThread* ConnectionThread::of(const Connection& connection) {
  ConnectionThread* thread = innermost_;
  while (thread != nullptr && &thread->connection_ != &connection) thread = thread->outer_;
  return thread;
}

// ---- Receiving ----

// The loop of a life: ask the protocol; without an event, get bytes; with one, deal with it, or hand it out.
std::optional<Message> ConnectionThread::next_message(Deadline deadline) {
  Protocol& protocol = connection_.protocol_;
  while (!ended_) {
    // The last message may be among what this thread has queued, and its memory is about to be used again.
    if (own_position_ != 0 && !wait_for_own_bytes()) return std::nullopt;
    // From here on the last message is gone: a send of the same address would be of other bytes.
    delivered_ = nullptr;
    // No lock: the reading half of the protocol is this thread's alone. What it has understood it takes off the front.
    const Event* event = protocol.next_event(received_.unread());
    if (event && !protocol.inside_message()) message_deadline_ = kNever;  // what follows has its own
    if (!event) {
      if (!wait_for_bytes(deadline)) return std::nullopt;
    } else if (event->type != EventType::message) {
      handle(*event);
    } else if (!connection_.data_unwanted_) {  // after that we want no more data
      // Is there another one right behind it? Then its answer and this one's may leave together.
      holding_ = protocol.message_waits(received_.unread());
      delivered_ = event->payload.data();
      return Message{event->opcode, event->payload};
    }
  }
  return std::nullopt;
}

// A Ping, a Pong, the peer's Close, or a broken rule: whatever the RFC wants to be said to that is said.
void ConnectionThread::handle(const Event& event) {
  if (event.type == EventType::failed) {
    const std::lock_guard lock(connection_.outbox_->mutex);
    // *: a failed event always has a code.
    connection_.fault_ = {ErrorKind::protocol, to_string(*event.close.code) + ": " + event.close.reason};
  }
  // Before the step below, which may fail for want of memory: either event is the last, answered or not.
  ended_ = event.type == EventType::close || event.type == EventType::failed;
  connection_.write_step([&](Connection::Lock&) {
    Bytes& tail = connection_.outbox_->tail();
    const std::size_t before = tail.size();
    // Even where nothing can be sent any more: it notes the peer's Close.
    connection_.protocol_.respond(event, tail);
    if (tail.empty() || connection_.hold_or_send({})) return true;
    // Broken. A Pong that did not leave is nobody's loss, unlike a message or a Close: see Outbox::leave().
    if (event.type == EventType::ping) tail.resize(before);
    return false;
  });
  if (event.type == EventType::pong) note_pong(event.payload);
}

// 5.5.3: a Pong has the payload of its Ping, and of several Pings the peer may answer the latest only. So that one is
// all we remember, and it is taken out: a second Pong of that payload finds nothing. The callback runs without the
// lock.
void ConnectionThread::note_pong(ByteView payload) {
  std::optional<Connection::Asked> asked;
  {
    const std::lock_guard lock(connection_.outbox_->mutex);
    if (!connection_.asked_ || connection_.asked_->payload != text_of(payload)) return;
    asked.swap(connection_.asked_);
  }
  if (on_pong) on_pong(std::chrono::duration_cast<std::chrono::microseconds>(Clock::now() - asked->when));
}

// Instead of a callback. The copy is made before the lock is taken: it may be 16 MiB.
void ConnectionThread::keep(const Message& message) {
  if (!connection_.inbox_) return;
  OwnedMessage copy(message);
  const std::size_t size = size_in_inbox(copy);
  Connection::Inbox& inbox = *connection_.inbox_;
  Outbox& outbox = *connection_.outbox_;
  std::unique_lock lock(outbox.mutex);
  // As long as we wait here we do not read, and TCP tells the peer. Its Pings wait, too, in front of the full inbox.
  // There is no deadline: if nobody calls receive(), this lasts until close(), terminate(), or a limit of the outbox.
  outbox.changed.wait(lock, [&] {
    return inbox.bytes < connection_.manners_.max_inbox || connection_.data_unwanted_ || outbox.is_broken();
  });
  if (connection_.data_unwanted_) return;  // nobody wants it any more
  // A broken connection keeps it, too: it arrived before the break, and receive() hands out what came before the end.
  inbox.bytes += size;
  inbox.messages.push_back(std::move(copy));
  outbox.changed.notify_all();
}

// ---- Waiting ----

// False: the deadline has passed, or the connection has ended.
bool ConnectionThread::wait_for_bytes(Deadline deadline) {
  // Once more: what handle() has answered since the last message may have been held back, or queued.
  if (!wait_for_own_bytes()) return false;
  note_message_deadline();
  if (ended_) return false;  // the message took too long, and the line above has failed the connection
  try {
    const Milliseconds timeout = patience(deadline);
    // Without a lock: only this thread receives. make_room() may throw bad_alloc, which is no system_error: converse()
    // catches it, and abandons the connection.
    const std::optional<std::size_t> count = connection_.socket_.receive(received_.make_room(), timeout);
    if (!count) {
      nothing_came(timeout);
      // True means "try again": it was the silence that ended the wait, or a message's time, and not the caller's
      // deadline.
      return !ended_ && Clock::now() < deadline;
    }
    received_.add(*count);
    awaiting_pong_ = false;  // any byte is a sign of life
    silent_since_ = kNever;
    // The end of the stream, without a Close before it: there is nobody to be told, and the connection ends with 1006.
    ended_ = lost_ = *count == 0;
  } catch (const std::system_error& error) {
    ended_ = lost_ = true;
    // A reset is an ordinary end. Clients go like that all day, and it is no news for on_error.
    if (!is_disconnect(error)) set_fault(ErrorKind::system, error.what());
  }
  return !ended_;
}

// A peer that floods us and reads nothing has to wait for itself: before we read more, what we sent in answer has to
// have left. Only what *this* thread queued counts, or another thread's broadcasts could keep us from ever reading
// again.
bool ConnectionThread::wait_for_own_bytes() {
  pay_debts();  // others do not have to wait with us
  if (own_position_ == 0) return true;
  std::unique_lock lock(connection_.outbox_->mutex);
  // No deadline of its own: outbox_stall ends it, or end_by(). The result is ignored, since why it broke is asked
  // below.
  connection_.outbox_->wait_until_departed(lock, std::exchange(own_position_, 0));
  // Broken by us: there is nothing to read any more. Broken by the peer: what it has sent before is still to be read.
  ended_ = lost_ = connection_.outbox_->why_aborted() != nullptr;
  return !ended_;
}

// How long a receive may wait. In the steady state this is always the same, and costs no system call.
Milliseconds ConnectionThread::patience(Deadline deadline) const {
  const Limits& limits = connection_.limits_;
  // Two limits on silence, one after the other: until we ask, and then until we give up.
  Milliseconds silence = limit_of(awaiting_pong_ ? limits.pong_timeout : limits.ping_interval);
  // Silence has begun: only what is left of it. Otherwise the whole of it, and no look at a clock.
  if (silent_since_ != kNever && silence != kForever) silence = time_left(silent_since_ + silence);
  return std::min({silence, time_left(deadline), time_left(message_deadline_)});
}

// Runs before each receive. A message has begun if any byte of it is here, an unfinished header included.
void ConnectionThread::note_message_deadline() {
  if (connection_.limits_.message_timeout == Milliseconds(0)) return;
  // The protocol does not know of a header that is not complete: those bytes are still in our buffer.
  const bool inside = connection_.protocol_.inside_message() || !received_.unread().empty();
  if (!inside) {
    message_deadline_ = kNever;
  } else if (message_deadline_ == kNever) {
    message_deadline_ = deadline_after(connection_.limits_.message_timeout);
  } else if (time_left(message_deadline_) == Milliseconds(0)) {
    // Looked at before each receive only, so a peer that sends nothing more is found because patience() ends that
    // receive.
    fail(CloseCode::policy_violation, ErrorKind::timeout, "a message took too long to arrive");
  }
}

// A receive has timed out. Silence is what the clock says since the first one that did, whatever this thread did
// meanwhile: so a callback that polls with a timeout of 0 has Pings sent, too, and in the steady state no thread looks
// at a clock.
void ConnectionThread::nothing_came(Milliseconds waited) {
  const Deadline now = Clock::now();
  // It began when that receive did. Not at the last byte: while a callback ran nobody was listening.
  if (silent_since_ == kNever) silent_since_ = now - waited;
  // In milliseconds before it is compared: "never" in those is more than nanoseconds can say.
  const auto silence = std::chrono::duration_cast<Milliseconds>(now - silent_since_);
  if (!awaiting_pong_ && silence >= limit_of(connection_.limits_.ping_interval)) {
    // The second limit begins here: pong_timeout counts from the Ping, not from the peer's last byte.
    silent_since_ = now;
    ask_for_a_sign();
  } else if (awaiting_pong_ && silence >= limit_of(connection_.limits_.pong_timeout)) {
    // Before the question below: if it says "not yet", the peer has a whole pong_timeout again.
    silent_since_ = now;
    {
      const std::lock_guard lock(connection_.outbox_->mutex);
      if (!connection_.outbox_->is_empty()) return;  // our Ping may be stuck behind what it does not read
    }
    // With a reset: after a plain close() the kernel would go on sending what is left to nobody, for a quarter of an
    // hour.
    abandon(ErrorKind::timeout, "the peer did not answer a Ping");
    connection_.socket_.reset_on_close();
  }
}

// Is the peer still there? Once; and it is a good time to give memory back.
void ConnectionThread::ask_for_a_sign() {
  // A peer that has been silent for so long may stay so. All this comes back with its next message, for an allocation
  // each.
  connection_.protocol_.release_memory();
  connection_.release_encoder();
  if (received_.unread().empty()) received_.release();
  awaiting_pong_ = connection_.write_step([&](Connection::Lock&) {
    Outbox& outbox = *connection_.outbox_;
    outbox.release_memory();
    // Past send_tail(): though the Ping may have to wait, we go on reading. False once we have sent a Close, whose
    // deadline is the outbox's business.
    if (!connection_.protocol_.send_ping({}, outbox.tail())) return false;
    // It takes the place of the application's own Ping, should that still be unanswered: of several, the last one
    // counts.
    connection_.asked_ = Connection::Asked{{}, Clock::now()};
    return outbox.send();
  });
}

// Sends off whatever this thread has held back, to whomever. Called before anything is waited for.
void ConnectionThread::pay_debts() {
  // Nothing is held back from here on: this thread is about to wait, and could not send it.
  holding_ = false;
  for (const Client& connection : owed_) {
    // The result is ignored: one that is broken is its own thread's business.
    connection->write_step([&](Connection::Lock&) {
      connection->held_by_ = nullptr;  // what is held back after this is a new debt
      return connection->outbox_->tail().empty() || connection->send_tail({});
    });
  }
  // Without any lock: one of these handles may be the last, and the connection is destroyed here.
  owed_.clear();
}

}  // namespace websock
