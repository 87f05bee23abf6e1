// A connection ends in one of four ways, and each wants something else done to TCP (7.1):
//
//     the closing handshake is over    send what is queued, end our side, discard until the peer ends its own
//     we failed the connection         the same, so that our Close arrives: a socket that is closed while unread bytes
//                                      wait in it sends a reset, and a Close that is still on its way is lost
//     the peer is gone                 nothing: there is nobody to be polite to
//     we aborted, or terminate()       a reset, which the outbox has prepared
//
// The server ends its side first, and the client waits for that (7.1.1), so that TIME_WAIT stays with the server.
#include <array>
#include <stdexcept>
#include <utility>

#include "transport/connection_thread.h"

namespace websock {

// Remembers what went wrong, for on_error and for fault(). The last one counts.
void ConnectionThread::set_fault(ErrorKind kind, const char* why) noexcept {
  const std::lock_guard lock(connection_.outbox_->mutex);
  // The kind first, since that takes no memory, and this may be the report that there is none.
  connection_.fault_ = {kind};
  try {
    connection_.fault_->text = why;
  } catch (const std::bad_alloc&) {
    // Then the kind has to do.
  }
}

// Lost: nothing will be read, and nobody is there to be told.
void ConnectionThread::abandon(ErrorKind kind, const char* why) noexcept {
  // No lock: the flags are this thread's own. The first ends next_message(), the second spares finish() the polite end.
  ended_ = lost_ = true;
  set_fault(kind, why);
}

// Ends it with a Close that says why, for a reason of ours and none of the protocol.
void ConnectionThread::fail(CloseCode code, ErrorKind kind, const char* why) {
  ended_ = true;
  set_fault(kind, why);
  connection_.write_step([&](Connection::Lock&) {
    // Past send_tail(), which would note how far this thread has to wait before it reads on: it reads no further
    // message. False, and no matter, if our Close had gone out before.
    return connection_.protocol_.send_close({code, why}, connection_.outbox_->tail()) && connection_.outbox_->send();
  });
}

// The one place where a connection ends. The order is that of who may still touch what: others owe nothing any more,
// then the peer is told, then the outbox thread lets go, and the descriptor comes last.
void ConnectionThread::finish() {
  // It has been here already: only this function closes the socket.
  if (!connection_.socket_.is_open()) return;
  // Answers to other clients, too, which this thread holds back: after this it has no occasion to send them.
  pay_debts();
  // Not for a peer that is gone, or that we have reset: nobody would read the Close, and we would wait for nothing.
  if (!lost_) end_politely();
  Outbox& outbox = *connection_.outbox_;
  // After this the outbox thread does not touch the socket, so the descriptor may be closed. leave() takes the lock
  // itself.
  const bool all_sent = outbox.leave();
  // An application may keep the handle for as long as it likes. An unfinished message need not stay in memory with it.
  connection_.protocol_.stop_reading();
  received_.release();
  const bool is_fault = outbox.why_aborted() != nullptr && !connection_.terminated_;
  // Without the lock: since leave() nobody changes it. It comes last, as the cause of what this thread noticed before.
  if (is_fault) set_fault(ErrorKind::limit, outbox.why_aborted());
  {
    const std::lock_guard lock(outbox.mutex);
    // One step under the lock: a thread that sees over_ sees the final state as well.
    connection_.protocol_.transport_closed(all_sent);
    connection_.socket_.close();
    connection_.over_ = true;
    outbox.changed.notify_all();
  }
  // Now that the state is closed, nobody encodes again. Somebody may be at it still, and is waited for: it does not
  // take long, and the handle may be kept for years.
  const Connection::Turn turn(connection_.encoding_);
  connection_.encoder_.release_memory();
}

// Two ends that both have bytes queued would wait for each other if each sent first and read then. So the OutboxThread
// sends what is left, ends our side behind it, and at the latest when the time has come all of TCP; and meanwhile we
// read and forget.
void ConnectionThread::end_politely() {
  Deadline deadline = kNever;
  const bool sends = connection_.write_step([&](Connection::Lock&) {
    Outbox& outbox = *connection_.outbox_;
    if (!outbox.send()) return false;  // what is held back, if anything
    // A client waits for the server to begin (7.1.1). Not after a fault: a server that broke a rule may not know that
    // it should.
    if (connection_.manners_.ends_tcp_first || connection_.fault_) outbox.end_sending();
    outbox.end_after(connection_.limits_.close_timeout);
    deadline = outbox.end_deadline();
    return true;
  });
  // Broken: there is nobody to hear the end.
  if (!sends) return;
  // What has arrived is not wanted any more. What still comes is read into a small block on the stack, and not into the
  // receive buffer: an echo that still waits in the outbox may lie there.
  received_.unread() = {};
  std::array<std::uint8_t, 4096> scratch{};
  connection_.socket_.discard_until_end(scratch, deadline);
  // A peer that has ended its side may read on all the same: what is queued still goes to it. This does not last longer
  // than the outbox's own deadline. What has not left by then is reset.
  std::unique_lock lock(connection_.outbox_->mutex);
  connection_.outbox_->wait_until_departed(lock, connection_.outbox_->queued());
}

// ---- Any thread ----

// The socket is shut down here, and so the own thread wakes up, wherever it waits, and closes the descriptor.
void Connection::terminate() {
  // The result is ignored: if it had ended already, the caller has what it wanted.
  write_step([&](Lock&) {
    if (over_) return false;
    want_no_data();
    if (outbox_->is_broken()) return false;  // a limit was first, and that is a fault
    terminated_ = true;
    // This also wakes whoever waits on the outbox's condition variable: receive(), keep(), a send, drain().
    outbox_->abort("terminated by the application");
    return true;
  });
}

// Under the lock. From here on the own thread hands out no message, and receive() finds none.
void Connection::want_no_data() {
  data_unwanted_ = true;
  if (inbox_) *inbox_ = {};
  // For receive(), which now finds that nothing will come, and for an own thread that waits for room in keep().
  outbox_->changed.notify_all();
}

// Anything else would be cut off to 16 bits, and 65536 + 1000 be taken for a 1000.
CloseCode close_code(int number) {
  if (number < 1000 || number > 4999) {
    throw std::invalid_argument("a close code is a number from 1000 to 4999, not " + std::to_string(number));
  }
  return static_cast<CloseCode>(number);
}

// The other close() knows whether a code of this number may travel.
bool Connection::close(int code, std::string_view reason) { return close(close_code(code), reason); }

// Under the lock, a broadcast is one more send. It is held back like any other, if it is small enough to be copied.
// Later messages may not refer to what encode_for_all() has made: this connection's encoder has not seen it.
bool ConnectionThread::send_shared(Connection& connection, const SharedFrames& frames) {
  // Kept until the frames are out: forget() has to hold for the place in the stream at which they go.
  const Connection::Turn turn = connection.turn_to_encode();
  if (frames.is_encoded) connection.encoder_.forget();
  return connection.write_step([&](Connection::Lock& lock) {
    Outbox& outbox = *connection.outbox_;
    // No Protocol has encoded these frames, so this is what keeps data from following our Close (5.5.1).
    if (!connection.may_send(lock)) return false;
    // The thread that sends is asked, not this connection's own: it is the one that has another message at hand.
    const bool holds = innermost_ != nullptr && innermost_->is_holding_back() && outbox.may_hold(frames.bytes->size());
    if (holds) {
      const ByteView bytes = *frames.bytes;
      outbox.tail().insert(outbox.tail().end(), bytes.begin(), bytes.end());
      return connection.hold_or_send({});
    }
    // Not copied: if it has to wait, it waits in memory that all the receivers share.
    const bool sent = outbox.send_shared(frames.bytes);
    ConnectionThread* const own = of(connection);
    if (own != nullptr && !outbox.is_empty()) own->note_own_bytes(outbox.queued());
    return sent;
  });
}

// Looked after by the outbox thread, so it does not matter what this connection is doing.
void ConnectionThread::end_by(Connection& connection, Deadline deadline) {
  connection.write_step([&](Connection::Lock&) {
    connection.outbox_->end_by(deadline);
    return true;
  });
}

// finish() sets it, and wakes all who wait. Nobody asks whether it did: when the deadline has passed, the caller has
// waited for as long as it wanted to.
void ConnectionThread::wait_until_over(Connection& connection, Deadline deadline) {
  std::unique_lock lock(connection.outbox_->mutex);
  const auto is_over = [&] { return connection.over_; };
  // wait_until() may overflow with the clock's last point.
  if (deadline == kNever) return connection.outbox_->changed.wait(lock, is_over);
  connection.outbox_->changed.wait_until(lock, deadline, is_over);
}

}  // namespace websock
