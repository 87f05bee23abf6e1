// What compressed messages say. A message may refer to those before it, so a tap has to follow all of them, from the
// first one on, with a window of its own for each direction.
#pragma once

#include <vector>

#include <websock/compression/inflate.h>

// One block of a message, in short.
struct BlockHeard {
  websock::BlockType type = websock::BlockType::stored;
  std::size_t bits = 0;  // of the message
  std::size_t text = 0;  // bytes that they stand for
};

// The messages of one direction, one after the other.
class Deflated {
 public:
  // The next bytes of a message; and its end. `output` gets what they say, piece by piece. They throw InflateError.
  void add(websock::ByteView piece, const websock::Inflater::Output& output);
  // Returns the blocks that it consists of; none if it is longer than kMostLookedAt.
  std::vector<BlockHeard> end_message(const websock::Inflater::Output& output);

  static constexpr std::size_t kMostLookedAt = 4096;  // bytes: a bomb of so many is 4 MB of text

 private:
  websock::Inflater inflater_;
  websock::Bytes message_;  // as it came, as far as we look at it
  bool whole_ = true;       // nothing of it is missing there
  websock::Bytes before_;   // what all messages before said, as far as this one can refer to it
  websock::Bytes text_;     // what this one says, as much of it as a window holds
};
