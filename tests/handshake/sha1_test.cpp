// SHA-1: the published digests, and messages that end at every awkward place in a block.
#include "handshake/sha1.h"

#include "check.h"
#include "wire.h"

using namespace websock;

namespace {

std::string digest(std::string_view message) {
  std::string text = to_hex(sha1(bytes_of(message)));
  std::erase(text, ' ');
  return text;
}

std::string times(std::size_t count, std::string_view text) {
  std::string repeated;
  for (std::size_t i = 0; i < count; ++i) repeated += text;
  return repeated;
}

}  // namespace

TEST("3174-7.3 the published examples") {
  CHECK_EQ(digest("abc"), "a9993e364706816aba3e25717850c26c9cd0d89d");
  CHECK_EQ(digest("abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq"),
           "84983e441c3bd26ebaae4aa1f95129e5e54670f1");
  CHECK_EQ(digest(times(1'000'000, "a")), "34aa973cd4c4daa4f61eeb2bdbad27316534016f");
  CHECK_EQ(digest(times(80, "01234567")), "dea356a2cddd90c7a7ecedc5ebb563934f460452");
}

TEST("3174 the other usual examples: nothing, two blocks of text, and a pangram") {
  CHECK_EQ(digest(""), "da39a3ee5e6b4b0d3255bfef95601890afd80709");
  CHECK_EQ(digest("abcdefghbcdefghicdefghijdefghijkefghijklfghijklmghijklmnhijklmno"
                  "ijklmnopjklmnopqklmnopqrlmnopqrsmnopqrstnopqrstu"),
           "a49b2446a02c645bf419f995b67091253a04a259");
  CHECK_EQ(digest("The quick brown fox jumps over the lazy dog"), "2fd4e1c67a2d28fced849ee1bb76e7391b93eb12");
}

TEST("1.3-04 the key of RFC 6455 with its GUID: 60 bytes, and so two blocks") {
  CHECK_EQ(digest("dGhlIHNhbXBsZSBub25jZQ==258EAFA5-E914-47DA-95CA-C5AB0DC85B11"),
           "b37a4f2cc0624f1690f64606cf385945b2bec4ea");
}

TEST("3174-4 bytes of every value are hashed, 80 to ff included") {
  std::string every;
  for (int value = 0; value < 256; ++value) every += static_cast<char>(value);
  CHECK_EQ(digest(every), "4916d6bdb7f78e6803698cab32d1586ea457dfc8");
}

TEST("own-sha1-01 a view into the middle of other bytes is hashed, and nothing around it") {
  CHECK_EQ(digest(std::string_view("<<abc>>").substr(2, 3)), "a9993e364706816aba3e25717850c26c9cd0d89d");
}

TEST("3174-4 the padding takes one more block from 56 bytes on") {
  CHECK_EQ(digest(times(55, "a")), "c1c8bbdc22796e28c0e15163d20899b65621d65a");  // 55 + 1 + 8 = 64: just fits
  CHECK_EQ(digest(times(56, "a")), "c2db330f6083854c99d4b5bfb6e8f29f201be699");
  CHECK_EQ(digest(times(57, "a")), "f08f24908d682555111be7ff6f004e78283d989a");
}

TEST("3174-4 a message may end with its block, or a byte to either side of that") {
  CHECK_EQ(digest(times(63, "a")), "03f09f5b158a7a8cdad920bddc29b81c18a551f5");
  CHECK_EQ(digest(times(64, "a")), "0098ba824b5c16427bd7a1122a5a442a25ec644d");
  CHECK_EQ(digest(times(65, "a")), "11655326c708d70319be2610e8a57d9a5b959d3b");
}

TEST("3174-4 the same places again, one block later") {
  CHECK_EQ(digest(times(119, "a")), "ee971065aaa017e0632a8ca6c77bb3bf8b1dfc56");
  CHECK_EQ(digest(times(120, "a")), "f34c1488385346a55709ba056ddd08280dd4c6d6");
  CHECK_EQ(digest(times(127, "a")), "89d95fa32ed44a7c610b7ee38517ddf57e0bb975");
  CHECK_EQ(digest(times(128, "a")), "ad5b3fdbcb526778c2839d2f151ea753995e26a0");
}
