// Character by character, and not byte by byte: 9B is a command as a character (U+009B), and harmless as the last byte
// of U+06DB. So the UTF-8 has to be read before anything can be judged.
//
//     1b 5b 32 4a      ESC [2J, which clears the screen    .[2J
//     e2 80 ae         U+202E: from here on, leftwards     .
//     c3 a4            a letter                            stays
//     c3 28            no character, then a "("            .(
//
// The list says what is hidden, and not what is shown: a list of all letters of the world would be long, and old next
// year. Simplification: a character that Unicode adds later, and that a terminal obeys, would get through.
#include "printable.h"

#include <unistd.h>

#include <algorithm>
#include <array>
#include <cstdlib>

#include <websock/protocol/utf8.h>

namespace {

// Of code points, both ends included.
struct Range {
  char32_t first;
  char32_t last;
};

// Of Unicode's categories Cc, Cf, Zl and Zp, those that a terminal obeys, does not show, or lets rearrange other text.
constexpr std::array<Range, 16> kHidden = {{
    {0x00, 0x1F},      // C0, ESC among it
    {0x7F, 0x9F},      // DEL, and C1: 9B is ESC [ in one character
    {0xAD, 0xAD},      // the hyphen that shows only at a line's end
    {0x061C, 0x061C},  // from here to the end: marks of direction, joiners, fillers and tags
    {0x180E, 0x180E},
    {0x200B, 0x200F},
    {0x2028, 0x202E},  // ends of lines and paragraphs, and overrides of the direction
    {0x2060, 0x206F},
    {0x3164, 0x3164},
    {0xE000, 0xF8FF},  // private: whatever a font makes of it
    {0xFEFF, 0xFEFF},
    {0xFFA0, 0xFFA0},
    {0xFFF0, 0xFFFB},
    {0xFFFE, 0xFFFF},  // no characters
    {0xE0000, 0xE00FF},
    {0xF0000, 0x10FFFF},
}};

// The character at the front, 1 to 4 bytes; empty if there is none.
std::string_view first_character(std::string_view bytes) {
  const auto first = static_cast<unsigned char>(bytes[0]);
  // By the bits in front (RFC 3629 section 3): 0, 110, 1110 or 11110. What cannot be a first byte gets some size here,
  // and is refused below.
  const std::size_t size = first < 0b1100'0000 ? 1 : first < 0b1110'0000 ? 2 : first < 0b1111'0000 ? 3 : 4;
  const std::string_view character = bytes.substr(0, size);
  // A byte 10xxxxxx begins no character, and one may be cut short: this sees both.
  return websock::is_valid_utf8(character) ? character : "";
}

// REQUIRES: `character` is one, in UTF-8.
char32_t code_point(std::string_view character) {
  const auto first = static_cast<unsigned char>(character[0]);
  // Apart, since its pattern is 0xxxxxxx: the mask below would take a bit too many.
  if (character.size() == 1) return first;
  char32_t point = first & (0b0111'1111U >> character.size());  // 110xxxxx, 1110xxxx, 11110xxx
  // Each further byte is 10xxxxxx: six bits more.
  for (const char c : character.substr(1)) point = point << 6 | (static_cast<unsigned char>(c) & 0b0011'1111U);
  return point;
}

// One after the other: sixteen comparisons for a character are nothing beside a system call to print it.
bool is_hidden(char32_t c) {
  return std::any_of(kHidden.begin(), kHidden.end(), [c](Range range) { return range.first <= c && c <= range.last; });
}

}  // namespace

// The end of a line is a control character, too: who wants to print several lines calls this for each.
std::string printable(std::string_view bytes) {
  std::string text;
  while (!bytes.empty()) {
    const std::string_view character = first_character(bytes);
    const bool shown = !character.empty() && !is_hidden(code_point(character));
    text += shown ? character : ".";
    // 1: a byte that begins no character goes alone, and the next one has its own chance.
    bytes.remove_prefix(std::max<std::size_t>(character.size(), 1));
  }
  return text;
}

// A file or a pipe gets none: whoever reads it would find the codes between the words. https://no-color.org says that
// an empty variable does not count.
bool wants_colors() {
  const char* no_color = std::getenv("NO_COLOR");
  return ::isatty(STDOUT_FILENO) == 1 && (no_color == nullptr || *no_color == '\0');
}
