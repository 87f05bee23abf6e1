// What clients ask for: coming, going, and another name; what they say is in room_saying.cpp. Each request goes the
// same way: it was read before it came here; here it is decided what may happen, looking at the room as it is; the log
// puts that into its order; and what then comes out of the log is told to everybody (room_telling.cpp), to the one who
// asked as well.
//
// The lock is held while something is looked at or told, and never while the log is waited for, which may be on another
// machine. It could not be: append() returns when apply() has run, and apply() takes the lock.
#include "room.h"

#include <algorithm>
#include <utility>

#include <websock/handshake/base64.h>
#include <websock/handshake/fields.h>
#include <websock/handshake/sha1.h>
#include "names.h"

namespace {

Json error_reply(std::string_view text) { return JsonObject{{"type", "error"}, {"text", text}}; }

// The key itself stays in this process: the log, which others can read, gets its digest.
std::string digest(std::string_view key) {
  return key.empty() ? std::string() : websock::base64_encode(websock::sha1(websock::bytes_of(key)));
}

}  // namespace

// As many bytes for each hundred as the usual hundred has, between the two ends.
std::size_t max_history_bytes_for(std::size_t messages) {
  constexpr std::size_t kUsual = 64 * 1024;  // of 100 messages
  return std::clamp(messages / 100 * kUsual, kUsual, 4 * kUsual);
}

// A room with a log of its own, in this process. follow() replaces that by one that several servers share.
Room::Room(RoomOptions options)
    : options_(std::move(options)),
      log_(memory_log([this](const Entry& entry) { apply(entry); })),
      state_(options_.epoch, options_.max_history, options_.max_history_bytes),
      bot_(bot_script()) {}

// A client is known from here on, but is no member: it gets nothing until it has joined.
void Room::connect(Id id, Line line) {
  const std::lock_guard lock(mutex_);
  // From 1 on: an entry that names no owner has client 0, and find() must not take that for one of ours.
  clients_.push_back({id, std::move(line), Owner{options_.server, ++last_number_, {}}});
}

// For a client that has gone, for whatever reason. Taken off the list first, so that nobody tells it of its own
// leaving; then the log says that its member has left.
void Room::disconnect(Id id) {
  Owner owner;
  {
    const std::lock_guard lock(mutex_);
    const Client* client = find(id);
    if (client == nullptr) return;  // it quit, or was replaced
    owner = client->owner;
    clients_.remove_if([&](const Client& each) { return &each == client; });
    // Expected back at another server. For those who have not come when we end, end_drain() says that they left.
    if (draining_) return;
  }
  try {
    leave(owner);
  } catch (const std::runtime_error&) {
    // Away, or a Refusal: reap() finds it when the log takes something again, a member of this server without a client.
  }
}

// The entrance for all that a client says. A refusal is an answer to that client, and nobody else hears of it.
std::chrono::nanoseconds Room::receive(Id id, std::string_view text) {
  const std::chrono::nanoseconds pause = keep_pace(id, text.size());
  try {
    obey(id, options_.read(text));
  } catch (const JsonError& why) {
    tell(id, error_reply(std::string("Not understood: ") + why.what() + "."));
  } catch (const std::runtime_error& why) {  // Refusal, Away
    tell(id, error_reply(why.what()));
  }
  return pause;
}

// All that is sent costs us something, what is refused or no JSON as well, and whether it comes from a member or not.
// So everything counts: the connection's own pace, and that of its address, as a flood would come on many connections.
std::chrono::nanoseconds Room::keep_pace(Id id, std::size_t bytes) {
  constexpr std::size_t kUsual = 4096;  // more than people write
  const int weight = static_cast<int>(1 + bytes / kUsual);
  const std::lock_guard lock(mutex_);
  Client* client = find(id);
  if (client == nullptr) return {};
  const auto now = options_.clock();
  const std::chrono::nanoseconds pause = client->pace.take(now, weight);
  const std::string& from = client->line.address;
  return from.empty() ? pause : std::max(pause, pace_from_.of(from, now).take(now, weight));
}

