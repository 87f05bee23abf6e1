// RFC 1951, whose section 4 leaves the choice to us.
//
// A message becomes blocks, each of up to 64 KiB of text, and for each the shortest of the three kinds is
// written. How long each would be is known before a bit is written: it is a sum over the symbols.
//
//     stored     3 bits, up to a byte, 4 bytes, and the bytes
//     fixed      3 bits, and the tokens in the RFC's own code
//     dynamic    3 bits, two codes made for this block, and the tokens in them
//
// For "Hello" that is 10 bytes, 7 and 13: the codes of a dynamic block have to be sent, and cost 40 to 80 bytes. So a
// short message is hardly ever dynamic, and a long one nearly always.
//
// A message ends with the beginning of an empty stored block: three bits, all 0, and zeros up to the next byte. What
// would follow is 00 00 FF FF, always, and so it is not sent. Why do we end with a block that has nothing in it?
// Because it is the only kind that goes on at a byte: the message has to end on one, and the next begins there.
#include "compression/deflate.h"

#include <algorithm>
#include <array>

#include "compression/bits.h"
#include "compression/code_lengths.h"
#include "compression/huffman.h"
#include "compression/prefix_code.h"

namespace websock {
namespace {

constexpr std::size_t kMostStored = 65535;  // bytes: a stored block's length has 16 bits
constexpr int kHeaderBits = 1 + 2;          // BFINAL, BTYPE

// Below this many bits a dynamic block is not tried: its codes alone would be as long.
constexpr std::size_t kNeverDynamic = 60 * 8;

// The symbol whose range has `value`.
template <std::size_t N>
constexpr std::uint8_t symbol_of(const std::array<Range, N>& ranges, std::size_t value) {
  std::uint8_t symbol = 0;
  // A slow walk, but only the compiler takes it: all answers stand in kSymbols. It takes the last range that begins at
  // or before the value: for 258 that is its own symbol, though the one before it reaches as far, with five extra bits.
  while (symbol + 1u < ranges.size() && ranges[symbol + 1u].first <= value) ++symbol;
  return symbol;
}

// The same for every length; and for distances in two tables, as a range of more than 128 distances begins and ends at
// multiples of 128. One table for all distances would take 32 KiB; these two take half a KiB.
struct Symbols {
  std::array<std::uint8_t, kMaxMatch + 1> length{};  // less kFirstLength; the first three are unused
  std::array<std::uint8_t, 257> near{};              // distances up to 256; the first is unused
  std::array<std::uint8_t, 256> far{};  // (distance - 1) / 128, which is 255 for 32,768; the first two are unused
};
// The compiler fills these in, out of the RFC's ranges: nothing is copied by hand.
constexpr Symbols make_symbols() {
  Symbols symbols;
  for (std::size_t i = kMinMatch; i < symbols.length.size(); ++i) symbols.length[i] = symbol_of(kLengths, i);
  for (std::size_t i = 1; i < symbols.near.size(); ++i) symbols.near[i] = symbol_of(kDistances, i);
  for (std::size_t i = 0; i < symbols.far.size(); ++i) symbols.far[i] = symbol_of(kDistances, i * 128 + 1);
  return symbols;
}
constexpr Symbols kSymbols = make_symbols();

// The symbol whose range has this distance.
std::size_t distance_symbol(std::size_t distance) {
  return distance <= 256 ? kSymbols.near[distance] : kSymbols.far[(distance - 1) / 128];
}

// The two codes of a block.
struct Codes {
  std::array<std::uint8_t, kFixedLiteralSymbols> literal_lengths{};
  std::array<std::uint8_t, kFixedDistanceSymbols> distance_lengths{};
  std::array<Code, kFixedLiteralSymbols> literals{};
  std::array<Code, kFixedDistanceSymbols> distances{};

