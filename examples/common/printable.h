// Somebody else's text on our terminal.
#pragma once

#include <string>
#include <string_view>

// What may be shown of bytes that a peer has sent. A terminal does not only show what it gets. It also obeys: ESC
// begins sequences that move the cursor, clear the screen, or make the terminal type an answer as if its user had. So a
// peer that chooses what we print could make our own lines disappear, or forge them. Characters in UTF-8 stay. A '.'
// takes the place of each control character, of what is invisible or turns the direction of the text around it, and of
// each byte that is no UTF-8.
std::string printable(std::string_view bytes);

// Whether standard output is a terminal whose user has nothing against colours: https://no-color.org.
bool wants_colors();
