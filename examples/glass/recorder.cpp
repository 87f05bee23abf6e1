// One map of all entries, in the order in which they came, and for each connection the numbers of its own. An entry
// knows how much passed before it: so the size of a gap is a difference, and nobody keeps an account of what was
// dropped.
//
//     connection 3:   [4 frames before] [5 before] ...... [417 before]
//                      a watcher saw this one       and is given this one: 412 frames are missing
#include "recorder.h"

using namespace websock;

namespace {

// What an entry owns besides itself: capacity, not size, since that is what it has taken. A kind of entry that is not
// here does not compile.
std::size_t owned(const Piece&) { return 0; }
std::size_t owned(const Tagged& tagged) { return tagged.tag.capacity(); }
std::size_t owned(const HeadHeard& head) { return head.text.capacity(); }
std::size_t owned(const AcceptHeard& accept) { return accept.key.capacity() + accept.accept.capacity(); }
std::size_t owned(const BytesHeard& bytes) { return bytes.bytes.capacity(); }
std::size_t owned(const FrameBegan& frame) { return frame.wire.capacity(); }
std::size_t owned(const PayloadHeard& payload) { return payload.wire.capacity(); }
std::size_t owned(const CloseHeard& close) { return close.body.reason.capacity(); }
// 8: a std::uint64_t for each cut. The blocks count, too: an empty one takes two bytes of a message, and far more
// of us.
std::size_t owned(const MessageHeard& message) {
  const std::size_t blocks = message.inflated ? message.inflated->blocks.capacity() * sizeof(BlockHeard) : 0;
  return message.beginning.capacity() + 8 * message.cuts.capacity() + blocks;
}
std::size_t owned(const StateChanged&) { return 0; }
std::size_t owned(const FaultHeard& fault) { return fault.why.capacity() + fault.wire.capacity(); }
std::size_t owned(const EndHeard& end) { return end.unfinished ? end.unfinished->wire.capacity() : 0; }
std::size_t owned(const Closed& closed) { return closed.reason.capacity(); }
std::size_t owned(const Heard& heard) {
  return std::visit([](const auto& what) { return owned(what); }, heard.what);
}

// A frame counts when its header is there. What follows of it are entries, too, but no further frames.
bool is_frame(const Entry& entry) {
  const Heard* heard = std::get_if<Heard>(&entry.what);
  return heard != nullptr && std::holds_alternative<FrameBegan>(heard->what);
}

// The account with this entry in it. Bytes are counted where a system call moved them, so each counts once.
Totals after(const Entry& entry) {
  const Piece* piece = std::get_if<Piece>(&entry.what);
  return {entry.before.entries + 1, entry.before.frames + (is_frame(entry) ? 1 : 0),
          entry.before.bytes + (piece != nullptr ? piece->size : 0)};
}

}  // namespace

std::size_t memory_of(const Entry& entry) {
  constexpr std::size_t kAround = 128;  // bytes: a node of the map, a number in the deque, what malloc rounds up
  return sizeof(Entry) + kAround + std::visit([](const auto& what) { return owned(what); }, entry.what);
}

// By the connection's own thread, before its first byte. Numbers are never used again, so a watcher cannot take a new
// connection for one that has gone.
std::uint64_t Recorder::open(bool own, const std::string& peer, const std::string& to) {
  const std::lock_guard lock(mutex_);
  const std::uint64_t number = ++last_connection_;
  connections_[number] = {{number, own, peer, to}, std::chrono::steady_clock::now(), {}, 0, {}};
  while (connections_.size() > limits_.connections) {
    // The lowest number: opened first, even if it is still talking. Its entries go before it, since each looks it up.
    Connection& oldest = connections_.begin()->second;
    while (!oldest.entries.empty()) drop_oldest_of(oldest);
    connections_.erase(connections_.begin());
  }
  return number;
}

