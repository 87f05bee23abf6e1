// The stages as one would first write them: right, and in no hurry.
#pragma once

#include "framing/frame.h"

inline void naive_unmask(std::span<std::uint8_t> payload, const websock::MaskingKey& key) {
  for (std::size_t i = 0; i < payload.size(); ++i) payload[i] ^= key[i % 4];
}

// One byte at a time: how many more the character needs, and between which bounds the next one lies.
inline bool naive_is_valid_utf8(websock::ByteView text) {
  int needed = 0;
  std::uint8_t lowest = 0x80;
  std::uint8_t highest = 0xBF;
  for (const std::uint8_t byte : text) {
    if (needed > 0) {
      if (byte < lowest || byte > highest) return false;
      --needed;
      lowest = 0x80;
      highest = 0xBF;
    } else if (byte >= 0x80) {
      if (byte < 0xC2 || byte > 0xF4) return false;
      needed = byte < 0xE0 ? 1 : byte < 0xF0 ? 2 : 3;
      lowest = byte == 0xE0 ? 0xA0 : byte == 0xF0 ? 0x90 : 0x80;
      highest = byte == 0xED ? 0x9F : byte == 0xF4 ? 0x8F : 0xBF;
    }
  }
  return needed == 0;
}

// A short masked frame, all of it there.
inline websock::Bytes naive_receive(websock::ByteView frame, const websock::MaskingKey& key) {
  websock::Bytes payload(frame.begin() + 2 + 4, frame.end());
  naive_unmask(payload, key);
  if (!naive_is_valid_utf8(payload)) payload.clear();
  return payload;
}

inline websock::Bytes naive_send(websock::ByteView payload) {
  websock::Bytes frame;
  frame.push_back(0x81);  // FIN, text
  frame.push_back(static_cast<std::uint8_t>(payload.size()));
  for (const std::uint8_t byte : payload) frame.push_back(byte);
  return frame;
}
