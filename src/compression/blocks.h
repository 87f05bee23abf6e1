// A deflated message, taken apart: every block, every symbol, and where its bits are. RFC 1951, read bit by bit.
//
// It is slow, and it wants the whole message at once. That makes it short, and so it is the decoder to understand
// first, the one that the tests believe when inflate.h says something else, and what a program shows to a user who
// wants to see what is in a message.
#pragma once

#include <vector>

#include "../bytes.h"
#include "bits.h"
#include "deflate_format.h"

namespace websock {

// What one or two symbols of a block say.
struct Step {
  enum class Kind { literal, match, end };
  Kind kind = Kind::literal;
  std::size_t bit = 0;       // where its code begins in the message
  std::size_t bits = 0;      // and how many belong to it
  std::uint8_t byte = 0;     // of a literal
  std::size_t length = 0;    // of a match, bytes
  std::size_t distance = 0;  // of a match, bytes
};

struct Block {
  BlockType type = BlockType::stored;
  bool final = false;          // BFINAL
  std::size_t bit = 0;         // where its header begins in the message
  std::size_t bits = 0;        // header, codes and all; the tail, and what fills up the byte of a final block, too
  std::size_t text_bytes = 0;  // what it stands for
  Bytes literal_lengths;       // of its codes, as prefix_code.h wants them: as many as were sent; fixed: 288 and 32;
  Bytes distance_lengths;      // empty if it is stored
  std::vector<Step> steps;     // empty if it is stored
};

// Appends what `message` stands for to `text`, whose last `window` bytes are what matches may reach back to. The tail
// that a sender cuts off (RFC 7692 section 7.2.1) is taken as read: the block that it ends is the last one here. So
// is a final block at the end of `message`, which has no tail; other blocks may follow a final one, from the next byte
// on. Throws InflateError.
std::vector<Block> read_blocks(ByteView message, std::size_t window, Bytes& text);

}  // namespace websock
