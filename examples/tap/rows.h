// What is printed of a frame: rows with the bytes as they travelled on the left, and what they mean on the right.
//
//     text, fin, masked 37fa213d, 5 bytes
//         1000 0001                FIN, opcode 1: text
//         1000 0101                MASK, length 5
//         37 fa 21 3d              masking key
//         7f 9f 4d 51 58           48 65 6c 6c 6f           Hello
#pragma once

#include <string>
#include <vector>

#include <websock/framing/frame.h>

using Rows = std::vector<std::string>;

// `wire`: the header's own bytes.
Rows header_rows(const websock::FrameHeader& header, websock::ByteView wire);

inline constexpr std::size_t kRowBytes = 8;  // of payload

// `wire`: at most kRowBytes of a frame's payload as they came, `offset` bytes into it.
std::string payload_row(const websock::FrameHeader& header, std::uint64_t offset, websock::ByteView wire);

// The bytes in hex; nothing else is quite as sure to be harmless in a terminal.
std::string hex_of(websock::ByteView bytes);

// `text` with a dot for every byte that is not printable ASCII: in a column, a byte is a character. Whole texts go through
// common/printable.h instead, which keeps UTF-8.
std::string dotted(std::string_view text);
