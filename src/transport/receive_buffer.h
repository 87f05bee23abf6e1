// Where received bytes lie until they are understood.
#pragma once

#include <algorithm>
#include <span>

#include "../framing/frame.h"
#include "../handshake/http.h"
#include "../protocol/buffer.h"
#include "resource_limits.h"

namespace websock {

// One block, which begins small: most clients of most servers never say more at a time than a kilobyte holds, and a
// thousand of them should not have a page each for it. The first receive that fills it shows that there is more to
// come; then it grows, once, to what a busy connection delivers at a time. With the header's bytes, a message of 64 KiB
// fits in.
class ReceiveBuffer {
 public:
  static constexpr std::size_t kSmall = 1024;                        // bytes; more than Protocol leaves unread
  static constexpr std::size_t kSize = 64 * 1024 + kMaxFrameHeader;  // bytes

  // What was received and not yet taken. Taking is done by shrinking this span from its front.
  std::span<std::uint8_t>& unread() { return unread_; }

  // Moves what is unread to the front of the block, and returns the room behind it, at least one byte. Invalidates
  // views into the block.
  // REQUIRES: unread().size() < kSize. Throws std::bad_alloc, and keeps what is unread.
  std::span<std::uint8_t> make_room() {
    // Downwards, and std::copy goes from the front: where the two overlap, each byte is read before it is overwritten.
    std::copy(unread_.begin(), unread_.end(), block_.data());
    // Says what counts, before reserve() moves just that to a larger block.
    block_.resize(unread_.size());
    if (block_.capacity() == 0) block_.reserve(kSmall);
    // A receive that filled the block shows a peer with more to say: from here on it gets the large one.
    if (filled_ || block_.room() == 0) block_.reserve(kSize);
    unread_ = {block_.data(), unread_.size()};
    return {block_.data() + block_.size(), block_.room()};
  }

  // `count` bytes were stored at the beginning of that room.
  void add(std::size_t count) {
    filled_ = count == block_.room();
    unread_ = {block_.data(), unread_.size() + count};
  }

  // Frees the block, and forgets what is unread. It begins anew with the next make_room().
  void release() {
    unread_ = {};
    block_.release();
    filled_ = false;
  }

 private:
  Buffer block_;                    // its size: what was unread when room was made
  std::span<std::uint8_t> unread_;  // inside the block, whose bytes stay where they are when this object is moved
  bool filled_ = false;             // the last receive left no room
};

// The limits of the head of an opening handshake. It has to fit into the buffer, with one byte more: only by that byte
// can one tell that it is too long.
inline HeadLimits head_limits(const Limits& limits) {
  return {std::min(limit_of(limits.max_head), ReceiveBuffer::kSize - 1), limit_of(limits.max_fields)};
}

}  // namespace websock
