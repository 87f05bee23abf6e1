// A queue of chunks, and positions in the stream that they make:
//
//                departed           queued
//                    v                 v
//     --- sent ------|--- the queue ---|
//                    |  chunk | chunk  |
//
// Positions answer the question "have *my* bytes left?", which a size cannot: another thread's broadcast may keep the
// queue from ever being empty, and a reader that waited for that would never read again.
//
// Who takes which lock: the OutboxThread copies its list under its own mutex, lets go of it, and then looks at one
// outbox at a time under that outbox's mutex. A sender holds its outbox's mutex while it adds itself to the list. So
// the order is always outbox before list, and nothing is ever sent with the list locked.
#include "transport/outbox.h"

#include <algorithm>
#include <array>

namespace websock {
namespace {

constexpr Milliseconds kRetry(10);

}  // namespace

// ---- Outbox ----

bool Outbox::write(ByteView first, ByteView second, bool second_stays) {
  const std::size_t sent = send_now(first, second);
  if (broken_ || sent == first.size() + second.size()) return !broken_;
  if (!may_queue()) return false;

  const std::size_t sent_of_first = std::min(sent, first.size());
  enqueue_copy(first.subspan(sent_of_first));
  const ByteView rest = second.subspan(sent - sent_of_first);
  if (second_stays) {
    enqueue(rest, nullptr);
  } else {
    enqueue_copy(rest);
  }
  return true;
}

bool Outbox::write_shared(const std::shared_ptr<const Bytes>& bytes) {
  const std::size_t sent = send_now(*bytes, {});
  if (broken_ || sent == bytes->size()) return !broken_;
  if (!may_queue()) return false;
  enqueue(ByteView(*bytes).subspan(sent), bytes);
  return true;
}

std::size_t Outbox::send_now(ByteView first, ByteView second) {
  if (broken_ || !is_empty()) return 0;  // what is queued goes first
  try {
    const std::array<ByteView, 2> pieces = {first, second};
    return socket_.send(std::span(pieces).first(second.empty() ? 1 : 2));
  } catch (const std::system_error&) {
    broken_ = true;  // the peer is gone; the owner's receive() will find out why
    return 0;
  }
}

// The limit is judged before the new bytes are added, so that one message of any size always finds room.
bool Outbox::may_queue() {
  if (queued_ - departed_ < max_outbox_) return true;
  abort("outbox limit: the peer does not read, and " + std::to_string(queued_ - departed_) + " bytes wait for it");
  return false;
}

void Outbox::enqueue_copy(ByteView bytes) {
  if (bytes.empty()) return;
  const auto copy = std::make_shared<const Bytes>(bytes.begin(), bytes.end());
  enqueue(*copy, copy);
}

void Outbox::enqueue(ByteView bytes, std::shared_ptr<const Bytes> memory) {
  if (bytes.empty()) return;
  const bool was_empty = is_empty();
  queued_ += bytes.size();
  queue_.push_back({bytes, std::move(memory)});
  if (!was_empty) return;  // it is watched already
  stalls_at_ = deadline_after(stall_);
  if (thread_ != nullptr) thread_->watch(shared_from_this());
}

void Outbox::push() {
  if (broken_ || is_empty()) return;
  std::array<ByteView, Socket::kMaxPieces> pieces{};
  std::size_t count = 0;
  for (auto chunk = queue_.begin(); chunk != queue_.end() && count < pieces.size(); ++chunk) {
    pieces[count++] = chunk->left;
  }
  std::size_t sent = 0;
  try {
    sent = socket_.send(std::span(pieces).first(count));
  } catch (const std::system_error&) {
    broken_ = true;
    drop_queue();
    return;
  }
  if (sent == 0) return;
  departed_ += sent;
  stalls_at_ = deadline_after(stall_);
  while (sent > 0) {
    ByteView& left = queue_.front().left;
    const std::size_t sent_of_this = std::min(sent, left.size());
    left = left.subspan(sent_of_this);
    sent -= sent_of_this;
    if (left.empty()) queue_.pop_front();
  }
  if (is_empty() && end_timeout_ != kForever) end_at(deadline_after(end_timeout_));
  progress_.notify_all();
}

// poll(2) calls a socket writable when a good part of the kernel's buffer is free, which may be megabytes. A slow peer
// has made less room than that, and send(2) takes what there is.
void Outbox::push_or_abort() {
  const std::uint64_t departed_before = departed_;
  push();
  if (departed_ == departed_before) abort("outbox stall: the peer reads nothing any more");
}

bool Outbox::wait_until_departed(std::unique_lock<std::mutex>& lock, std::uint64_t position) {
  progress_.wait(lock, [&] { return broken_ || departed_ >= position; });
  return !broken_;
}

void Outbox::end_after(Milliseconds timeout) {
  end_timeout_ = timeout;
  if (is_empty()) end_at(deadline_after(timeout));
}

void Outbox::end_at(Deadline deadline) {
  deadline_ = std::min(deadline_, deadline);
  if (thread_ != nullptr && deadline_ != kNever) thread_->watch(shared_from_this());
}

void Outbox::abort(std::string why) {
  if (broken_) return;
  why_aborted_ = std::move(why);
  broken_ = true;
  socket_.reset_on_close();
  socket_.shut_down();  // the owner wakes up, and closes
  drop_queue();
}

void Outbox::leave() {
  broken_ = true;
  deadline_ = kNever;
  drop_queue();
  // While it waits in poll(2), the kernel keeps the descriptor's socket, even if that is closed.
  if (watched_) thread_->watch(shared_from_this());
}

void Outbox::drop_queue() {
  queue_.clear();
  departed_ = queued_;
  progress_.notify_all();
}

Deadline Outbox::next_deadline() const { return is_empty() ? deadline_ : std::min(deadline_, stalls_at_); }

void Outbox::attend(bool writable) {
  if (writable) push();
  const Deadline now = Clock::now();
  if (!is_empty() && now >= stalls_at_) push_or_abort();
  if (now < deadline_) return;
  deadline_ = kNever;
  if (!broken_) socket_.shut_down();
}

// ---- OutboxThread ----

OutboxThread::OutboxThread() : thread_([this] { run(); }) {}

OutboxThread::~OutboxThread() {
  {
    const std::lock_guard lock(mutex_);
    ending_ = true;
  }
  wake_pipe_.wake();
  thread_.join();
}

void OutboxThread::watch(const std::shared_ptr<Outbox>& outbox) {
  if (!outbox->watched_) {
    const std::lock_guard lock(mutex_);
    watched_.push_back(outbox);
    outbox->watched_ = true;
  }
  wake_pipe_.wake();
}

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
    outboxes = watched_;
  }
  const Deadline deadline = prepare(outboxes, descriptors);
  wait_for(descriptors, deadline);
  wake_pipe_.clear();
  for (std::size_t i = 0; i < outboxes.size(); ++i) {
    const std::lock_guard lock(outboxes[i]->mutex);
    outboxes[i]->attend(descriptors[i].revents != 0);
  }
  return true;
}

// descriptors[i] belongs to outboxes[i]; the wake pipe comes last.
Deadline OutboxThread::prepare(std::vector<std::shared_ptr<Outbox>>& outboxes, std::vector<pollfd>& descriptors) {
  Deadline deadline = kNever;
  descriptors.clear();
  std::erase_if(outboxes, [&](const std::shared_ptr<Outbox>& outbox) {
    const std::lock_guard lock(outbox->mutex);
    if (!outbox->needs_attention()) {
      outbox->watched_ = false;
      const std::lock_guard list_lock(mutex_);
      std::erase(watched_, outbox);
      return true;
    }
    deadline = std::min(deadline, outbox->next_deadline());
    // poll(2) ignores negative descriptors: a socket that only has a deadline must not wake us for being readable.
    descriptors.push_back({outbox->is_empty() ? -1 : outbox->socket_.descriptor(), POLLOUT, 0});
    return false;
  });
  descriptors.push_back({wake_pipe_.descriptor(), POLLIN, 0});
  return deadline;
}

}  // namespace websock
