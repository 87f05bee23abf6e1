// Each entry changes the state in one way, and none of them can fail: whether something may happen was decided before
// it came into the log. An entry that fits nothing (someone renamed who is not there) changes nothing.
#include "room_state.h"

#include <algorithm>
#include <utility>

#include <websock/handshake/fields.h>

// ---- A member as text, an entry as text ----

std::string to_string(const Member& member) {
  // The name last: it alone may have spaces in it. And a key that is missing needs a mark, or the words would shift.
  const std::string& key = member.owner.key;
  return member.owner.server + " " + std::to_string(member.owner.client) + " " + (key.empty() ? "-" : key) + " " +
         member.name;
}

Member parse_member(std::string_view text) {
  // The first three words have no spaces in them; the name, which may, is the rest.
  const auto next_word = [&] {
    const std::string_view word = text.substr(0, text.find(' '));
    // + 1: the space, if there is one.
    text.remove_prefix(std::min(word.size() + 1, text.size()));
    return std::string(word);
  };
  Member member;
  member.owner.server = next_word();
  member.owner.client = std::strtoull(next_word().c_str(), nullptr, 10);
  member.owner.key = next_word();
  if (member.owner.key == "-") member.owner.key.clear();
  member.name = text;
  return member;
}

// The owner is left out of all of these: it would tell people on which server somebody is, and it has the key's digest.
std::string wire_text(const Entry& entry) {
  // Nobody is told: of "moved", as it is the same person, and the name was never free.
  if (entry.type == "moved" || entry.type == "unreadable") return "";
  JsonObject told = {{"type", entry.type}};
  if (entry.is_numbered()) {
    told.insert(told.end(),
                {{"seq", entry.at.message}, {"time", entry.time}, {"from", entry.name}, {"text", entry.text}});
  } else if (entry.type == "renamed") {
    told.insert(told.end(), {{"from", entry.name}, {"name", entry.text}});
  } else {
    told.push_back({"name", entry.name});
  }
  return to_string(Json(std::move(told)));
}

// ---- The fold ----

void RoomState::apply(const Entry& entry, const std::string& wire) {
  position_ = entry.at;  // even of an entry that fits nothing: it has its place in the order
  if (entry.is_numbered()) return remember(wire);
  if (entry.type == "joined") return members_.push_back({entry.name, entry.owner});
  if (entry.type == "left") return remove(entry.name);
  // "moved" and "renamed" change a member where it stands: the order of the list is the order of coming, whatever one
  // is called by now.
  for (Member& member : members_) {
    if (!websock::equal_ignoring_case(member.name, entry.name)) continue;
    if (entry.type == "moved") member.owner = entry.owner;
    if (entry.type == "renamed") member.name = entry.text;
    return;
  }
}

// What is there now, without the entries that made it so. The history comes next, see remember().
void RoomState::begin_at(Position position, std::vector<Member> members) {
  position_ = position;
  members_ = std::move(members);
}

void RoomState::remember(std::string wire) {
  history_bytes_ += wire.size();
  history_.push_back(std::move(wire));
  // By bytes, too: a hundred of the longest messages are 2 MB, and everybody who comes in would be sent them.
  // It may drop the newest, too: with --max-history 0 it does. It ends: an empty history has neither messages nor
  // bytes.
  while (history_.size() > max_history_ || history_bytes_ > max_bytes_) {
    history_bytes_ -= history_.front().size();
    history_.pop_front();
  }
}

// Nobody of that name: nothing happens.
void RoomState::remove(std::string_view name) {
  std::erase_if(members_, [&](const Member& member) { return websock::equal_ignoring_case(member.name, name); });
}

// ---- Looking ----

// From the front: there are some hundreds of members at most. Null: nobody. What is found is good until the next
// change.
const Member* RoomState::find(std::string_view name) const {
  const auto has_name = [&](const Member& member) { return websock::equal_ignoring_case(member.name, name); };
  const auto found = std::find_if(members_.begin(), members_.end(), has_name);
  return found == members_.end() ? nullptr : &*found;
}

const Member* RoomState::find(const Owner& owner) const {
  const auto is_held = [&](const Member& member) { return member.owner == owner; };
  const auto found = std::find_if(members_.begin(), members_.end(), is_held);
  return found == members_.end() ? nullptr : &*found;
}

// What a welcome brings. `after` is what a client claims to have seen: a number that is too large gets it nothing at
// all.
std::string RoomState::history_after(double after) const {
  std::string array = "[";
  // All of it at once: a welcome is put together while the room is locked, and others wait.
  array.reserve(history_bytes_ + history_.size() + 2);  // with a comma each, and two brackets
  // The number of the message before the first that is kept: they are numbered without a gap, so none has to be stored.
  double number = static_cast<double>(position_.message - history_.size());
  for (const std::string& message : history_) {
    if (++number <= after) continue;
    if (array.size() > 1) array += ',';  // 1: only the bracket yet
    array += message;
  }
  return array + "]";
}

// Not below 0: who has seen more than what was dropped has missed nothing.
double RoomState::missed_after(double after) const {
  return std::max(0.0, static_cast<double>(position_.message - history_.size()) - after);
}
