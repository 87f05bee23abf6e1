// Base64, against a reference that writes the bits down as text.
#include "handshake/base64.h"

#include <algorithm>
#include <bitset>

#include "targets.h"

namespace fuzz {
namespace {

// "f" is 0110'0110, of which six and then, filled up, six are taken: 011001 100000.
std::string bits_of(ByteView bytes) {
  std::string bits;
  for (const std::uint8_t byte : bytes) bits += std::bitset<8>(byte).to_string();
  while (bits.size() % 6 != 0) bits += '0';
  return bits;
}

char digit_of(unsigned long value) {
  if (value < 26) return static_cast<char>('A' + value);
  if (value < 52) return static_cast<char>('a' + (value - 26));
  if (value < 62) return static_cast<char>('0' + (value - 52));
  return value == 62 ? '+' : '/';
}

std::string slowly_encoded(ByteView bytes) {
  const std::string bits = bits_of(bytes);
  std::string text;
  for (std::size_t i = 0; i < bits.size(); i += 6) text += digit_of(std::bitset<6>(bits, i, 6).to_ulong());
  while (text.size() % 4 != 0) text += '=';
  return text;
}

// Whether `text` is base64: what the encoder could have written, up to the bits that the padding leaves unused.
bool slowly_valid(std::string_view text) {
  if (text.size() % 4 != 0) return false;
  for (int i = 0; i < 2 && text.ends_with('='); ++i) text.remove_suffix(1);
  return std::all_of(text.begin(), text.end(), [](char c) {
    return (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '+' || c == '/';
  });
}

}  // namespace

void check_base64(ByteView input) {
  const std::string encoded = websock::base64_encode(input);
  require(encoded == slowly_encoded(input), "the encoder and the reference agree");
  const std::optional<Bytes> back = websock::base64_decode(encoded);
  require(back && std::equal(back->begin(), back->end(), input.begin(), input.end()), "what was encoded decodes");

  const std::string_view text = websock::text_of(input);
  const std::optional<Bytes> decoded = websock::base64_decode(text);
  require(decoded.has_value() == slowly_valid(text), "the decoder and the reference agree on what base64 is");
  if (!decoded) return;
  const std::string again = slowly_encoded(*decoded);
  const std::size_t differ = static_cast<std::size_t>(
      std::mismatch(again.begin(), again.end(), text.begin(), text.end()).first - again.begin());
  // "Zh==" is read as "Zg==" is: if the texts differ, then in the last digit before the padding.
  const bool in_last_digit =
      text.ends_with('=') && differ + 1 == text.find('=') && again.substr(differ + 1) == text.substr(differ + 1);
  require(again == text || in_last_digit, "what was decoded encodes to the same text");
}

}  // namespace fuzz
