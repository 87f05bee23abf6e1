// Bytes: what a network delivers.
//
// A byte is std::uint8_t, which is 0 to 255 everywhere; a char may be negative. A run of bytes that somebody else owns
// is a ByteView (a pointer and a length); bytes that we own are Bytes. A view is valid for as long as its owner leaves
// the bytes where they are. A function that returns one says how long that is, unless it returns a part of the view
// that it was given.
//
// Numbers of more than one byte travel in "network byte order", most significant byte first (big-endian):
//
//     put_big_endian_16(out, 0x0100)    writes    01 00        256, as a WebSocket frame header writes it
//
// Shifting, unlike copying an integer's memory, gives the same bytes on every processor.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>
#include <vector>

namespace websock {

using Bytes = std::vector<std::uint8_t>;
using ByteView = std::span<const std::uint8_t>;

// The same memory seen as bytes or as characters. Nothing is copied or checked: that bytes are text is for others to
// ask (protocol/utf8.h). The casts are the one kind that may look at anything's memory: what they lead to is a kind of
// char.
inline ByteView bytes_of(std::string_view text) {
  return {reinterpret_cast<const std::uint8_t*>(text.data()), text.size()};
}
inline std::string_view text_of(ByteView bytes) { return {reinterpret_cast<const char*>(bytes.data()), bytes.size()}; }

// Write a number as it travels. A shift works on the value and not on how this machine stores it, so there is nothing
// to ask about the machine. The larger sizes are two of the smaller ones, the half that counts more first.
//
// REQUIRES: `out` has room for 2, 4 or 8 bytes.
inline void put_big_endian_16(std::uint8_t* out, std::uint16_t value) {
  out[0] = static_cast<std::uint8_t>(value >> 8);  // how many 256s
  out[1] = static_cast<std::uint8_t>(value);       // the cast keeps the low eight bits, on purpose
}
inline void put_big_endian_32(std::uint8_t* out, std::uint32_t value) {
  put_big_endian_16(out, static_cast<std::uint16_t>(value >> 16));
  put_big_endian_16(out + 2, static_cast<std::uint16_t>(value));
}
inline void put_big_endian_64(std::uint8_t* out, std::uint64_t value) {
  put_big_endian_32(out, static_cast<std::uint32_t>(value >> 32));
  put_big_endian_32(out + 4, static_cast<std::uint32_t>(value));
}

// Read a number that has arrived.
//
// REQUIRES: `in` has 2, 4 or 8 bytes.
inline std::uint16_t get_big_endian_16(const std::uint8_t* in) {
  return static_cast<std::uint16_t>(in[0] << 8 | in[1]);  // computed as an int, and at most 0xFFFF: nothing is lost
}
inline std::uint32_t get_big_endian_32(const std::uint8_t* in) {
  // Widened first, and without a sign: a std::uint16_t is shifted as a signed int, in which 0xFFFE << 16 is negative.
  return std::uint32_t{get_big_endian_16(in)} << 16 | get_big_endian_16(in + 2);
}
inline std::uint64_t get_big_endian_64(const std::uint8_t* in) {
  // Here nothing would be left of it otherwise: 32 bits, shifted by 32, is undefined in C++.
  return std::uint64_t{get_big_endian_32(in)} << 32 | get_big_endian_32(in + 4);
}

}  // namespace websock
