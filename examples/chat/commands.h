// What a person types: a line to everybody, or one of a few commands.
//
//     Hello.                  to everybody           all:Hello.
//     @Ada Hello.             to Ada alone           /msg Ada Hello.
//     @"Ada Lovelace" Hello.  the same: a name of several words stands in quotation marks
//     @Bot Hello.             to the bot             /bot Hello.      chatbot:Hello.
//     /me waves               "Ada waves"
//     /name Ada               a new name             username:Ada
//     /who  /help  /quit                             disconnect
//
// The forms on the right are those of the Python chat from which this one descends.
//
// Without the quotation marks it would depend on who is in the room to whom "@Ada I think" goes: to Ada, or to somebody
// who has come in as "Ada I" in order to read it.
#pragma once

#include <string_view>

enum class CommandKind { say, act, tell, ask_bot, rename, who, help, quit, unknown };

struct Command {
  CommandKind kind = CommandKind::say;
  std::string_view rest = {};  // the text, or the new name
  std::string_view to = {};    // of tell: the name it is for
};

// All of it are views of `line`.
Command parse_command(std::string_view line);

// One line for each, with two spaces or more between what one types and what it does.
extern const std::string_view kHelp;

// Takes `name` and what separates it from the text behind it off the front of `rest`, if it is there, in
// lower case or upper.
bool take_name(std::string_view& rest, std::string_view name);
