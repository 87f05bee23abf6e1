// A queue of bytes, and positions in the stream that they make:
//
//                departed                        queued
//                    v                              v
//     --- sent ------|--- chunk | chunk | chunk ----|--- tail: not yet part of the queue
//
// Positions answer the question "have *my* bytes left?", which a size cannot: another thread's broadcast may keep the
// queue from ever being empty, and a reader that waited for that would never read again.
//
// A queue of messages would be simpler, and was here first. But a message of one byte then cost a hundred bytes of
// memory, none of which the limit saw. So what is copied fills blocks to their end, whatever it is a part of, and what
// counts is what the blocks take.
//
// This file is what senders and the owner do. What the OutboxThread does stands in outbox_thread.cpp.
#include "transport/outbox.h"

#include <algorithm>
#include <array>

namespace websock {
namespace {

// Blocks of 64 KiB drain as fast as larger ones, and a backlog of one byte reserves no more than that. What is longer
// comes at once, in larger blocks: each is a system call, and an entry in the kernel's list of mappings.
constexpr std::size_t kBlock = 64 * 1024;
constexpr std::size_t kLargestBlock = 1024 * 1024;

// Below this size, a frame for many is copied into everybody's block: an entry of its own in the queue would cost as
// much.
constexpr std::size_t kWorthSharing = 1024;

// What an entry in the queue takes besides what it leads to: itself, the list's two links, and what malloc adds.
constexpr std::size_t kEntry = 96;

// The two together; kForever if one of them is.
Milliseconds sum(Milliseconds one, Milliseconds other) { return one > kForever - other ? kForever : one + other; }

}  // namespace

Outbox::Outbox(Socket& socket, const Limits& limits, OutboxThread& thread)
    : socket_(socket),
      thread_(thread),
      max_outbox_(limit_of(limits.max_outbox)),
      stall_(limit_of(limits.outbox_stall)) {}

// ---- Writing ----

// The tail has grown by something that need not leave yet.
void Outbox::hold() {
  if (held_ == 0) ++holds_;  // only a beginning counts: a tail that grows a little each time has to leave, too
  held_ = tail_.size();
  if (ticking_) return;
  // Once it ticks, it goes on until it has seen some ticks without anything new: so this costs a wake-up now and then,
  // and not one a message.
  thread_.watch_ticking(shared_from_this());
  ticking_ = true;
}

// The limit is judged before the new bytes are added, so that one message of any size always finds room.
bool Outbox::may_queue() {
  if (memory_ < max_outbox_) return true;
  abort("outbox limit: the peer does not read, and max_outbox bytes wait for it");
  return false;
}

// All that is ever sent goes through here. Nearly always one system call takes it, and the queue is not touched.
bool Outbox::send(ByteView rest, Rest lies, const std::shared_ptr<const Buffer>& shared) {
  if (broken_) return false;
  // First the socket, then the queue. It never waits, so it does not matter whose thread this is, or what lock it
  // holds.
  const std::size_t sent = send_now(rest);
  // Again: send_now() is where we learn that the peer has gone.
  if (broken_) return false;
  if (sent < tail_.size() + rest.size()) queue_rest(sent, rest, lies, shared);
  // All of the tail has been taken, or is in the queue as a copy.
  tail_.clear();
  held_ = 0;
  // A client that masks 16 MiB encodes them here. That much is not kept. A smaller tail is, so that no message
  // allocates.
  if (tail_.capacity() > kMaxHeld) Bytes().swap(tail_);
  return true;
}

// How much of the tail and `rest` the socket has taken.
std::size_t Outbox::send_now(ByteView rest) {
  if (!queue_.empty()) return 0;  // what is queued goes first
  try {
    const std::array<ByteView, 2> pieces = {tail_, rest};
    // One piece is cheaper than two (see Socket::send), and an empty tail is no piece.
    const std::size_t first = tail_.empty() ? 1 : 0;
    const std::size_t last = rest.empty() ? 1 : 2;
    if (first == last) return 0;
    return socket_.send(std::span(pieces).subspan(first, last - first));
  } catch (const std::system_error&) {
    break_off();  // the peer is gone; the owner's receive() will find out why
    return 0;
  }
}

// Queues what is left of the tail and of `rest` when `sent` bytes of the two have gone.
void Outbox::queue_rest(std::size_t sent, ByteView rest, Rest lies, const std::shared_ptr<const Buffer>& shared) {
  // Asked before anything is added. It says whether the OutboxThread has to be told.
  const bool was_empty = queue_.empty();
  // The socket takes bytes from the front: those of the tail, then those of `rest`. It may stop in the middle of
  // either.
  const std::size_t of_tail = std::min(sent, tail_.size());
  queue_copy(ByteView(tail_).subspan(of_tail));
  rest = rest.subspan(sent - of_tail);
  // A message in the owner's memory is always worth it: Protocol leaves only payloads of more than 4 KiB where they
  // are.
  const bool worth_it = shared == nullptr || rest.size() >= kWorthSharing;
  if (lies == Rest::stays && worth_it && !rest.empty()) {
    queue_chunk(rest, {}, shared);
  } else {
    queue_copy(rest);
  }
  // With a backlog before this one, the OutboxThread is at it already.
  if (was_empty) begin_backlog();
}

// Where a frame begins or ends does not matter here: each block is filled to its end, whatever is in it.
void Outbox::queue_copy(ByteView bytes) {
  while (!bytes.empty()) {
    Chunk* last = queue_.empty() ? nullptr : &queue_.back();
    if (last == nullptr || last->block.room() == 0) {  // a chunk without a block of its own has no room either
      Buffer block;
      // May throw, in the middle of a frame: then the caller aborts this connection, and no other is touched.
      block.reserve(std::clamp(bytes.size(), kBlock, kLargestBlock));
      queue_chunk({}, std::move(block), nullptr);
      last = &queue_.back();
    }
    const ByteView piece = bytes.first(std::min(bytes.size(), last->block.room()));
    last->block.append(piece);
    // What is left of a block ends where its bytes end, however much of its beginning has departed.
    last->left = ByteView(last->block).last(last->left.size() + piece.size());
    queued_ += piece.size();
    bytes = bytes.subspan(piece.size());
  }
}

// A block counts with all it can hold. A shared frame counts in each queue that waits for it, though there is one:
// nobody knows which of them will be the last to let go of it.
void Outbox::queue_chunk(ByteView left, Buffer block, std::shared_ptr<const Buffer> shared) {
  const std::size_t memory = kEntry + (block.capacity() > 0 ? block.capacity() : left.size());
  // First what may throw, then the counts: they never tell of a chunk that is not there.
  queue_.push_back({left, std::move(block), std::move(shared), memory});
  queued_ += left.size();
  memory_ += memory;
}

// The socket took less than it was offered, with nothing queued before: from here on the OutboxThread sends.
void Outbox::begin_backlog() {
  full_ = true;
  progress_at_ = Clock::now();
  retry_at_ = progress_at_;  // the thread's first look sets it
  thread_.watch(shared_from_this());
}

// ---- Waiting ----

// For the own thread, which must not read on as long as its own answers are not gone.
bool Outbox::wait_until_departed(std::unique_lock<std::mutex>& lock, std::uint64_t position) {
  changed.wait(lock, [&] { return broken_ || departed_ >= position; });
  return !broken_;
}

// For a thread that sends at a client: it holds up no other connection.
void Outbox::wait_until_below(std::unique_lock<std::mutex>& lock, std::size_t memory, Deadline deadline) {
  const auto is_below = [&] { return broken_ || memory_ <= memory; };
  // A case of its own: kNever is the clock's last point, and what waits until then may count in other units and
  // overflow.
  if (deadline == kNever) return changed.wait(lock, is_below);
  changed.wait_until(lock, deadline, is_below);
}

// ---- The end ----

// A Close has been handed in. How long may it take?
void Outbox::end_after(Milliseconds timeout) {
  // A peer that reads a little now and then never stalls. It has one stall's time for what is queued, and no more.
  end_by(deadline_after(queue_.empty() ? timeout : sum(timeout, stall_)));
  // Noted for judge_end(), which starts this clock when the queue has gone. Without a queue it has just been started.
  end_timeout_ = queue_.empty() ? kForever : timeout;
}

// Only ever earlier: an end that was promised stays promised.
void Outbox::end_by(Deadline deadline) {
  if (broken_ || deadline >= end_deadline_) return;
  end_deadline_ = deadline;
  thread_.watch(shared_from_this());
}

// Half of TCP, behind the last byte.
void Outbox::end_sending() {
  // Noted for push(), which does it when the queue has gone; at once only if nothing is queued.
  ends_sending_ = true;
  if (!broken_ && queue_.empty()) socket_.shut_down_sending();
}

// The end of patience. The thread that finds the fault calls this, whichever it is; the owner does the rest.
void Outbox::abort(const char* why) {
  if (broken_) return;
  why_aborted_ = why;
  // In this order: macOS takes no option from a socket that is shut down, and without it close() would end in an
  // orderly way.
  socket_.reset_on_close();
  break_off();
  socket_.shut_down();  // the owner wakes up, and closes
}

// Nothing will be sent any more. The queue is left to leave(): its memory may take a while to free, and this may be any
// thread, with the lock.
void Outbox::break_off() {
  broken_ = true;
  departed_ = queued_;  // nobody need wait for them
  changed.notify_all();
}

// The owner's last word. Swaps the queue out under the lock, and lets it go without.
bool Outbox::leave() {
  Queue dropped;
  Bytes tail;
  {
    const std::lock_guard lock(mutex);
    // Whoever gets the lock next finds the connection broken, and leaves the queue alone.
    break_off();
    end_deadline_ = kNever;
    ticking_ = false;
    // A frame that could not be sent, since the peer had gone, lies in one of the two.
    dropped.swap(queue_);
    tail.swap(tail_);
    memory_ = 0;
    // While it waits in poll(2), the kernel keeps the descriptor's socket, even if that is closed.
    if (watched_) thread_.watch(shared_from_this());
  }
  return dropped.empty() && tail.empty();
}  // and here, without the lock, the memory goes

// The tail keeps its memory from one frame to the next, which a silent connection does not need.
void Outbox::release_memory() {
  if (tail_.empty()) Bytes().swap(tail_);
}

}  // namespace websock
