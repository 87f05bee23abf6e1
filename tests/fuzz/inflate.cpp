// The decoder that stops anywhere, against the one that goes bit by bit; and in any pieces.
#include "compression/inflate.h"

#include "compression/blocks.h"
#include "targets.h"

namespace fuzz {
namespace {

constexpr std::size_t kMostText = 1 << 20;  // of a bomb we have seen enough

struct Enough {};

// What the pieces of a message become; nothing if it is refused.
std::optional<Bytes> inflated(const std::vector<ByteView>& pieces, int window_bits) {
  websock::Inflater inflater(window_bits);
  Bytes text;
  const auto append = [&](ByteView out) {
    text.insert(text.end(), out.begin(), out.end());
    if (text.size() > kMostText) throw Enough();
  };
  try {
    for (const ByteView piece : pieces) inflater.add(piece, append);
    inflater.end_message(append);
    return text;
  } catch (const websock::InflateError&) {
    return std::nullopt;
  }
}

std::optional<Bytes> slowly(ByteView message, int window_bits) {
  Bytes text;
  try {
    websock::read_blocks(message, std::size_t{1} << window_bits, text);
    return text;
  } catch (const websock::InflateError&) {
    return std::nullopt;
  }
}

}  // namespace

void check_inflate(ByteView input) {
  for (const int bits : {8, 15}) {
    try {
      const std::optional<Bytes> whole = inflated({input}, bits);
      require(whole == inflated(cut(input), bits), "it does not matter how a message is cut");
      require(whole == slowly(input, bits), "the decoder that goes bit by bit says the same");
    } catch (const Enough&) {
      // A bomb: it was handed on in pieces, and stopped.
    }
  }
}

}  // namespace fuzz
