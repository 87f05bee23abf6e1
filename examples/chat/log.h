// The log: everything that happens in the room, in one order.
//
//     7-0  message  Ada  "Hello"         the seventh message
//     7-1  joined   Bob                  behind it, and before the eighth
//     7-2  renamed  Bob  "Rob"
//     8-0  message  Rob  "Hi"
//
// The room is what one gets by going through these entries from the first to the last. Nobody is told anything that did
// not come out of the log, and so all are told the same in the same order. Where the log is does not matter to the
// room: in this process (memory_log), or in Redis, where several servers follow it (redis_log.h).
#pragma once

#include <compare>
#include <cstdint>
#include <functional>
#include <stdexcept>
#include <string>
#include <string_view>
#include <vector>

// Where an entry stands. Messages are numbered without a gap; what happens between two of them counts in `sub`. So
// behind s-u comes either s-(u+1) or (s+1)-0, and whoever reads anything else has missed something.
struct Position {
  std::uint64_t message = 0;
  std::uint64_t sub = 0;

  auto operator<=>(const Position&) const = default;
};

// Who holds a name: a client of one of the servers.
struct Owner {
  std::string server = {};
  std::uint64_t client = 0;  // the server's own number for it
  std::string key = {};      // a digest of the secret with which the client gets its name back; empty: it gave none

  bool operator==(const Owner&) const = default;
};

// As Redis writes it:    7-2
std::string to_string(Position position);
Position parse_position(const std::string& text);  // 0-0 if it is none

struct Entry {
  std::string type;       // message, action: these are numbered. joined, moved, renamed, left: these are not.
                          // unreadable: what it was nobody knows, but it has its place (see redis_entry.h)
  std::string name;       // who
  std::string text = {};  // message, action: what was said. renamed: the new name
  std::string time = {};  // message, action: UTC
  Owner owner = {};       // joined, moved: who has the name from here on. Never shown to clients
  Position at = {};       // set by the log

  bool is_numbered() const { return type == "message" || type == "action"; }
};

// The position of an entry that comes behind `at`.
Position next_position(Position at, bool numbered);

// A change that an entry makes to who holds a name. It is made only if the name still has the owner that we think it
// has: somebody at another server may have been faster.
struct Change {
  std::string name;      // folded, see names.h
  std::string expected;  // a member as text; empty: nobody
  std::string owner;     // likewise
};

// What happens together, or not at all.
struct Step {
  std::vector<Change> changes = {};
  std::vector<Entry> entries = {};
};

// The log cannot be reached. what() tells the person what has become of what was asked for.
class Away : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
};

// A log, for those who write to it. Both may be called by any thread that holds none of the room's locks.
struct Log {
  // Calls `decide`, and appends what it wants. `decide` looks at the room as it is; if meanwhile it has become another,
  // it is called again. So it must not change anything. What it throws ends the append. When append returns, the room
  // has been given the entries. Throws Away.
  std::function<void(const std::function<Step()>& decide)> append = {};

  // Passes words on to another server, or (an empty name) to all others, past the log: nothing is kept. Returns whether
  // anybody was there to hear them.
  std::function<bool(const std::string& server, const std::string& words)> whisper = {};
};

// The log in this process. `apply` is the room's: it is called for each entry, in order.
Log memory_log(std::function<void(const Entry&)> apply);
