#include "commands.h"

#include <array>

#include <websock/handshake/fields.h>

namespace {

struct Form {
  std::string_view begins;  // with a space at its end: a word of its own
  CommandKind kind;
};

// The first that fits counts. So the lone slash, with which most of the others begin, comes last.
constexpr std::array<Form, 12> kForms = {{
    {"/me ", CommandKind::act},
    {"/msg ", CommandKind::tell},
    {"@", CommandKind::tell},
    {"/bot ", CommandKind::ask_bot},
    {"chatbot:", CommandKind::ask_bot},
    {"/name ", CommandKind::rename},
    {"username:", CommandKind::rename},
    {"all:", CommandKind::say},
    {"/who ", CommandKind::who},
    {"/help ", CommandKind::help},
    {"/quit ", CommandKind::quit},
    {"/", CommandKind::unknown},
}};

bool begins_with(std::string_view text, std::string_view beginning) {
  return websock::equal_ignoring_case(text.substr(0, beginning.size()), beginning);
}

// Line ends, too, unlike websock::trim(): what was typed or pasted may end with some.
std::string_view trim(std::string_view text) {
  const std::size_t begin = std::min(text.find_first_not_of(" \t\r\n"), text.size());
  return text.substr(begin, text.find_last_not_of(" \t\r\n") + 1 - begin);
}

constexpr std::string_view kBehindName = " ,:?!\n";  // "Ada? Hello" is to Ada, "Adam" is not

// The text behind a name: "Ada: hello" and "Ada, hello" mean the same as "Ada hello".
std::string_view behind_name(std::string_view text) {
  return trim(text.substr(std::min(text.find_first_not_of(",:"), text.size())));
}

// A name in quotation marks, or else one word, and the text behind it. What has no second mark is nobody's name.
Command tell(std::string_view rest) {
  if (!rest.starts_with('"')) {
    const std::size_t end = std::min(rest.find_first_of(kBehindName), rest.size());
    return {CommandKind::tell, behind_name(rest.substr(end)), rest.substr(0, end)};
  }
  const std::size_t end = std::min(rest.find('"', 1), rest.size());
  return {CommandKind::tell, behind_name(rest.substr(std::min(end + 1, rest.size()))), rest.substr(1, end - 1)};
}

}  // namespace

const std::string_view kHelp =
    "What you write goes to everybody, unless it is one of these:\n"
    "@Ada hello          to Ada alone\n"
    "@\"Ada Byron\" hello  the same: a name of several words\n"
    "@Bot hello          to the bot alone\n"
    "/me waves           \"Ada waves\"\n"
    "/name Ada           a new name for you\n"
    "/who                who is in the room\n"
    "/help               this list\n"
    "/quit               leaves the room";

Command parse_command(std::string_view line) {
  line = trim(line);
  // Only as the whole line: a sentence may begin with the word.
  if (line == "disconnect") return {CommandKind::quit};
  for (const Form& form : kForms) {
    // A command may stand alone: "/who". The space in the table keeps "/whoever" from being a "/who".
    const bool whole =
        form.begins.back() == ' ' && websock::equal_ignoring_case(line, form.begins.substr(0, form.begins.size() - 1));
    if (whole) return {form.kind};
    if (!begins_with(line, form.begins)) continue;
    const std::string_view rest = trim(line.substr(form.begins.size()));
    return form.kind == CommandKind::tell ? tell(rest) : Command{form.kind, rest};
  }
  return {CommandKind::say, line};
}

bool take_name(std::string_view& rest, std::string_view name) {
  if (!begins_with(rest, name)) return false;
  const std::string_view behind = rest.substr(name.size());
  // "Bottle" does not speak to the bot.
  if (!behind.empty() && kBehindName.find(behind[0]) == behind.npos) return false;
  rest = behind_name(behind);
  return true;
}
