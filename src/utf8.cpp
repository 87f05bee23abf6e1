// A character is one to four bytes, and its first byte tells how many (RFC 3629 section 4):
//
//     first byte       then
//     00 to 7f         nothing: ASCII
//     c2 to df         80..bf
//     e0               a0..bf  80..bf             not 80..9f: those would be overlong forms
//     e1 to ec, ee ef  80..bf  80..bf
//     ed               80..9f  80..bf             not a0..bf: surrogates, which only UTF-16 uses
//     f0               90..bf  80..bf  80..bf     not 80..8f: overlong
//     f1 to f3         80..bf  80..bf  80..bf
//     f4               80..8f  80..bf  80..bf     not 90..bf: beyond U+10FFFF, the last code point
//
// All the exceptions are in the second byte. So three small numbers are all that has to be known in the middle of a
// character: how many bytes are still needed, and the lowest and highest that the next one may be.
//
// Those numbers are needed only where a piece ends. Elsewhere we look at whole characters, and at plain ASCII 32 bytes
// at a time.
#include "utf8.h"

#include <array>
#include <cstring>

namespace websock {
namespace {

struct Following {
  std::uint8_t needed;  // bytes after the first; 0 if no character begins with it
  std::uint8_t lowest;  // of the second byte
  std::uint8_t highest;
};

// REQUIRES: first >= 0x80.
Following bytes_after(std::uint8_t first) {
  if (first < 0xC2) return {0, 0, 0};  // a continuation byte, or an overlong form of ASCII
  if (first < 0xE0) return {1, 0x80, 0xBF};
  if (first == 0xE0) return {2, 0xA0, 0xBF};
  if (first == 0xED) return {2, 0x80, 0x9F};
  if (first < 0xF0) return {2, 0x80, 0xBF};
  if (first == 0xF0) return {3, 0x90, 0xBF};
  if (first < 0xF4) return {3, 0x80, 0xBF};
  if (first == 0xF4) return {3, 0x80, 0x8F};
  return {0, 0, 0};
}

bool is_continuation(std::uint8_t byte) { return (byte & 0b1100'0000) == 0b1000'0000; }

// The length of the character at `byte`, which is not ASCII; 0 if it is invalid. Reads up to four bytes.
std::ptrdiff_t whole_character(const std::uint8_t* byte) {
  const Following following = bytes_after(byte[0]);
  if (following.needed == 0) return 0;
  if (byte[1] < following.lowest || byte[1] > following.highest) return 0;
  if (following.needed == 1) return 2;
  if (!is_continuation(byte[2])) return 0;
  if (following.needed == 2) return 3;
  return is_continuation(byte[3]) ? 4 : 0;
}

// The first byte in [byte, end) that is not ASCII, or end.
const std::uint8_t* skip_ascii(const std::uint8_t* byte, const std::uint8_t* end) {
  constexpr std::uint64_t kTopBits = 0x8080'8080'8080'8080;
  while (end - byte >= 32) {
    std::array<std::uint64_t, 4> word{};
    std::memcpy(word.data(), byte, 32);
    if (((word[0] | word[1] | word[2] | word[3]) & kTopBits) != 0) break;
    byte += 32;
  }
  while (byte != end && *byte < 0x80) ++byte;
  return byte;
}

// Stops at an invalid character, and at one that might not end before `end`.
const std::uint8_t* skip_whole_characters(const std::uint8_t* byte, const std::uint8_t* end) {
  for (;;) {
    byte = skip_ascii(byte, end);
    while (end - byte >= 4 && *byte >= 0x80) {
      const std::ptrdiff_t length = whole_character(byte);
      if (length == 0) return byte;
      byte += length;
    }
    if (end - byte < 4) return byte;
  }
}

}  // namespace

bool Utf8Validator::feed(ByteView bytes) {
  const std::uint8_t* byte = bytes.data();
  const std::uint8_t* const end = byte + bytes.size();
  while (byte != end) {
    if (needed_ == 0) byte = skip_whole_characters(byte, end);
    if (byte != end && !step(*byte++)) return false;
  }
  return true;
}

bool Utf8Validator::step(std::uint8_t byte) {
  if (needed_ == 0) {
    if (byte < 0x80) return true;
    const Following following = bytes_after(byte);
    needed_ = following.needed;
    lowest_ = following.lowest;
    highest_ = following.highest;
    return needed_ != 0;
  }
  if (byte < lowest_ || byte > highest_) return false;
  --needed_;
  lowest_ = 0x80;  // from the third byte on there are no exceptions
  highest_ = 0xBF;
  return true;
}

bool is_valid_utf8(std::string_view text) {
  Utf8Validator validator;
  return validator.feed(bytes_of(text)) && validator.complete();
}

}  // namespace websock
