#include "targets.h"

#include <algorithm>

#include "handshake/http.h"

namespace fuzz {

// Most pieces are short, as a boundary inside a header or a character is what might go unnoticed; some are long.
std::vector<ByteView> cut(ByteView bytes) {
  std::uint32_t random = 2166136261;  // FNV-1a, then a linear congruential generator
  for (const std::uint8_t byte : bytes) random = (random ^ byte) * 16777619;
  std::vector<ByteView> pieces;
  while (!bytes.empty()) {
    random = random * 1664525 + 1013904223;
    const std::size_t longest = (random & 0x10000) != 0 ? 4 : 100;
    const std::size_t size = std::min<std::size_t>(bytes.size(), 1 + (random >> 20) % longest);
    pieces.push_back(bytes.first(size));
    bytes = bytes.subspan(size);
  }
  return pieces;
}

std::optional<std::string_view> head_of(ByteView input) {
  try {
    const std::optional<std::size_t> size = websock::find_head(websock::text_of(input));
    if (!size) return std::nullopt;
    return websock::text_of(input.first(*size));
  } catch (const websock::HttpError&) {
    return std::nullopt;
  }
}

bool has_control_character(std::string_view text) {
  return std::any_of(text.begin(), text.end(),
                     [](char c) { return static_cast<unsigned char>(c) < ' ' || c == '\x7F'; });
}

bool is_token(std::string_view text) {
  constexpr std::string_view kCharacters =
      "!#$%&'*+-.^_`|~0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ";
  return !text.empty() && text.find_first_not_of(kCharacters) == std::string_view::npos;
}

}  // namespace fuzz