// No default, so that the compiler asks for a line here if there ever is another kind of request.
void Room::obey(Id id, const Request& request) {
  switch (request.kind) {
    case Request::join:
      return join(id, request);
    case Request::say:
      return say(id, request);
    case Request::typing:
      return type(id);
    case Request::ping:
      return tell(id, JsonObject{{"type", "pong"}});
  }
}

// ---- Coming and going ----

// Two steps, since the lock may not be held while the log is waited for: what was asked for is noted with the client,
// and decide_join() looks at everything anew when the log has come to it.
void Room::join(Id id, const Request& request) {
  {
    const std::lock_guard lock(mutex_);
    Client* client = find(id);
    // It was sent away, and this was on its way already. Nobody is left to answer.
    if (client == nullptr) return;
    if (!client->name.empty()) {
      // The same once more: it heard "back" while its first join was still under way. That one was done after all, and
      // its welcome is the answer to both.
      const bool is_same = websock::equal_ignoring_case(client->name, websock::trim(request.name)) &&
                           client->owner.key == digest(request.key);
      if (is_same) return;
      throw Refusal("You are in the room already.");
    }
    // Each welcome brings the whole history along: who comes in again and again would have us do nothing else.
    const std::string& from = client->line.address;
    const auto now = options_.clock();
    if (!from.empty() && !joins_.of(from, now).allow(now)) {
      // No Refusal: a client that is refused gives up, and one that reads "wait" tries again by itself.
      client->line.send(to_string(Json(JsonObject{
          {"type", "error"}, {"text", "Too many come in at once. Please wait a few seconds."}, {"wait", 10}})));
      return;
    }
    client->join = request;
    // From here on the client is known as what the log will call it: its entry is recognised by all of the owner.
    client->owner.key = digest(request.key);
  }
  try {
    // A Refusal passes through here to receive(), which tells it.
    log_.append([&] { return decide_join(id, request.name); });
  } catch (const Away&) {
    const std::lock_guard lock(mutex_);
    const Client* client = find(id);
    if (client == nullptr) return;
    client->line.send(R"({"type":"away"})");  // it joins again when it hears "back"
    // The log was only slow, or all others have heard that meanwhile: nobody would say it to this one any more.
    if (!away_) client->line.send(R"({"type":"back"})");
  }
}

// Runs in the log's own order, and perhaps more than once: a shared log asks again if another server was quicker. So it
// only looks, and changes nothing.
Step Room::decide_join(Id id, const std::string& wanted) {
  const std::lock_guard lock(mutex_);
  const Client* client = find(id);
  // It has gone while the log was waited for, or is in by now: an earlier join, whose answer was lost, was done after
  // all. An empty step leaves no trace.
  if (client == nullptr || !client->name.empty()) return {};
  const Member* former = state_.find(wanted);
  // The name is taken, but by the same key: the client has lost a connection that this server still takes for alive.
  // Without a key nobody returns: the empty one is that of all who have none.
  const bool returns = former != nullptr && !client->owner.key.empty() && former->owner.key == client->owner.key;
  if (returns) {
    // The name stays as it was written: nobody is told of "moved", so nothing that people see may change. And a room
    // that is full takes the same member back.
    const Member member{former->name, client->owner};
    return {{{fold_name(member.name), to_string(*former), to_string(member)}},
            {{.type = "moved", .name = member.name, .owner = member.owner}}};
  }
  // Good for one server. Where there are several, each may see the last place free: there, APPEND counts once more.
  if (state_.members().size() >= options_.max_members) throw Refusal("The room is full.");
  const Member member{check_name(wanted), client->owner};
  require_free(member.name, "");  // "": it has no name yet that it could keep
  return {{{fold_name(member.name), "", to_string(member)}},
          {{.type = "joined", .name = member.name, .owner = member.owner}}};
}

