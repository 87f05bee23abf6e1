// The columns of a terminal. A row of payload has kRowBytes bytes: 8 in hex and 8 as text stand beside each other in 80
// columns, masked and unmasked.
#include "rows.h"

#include <websock/framing/mask.h>

using namespace websock;

namespace {

// What travels on the left, and what it means on the right.
std::string row(std::string left, std::string_view right) {
  // 3: two digits and a space. 1: a second space, so that the columns are seen apart. Never behind a last column.
  if (!right.empty()) left.resize(3 * kRowBytes + 1, ' ');
  return "    " + left.append(right);
}

// "1000 0001 0000 0000"
std::string bits_of(ByteView bytes) {
  std::string bits;
  for (const std::uint8_t byte : bytes) {
    for (int bit = 7; bit >= 0; --bit) {
      // A space before each four bits: the halves of a byte are hex digits.
      if (bit % 4 == 3 && !bits.empty()) bits += ' ';
      bits += (byte >> bit & 1) != 0 ? '1' : '0';
    }
  }
  return bits;
}

// FIN, the reserved bits and the opcode, in the order in which they stand in the byte.
std::string first_byte(const FrameHeader& header) {
  std::string text = header.fin ? "FIN, " : "";
  for (int bit = 1; bit <= 3; ++bit) {
    // They stand behind FIN, from the left: RSV1 is 0b0100'0000.
    if ((header.rsv & 0b1000'0000 >> bit) != 0) text += "RSV" + std::to_string(bit) + ", ";
  }
  const int number = static_cast<int>(header.opcode);
  return text + "opcode " + "0123456789abcdef"[number] + ": " + to_string(header.opcode);
}

}  // namespace

// A row for each field. The length may be announced in one row and stated in the next.
Rows header_rows(const FrameHeader& header, ByteView wire) {
  // Of the bytes that came, not of the header: that has the length, and not how it was written.
  const int seven_bits = wire[1] & 0b0111'1111;
  const std::size_t key_size = header.masking_key ? 4 : 0;
  // Between the first two bytes and the key: 0, 2 or 8 bytes.
  const ByteView extended = wire.first(wire.size() - key_size).subspan(2);
  const std::string length = "length " + std::to_string(header.payload_length);

  Rows rows = {row(bits_of(wire.first(1)), first_byte(header))};
  const std::string mask = header.masking_key ? "MASK, " : "";
  const std::string announced =
      std::to_string(seven_bits) + ": " + std::to_string(extended.size()) + " bytes of length";
  rows.push_back(row(bits_of(wire.subspan(1, 1)), mask + (extended.empty() ? length : announced)));
  // Two bytes a row; the last row says what they are together.
  for (std::size_t at = 0; at < extended.size(); at += 2) {
    rows.push_back(row(bits_of(extended.subspan(at, 2)), at + 2 == extended.size() ? length : ""));
  }
  if (header.masking_key) rows.push_back(row(hex_of(*header.masking_key), "masking key"));
  return rows;
}

// As it travelled, unmasked if it was masked, and as text: three columns, or two.
std::string payload_row(const FrameHeader& header, std::uint64_t offset, ByteView wire) {
  // A server's: nothing to take off, so two columns.
  if (!header.masking_key) return row(hex_of(wire), dotted(text_of(wire)));
  // A row may begin anywhere in the payload; its offset says with which byte of the key.
  Bytes unmasked(wire.begin(), wire.end());
  apply_mask(unmasked, *header.masking_key, offset);
  std::string middle = hex_of(unmasked);
  middle.resize(3 * kRowBytes + 1, ' ');
  return row(hex_of(wire), middle + dotted(text_of(unmasked)));
}

std::string hex_of(ByteView bytes) {
  std::string text;
  for (const std::uint8_t byte : bytes) {
    if (!text.empty()) text += ' ';
    text += "0123456789abcdef"[byte >> 4];
    text += "0123456789abcdef"[byte & 0b1111];
  }
  return text;
}

std::string dotted(std::string_view text) {
  std::string result(text);
  for (char& c : result) c = c >= ' ' && c <= '~' ? c : '.';
  return result;
}