// By the connection's own thread. It never waits for a watcher: what it does under the lock is to put a few entries in
// and let a few others go.
void Recorder::add(std::uint64_t connection, decltype(Entry::what) what, std::vector<Heard> more) {
  {
    const std::lock_guard lock(mutex_);
    const auto found = connections_.find(connection);
    if (found == connections_.end()) return;  // so many were opened since that this one is not kept any more
    // Taken under the lock, like the numbers: so a later number never has an earlier time.
    const std::chrono::duration<double, std::milli> time = std::chrono::steady_clock::now() - found->second.opened;
    append(found->second, time.count(), std::move(what));
    for (Heard& heard : more) append(found->second, time.count(), std::move(heard));
  }
  // Without the lock: it takes another one, and what others do in there is their affair.
  on_change_();
}

// Puts one entry in, and lets go what there is no room for then.
void Recorder::append(Connection& connection, double time, decltype(Entry::what) what) {
  const auto entry = std::make_shared<const Entry>(
      Entry{connection.introduction.connection, time, std::move(what), connection.totals});
  const std::size_t memory = memory_of(*entry);
  connection.totals = after(*entry);
  connection.entries.push_back(next_entry_);
  connection.memory += memory;
  memory_ += memory;
  // The hint: it is the largest number so far.
  entries_.emplace_hint(entries_.end(), next_entry_++, entry);
  keep_limits(connection);
}

// REQUIRES: it has one. A watcher that is reading the entry keeps it alive by its shared_ptr; the memory is no longer
// ours to count.
void Recorder::drop_oldest_of(Connection& connection) {
  const auto oldest = entries_.find(connection.entries.front());
  const std::size_t memory = memory_of(*oldest->second);
  connection.memory -= memory;
  memory_ -= memory;
  connection.entries.pop_front();
  entries_.erase(oldest);
}

// First the connection's own limit: who talks a lot pays alone, and a quiet connection keeps its history beside it.
// Then that of all together, at the cost of the oldest entry of any. The newest entry is kept, however large it is: a
// page that is told of nothing could not even draw the gap.
void Recorder::keep_limits(Connection& added) {
  while (added.memory > limits_.connection && added.entries.size() > 1) drop_oldest_of(added);
  while (memory_ > limits_.all && entries_.size() > 1) {
    // The first in the map is the first of its connection, too: both go by number.
    drop_oldest_of(connections_.at(entries_.begin()->second->connection));
  }
}

// By the thread that tells. Only pointers are copied under the lock; JSON is made of them afterwards.
std::vector<Item> Recorder::next(Cursor& cursor, std::size_t max_items) const {
  const std::lock_guard lock(mutex_);
  // What open() has let go: a cursor would remember every connection that there ever was.
  std::erase_if(cursor.reached, [&](const auto& known) { return connections_.count(known.first) == 0; });
  std::vector<Item> items;
  // The entry itself may have gone: then the next one that is left, and the totals tell what is missing.
  for (auto at = entries_.lower_bound(cursor.next); at != entries_.end() && items.size() < max_items; ++at) {
    const auto& [number, entry] = *at;
    // It is no entry, and comes with whichever of them is left: so no watcher is told of a connection that it cannot
    // name.
    const bool known = cursor.reached.count(entry->connection) > 0;
    if (!known) items.emplace_back(connections_.at(entry->connection).introduction);
    // Zeros for one that was unknown: so what went before a watcher came is a gap like any other.
    Totals& reached = cursor.reached[entry->connection];
    if (entry->before.entries > reached.entries) {
      items.emplace_back(Gap{entry->connection,
                             {entry->before.entries - reached.entries, entry->before.frames - reached.frames,
                              entry->before.bytes - reached.bytes}});
    }
    items.emplace_back(entry);
    reached = after(*entry);
    cursor.next = number + 1;
  }
  return items;
}

std::size_t Recorder::memory() const {
  const std::lock_guard lock(mutex_);
  return memory_;
}
