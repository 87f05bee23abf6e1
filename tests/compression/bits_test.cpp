// Chapter 18: Bits. Reading gives back what writing put, whatever the boundaries; and behind the end there are zeros.
#include "compression/bits.h"

#include <algorithm>

#include "check.h"
#include "wire.h"

using namespace websock;

// ---- The order of bits: RFC 1951 section 3.1.1 ----

TEST("1951-3.1.1 a byte is filled from its lowest bit up") {
  const Bytes bytes = hex("53 01");  // 0101'0011, 0000'0001
  BitReader bits(bytes);
  CHECK_EQ(bits.take(1), 1u);
  CHECK_EQ(bits.take(2), 0b01u);
  CHECK_EQ(bits.take(5), 0b01010u);
  CHECK_EQ(bits.take(8), 1u);
}

TEST("own-bits-01 a number may lie across bytes, its lowest bit first") {
  const Bytes bytes = hex("f0 0f");
  BitReader bits(bytes);
  bits.skip(4);
  CHECK_EQ(bits.take(8), 0xFFu);
  CHECK_EQ(bits.take(4), 0u);
}

TEST("own-bits-02 what is written is what the RFC's order makes of it") {
  Bytes out = hex("aa");
  BitWriter writer(out);
  writer.make_room(64);
  writer.put(1, 1);
  writer.put(0b01, 2);
  writer.put(0b01010, 5);
  writer.put(0x301, 10);
  writer.finish();
  CHECK_EQ(to_hex(out), "aa 53 01 03");
}

TEST("own-bits-03 aligned, bytes follow on the next byte, and nothing is added on a boundary") {
  Bytes out;
  BitWriter writer(out);
  writer.make_room(64);
  writer.put(1, 1);
  writer.align();
  writer.align();
  writer.put_bytes(hex("be ef"));
  writer.make_room(8);
  writer.put(1, 3);
  writer.finish();
  CHECK_EQ(to_hex(out), "01 be ef 01");

  BitReader bits(out);
  CHECK_EQ(bits.take(1), 1u);
  bits.align();
  bits.align();
  CHECK_EQ(bits.take(16), 0xEFBEu);
}

TEST("own-bits-04 behind the end there are zeros, and the reader says so") {
  for (std::size_t size = 0; size <= 20; ++size) {
    const Bytes ones(size, 0xFF);
    for (std::size_t at = 0; at <= 8 * size; ++at) {
      const BitReader bits(ones, at);
      const std::size_t there = std::min<std::size_t>(8 * size - at, BitReader::kPeeked);
      const std::uint64_t seen = bits.peek() & ((std::uint64_t{1} << BitReader::kPeeked) - 1);
      CHECK_EQ(seen, (std::uint64_t{1} << there) - 1);
      CHECK_EQ(bits.left(), 8 * size - at);
    }
    BitReader bits(ones, 8 * size);
    CHECK(!bits.passed_the_end());
    bits.skip(1);
    CHECK(bits.passed_the_end());
    CHECK_EQ(bits.left(), 0u);
    CHECK_EQ(bits.peek(), 0u);
  }
}

TEST("own-bits-05 numbers of every length, from every bit on, read back") {
  for (int length = 1; length <= 32; ++length) {
    Bytes out;
    BitWriter writer(out);
    writer.make_room(200 * 32);
    for (std::uint64_t i = 0; i < 200; ++i) writer.put(i * 0x9E3779B1u & ((std::uint64_t{1} << length) - 1), length);
    writer.finish();
    CHECK_EQ(out.size(), (200 * static_cast<std::size_t>(length) + 7) / 8);
    BitReader bits(out);
    for (std::uint64_t i = 0; i < 200; ++i) {
      CHECK_EQ(bits.take(length), i * 0x9E3779B1u & ((std::uint64_t{1} << length) - 1));
    }
  }
}
