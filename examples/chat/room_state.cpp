// Each entry changes the state in one way, and none of them can fail: whether something may happen was decided before
// it came into the log. An entry that fits nothing (someone renamed who is not there) changes nothing.
#include "room_state.h"

#include <algorithm>
#include <utility>

#include <websock/handshake/fields.h>

// ---- A member as text, an entry as text ----

std::string to_string(const Member& member) {
  const std::string& key = member.owner.key;
  return member.owner.server + " " + std::to_string(member.owner.client) + " " + (key.empty() ? "-" : key) + " " +
         member.name;
}

Member parse_member(std::string_view text) {
  // The first three words have no spaces in them; the name, which may, is the rest.
  const auto next_word = [&] {
    const std::string_view word = text.substr(0, text.find(' '));
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

std::string wire_text(const Entry& entry) {
  // Nobody is told: it is the same person, and the name was never free.
  if (entry.type == "moved") return "";
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
  position_ = entry.at;
  if (entry.is_numbered()) return remember(wire);
  if (entry.type == "joined") return members_.push_back({entry.name, entry.owner});
  if (entry.type == "left") return remove(entry.name);
  for (Member& member : members_) {
    if (!websock::equal_ignoring_case(member.name, entry.name)) continue;
    if (entry.type == "moved") member.owner = entry.owner;
    if (entry.type == "renamed") member.name = entry.text;
    return;
  }
}

void RoomState::begin_at(Position position, std::vector<Member> members) {
  position_ = position;
  members_ = std::move(members);
}

void RoomState::remember(std::string wire) {
  history_bytes_ += wire.size();
  history_.push_back(std::move(wire));
  // By bytes, too: a hundred of the longest messages are 2 MB, and everybody who comes in would be sent them.
  while (history_.size() > max_history_ || history_bytes_ > max_bytes_) {
    history_bytes_ -= history_.front().size();
    history_.pop_front();
  }
}

void RoomState::remove(std::string_view name) {
  std::erase_if(members_, [&](const Member& member) { return websock::equal_ignoring_case(member.name, name); });
}

// ---- Looking ----

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

std::string RoomState::history_after(double after) const {
  std::string array = "[";
  // The number of the message before the first that is kept: they are numbered without a gap, so none has to be stored.
  double number = static_cast<double>(position_.message - history_.size());
  for (const std::string& message : history_) {
    if (++number <= after) continue;
    if (array.size() > 1) array += ',';
    array += message;
  }
  return array + "]";
}

double RoomState::missed_after(double after) const {
  return std::max(0.0, static_cast<double>(position_.message - history_.size()) - after);
}
