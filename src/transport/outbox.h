// What to do when a peer stops reading.
//
// TCP takes what we send until the peer's receive buffer and our send buffer are full. Then a thread that sends has to
// wait: and if it is another client's thread, one silent peer holds up everybody. So nobody waits here. What the socket
// does not take is queued in the connection's Outbox, and one OutboxThread for all of them sends it as the peers read.
//
//     encoded here                     not taken by the socket                      taken
//     | tail: frames held back | ...   | block | shared frame | block | ...  ---->  kernel, network, peer
//
// Three limits end it: an outbox may take so much memory, go so long without progress, and so long when it is to end.
// Past any of them, that connection (and no other) is reset.
#pragma once

#include <condition_variable>
#include <list>
#include <memory>
#include <mutex>
#include <thread>
#include <vector>

#include "../protocol/buffer.h"
#include "resource_limits.h"
#include "socket.h"

namespace websock {

class OutboxThread;

// The sending side of one socket. `mutex` guards everything in it, and whatever its owner puts under the same lock; the
// caller of each function holds it, leave() aside. No function waits for the peer, but for the two that say so.
//
// To send is one step under the lock: encode frames at the end of tail(), then either send() or hold(). What throws
// std::bad_alloc in between leaves half a frame there, and the caller must abort().
class Outbox : public std::enable_shared_from_this<Outbox> {
 public:
  // Socket and thread must outlive leave().
  Outbox(Socket& socket, const Limits& limits, OutboxThread& thread);

  std::mutex mutex;
  std::condition_variable changed;  // with that mutex: bytes have departed, or the connection broke

  // ---- Writing ----

  // Whether a message of the application's may still be queued, whatever its size. No: max_outbox bytes wait already,
  // and this connection has just been aborted. Not asked for what the protocol itself has to say, a Pong or a Close:
  // there is little of it, and a peer that is still busy with a large message must not be reset for it.
  bool may_queue();

  // Where frames are encoded, behind those that are held back.
  Bytes& tail() { return tail_; }

  // What of send()'s `rest` has to wait is copied, unless it stays where it is: in memory that is shared with other
  // outboxes, or in the owner's, which has to stay until that position has departed or leave() was called.
  enum class Rest { copied, stays };

  // Sends the tail and, right behind it, `rest`. What the socket takes now is sent; what it leaves is queued.
  // With nothing to send it does nothing. False: this connection is broken.
  bool send(ByteView rest = {}, Rest lies = Rest::copied) { return send(rest, lies, nullptr); }
  bool send_shared(const std::shared_ptr<const Buffer>& frames) { return send(*frames, Rest::stays, frames); }

  // Leaves the tail where it is, for a send() that is to come soon. If none does, the OutboxThread makes up for it: it
  // leaves what is new at its next tick, and sends it at the one after that.
  void hold();
  // Whether `more` bytes may be held back, too. Behind a backlog nothing is: it would gain nothing.
  bool may_hold(std::size_t more) const { return queue_.empty() && tail_.size() + more <= kMaxHeld; }
  static constexpr std::size_t kMaxHeld = 64 * 1024;  // bytes

  // ---- Where the stream stands ----

  // Bytes ever queued (what the socket took at once is not), and how many of those have left the queue.
  std::uint64_t queued() const { return queued_; }
  std::uint64_t departed() const { return departed_; }
  bool is_empty() const { return queue_.empty(); }  // the tail aside
  std::size_t memory() const { return memory_; }    // bytes that the queue takes, whatever lies in them

  // These wait; `lock` holds `mutex`. Until the bytes up to `position` have left. False: this connection is broken.
  bool wait_until_departed(std::unique_lock<std::mutex>& lock, std::uint64_t position);
  // Until the queue takes at most `memory` bytes, or the connection is broken, or the deadline.
  void wait_until_below(std::unique_lock<std::mutex>& lock, std::size_t memory, Deadline deadline);

  // ---- The end ----

  // The socket will be shut down, which wakes its owner, `timeout` after the queue is empty. And if the queue is not
  // empty by `timeout` plus outbox_stall, the connection is reset then. Of several deadlines the earliest holds.
  void end_after(Milliseconds timeout);
  // The socket will be shut down by `deadline`; with a queue that is not empty, reset.
  void end_by(Deadline deadline);
  // Our side of TCP ends as soon as the queue is empty, with the tail in front (7.1.1).
  void end_sending();

  Deadline end_deadline() const { return end_deadline_; }  // kNever: none has been set yet

  // Ends the connection with a reset: its owner wakes up and closes the socket, and what the system has not sent by
  // then is lost. Remembers the first `why`, which has to be a literal, since there may be no memory left. Frees
  // nothing, since this may be another connection's thread.
  void abort(const char* why);
  const char* why_aborted() const { return why_aborted_; }  // null: it was not
  bool is_broken() const { return broken_; }

