// A row of lengths is mostly runs: letters that do not occur, distances that are equally rare.
//
//     the row        0 0 0 0 0 0 0 0 0 0 0 0   3 3 3 3 3    5
//     what is sent   18, 12 - 11 in 7 bits     3 16, 4 - 3  5
//
// A run may go on from the first code into the second: to the reader it is one row.
#include "compression/code_lengths.h"

#include <algorithm>

#include "compression/huffman.h"

namespace websock {
namespace {

constexpr int kLongestCode = 7;  // bits: a length of the third code is sent in three
constexpr std::size_t kLeastRepeat = 3;
constexpr std::size_t kMostRepeatPrevious = 6;    // 3 + 3: two extra bits
constexpr std::size_t kLeastRepeatZeroLong = 11;  // one more than 3 + 7, which three extra bits can say
constexpr std::size_t kMostRepeatZero = 138;      // 11 + 127: seven extra bits
constexpr std::size_t kLeastLiterals = 257;       // the end of the block is the 257th
constexpr std::size_t kLeastSent = 4;             // lengths of the third code

// How many are sent: those at the end that do not occur are not. `least` are sent even if they are 0, since a count is
// written as what it is above that.
std::size_t without_zeros(CodeLengths lengths, std::size_t least) {
  std::size_t count = lengths.size();
  while (count > least && lengths[count - 1] == 0) --count;
  return count;
}

// How many bits behind this symbol say how often it repeats.
int extra_bits(std::size_t symbol) {
  return symbol < kRepeatPrevious ? 0 : kRepeats[symbol - kRepeatPrevious].extra_bits;
}

}  // namespace

// The row, its runs, and the third code. After this it is known how long all of it is.
CodeLengthWriter::CodeLengthWriter(CodeLengths literals, CodeLengths distances)
    // 1: a block without a match sends one length all the same, a 0 (3.2.7).
    : literal_count_(without_zeros(literals, kLeastLiterals)), distance_count_(without_zeros(distances, 1)) {
  // Not initialised: only what the two copies write is read, up to `end`.
  std::array<std::uint8_t, kLiteralSymbols + kDistanceSymbols> row;
  const auto behind = std::copy_n(literals.begin(), literal_count_, row.begin());
  const auto end = std::copy_n(distances.begin(), distance_count_, behind);
  // Each run has the one length at least that it begins with, so the loop gets on.
  for (auto at = row.begin(); at != end;) {
    const auto run_ends = std::find_if(at, end, [&](std::uint8_t length) { return length != *at; });
    append_run(*at, static_cast<std::size_t>(run_ends - at));
    at = run_ends;
  }

  // A reader refuses a third code of a single symbol. We never make one: the end of the block has a length, so that
  // length occurs; and the 256 before it are either other lengths or repeats of it.
  std::array<std::uint32_t, kCodeLengthSymbols> frequencies{};
  for (std::size_t i = 0; i < symbol_count_; ++i) ++frequencies[symbols_[i].symbol];
  make_code_lengths(frequencies, kLongestCode, lengths_);
  // kCodeLengthOrder has the seldom used lengths last, so that many can be left out here.
  while (sent_ > kLeastSent && lengths_[kCodeLengthOrder[sent_ - 1]] == 0) --sent_;
}

// A run as the symbols that say it: the length once, then repeats of it, each as long as can be; what is left over is
// too short to be worth a repeat.
void CodeLengthWriter::append_run(std::uint8_t length, std::size_t times) {
  if (length != 0) {       // "the previous length" has to be there before it can be repeated
    append(length, 1, 1);  // once, and once is the least: no extra bits
    --times;
  }
  // Simplification: as long as can be is not always the shortest. Eight repeats go out as six and two single lengths,
  // where four and four might take fewer bits.
  while (times >= kLeastRepeat) {
    // RFC 1951 section 3.2.7: symbol 16 repeats a length 3 to 6 times; 17 and 18 repeat zeros, 3 to 10 and 11 to 138
    // times.
    const std::size_t most = length == 0 ? kMostRepeatZero : kMostRepeatPrevious;
    const std::size_t repeated = std::min(times, most);
    if (length != 0) {
      append(kRepeatPrevious, repeated, kLeastRepeat);
    } else if (repeated < kLeastRepeatZeroLong) {
      append(kRepeatZero, repeated, kLeastRepeat);
    } else {
      append(kRepeatZeroLong, repeated, kLeastRepeatZeroLong);
    }
    times -= repeated;
  }
  for (; times > 0; --times) append(length, 1, 1);
}

// Notes a symbol, and what its extra bits say: 0 is the least number of times. A symbol says one length or more, so the
// array, which has a place for every length, is never full.
void CodeLengthWriter::append(std::size_t symbol, std::size_t times, std::size_t least) {
  symbols_[symbol_count_++] = {static_cast<std::uint8_t>(symbol), static_cast<std::uint8_t>(times - least)};
}

// 5, 5 and 4 for the numbers of lengths, 3 for each length of the third code, and the row.
std::size_t CodeLengthWriter::bits() const {
  std::size_t bits = 5 + 5 + 4 + 3 * sent_;
  // A code's length is all that its size needs, so nothing has to be written to know the sum.
  for (std::size_t i = 0; i < symbol_count_; ++i) {
    bits += lengths_[symbols_[i].symbol] + static_cast<std::size_t>(extra_bits(symbols_[i].symbol));
  }
  return bits;
}

// In the order in which a reader needs it.
void CodeLengthWriter::write(BitWriter& out) const {
  // HLIT, HDIST and HCLEN, each less the least that it can be, so that 5, 5 and 4 bits are enough.
  out.put(literal_count_ - kLeastLiterals, 5);
  out.put(distance_count_ - 1, 5);
  out.put(sent_ - kLeastSent, 4);
  for (std::size_t i = 0; i < sent_; ++i) out.put(lengths_[kCodeLengthOrder[i]], 3);
  // The reader makes the same codes out of the lengths just sent: both ends number them by one rule.
  std::array<Code, kCodeLengthSymbols> codes;
  make_codes(lengths_, codes);
  for (std::size_t i = 0; i < symbol_count_; ++i) {
    const Symbol& symbol = symbols_[i];
    out.put(codes[symbol.symbol].bits, codes[symbol.symbol].length);
    // A plain length has no extra bits: then this puts none.
    out.put(symbol.extra, extra_bits(symbol.symbol));
  }
}

}  // namespace websock
