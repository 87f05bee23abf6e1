// What the room says, as lines of text for a terminal.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

#include "json.h"

struct Style {
  bool colors = false;
  std::size_t columns = 0;        // how wide the terminal is; 0: lines are not wrapped
  std::string me = {};            // our own name: what others write with it in is bold
  std::size_t most_of_past = 20;  // of the messages in a welcome: for a newcomer, about a screen
};

// One line or several, or none if there is nothing to show. Throws JsonError if the message is none of the room's.
//
//     09:26 <Ada> Hello               to all
//     09:26 [Ada -> Bob] Psst         to one alone
//     09:26 * <Ada> waves             /me waves
//     * <Bob> has come in.            about the room
//     ! That was a little fast.       refused
//
// Nobody can forge a line. Characters that a terminal would obey are replaced; the sign that tells what a line is comes
// before anything that a stranger wrote; further lines of a message are indented; and a name is shown in brackets,
// while brackets inside it are shown as question marks.
std::string show(const Json& message, const Style& style);

// How many columns a terminal gives to a character.
std::size_t columns_of(char32_t c);
