// Frame headers: RFC 6455 section 5.2, and the limits that section 5.5 sets to control frames.
//
// Everything after the opening handshake travels in frames. A frame is a header of 2 to 14 bytes, then its payload:
//
//      0                   1                   2                   3
//      0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1
//     +-+-+-+-+-------+-+-------------+-------------------------------+
//     |F|R|R|R| opcode|M| Payload len |    Extended payload length    |
//     |I|S|S|S|  (4)  |A|     (7)     |             (16/64)           |
//     |N|V|V|V|       |S|             |   (if payload len==126/127)   |
//     | |1|2|3|       |K|             |                               |
//     +-+-+-+-+-------+-+-------------+ - - - - - - - - - - - - - - - +
//     |     Extended payload length continued, if payload len == 127  |
//     + - - - - - - - - - - - - - - - +-------------------------------+
//     |                               |Masking-key, if MASK set to 1  |
//     +-------------------------------+-------------------------------+
//     | Masking-key (continued)       |          Payload Data         |
//     +-------------------------------- - - - - - - - - - - - - - - - +
//
//     81 85 37fa213d 7f9f4d5158    =    text, fin, masked, "Hello"
//
// This file turns headers into values and back. It does not unmask, and it does not know what came before.
#pragma once

#include <array>
#include <optional>
#include <string>

#include "../bytes.h"
#include "protocol_error.h"

namespace websock {

// Who an endpoint is decides who masks: the client does, the server does not (5.1).
enum class Role { client, server };

// 5.2. The values 3 to 7 are reserved for further data frames, 0xB to 0xF for further control frames.
enum class Opcode : std::uint8_t {
  continuation = 0x0,
  text = 0x1,
  binary = 0x2,
  close = 0x8,
  ping = 0x9,
  pong = 0xA,
};

// 5.5: "Control frames are identified by opcodes where the most significant bit of the opcode is 1."
constexpr bool is_control(Opcode opcode) { return (static_cast<std::uint8_t>(opcode) & 0b1000) != 0; }

// 5.3: four bytes, chosen afresh for every frame that a client sends.
using MaskingKey = std::array<std::uint8_t, 4>;

inline constexpr std::size_t kMaxFrameHeader = 2 + 8 + 4;  // bytes: fixed part, 64-bit length, masking key
inline constexpr std::uint64_t kMaxControlPayload = 125;   // 5.5
inline constexpr std::uint8_t kAllRsvBits = 0b0111'0000;   // RSV1, RSV2 and RSV3 in a frame's first byte

struct FrameHeader {
  bool fin = true;       // the last frame of its message
  std::uint8_t rsv = 0;  // the reserved bits, where they stand in the first byte: a subset of kAllRsvBits
  Opcode opcode = Opcode::binary;
  std::optional<MaskingKey> masking_key;  // present exactly when the MASK bit is set
  std::uint64_t payload_length = 0;       // bytes, below 2^63

  bool operator==(const FrameHeader&) const = default;
};

// What a receiver demands of a header, besides the rules that hold for everybody.
struct FrameRules {
  Role sender = Role::client;    // a client's frames must be masked, a server's must not be (5.1)
  std::uint8_t allowed_rsv = 0;  // the reserved bits to which an agreed extension gave a meaning: none yet
};

// The number of bytes that `header` takes on the wire: 2, 4 or 10, and 4 more if masked.
std::size_t frame_header_size(const FrameHeader& header);

// Reads the header at the front of `bytes`; it is frame_header_size(*result) bytes long. Nothing if it is not there
// completely yet. A header that breaks a rule throws ProtocolError(protocol_error): for what stands in the first two
// bytes as soon as there are two, for a length as soon as all of it is there.
std::optional<FrameHeader> parse_frame_header(ByteView bytes, const FrameRules& rules);

// Appends `header` to `out`, its length in the fewest bytes (5.2).
// REQUIRES: a control frame has fin and at most kMaxControlPayload bytes; payload_length is below 2^63.
void serialize_frame_header(const FrameHeader& header, Bytes& out);

// The one printed form, for tests, logs and the debugger:    text, fin, rsv1, masked 37fa213d, 5 bytes
// What is not set is left out, except a length of 0; of 1 it says "1 byte". An opcode is named as its enumerator;
// one without a name prints as "reserved".
std::string to_string(Opcode opcode);
std::string to_string(const FrameHeader& header);

}  // namespace websock
