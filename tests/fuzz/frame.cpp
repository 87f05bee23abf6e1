// Frame headers, against a reference that reads the bits one by one.
#include "framing/frame.h"

#include <algorithm>
#include <bitset>

#include "targets.h"

using websock::FrameHeader;
using websock::FrameRules;
using websock::Opcode;
using websock::ProtocolError;
using websock::Role;

namespace fuzz {
namespace {

enum class Verdict { incomplete, refused, accepted };

Verdict verdict(ByteView bytes, const FrameRules& rules, std::optional<FrameHeader>& header) {
  try {
    header = websock::parse_frame_header(bytes, rules);
    return header ? Verdict::accepted : Verdict::incomplete;
  } catch (const ProtocolError& error) {
    require(error.code() == websock::CloseCode::protocol_error, "a bad header fails with 1002");
    return Verdict::refused;
  }
}

// The header as the figure in 5.2 has it, bit after bit.
class BitReader {
 public:
  explicit BitReader(ByteView bytes) {
    for (const std::uint8_t byte : bytes) bits_ += std::bitset<8>(byte).to_string();
  }
  std::uint64_t next(std::size_t count) {
    const std::uint64_t value = std::bitset<64>(bits_, at_, count).to_ullong();
    at_ += count;
    return value;
  }
  std::size_t bytes_read() const { return at_ / 8; }

 private:
  std::string bits_;
  std::size_t at_ = 0;
};

// REQUIRES: the header was accepted, and so is complete.
void check_against_figure(ByteView bytes, const FrameRules& rules, const FrameHeader& header) {
  BitReader figure(bytes);
  require(header.fin == (figure.next(1) == 1), "FIN");
  require(header.rsv == figure.next(3) << 4 && (header.rsv & ~rules.allowed_rsv) == 0, "the reserved bits");
  require(static_cast<std::uint64_t>(header.opcode) == figure.next(4), "the opcode");
  require(to_string(header.opcode) != "reserved", "an opcode that has a meaning");
  const bool masked = figure.next(1) == 1;
  require(masked == header.masking_key.has_value() && masked == (rules.sender == Role::client), "MASK");
  const std::uint64_t seven_bits = figure.next(7);
  const std::uint64_t length = seven_bits == 126 ? figure.next(16) : seven_bits == 127 ? figure.next(64) : seven_bits;
  require(header.payload_length == length && length >> 63 == 0, "the payload length");
  require(seven_bits < 126 || length >= (seven_bits == 126 ? 126 : 65536), "in its shortest form");
  if (masked) {
    for (const std::uint8_t byte : *header.masking_key) require(byte == figure.next(8), "the masking key");
  }
  require(!is_control(header.opcode) || (header.fin && length <= 125), "a control frame is whole and short");

  require(frame_header_size(header) == figure.bytes_read(), "the size");
  Bytes written;
  serialize_frame_header(header, written);
  require(std::equal(written.begin(), written.end(), bytes.begin()), "what was read is written the same");
}

// Once a header is accepted or refused, no further byte changes that.
void check_header(ByteView bytes, const FrameRules& rules) {
  std::optional<FrameHeader> whole;
  const Verdict at_last = verdict(bytes, rules, whole);
  Verdict before = Verdict::incomplete;
  for (std::size_t size = 0; size <= bytes.size(); ++size) {
    std::optional<FrameHeader> header;
    const Verdict now = verdict(bytes.first(size), rules, header);
    require(before == Verdict::incomplete ? now == Verdict::incomplete || now == at_last : now == at_last,
            "a verdict does not change");
    require(now != Verdict::accepted || (header == whole && size >= frame_header_size(*whole)), "nor does the header");
    before = now;
  }
  if (at_last == Verdict::accepted) check_against_figure(bytes, rules, *whole);
}

}  // namespace

void check_frame(ByteView input) {
  const ByteView bytes = input.first(std::min<std::size_t>(input.size(), websock::kMaxFrameHeader + 1));
  for (const Role sender : {Role::client, Role::server}) {
    check_header(bytes, {.sender = sender});
    check_header(bytes, {.sender = sender, .allowed_rsv = 0b0100'0000});
  }
}

}  // namespace fuzz
