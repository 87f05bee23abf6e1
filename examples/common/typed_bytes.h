// Bytes as a person types them: in hex, as one reads them in the RFC, and what is text as text.
//
//     81 05 "Hello"          81 05 48 65 6c 6c 6f
//     8105"Hello"            the same: spaces do not count, unless they are quoted
//     8 1, 0x81, "Hello      none of them: a byte has two digits, and what is quoted ends
//
// by_hand reads them from its user, glass from its page; the acts of glass are written like this in its source.
#pragma once

#include <charconv>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

// The bytes that `81 05 "Hello"` stands for; nothing if it stands for none. Not the bytes up to the mistake: half of
// what one meant to send would be sent, and could not be taken back. A quotation mark cannot be quoted: it is typed 22.
inline std::optional<std::string> parse_bytes(std::string_view text) {
  std::string bytes;
  bool quoted = false;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] == '"') {
      quoted = !quoted;
    } else if (quoted) {
      bytes += text[i];
    } else if (text[i] != ' ') {
      // In hex (16) from_chars takes neither a sign nor a 0x, so if it reads both digits they are a byte. Where the
      // text ends behind the first there is no second to look at: that is asked before.
      std::uint8_t byte = 0;
      const char* digits = text.data() + i++;
      if (i == text.size() || std::from_chars(digits, digits + 2, byte, 16).ptr != digits + 2) return std::nullopt;
      bytes += static_cast<char>(byte);
    }
  }
  return quoted ? std::nullopt : std::optional(bytes);
}
