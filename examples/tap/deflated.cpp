// Two decoders read each message. The fast one goes along as bytes come, whatever their number. The slow one can tell
// the blocks, but wants the whole message at once and all that it refers to; it gets the short ones, which people look
// at.
//
//     before_     what all messages before this one said: the slow one's window, which must not move until the end
//     text_       what this one says; at its end it goes behind before_
//
// Both are windows of 32 KiB, whatever is looked at: memory does not grow with what passes.
#include "deflated.h"

#include <algorithm>

#include <websock/compression/blocks.h>

using namespace websock;

namespace {

constexpr std::size_t kWindow = std::size_t{1} << kMaxWindowBits;

// The end of both, one behind the other, as much as a window holds.
void append_window(Bytes& window, ByteView bytes) {
  // First: a piece that is longer than a window would be copied only to be cut.
  if (bytes.size() > kWindow) bytes = bytes.last(kWindow);
  window.insert(window.end(), bytes.begin(), bytes.end());
  if (window.size() > kWindow) window.erase(window.begin(), window.end() - static_cast<std::ptrdiff_t>(kWindow));
}

}  // namespace

// Whatever window was agreed on, one of 15 bits reads it: matches reach less far than they could. Once too much has
// come, message_ is not whole any more, and gets nothing: its length alone may not bring it back.
void Deflated::add(ByteView piece, const Inflater::Output& output) {
  whole_ = whole_ && message_.size() + piece.size() <= kMostLookedAt;
  if (whole_) message_.insert(message_.end(), piece.begin(), piece.end());
  inflater_.add(piece, [&](ByteView text) {
    append_window(text_, text);
    output(text);
  });
}

// The fast decoder comes first, and judges: what it throws is what an endpoint would. Only what it has accepted is
// taken apart.
std::vector<BlockHeard> Deflated::end_message(const Inflater::Output& output) {
  inflater_.end_message([&](ByteView text) {
    append_window(text_, text);
    output(text);
  });
  std::vector<BlockHeard> blocks;
  if (whole_) {
    // A copy: the decoder appends to it, and before_ gets the text from the other one.
    Bytes text = before_;
    for (const Block& block : read_blocks(message_, kWindow, text)) {
      blocks.push_back({block.type, block.bits, block.text_bytes});
    }
  }
  // Also behind a long message: the next one may refer to it, and may be short.
  append_window(before_, text_);
  text_.clear();
  message_.clear();
  whole_ = true;
  return blocks;
}
