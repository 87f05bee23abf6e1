// A stranger's text, so that it can be looked at and does nothing: what would steer a screen becomes a picture of
// itself.
//
//     "\x1b[2J"                     ␛[2J
//     U+202E, which turns text      ⟨U+202E⟩
#pragma once

#include <string>
#include <string_view>
#include <vector>

// REQUIRES: `text` is UTF-8.
std::string visible(std::string_view text);

// Whatever the bytes are: those that are not ASCII as \xNN.
std::string visible_bytes(std::string_view bytes);

struct Character {
  std::string glyph;  // visible
  char32_t code_point = 0;
  std::string_view bytes;  // of the text
};

// The characters of `text`, one after the other.
// REQUIRES: `text` is UTF-8, but for a character that is cut at its end, which is left out.
std::vector<Character> characters_of(std::string_view text);

// The beginning of UTF-8, without a character that is cut at its end.
std::string_view whole_characters(std::string_view text);
