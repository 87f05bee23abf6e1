// One lock for everything. A message is numbered, kept and handed to every member's connection in one step,
// so no two members can see two messages in a different order, and nobody can slip in between a newcomer's
// welcome and the first message behind it. That is cheap because handing over never waits: see Line.
#include "room.h"

#include <utility>

#include "commands.h"
#include "text.h"

namespace {

constexpr std::size_t kMaxText = 4000;  // code points

void tell(const Line& line, const Json& message) { line.send(to_string(message)); }
Json info(std::string_view text) { return JsonObject{{"type", "info"}, {"text", text}}; }
Json error(std::string_view text) { return JsonObject{{"type", "error"}, {"text", text}}; }

// The last words are a message, and not the Close's reason: that must not be shown to people (RFC 6455 section 5.5.1).
void say_goodbye(const Line& line, std::string_view words) {
  tell(line, info(words));
  line.close();
}

}  // namespace

void Room::connect(Id id, Line line) {
  const std::lock_guard lock(mutex_);
  clients_.push_back({id, std::move(line)});
}

void Room::disconnect(Id id) {
  const std::lock_guard lock(mutex_);
  if (const Client* client = find(id)) leave(*client);  // else it quit, or was replaced
}

void Room::receive(Id id, std::string_view text) {
  const std::lock_guard lock(mutex_);
  Client* client = find(id);
  if (client == nullptr) return;
  try {
    obey(*client, parse_json(text));
  } catch (const Refusal& refusal) {
    tell(client->line, error(refusal.what()));
  } catch (const JsonError& why) {
    tell(client->line, error(std::string("Not understood: ") + why.what() + "."));
  }
}

void Room::obey(Client& client, const Json& message) {
  const std::string& type = message["type"].text();
  if (type == "join") return join(client, message);
  if (type == "ping") return tell(client.line, JsonObject{{"type", "pong"}});
  if (type != "say" && type != "typing") throw Refusal("Not understood: the type is unknown.");
  if (client.name.empty()) throw Refusal("Join the room first.");
  if (type == "say") return say(client, message["text"].text());
  if (client.types.allow(options_.clock())) {
    tell_all(JsonObject{{"type", "typing"}, {"name", client.name}}, &client);
  }
}

void Room::join(Client& client, const Json& message) {
  if (!client.name.empty()) throw Refusal("You are in the room already.");
  const std::string& wanted = message["name"].text();
  const std::string key = message["key"].is_null() ? "" : message["key"].text();
  Client* former = find_member(wanted);
  const bool returns = former != nullptr && !key.empty() && former->key == key;
  if (!returns && count_members() >= options_.max_members) throw Refusal("The room is full.");
  client.name = returns ? former->name : check_name(wanted, "");
  client.key = key;
  if (returns) {
    say_goodbye(former->line, "You have joined from elsewhere.");
    clients_.remove_if([&](const Client& each) { return &each == former; });
  }
  welcome(client, message);
  if (!returns) tell_all(JsonObject{{"type", "joined"}, {"name", client.name}}, &client);
  const bool alone = options_.bot && count_members() == 1 && message["epoch"].is_null();
  if (alone) tell(client.line, private_message(kBotName, client.name, client.bot.greet()));
}

void Room::rename(Client& client, std::string_view name) {
  const std::string former = std::exchange(client.name, check_name(name, client.name));
  tell_all(JsonObject{{"type", "renamed"}, {"from", former}, {"name", client.name}});
}

// ---- What they say ----

void Room::say(Client& client, const std::string& line) {
  if (count_code_points(line) > kMaxText) throw Refusal("A message has at most 4,000 characters.");
  if (!client.says.allow(options_.clock())) throw Refusal("That was a little fast. Please wait a few seconds.");
  const Command command = parse_command(line);
  switch (command.kind) {
    case CommandKind::say:
      return say_to_all(client, "message", command.rest);
    case CommandKind::act:
      return say_to_all(client, "action", command.rest);
    case CommandKind::tell:
      return say_to_one(client, command.rest);
    case CommandKind::ask_bot:
      return say_to_bot(client, command.rest);
    case CommandKind::rename:
      return rename(client, command.rest);
    case CommandKind::who: {
      std::string text = "In the room:";
      for (const Json& name : names()) text += (text.back() == ':' ? " " : ", ") + name.text();
      return tell(client.line, info(text));
    }
    case CommandKind::help:
      return tell(client.line, info(kHelp));
    case CommandKind::quit:
      say_goodbye(client.line, "Goodbye.");
      return leave(client);
    case CommandKind::unknown:
      throw Refusal("There is no such command; /help lists them.");
  }
}

// The bot joins in when it is spoken to, or when nobody else is there to answer.
void Room::say_to_all(Client& client, const char* type, std::string_view text) {
  if (text.empty()) throw Refusal("There is nothing to say.");
  publish(type, client.name, text);
  const bool spoken_to = take_name(text, kBotName);
  if (options_.bot && (spoken_to || count_members() == 1)) publish("message", kBotName, bot_.answer(text));
}

// A name may have spaces in it: of the names that fit, the longest is meant.
void Room::say_to_one(Client& client, std::string_view rest) {
  std::string to;
  std::string_view text;
  for (const Json& name : names()) {
    std::string_view behind = rest;
    if (name.text().size() <= to.size() || !take_name(behind, name.text())) continue;
    to = name.text();
    text = behind;
  }
  if (to.empty()) throw Refusal("There is nobody of that name in the room.");
  Client* receiver = find_member(to);
  if (receiver == nullptr) return say_to_bot(client, text);
  if (text.empty()) throw Refusal("There is nothing to say.");
  const Json message = private_message(client.name, to, text);
  tell(client.line, message);
  if (receiver != &client) tell(receiver->line, message);
}

void Room::say_to_bot(Client& client, std::string_view text) {
  if (!options_.bot) throw Refusal("There is no bot in this room.");
  if (text.empty()) throw Refusal("There is nothing to say.");
  tell(client.line, private_message(client.name, kBotName, text));
  tell(client.line, private_message(kBotName, client.name, client.bot.answer(text)));
}
