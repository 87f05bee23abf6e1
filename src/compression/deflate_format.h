// The alphabets of RFC 1951: what the symbols in a deflated message stand for. This file is the RFC's tables, and
// the one error of reading them; inflate.cpp reads them in one direction, deflate.cpp in the other.
//
// A message is a chain of blocks. A block is a list of two kinds of things, in one alphabet of 286 symbols (3.2.5):
//
//     0 to 255     a byte as it is: a literal
//     256          the block ends
//     257 to 285   a match: "as many bytes as this, from that far back"; how far is the next symbol, of another
//                  alphabet of 30
//
// A symbol for a length or a distance names a range, and bits behind it, the extra bits, say where in it:
//
//     symbol 265, extra 1     length 11 + 1 = 12
//
// A block begins with one bit, BFINAL (it is the last), and two for its BlockType. Behind them (3.2.4 to 3.2.7):
//
//     stored     what is left of the byte, 16 bits for a length, 16 for its complement (every bit turned), the bytes
//     fixed      symbols, up to 256
//     dynamic    5 bits: how many lengths the code of literals and lengths has, less 257
//                5 bits: how many that of the distances has, less 1
//                4 bits: how many a third code has, less 4; then these, 3 bits each, in the order kCodeLengthOrder
//                the lengths of the first two codes, written in the third; then symbols, up to 256
//
// The lengths of the first two codes are one row: a repeat may cross from one code into the other. The third code has
// to be complete. Each of the first two may be a lone one as well (prefix_code.h), but 256 needs a code.
#pragma once

#include <array>
#include <stdexcept>

#include "../bytes.h"

namespace websock {

// These bytes cannot have been deflated. what() is one sentence that names the rule, free of the peer's bytes.
class InflateError : public std::runtime_error {
 public:
  explicit InflateError(const char* why) : std::runtime_error(why) {}
};

// 3.2.3: two bits in a block's header.
enum class BlockType : std::uint8_t {
  stored = 0,   // bytes as they are
  fixed = 1,    // the code is the RFC's own
  dynamic = 2,  // the code comes first
  reserved = 3,
};

inline constexpr std::size_t kMinMatch = 3;  // bytes; what is shorter is not worth a match
inline constexpr std::size_t kMaxMatch = 258;
inline constexpr int kMaxWindowBits = 15;  // a match reaches back 2^15 = 32,768 bytes at most

inline constexpr std::uint16_t kEndOfBlock = 256;
inline constexpr std::uint16_t kFirstLength = 257;
inline constexpr std::size_t kLiteralSymbols = 286;  // literals, the end, lengths
inline constexpr std::size_t kDistanceSymbols = 30;
inline constexpr std::size_t kFixedLiteralSymbols = 288;  // the fixed code has two that are an error,
inline constexpr std::size_t kFixedDistanceSymbols = 32;  // and two distances likewise
inline constexpr std::size_t kCodeLengthSymbols = 19;

// The range that a symbol names: its first value, and how many bits say where in it.
struct Range {
  std::uint16_t first;
  std::uint8_t extra_bits;
};

// 3.2.5, "length codes". Eight symbols have no extra bits, then four share each number of them; the last, 285, is 258
// by itself.
inline constexpr std::array<Range, kLiteralSymbols - kFirstLength> kLengths = {{
    {3, 0},  {4, 0},  {5, 0},  {6, 0},   {7, 0},   {8, 0},   {9, 0},   {10, 0},  {11, 1},  {13, 1},
    {15, 1}, {17, 1}, {19, 2}, {23, 2},  {27, 2},  {31, 2},  {35, 3},  {43, 3},  {51, 3},  {59, 3},
    {67, 4}, {83, 4}, {99, 4}, {115, 4}, {131, 5}, {163, 5}, {195, 5}, {227, 5}, {258, 0},
}};

// 3.2.5, "distance codes". Four symbols have no extra bits, then two share each number of them.
inline constexpr std::array<Range, kDistanceSymbols> kDistances = {{
    {1, 0},     {2, 0},     {3, 0},     {4, 0},      {5, 1},      {7, 1},      {9, 2},     {13, 2},
    {17, 3},    {25, 3},    {33, 4},    {49, 4},     {65, 5},     {97, 5},     {129, 6},   {193, 6},
    {257, 7},   {385, 7},   {513, 8},   {769, 8},    {1025, 9},   {1537, 9},   {2049, 10}, {3073, 10},
    {4097, 11}, {6145, 11}, {8193, 12}, {12289, 12}, {16385, 13}, {24577, 13},
}};

// 3.2.7: a dynamic block sends the lengths of its two codes in a third alphabet. 0 to 15 are lengths; the rest repeat.
inline constexpr std::uint16_t kRepeatPrevious = 16;  // 3 to 6 times, 2 extra bits
inline constexpr std::uint16_t kRepeatZero = 17;      // 3 to 10 times, 3 extra bits
inline constexpr std::uint16_t kRepeatZeroLong = 18;  // 11 to 138 times, 7 extra bits
inline constexpr std::array<Range, 3> kRepeats = {{{3, 2}, {3, 3}, {11, 7}}};

// 3.2.7: the order in which the lengths of the third code are sent. Those that are seldom used come last, and zeros at
// the end are not sent.
inline constexpr std::array<std::uint8_t, kCodeLengthSymbols> kCodeLengthOrder = {16, 17, 18, 0, 8,  7, 9,  6, 10, 5,
                                                                                  11, 4,  12, 3, 13, 2, 14, 1, 15};

// 3.2.6: the lengths of the codes in a fixed block. A literal is 8 or 9 bits, the end 7, a distance 5.
constexpr std::array<std::uint8_t, kFixedLiteralSymbols> make_fixed_lengths() {
  std::array<std::uint8_t, kFixedLiteralSymbols> lengths{};
  for (std::size_t symbol = 0; symbol < lengths.size(); ++symbol) {
    lengths[symbol] = symbol < 144 ? 8 : symbol < 256 ? 9 : symbol < 280 ? 7 : 8;
  }
  return lengths;
}
inline constexpr std::array<std::uint8_t, kFixedLiteralSymbols> kFixedLengths = make_fixed_lengths();
inline constexpr std::uint8_t kFixedDistanceLength = 5;

}  // namespace websock