  // Out of the lengths, the codes. Not in a constructor: a dynamic block is measured by its lengths alone, and may
  // lose.
  void make() {
    make_codes(literal_lengths, literals);
    make_codes(distance_lengths, distances);
  }
};

// 3.2.6, for writing. It is made once, when it is needed for the first time.
Codes make_fixed_codes() {
  Codes codes;
  codes.literal_lengths = kFixedLengths;
  codes.distance_lengths.fill(kFixedDistanceLength);
  codes.make();
  return codes;
}

// The one that was made. If two threads come first at once, the language makes one of them wait for the other.
const Codes& fixed_codes() {
  static const Codes codes = make_fixed_codes();
  return codes;
}

// How often each symbol occurs in a block. Only those that can: the two of either alphabet that never occur are left
// out.
struct Frequencies {
  std::array<std::uint32_t, kLiteralSymbols> literals{};
  std::array<std::uint32_t, kDistanceSymbols> distances{};
  std::size_t extra_bits = 0;  // of all of them together
};

// What a block's tokens are made of. From this alone it is known how long each kind of block would be.
Frequencies count_symbols(std::span<const Token> tokens) {
  Frequencies counts;
  for (const Token& token : tokens) {
    if (token.distance == 0) {
      ++counts.literals[token.length];  // a literal has its byte there
    } else {
      ++counts.literals[kFirstLength + kSymbols.length[token.length]];
      ++counts.distances[distance_symbol(token.distance)];
    }
  }
  // Every block has one end. With a frequency of 0 it would get no code, and the block could not end.
  counts.literals[kEndOfBlock] = 1;
  // Extra bits cost the same in every code, so they are summed up once for both kinds of block.
  for (std::size_t i = 0; i < kLengths.size(); ++i) {
    counts.extra_bits += counts.literals[kFirstLength + i] * kLengths[i].extra_bits;
  }
  for (std::size_t i = 0; i < kDistances.size(); ++i)
    counts.extra_bits += counts.distances[i] * kDistances[i].extra_bits;
  return counts;
}

// How many bits the tokens and the end of the block take.
std::size_t bits_of_tokens(const Frequencies& counts, const Codes& codes) {
  std::size_t bits = counts.extra_bits;
  // A symbol that occurs has a code, so no length of 0 makes a sum too small.
  for (std::size_t i = 0; i < counts.literals.size(); ++i) bits += counts.literals[i] * codes.literal_lengths[i];
  for (std::size_t i = 0; i < counts.distances.size(); ++i) bits += counts.distances[i] * codes.distance_lengths[i];
  return bits;
}

// Three bits begin a block.
void write_header(BitWriter& out, BlockType type) {
  out.put(0, 1);  // BFINAL: never. A connection's stream of blocks has no last one, and some peers stop at it.
  out.put(static_cast<std::uint64_t>(type), 2);  // a number, so lowest bit first: put() does just that
}

// The tokens, and the end of the block: 3.2.5. Of a range, the symbol's code comes first, and then where in it. Both
// go out in one: the code in the low bits, what comes later above it.
void write_tokens(BitWriter& out, std::span<const Token> tokens, const Codes& codes) {
  for (const Token& token : tokens) {
    if (token.distance == 0) {
      const Code literal = codes.literals[token.length];
      // A code goes out highest bit first, and put() begins with the lowest: make_codes() has turned it round.
      out.put(literal.bits, literal.length);
      continue;
    }
    const std::size_t length_symbol = kSymbols.length[token.length];
    const Range length = kLengths[length_symbol];
    const Code code = codes.literals[kFirstLength + length_symbol];
    // At most 15 + 5 bits, and below 15 + 13: put() takes 32.
    out.put(code.bits | (std::uint64_t{token.length} - length.first) << code.length, code.length + length.extra_bits);
    // 3.2.5: the distance comes behind the length and its extra bits, in a code of its own.
    const std::size_t far = distance_symbol(token.distance);
    const Range range = kDistances[far];
    const Code distance = codes.distances[far];
    out.put(distance.bits | (std::uint64_t{token.distance} - range.first) << distance.length,
            distance.length + range.extra_bits);
  }
  // A block has no length in front: only this symbol tells the reader that a header comes next.
  out.put(codes.literals[kEndOfBlock].bits, codes.literals[kEndOfBlock].length);
}

// The text as it is: 3.2.4. LEN has 16 bits, so a whole piece of our match finder's, 64 KiB, is one byte too long for a
// block, and becomes two.
void write_stored(BitWriter& out, ByteView text) {
  while (!text.empty()) {
    const ByteView part = text.first(std::min(text.size(), kMostStored));
    // The header, what fills up its byte, and four bytes: 42 bits at most. Again for each block, as put_bytes() makes
    // its own room and leaves none.
    out.make_room(8 * 8);
    write_header(out, BlockType::stored);
    out.align();
    // LEN and its complement, NLEN: a reader that has lost its place notices it here. Lowest bit first, so each of them
    // begins with its low byte. Of ~ only the lower 16 bits are meant.
    out.put(part.size(), 16);
    out.put(~part.size() & 0xFFFF, 16);
    out.put_bytes(part);
    text = text.subspan(part.size());
  }
}

// One block, of whichever kind is the shortest.
void write_block(BitWriter& out, const MatchFinder::Piece& piece) {
  const Frequencies counts = count_symbols(piece.tokens);
  // The bytes beside the tokens are what the tokens stand for: a stored block needs those.
  // 5: about a byte for the header and what fills it up, and four of length.
  const std::size_t stored_bits = 8 * (5 + piece.bytes.size());
  const std::size_t fixed_bits = kHeaderBits + bits_of_tokens(counts, fixed_codes());
  std::size_t dynamic_bits = fixed_bits;
  // So short a text does not even cost the sorting that good lengths take.
  if (fixed_bits >= kNeverDynamic) {
    Codes codes;
    // 286 and 30 symbols: the others exist only to make the fixed code complete, and never occur (3.2.6).
    make_code_lengths(counts.literals, kMaxCodeLength, std::span(codes.literal_lengths).first(kLiteralSymbols));
    // Without a match no distance has a length: then the head sends a single 0.
    make_code_lengths(counts.distances, kMaxCodeLength, std::span(codes.distance_lengths).first(kDistanceSymbols));
    const CodeLengthWriter head(CodeLengths(codes.literal_lengths).first(kLiteralSymbols),
                                CodeLengths(codes.distance_lengths).first(kDistanceSymbols));
    dynamic_bits = kHeaderBits + head.bits() + bits_of_tokens(counts, codes);
    // The codes themselves are made only now: to know how long the block would be, their lengths were enough.
    if (dynamic_bits < std::min(fixed_bits, stored_bits)) {
      out.make_room(dynamic_bits);
      write_header(out, BlockType::dynamic);
      // A reader needs the codes before the first token that is in them.
      head.write(out);
      codes.make();
      write_tokens(out, piece.tokens, codes);
      return;
    }
  }
  // The dynamic one has lost, or was not tried. Where both are as long, the one that the peer has less work with.
  if (stored_bits <= fixed_bits) return write_stored(out, piece.bytes);
  out.make_room(fixed_bits);
  write_header(out, BlockType::fixed);
  write_tokens(out, piece.tokens, fixed_codes());
}

}  // namespace

// Blocks, until all of it has become tokens; then the beginning of one that has nothing in it. Of an empty message that
// is all there is. next_piece() cuts off the front of our view, so the loop ends; the caller's stays as it was.
void Deflater::deflate(ByteView message, Bytes& out) {
  BitWriter writer(out);
  while (const auto piece = matches_.next_piece(message)) write_block(writer, *piece);
  writer.make_room(kHeaderBits);
  write_header(writer, BlockType::stored);  // what belongs to it, 00 00 FF FF, is not sent
  writer.finish();
}

}  // namespace websock
