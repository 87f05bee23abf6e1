// Chapter 18: Prefix codes. The RFC's own example, codes that do not exist, and the table against the way bit by bit.
#include "compression/prefix_code.h"

#include <algorithm>
#include <optional>
#include <random>

#include "check.h"
#include "compression/deflate_format.h"
#include "compression/huffman.h"
#include "wire.h"

using namespace websock;

namespace {

// "010": the code's bits in the order in which they travel.
std::string bits_of(Code code) {
  std::string bits;
  for (int i = 0; i < code.length; ++i) bits += (code.bits >> i & 1) != 0 ? '1' : '0';
  return bits;
}

std::vector<std::string> codes_of(const Bytes& lengths) {
  std::vector<Code> codes(lengths.size());
  make_codes(lengths, codes);
  std::vector<std::string> bits;
  for (const Code code : codes) bits.push_back(bits_of(code));
  return bits;
}

// The only symbol whose code these bits begin with, found by comparing with every one.
std::optional<PrefixDecoder::Result> search(const std::vector<Code>& codes, std::uint64_t bits) {
  for (std::size_t symbol = 0; symbol < codes.size(); ++symbol) {
    const Code code = codes[symbol];
    if (code.length > 0 && (bits & ((std::uint64_t{1} << code.length) - 1)) == code.bits) {
      return PrefixDecoder::Result{static_cast<std::uint16_t>(symbol), code.length};
    }
  }
  return std::nullopt;
}

// Every run of 15 bits: the table says what the search says.
void check_decoder(const Bytes& lengths) {
  std::vector<Code> codes(lengths.size());
  make_codes(lengths, codes);
  PrefixDecoder decoder;
  decoder.build(Bytes(kLiteralSymbols, 9));  // what was built before must not show (these lengths are too_many)
  decoder.build(Bytes{1, 2, 3, 4, 5, 6, 7, 8, 8});
  decoder.build(lengths);
  int wrong = 0;
  for (std::uint64_t bits = 0; bits < std::uint64_t{1} << kMaxCodeLength; ++bits) {
    const auto wanted = search(codes, bits);
    const PrefixDecoder::Result got = decoder.decode(bits);
    const bool same = wanted ? got.symbol == wanted->symbol && got.length == wanted->length : got.length == 0;
    wrong += same ? 0 : 1;
  }
  CHECK_EQ(wrong, 0);
}

}  // namespace

// ---- Published ----

TEST("1951-3.2.2 the RFC's example: A to H of 3 3 3 3 3 2 4 4 bits") {
  CHECK_EQ(codes_of({3, 3, 3, 3, 3, 2, 4, 4}),
           (std::vector<std::string>{"010", "011", "100", "101", "110", "00", "1110", "1111"}));
}

TEST("1951-3.2.6 the fixed code: 0 is 00110000, 144 is 110010000, 256 is 0000000, 280 is 11000000") {
  const std::vector<std::string> codes = codes_of(Bytes(kFixedLengths.begin(), kFixedLengths.end()));
  CHECK_EQ(codes[0], "00110000");
  CHECK_EQ(codes[143], "10111111");
  CHECK_EQ(codes[144], "110010000");
  CHECK_EQ(codes[255], "111111111");
  CHECK_EQ(codes[256], "0000000");
  CHECK_EQ(codes[279], "0010111");
  CHECK_EQ(codes[280], "11000000");
  CHECK_EQ(codes[287], "11000111");
}

// ---- Lengths that are a code, and lengths that are none ----

TEST("own-prefix-code-01 the shares of all codes add up to one, to less, or to more") {
  CHECK(fit_of(Bytes{2, 1, 3, 3}) == CodeFit::complete);
  CHECK(fit_of(Bytes{1, 1}) == CodeFit::complete);
  CHECK(fit_of(Bytes{2, 1, 3}) == CodeFit::too_few);
  CHECK(fit_of(Bytes{2}) == CodeFit::too_few);
  CHECK(fit_of(Bytes{1, 1, 1}) == CodeFit::too_many);
  CHECK(fit_of(Bytes{1, 1, 15}) == CodeFit::too_many);
  CHECK(fit_of(Bytes{1, 2, 2, 15}) == CodeFit::too_many);
  CHECK(fit_of(Bytes(kFixedLengths.begin(), kFixedLengths.end())) == CodeFit::complete);
}

TEST("own-prefix-code-02 a code of one symbol, or of none, is a kind of its own") {
  CHECK(fit_of(Bytes{0, 0, 1}) == CodeFit::lone);
  CHECK(fit_of(Bytes{0, 0, 0}) == CodeFit::lone);
  CHECK(fit_of({}) == CodeFit::lone);
  PrefixDecoder decoder;
  CHECK(decoder.build(Bytes{0, 0, 1}) == CodeFit::lone);
  CHECK_EQ(decoder.decode(0).symbol, 2);
  CHECK_EQ(decoder.decode(0).length, 1);
  CHECK_EQ(decoder.decode(1).length, 0);
}

// ---- The table ----

TEST("own-prefix-code-03 the table says what comparing with every code says") {
  check_decoder({2, 1, 3, 3});
  check_decoder(Bytes(kFixedLengths.begin(), kFixedLengths.end()));
  check_decoder(Bytes(kFixedDistanceSymbols, kFixedDistanceLength));
  check_decoder({0, 0, 1});
  check_decoder({3, 3, 3});
  check_decoder({});
}

TEST("own-prefix-code-04 codes longer than the table's nine bits are found bit by bit") {
  // As deep as a code can be: 1, 2, ... 14, 15, 15 bits.
  Bytes deep;
  for (std::uint8_t length = 1; length <= 15; ++length) deep.push_back(length);
  deep.push_back(15);
  check_decoder(deep);
  std::reverse(deep.begin(), deep.end());
  check_decoder(deep);
}

TEST("own-prefix-code-05 codes made for frequencies of any kind are read back") {
  std::mt19937 random(1951);
  for (int round = 0; round < 20; ++round) {
    std::vector<std::uint32_t> frequencies(1 + random() % kLiteralSymbols);
    const auto steep = random() % 24;
    for (std::uint32_t& frequency : frequencies) frequency = random() % 3 == 0 ? 0u : 1u << random() % (steep + 1);
    Bytes lengths(frequencies.size());
    make_code_lengths(frequencies, kMaxCodeLength, lengths);
    check_decoder(lengths);
  }
}
