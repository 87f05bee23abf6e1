// Chapter 19: Inflate. The published messages, every fault, every split; windows; and the same answers as the decoder that
// goes bit by bit.
#include "compression/inflate.h"

#include <random>

#include "check.h"
#include "compression/blocks.h"
#include "compression/deflate.h"
#include "compression/inflated.h"
#include "memory.h"

using namespace websock;

namespace {

Bytes deflated(Deflater& deflater, std::string_view text) {
  Bytes out;
  deflater.deflate(bytes_of(text), out);
  return out;
}

// Letters that say little in many bytes, and something new now and then.
std::string chatter(std::mt19937& random, std::size_t size) {
  std::string text;
  while (text.size() < size) {
    const std::size_t back = 1 + random() % 3000;
    if (random() % 3 == 0 || back > text.size()) {
      text += static_cast<char>(random() % 4 == 0 ? random() : 'a' + random() % 6);
    } else {
      text += text.substr(text.size() - back, 3 + random() % 20);
    }
  }
  text.resize(size);
  return text;
}

}  // namespace

// ---- The published messages ----

TEST("7692-7.2.3 the RFC's messages, and others that are right, however they are cut") {
  for (const GoodMessage& row : kGoodMessages) {
    const Bytes message = hex(row.bytes);
    for_each_split(message, [&](const std::vector<ByteView>& pieces) {
      Inflater inflater;
      Bytes text;
      CHECK_EQ(std::string(row.what) + inflate(inflater, pieces, text), row.what);
      CHECK_EQ(text_of(text), row.text);
    });
  }
}

TEST("own-inflate-01 what is wrong is named, however the message is cut") {
  for (const BadMessage& row : kBadMessages) {
    const Bytes message = hex(row.bytes);
    for_each_split(message, [&](const std::vector<ByteView>& pieces) {
      Inflater inflater;
      Bytes text;
      CHECK_EQ(inflate(inflater, pieces, text), row.what);
    });
  }
}

// ---- From message to message ----

TEST("7692-7.2.3.2 the second message refers to the first; not after forget()") {
  Inflater inflater;
  Bytes text;
  CHECK_EQ(inflate(inflater, {hex("f2 48 cd c9 c9 07 00")}, text), "");
  CHECK_EQ(inflate(inflater, {hex("f2 00 11 00 00")}, text), "");
  CHECK_EQ(text_of(text), "HelloHello");
  inflater.release_memory();
  CHECK_EQ(inflate(inflater, {hex("f2 00 11 00 00")}, text), "");
  CHECK_EQ(text_of(text), "HelloHelloHello");
  inflater.forget();
  CHECK_EQ(inflate(inflater, {hex("f2 00 11 00 00")}, text),
           "a match reaches back further than anything that was sent");
}

TEST("own-inflate-06 to give memory back takes some for a moment; where there is none, nothing is lost") {
  Inflater inflater;
  Bytes text;
  CHECK_EQ(inflate(inflater, {hex("f2 48 cd c9 c9 07 00")}, text), "");
  largest_allocation = 0;
  inflater.release_memory();
  largest_allocation = SIZE_MAX;
  CHECK_EQ(inflate(inflater, {hex("f2 00 11 00 00")}, text), "");
  CHECK_EQ(text_of(text), "HelloHello");
}

TEST("7692-7.2.1 the window outlives a block that says it is the last") {
  Inflater inflater;
  Bytes text;
  CHECK_EQ(inflate(inflater, {hex("f3 48 cd c9 c9 07 00")}, text), "");  // final
  CHECK_EQ(inflate(inflater, {hex("f2 00 11 00 00")}, text), "");
  CHECK_EQ(text_of(text), "HelloHello");
}

