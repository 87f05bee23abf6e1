// Base64, RFC 4648 section 4: any bytes as letters, digits, '+' and '/', three bytes to four characters.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "../bytes.h"

namespace websock {

// The text of `bytes`, padded with '=' to a multiple of four characters, without line breaks.
std::string base64_encode(ByteView bytes);

// The bytes that `text` stands for, or nothing if `text` is not base64: a character outside the alphabet (white space
// included), a length that is no multiple of four, padding that is missing, doubled or in the middle.
//
// Bits that the padding leaves unused may have any value (RFC 4648 section 3.5 permits either choice): RFC 6455 itself
// prints a key with such bits, see its erratum 3150.
std::optional<Bytes> base64_decode(std::string_view text);

}  // namespace websock
