// Chapter 20: Deflate. The RFC's first message, what a message never has in it, and that it comes out again; what kind of
// block is chosen, and how long it gets at most.
#include "compression/deflate.h"

#include <random>

#include "check.h"
#include "compression/blocks.h"
#include "compression/inflated.h"

using namespace websock;

namespace {

Bytes deflated(Deflater& deflater, std::string_view text) {
  Bytes out;
  deflater.deflate(bytes_of(text), out);
  return out;
}

std::string random_text(std::size_t size) {
  std::mt19937 random(64);
  std::string text(size, ' ');
  for (char& c : text) c = static_cast<char>(random());
  return text;
}

std::vector<Block> blocks_of(const Bytes& message, std::string& text) {
  Bytes out;
  const std::vector<Block> blocks = read_blocks(message, 32768, out);
  text = text_of(out);
  return blocks;
}

}  // namespace

// ---- Published ----

TEST("7692-7.2.3.1 the first \"Hello\" is the RFC's") {
  Deflater deflater;
  CHECK_EQ(to_hex(deflated(deflater, "Hello")), "f2 48 cd c9 c9 07 00");
}

TEST("7692-7.2.3.6 an empty message is 00") {
  Deflater deflater;
  CHECK_EQ(to_hex(deflated(deflater, "")), "00");
  deflated(deflater, "Hello");
  CHECK_EQ(to_hex(deflated(deflater, "")), "00");
}

TEST("7692-7.2.3.2 the second \"Hello\" refers to the first; after forget() it is the first again") {
  Deflater deflater;
  deflated(deflater, "Hello");
  CHECK_EQ(to_hex(deflated(deflater, "Hello")), "02 13 00 00");  // one match of 5, from 5 back
  deflater.forget();
  CHECK_EQ(to_hex(deflated(deflater, "Hello")), "f2 48 cd c9 c9 07 00");
  deflater.release_memory();
  CHECK_EQ(to_hex(deflated(deflater, "Hello")), "f2 48 cd c9 c9 07 00");
}

// ---- What a message is ----

TEST("7692-7.2.1 a message ends with the beginning of an empty stored block, and no block says it is the last") {
  Deflater deflater;
  std::string text;
  for (const std::string& message : {std::string("Hello"), std::string(100000, 'x'), random_text(100000)}) {
    Bytes out;
    deflater.deflate(bytes_of(message), out);
    const std::vector<Block> blocks = blocks_of(out, text);
    CHECK(text == message);
    CHECK(blocks.back().type == BlockType::stored);
    CHECK_EQ(blocks.back().text_bytes, 0u);
    for (const Block& block : blocks) CHECK(!block.final);
    deflater.forget();
  }
}

TEST("own-deflate-01 of the three kinds of blocks the shortest is chosen") {
  Deflater deflater;
  std::string text;
  const std::string prose =
      "Of shoes and ships and sealing wax, of cabbages and kings, and why the sea is boiling hot, and "
      "whether pigs have wings. But wait a bit, the oysters cried, before we have our chat, for some of "
      "us are out of breath, and all of us are fat. No hurry, said the carpenter; they thanked him much.";
  CHECK(blocks_of(deflated(deflater, "Hello"), text)[0].type == BlockType::fixed);
  deflater.forget();
  CHECK(blocks_of(deflated(deflater, prose), text)[0].type == BlockType::dynamic);
  deflater.forget();
  CHECK(blocks_of(deflated(deflater, random_text(1000)), text)[0].type == BlockType::stored);
}

TEST("own-deflate-02 what cannot be compressed grows by five bytes for each 16,000, and one") {
  Deflater deflater;
  for (const std::size_t size : {1u, 100u, 16000u, 65535u, 65536u, 300000u}) {
    const std::size_t length = deflated(deflater, random_text(size)).size();
    CHECK(length <= size + 1 + 5 * (size / 16000 + 1));
    deflater.forget();
  }
}

TEST("own-deflate-03 what is appended leaves alone what was there") {
  Deflater deflater;
  Bytes out = hex("c1 07");
  deflater.deflate(bytes_of("Hello"), out);
  CHECK_EQ(to_hex(out), "c1 07 f2 48 cd c9 c9 07 00");
}

TEST("own-deflate-04 no match reaches back further than the window") {
  const std::string far = "a text that comes again after more than the window holds" + random_text(300);
  for (int bits = 8; bits <= kMaxWindowBits; ++bits) {
    Deflater deflater(bits);
    Bytes text;
    for (int round = 0; round < 20; ++round) {
      for (const std::string& message : {far, random_text(std::size_t{1} << bits), far}) {
        const Bytes out = deflated(deflater, message);
        read_blocks(out, std::size_t{1} << bits, text);  // throws if one does
        CHECK(text_of(ByteView(text).last(message.size())) == message);
      }
    }
  }
}

TEST("own-deflate-05 a code of any shape comes through, with runs of every length among its lengths") {
  std::mt19937 random(20);
  for (int round = 0; round < 200; ++round) {
    // Letters of a few ranges, some of them frequent: what the row of code lengths looks like depends on it.
    std::string alphabet;
    for (std::size_t i = 1 + random() % 12; i > 0; --i) {
      const std::size_t from = random() % 256;
      const std::size_t end = std::min<std::size_t>(256, from + 1 + random() % 40);
      for (std::size_t c = from; c < end; ++c) {
        alphabet.append(1 + random() % 3 * (random() % 4 == 0 ? 50 : 0), static_cast<char>(c));
      }
    }
    std::string message;
    for (unsigned i = 0; i < 2000; ++i) message += alphabet[random() % alphabet.size()];
    Deflater deflater;
    std::string text;
    blocks_of(deflated(deflater, message), text);
    CHECK(text == message);
  }
}
