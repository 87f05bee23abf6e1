// SHA-1 is a mixing machine. Its state is five 32-bit words, and it eats the message in blocks of 64 bytes. Each block
// is stretched to 80 words, and each of those words stirs the state once.
//
// The last block must also say where the message ends, so the message is padded (RFC 3174 section 4): a single 1 bit,
// zeros, and the message's length in bits as a 64-bit number, such that everything is a multiple of 64 bytes.
//
//     "abc"   61 62 63 80 00 00 ... 00 00 00 00 00 00 00 00 18
//             `-------' |  `- zeros      `- 24 bits, big-endian, in the block's last 8 bytes
//              message  `- the 1 bit, 0b1000'0000
//
// 56 bytes of message leave no room for the length behind the 0x80, and the padding takes a block of its own. That is
// where hand-written SHA-1 goes wrong, so the tests sit at 55, 56, 57, 63, 64 and 65 bytes.
#include "handshake/sha1.h"

#include <algorithm>
#include <bit>

namespace websock {
namespace {

constexpr std::size_t kBlockSize = 64;
using Block = std::array<std::uint8_t, kBlockSize>;
using State = std::array<std::uint32_t, 5>;

// Section 6.1: the block's sixteen words, and 64 more, each made of four earlier ones.
std::array<std::uint32_t, 80> expand(const std::uint8_t* block) {
  std::array<std::uint32_t, 80> w{};
  for (std::size_t t = 0; t < 16; ++t) w[t] = get_big_endian_32(block + 4 * t);
  for (std::size_t t = 16; t < 80; ++t) w[t] = std::rotl(w[t - 3] ^ w[t - 8] ^ w[t - 14] ^ w[t - 16], 1);
  return w;
}

// Section 5: one logical function and one constant for each twenty of the eighty steps.
std::uint32_t mix(std::size_t t, std::uint32_t b, std::uint32_t c, std::uint32_t d) {
  if (t < 20) return ((b & c) | (~b & d)) + 0x5A827999;           // b chooses between c and d
  if (t < 40) return (b ^ c ^ d) + 0x6ED9EBA1;                    // parity
  if (t < 60) return ((b & c) | (b & d) | (c & d)) + 0x8F1BBCDC;  // majority
  return (b ^ c ^ d) + 0xCA62C1D6;                                // parity again
}

void absorb_block(State& state, const std::uint8_t* block) {
  const std::array<std::uint32_t, 80> w = expand(block);
  auto [a, b, c, d, e] = state;
  for (std::size_t t = 0; t < 80; ++t) {
    const std::uint32_t next = std::rotl(a, 5) + mix(t, b, c, d) + e + w[t];
    e = d;
    d = c;
    c = std::rotl(b, 30);
    b = a;
    a = next;
  }
  state = {state[0] + a, state[1] + b, state[2] + c, state[3] + d, state[4] + e};
}

}  // namespace

Sha1Digest sha1(ByteView message) {
  State state = {0x67452301, 0xEFCDAB89, 0x98BADCFE, 0x10325476, 0xC3D2E1F0};
  ByteView rest = message;
  for (; rest.size() >= kBlockSize; rest = rest.subspan(kBlockSize)) absorb_block(state, rest.data());

  Block last{};  // zeros, as the padding wants them
  std::copy(rest.begin(), rest.end(), last.begin());
  last[rest.size()] = 0b1000'0000;
  if (rest.size() + 1 + 8 > kBlockSize) {  // no room for the length: it goes into one more block
    absorb_block(state, last.data());
    last = Block{};
  }
  put_big_endian_64(last.data() + kBlockSize - 8, std::uint64_t{message.size()} * 8);
  absorb_block(state, last.data());

  Sha1Digest digest{};
  for (std::size_t i = 0; i < state.size(); ++i) put_big_endian_32(digest.data() + 4 * i, state[i]);
  return digest;
}

}  // namespace websock
