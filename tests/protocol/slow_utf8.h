// UTF-8 the slow way, for comparison. It shares neither code nor tables with src/utf8.cpp.
#pragma once

#include <algorithm>
#include <bit>
#include <cstdint>

#include "bytes.h"

// Works out code points, and looks nothing up: a byte is wrong if none of the code points that can still come
// out is at home in this many bytes.
class SlowUtf8Decoder {
 public:
  bool feed(websock::ByteView bytes) {
    for (const std::uint8_t byte : bytes) {
      if (!step(byte)) return false;
    }
    return true;
  }
  bool complete() const { return left_ == 0; }

 private:
  bool step(std::uint8_t byte) {
    const int leading_ones = std::countl_one(byte);
    if (left_ == 0) {
      if (leading_ones == 0) return true;
      if (leading_ones == 1 || leading_ones > 4) return false;
      length_ = leading_ones;
      left_ = leading_ones - 1;
      code_point_ = byte & (0xffu >> leading_ones);
    } else {
      if (leading_ones != 1) return false;
      --left_;
      code_point_ = code_point_ << 6 | (byte & 0b0011'1111u);
    }
    const std::uint32_t shortest = length_ == 2 ? 0x80 : length_ == 3 ? 0x800 : 0x10000;
    const std::uint32_t lowest = std::max(code_point_ << 6 * left_, shortest);
    const std::uint32_t highest = std::min(((code_point_ + 1) << 6 * left_) - 1, 0x10ffffu);
    const bool only_surrogates = lowest >= 0xd800 && highest <= 0xdfff;
    return lowest <= highest && !only_surrogates;
  }

  int length_ = 0;
  int left_ = 0;
  std::uint32_t code_point_ = 0;
};

inline bool slowly_valid_utf8(websock::ByteView text) {
  SlowUtf8Decoder decoder;
  return decoder.feed(text) && decoder.complete();
}
