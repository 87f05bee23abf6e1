// Three bytes are 24 bits, and 24 bits are four times six. Each six bits choose one of 64 characters:
//
//     "f      o      o"
//      66     6f     6f            0110'0110 0110'1111 0110'1111
//      Z    m    9    v            011001 100110 111101 101111      25 38 61 47
//
// When one or two bytes are left at the end, they are filled up with zero bits, and '=' stands for each group of six
// bits that holds nothing of the input:
//
//     "f"     66                   0110'0110 (0000)                 25 32 = =     Zg==
//     "fo"    66 6f                0110'0110 0110'1111 (00)         25 38 60 =    Zm8=
#include "handshake/base64.h"

#include <algorithm>

namespace websock {
namespace {

constexpr std::string_view kAlphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

// The six bits that a character stands for: its place in the alphabet, 0 to 63. Nothing for any other character, '='
// included: that is no digit, only a mark at the end. A search, and no table of 256: all that is decoded here is a key
// of 24 characters.
std::optional<std::uint32_t> value_of(char character) {
  const std::size_t position = kAlphabet.find(character);
  if (position == std::string_view::npos) return std::nullopt;
  return static_cast<std::uint32_t>(position);
}

}  // namespace

// Three bytes at a time, and the last time perhaps one or two.
std::string base64_encode(ByteView bytes) {
  std::string text;
  // The exact size, so one allocation. A text that grows character by character is moved several times on its way.
  text.reserve((bytes.size() + 2) / 3 * 4);  // + 2: a group that is not full has four characters, too
  for (std::size_t i = 0; i < bytes.size(); i += 3) {
    const std::size_t count = std::min<std::size_t>(3, bytes.size() - i);
    // The group's 24 bits, the first byte highest. What no byte fills stays 0, as the standard wants it.
    std::uint32_t group = std::uint32_t{bytes[i]} << 16;
    if (count > 1) group |= std::uint32_t{bytes[i + 1]} << 8;
    if (count > 2) group |= bytes[i + 2];
    // Six bits each, from the top. One byte reaches into two characters, two bytes into three; the others are marks.
    text += kAlphabet[group >> 18 & 0b11'1111];
    text += kAlphabet[group >> 12 & 0b11'1111];
    text += count > 1 ? kAlphabet[group >> 6 & 0b11'1111] : '=';
    text += count > 2 ? kAlphabet[group & 0b11'1111] : '=';
  }
  return text;
}

// The marks come off the end first; what remains must be digits, all of them.
std::optional<Bytes> base64_decode(std::string_view text) {
  if (text.size() % 4 != 0) return std::nullopt;  // also where padding is missing
  // Two at most: "====" or "A===" then has a '=' left among its digits, and is refused below.
  std::size_t padding = 0;
  while (padding < 2 && padding < text.size() && text[text.size() - 1 - padding] == '=') ++padding;
  // So the last group has two digits, three or four, and never a single one: six bits are no byte.
  const std::string_view digits = text.substr(0, text.size() - padding);

  Bytes bytes;
  bytes.reserve(text.size() / 4 * 3);  // up to two too many
  std::uint32_t bits = 0;  // the digits so far; the oldest fall off its upper end, and have been given out long before
  unsigned held = 0;       // how many of the low bits of `bits` are not yet given out: 0, 2, 4 or 6
  for (const char character : digits) {
    const std::optional<std::uint32_t> value = value_of(character);
    if (!value) return std::nullopt;  // a '=' in the middle ends here too
    bits = bits << 6 | *value;
    held += 6;
    if (held < 8) continue;
    // The oldest eight go out. The cast drops the bits above them, which went out before; the `held` below them wait.
    held -= 8;
    bytes.push_back(static_cast<std::uint8_t>(bits >> held));
  }
  // What is still held, if anything, two or four bits, are the encoder's zeros. They are not looked at: see the header.
  return bytes;
}

}  // namespace websock
