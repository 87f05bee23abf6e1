// What the log says, and how clients are told. Nothing is decided here: an entry that comes out of the log has
// happened.
//
// All members hear an entry in the same order because the lock is held from the state's change to the last line. That
// is cheap because handing over never waits: see Line.
#include <algorithm>

#include "names.h"
#include "room.h"
#include "text.h"

// The order of the lines matters. A member who leaves is looked up in the state as it was, so that comes before the
// change. One who has joined is welcomed with the state as it is now, so that comes after it.
void Room::apply(const Entry& entry) {
  const std::string text = wire_text(entry);  // the long part of the work, before the lock
  const std::lock_guard lock(mutex_);
  if (entry.type == "left" || entry.type == "moved") go_out(entry);
  state_.apply(entry, text);
  // Only "joined" and "moved" have an owner, and it is a client of one server. In all other entries its number is 0,
  // and nobody's.
  if (Client* client = find(entry.owner)) return come_in(*client, entry);
  if (entry.type == "renamed") {
    // By its new name, which is the one that the state has by now. Null: a client of another server.
    const Member* member = state_.find(entry.text);
    if (Client* client = member == nullptr ? nullptr : find(member->owner)) client->name = entry.text;
    // What was said counts on under the new name. Else ten messages, /name, and ten more.
    says_.rename(fold_name(entry.name), fold_name(entry.text));
    types_.rename(fold_name(entry.name), fold_name(entry.text));
  }
  if (!text.empty()) tell_all(text);  // empty: "moved"
}

// One of our own clients has joined, or has its name back. REQUIRES: the lock is held.
void Room::come_in(Client& client, const Entry& entry) {
  client.name = entry.name;  // first: from here on it is a member, and welcome() goes by it
  welcome(client);
  // Not to itself: its welcome has it among the members. And of "moved" nobody hears, as for them nobody was gone.
  if (entry.type == "joined") tell_all(wire_text(entry), &client);
  // No epoch: it has never been welcomed before. Who comes back has been greeted.
  const bool is_new = client.join && client.join->epoch.empty();
  client.join.reset();  // its key goes with it: the digest in `owner` is enough
  if (!options_.bot || !is_new || state_.members().size() > 1) return;
  client.line.send(to_string(private_message(kBotName, client.name, client.bot.greet())));
}

// Whoever held the name holds it no more. If that is one of our clients, and it is still there, then it came in from
// elsewhere; or another server took us for dead, and said for us that it left: it may come back.
void Room::go_out(const Entry& entry) {
  const Member* member = state_.find(entry.name);
  Client* client = member == nullptr ? nullptr : find(member->owner);
  // The usual case: a client of ours that leaves is off the list before the log says so.
  if (client == nullptr) return;
  const bool moved = entry.type == "moved";
  if (moved) client->line.send(R"({"type":"info","text":"You have joined from elsewhere."})");
  // 1000 after a move. A page that came back would take its name from the other window, which would take it from this
  // one, and so on for ever.
  client->line.close(!moved);
  clients_.remove_if([&](const Client& each) { return &each == client; });
}

// There is a gap between what the members know and what the room is. They are sent away, and come back with the number
// that they have seen. So is a client whose join is in the new state already: the entry that would have brought its
// welcome is in the gap. Those who have not joined yet may stay.
void Room::start_anew(const RoomState& state) {
  const std::lock_guard lock(mutex_);
  state_ = state;
  const auto is_in = [&](const Client& client) { return !client.name.empty() || state_.find(client.owner) != nullptr; };
  // Closed without a "left": in the new state they may still be members. Who does not come back is found by reap().
  for (const Client& client : clients_) {
    if (is_in(client)) client.line.close(true);
  }
  clients_.remove_if(is_in);
}

// To all clients, members or not: those that wait to join have to know when it is worth another try.
void Room::set_away(bool away) {
  const std::lock_guard lock(mutex_);
  // The threads of a log may say the same thing one after the other. People read it once.
  if (away == away_) return;
  away_ = away;
  for (const Client& client : clients_) client.line.send(away ? R"({"type":"away"})" : R"({"type":"back"})");
}

