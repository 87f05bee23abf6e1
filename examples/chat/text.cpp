#include "text.h"

#include <algorithm>
#include <cstdint>
#include <ctime>

// No checks: the text is UTF-8, so a byte that continues has one before it, and points.back() is there.
std::u32string code_points(std::string_view text) {
  std::u32string points;
  for (const char c : text) {
    const auto byte = static_cast<std::uint8_t>(c);
    if ((byte & 0b1100'0000) == 0b1000'0000) {
      points.back() = points.back() << 6 | (byte & 0b0011'1111);  // 10xxxxxx continues
    } else {
      // How many bits of the character the first byte has: 0xxxxxxx, 110xxxxx, 1110xxxx, 11110xxx.
      const int used = byte < 0x80 ? 7 : byte < 0xE0 ? 5 : byte < 0xF0 ? 4 : 3;
      points.push_back(byte & ((1U << used) - 1));
    }
  }
  return points;
}

// Each character has one byte that is no 10xxxxxx, its first.
std::size_t count_code_points(std::string_view text) {
  return static_cast<std::size_t>(
      std::count_if(text.begin(), text.end(), [](char c) { return (c & 0b1100'0000) != 0b1000'0000; }));
}

// Six bits in each byte that continues; what is left over goes into the first, behind its length.
std::string to_utf8(char32_t c) {
  const auto byte = [](char32_t bits) { return static_cast<char>(bits); };
  const auto more = [&](int shift) { return byte(0b1000'0000 | (c >> shift & 0b0011'1111)); };
  if (c < 0x80) return {byte(c)};
  if (c < 0x800) return {byte(0b1100'0000 | c >> 6), more(0)};
  if (c < 0x1'0000) return {byte(0b1110'0000 | c >> 12), more(6), more(0)};
  return {byte(0b1111'0000 | c >> 18), more(12), more(6), more(0)};
}

// Fewer than a name may not have (is_hidden in names.h): a text may well be in two directions, or have an emoji that is
// joined of several. Here belongs what a terminal obeys, and what turns the text around it.
bool is_control(char32_t c) {
  const auto between = [c](char32_t first, char32_t last) { return c >= first && c <= last; };
  return c < 0x20 || between(0x7F, 0x9F) ||                                     // C0, DEL and C1: what terminals obey
         c == 0xAD || c == 0x200B || between(0x200E, 0x200F) || c == 0xFEFF ||  // invisible
         between(0x2028, 0x202E) || between(0x2060, 0x2069);                    // line ends, right-to-left overrides
}

bool has_controls(std::string_view text) {
  const std::u32string points = code_points(text);
  return std::any_of(points.begin(), points.end(), is_control);
}

std::string utc_text(std::chrono::system_clock::time_point time) {
  const std::time_t seconds = std::chrono::system_clock::to_time_t(time);
  std::tm parts{};
  ::gmtime_r(&seconds, &parts);
  char text[32];  // 20 are used, until the year 10000
  return {text, std::strftime(text, sizeof text, "%Y-%m-%dT%H:%M:%SZ", &parts)};
}
