// Chapter 07: masking. Every answer here is the RFC's own or that of the one-line loop.
#include "framing/mask.h"

#include "check.h"
#include "wire.h"

using namespace websock;

namespace {

using Key = std::array<std::uint8_t, 4>;

constexpr Key kKey = {0x37, 0xfa, 0x21, 0x3d};  // of the examples in 5.7

// 5.3, word for word.
void mask_slowly(std::span<std::uint8_t> payload, const Key& key, std::uint64_t offset) {
  for (std::size_t i = 0; i < payload.size(); ++i) payload[i] ^= key[(offset + i) % 4];
}

// Bytes without a pattern that a wrong key index could hide in.
Bytes some_bytes(std::size_t size) {
  Bytes bytes(size);
  for (std::size_t i = 0; i < size; ++i) bytes[i] = static_cast<std::uint8_t>(i * 37 + 11);
  return bytes;
}

}  // namespace

TEST("5.7-02 the RFC's masked Hello") {
  Bytes payload = hex("48 65 6c 6c 6f");
  apply_mask(payload, kKey);
  CHECK_EQ(to_hex(payload), "7f 9f 4d 51 58");
}

TEST("5.3-07 byte i is XORed with key byte i mod 4") {
  Bytes zeros(11);
  apply_mask(zeros, kKey);
  CHECK_EQ(to_hex(zeros), "37 fa 21 3d 37 fa 21 3d 37 fa 21");
}

TEST("5.3-06 masking twice restores the payload") {
  for (std::size_t size = 0; size <= 64; ++size) {
    Bytes payload = some_bytes(size);
    apply_mask(payload, kKey, 3);
    apply_mask(payload, kKey, 3);
    CHECK_EQ(to_hex(payload), to_hex(some_bytes(size)));
  }
}

TEST("own-mask-01 an offset says how many bytes of the frame came before") {
  Bytes lo = hex("6c 6f");
  apply_mask(lo, kKey, 3);  // of "Hello"
  CHECK_EQ(to_hex(lo), "51 58");
}

TEST("own-mask-02 an offset beyond 32 bits, and the largest of all, count modulo 4 as well") {
  constexpr std::array<std::uint64_t, 5> offsets = {0xffffffff, 0x100000001, 0x7ffffffffffffffe, 0x8000000000000003,
                                                    0xffffffffffffffff};
  constexpr std::array<const char*, 5> masked = {
      "3d 37 fa 21 3d 37 fa 21 3d 37",  // 3 mod 4
      "fa 21 3d 37 fa 21 3d 37 fa 21",  // 1
      "21 3d 37 fa 21 3d 37 fa 21 3d",  // 2
      "3d 37 fa 21 3d 37 fa 21 3d 37",  // 3
      "3d 37 fa 21 3d 37 fa 21 3d 37",  // 3, and then the sum passes 2^64
  };
  for (std::size_t i = 0; i < offsets.size(); ++i) {
    Bytes zeros(10);
    apply_mask(zeros, kKey, offsets[i]);
    CHECK_EQ(to_hex(zeros), masked[i]);
  }
}

TEST("own-mask-03 the fast way gives what the loop gives, at every length, alignment and offset") {
  for (std::size_t size = 0; size <= 64; ++size) {
    for (std::size_t alignment = 0; alignment < 8; ++alignment) {
      for (std::uint64_t offset = 0; offset < 8; ++offset) {
        Bytes memory = some_bytes(8 + 64 + 8);
        Bytes wanted = memory;
        apply_mask(std::span(memory).subspan(alignment, size), kKey, offset);
        mask_slowly(std::span(wanted).subspan(alignment, size), kKey, offset);
        CHECK_EQ(to_hex(memory), to_hex(wanted));  // the neighbours too
      }
    }
  }
}

TEST("own-mask-04 a key of zeros changes nothing, and an empty payload is in order") {
  Bytes payload = some_bytes(20);
  apply_mask(payload, {0, 0, 0, 0}, 1);
  CHECK_EQ(to_hex(payload), to_hex(some_bytes(20)));
  apply_mask({}, kKey, 7);
}

TEST("own-mask-05 the pieces of a payload, each with its offset, give what the whole gives") {
  Bytes wanted = some_bytes(41);
  mask_slowly(wanted, kKey, 0);
  const Bytes payload = some_bytes(41);
  for_each_split(payload, [&](const std::vector<ByteView>& pieces) {
    Bytes masked;
    for (const ByteView view : pieces) {
      Bytes piece(view.begin(), view.end());
      apply_mask(piece, kKey, masked.size());
      masked.insert(masked.end(), piece.begin(), piece.end());
    }
    CHECK_EQ(to_hex(masked), to_hex(wanted));
  });
}
