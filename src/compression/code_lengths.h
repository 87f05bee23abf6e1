// How a dynamic block sends its two codes: RFC 1951 section 3.2.7. The lengths of both, some 300 numbers below 16, in
// one row, the runs in it shortened, and the whole in a third code, whose lengths come before it:
//
//     HLIT HDIST HCLEN     how many lengths each of the three codes has
//     3 bits each          the lengths of the third code
//     symbols              the lengths of the two, in the third
#pragma once

#include <array>

#include "bits.h"
#include "deflate_format.h"
#include "prefix_code.h"

namespace websock {

class CodeLengthWriter {
 public:
  // REQUIRES: no more than 286 and 30 lengths; those at the ends may be 0 and are not sent.
  CodeLengthWriter(CodeLengths literals, CodeLengths distances);

  std::size_t bits() const;  // that write() appends
  void write(BitWriter& out) const;

 private:
  struct Symbol {
    std::uint8_t symbol;
    std::uint8_t extra;  // how often it repeats, less the least that it can
  };
  void append_run(std::uint8_t length, std::size_t times);
  void append(std::size_t symbol, std::size_t times, std::size_t least);

  std::size_t literal_count_;
  std::size_t distance_count_;
  std::size_t sent_ = kCodeLengthSymbols;  // lengths of the third code
  std::array<Symbol, kLiteralSymbols + kDistanceSymbols> symbols_;
  std::size_t symbol_count_ = 0;
  std::array<std::uint8_t, kCodeLengthSymbols> lengths_{};  // of the third code
};

}  // namespace websock
