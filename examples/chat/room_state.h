// What the room has come to be: the fold over the log's entries. It is a value: no lock, no clock, no connection, and
// the same entries make the same state, at every server that follows the log.
#pragma once

#include <cstddef>
#include <deque>
#include <string>
#include <string_view>
#include <vector>

#include "json.h"
#include "log.h"

struct Member {
  std::string name;  // as its owner writes it
  Owner owner = {};

  bool operator==(const Member&) const = default;
};

// A member as the log keeps it: "server client key name", where a key that there is not is a "-".
std::string to_string(const Member& member);
Member parse_member(std::string_view text);  // REQUIRES: `text` was made by to_string()

// What members are told of an entry, as JSON; empty: nothing (who holds a name is nobody else's business).
std::string wire_text(const Entry& entry);

class RoomState {
 public:
  // Of the past, at most `max_history` messages are kept for those who come later, and at most `max_bytes` of them as
  // they are sent.
  RoomState(std::string epoch, std::size_t max_history, std::size_t max_bytes)
      : epoch_(std::move(epoch)), max_history_(max_history), max_bytes_(max_bytes) {}

  // REQUIRES: `entry` follows position(); `wire` is its wire_text(), made beforehand as it takes longer than the rest.
  void apply(const Entry& entry, const std::string& wire);

  // For a state that does not begin with the log's first entry, but with a picture of what was there.
  void begin_at(Position position, std::vector<Member> members);
  void remember(std::string wire);  // a message, the oldest first

  const std::string& epoch() const { return epoch_; }
  Position position() const { return position_; }
  const std::vector<Member>& members() const { return members_; }  // in the order in which they came
  const Member* find(std::string_view name) const;                 // in any spelling; null: nobody
  const Member* find(const Owner& owner) const;

  // The messages behind number `after`, as a JSON array; and how many more there were than are kept.
  std::string history_after(double after) const;
  double missed_after(double after) const;
  std::uint64_t oldest() const { return position_.message - history_.size() + 1; }  // number of the oldest that is kept

 private:
  void remove(std::string_view name);

  std::string epoch_;
  std::size_t max_history_;
  std::size_t max_bytes_;
  Position position_;
  std::vector<Member> members_;
  std::deque<std::string> history_;  // as they were sent
  std::size_t history_bytes_ = 0;
};
