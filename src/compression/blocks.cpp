// The whole of RFC 1951, in the order in which it is defined, with nothing done for speed. A code is read one bit at a
// time: after each bit we ask whether the code is complete (3.2.2). What a match means is one byte at a time: "the byte
// that stands so far back", so that a match may overlap what it makes.
#include "compression/blocks.h"

#include <algorithm>

#include "compression/prefix_code.h"

namespace websock {
namespace {

class Reader {
 public:
  // `message` with its tail.
  Reader(ByteView message, std::size_t window, Bytes& text) : bits_(message), window_(window), text_(text) {}

  Block read_block();
  std::size_t left() const { return bits_.left(); }

 private:
  std::uint32_t take(int count);
  std::size_t take_symbol(CodeLengths lengths);
  // What a range and the extra bits behind its symbol say together. Of 0 extra bits take() makes 0.
  std::size_t take_from(Range range) { return range.first + take(range.extra_bits); }
  void read_stored(Block& block);
  void read_codes(Block& block);
  void read_steps(Block& block);
  Step read_step(const Block& block);
  void copy_match(const Step& match);

  BitReader bits_;
  std::size_t window_;  // bytes
  Bytes& text_;         // earlier messages too: matches may reach back into them
};

// The next bits as a number; there have to be so many.
std::uint32_t Reader::take(int count) {
  // From behind the end come zeros. The whole message is here, so what is missing will not come later.
  const std::uint32_t bits = bits_.take(count);
  if (bits_.passed_the_end()) throw InflateError("a compressed message ends in the middle of a block");
  return bits;
}

// The next symbol, in the code of these lengths. `code` grows by a bit at a time, the first one highest; `first` is the
// first of the codes that have as many bits, and `before` how many symbols have shorter ones.
std::size_t Reader::take_symbol(CodeLengths lengths) {
  // Counted anew for each symbol, and the symbol is looked for in the whole alphabet: here that is the price of having
  // nothing to remember between two symbols.
  const LengthCounts counts = count_lengths(lengths);
  std::size_t code = 0;
  std::size_t first = 0;
  // From 1 on: counts[0] is how many symbols have no code at all.
  for (std::size_t length = 1; length <= kMaxCodeLength; ++length) {
    // 3.1.1: a code travels highest bit first, a number lowest bit first. 3.2.2: the codes of one more bit begin at
    // twice the value at which the shorter ones ended.
    code = code << 1 | take(1);
    first = first << 1;
    // Nobody asks whether it is below `first`: it was not below the end of the shorter codes, and both have been
    // doubled.
    if (code < first + counts[length]) {
      // It lies within the codes of this length. They belong to the symbols of this length in the order of the
      // alphabet: that is what makes the code canonical.
      std::size_t place = code - first;  // among the symbols whose codes have this length
      // The loop needs no end: `place` is less than the number of these symbols, so it stops at one of them.
      for (std::size_t symbol = 0;; ++symbol) {
        if (lengths[symbol] == length && place-- == 0) return symbol;
      }
    }
    first += counts[length];  // where the codes of this length end; the next turn doubles it
  }
  // A complete code gives every row of bits a meaning. Only a code of one symbol, or of none, gets here.
  throw InflateError("bits that are no code of their block");
}

// 3.2.3: is it the last one, and of which kind is it?
Block Reader::read_block() {
  Block block;
  block.bit = bits_.position();
  const std::size_t text_before = text_.size();  // earlier messages, and earlier blocks of this one
  block.final = take(1) != 0;
  block.type = static_cast<BlockType>(take(2));
  // 3.2.3: 3 is an error. Nobody knows how long such a block would be, so nothing behind it can be read either.
  if (block.type == BlockType::reserved) throw InflateError("a compressed block is of a type that does not exist");
  if (block.type == BlockType::stored) {
    read_stored(block);
  } else {
    read_codes(block);
    read_steps(block);
  }
  // RFC 7692 section 7.2.1 lets a message have a last block and go on: what follows it begins on the next byte.
  // Before its bits are counted: read_blocks() compares where a block ends with where the message does.
  if (block.final) bits_.align();
  block.bits = bits_.position() - block.bit;
  block.text_bytes = text_.size() - text_before;
  return block;
}

// 3.2.4: from the next byte on, a length, its complement, and the bytes. The block has no codes and no steps to note:
// it is an argument only so that read_block() can call both kinds alike.
void Reader::read_stored(Block&) {
  // The bits up to the next byte have no meaning, and are not looked at.
  bits_.align();
  // A number comes lowest bit first, so its low byte comes first: the other way round than in a frame's header.
  const std::uint32_t length = take(16);
  // The complement is there to catch a reader that has lost its place: random bits agree once in 65,536 times.
  // 0xFFFF: ~ turns the upper 16 bits of the 32 into ones as well.
  if (length != (~take(16) & 0xFFFF)) throw InflateError("a stored block's length and its complement do not agree");
  // The length is the peer's word, so nothing is reserved for it. If it is too much, take() throws at the first byte
  // that is missing.
  for (std::uint32_t i = 0; i < length; ++i) text_.push_back(static_cast<std::uint8_t>(take(8)));
}

// 3.2.6: a fixed block's codes are known. 3.2.7: a dynamic block begins with them, in a third code.
void Reader::read_codes(Block& block) {
  if (block.type == BlockType::fixed) {
    // 288 and 32 symbols, so that both codes are complete; read_step() refuses the two of each that mean nothing.
    block.literal_lengths.assign(kFixedLengths.begin(), kFixedLengths.end());
    block.distance_lengths.assign(kFixedDistanceSymbols, kFixedDistanceLength);
    return;
  }
  // Each number is sent less the least that it can be: the end of the block needs a length, and so does one distance.
  const std::size_t literals = 257 + take(5);
  const std::size_t distances = 1 + take(5);
  const std::size_t sent = 4 + take(4);
  // All 0 at first: a symbol whose length is not sent does not occur. `sent` is at most 4 + 15, and there are 19.
  Bytes third(kCodeLengthSymbols);
  for (std::size_t i = 0; i < sent; ++i) third[kCodeLengthOrder[i]] = static_cast<std::uint8_t>(take(3));
  // Five bits can say up to 288 and 32. The alphabets end at 286 and 30 (3.2.5).
  if (literals > kLiteralSymbols) throw InflateError("a dynamic block has more than 286 literals and lengths");
  if (distances > kDistanceSymbols) throw InflateError("a dynamic block has more than 30 distances");
  // A lone code, which may pass below, does not pass here: a row that is all one symbol makes no code of literals.
  if (fit_of(third) != CodeFit::complete) throw InflateError("the code of the code lengths is not a complete one");

  // Both codes' lengths are one row, because a repeat may cross from the first into the second.
  Bytes row;
  while (row.size() < literals + distances) {
    const std::size_t symbol = take_symbol(third);
    const bool repeats = symbol >= kRepeatPrevious;  // below, the symbol is the length itself
    // The peer decides what comes first; row.back() of an empty row would be undefined.
    if (symbol == kRepeatPrevious && row.empty()) {
      throw InflateError("a dynamic block repeats a length before there is one");
    }
    const std::uint8_t length =
        symbol == kRepeatPrevious ? row.back() : static_cast<std::uint8_t>(repeats ? 0 : symbol);
    // A plain length is a run of one.
    row.insert(row.end(), repeats ? take_from(kRepeats[symbol - kRepeatPrevious]) : 1, length);
  }
  // The last repeat may go on from the first code into the second, but not out of the second.
  if (row.size() > literals + distances) throw InflateError("a dynamic block has more code lengths than it said");
  block.literal_lengths.assign(row.begin(), row.begin() + static_cast<std::ptrdiff_t>(literals));
  block.distance_lengths.assign(row.begin() + static_cast<std::ptrdiff_t>(literals), row.end());
  // Such a block could not end. There is an entry 256: 257 lengths are the least that a block can have.
  if (block.literal_lengths[kEndOfBlock] == 0) throw InflateError("a dynamic block has no code for its end");
  // 3.2.7: a block with one distance, or with none, has a lone code. Any other that leaves bits without a meaning is a
  // fault, and one with too many codes would give two symbols the same bits.
  for (const CodeFit fit : {fit_of(block.literal_lengths), fit_of(block.distance_lengths)}) {
    if (fit != CodeFit::complete && fit != CodeFit::lone)
      throw InflateError("a dynamic block's code is not a complete one");
  }
}

// Up to the end of the block, and what the steps stand for.
void Reader::read_steps(Block& block) {
  do {
    // The loop ends in any case: with the block's end, or in take(), when the bits run out.
    const std::size_t begin = bits_.position();
    Step step = read_step(block);
    step.bit = begin;
    step.bits = bits_.position() - begin;
    if (step.kind == Step::Kind::literal) text_.push_back(step.byte);
    if (step.kind == Step::Kind::match) copy_match(step);
    // The end is a step, too: its code has a place in the message like any other.
    block.steps.push_back(step);
  } while (block.steps.back().kind != Step::Kind::end);
}

// 3.2.5: a byte, the end, or a length and how far back.
Step Reader::read_step(const Block& block) {
  Step step;  // a literal, until we know better
  const std::size_t symbol = take_symbol(block.literal_lengths);
  if (symbol < kEndOfBlock) {
    step.byte = static_cast<std::uint8_t>(symbol);
  } else if (symbol == kEndOfBlock) {
    step.kind = Step::Kind::end;
  } else {
    step.kind = Step::Kind::match;
    // 3.2.6: the fixed code has codes for 286 and 287, so that it is complete, and they must not occur.
    if (symbol >= kLiteralSymbols) throw InflateError("a length is one of the two symbols that do not exist");
    // In this order on the wire: the length, its extra bits, the distance, its extra bits.
    step.length = take_from(kLengths[symbol - kFirstLength]);
    const std::size_t distance = take_symbol(block.distance_lengths);
    if (distance >= kDistanceSymbols) throw InflateError("a distance is one of the two symbols that do not exist");
    step.distance = take_from(kDistances[distance]);
  }
  return step;
}

// Byte by byte: what it copies may be what it has just written.
void Reader::copy_match(const Step& match) {
  // The distance is the peer's word. Without this check the loop would read from before the text. Two borders, since
  // the text is shorter than a window at first, and holds more than one later: what a peer keeps is only the window.
  if (match.distance > std::min(window_, text_.size())) {
    throw InflateError("a match reaches back further than anything that was sent");
  }
  // The text grows with each byte, so the same distance from its end is one byte further on each time. It is 1 at
  // least.
  for (std::size_t i = 0; i < match.length; ++i) text_.push_back(text_[text_.size() - match.distance]);
}

}  // namespace

// The tail is put back, and then there are blocks until nothing is left.
std::vector<Block> read_blocks(ByteView message, std::size_t window, Bytes& text) {
  Bytes with_tail(message.begin(), message.end());
  // RFC 7692 section 7.2.2: the receiver appends what the sender has cut off.
  with_tail.insert(with_tail.end(), {0x00, 0x00, 0xFF, 0xFF});
  // In bits, as block.bit is: where the tail begins.
  const std::size_t end = 8 * message.size();

  Reader reader(with_tail, window, text);
  std::vector<Block> blocks;
  // At least one block is read: a message of no bytes is none. Its tail alone is a byte short of a block, and throws.
  do {
    blocks.push_back(reader.read_block());
    const Block& block = blocks.back();
    // A message may end with a final block: then what stands for the tail is nobody's. Behind any other block that
    // ends here the tail is read, which is a byte short, and throws.
    if (block.final && block.bit + block.bits == end) break;
  } while (reader.left() > 0);
  return blocks;
}

}  // namespace websock
