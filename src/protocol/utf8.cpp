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
// kRules says the same as an automaton: in which place which byte leads to which place. To follow it without asking
// anything (a processor that guesses an answer wrong loses the time of some twenty bytes), each byte has a number of
// 64 bits, in which six bits for each place say where the byte leads from there:
//
//     bit      48        42        36        30        24        18        12        6         0
//     from     after_f4  after_f0  after_ed  after_e0  3 left    2 left    1 left    between   invalid
//     byte 85  2 left    invalid   1 left    invalid   2 left    1 left    between   invalid   invalid
//
// A place is the number of the bit at which its six begin. So shifting a byte's number right by the place that we are
// in brings the next place to the front: one table, one shift a byte, whatever the text.
#include "protocol/utf8.h"

#include <algorithm>
#include <array>

namespace websock {
namespace {

// From the place `from`, a byte of this range leads to the place `to`. What no rule names is not UTF-8.
struct Rule {
  Utf8Place from;
  std::uint8_t lowest;  // of the bytes that lead from there
  std::uint8_t highest;
  Utf8Place to;
};

using enum Utf8Place;
constexpr std::array<Rule, 16> kRules = {{
    {between_characters, 0x00, 0x7F, between_characters},
    {between_characters, 0xC2, 0xDF, one_left},
    {between_characters, 0xE0, 0xE0, after_e0},
    {between_characters, 0xE1, 0xEC, two_left},
    {between_characters, 0xED, 0xED, after_ed},
    {between_characters, 0xEE, 0xEF, two_left},
    {between_characters, 0xF0, 0xF0, after_f0},
    {between_characters, 0xF1, 0xF3, three_left},
    {between_characters, 0xF4, 0xF4, after_f4},
    {one_left, 0x80, 0xBF, between_characters},
    {two_left, 0x80, 0xBF, one_left},
    {three_left, 0x80, 0xBF, two_left},
    {after_e0, 0xA0, 0xBF, one_left},
    {after_ed, 0x80, 0x9F, one_left},
    {after_f0, 0x90, 0xBF, two_left},
    {after_f4, 0x80, 0x8F, two_left},
}};

constexpr std::uint64_t kPlaceBits = 0b11'1111;

// The number of 64 bits for each byte, made by the compiler from the sixteen rules: no column of hexadecimal is pasted
// in from somewhere. What no rule allows stays 0: `invalid`, from which no rule leads away.
constexpr std::array<std::uint64_t, 256> make_next_places() {
  std::array<std::uint64_t, 256> places{};
  for (const Rule& rule : kRules) {
    for (std::size_t byte = rule.lowest; byte <= rule.highest; ++byte) {
      places[byte] |= static_cast<std::uint64_t>(rule.to) << static_cast<int>(rule.from);
    }
  }
  return places;
}

constexpr std::array<std::uint64_t, 256> kNextPlaces = make_next_places();

// Where `bytes` lead from there. No question is asked about any of them.
Utf8Place follow(Utf8Place from, ByteView bytes) {
  auto place = static_cast<std::uint64_t>(from);
  // Of `place` only the lowest six bits are meant. Above them is what the byte would have meant in other places; it is
  // cut off where it is used, on the next turn, so that a turn is no longer than it must be.
  for (const std::uint8_t byte : bytes) place = kNextPlaces[byte] >> (place & kPlaceBits);
  return static_cast<Utf8Place>(place & kPlaceBits);
}

constexpr std::size_t kBlock = 32;  // bytes

// Whether these are all ASCII: their OR has a top bit if one of them has. Since it does not stop at the first byte that
// is not, a compiler can look at many bytes at once.
bool is_ascii(std::span<const std::uint8_t, kBlock> block) {
  std::uint8_t all = 0;
  for (const std::uint8_t byte : block) all |= byte;
  return all < 0x80;
}

// What is left of `bytes` after the whole blocks of ASCII at its front, which lead from between to between.
ByteView skip_ascii(ByteView bytes) {
  while (bytes.size() >= kBlock && is_ascii(bytes.first<kBlock>())) bytes = bytes.subspan(kBlock);
  return bytes;
}

}  // namespace

// Blocks of ASCII are skipped, all else goes through the automaton, two blocks at a time; then we look for ASCII again.
// It does not return at the first wrong byte: to ask after each would cost more than to go on to the end of a piece,
// and `invalid` stays what it is.
bool Utf8Validator::feed(ByteView bytes) {
  while (!bytes.empty()) {
    // Only between characters. Inside one, a block of ASCII would have to make the text invalid, and must not be
    // skipped.
    if (complete()) bytes = skip_ascii(bytes);
    // Two blocks, so that a text with hardly any ASCII in it is not asked about it at every step. Nothing is left if
    // all was ASCII; follow() leaves the place as it is then.
    const ByteView next = bytes.first(std::min(bytes.size(), 2 * kBlock));
    place_ = follow(place_, next);
    bytes = bytes.subspan(next.size());
  }
  return place_ != invalid;
}

// For a text that is there as a whole, such as the reason of a Close, or what an application sends.
bool is_valid_utf8(std::string_view text) {
  Utf8Validator validator;
  return validator.feed(bytes_of(text)) && validator.complete();
}

}  // namespace websock
