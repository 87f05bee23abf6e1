// Which names there may be. A name is what people recognise each other by, so two that look the same must not exist
// side by side, and none may look like something else than a name.
#pragma once

#include <string>
#include <string_view>

// `name` without the spaces around it. Throws Refusal unless it has 1 to 32 code points, none of them hidden, no
// quotation mark (commands put names in these, see commands.h), no two spaces in a row, and no mark at its beginning.
// REQUIRES: `name` is UTF-8.
std::string check_name(std::string_view name);

// Two names that fold to the same are the same name: "Ada" and "aDA".
//
// Simplification: letters beyond A to Z are folded to nothing else, and a letter of one script passes for its double in
// another. A production server would use Unicode's case folding, and the skeletons of its technical standard 39.
std::string fold_name(std::string_view name);

// Whether a character cannot be seen for itself: controls and formats, everything that is ignored by default,
// bidirectional controls, spaces other than U+0020, private use, what is no character at all.
bool is_hidden(char32_t c);

// Whether a character joins the one before it, as an accent does. At the beginning of a name, it would join what stands
// before the name.
bool is_mark(char32_t c);
