// Who is in the room, what is remembered for those who come later, and how everybody is told.
#include <algorithm>

#include <websock/handshake/fields.h>

#include "room.h"
#include "text.h"

void Room::leave(const Client& client) {
  const std::string name = client.name;
  clients_.remove_if([&](const Client& each) { return &each == &client; });
  if (!name.empty()) tell_all(JsonObject{{"type", "left"}, {"name", name}});
}

std::string Room::check_name(std::string_view name, std::string_view own) const {
  name = websock::trim(name);
  const std::size_t size = count_code_points(name);
  if (size < 1 || size > 32) throw Refusal("A name has 1 to 32 characters.");
  if (has_controls(name)) throw Refusal("A name has no control characters, nor invisible ones.");
  for (const Json& taken : names()) {
    const bool is_own = taken.text() == own;
    if (!is_own && websock::equal_ignoring_case(taken.text(), name)) throw Refusal("That name is taken.");
  }
  return std::string(name);
}

Room::Client* Room::find(Id id) {
  const auto has_id = [&](const Client& client) { return client.id == id; };
  const auto found = std::find_if(clients_.begin(), clients_.end(), has_id);
  return found == clients_.end() ? nullptr : &*found;
}

Room::Client* Room::find_member(std::string_view name) {
  const auto has_name = [&](const Client& client) {
    return !client.name.empty() && websock::equal_ignoring_case(client.name, name);
  };
  const auto found = std::find_if(clients_.begin(), clients_.end(), has_name);
  return found == clients_.end() ? nullptr : &*found;
}

std::size_t Room::count_members() const { return names().size() - (options_.bot ? 1 : 0); }

JsonArray Room::names() const {
  JsonArray names;
  if (options_.bot) names.push_back(kBotName);
  for (const Client& client : clients_) {
    if (!client.name.empty()) names.push_back(client.name);
  }
  return names;
}

// ---- Telling ----

void Room::welcome(const Client& client, const Json& message) const {
  const bool same_epoch = !message["epoch"].is_null() && message["epoch"].text() == options_.epoch;
  const double after = same_epoch ? message["after"].number() : 0;
  const auto forgotten = static_cast<double>(sequence_ - history_.size());
  JsonArray history;
  for (const Json& kept : history_) {
    if (kept["seq"].number() > after) history.push_back(kept);
  }
  const Json text = JsonObject{{"type", "welcome"},
                               {"room", options_.name},
                               {"epoch", options_.epoch},
                               {"you", client.name},
                               {"bot", options_.bot ? Json(kBotName) : Json()},
                               {"members", names()},
                               {"seq", sequence_},
                               {"missed", same_epoch ? std::max(0.0, forgotten - after) : 0.0},
                               {"history", std::move(history)}};
  client.line.send(to_string(text));
}

void Room::publish(const char* type, std::string_view from, std::string_view text) {
  const Json message = JsonObject{
      {"type", type}, {"seq", ++sequence_}, {"time", utc_text(options_.time())}, {"from", from}, {"text", text}};
  history_.push_back(message);
  if (history_.size() > options_.max_history) history_.pop_front();
  tell_all(message);
}

void Room::tell_all(const Json& message, const Client* except) const {
  const std::string text = to_string(message);
  for (const Client& client : clients_) {
    if (!client.name.empty() && &client != except) client.line.send(text);
  }
}

Json Room::private_message(std::string_view from, std::string_view to, std::string_view text) const {
  return JsonObject{
      {"type", "private"}, {"time", utc_text(options_.time())}, {"from", from}, {"to", to}, {"text", text}};
}
