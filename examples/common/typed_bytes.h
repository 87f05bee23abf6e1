// Bytes as a person types them.
#pragma once

#include <charconv>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

// The bytes that `81 05 "Hello"` stands for; nothing if it stands for none.
inline std::optional<std::string> parse_bytes(std::string_view text) {
  std::string bytes;
  bool quoted = false;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] == '"') {
      quoted = !quoted;
    } else if (quoted) {
      bytes += text[i];
    } else if (text[i] != ' ') {
      std::uint8_t byte = 0;
      const char* digits = text.data() + i++;
      if (i == text.size() || std::from_chars(digits, digits + 2, byte, 16).ptr != digits + 2) return std::nullopt;
      bytes += static_cast<char>(byte);
    }
  }
  return quoted ? std::nullopt : std::optional(bytes);
}
