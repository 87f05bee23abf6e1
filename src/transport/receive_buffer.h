// Where received bytes lie until they are understood.
#pragma once

#include <algorithm>
#include <memory>
#include <span>

#include "../bytes.h"
#include "../framing/frame.h"

namespace websock {

// One block of memory. It is not zeroed, so that a connection that only ever receives a few bytes keeps only the first
// page of it resident. 64 KiB is as much as a busy loopback connection delivers at a time; with the header's bytes, a
// message of 64 KiB fits in.
class ReceiveBuffer {
 public:
  static constexpr std::size_t kSize = 64 * 1024 + kMaxFrameHeader;  // bytes

  ReceiveBuffer() : block_(new std::uint8_t[kSize]) {}

  // What was received and not yet taken. Taking is done by shrinking this span from its front.
  std::span<std::uint8_t>& unread() { return unread_; }

  // Moves what is unread to the front of the block, and returns the room behind it. Invalidates views into the block.
  std::span<std::uint8_t> make_room() {
    std::copy(unread_.begin(), unread_.end(), block_.get());
    unread_ = {block_.get(), unread_.size()};
    return {block_.get() + unread_.size(), kSize - unread_.size()};
  }

  // `count` bytes were stored at the beginning of that room.
  void add(std::size_t count) { unread_ = {block_.get(), unread_.size() + count}; }

  // Frees the block. Nothing else may be called afterwards.
  void release() {
    unread_ = {};
    block_.reset();
  }

 private:
  std::unique_ptr<std::uint8_t[]> block_;
  std::span<std::uint8_t> unread_;
};

}  // namespace websock
