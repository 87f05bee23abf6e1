// Prefix codes: RFC 1951 section 3.2.1 and 3.2.2. A code gives frequent symbols few bits and rare ones many, and no
// code is the beginning of another, so that one can follow the next without a mark between them:
//
//     symbol    A     B     C     D                 "ABAD" is 10 0 10 111: eight bits
//     code      10    0     110   111
//
// There are many such codes with the same lengths. Deflate uses the canonical one: shorter codes come first, and among
// codes of one length those of smaller symbols; each is the one before plus 1. So the lengths alone, 2 1 3 3, say all.
#pragma once

#include <array>
#include <span>

#include "../bytes.h"

namespace websock {

inline constexpr int kMaxCodeLength = 15;  // bits

// The lengths of a code, in bits, one for each symbol; 0: the symbol does not occur.
using CodeLengths = std::span<const std::uint8_t>;

// Whether codes of these lengths exist. Every code of n bits takes 1/2^n of all that bits can say.
enum class CodeFit {
  complete,  // the shares add up to 1: whatever the bits, they mean something
  lone,      // one symbol, whose code is one bit, or none at all: the other bits mean nothing
  too_few,   // the shares add up to less than 1, and it is not because there are no symbols
  too_many,  // to more: two symbols would have to share
};
CodeFit fit_of(CodeLengths lengths);

// How many codes have each length. Entry 0: how many symbols have none.
using LengthCounts = std::array<std::uint16_t, kMaxCodeLength + 1>;
LengthCounts count_lengths(CodeLengths lengths);

// ---- Writing ----

// A symbol's code, turned round: BitWriter writes the lowest bit first, and of a code the highest has to come first.
struct Code {
  std::uint16_t bits = 0;
  std::uint8_t length = 0;
};

// Sets codes[symbol] for every symbol that has one.
// REQUIRES: fit_of(lengths) is not too_many; codes.size() >= lengths.size().
void make_codes(CodeLengths lengths, std::span<Code> codes);

// ---- Reading ----

// Tells which symbol bits begin with, by looking up the next nine of them at once.
class PrefixDecoder {
 public:
  // Makes it a decoder of this code, and says whether the code is one. If it is too_many, decode() is not to be called.
  // REQUIRES: no more than kMostSymbols.
  CodeFit build(CodeLengths lengths);
  static constexpr std::size_t kMostSymbols = 288;

  struct Result {
    std::uint16_t symbol;
    std::uint8_t length;  // bits; 0: no code begins like this, and symbol is 0
  };
  // `bits`: the next 15 or more, the first one lowest.
  Result decode(std::uint64_t bits) const {
    const std::uint16_t entry = table_[static_cast<std::size_t>(bits) % table_.size()];
    if (entry == 0) return decode_long(bits);
    return {static_cast<std::uint16_t>(entry >> kLengthBits), static_cast<std::uint8_t>(entry & 0b1111)};
  }

 private:
  static constexpr int kTableBits = 9;
  static constexpr int kLengthBits = 4;  // of a table's entry: the code's length, and above it the symbol
  Result decode_long(std::uint64_t bits) const;

  std::array<std::uint16_t, std::size_t{1} << kTableBits> table_;  // 0: the code is longer, or there is none
  LengthCounts counts_;                                            // for decode_long,
  std::array<std::uint16_t, kMostSymbols> symbols_;                // and the symbols in the order of their codes
};

}  // namespace websock
