// Two decoders read each message. The fast one goes along as bytes come, whatever their number. The slow one can tell the
// blocks, but wants the whole message at once and all that it refers to; it gets the short ones, which people look at.
#include "deflated.h"

#include <algorithm>

#include <websock/compression/blocks.h>

using namespace websock;

namespace {

constexpr std::size_t kWindow = std::size_t{1} << kMaxWindowBits;

// The end of both, one behind the other, as much as a window holds.
void append_window(Bytes& window, ByteView bytes) {
  if (bytes.size() > kWindow) bytes = bytes.last(kWindow);
  window.insert(window.end(), bytes.begin(), bytes.end());
  if (window.size() > kWindow) window.erase(window.begin(), window.end() - static_cast<std::ptrdiff_t>(kWindow));
}

}  // namespace

// Whatever window was agreed on, one of 15 bits reads it.
void Deflated::add(ByteView piece, const Inflater::Output& output) {
  whole_ = whole_ && message_.size() + piece.size() <= kMostLookedAt;
  if (whole_) message_.insert(message_.end(), piece.begin(), piece.end());
  inflater_.add(piece, [&](ByteView text) {
    append_window(text_, text);
    output(text);
  });
}

std::vector<BlockHeard> Deflated::end_message(const Inflater::Output& output) {
  inflater_.end_message([&](ByteView text) {
    append_window(text_, text);
    output(text);
  });
  std::vector<BlockHeard> blocks;
  if (whole_) {
    Bytes text = before_;
    for (const Block& block : read_blocks(message_, kWindow, text)) {
      blocks.push_back({block.type, block.bits, block.text_bytes});
    }
  }
  append_window(before_, text_);
  text_.clear();
  message_.clear();
  whole_ = true;
  return blocks;
}
