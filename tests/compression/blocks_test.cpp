// Chapter 19: A message taken apart, bit by bit. The decoder that the fast one is compared with.
#include "compression/blocks.h"

#include "check.h"
#include "compression/inflated.h"

using namespace websock;

namespace {

constexpr std::size_t kWindow = 32768;

std::string fault_of(const Bytes& message) {
  Bytes text;
  try {
    read_blocks(message, kWindow, text);
    return "";
  } catch (const InflateError& error) {
    return error.what();
  }
}

}  // namespace

TEST("7692-7.2.3 the RFC's messages, and others that are right") {
  for (const GoodMessage& row : kGoodMessages) {
    Bytes text;
    read_blocks(hex(row.bytes), kWindow, text);
    CHECK_EQ(std::string(row.what) + ": " + std::string(text_of(text)), std::string(row.what) + ": " + row.text);
  }
}

TEST("own-blocks-01 what is wrong is named") {
  for (const BadMessage& row : kBadMessages) CHECK_EQ(fault_of(hex(row.bytes)), row.what);
}

TEST("own-blocks-02 \"Hello\" is five literals of eight bits, the end of seven, and an empty stored block") {
  Bytes text;
  const std::vector<Block> blocks = read_blocks(hex("f2 48 cd c9 c9 07 00"), kWindow, text);
  CHECK_EQ(blocks.size(), 2u);
  CHECK(blocks[0].type == BlockType::fixed);
  CHECK_EQ(blocks[0].bits, 3u + 5 * 8 + 7);
  CHECK_EQ(blocks[0].steps.size(), 6u);
  CHECK_EQ(blocks[0].steps[0].bit, 3u);
  CHECK_EQ(blocks[0].steps[0].bits, 8u);
  CHECK_EQ(blocks[0].steps[0].byte, 'H');
  CHECK(blocks[0].steps[5].kind == Step::Kind::end);
  CHECK(blocks[1].type == BlockType::stored);
  CHECK_EQ(blocks[1].bit, 50u);
  CHECK_EQ(blocks[1].text_bytes, 0u);
}

TEST("own-blocks-03 the second \"Hello\" is a literal and a match that reaches into the first") {
  Bytes text;
  read_blocks(hex("f2 48 cd c9 c9 07 00"), kWindow, text);
  const std::vector<Block> blocks = read_blocks(hex("f2 00 11 00 00"), kWindow, text);
  CHECK_EQ(text_of(text), "HelloHello");
  CHECK(blocks[0].steps[0].kind == Step::Kind::literal);
  CHECK(blocks[0].steps[1].kind == Step::Kind::match);
  CHECK_EQ(blocks[0].steps[1].length, 4u);
  CHECK_EQ(blocks[0].steps[1].distance, 5u);
  CHECK_EQ(blocks[0].text_bytes, 5u);
}
