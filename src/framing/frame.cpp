// Two bytes are always there. They say how many more the header has:
//
//     byte 0    FIN RSV1 RSV2 RSV3 opcode opcode opcode opcode
//     byte 1    MASK and seven bits of length
//
//     seven bits      length                               header without, with a masking key
//     0 to 125        the number itself                     2    6
//     126             in the next two bytes                 4    8
//     127             in the next eight bytes              10   14
//
// The RFC leaves the order of the checks to us. The rules that two bytes can break are checked on those two bytes, so
// that a peer which sends garbage hears of it before it has sent what its garbage announced.
#include "framing/frame.h"

#include <algorithm>
#include <cassert>

namespace websock {
namespace {

constexpr std::uint8_t kFin = 0b1000'0000;         // byte 0
constexpr std::uint8_t kOpcodeBits = 0b0000'1111;  // byte 0
constexpr std::uint8_t kMask = 0b1000'0000;        // byte 1
constexpr std::uint8_t kLengthBits = 0b0111'1111;  // byte 1

constexpr std::uint8_t kLength16 = 126;  // announces a 16-bit length
constexpr std::uint8_t kLength64 = 127;  // announces a 64-bit length

bool is_known(Opcode opcode) {
  switch (opcode) {
    case Opcode::continuation:
    case Opcode::text:
    case Opcode::binary:
    case Opcode::close:
    case Opcode::ping:
    case Opcode::pong:
      return true;
  }
  return false;
}

void require(bool rule_obeyed, const char* why) {
  if (!rule_obeyed) throw ProtocolError(CloseCode::protocol_error, why);
}

void check_first_two_bytes(std::uint8_t first, std::uint8_t second, const FrameRules& rules) {
  const auto opcode = static_cast<Opcode>(first & kOpcodeBits);
  // 5.2: a reserved bit without an extension that gives it a meaning fails the connection.
  require((first & kAllRsvBits & ~rules.allowed_rsv) == 0, "a reserved bit is set");
  require(is_known(opcode), "the opcode is reserved");
  if (is_control(opcode)) {
    require((first & kFin) != 0, "a control frame is fragmented");  // 5.5
    require((second & kLengthBits) <= kMaxControlPayload, "a control frame is longer than 125 bytes");
  }
  if (rules.sender == Role::client) {
    require((second & kMask) != 0, "a frame from a client is not masked");  // 5.1
  } else {
    require((second & kMask) == 0, "a frame from a server is masked");
  }
}

std::size_t extended_length_size(std::uint8_t seven_bits) {
  if (seven_bits == kLength16) return 2;
  if (seven_bits == kLength64) return 8;
  return 0;
}

std::uint64_t parse_payload_length(std::uint8_t seven_bits, const std::uint8_t* extended) {
  if (seven_bits == kLength16) {
    const std::uint64_t length = get_big_endian_16(extended);
    require(length > 125, "a length is not in its shortest form");  // 5.2: "the minimal number of bytes"
    return length;
  }
  if (seven_bits == kLength64) {
    const std::uint64_t length = get_big_endian_64(extended);
    require(length >> 63 == 0, "the top bit of a 64-bit length is set");
    require(length > 0xFFFF, "a length is not in its shortest form");
    return length;
  }
  return seven_bits;
}

// The seven bits that a length of this size puts into byte 1.
std::uint8_t seven_bits_of(std::uint64_t payload_length) {
  if (payload_length <= 125) return static_cast<std::uint8_t>(payload_length);
  return payload_length <= 0xFFFF ? kLength16 : kLength64;
}

}  // namespace

std::size_t frame_header_size(const FrameHeader& header) {
  return 2 + extended_length_size(seven_bits_of(header.payload_length)) + (header.masking_key ? 4 : 0);
}

std::optional<FrameHeader> parse_frame_header(ByteView bytes, const FrameRules& rules) {
  if (bytes.size() < 2) return std::nullopt;
  check_first_two_bytes(bytes[0], bytes[1], rules);

  const auto seven_bits = static_cast<std::uint8_t>(bytes[1] & kLengthBits);
  const std::size_t key_at = 2 + extended_length_size(seven_bits);
  if (bytes.size() < key_at) return std::nullopt;

  FrameHeader header;
  header.fin = (bytes[0] & kFin) != 0;
  header.rsv = bytes[0] & kAllRsvBits;
  header.opcode = static_cast<Opcode>(bytes[0] & kOpcodeBits);
  header.payload_length = parse_payload_length(seven_bits, bytes.data() + 2);
  if ((bytes[1] & kMask) != 0) {
    if (bytes.size() < key_at + 4) return std::nullopt;
    std::copy_n(&bytes[key_at], 4, header.masking_key.emplace().begin());
  }
  return header;
}

void serialize_frame_header(const FrameHeader& header, Bytes& out) {
  assert(!is_control(header.opcode) || (header.fin && header.payload_length <= kMaxControlPayload));
  assert(header.payload_length >> 63 == 0);

  const std::uint8_t seven_bits = seven_bits_of(header.payload_length);
  const std::uint8_t fin = header.fin ? kFin : 0;
  const std::uint8_t mask = header.masking_key ? kMask : 0;
  std::array<std::uint8_t, kMaxFrameHeader> bytes{};
  bytes[0] = static_cast<std::uint8_t>(fin | header.rsv | static_cast<std::uint8_t>(header.opcode));
  bytes[1] = static_cast<std::uint8_t>(mask | seven_bits);
  if (seven_bits == kLength16) put_big_endian_16(&bytes[2], static_cast<std::uint16_t>(header.payload_length));
  if (seven_bits == kLength64) put_big_endian_64(&bytes[2], header.payload_length);
  std::uint8_t* end = bytes.data() + 2 + extended_length_size(seven_bits);
  if (header.masking_key) end = std::copy(header.masking_key->begin(), header.masking_key->end(), end);
  out.insert(out.end(), bytes.data(), end);
}

std::string to_string(Opcode opcode) {
  switch (opcode) {
    case Opcode::continuation:
      return "continuation";
    case Opcode::text:
      return "text";
    case Opcode::binary:
      return "binary";
    case Opcode::close:
      return "close";
    case Opcode::ping:
      return "ping";
    case Opcode::pong:
      return "pong";
  }
  return "reserved";
}

std::string to_string(const FrameHeader& header) {
  constexpr std::string_view kHex = "0123456789abcdef";
  std::string text = to_string(header.opcode);
  if (header.fin) text += ", fin";
  for (int bit = 1; bit <= 3; ++bit) {
    if ((header.rsv & 0b1000'0000 >> bit) != 0) text += ", rsv" + std::to_string(bit);
  }
  if (header.masking_key) {
    text += ", masked ";
    for (const std::uint8_t byte : *header.masking_key) text += {kHex[byte >> 4], kHex[byte & 0b1111]};
  }
  return text + ", " + std::to_string(header.payload_length) + (header.payload_length == 1 ? " byte" : " bytes");
}

}  // namespace websock
