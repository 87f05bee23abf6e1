// What to do when a peer stops reading.
//
// TCP takes what we send until the peer's receive buffer and our send buffer are full. Then a thread that sends has to
// wait: and if it is another client's thread, one silent peer holds up everybody. So nobody waits here. What the socket
// does not take is queued in the connection's Outbox, and one OutboxThread for all of them sends it as the peers read.
//
// Two limits end it: an outbox may hold so many bytes, and go so long without progress. Past either, that connection
// (and no other) is aborted.
#pragma once

#include <condition_variable>
#include <list>
#include <memory>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

#include "../bytes.h"
#include "resource_limits.h"
#include "socket.h"

namespace websock {

class OutboxThread;

// The sending side of one socket. `mutex` guards everything in it, and whatever its owner cares to put under the same
// lock; unless a function says otherwise, the caller holds it.
class Outbox : public std::enable_shared_from_this<Outbox> {
 public:
  // `thread` may be null: then the owner calls push() itself. Socket and thread must outlive leave().
  Outbox(Socket& socket, const Limits& limits, OutboxThread* thread)
      : socket_(socket),
        max_outbox_(limit_of(limits.max_outbox)),
        stall_(limit_of(limits.outbox_stall)),
        thread_(thread) {}

  std::mutex mutex;

  // Sends the two pieces, one behind the other: at once as far as the socket takes them, the rest is copied into the
  // queue. Never waits. False: this connection is broken, and nothing will be sent any more.
  //
  // `second_stays`: the second piece lies where it is until it has departed or leave() was called, and is not copied.
  bool write(ByteView first, ByteView second, bool second_stays = false);

  // The same, but the queue shares the memory instead of copying it: for a broadcast.
  bool write_shared(const std::shared_ptr<const Bytes>& bytes);

  // Sends as much of the queue as the socket takes now.
  void push();
  // The same when the queue has stalled: if the socket takes nothing even now, the connection is reset.
  void push_or_abort();

  // Where the stream stands: bytes ever queued, and how many of those have left the queue.
  std::uint64_t queued() const { return queued_; }
  std::uint64_t departed() const { return departed_; }
  bool is_empty() const { return queued_ == departed_; }

  // Waits until the bytes up to `position` of that count have left. False: this connection is broken.
  // REQUIRES: there is an OutboxThread; `lock` holds `mutex`.
  bool wait_until_departed(std::unique_lock<std::mutex>& lock, std::uint64_t position);

  // The socket will be shut down (which wakes its owner) `timeout` after the queue is empty, or at `deadline`,
  // whichever comes first. That ends a closing handshake with a peer that does not take part.
  void end_after(Milliseconds timeout);
  void end_at(Deadline deadline);

  Deadline end_deadline() const { return deadline_; }  // kNever: none has been set yet
  Deadline next_deadline() const;                      // that, or the time when the queue has stalled

  // Resets the connection at once, and remembers the first `why`.
  void abort(std::string why);
  const std::string& why_aborted() const { return why_aborted_; }  // empty: it was not
  bool is_broken() const { return broken_; }

  // The owner is about to close the socket, and the OutboxThread will not touch it again.
  void leave();

 private:
  friend class OutboxThread;

  struct Chunk {
    ByteView left;
    std::shared_ptr<const Bytes> memory;  // in which that lies; null: in the owner's
  };

  std::size_t send_now(ByteView first, ByteView second);
  bool may_queue();
  void enqueue(ByteView bytes, std::shared_ptr<const Bytes> memory);
  void enqueue_copy(ByteView bytes);
  void drop_queue();

  // For the OutboxThread: whether to wait, and what to do when the wait is over.
  bool needs_attention() const { return !is_empty() || deadline_ != kNever; }
  void attend(bool writable);

  Socket& socket_;
  const std::size_t max_outbox_;
  const Milliseconds stall_;
  OutboxThread* const thread_;

  std::condition_variable progress_;  // something left, or the connection broke
  std::list<Chunk> queue_;
  std::uint64_t queued_ = 0;
  std::uint64_t departed_ = 0;
  Deadline stalls_at_ = kNever;
  Milliseconds end_timeout_ = kForever;  // counts from the moment when the queue is empty
  Deadline deadline_ = kNever;
  bool broken_ = false;
  bool watched_ = false;  // by the OutboxThread
  std::string why_aborted_;
};

// One thread that waits, with poll(2), for all sockets whose outbox is not empty and for the deadlines of those that
// end. It starts with the object and ends with it. No callback of the user's runs on it.
class OutboxThread {
 public:
  OutboxThread();
  ~OutboxThread();  // REQUIRES: all outboxes have been left

  // Any thread.
  // REQUIRES: the outbox's mutex is held.
  void watch(const std::shared_ptr<Outbox>& outbox);

 private:
  void run();
  bool next_round(std::vector<std::shared_ptr<Outbox>>& outboxes, std::vector<pollfd>& descriptors);
  // Forgets the outboxes that need nothing any more; lists the others.
  Deadline prepare(std::vector<std::shared_ptr<Outbox>>& outboxes, std::vector<pollfd>& descriptors);

  WakePipe wake_pipe_;
  std::mutex mutex_;  // guards the two below. It may be taken while an outbox's mutex is held, never the
                      // other way round.
  std::vector<std::shared_ptr<Outbox>> watched_;
  bool ending_ = false;
  std::thread thread_;
};

}  // namespace websock