  // The owner is about to close the socket: the OutboxThread will not touch it again. Frees what is left, and returns
  // whether nothing was: all that was encoded here has been sent.
  // REQUIRES: the mutex is *not* held; freeing much takes a while.
  bool leave();

  // Gives back memory that is kept for frames to come.
  void release_memory();

 private:
  friend class OutboxThread;

  // A piece of the queue. What is left of it lies in its own block, in memory that it shares, or in the owner's.
  struct Chunk {
    ByteView left;
    Buffer block;
    std::shared_ptr<const Buffer> shared;
    std::size_t memory;  // what it counts for, from the beginning to the end
  };
  using Queue = std::list<Chunk>;  // so that what was sent goes to another list, and no memory is taken or freed

  bool send(ByteView rest, Rest lies, const std::shared_ptr<const Buffer>& shared);
  std::size_t send_now(ByteView rest);
  void queue_rest(std::size_t sent, ByteView rest, Rest lies, const std::shared_ptr<const Buffer>& shared);
  void queue_copy(ByteView bytes);
  void queue_chunk(ByteView left, Buffer block, std::shared_ptr<const Buffer> shared);
  void begin_backlog();
  void break_off();

  // For the OutboxThread.
  bool needs_attention() const { return !broken_ && (!queue_.empty() || end_deadline_ != kNever || ticking_); }
  Deadline next_deadline() const;
  void attend(bool writable, bool tick, Queue& spent);
  void pay_debt();
  void push(Queue& spent);
  bool push_once(Queue& spent);
  void judge_progress(Deadline now);
  void judge_end(Deadline now);

  Socket& socket_;
  OutboxThread& thread_;
  const std::size_t max_outbox_;
  const Milliseconds stall_;

  Bytes tail_;
  bool broken_ = false;
  bool watched_ = false;  // the OutboxThread has this outbox on its list

  // Held back: `holds_` counts how often a tail began to wait, and `seen_` is what that was at the last tick.
  std::size_t held_ = 0;  // bytes of the tail
  bool ticking_ = false;
  std::uint32_t holds_ = 0;
  std::uint32_t seen_ = 0;
  int idle_ticks_ = 0;  // in a row, with nothing held back and nothing new

  // The queue, and what is counted of it.
  Queue queue_;
  std::uint64_t queued_ = 0;
  std::uint64_t departed_ = 0;
  std::size_t memory_ = 0;
  bool full_ = false;              // the socket took less than it was offered
  Deadline progress_at_ = kNever;  // when something left it last, or it began
  Deadline retry_at_ = kNever;     // when to try the socket again though poll(2) is silent

  Deadline end_deadline_ = kNever;
  Milliseconds end_timeout_ = kForever;  // from when the queue is empty; kForever: end_after() was not called
  bool ends_sending_ = false;
  const char* why_aborted_ = nullptr;
};

// One thread that waits, with poll(2), for all sockets whose outbox is not empty and for the deadlines of those that
// end; and that looks after frames that are held back for too long. It starts with the object and ends with it. No
// callback of the user's runs on it.
class OutboxThread {
 public:
  // `tick`: how often it looks at what is held back. None of it is held for longer than three ticks.
  explicit OutboxThread(Milliseconds tick = Milliseconds(2));
  ~OutboxThread();  // REQUIRES: all outboxes have been left

  // Any thread. Looks at this outbox from now on, and at once.
  // REQUIRES: the outbox's mutex is held.
  void watch(const std::shared_ptr<Outbox>& outbox);
  // The same, but its next tick will do: it is woken only if none is to come.
  void watch_ticking(const std::shared_ptr<Outbox>& outbox);

 private:
  bool add(const std::shared_ptr<Outbox>& outbox);
  void run();
  bool next_round(std::vector<std::shared_ptr<Outbox>>& outboxes, std::vector<pollfd>& descriptors);
  Deadline prepare(std::vector<std::shared_ptr<Outbox>>& outboxes, std::vector<pollfd>& descriptors);

  const Milliseconds tick_;
  WakePipe wake_pipe_;
  std::mutex mutex_;  // guards the three below. It may be taken while an outbox's mutex is held, never the
                      // other way round.
  std::vector<std::shared_ptr<Outbox>> watched_;
  bool ending_ = false;
  bool tick_is_coming_ = false;  // an outbox that is added now is seen at that tick
  Deadline tick_at_ = kNever;    // the thread's own
  std::thread thread_;           // last, so that it finds all of the above when it starts
};

}  // namespace websock
