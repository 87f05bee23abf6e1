// What members say: to all, which goes through the log; to one, which goes past it; and to the bot.
#include <websock/handshake/fields.h>

#include "commands.h"
#include "names.h"
#include "room.h"
#include "text.h"

namespace {

constexpr std::chrono::seconds kPatience(1);  // for another server to say what became of private words

Json info(std::string_view text) { return JsonObject{{"type", "info"}, {"text", text}}; }

}  // namespace

// Not a part of the log: who is typing is forgotten in a moment, and nobody needs it in order.
void Room::type(Id id) {
  std::string words;
  {
    const std::lock_guard lock(mutex_);
    Client& client = member(id);
    // Dropped without a word: nobody waits for an answer to this, and an error for every key would be worse than the
    // limit.
    const auto now = options_.clock();
    if (away_ || !types_.of(fold_name(client.name), now).allow(now)) return;
    words = to_string(Json(JsonObject{{"type", "typing"}, {"name", client.name}}));
    tell_all(words, &client);  // those of this server, at once; who types knows it
  }
  // To the other servers, and without the lock, as it may wait for Redis. Whether anybody hears it does not matter.
  log_.whisper("", words);
}

// Every line counts against the limit, a command as well as a message: /who costs as much, and /name more.
void Room::say(Id id, const Request& request) {
  // Before the lock, as it walks through the whole text.
  if (count_code_points(request.text) > kMaxCharacters) throw Refusal("A message has at most 4,000 characters.");
  // A `to` comes from a page, where somebody has picked a name: then the text is a text, though it begin with a slash.
  const Command command =
      request.to.empty() ? parse_command(request.text) : Command{CommandKind::tell, request.text, request.to};
  {
    const std::lock_guard lock(mutex_);
    const Client& client = member(id);
    const auto now = options_.clock();
    // By name and not by connection, or one would get ten more by coming in again. And by address, or by coming in
    // under another name. A long text counts there as several: everybody is sent it.
    const std::string& from = client.line.address;  // empty: unknown
    const std::size_t weight = 1 + request.text.size() / 1000;
    const bool is_slow = says_.of(fold_name(client.name), now).allow(now) &&
                         (from.empty() || says_from_.of(from, now).allow(now, weight));
    if (!is_slow) throw Refusal("That was a little fast. Please wait a few seconds.");
  }
  // The lock is free again: each of these takes it for itself, as often as it needs to.
  switch (command.kind) {
    case CommandKind::say:
      return say_to_all(id, "message", command.rest);
    case CommandKind::act:
      return say_to_all(id, "action", command.rest);
    case CommandKind::tell:
      return say_to_one(id, command.to, command.rest);
    case CommandKind::ask_bot:
      return say_to_bot(id, command.rest);
    case CommandKind::rename:
      return rename(id, command.rest);
    case CommandKind::who:
      return tell(id, info(who()));
    case CommandKind::help:
      return tell(id, info(kHelp));
    case CommandKind::quit:
      return quit(id);
    case CommandKind::unknown:
      throw Refusal("There is no such command; /help lists them.");
  }
}

// The bot joins in when it is spoken to, or when nobody else is there to answer. Its answer is in the same step: so it
// stands right behind the question, and there is one, however many servers read the question.
void Room::say_to_all(Id id, const char* type, std::string_view text) {
  if (text.empty()) throw Refusal("There is nothing to say.");
  // take_name() takes "Bot," off this copy. The room hears the whole text.
  std::string_view to_bot = text;
  const bool spoken_to = take_name(to_bot, kBotName);
  std::optional<std::string> answer;  // made once, however often is decided: the bot remembers what it has said
  log_.append([&] {
    const std::lock_guard lock(mutex_);
    // May throw by now, though say() has looked as well: somebody may have taken over the name since.
    const Client& client = member(id);
    const std::string time = utc_text(options_.time());
    // The name stays whose it is, and that is checked: a server that was taken for dead, and whose members have left,
    // cannot speak for them.
    const std::string self = to_string(Member{client.name, client.owner});
    Step step{{{fold_name(client.name), self, self}},
              {{.type = type, .name = client.name, .text = std::string(text), .time = time}}};
    // 1: the speaker is alone.
    if (options_.bot && (spoken_to || state_.members().size() == 1)) {
      if (!answer) answer = bot_.answer(to_bot);
      step.entries.push_back({.type = "message", .name = kBotName, .text = *answer, .time = time});
    }
    return step;
  });
}

// A private message goes past the log: it is kept nowhere. First all that it takes is noted; then there are two ways,
// and the one to another server waits for Redis, without the lock.
void Room::say_to_one(Id id, std::string_view to, std::string_view text) {
  if (options_.bot && websock::equal_ignoring_case(to, kBotName)) return say_to_bot(id, text);
  Owner owner;
  Json message;
  {
    const std::lock_guard lock(mutex_);
    const Client& client = member(id);
    const Member* receiver = state_.find(to);
    if (receiver == nullptr) throw Refusal("There is nobody of that name in the room.");
    if (text.empty()) throw Refusal("There is nothing to say.");
    // From here on it goes to this owner, whatever becomes of the name: a newcomer of that name must not read it.
    owner = receiver->owner;
    message = private_message(client.name, receiver->name, text);
  }
  if (owner.server == options_.server) {
    const std::lock_guard lock(mutex_);
    const Client* receiver = find(owner);
    // A member still, and gone: while the log is away, nobody can be seen to leave.
    if (receiver == nullptr) throw Refusal("Nobody could be reached: that was not said.");
    receiver->line.send(to_string(message));
    if (receiver->id != id) member(id).line.send(to_string(message));  // a note to oneself comes once
    return;
  }
  whisper(owner, message);
  // Only now: the speaker's own copy says that the receiver's server has handed it to the receiver's connection.
  tell(id, message);
}

// To a client of another server, whose hear() reads it, and answers. Returns if it was heard, and throws a Refusal if
// not, or if nobody knows. The speaker's thread waits here, so its answers stay in order.
void Room::whisper(const Owner& owner, const Json& message) {
  std::uint64_t number = 0;
  {
    const std::lock_guard lock(mutex_);
    number = ++last_question_;
    questions_[number];  // before it is asked: the answer may be back before whisper() is
  }
  const Json words =
      JsonObject{{"to", owner.client}, {"message", message}, {"server", options_.server}, {"number", number}};
  // That server's listening is not enough: it may stand still, or drain, and the client be gone.
  const bool is_asked = log_.whisper(owner.server, to_string(words));
  std::unique_lock lock(mutex_);
  const auto has_answer = [&] { return questions_[number].has_value(); };
  if (is_asked) answered_.wait_for(lock, kPatience, has_answer);
  const std::optional<bool> heard = questions_[number];
  questions_.erase(number);
  if (!is_asked || heard == false) throw Refusal("Nobody could be reached: that was not said.");
  if (!heard) throw Refusal("The other server does not answer: perhaps that was not heard.");
}

// Each client has a bot of its own for this: what it has told in private must not come up in front of others.
void Room::say_to_bot(Id id, std::string_view text) {
  if (!options_.bot) throw Refusal("There is no bot in this room.");
  if (text.empty()) throw Refusal("There is nothing to say.");
  const std::lock_guard lock(mutex_);
  Client& client = member(id);
  // What was said comes back first, as from a person, so that the speaker's client can tick it off.
  client.line.send(to_string(private_message(client.name, kBotName, text)));
  client.line.send(to_string(private_message(kBotName, client.name, client.bot.answer(text))));
}
