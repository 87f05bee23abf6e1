// Bytes for tests, written the way the RFC prints them, and heads with one thing changed.
#pragma once

#include <functional>
#include <stdexcept>
#include <string>
#include <string_view>

#include "bytes.h"

// hex("81 85 37fa213d") is six bytes. White space is free.
inline websock::Bytes hex(std::string_view text) {
  websock::Bytes bytes;
  int high = -1;
  for (const char c : text) {
    if (c == ' ' || c == '\n') continue;
    const std::size_t digit = std::string_view("0123456789abcdef").find(c);
    if (digit == std::string_view::npos) throw std::logic_error("not a hex digit");
    if (high < 0) {
      high = static_cast<int>(digit);
    } else {
      bytes.push_back(static_cast<std::uint8_t>(high << 4 | static_cast<int>(digit)));
      high = -1;
    }
  }
  if (high >= 0) throw std::logic_error("half a byte");
  return bytes;
}

// {0x81, 0x05} is "81 05".
inline std::string to_hex(websock::ByteView bytes) {
  std::string text;
  for (const std::uint8_t byte : bytes) {
    if (!text.empty()) text += ' ';
    text += "0123456789abcdef"[byte >> 4];
    text += "0123456789abcdef"[byte & 0b1111];
  }
  return text;
}

inline websock::Bytes operator+(websock::Bytes a, websock::ByteView b) {
  a.insert(a.end(), b.begin(), b.end());
  return a;
}

// `text` with its only `before` replaced. A test that changes nothing would prove nothing.
inline std::string edited(std::string text, std::string_view before, std::string_view after) {
  const std::size_t at = text.find(before);
  if (at == std::string::npos || text.find(before, at + 1) != std::string::npos) {
    throw std::logic_error("not there exactly once: " + std::string(before));
  }
  return text.replace(at, before.size(), after);
}

inline bool holds(std::string_view text, std::string_view part) { return text.find(part) != text.npos; }

// "Hello", or hex if there is anything that cannot be read.
inline std::string quoted(websock::ByteView payload) {
  for (const std::uint8_t byte : payload) {
    if (byte < ' ' || byte > '~') return to_hex(payload);
  }
  return '"' + std::string(websock::text_of(payload)) + '"';
}

// Calls `feed` with the pieces of `bytes`, once for each way of cutting them: whole, byte by byte, and in two at every
// point.
inline void for_each_split(websock::ByteView bytes,
                           const std::function<void(const std::vector<websock::ByteView>& pieces)>& feed) {
  feed({bytes});
  std::vector<websock::ByteView> single;
  for (std::size_t i = 0; i < bytes.size(); ++i) single.push_back(bytes.subspan(i, 1));
  feed(single);
  for (std::size_t i = 1; i < bytes.size(); ++i) feed({bytes.first(i), bytes.subspan(i)});
}
