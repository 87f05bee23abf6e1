// The canonical code of RFC 1951 section 3.2.2, worked out for lengths 2 1 3 3 (symbols A to D). Count the lengths: one
// of 1 bit, one of 2, two of 3. The first code of each length is what follows the last of the length before, with a 0
// appended:
//
//     1 bit     first 0                     B = 0
//     2 bits    first (0 + 1) * 2 = 10      A = 10
//     3 bits    first (10 + 1) * 2 = 110    C = 110, D = 111
//
// To read, one can do the same backwards, a bit at a time: with each bit the code grows, and as soon as it lies within
// the codes of its length, its distance from the first of them is the symbol's place among them. decode_long() does it
// so, and blocks.cpp, the slow decoder, does nothing else.
//
// That takes a step for each bit. So build() writes down beforehand what every run of nine bits begins with. A code of
// n bits stands in 2^(9-n) places, one for each run of bits that may follow:
//
//     B = 0     xxxxxxxx0      every even place (the first bit is the lowest)
//     A = 10    xxxxxxx01      every fourth, from 1 on
//
// And it does not write them one by one. A table for the codes of up to n bits, twice, is one for n + 1 bits, but for
// the codes of n + 1 bits themselves: whatever the next bit is, it does not matter to the shorter ones.
//
// Codes of more than nine bits are for symbols that occur once in 500, or more seldom: the slow way is good enough.
#include "compression/prefix_code.h"

#include <algorithm>
#include <cassert>

namespace websock {
namespace {

// The bits of a code in the order in which they travel: of sixteen, neighbours are swapped, then pairs, fours and
// eights. A shorter code is at the upper end then, and is moved down.
std::uint16_t turn_round(std::uint32_t code, int length) {
  code = (code & 0x5555) << 1 | (code >> 1 & 0x5555);
  code = (code & 0x3333) << 2 | (code >> 2 & 0x3333);
  code = (code & 0x0F0F) << 4 | (code >> 4 & 0x0F0F);
  code = (code & 0x00FF) << 8 | (code >> 8 & 0x00FF);
  return static_cast<std::uint16_t>(code >> (16 - length));
}

// The first code of each length.
std::array<std::uint32_t, kMaxCodeLength + 1> first_codes(const LengthCounts& counts) {
  std::array<std::uint32_t, kMaxCodeLength + 1> first{};
  // From 2 on: the first code of one bit is 0, and counts[0] is not about codes.
  for (std::size_t length = 2; length < first.size(); ++length) {
    first[length] = (first[length - 1] + counts[length - 1]) * 2;
  }
  return first;
}

// `symbols`: how many there are, those without a code included.
CodeFit fit_of(const LengthCounts& counts, std::size_t symbols) {
  // No distance at all, or only one: 3.2.7 allows both. Whether another code may be like that is for the caller to
  // judge. Their shares do not add up to 1, and so they are asked about first.
  const std::size_t used = symbols - counts[0];
  if (used == 0 || (used == 1 && counts[1] == 1)) return CodeFit::lone;
  // `left` codes of the length at hand are still free. A code that nobody took becomes two, one bit longer.
  int left = 1;
  for (std::size_t length = 1; length <= kMaxCodeLength; ++length) {
    left = 2 * left - counts[length];
    if (left < 0) return CodeFit::too_many;  // longer codes give no place back
  }
  return left == 0 ? CodeFit::complete : CodeFit::too_few;
}

}  // namespace

// All that is needed to number the codes: how many there are of each length.
LengthCounts count_lengths(CodeLengths lengths) {
  LengthCounts counts{};
  for (const std::uint8_t length : lengths) ++counts[length];
  return counts;
}

CodeFit fit_of(CodeLengths lengths) { return fit_of(count_lengths(lengths), lengths.size()); }

// 3.2.2: one after the other, in the order of the symbols; next[n] is the next free code of n bits.
void make_codes(CodeLengths lengths, std::span<Code> codes) {
  std::array<std::uint32_t, kMaxCodeLength + 1> next = first_codes(count_lengths(lengths));
  for (std::size_t symbol = 0; symbol < lengths.size(); ++symbol) {
    const std::uint8_t length = lengths[symbol];
    // 3.2.2: the symbol does not occur, and must not get a code.
    if (length == 0) continue;
    codes[symbol] = {turn_round(next[length]++, length), length};
  }
}

// First the symbols in the order of their codes, then the table out of them, from the short codes to the long ones.
CodeFit PrefixDecoder::build(CodeLengths lengths) {
  assert(lengths.size() <= kMostSymbols);
  counts_ = count_lengths(lengths);
  const CodeFit fit = fit_of(counts_, lengths.size());
  // Two symbols would get the same bits. The lengths are the peer's, so this does come up.
  if (fit == CodeFit::too_many) return fit;

  // The symbols in the order of their codes. place[n] is where the next symbol of n bits goes. + 2: for n = 0, and for
  // the place behind the longest codes, which the loop computes and nobody asks for.
  std::array<std::uint16_t, kMaxCodeLength + 2> place{};
  for (std::size_t n = 1; n <= kMaxCodeLength; ++n) place[n + 1] = static_cast<std::uint16_t>(place[n] + counts_[n]);
  for (std::size_t symbol = 0; symbol < lengths.size(); ++symbol) {
    if (lengths[symbol] != 0) symbols_[place[lengths[symbol]]++] = static_cast<std::uint16_t>(symbol);
  }

  // No entry is left as the code before this one had it: it might be taken for a short code where a long one is meant.
  table_[0] = 0;
  std::size_t size = 1;
  std::uint32_t code = 0;
  std::size_t index = 0;  // into symbols_
  for (int length = 1; length <= kTableBits; ++length) {
    // Whatever the next bit is, the codes so far mean what they meant without it.
    std::copy_n(table_.begin(), size, table_.begin() + static_cast<std::ptrdiff_t>(size));
    size *= 2;
    for (int i = counts_[static_cast<std::size_t>(length)]; i > 0; --i, ++code, ++index) {
      table_[turn_round(code, length)] = static_cast<std::uint16_t>(symbols_[index] << kLengthBits | length);
    }
    code *= 2;
  }
  return fit;
}

// Bit by bit, from the first one on: what the table could not tell.
PrefixDecoder::Result PrefixDecoder::decode_long(std::uint64_t bits) const {
  std::uint32_t code = 0;   // the bits so far, the first one highest
  std::uint32_t first = 0;  // the first code of this length,
  std::uint32_t index = 0;  // and its symbol's place in symbols_
  for (std::size_t length = 1; length <= kMaxCodeLength; ++length, bits >>= 1) {
    code |= static_cast<std::uint32_t>(bits & 1);
    const std::uint32_t count = counts_[length];
    if (code < first + count) return {symbols_[index + code - first], static_cast<std::uint8_t>(length)};
    index += count;
    first = (first + count) * 2;
    code *= 2;
  }
  // A length of 0: these bits are no code, or not yet all of one.
  return {0, 0};
}

}  // namespace websock