// Each change of the step says how a name was held and how it will be. If another server has changed that in between,
// the log refuses the step and asks again.
void Room::rename(Id id, std::string_view wanted) {
  // Once, and outside of what is decided: whether it is a name at all depends on nobody else.
  const std::string name = check_name(wanted);
  log_.append([&] {
    const std::lock_guard lock(mutex_);
    // Looked up for each decision: between two of them the client may be gone, or have another name.
    const Client& client = member(id);
    require_free(name, client.name);
    const std::string former = to_string(Member{client.name, client.owner});
    const std::string then = to_string(Member{name, client.owner});
    Step step{{}, {{.type = "renamed", .name = client.name, .text = name}}};
    if (fold_name(name) == fold_name(client.name)) {
      step.changes = {{fold_name(name), former, then}};  // another spelling
    } else {
      // Both in one step: nobody can take the new name in between, and the old one is never left behind.
      step.changes = {{fold_name(client.name), former, ""}, {fold_name(name), "", then}};
    }
    return step;
  });
}

// The last words are a message, and not the Close's reason: that must not be shown to people (RFC 6455 section 5.5.1).
void Room::quit(Id id) {
  Owner owner;
  {
    const std::lock_guard lock(mutex_);
    const Client& client = member(id);
    owner = client.owner;
    client.line.send(R"({"type":"info","text":"Goodbye."})");
    // 1000: a page that reads this code does not come back.
    client.line.close(false);
    clients_.remove_if([&](const Client& each) { return &each == &client; });  // it hears no more
  }
  leave(owner);
}

// By owner and not by name: meanwhile the name may belong to somebody else, who must not be sent out.
void Room::leave(const Owner& owner) {
  log_.append([&]() -> Step {
    const std::lock_guard lock(mutex_);
    const Member* member = state_.find(owner);
    if (member == nullptr) return {};  // it never joined, or somebody else has said already that it left
    return {{{fold_name(member->name), to_string(*member), ""}}, {{.type = "left", .name = member->name}}};
  });
}

// Members of servers that died without a word, and members of this one whose client is gone: it left while the log was
// away, or this server drains, and then it may still come back elsewhere.
void Room::reap(const std::set<std::string>& dead_servers) {
  // Noted under the lock, said without it. leave() looks again, so what changes in between does no harm.
  std::vector<Owner> gone;
  {
    const std::lock_guard lock(mutex_);
    for (const Member& member : state_.members()) {
      // We live, so for our own members it is their clients that count.
      const bool is_ours = member.owner.server == options_.server;
      if (is_ours ? !draining_ && find(member.owner) == nullptr : dead_servers.contains(member.owner.server)) {
        gone.push_back(member.owner);
      }
    }
  }
  for (const Owner& owner : gone) leave(owner);
}

// From the signal to end until the last client has been sent away.
void Room::set_draining(bool draining) {
  const std::lock_guard lock(mutex_);
  draining_ = draining;
}

bool Room::is_draining() const {
  const std::lock_guard lock(mutex_);
  return draining_;
}

// The last thing that this server says: who went away, and did not come in elsewhere, has left.
void Room::end_drain() {
  set_draining(false);  // or reap() would spare them
  try {
    reap({});  // {}: of the other servers we say nothing
  } catch (const std::runtime_error&) {
    // Away, or a Refusal: the other servers find that we are dead, and say it for us.
  }
}

// ---- Rules ----

// REQUIRES: the lock is held, as for all that return a reference.
Room::Client& Room::member(Id id) {
  Client* client = find(id);
  if (client == nullptr || client->name.empty()) throw Refusal("Join the room first.");
  return *client;
}

// Names differ in more than case, or people would take one for the other. `own`: who is called Ada may become ADA.
void Room::require_free(std::string_view name, std::string_view own) const {
  const bool is_bot = options_.bot && websock::equal_ignoring_case(name, kBotName);
  const bool is_own = websock::equal_ignoring_case(name, own);
  if (is_bot || (!is_own && state_.find(name) != nullptr)) throw Refusal("That name is taken.");
}
