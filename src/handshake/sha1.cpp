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

// A block's sixteen words, and 64 more to go on with, each made of four earlier ones (RFC 3174 section 6.1). std::rotl
// turns a word to the left: the bits that fall off come in again on the right.
std::array<std::uint32_t, 80> expand(const std::uint8_t* block) {
  std::array<std::uint32_t, 80> w{};
  // The standard counts a word's first byte most, whatever this processor does.
  for (std::size_t t = 0; t < 16; ++t) w[t] = get_big_endian_32(block + 4 * t);
  // It looks back by 16 words at most, so all four are there. Without the rotation by 1, this would be SHA-0.
  for (std::size_t t = 16; t < 80; ++t) w[t] = std::rotl(w[t - 3] ^ w[t - 8] ^ w[t - 14] ^ w[t - 16], 1);
  return w;
}

// What step `t` makes of three of the words, bit by bit: one function and one constant for each twenty of the eighty
// steps (section 5 of RFC 3174). The constants are 2^30 times the square roots of 2, 3, 5 and 10, so that nobody can
// have chosen them with a purpose. The sums wrap around at 2^32, and should.
std::uint32_t mix(std::size_t t, std::uint32_t b, std::uint32_t c, std::uint32_t d) {
  if (t < 20) return ((b & c) | (~b & d)) + 0x5A827999;           // where b is 1: c, where it is 0: d
  if (t < 40) return (b ^ c ^ d) + 0x6ED9EBA1;                    // 1 where one or three of them are
  if (t < 60) return ((b & c) | (b & d) | (c & d)) + 0x8F1BBCDC;  // 1 where two or three of them are
  return (b ^ c ^ d) + 0xCA62C1D6;                                // as in 20 to 39
}

// Feeds the machine with the 64 bytes at `block`: eighty steps, each of which stirs one word into the state.
void absorb_block(State& state, const std::uint8_t* block) {
  const std::array<std::uint32_t, 80> w = expand(block);
  auto [a, b, c, d, e] = state;  // copies: what the state was before is needed once more below
  for (std::size_t t = 0; t < 80; ++t) {
    // Unsigned sums wrap around in C++, as the standard wants them to. The turns by 5 and by 30 are its choice.
    const std::uint32_t next = std::rotl(a, 5) + mix(t, b, c, d) + e + w[t];
    // Each word moves on by one place, the last one first, or it would be overwritten. Only b is turned on its way.
    e = d;
    d = c;
    c = std::rotl(b, 30);
    b = a;
    a = next;
  }
  // Every step can be undone by somebody who knows the block. Adding what was there before cannot.
  state = {state[0] + a, state[1] + b, state[2] + c, state[3] + d, state[4] + e};
}

}  // namespace

// All whole blocks as they are, then the padding: one block, or two where the length has no room.
Sha1Digest sha1(ByteView message) {
  // Where every message begins: 01 23 ... ef, then back, fe ... 10, then f0 e1 d2 c3, each four bytes read from the
  // right.
  State state = {0x67452301, 0xEFCDAB89, 0x98BADCFE, 0x10325476, 0xC3D2E1F0};
  ByteView rest = message;
  // It ends with 0 to 63 bytes left over: a message of 64 goes in whole, and its padding is a block of its own.
  for (; rest.size() >= kBlockSize; rest = rest.subspan(kBlockSize)) absorb_block(state, rest.data());

  // What is left over, the 1 bit, zeros and the length have to come out as a multiple of 64 bytes. That is one block in
  // most cases; with 56 to 63 bytes left over it is two.
  Block last{};  // zeros, as the padding wants them
  std::copy(rest.begin(), rest.end(), last.begin());
  last[rest.size()] = 0b1000'0000;         // the 1 bit; there is always room for it, since at most 63 bytes are left
  if (rest.size() + 1 + 8 > kBlockSize) {  // no room for the length: it goes into one more block
    absorb_block(state, last.data());
    last = Block{};
  }
  // The length is the message's own, without the padding, and in bits: the only place where SHA-1 counts those.
  put_big_endian_64(last.data() + kBlockSize - 8, std::uint64_t{message.size()} * 8);
  absorb_block(state, last.data());

  // The digest is the state, as it would be sent: five words of four bytes are the twenty.
  Sha1Digest digest{};
  for (std::size_t i = 0; i < state.size(); ++i) put_big_endian_32(digest.data() + 4 * i, state[i]);
  return digest;
}

}  // namespace websock
