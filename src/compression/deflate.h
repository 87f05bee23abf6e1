// Deflating: RFC 1951, written, and ended as RFC 7692 section 7.2.1 wants a message to end.
//
//     Deflater deflater;
//     deflater.deflate(message, out);     // in the order in which the messages are sent
//
// It remembers what it has sent, as much as a window holds, so that later messages can refer to it.
#pragma once

#include "../bytes.h"
#include "lz77.h"

namespace websock {

class Deflater {
 public:
  // `window_bits`: 8 to 15; the peer has to be able to look back 2^window_bits bytes.
  explicit Deflater(int window_bits = kMaxWindowBits) : matches_(window_bits) {}

  // Appends what `message` becomes to `out`: one byte at least (an empty message is 00), and at most one more than the
  // message and five for each 16,000 bytes of it begun. If memory runs out, the peer has not seen what we remember:
  // forget(), or end the connection.
  void deflate(ByteView message, Bytes& out);

  // Later messages do not refer to what was sent so far. That is always allowed.
  void forget() { matches_.forget(); }

  // Forgets, and gives back all memory.
  void release_memory() { matches_.release_memory(); }

 private:
  MatchFinder matches_;
};

}  // namespace websock
