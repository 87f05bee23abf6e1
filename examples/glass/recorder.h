// What is kept of the connections that glass looks at, and for whom.
//
// Whoever records never waits: when there is too much, the oldest goes. Whoever watches has a cursor, and takes what is
// behind it. So the ring is the queue, and there is no second one that could grow: a watcher that is slower than the
// traffic finds a gap, and is told how large it is.
#pragma once

#include <chrono>
#include <deque>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <variant>
#include <vector>

#include "tap/heard.h"

// What one system call brought or took.
struct Piece {
  websock::Role sender = websock::Role::client;
  const char* call = "recv";  // or "send"
  std::uint64_t at = 0;       // in the sender's stream
  std::uint64_t size = 0;     // bytes
};

// The page's own name for its own connection, out of the request: so that the page knows which one that is.
struct Tagged {
  std::string tag;
};

// How much passed on one connection up to some moment.
struct Totals {
  std::uint64_t entries = 0;
  std::uint64_t frames = 0;
  std::uint64_t bytes = 0;
};

struct Entry {
  std::uint64_t connection = 0;
  double time = 0;  // milliseconds since the connection was opened
  std::variant<Piece, Tagged, Heard> what;
  Totals before;  // this one
};

// A connection that a watcher has not seen before.
struct Introduction {
  std::uint64_t connection = 0;
  bool own = false;  // it goes to the specimen, not through the relay
  std::string peer;  // "127.0.0.1:51514"
  std::string to;    // where the relay goes
};

// Entries that a watcher will not see: they had to go.
struct Gap {
  std::uint64_t connection = 0;
  Totals lost;
};

using Item = std::variant<Introduction, Gap, std::shared_ptr<const Entry>>;

// How far one watcher has come.
struct Cursor {
  std::uint64_t next = 0;                   // the number of the entry to look at next
  std::map<std::uint64_t, Totals> reached;  // for each connection that it was told of
};

struct RecorderLimits {
  std::size_t connection = 4 * 1024 * 1024;  // bytes of memory for one
  std::size_t all = 64 * 1024 * 1024;
  std::size_t connections = 200;
};

// All members may be called by any thread.
class Recorder {
 public:
  // `on_change` is called after each addition, by the thread that made it.
  explicit Recorder(const RecorderLimits& limits = {}) : limits_(limits) {}
  void on_change(std::function<void()> call) { on_change_ = std::move(call); }  // before anything is recorded

  // A connection begins. Returns its number, from 1.
  std::uint64_t open(bool own, const std::string& peer, const std::string& to);

  // `more`: what that says, if it says anything. All of it has one time, and makes one call of `on_change`.
  void add(std::uint64_t connection, decltype(Entry::what) what, std::vector<Heard> more = {});

  // The next items for a watcher, about so many (an entry is never parted from its introduction and its gap, so at most
  // two more); none: it has seen everything. Moves the cursor.
  std::vector<Item> next(Cursor& cursor, std::size_t max_items) const;

  std::size_t memory() const;  // bytes that are taken now

 private:
  struct Connection {
    Introduction introduction;
    std::chrono::steady_clock::time_point opened;
    std::deque<std::uint64_t> entries;  // their numbers
    std::size_t memory = 0;
    Totals totals;
  };
  // REQUIRES for all of these: the mutex is held.
  void append(Connection& connection, double time, decltype(Entry::what) what);
  void drop_oldest_of(Connection& connection);
  void keep_limits(Connection& added);

  const RecorderLimits limits_;
  std::function<void()> on_change_ = [] {};
  mutable std::mutex mutex_;  // guards all below, and is held while memory is moved, never while anything is sent
  std::map<std::uint64_t, Connection> connections_;
  std::map<std::uint64_t, std::shared_ptr<const Entry>> entries_;  // by number, of all connections
  std::uint64_t last_connection_ = 0;
  std::uint64_t next_entry_ = 0;
  std::size_t memory_ = 0;
};

// The memory that an entry takes, in bytes.
std::size_t memory_of(const Entry& entry);
