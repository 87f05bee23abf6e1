// Goodbyes, and broken rules. The stages say in a few words what is wrong, for a log. Here those words are the key to a
// longer sentence, with its section and its chapter. A stage that changes its words loses the sentence and nothing
// else: rule_of() then shows what it said. A test goes through the rules and finds one that has none.
#include <array>

#include "explain.h"
#include "tap/rows.h"
#include "visible.h"

using namespace websock;

namespace {

// What a close code means, in a sentence (7.4.1).
std::string meaning_of(CloseCode code) {
  switch (static_cast<int>(code)) {
    case 1000:
      return "Done: this connection has served its purpose.";
    case 1001:
      return "Going away: a page is left, or a server shuts down.";
    case 1002:
      return "A rule of the protocol was broken. The reason says which; a script never gets to read it, only the "
             "server does.";
    case 1003:
      return "A kind of data that this end does not take.";
    case 1007:
      return "The text was not UTF-8.";
    case 1008:
      return "Against this end\u2019s own rules.";
    case 1009:
      return "A message was too long for this end.";
    case 1010:
      return "The client wanted an extension that the server did not agree to.";
    case 1011:
      return "Something went wrong inside the server.";
    default:
      break;
  }
  // 7.4.2: the ranges. Below 3000 only what may travel gets here, such as 1012 to 1014.
  const int number = static_cast<int>(code);
  if (number >= 4000) return "From 4000 on a number means whatever the application wants.";
  return number >= 3000 ? "A number that somebody has registered for a library." : "A number of the registry.";
}

struct Rule {
  std::string_view why;  // as the stage that noticed says it
  const char* say;       // {} is the receiver
  const char* rule;
  const char* chapter;
};

// Word for word as frame.cpp, message.cpp and close.cpp throw them, and the conversation complains.
constexpr std::array<Rule, 14> kRules = {{
    {"a reserved bit is set", "A reserved bit is set, and no extension that both sides agreed on gives it a meaning.",
     "5.2", "06-frame"},
    {"the opcode is reserved", "This opcode is reserved: nobody knows what such a frame means.", "5.2", "06-frame"},
    {"a length is not in its shortest form",
     "Each length is written in the fewest bytes that hold it. There must be one way to write a thing, or two programs "
     "see two things.",
     "5.2", "06-frame"},
    {"the top bit of a 64-bit length is set", "A length has 63 bits: the first has to be 0.", "5.2", "06-frame"},
    {"a frame from a client is not masked", "A client has to mask every frame, and this one is not masked.", "5.1",
     "07-mask"},
    {"a frame from a server is masked",
     "A server must not mask. Every byte here is right but one bit, and still the {} has to hang up.", "5.1",
     "07-mask"},
    {"a control frame is fragmented", "Ping, Pong and Close are never split.", "5.5", "06-frame"},
    {"a control frame is longer than 125 bytes", "Ping, Pong and Close carry 125 bytes at most.", "5.5", "06-frame"},
    {"a continuation frame continues nothing", "A continuation, but no message was begun.", "5.4", "10-message"},
    {"a new message begins inside another",
     "A new message begins before the last one has ended. Only Ping, Pong and Close may come between.", "5.4",
     "10-message"},
    {"a text message is not UTF-8",
     "This is text, and these bytes are not UTF-8. The frame is right; the message is not.", "8.1", "08-utf8"},
    {"a Close body has one byte", "A Close says nothing, or begins with a code of two bytes. One byte is no code.",
     "5.5.1", "09-close"},
    {"a close code that may not be sent", "This number is one that a program says to itself. It never travels.",
     "7.4.1", "09-close"},
    {"a close reason is not UTF-8", "The reason of a Close is text, and has to be UTF-8.", "5.5.1", "09-close"},
}};

}  // namespace

// Two bytes of code, then the reason (5.5.1). An empty body has no fields: it is allowed, and means 1005.
std::vector<Field> fields_of(const CloseBody& body, std::size_t payload_at) {
  if (!body.code) return {};
  const std::string number = std::to_string(static_cast<int>(*body.code));
  std::vector<Field> fields = {
      {"code", payload_at, 2, "", "code", to_string(*body.code), meaning_of(*body.code), "7.4.1", "09-close"}};
  if (!body.reason.empty()) {
    fields.push_back({"reason", payload_at + 2, body.reason.size(), "", "reason", visible(body.reason),
                      "A few words for whoever looks for the cause. No program should depend on them.", "5.5.1",
                      "09-close"});
  }
  return fields;
}

// `why` is one of our own sentences, and holds no byte of a peer's. Without an entry in the table it is a fault of the
// handshake's, which has no section here.
Field rule_of(const std::string& why, Role sender, const View& view) {
  Field fault = {"fault", 0, 0, "", why, "", "", "", "05-handshake"};
  for (const Rule& rule : kRules) {
    if (rule.why != why) continue;
    fault.say = rule.say;
    fault.rule = rule.rule;
    fault.chapter = rule.chapter;
  }
  // What HTTP complains of (http.h), or what a compressed message does (inflate.h).
  if (fault.say.empty()) fault.say = visible_bytes(why);
  // Who has to hang up is the other one.
  const Role receiver = sender == Role::client ? Role::server : Role::client;
  if (const std::size_t place = fault.say.find("{}"); place != fault.say.npos)
    fault.say.replace(place, 2, view.name_of(receiver));
  return fault;
}
