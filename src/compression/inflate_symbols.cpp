// What is inside a block: the codes, if it brings its own, and the symbols in them. Most of the time that inflating
// takes is spent in the loop of read_symbols().
//
//     look at 57 bits  ->  the symbol, by a table  ->  a byte is stored                           -> again
//                                                  ->  length, distance symbol, distance: copied
//
// Simplification: one symbol at a time. Decoders that try for every last cycle look up two literals at once, and keep
// the bits in a register from one symbol to the next.
#include <algorithm>
#include <cstring>

#include "compression/inflate.h"

namespace websock {
namespace {

constexpr std::size_t kWord = 8;  // a match is copied by words, the last one whole

// Copies `length` bytes from `distance` bytes back, as if byte by byte. A match may overlap itself: "a" and then a
// match of length 5 at distance 1 is "aaaaaa". Words do that only if a word does not reach into what it is to write;
// below, what is there doubles with each copy. Writes up to 7 bytes too many.
void copy_match(std::uint8_t* to, std::size_t distance, std::size_t length) {
  const std::uint8_t* from = to - distance;
  if (distance >= kWord) {
    // What is too many lies where the next symbols go, and kStepRoom has room for it.
    for (std::size_t i = 0; i < length; i += kWord) std::memcpy(to + i, from + i, kWord);
    return;
  }
  // distance bytes, then twice as many, then four times: all of them whole repeats, so the next copy fits on behind.
  while (length > 0) {
    // `from` stays where it is, so each round can copy all that the rounds before have written.
    const std::size_t count = std::min(length, static_cast<std::size_t>(to - from));
    std::memcpy(to, from, count);
    to += count;
    length -= count;
  }
}

// 3.2.7 lets the code of the distances say nothing (none is ever used) or have a single symbol. Like zlib we let that
// of the literals have a single one, too. Any other code has to be complete: a sender has no reason to leave bits
// without a meaning, and one that does would not be caught when it uses them.
bool is_usable(CodeFit fit) { return fit == CodeFit::complete || fit == CodeFit::lone; }

}  // namespace

// ---- Dynamic blocks: 3.2.7 ----

// How many lengths follow, and the lengths of the code in which they are written.
bool Inflater::read_code_counts(BitReader& from) {
  // A copy to try with. `from` moves on only when all of it was there.
  BitReader bits = from;
  // Each number is sent less the least that it can be: there is an end of the block, and one distance, used or not.
  const std::size_t literal_count = 257 + bits.take(5);
  const std::size_t distance_count = 1 + bits.take(5);
  const std::size_t sent = 4 + bits.take(4);
  // What is not sent is 0: no such symbol. 4 + 15 are as many as there are, so no index is out of range.
  std::array<std::uint8_t, kCodeLengthSymbols> lengths{};
  for (std::size_t i = 0; i < sent; ++i) lengths[kCodeLengthOrder[i]] = static_cast<std::uint8_t>(bits.take(3));
  // Asked before anything is judged: zeros from behind the end are not what the peer has sent.
  if (bits.passed_the_end()) return false;
  // Five bits can say up to 288 and 32. The alphabets end at 286 and 30 (RFC 1951 section 3.2.5).
  if (literal_count > kLiteralSymbols) throw InflateError("a dynamic block has more than 286 literals and lengths");
  if (distance_count > kDistanceSymbols) throw InflateError("a dynamic block has more than 30 distances");
  // It may sit in the decoder of the literals: their code is made only when this one has done its work. Complete, and
  // not a lone one: then whatever the bits are, decode() finds a symbol, and read_code_lengths() need not ask.
  if (dynamic_literals_.build(lengths) != CodeFit::complete) {
    throw InflateError("the code of the code lengths is not a complete one");
  }
  literal_count_ = literal_count;
  length_count_ = literal_count + distance_count;
  lengths_read_ = 0;
  next_ = Next::code_lengths;
  from = bits;
  return true;
}

// Both codes' lengths are one row, and a repeat may cross from the first to the second. A step is one symbol: a length,
// or how often to repeat one. What has been read stays read, even if "not yet" is the answer: the row is kept in
// lengths_, so that only the last symbol is tried again.
bool Inflater::read_code_lengths(BitReader& bits) {
  while (lengths_read_ < length_count_) {
    BitReader here = bits;
    // 57 bits are more than the 7 + 7 that a symbol and its extra bits can have. A length of 0 does not come up: see
    // read_code_counts().
    const PrefixDecoder::Result code = dynamic_literals_.decode(here.peek());
    here.skip(code.length);
    const bool repeats = code.symbol >= kRepeatPrevious;
    // A plain length is a run of one, without extra bits.
    const Range range = repeats ? kRepeats[code.symbol - kRepeatPrevious] : Range{1, 0};
    const std::size_t times = range.first + here.take(range.extra_bits);
    // Before it is judged: zeros from behind the end might be an error that the peer has not made.
    if (here.passed_the_end()) return false;
    bits = here;
    if (code.symbol == kRepeatPrevious && lengths_read_ == 0) {
      throw InflateError("a dynamic block repeats a length before there is one");
    }
    // The repeat is the peer's word. Unchecked, it could write behind the end of lengths_.
    if (times > length_count_ - lengths_read_) throw InflateError("a dynamic block has more code lengths than it said");
    // There is one before it, as was asked above. The other two repeat zeros.
    const std::size_t repeated = code.symbol == kRepeatPrevious ? lengths_[lengths_read_ - 1] : 0;
    const auto length = static_cast<std::uint8_t>(repeats ? repeated : code.symbol);
    std::fill_n(lengths_.begin() + static_cast<std::ptrdiff_t>(lengths_read_), times, length);
    lengths_read_ += times;
  }
  use_dynamic_codes();
  return true;
}

// All lengths are there: two codes are made of them, if they are codes. A block without a code for its end could never
// end.
void Inflater::use_dynamic_codes() {
  const CodeLengths literals = CodeLengths(lengths_).first(literal_count_);
  const CodeLengths distances = CodeLengths(lengths_).subspan(literal_count_, length_count_ - literal_count_);
  // 257 lengths at least, so there is an entry 256.
  if (literals[kEndOfBlock] == 0) throw InflateError("a dynamic block has no code for its end");
  if (!is_usable(dynamic_literals_.build(literals))) {
    throw InflateError("a dynamic block's code of literals is not a complete one");
  }
  if (!is_usable(dynamic_distances_.build(distances))) {
    throw InflateError("a dynamic block's code of distances is not a complete one");
  }
  // The third code was in dynamic_literals_, and is gone now: all that it had to say has been read.
  literals_ = &dynamic_literals_;
  distances_ = &dynamic_distances_;
  next_ = Next::symbols;
}

// ---- Symbols: 3.2.5 ----

// A length has been read from the front of `word`, which are the next bits: the rest of the match, behind it. A length
// with all that belongs to it has at most 15 + 5 + 15 + 13 = 48 bits, so one look at the bits is enough.
bool Inflater::read_match(BitReader& bits, PrefixDecoder::Result length_code, std::uint64_t word, Match& match) const {
  const auto cut = [&](int count) {
    const auto value = static_cast<std::size_t>(word & ((std::uint64_t{1} << count) - 1));
    word >>= count;
    bits.skip(static_cast<std::size_t>(count));
    return value;
  };
  cut(length_code.length);
  // In the zeros from behind the end nothing is judged: that would be a fault that the peer has not made.
  if (length_code.symbol >= kLiteralSymbols && !bits.passed_the_end()) {
    throw InflateError("a length is one of the two symbols that do not exist");  // the fixed code has them
  }
  // With zeros from behind the end the symbol may be any. The index stays inside the table, and the match is forgotten
  // below.
  const Range length = kLengths[std::min<std::size_t>(length_code.symbol - kFirstLength, kLengths.size() - 1)];
  match.length = length.first + cut(length.extra_bits);

  // `word` has been cut along with `bits`, so its front is the distance now. At least 57 - 15 - 5 of its bits are real.
  const PrefixDecoder::Result distance_code = distances_->decode(word);
  // With 15 bits there no code can be incomplete: then it is a fault. With fewer, the rest may make it one.
  if (distance_code.length == 0) {
    if (bits.left() >= kMaxCodeLength) throw InflateError("a distance is no code of its block");
    return false;
  }
  cut(distance_code.length);
  // 3.2.6: the fixed code has codes for 30 and 31, which must not occur. A dynamic one has no more than 30.
  if (distance_code.symbol >= kDistanceSymbols && !bits.passed_the_end()) {
    throw InflateError("a distance is one of the two symbols that do not exist");
  }
  const Range distance = kDistances[std::min<std::size_t>(distance_code.symbol, kDistances.size() - 1)];
  match.distance = distance.first + cut(distance.extra_bits);
  // `bits` has moved even if not: it is the caller's copy, which is thrown away then.
  return !bits.passed_the_end();
}

// As many literals and matches as there are, or as there is room for.
bool Inflater::read_symbols(BitReader& bits, const Output& output) {
  make_room(output);
  // Variables of this function's own, since a compiler has to assume that a byte stored in buffer_ may change a member.
  BitReader here = bits;
  std::uint8_t* const begin = buffer_.data();
  // Up to here, what one symbol writes fits in. So room is asked for once for each symbol, not for each byte.
  std::uint8_t* const last = begin + (limit() - kStepRoom);
  std::uint8_t* out = begin + end_;
  const PrefixDecoder& literals = *literals_;
  bool block_ended = false;

  while (out <= last && !block_ended) {
    const std::uint64_t word = here.peek();
    const PrefixDecoder::Result code = literals.decode(word);
    if (code.symbol < kEndOfBlock) {
      here.skip(code.length);
      // 0: these bits are no code, or not yet all of one. Which of the two is decided below the loop.
      if (code.length == 0 || here.passed_the_end()) break;
      *out++ = static_cast<std::uint8_t>(code.symbol);
    } else if (code.symbol == kEndOfBlock) {
      here.skip(code.length);
      if (here.passed_the_end()) break;
      block_ended = true;  // not at once: the reader has to move on first, below
    } else {
      Match match;
      // It skips the length's code itself, since it cuts `word` along with it.
      if (!read_match(here, code, word, match)) break;
      // Two borders: how far the peer may reach, and how much there has ever been.
      if (match.distance > std::min(window_, static_cast<std::size_t>(out - begin))) {
        throw InflateError("a match reaches back further than anything that was sent");
      }
      copy_match(out, match.distance, match.length);
      out += match.length;
    }
    bits = here;  // this one was all there
  }
  // make_room() has seen to it that the loop began with room: so if there is none now, a symbol was read.
  const bool out_of_room = out > last;
  end_ = static_cast<std::size_t>(out - begin);
  if (block_ended) block_ends(bits);
  // We have stopped with room to write and bits to read. Either a code is not complete yet, or these bits are none: 15
  // of them decide it.
  if (!block_ended && !out_of_room && bits.left() >= kMaxCodeLength && literals.decode(bits.peek()).length == 0) {
    throw InflateError("bits that are no code of their block");
  }
  // False is "not yet", although symbols may have been read: what they made is in buffer_, and their bits are used up.
  return block_ended || out_of_room;
}

}  // namespace websock