TEST("own-inflate-02 a match reaches as far back as the window, and no further") {
  // As many zeros as the window has bytes, behind a letter that none of them is: the letter is just out of reach.
  for (int bits = 8; bits <= kMaxWindowBits; ++bits) {
    const std::size_t window = std::size_t{1} << bits;
    for (const std::size_t zeros : {window - 5, window - 4}) {
      if (zeros + 5 > 32768) continue;  // which no message can say
      Deflater deflater;
      Inflater inflater(bits);
      Bytes text;
      Bytes stored = {0, 5, 0, 0xFA, 0xFF, 'H', 'e', 'l', 'l', 'o', 0};
      CHECK_EQ(inflate(inflater, {stored}, text), "");
      const Bytes gap = deflated(deflater, std::string(zeros, '\0'));
      CHECK_EQ(inflate(inflater, {gap}, text), "");
      // "Hello" once more: a match of 5 from zeros + 5 back.
      std::size_t symbol = kDistances.size() - 1;
      while (kDistances[symbol].first > zeros + 5) --symbol;
      Bytes message;
      BitWriter out(message);
      out.make_room(100);
      out.put(0b010, 3);
      out.put(0b1100000, 7);  // length 5: symbol 259, code 0000011, turned round
      std::uint32_t turned = 0;
      for (int i = 0; i < 5; ++i) turned |= (static_cast<std::uint32_t>(symbol) >> i & 1) << (4 - i);
      out.put(turned, 5);
      out.put(zeros + 5 - kDistances[symbol].first, kDistances[symbol].extra_bits);
      out.put(0, 7 + 3);
      out.finish();
      const bool in_reach = zeros + 5 <= window;
      CHECK_EQ(inflate(inflater, {message}, text),
               in_reach ? "" : "a match reaches back further than anything that was sent");
      if (in_reach) CHECK_EQ(text_of(ByteView(text).last(5)), "Hello");
    }
  }
}

// ---- Two decoders, one answer ----

TEST("own-inflate-03 texts of every kind come out as they went in, in any pieces, with any window") {
  std::mt19937 random(1951);
  for (int bits = 8; bits <= kMaxWindowBits; ++bits) {
    Deflater deflater(bits);
    Inflater inflater(bits);
    for (int round = 0; round < 12; ++round) {
      const std::string message = chatter(random, random() % 2 == 0 ? random() % 300 : random() % 100000);
      const Bytes bytes = deflated(deflater, message);
      std::vector<ByteView> pieces;
      for (std::size_t at = 0; at < bytes.size();) {
        const std::size_t size = std::min<std::size_t>(bytes.size() - at, 1 + random() % 3000);
        pieces.push_back(ByteView(bytes).subspan(at, size));
        at += size;
      }
      Bytes text;
      CHECK_EQ(inflate(inflater, pieces, text), "");
      CHECK(text_of(text) == message);
      if (round % 4 == 3) inflater.release_memory();
    }
  }
}

TEST("own-inflate-04 whatever the bits, the fast decoder says what the slow one says") {
  std::mt19937 random(7692);
  int refused = 0;
  for (int round = 0; round < 3000; ++round) {
    Deflater deflater;
    Bytes message = deflated(deflater, chatter(random, random() % 600));
    for (std::size_t changes = random() % 3; changes > 0; --changes) {
      message[random() % message.size()] ^= static_cast<std::uint8_t>(1 << random() % 8);
    }
    std::string slow_fault;
    Bytes slow_text;
    try {
      read_blocks(message, std::size_t{1} << kMaxWindowBits, slow_text);
    } catch (const InflateError&) {
      slow_fault = "refused";
      ++refused;
    }
    Inflater inflater;
    Bytes text;
    const bool accepted = inflate(inflater, {message}, text).empty();
    CHECK_EQ(accepted, slow_fault.empty());
    if (accepted) CHECK(text == slow_text);
  }
  CHECK(refused > 300);
}

TEST("own-inflate-07 what comes out lies in a block of the system's, which takes it back at once") {
  static int mapped = 0;
  static void* (*const usual)(std::size_t) = map_pages;
  Deflater deflater(12);
  const Bytes message = deflated(deflater, std::string(20'000, 'a'));
  map_pages = [](std::size_t size) {
    ++mapped;
    return usual(size);
  };
  Inflater inflater(12);
  Bytes text;
  CHECK_EQ(inflate(inflater, {message}, text), "");
  map_pages = usual;
  CHECK_EQ(mapped, 1);
}

// ---- Little in, much out ----

TEST("own-inflate-05 a bomb is handed on piece by piece, and ends when whoever takes it has enough") {
  Deflater deflater;
  const Bytes bomb = deflated(deflater, std::string(16 * 1024 * 1024, '\0'));
  CHECK(bomb.size() < 32 * 1024);
  struct Enough {};
  std::size_t taken = 0;
  std::size_t largest = 0;
  Inflater inflater;
  const Inflater::Output take = [&](ByteView out) {
    taken += out.size();
    largest = std::max(largest, out.size());
    if (taken > 1024 * 1024) throw Enough();
  };
  CHECK_THROWS(inflater.add(bomb, take), Enough);
  CHECK(taken <= 1024 * 1024 + largest);
  CHECK(largest <= 128 * 1024);
}
