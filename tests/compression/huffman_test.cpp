// Chapter 20: Huffman's lengths. Worked examples, and against a search for the best there is.
#include "compression/huffman.h"

#include <algorithm>
#include <numeric>
#include <random>

#include "check.h"
#include "compression/prefix_code.h"
#include "wire.h"

using namespace websock;

namespace {

using Frequencies = std::vector<std::uint32_t>;

Bytes lengths_for(const Frequencies& frequencies, int longest = kMaxCodeLength) {
  Bytes lengths(frequencies.size(), 99);  // whatever was there before
  make_code_lengths(frequencies, longest, lengths);
  return lengths;
}

std::uint64_t bits_of(const Frequencies& frequencies, const Bytes& lengths) {
  return std::inner_product(frequencies.begin(), frequencies.end(), lengths.begin(), std::uint64_t{0});
}

// The fewest bits that any code takes: every code of up to `longest` bits is tried.
std::uint64_t fewest_bits(const Frequencies& frequencies, Bytes& lengths, std::size_t from, std::uint8_t longest) {
  if (from == lengths.size()) {
    return fit_of(lengths) == CodeFit::complete ? bits_of(frequencies, lengths) : ~std::uint64_t{0};
  }
  std::uint64_t fewest = ~std::uint64_t{0};
  for (lengths[from] = 1; lengths[from] <= longest; ++lengths[from]) {
    fewest = std::min(fewest, fewest_bits(frequencies, lengths, from + 1, longest));
  }
  return fewest;
}

}  // namespace

TEST("own-huffman-01 the example of huffman.cpp: 5 2 1 1 is 1 2 3 3 bits") {
  CHECK_EQ(lengths_for({5, 2, 1, 1}), (Bytes{1, 2, 3, 3}));
}

TEST("own-huffman-02 what does not occur has no length, and one symbol alone has one bit") {
  CHECK_EQ(lengths_for({0, 0, 0}), (Bytes{0, 0, 0}));
  CHECK_EQ(lengths_for({0, 7, 0}), (Bytes{0, 1, 0}));
  CHECK_EQ(lengths_for({3, 0, 1000}), (Bytes{1, 0, 1}));
}

TEST("own-huffman-03 no code takes fewer bits") {
  std::mt19937 random(1952);
  for (int round = 0; round < 200; ++round) {
    Frequencies frequencies(2 + random() % 5);
    for (std::uint32_t& frequency : frequencies) {
      frequency = static_cast<std::uint32_t>(1 + random() % (1u << random() % 10));
    }
    const Bytes lengths = lengths_for(frequencies);
    Bytes tried(frequencies.size());
    CHECK(fit_of(lengths) == CodeFit::complete);
    CHECK_EQ(bits_of(frequencies, lengths), fewest_bits(frequencies, tried, 0, 5));
  }
}

TEST("own-huffman-04 no length is above the limit, however the frequencies grow") {
  Frequencies fibonacci = {1, 1};  // the deepest tree there is
  while (fibonacci.size() < 40) fibonacci.push_back(fibonacci.end()[-1] + fibonacci.end()[-2]);
  for (const int longest : {7, 9, 15}) {
    for (std::size_t count = 2; count <= fibonacci.size(); ++count) {
      const Bytes lengths =
          lengths_for(Frequencies(fibonacci.begin(), fibonacci.begin() + static_cast<std::ptrdiff_t>(count)), longest);
      CHECK(*std::max_element(lengths.begin(), lengths.end()) <= longest);
      CHECK(fit_of(lengths) == CodeFit::complete);
    }
  }
}

TEST("own-huffman-05 all 286 symbols, equally frequent, have eight or nine bits") {
  const Bytes lengths = lengths_for(Frequencies(286, 1));
  CHECK_EQ(std::count(lengths.begin(), lengths.end(), 8), 226);
  CHECK_EQ(std::count(lengths.begin(), lengths.end(), 9), 60);
}
