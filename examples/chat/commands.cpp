#include "commands.h"

#include <array>

#include <websock/handshake/fields.h>

namespace {

struct Form {
  std::string_view begins;  // with a space at its end: a word of its own
  CommandKind kind;
};

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

std::string_view trim(std::string_view text) {
  const std::size_t begin = std::min(text.find_first_not_of(" \t\r\n"), text.size());
  return text.substr(begin, text.find_last_not_of(" \t\r\n") + 1 - begin);
}

}  // namespace

const std::string_view kHelp =
    "Write to everybody, or: @name text (to one person), @Bot text (to the bot), /me does something, "
    "/name newname, /who, /help, /quit";

Command parse_command(std::string_view line) {
  line = trim(line);
  if (line == "disconnect") return {CommandKind::quit, {}};
  for (const Form& form : kForms) {
    const bool whole = form.begins.back() == ' ' && line == form.begins.substr(0, form.begins.size() - 1);
    if (whole) return {form.kind, {}};
    if (begins_with(line, form.begins)) return {form.kind, trim(line.substr(form.begins.size()))};
  }
  return {CommandKind::say, line};
}

bool take_name(std::string_view& rest, std::string_view name) {
  if (!begins_with(rest, name)) return false;
  const std::string_view behind = rest.substr(name.size());
  if (!behind.empty() && std::string_view(" ,:?!\n").find(behind[0]) == behind.npos) return false;
  rest = trim(behind.substr(std::min(behind.find_first_not_of(",:"), behind.size())));
  return true;
}