// Three kinds of whisper: one to a client of ours by its number, such as a private message; the answer to one of ours,
// whether it was heard; and one to all, such as "typing". Called by the thread that listens. Throws JsonError for what
// no server of ours has said.
void Room::hear(std::string_view words) {
  const Json heard = parse_json(words);  // before the lock
  std::unique_lock lock(mutex_);
  if (!heard["heard"].is_null()) {
    // Nobody may wait for it any more. Compared as numbers: what somebody else made up need not fit into an integer.
    for (auto& [number, answer] : questions_) {
      if (static_cast<double>(number) == heard["number"].number()) answer = heard["heard"].boolean();
    }
    return answered_.notify_all();
  }
  if (heard["to"].is_null()) return tell_all(words);
  bool is_heard = false;
  for (const Client& client : clients_) {
    // A number that is nobody's any more is a receiver who has gone.
    const bool is_meant = static_cast<double>(client.owner.client) == heard["to"].number() && !client.name.empty();
    if (is_meant) client.line.send(to_string(heard["message"]));
    is_heard = is_heard || is_meant;
  }
  if (heard["server"].is_null()) return;  // a server of an older version, which does not ask
  // Without the lock, as it waits for Redis. Should it be lost, the speaker is told that nobody knows.
  lock.unlock();
  const Json answer = JsonObject{{"number", heard["number"]}, {"heard", is_heard}};
  log_.whisper(heard["server"].text(), to_string(answer));
}

// ---- Telling ----

// The number that the client has seen counts only in the epoch that it has seen it in.
void Room::welcome(const Client& client) const {
  const Request join = client.join.value_or(Request{});
  const bool same_epoch = join.epoch == state_.epoch();
  JsonArray members;
  for (const std::string& name : names()) members.push_back(name);
  std::string text = to_string(Json(JsonObject{{"type", "welcome"},
                                               {"room", options_.name},
                                               {"epoch", state_.epoch()},
                                               {"you", client.name},
                                               {"bot", options_.bot ? Json(kBotName) : Json()},
                                               {"members", std::move(members)},
                                               {"seq", state_.position().message},
                                               {"missed", same_epoch ? state_.missed_after(join.after) : 0.0}}));
  text.back() = ',';  // for the brace: the history is JSON already, and need not be read to be written
  text.append(R"("history":)").append(state_.history_after(same_epoch ? join.after : 0)).append("}");
  client.line.send(text);
}

Json Room::private_message(std::string_view from, std::string_view to, std::string_view text) const {
  return JsonObject{
      {"type", "private"}, {"time", utc_text(options_.time())}, {"from", from}, {"to", to}, {"text", text}};
}

// To one client, if it is still there. Found under the lock, so that its connection cannot go meanwhile.
void Room::tell(Id id, const Json& message) {
  const std::string text = to_string(message);
  const std::lock_guard lock(mutex_);
  if (const Client* client = find(id)) client->line.send(text);
}

// REQUIRES: the lock is held. That is what makes the order the same for all.
void Room::tell_all(std::string_view text, const Client* except) const {
  for (const Client& client : clients_) {
    if (!client.name.empty() && &client != except) client.line.send(text);
  }
}

// ---- Who is there ----

// A search from the front: there are some hundred clients. In a list, so that what is found stays where it is when
// others go. REQUIRES: the lock is held, for as long as the result is used.
Room::Client* Room::find(Id id) {
  const auto found =
      std::find_if(clients_.begin(), clients_.end(), [&](const Client& client) { return client.id == id; });
  return found == clients_.end() ? nullptr : &*found;
}

Room::Client* Room::find(const Owner& owner) {
  const auto found =
      std::find_if(clients_.begin(), clients_.end(), [&](const Client& client) { return client.owner == owner; });
  return found == clients_.end() ? nullptr : &*found;
}

// For welcome() and /who. REQUIRES: the lock is held.
std::vector<std::string> Room::names() const {
  std::vector<std::string> names;
  if (options_.bot) names.push_back(kBotName);
  for (const Member& member : state_.members()) names.push_back(member.name);
  return names;
}

// The answer to /who, and the one place where people see that there are several servers.
std::string Room::who() const {
  const std::lock_guard lock(mutex_);
  std::string text = "In the room:";
  for (const std::string& name : names()) text += (text.back() == ':' ? " " : ", ") + name;  // ':': it is the first
  if (!options_.server.empty()) text += ". You are on the server " + options_.server + ".";
  return text;
}

// Those whose heartbeats are worth asking for: of a server without members nobody has to say anything when it dies.
std::set<std::string> Room::servers() const {
  const std::lock_guard lock(mutex_);
  std::set<std::string> servers;
  for (const Member& member : state_.members()) servers.insert(member.owner.server);
  return servers;
}

// What a log has to keep for this room's sake. It takes the lock, so a decision, which holds it, must not call it.
std::uint64_t Room::oldest_kept() const {
  const std::lock_guard lock(mutex_);
  return state_.oldest();
}
