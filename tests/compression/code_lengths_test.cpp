// Chapter 20: How a dynamic block sends its codes. A head worked out by hand, and others read by the slow decoder.
#include "compression/code_lengths.h"

#include <algorithm>
#include <random>

#include "check.h"
#include "compression/blocks.h"
#include "compression/huffman.h"
#include "wire.h"

using namespace websock;

namespace {

// The lengths without those at the end that are 0, as many as have to be there at least.
Bytes without_zeros(Bytes lengths, std::size_t least) {
  while (lengths.size() > least && lengths.back() == 0) lengths.pop_back();
  return lengths;
}

// A block with this head and nothing but its end is read, and has the lengths that went in.
void check_read_back(const Bytes& literals, const Bytes& distances) {
  const CodeLengthWriter head(literals, distances);
  std::vector<Code> codes(literals.size());
  make_codes(literals, codes);
  Bytes message;
  BitWriter out(message);
  out.make_room(head.bits() + 64);
  out.put(0b100, 3);  // not the last, dynamic
  head.write(out);
  out.put(codes[kEndOfBlock].bits, codes[kEndOfBlock].length);
  out.put(0, 3);  // an empty stored block, whose rest is the tail
  out.finish();
  Bytes text;
  const std::vector<Block> blocks = read_blocks(message, 32'768, text);
  CHECK_EQ(blocks[0].bits, 3 + head.bits() + codes[kEndOfBlock].length);
  CHECK(blocks[0].literal_lengths == without_zeros(literals, 257));
  CHECK(blocks[0].distance_lengths == without_zeros(distances, 1));
}

}  // namespace

TEST("1951-3.2.7 of a code with nothing but an end, 256 zeros are two repeats") {
  Bytes literals(kLiteralSymbols);
  literals[kEndOfBlock] = 1;
  const CodeLengthWriter head(literals, Bytes(kDistanceSymbols));
  Bytes message;
  BitWriter out(message);
  out.make_room(head.bits());
  head.write(out);
  out.finish();
  // 257, 1 and 18 lengths: 00000 00000 0111. In the third code 18 has 1 bit, 0 and 1 have 2. 138 zeros, 118 zeros, a 1
  // for the end, and a 0, since one distance is sent always: 0 1111111, 0 1101011, 11, 10.
  CHECK_EQ(to_hex(message), "00 38 10 01 00 00 00 00 e4 6f 7d");
  CHECK_EQ(head.bits(), 88u);
}

TEST("own-code-lengths-01 whatever the lengths, a reader gets them back, and bits() is what it read") {
  std::mt19937 random(1951);
  for (int round = 0; round < 300; ++round) {
    // Few frequent symbols make runs of zeros, many equals make runs of one length.
    const auto range = static_cast<std::uint32_t>(1 + random() % 40);
    const auto zeros = static_cast<std::uint32_t>(random() % 30);
    const auto lengths_of = [&](std::size_t size, bool has_end) {
      std::vector<std::uint32_t> frequencies(size);
      for (std::uint32_t& frequency : frequencies)
        frequency = random() % 30 < zeros ? 0 : 1 + static_cast<std::uint32_t>(random() % range);
      if (has_end) frequencies[kEndOfBlock] = 1;
      Bytes lengths(size);
      make_code_lengths(frequencies, kMaxCodeLength, lengths);
      return lengths;
    };
    check_read_back(lengths_of(kLiteralSymbols, true), lengths_of(kDistanceSymbols, false));
  }
}

TEST("own-code-lengths-02 a run goes on from the first code into the second") {
  Bytes literals(kLiteralSymbols);
  std::fill(literals.begin() + 254, literals.begin() + 258, std::uint8_t{2});
  check_read_back(literals, Bytes(4, 2));
  // Eight times the same length: one, a repeat of six, and one more: 86 bits. In two runs, one and three each: 90.
  CHECK_EQ(CodeLengthWriter(literals, Bytes(4, 2)).bits(), 86u);
}
