// Bits: RFC 1951 section 3.1.1. A deflated message is a run of bits, and a byte is a box of eight of them that is
// filled from its lowest bit up:
//
//     the bits, in their order     1 1 0   0 1 0 1 0   ...
//     the first byte               0 1 0 1 0 0 1 1             = 53, its first bit on the right
//
// A number of several bits comes with its lowest bit first, so to read one is to cut it off the low end. Only the codes
// of prefix_code.h come with their highest bit first: a reader has to know each bit before it knows how many there are.
#pragma once

#include <cassert>

#include "../bytes.h"

namespace websock {

// Eight bytes as a number, the first one lowest: the order in which their bits come. Compilers make one load of it.
inline std::uint64_t get_little_endian_64(const std::uint8_t* in) {
  std::uint64_t value = 0;
  for (std::size_t i = 0; i < 8; ++i) value |= std::uint64_t{in[i]} << (8 * i);
  return value;
}

// A place in a run of bits. It knows where the bits end, but does not stop there: behind the end it reads zeros. That
// makes a step of a decoder simple. It reads what it needs, and asks only once, when it is through, whether all of that
// had arrived; if not, the step is forgotten and tried again when there is more.
class BitReader {
 public:
  // The bits of `bytes`, from bit `position` on.
  explicit BitReader(ByteView bytes, std::size_t position = 0)
      : bytes_(bytes.data()), size_(bytes.size()), position_(position) {}

  // The next bits, the first one lowest. At least kPeeked of them are what comes; those above are anything.
  static constexpr int kPeeked = 64 - 7;
  std::uint64_t peek() const {
    const std::size_t byte = position_ / 8;
    const std::uint64_t word = byte + 8 <= size_ ? get_little_endian_64(bytes_ + byte) : last_bytes(byte);
    // Up to seven bits of the first byte have been read already. They fall off below, and 57 of the 64 are left.
    return word >> (position_ % 8);
  }

  void skip(std::size_t count) { position_ += count; }

  // The next `count` bits as a number.
  // REQUIRES: count <= 32.
  std::uint32_t take(int count) {
    assert(count <= 32);
    const std::uint64_t bits = peek() & ((std::uint64_t{1} << count) - 1);
    skip(static_cast<std::size_t>(count));
    return static_cast<std::uint32_t>(bits);
  }

  // Goes on at the next byte; stays, where one begins.
  void align() { position_ = (position_ + 7) / 8 * 8; }

  std::size_t position() const { return position_; }             // in bits
  bool passed_the_end() const { return position_ > 8 * size_; }  // what was read last was not all there
  std::size_t left() const { return passed_the_end() ? 0 : 8 * size_ - position_; }  // bits

 private:
  // Fewer than eight bytes are left: zeros stand for the rest.
  std::uint64_t last_bytes(std::size_t byte) const {
    // The last eight bytes as they are, moved down to where we stand. What comes in from above are zeros.
    if (size_ >= 8 && byte < size_) return get_little_endian_64(bytes_ + size_ - 8) >> (8 * (byte + 8 - size_));
    std::uint64_t value = 0;
    for (std::size_t i = 0; byte + i < size_; ++i) value |= std::uint64_t{bytes_[byte + i]} << (8 * i);
    return value;
  }

  const std::uint8_t* bytes_;
  std::size_t size_;      // bytes
  std::size_t position_;  // bits
};

// Appends bits to bytes. The last byte is filled up with zeros until something follows.
class BitWriter {
 public:
  // `out` is not to be touched until finish().
  explicit BitWriter(Bytes& out) : out_(out), at_(out.size()) {}

  // Room for this many bits more. Asking once for a whole block, not for every code, is what makes put() fast.
  // 16: put() stores eight bytes wherever it is, and the bits of the byte at hand may make one more; the rest is spare.
  void make_room(std::size_t bits) { out_.resize(at_ + bits / 8 + 16); }

  // Appends the low `count` bits of `bits`, the lowest first.
  // REQUIRES: there is room; count <= 32; the bits above are 0.
  void put(std::uint64_t bits, int count) {
    assert(count <= 32 && bits >> count == 0 && at_ + 8 <= out_.size());
    word_ |= bits << filled_;
    filled_ += count;
    // Eight bytes are stored each time, whole or not: the next time stores over what was not.
    for (std::size_t i = 0; i < 8; ++i) out_[at_ + i] = static_cast<std::uint8_t>(word_ >> (8 * i));
    at_ += static_cast<std::size_t>(filled_ / 8);
    word_ >>= filled_ / 8 * 8;
    filled_ %= 8;
  }

  // Zeros up to the next byte; none, where one begins.
  // REQUIRES: there is room.
  void align() {
    if (filled_ > 0) put(0, 8 - filled_);
  }

  // REQUIRES: aligned.
  void put_bytes(ByteView bytes) {
    assert(filled_ == 0);
    // What make_room() has added behind at_ goes: the bytes belong right here. put() needs new room afterwards.
    out_.resize(at_);
    out_.insert(out_.end(), bytes.begin(), bytes.end());
    at_ = out_.size();
  }

  // Leaves `out` as long as what was written to it.
  void finish() { out_.resize(at_ + (filled_ > 0 ? 1 : 0)); }

 private:
  Bytes& out_;
  std::size_t at_;          // the byte that is being filled
  std::uint64_t word_ = 0;  // its bits so far
  int filled_ = 0;          // how many: 0 to 7
};

}  // namespace websock
