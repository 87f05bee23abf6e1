// The rule of 5.3 fits in one line:
//
//     for (std::size_t i = 0; i < payload.size(); ++i) payload[i] ^= key[(offset + i) % 4];
//
//     48 65 6c 6c 6f     "Hello"
//     37 fa 21 3d 37     the key, over and over
//     -------------- XOR
//     7f 9f 4d 51 58     what travels
//
// We do eight bytes at a time, which is some sixteen times as fast: a 64-bit number holds the key twice, turned so that it
// begins with the byte that `offset` asks for. The number is only ever made from memory and put back into memory, so the
// processor's byte order matters in one place: in which direction "turned" is. std::memcpy needs no alignment, and
// compiles to a single load or store.
#include "mask.h"

#include <bit>
#include <cstring>

namespace websock {

void apply_mask(std::span<std::uint8_t> payload, const std::array<std::uint8_t, 4>& key, std::uint64_t offset) {
  std::uint32_t turned = 0;
  std::memcpy(&turned, key.data(), 4);
  const int bits = static_cast<int>(offset % 4) * 8;
  // The byte that comes first in memory is a little-endian number's lowest.
  turned = std::endian::native == std::endian::little ? std::rotr(turned, bits) : std::rotl(turned, bits);
  const std::uint64_t key_word = std::uint64_t{turned} << 32 | turned;

  std::uint8_t* byte = payload.data();
  std::size_t left = payload.size();
  for (; left >= 8; left -= 8, byte += 8) {
    std::uint64_t word = 0;
    std::memcpy(&word, byte, 8);
    word ^= key_word;
    std::memcpy(byte, &word, 8);
  }
  // Eight is a multiple of four: here the key begins where it began.
  for (std::size_t i = 0; i < left; ++i) byte[i] ^= key[(offset + i) % 4];
}

}  // namespace websock
