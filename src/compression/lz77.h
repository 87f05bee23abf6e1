// Finding what has been said before: J. Ziv and A. Lempel, 1977. A text becomes a list of tokens, each a byte or a
// match, "as many bytes as this, from that far back":
//
//     to be or not to be     t o _ b e _ o r _ n o t _ (5 from 13 back)
//
// What a match reaches back to may be an earlier text, if it is still in the window.
#pragma once

#include <optional>
#include <span>

#include "../bytes.h"
#include "../protocol/buffer.h"
#include "deflate_format.h"

namespace websock {

// A literal has distance 0, and its byte in place of the length.
struct Token {
  std::uint16_t length;    // bytes: kMinMatch to kMaxMatch
  std::uint16_t distance;  // bytes: 1 to 2^window_bits
};

class MatchFinder {
 public:
  // `window_bits`: 8 to 15; no match reaches back further than 2^window_bits bytes.
  explicit MatchFinder(int window_bits = kMaxWindowBits);

  // The next piece of `text` as tokens: enough for a block, at most kMostTokens and kMostBytes. What we have taken is
  // cut off the front of `text`, and becomes a part of the window. Nothing: all of it has become tokens. Both views
  // last until the next call.
  struct Piece {
    ByteView bytes;
    std::span<const Token> tokens;
  };
  std::optional<Piece> next_piece(ByteView& text);
  // 16 Ki tokens end a piece; the 16 are room for the last round of find_tokens(), which may go past that.
  static constexpr std::size_t kMostTokens = 16 * 1024 + 16;
  static constexpr std::size_t kMostBytes = 64 * 1024;  // four full blocks, if every byte is a token

  // No later match reaches back to what has come so far. Between two texts.
  void forget() { reachable_ = end_; }

  // Forgets, and gives back all memory. Between two texts.
  void release_memory();

 private:
  struct Match {
    std::size_t length;
    std::size_t distance;
  };
  Match find_longer(std::size_t at, std::size_t length, int tries);
  void remember(std::size_t up_to);
  void append(ByteView bytes);
  void make_room(std::size_t bytes);
  std::span<const Token> find_tokens();
  std::size_t hash_at(std::size_t at) const;

  const std::size_t window_;  // bytes
  const int hash_bits_;

  // All memory is one block. From a window of 12 bits on it is so large that it is the system's, which takes it back at
  // once (protocol/buffer.h). Several smaller ones would lie in the C library's heap, and stay there between the memory
  // of connections that live on.
  //
  //     | heads_ | earlier_ | bytes_: the window and the piece at hand, one behind the other, room | tokens_ |
  Buffer memory_;

  // Positions count from the first of these bytes.
  std::uint8_t* bytes_ = nullptr;
  std::size_t room_ = 0;        // bytes that fit behind a full window, before it has to move
  std::size_t end_ = 0;         // of what has come,
  std::size_t done_ = 0;        // and of what has become tokens
  std::size_t reachable_ = 0;   // no match reaches back to before this
  std::size_t remembered_ = 0;  // positions before this one have their place in heads_ and earlier_
  std::uint16_t moved_ = 0;     // how far the buffer has moved on, modulo 2^16

  // The newest position at which three bytes with this hash stood, and for each position of the window the one before
  // that. They are positions since the beginning of time, modulo 2^16: they are never cleared, and may be out of date.
  std::uint16_t* heads_ = nullptr;
  std::uint16_t* earlier_ = nullptr;
  Token* tokens_ = nullptr;  // of the piece at hand
};

}  // namespace websock
