// What the OutboxThread does for each outbox, a turn at a time:
//
//     held back       sends what was held at the tick before and still is: no frame waits for a callback to end
//     backlog         sends until the socket is full, then asks whether the peer still reads
//     the end         shuts the socket down when its time has come
//
// Is a peer that reads slowly still alive? poll(2) does not tell: it calls a socket writable when a third of the
// kernel's buffer is free, which may be megabytes, and a peer at 6 kB/s needs minutes for that. So the socket itself is
// asked, four times in the time that a peer has, whatever poll says: what it takes is progress. But it must be asked
// for *all* it takes. The kernel goes on to take a lump now and then from a peer that reads nothing; a queue that hands
// it 16 small frames at a time lives on such a lump for an hour.
//
// Who takes which lock: the OutboxThread copies its list under its own mutex, lets go of it, and then looks at one
// outbox at a time under that outbox's mutex. A sender holds its outbox's mutex while it adds itself to the list. So
// the order is always outbox before list, and nothing is ever sent with the list locked.
#include <algorithm>
#include <array>
#include <utility>

#include "transport/outbox.h"

namespace websock {
namespace {

constexpr Milliseconds kRetry(10);          // after memory has run out
constexpr Milliseconds kLongestRetry(250);  // between two tries at a full socket
constexpr int kIdleTicks = 16;              // before ticking stops: to wake the thread anew costs as much as some ticks
constexpr std::size_t kTurn = 1024 * 1024;  // bytes sent for one outbox before the next one has its turn

}  // namespace

// ---- One outbox ----

// When to look again, though nothing happens: the next try, or the end. A queue that only lost its turn has no time to
// lose.
Deadline Outbox::next_deadline() const {
  if (queue_.empty()) return end_deadline_;
  // The clock's first point has always passed: so "at once".
  return full_ ? std::min(end_deadline_, retry_at_) : Deadline::min();
}

// One turn. What has been sent goes to `spent`, to be freed when the lock is gone.
void Outbox::attend(bool writable, bool tick, Queue& spent) {
  // What is owed goes first, since it may become a backlog, and the line below would then have to look at it.
  if (!broken_ && tick && ticking_) pay_debt();
  // Three reasons to try: poll(2) says that there is room; the last try ended because it was another outbox's turn; or
  // it is time to ask the socket itself, whatever poll says.
  if (!broken_ && !queue_.empty() && (writable || !full_ || Clock::now() >= retry_at_)) {
    push(spent);
    judge_progress(Clock::now());
  }
  if (!broken_) judge_end(Clock::now());
}

// Sends frames that are held back, if they were here at the last look. Younger ones have until the next look: their
// owner will most likely have sent them by then, together with others.
void Outbox::pay_debt() {
  if (holds_ != seen_) {
    // Something has begun to wait since the last tick. It stays until the next one.
    seen_ = holds_;
    idle_ticks_ = 0;
  } else if (held_ == 0) {
    // Nothing waits, and nothing has. After some such ticks in a row it is dropped from those that tick.
    ticking_ = ++idle_ticks_ < kIdleTicks;
  } else {
    try {
      // It has waited for a whole tick: its owner sits in a callback, or was not scheduled.
      send();
    } catch (const std::bad_alloc&) {
      abort("no memory");  // part of the tail may have gone already
    }
  }
}

// Sends until the socket is full, the queue is empty, or the others' turn has come.
void Outbox::push(Queue& spent) {
  const std::uint64_t departed_before = departed_;
  // Not known to be full. Only a socket that takes less than it is offered says so.
  full_ = false;
  while (!full_ && !broken_ && !queue_.empty() && departed_ - departed_before < kTurn) {
    if (!push_once(spent)) full_ = true;
  }
  // Not a byte: no progress, and no reason to wake the threads that wait for some.
  if (departed_ == departed_before) return;
  progress_at_ = Clock::now();
  if (queue_.empty() && ends_sending_) socket_.shut_down_sending();
  // For those that wait until their bytes have left, or until there is room again.
  changed.notify_all();
}

// One system call. False: the socket took less than it was offered.
bool Outbox::push_once(Queue& spent) {
  // As many chunks as one system call takes. They are gathered anew each time: the socket may stop inside any of them.
  std::array<ByteView, Socket::kMaxPieces> pieces{};
  std::size_t count = 0;
  std::size_t offered = 0;
  for (auto chunk = queue_.begin(); chunk != queue_.end() && count < pieces.size(); ++chunk) {
    pieces[count++] = chunk->left;
    offered += chunk->left.size();
  }
  std::size_t sent = 0;
  try {
    sent = socket_.send(std::span(pieces).first(count));
  } catch (const std::system_error&) {
    // The peer has gone. As in send_now(), its owner's receive() will find out why.
    break_off();
    return false;
  }
  departed_ += sent;
  for (std::size_t left = sent; left > 0;) {
    // There is a front as long as anything is left: the socket took no more than it was offered.
    Chunk& front = queue_.front();
    const std::size_t of_this = std::min(left, front.left.size());
    front.left = front.left.subspan(of_this);
    left -= of_this;
    // Sent in part: it stays at the front, and counts with its whole block until its last byte has gone.
    if (!front.left.empty()) break;
    memory_ -= front.memory;
    // Moved from list to list, which neither allocates nor frees: to free a block may take the system a while, and we
    // hold the lock that every sender needs.
    spent.splice(spent.end(), queue_, queue_.begin());
  }
  return sent == offered;
}

// Right after a push: whatever the socket would take, it has taken.
void Outbox::judge_progress(Deadline now) {
  if (broken_ || queue_.empty()) return;
  if (stall_ == kForever) {
    // No limit is set: such a peer is never given up, but is still asked now and then.
    retry_at_ = now + kLongestRetry;
  } else if (now - progress_at_ >= stall_) {
    abort("outbox stall: the peer reads nothing any more");
  } else {
    // Several times in the time that it has: a single look, at its end, could come in just before the byte that saves
    // it.
    retry_at_ = now + std::min(stall_ / 4, kLongestRetry);
  }
}

// What is queued has its time, and what comes after it has its own: a peer's answer to our Close, the end of TCP.
void Outbox::judge_end(Deadline now) {
  // Once: this clock starts when the queue is found empty for the first time.
  if (queue_.empty() && end_timeout_ != kForever) end_by(deadline_after(std::exchange(end_timeout_, kForever)));
  if (now < end_deadline_) return;
  // It has come. Left standing, it would be a deadline that has passed, and the thread would never wait again.
  end_deadline_ = kNever;
  if (!queue_.empty()) return abort("outbox limit: the peer does not read, and the time to close has passed");
  // Nothing is left to send, and the time is over. If the owner sits in recv(2), it now sees the end of the stream.
  socket_.shut_down();
}

// ---- All of them ----

OutboxThread::OutboxThread(Milliseconds tick) : tick_(tick), thread_([this] { run(); }) {}

// The flag first, then the wake-up: the thread looks at it after each.
OutboxThread::~OutboxThread() {
  {
    const std::lock_guard lock(mutex_);
    ending_ = true;
  }
  wake_pipe_.wake();
  thread_.join();
}

// Wakes the thread even for an outbox that is on its list already: it has to look at its deadlines again.
void OutboxThread::watch(const std::shared_ptr<Outbox>& outbox) {
  add(outbox);
  wake_pipe_.wake();
}

// With a thousand connections that all hold something back, one wake-up a tick has to do for all of them.
void OutboxThread::watch_ticking(const std::shared_ptr<Outbox>& outbox) {
  if (!add(outbox)) wake_pipe_.wake();
}

// Onto the list, if it is not there. Returns whether the thread will look at it within a tick by itself.
bool OutboxThread::add(const std::shared_ptr<Outbox>& outbox) {
  const std::lock_guard lock(mutex_);
  // watched_ is guarded by the outbox's mutex, which the caller holds, and the list by ours: to ask and to add is one
  // step.
  // The list first: should it find no memory to grow, the flag claims nothing that is not so.
  if (!outbox->watched_) watched_.push_back(outbox);
  outbox->watched_ = true;
  return tick_is_coming_;
}

// Round after round. The lists are kept from one to the next, so that a round allocates nothing.
void OutboxThread::run() {
  std::vector<std::shared_ptr<Outbox>> outboxes;
  std::vector<pollfd> descriptors;
  for (;;) {
    try {
      if (!next_round(outboxes, descriptors)) return;
    } catch (const std::exception&) {
      std::this_thread::sleep_for(kRetry);  // out of memory; and the next round misses nothing that this one did
    }
  }
}

// False: it was the last.
bool OutboxThread::next_round(std::vector<std::shared_ptr<Outbox>>& outboxes, std::vector<pollfd>& descriptors) {
  {
    const std::lock_guard lock(mutex_);
    if (ending_) return false;
    // A copy, to look at without the lock: senders add themselves meanwhile. It keeps each of them alive for the round.
    outboxes = watched_;
    tick_is_coming_ = false;  // until it is known: what is added from here on may be missed below
  }
  const Deadline deadline = prepare(outboxes, descriptors);
  // The result does not matter: time may be over for one outbox while another has room, and all are looked at in any
  // case.
  wait_for(descriptors, deadline);
  // Before the looking, not after it: a wake-up that comes while we look stays in the pipe, and makes for another
  // round.
  wake_pipe_.clear();
  const bool tick = Clock::now() >= tick_at_;
  // prepare() sets the next one, if anybody still ticks.
  if (tick) tick_at_ = kNever;
  for (std::size_t i = 0; i < outboxes.size(); ++i) {
    Outbox::Queue spent;  // freed when the lock below is gone
    const std::lock_guard lock(outboxes[i]->mutex);
    // Any event counts as "writable", an error too: the send that follows finds out which, and breaks off.
    outboxes[i]->attend(descriptors[i].revents != 0, tick, spent);
  }
  return true;
}

// Forgets the outboxes that need nothing any more, and fills in what to wait for from the others: descriptors[i]
// belongs to outboxes[i]; the wake pipe comes last.
Deadline OutboxThread::prepare(std::vector<std::shared_ptr<Outbox>>& outboxes, std::vector<pollfd>& descriptors) {
  Deadline deadline = kNever;
  bool ticking = false;
  descriptors.clear();
  std::erase_if(outboxes, [&](const std::shared_ptr<Outbox>& outbox) {
    const std::lock_guard lock(outbox->mutex);
    if (!outbox->needs_attention()) {
      // Off the list while its own lock is held: a sender that queues something finds it listed, or not listed and then
      // adds it. With the lock released in between, it could find the flag still set and the list already without it.
      outbox->watched_ = false;
      const std::lock_guard list_lock(mutex_);
      std::erase(watched_, outbox);
      return true;
    }
    deadline = std::min(deadline, outbox->next_deadline());
    ticking = ticking || outbox->ticking_;
    // poll(2) ignores negative descriptors: a socket that only has a deadline must not wake us for being readable.
    descriptors.push_back({outbox->queue_.empty() ? -1 : outbox->socket_.descriptor(), POLLOUT, 0});
    return false;
  });
  // In front it would shift the others' places.
  descriptors.push_back({wake_pipe_.descriptor(), POLLIN, 0});
  if (ticking && tick_at_ == kNever) tick_at_ = deadline_after(tick_);
  const std::lock_guard lock(mutex_);
  tick_is_coming_ = tick_at_ != kNever;
  return std::min(deadline, tick_at_);
}

}  // namespace websock
