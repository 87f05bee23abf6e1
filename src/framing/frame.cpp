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

// Whether the RFC gives this opcode a meaning. Any of sixteen values may have been made of a peer's four bits,
// enumerator or not. There is no default: so the compiler asks for a line here if the enumeration ever gets a new
// member.
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

// For a rule that the peer has to obey. `why` goes to the peer as the reason of our Close, as it is.
void require(bool rule_obeyed, const char* why) {
  if (!rule_obeyed) throw ProtocolError(CloseCode::protocol_error, why);
}

// The rules that a frame can break with two bytes. Only of a frame that passes do we wait for the rest of its header.
void check_first_two_bytes(std::uint8_t first, std::uint8_t second, const FrameRules& rules) {
  const auto opcode = static_cast<Opcode>(first & kOpcodeBits);  // legal for any value: the type has eight bits
  // 5.2: a reserved bit without an extension that gives it a meaning fails the connection. Of the bits in the byte,
  // those that are reserved, less those that are allowed: nothing may remain.
  require((first & kAllRsvBits & ~rules.allowed_rsv) == 0, "a reserved bit is set");
  require(is_known(opcode), "the opcode is reserved");
  // 5.5: so that a control frame can be slipped in between two others, and kept whole in a small buffer. The seven bits
  // are enough to judge it: 126 and 127, which announce a longer length, are too many as well.
  if (is_control(opcode)) {
    require((first & kFin) != 0, "a control frame is fragmented");
    require((second & kLengthBits) <= kMaxControlPayload, "a control frame is longer than 125 bytes");
  }
  // 5.1: each end has to close the connection if the other masks, or does not, against its role.
  if (rules.sender == Role::client) {
    require((second & kMask) != 0, "a frame from a client is not masked");
  } else {
    require((second & kMask) == 0, "a frame from a server is masked");
  }
}

// How many bytes of length follow the first two.
std::size_t extended_length_size(std::uint8_t seven_bits) {
  if (seven_bits == kLength16) return 2;
  if (seven_bits == kLength64) return 8;
  return 0;
}

// The length that a header states. Nothing is allocated for it: ten bytes can announce 2^62 more, and cost nothing.
// REQUIRES: all bytes of the extended length, if there are any, are there.
std::uint64_t parse_payload_length(std::uint8_t seven_bits, const std::uint8_t* extended) {
  if (seven_bits == kLength16) {
    const std::uint64_t length = get_big_endian_16(extended);
    require(length > 125, "a length is not in its shortest form");  // 5.2: "the minimal number of bytes"
    return length;
  }
  if (seven_bits == kLength64) {
    const std::uint64_t length = get_big_endian_64(extended);
    // 5.2: so that a length fits into a signed number, too, which is all that some languages have.
    require(length >> 63 == 0, "the top bit of a 64-bit length is set");
    require(length > 0xFFFF, "a length is not in its shortest form");
    return length;
  }
  // 0 to 125: the seven bits are the length.
  return seven_bits;
}

// The seven bits with which a header states this length: the number itself where they can hold it, else which form
// follows. Used both to write a header and to measure one that was read, so that the two cannot differ.
std::uint8_t seven_bits_of(std::uint64_t payload_length) {
  if (payload_length <= 125) return static_cast<std::uint8_t>(payload_length);
  return payload_length <= 0xFFFF ? kLength16 : kLength64;
}

}  // namespace

// Computed anew from the length. A header that was parsed has been checked to use the shortest form, so this is the
// size that it had on the wire.
std::size_t frame_header_size(const FrameHeader& header) {
  return 2 + extended_length_size(seven_bits_of(header.payload_length)) + (header.masking_key ? 4 : 0);
}

// Asked again with more bytes, it begins anew: it keeps nothing between the calls, so nothing can be kept wrongly.
// Three times it may find that it is too early, before it looks at a byte that may not be there.
std::optional<FrameHeader> parse_frame_header(ByteView bytes, const FrameRules& rules) {
  if (bytes.size() < 2) return std::nullopt;
  check_first_two_bytes(bytes[0], bytes[1], rules);

  // Where the masking key is, if there is one, and where the payload is, if not: at 2, 4 or 10.
  const auto seven_bits = static_cast<std::uint8_t>(bytes[1] & kLengthBits);
  const std::size_t key_at = 2 + extended_length_size(seven_bits);
  if (bytes.size() < key_at) return std::nullopt;

  // From here on the length is complete. A length that breaks a rule is refused even while the key is missing.
  FrameHeader header;
  header.fin = (bytes[0] & kFin) != 0;
  // Kept where they stand, and not moved down to 0 to 7: so they can be compared with FrameRules::allowed_rsv as they
  // are.
  header.rsv = bytes[0] & kAllRsvBits;
  header.opcode = static_cast<Opcode>(bytes[0] & kOpcodeBits);
  header.payload_length =
      parse_payload_length(seven_bits, bytes.data() + 2);  // not read where no extended length follows
  if ((bytes[1] & kMask) != 0) {
    if (bytes.size() < key_at + 4) return std::nullopt;
    // emplace() makes the optional hold a key, and returns it to be filled.
    std::copy_n(&bytes[key_at], 4, header.masking_key.emplace().begin());
  }
  return header;
}

// What the parser requires of the peer is asserted here: that we send a correct header is our own affair. For the
// reserved bits there is no assert: only an extension sets them, and what it may set was agreed with the peer.
void serialize_frame_header(const FrameHeader& header, Bytes& out) {
  assert(!is_control(header.opcode) || (header.fin && header.payload_length <= kMaxControlPayload));
  assert(header.payload_length >> 63 == 0);

  // The shortest form is not a matter of taste: 5.2 obliges the sender to it, and our own parser refuses any other.
  const std::uint8_t seven_bits = seven_bits_of(header.payload_length);
  const std::uint8_t fin = header.fin ? kFin : 0;
  const std::uint8_t mask = header.masking_key ? kMask : 0;
  // Built here and appended at once, so that a failed allocation leaves no half header in `out`.
  std::array<std::uint8_t, kMaxFrameHeader> bytes{};
  bytes[0] = static_cast<std::uint8_t>(fin | header.rsv | static_cast<std::uint8_t>(header.opcode));
  bytes[1] = static_cast<std::uint8_t>(mask | seven_bits);
  if (seven_bits == kLength16) put_big_endian_16(&bytes[2], static_cast<std::uint16_t>(header.payload_length));
  if (seven_bits == kLength64) put_big_endian_64(&bytes[2], header.payload_length);
  // The key comes last. A null `masking_key` and a cleared MASK bit are the same statement, made twice in the bytes.
  std::uint8_t* end = bytes.data() + 2 + extended_length_size(seven_bits);
  if (header.masking_key) end = std::copy(header.masking_key->begin(), header.masking_key->end(), end);
  out.insert(out.end(), bytes.data(), end);
}

// The RFC's names, as the enumerators have them. Parsed opcodes always have one; a debugger may ask for others.
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

// Built for reading aloud: what is not set is not mentioned.
std::string to_string(const FrameHeader& header) {
  constexpr std::string_view kHex = "0123456789abcdef";
  std::string text = to_string(header.opcode);
  if (header.fin) text += ", fin";
  // RSV1 is the highest but one of the byte: 0b1000'0000 >> 1. In C++ `>>` binds more tightly than `&`.
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
