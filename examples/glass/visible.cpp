// The page makes no markup of a stranger's text: it sets textContent only. What is left are characters that steer what
// is drawn around them: U+202E makes "gpj.exe" look like "exe.jpg", a zero-width space makes two names look like one.
// So they are shown by their numbers, and everything else as it is, emoji and Arabic included.
//
// ASCII's own controls have pictures in Unicode.
#include "visible.h"

#include <array>
#include <cstdio>

namespace {

// A first byte tells how many there are (RFC 3629 section 3). UTF-8 was checked before, so nothing else has to be.
//
//     0xxxxxxx    110xxxxx 10xxxxxx    1110xxxx 10xxxxxx 10xxxxxx    11110xxx 10xxxxxx 10xxxxxx 10xxxxxx
std::size_t length_of(char first) {
  const auto byte = static_cast<unsigned char>(first);
  return byte < 0b1100'0000 ? 1 : byte < 0b1110'0000 ? 2 : byte < 0b1111'0000 ? 3 : 4;
}

// The bits that are not the pattern's, one byte after the other. REQUIRES: `bytes` is one whole character.
char32_t code_point_of(std::string_view bytes) {
  // By the length of the character, 1 to 4; index 0 is never asked for.
  constexpr std::array<unsigned char, 5> kPayload = {0, 0b0111'1111, 0b0001'1111, 0b0000'1111, 0b0000'0111};
  char32_t value = static_cast<unsigned char>(bytes[0]) & kPayload[bytes.size()];
  for (const char c : bytes.substr(1)) value = value << 6 | (static_cast<unsigned char>(c) & 0b0011'1111);
  return value;
}

// What has no picture, or moves its neighbours: C1 controls, marks of direction and order, joiners, invisible spaces,
// line separators, tags, and what is no character.
bool is_unseen(char32_t c) {
  struct Range {
    char32_t first, last;
  };
  constexpr std::array<Range, 12> kUnseen = {{{0x80, 0xa0},      // C1 controls; the space that does not break
                                              {0xad, 0xad},      // soft hyphen
                                              {0x61c, 0x61c},    // a mark of direction: Arabic
                                              {0x115f, 0x1160},  // fillers of Hangul
                                              {0x180b, 0x180f},  // Mongolian selectors, and a separator
                                              {0x200b, 0x200f},  // zero width: space, joiners, marks of direction
                                              {0x2028, 0x202f},  // line and paragraph separators; embeddings, overrides
                                              {0x2060, 0x206f},  // word joiner, invisible signs, isolates
                                              {0xfe00, 0xfe0f},  // variation selectors
                                              {0xfeff, 0xfeff},  // byte order mark
                                              {0xfff0, 0xfffb},  // unassigned; annotations
                                              {0xe0000, 0xe0fff}}};  // tags; more selectors
  for (const Range& range : kUnseen) {
    if (c >= range.first && c <= range.last) return true;
  }
  return false;
}

// What is drawn in the place of one character, itself in most cases.
std::string glyph_of(char32_t c, std::string_view bytes) {
  if (c < 0x20 || c == 0x7f) {
    // U+2400 to U+2421 are pictures of the control characters.
    const char32_t picture = c == 0x7f ? 0x2421 : 0x2400 + c;
    // U+24xx is e2 9x xx in UTF-8.
    return {'\xe2', static_cast<char>(0x80 | (picture >> 6 & 0x3f)), static_cast<char>(0x80 | (picture & 0x3f))};
  }
  if (!is_unseen(c)) return std::string(bytes);
  std::array<char, 24> text{};  // 3 + 2 + 6 + 3, and a NUL
  std::snprintf(text.data(), text.size(), "\u27e8U+%04X\u27e9", static_cast<unsigned>(c));
  return text.data();
}

}  // namespace

// Back from the end to the first byte of the last character: is all of it there? At most four steps, since no character
// is longer. A text that has none in its last four bytes is no UTF-8; it is left as it is.
std::string_view whole_characters(std::string_view text) {
  for (std::size_t back = 1; back <= 4 && back <= text.size(); ++back) {
    const char c = text[text.size() - back];
    if ((static_cast<unsigned char>(c) & 0b1100'0000) == 0b1000'0000) continue;  // not the first byte of a character
    return length_of(c) > back ? text.substr(0, text.size() - back) : text;
  }
  return text;
}

// Each with its view of `text`, so that the caller can tell where it stood.
std::vector<Character> characters_of(std::string_view text) {
  std::vector<Character> characters;
  for (std::string_view rest = whole_characters(text); !rest.empty();) {
    const std::string_view bytes = rest.substr(0, length_of(rest[0]));
    const char32_t value = code_point_of(bytes);
    characters.push_back({glyph_of(value, bytes), value, bytes});
    rest.remove_prefix(bytes.size());
  }
  return characters;
}

// For what was checked: messages, and reasons of Closes.
std::string visible(std::string_view text) {
  std::string result;
  for (const Character& character : characters_of(text)) result += character.glyph;
  return result;
}

// For what was not checked: heads, tags, and what is said about them. Nothing is guessed about the encoding.
std::string visible_bytes(std::string_view bytes) {
  std::string result;
  for (const char c : bytes) {
    const auto byte = static_cast<unsigned char>(c);
    if (byte < 0x80) {
      result += glyph_of(byte, {&c, 1});
    } else {
      result += {'\\', 'x', "0123456789abcdef"[byte >> 4], "0123456789abcdef"[byte & 0b1111]};
    }
  }
  return result;
}
