// What the room says, as lines of text for a terminal.
#pragma once

#include <string>

#include "json.h"

// One line or several, or none if there is nothing to show. Characters that a terminal would obey are replaced:
// a stranger's text cannot move the cursor, or clear the screen. Throws JsonError if the message is none of the
// room's.
std::string show(const Json& message);
