// Chapter 06: frame headers, in both directions and for both roles.
#include "framing/frame.h"

#include "check.h"
#include "wire.h"

using namespace websock;

namespace {

constexpr MaskingKey kKey = {0x37, 0xfa, 0x21, 0x3d};  // of the examples in 5.7

FrameRules from(Role sender) { return {sender, 0}; }

// What the parser makes of `bytes`: a header in its printed form, "nothing yet", or the failure.
std::string parsed(ByteView bytes, const FrameRules& rules) {
  try {
    const std::optional<FrameHeader> header = parse_frame_header(bytes, rules);
    return header ? to_string(*header) : "nothing yet";
  } catch (const ProtocolError& error) {
    return std::to_string(static_cast<int>(error.code())) + ' ' + error.what();
  }
}

FrameHeader header_of(Opcode opcode, std::uint64_t length, bool masked = false, bool fin = true) {
  FrameHeader header;
  header.fin = fin;
  header.opcode = opcode;
  header.payload_length = length;
  if (masked) header.masking_key = kKey;
  return header;
}

std::string serialized(const FrameHeader& header) {
  Bytes out;
  serialize_frame_header(header, out);
  return to_hex(out);
}

struct Valid {
  Role sender;
  const char* bytes;
  std::size_t header_size;
  const char* header;
};

constexpr Valid kValid[] = {
    // 5.7, with payload
    {Role::server, "81 05 48 65 6c 6c 6f", 2, "text, fin, 5 bytes"},
    {Role::client, "81 85 37 fa 21 3d 7f 9f 4d 51 58", 6, "text, fin, masked 37fa213d, 5 bytes"},
    {Role::server, "01 03 48 65 6c", 2, "text, 3 bytes"},
    {Role::server, "80 02 6c 6f", 2, "continuation, fin, 2 bytes"},
    {Role::server, "89 05 48 65 6c 6c 6f", 2, "ping, fin, 5 bytes"},
    {Role::client, "8a 85 37 fa 21 3d 7f 9f 4d 51 58", 6, "pong, fin, masked 37fa213d, 5 bytes"},
    {Role::server, "82 7e 01 00", 4, "binary, fin, 256 bytes"},
    {Role::server, "82 7f 00 00 00 00 00 01 00 00", 10, "binary, fin, 65536 bytes"},
    // empty frames
    {Role::server, "81 00", 2, "text, fin, 0 bytes"},
    {Role::server, "82 00", 2, "binary, fin, 0 bytes"},
    {Role::server, "89 00", 2, "ping, fin, 0 bytes"},
    {Role::server, "88 00", 2, "close, fin, 0 bytes"},
    {Role::client, "81 80 37 fa 21 3d", 6, "text, fin, masked 37fa213d, 0 bytes"},
    {Role::client, "82 80 37 fa 21 3d", 6, "binary, fin, masked 37fa213d, 0 bytes"},
    {Role::client, "89 80 37 fa 21 3d", 6, "ping, fin, masked 37fa213d, 0 bytes"},
    {Role::client, "88 80 37 fa 21 3d", 6, "close, fin, masked 37fa213d, 0 bytes"},
    {Role::client, "00 80 37 fa 21 3d", 6, "continuation, masked 37fa213d, 0 bytes"},
    // Close 1000
    {Role::server, "88 02 03 e8", 2, "close, fin, 2 bytes"},
    {Role::client, "88 82 37 fa 21 3d 34 12", 6, "close, fin, masked 37fa213d, 2 bytes"},
    // the long forms, masked
    {Role::client, "82 fe 01 00 37 fa 21 3d", 8, "binary, fin, masked 37fa213d, 256 bytes"},
    {Role::client, "02 ff 00 00 00 00 00 01 00 00 37 fa 21 3d", 14, "binary, masked 37fa213d, 65536 bytes"},
    // the largest control frame
    {Role::server, "89 7d", 2, "ping, fin, 125 bytes"},
    {Role::client, "8a fd 37 fa 21 3d", 6, "pong, fin, masked 37fa213d, 125 bytes"},
};

struct Broken {
  const char* from_client;
  const char* from_server;
  std::size_t seen_after;  // bytes
  const char* failure;
};

constexpr const char* kReservedBit = "1002 a reserved bit is set";
constexpr const char* kReservedOpcode = "1002 the opcode is reserved";
constexpr const char* kFragmentedControl = "1002 a control frame is fragmented";
constexpr const char* kLongControl = "1002 a control frame is longer than 125 bytes";
constexpr const char* kTopBit = "1002 the top bit of a 64-bit length is set";
constexpr const char* kNotShortest = "1002 a length is not in its shortest form";

constexpr Broken kRsv1[] = {
    {"c1 80 37 fa 21 3d", "c1 00", 2, kReservedBit},  // text
    {"40 80 37 fa 21 3d", "40 00", 2, kReservedBit},  // continuation
    {"c9 80 37 fa 21 3d", "c9 00", 2, kReservedBit},  // ping
};
constexpr Broken kRsv2[] = {
    {"a1 80 37 fa 21 3d", "a1 00", 2, kReservedBit},  // text
    {"aa 80 37 fa 21 3d", "aa 00", 2, kReservedBit},  // pong
};
constexpr Broken kRsv3[] = {
    {"91 80 37 fa 21 3d", "91 00", 2, kReservedBit},  // text
    {"98 80 37 fa 21 3d", "98 00", 2, kReservedBit},  // close
};
constexpr Broken kSeveralRsv[] = {
    {"d2 80 37 fa 21 3d", "d2 00", 2, kReservedBit},  // RSV1 and RSV3, binary
    {"e9 80 37 fa 21 3d", "e9 00", 2, kReservedBit},  // RSV1 and RSV2, ping
    {"f8 80 37 fa 21 3d", "f8 00", 2, kReservedBit},  // all three, close
};
constexpr Broken kReservedDataOpcodes[] = {
    {"83 80 37 fa 21 3d", "83 00", 2, kReservedOpcode}, {"84 80 37 fa 21 3d", "84 00", 2, kReservedOpcode},
    {"85 80 37 fa 21 3d", "85 00", 2, kReservedOpcode}, {"86 80 37 fa 21 3d", "86 00", 2, kReservedOpcode},
    {"87 80 37 fa 21 3d", "87 00", 2, kReservedOpcode}, {"03 80 37 fa 21 3d", "03 00", 2, kReservedOpcode},
};
constexpr Broken kReservedControlOpcodes[] = {
    {"8b 80 37 fa 21 3d", "8b 00", 2, kReservedOpcode}, {"8c 80 37 fa 21 3d", "8c 00", 2, kReservedOpcode},
    {"8d 80 37 fa 21 3d", "8d 00", 2, kReservedOpcode}, {"8e 80 37 fa 21 3d", "8e 00", 2, kReservedOpcode},
    {"8f 80 37 fa 21 3d", "8f 00", 2, kReservedOpcode},
};
constexpr Broken kFragmentedControls[] = {
    {"08 80 37 fa 21 3d", "08 00", 2, kFragmentedControl},
    {"09 80 37 fa 21 3d", "09 00", 2, kFragmentedControl},
    {"0a 80 37 fa 21 3d", "0a 00", 2, kFragmentedControl},
};
constexpr Broken kLongControls[] = {
    {"88 fe 00 7e 37 fa 21 3d", "88 7e 00 7e", 2, kLongControl},  // 126 bytes
    {"89 fe 00 7e 37 fa 21 3d", "89 7e 00 7e", 2, kLongControl},
    {"8a fe 00 7e 37 fa 21 3d", "8a 7e 00 7e", 2, kLongControl},
    {"89 ff 00 00 00 00 00 01 00 00 37 fa 21 3d", "89 7f 00 00 00 00 00 01 00 00", 2, kLongControl},
};
constexpr Broken kTopBits[] = {
    {"82 ff 80 00 00 00 00 00 00 00", "82 7f 80 00 00 00 00 00 00 00", 10, kTopBit},  // 2^63
    {"81 ff ff ff ff ff ff ff ff ff", "81 7f ff ff ff ff ff ff ff ff", 10, kTopBit},  // 2^64 - 1
};
constexpr Broken kNotShortests[] = {
    {"82 fe 00 00", "82 7e 00 00", 4, kNotShortest},                                       // 0 in 16 bits
    {"82 fe 00 7d", "82 7e 00 7d", 4, kNotShortest},                                       // 125 in 16 bits
    {"82 ff 00 00 00 00 00 00 00 05", "82 7f 00 00 00 00 00 00 00 05", 10, kNotShortest},  // 5 in 64 bits
    {"82 ff 00 00 00 00 00 00 ff ff", "82 7f 00 00 00 00 00 00 ff ff", 10, kNotShortest},  // 65535 in 64
};

// A header that fails does so in every longer piece of input as well, and in none that is shorter.
void check_broken_at_every_cut(const char* text, Role sender, const Broken& row) {
  const Bytes bytes = hex(text);
  for (std::size_t size = 0; size <= bytes.size(); ++size) {
    CHECK_EQ(parsed(ByteView(bytes).first(size), from(sender)), size < row.seen_after ? "nothing yet" : row.failure);
  }
}

void check_broken(const auto& rows) {
  for (const Broken& row : rows) {
    check_broken_at_every_cut(row.from_client, Role::client, row);
    check_broken_at_every_cut(row.from_server, Role::server, row);
  }
}

void check_opcode(Opcode opcode, const char* bytes, const char* header) {
  CHECK_EQ(serialized(header_of(opcode, 0)), bytes);
  CHECK_EQ(parsed(hex(bytes), from(Role::server)), header);
}

// The header of a binary frame, unmasked and masked (the key left off), for writer and reader.
void check_length(std::uint64_t length, const std::string& unmasked, const std::string& masked) {
  const std::string in_words = std::to_string(length) + (length == 1 ? " byte" : " bytes");
  CHECK_EQ(serialized(header_of(Opcode::binary, length)), unmasked);
  CHECK_EQ(serialized(header_of(Opcode::binary, length, true)), masked + " 37 fa 21 3d");
  CHECK_EQ(parsed(hex(unmasked), from(Role::server)), "binary, fin, " + in_words);
  CHECK_EQ(parsed(hex(masked + " 37 fa 21 3d"), from(Role::client)), "binary, fin, masked 37fa213d, " + in_words);
}

}  // namespace

// ---- The published frames ----

TEST("5.7-01 81 05 heads an unmasked text of five bytes") {
  CHECK_EQ(parsed(hex("81 05 48 65 6c 6c 6f"), from(Role::server)), "text, fin, 5 bytes");
  CHECK_EQ(serialized(header_of(Opcode::text, 5)), "81 05");
}

TEST("5.7-02 81 85 37fa213d heads the same text, masked") {
  CHECK_EQ(parsed(hex("81 85 37 fa 21 3d 7f 9f 4d 51 58"), from(Role::client)), "text, fin, masked 37fa213d, 5 bytes");
  CHECK_EQ(serialized(header_of(Opcode::text, 5, true)), "81 85 37 fa 21 3d");
}

TEST("5.7-03 01 03 heads a first fragment, 80 02 a last one") {
  CHECK_EQ(parsed(hex("01 03 48 65 6c"), from(Role::server)), "text, 3 bytes");
  CHECK_EQ(serialized(header_of(Opcode::text, 3, false, false)), "01 03");
  CHECK_EQ(parsed(hex("80 02 6c 6f"), from(Role::server)), "continuation, fin, 2 bytes");
  CHECK_EQ(serialized(header_of(Opcode::continuation, 2)), "80 02");
}

TEST("5.7-04 89 05 heads a Ping, 8a 85 a masked Pong") {
  CHECK_EQ(parsed(hex("89 05 48 65 6c 6c 6f"), from(Role::server)), "ping, fin, 5 bytes");
  CHECK_EQ(serialized(header_of(Opcode::ping, 5)), "89 05");
  CHECK_EQ(parsed(hex("8a 85 37 fa 21 3d 7f 9f 4d 51 58"), from(Role::client)), "pong, fin, masked 37fa213d, 5 bytes");
  CHECK_EQ(serialized(header_of(Opcode::pong, 5, true)), "8a 85 37 fa 21 3d");
}

TEST("5.7-05 82 7e 01 00 heads 256 bytes of binary") { check_length(256, "82 7e 01 00", "82 fe 01 00"); }

TEST("5.7-06 82 7f 00 00 00 00 00 01 00 00 heads 65536 bytes of binary") {
  check_length(65536, "82 7f 00 00 00 00 00 01 00 00", "82 ff 00 00 00 00 00 01 00 00");
}

// ---- The fields ----

TEST("5.2-01 FIN is the highest bit of the first byte, MASK of the second") {
  CHECK_EQ(serialized(header_of(Opcode::binary, 0, false, false)), "02 00");
  CHECK_EQ(serialized(header_of(Opcode::binary, 0, false, true)), "82 00");
  CHECK_EQ(serialized(header_of(Opcode::binary, 0, true, true)), "82 80 37 fa 21 3d");
}

TEST("5.2-07 opcode 0 is continuation") { check_opcode(Opcode::continuation, "80 00", "continuation, fin, 0 bytes"); }

TEST("5.2-08 opcode 1 is text") { check_opcode(Opcode::text, "81 00", "text, fin, 0 bytes"); }

TEST("5.2-09 opcode 2 is binary") { check_opcode(Opcode::binary, "82 00", "binary, fin, 0 bytes"); }

TEST("5.2-11 opcode 8 is close") { check_opcode(Opcode::close, "88 00", "close, fin, 0 bytes"); }

TEST("5.2-12 opcode 9 is ping") { check_opcode(Opcode::ping, "89 00", "ping, fin, 0 bytes"); }

TEST("5.2-13 opcode 10 is pong") { check_opcode(Opcode::pong, "8a 00", "pong, fin, 0 bytes"); }

TEST("5.5-01 opcodes 8 to 15 are control frames") {
  for (std::uint8_t opcode = 8; opcode <= 15; ++opcode) CHECK(is_control(static_cast<Opcode>(opcode)));
}

TEST("5.6-01 opcodes 0 to 7 are data frames") {
  for (std::uint8_t opcode = 0; opcode <= 7; ++opcode) CHECK(!is_control(static_cast<Opcode>(opcode)));
}

TEST("5.2-23 the key is there exactly when the mask bit is set: 2, 4 or 10 bytes, and 4 more") {
  CHECK_EQ(frame_header_size(header_of(Opcode::binary, 125)), 2u);
  CHECK_EQ(frame_header_size(header_of(Opcode::binary, 126)), 4u);
  CHECK_EQ(frame_header_size(header_of(Opcode::binary, 65535)), 4u);
  CHECK_EQ(frame_header_size(header_of(Opcode::binary, 65536)), 10u);
  CHECK_EQ(frame_header_size(header_of(Opcode::binary, 125, true)), 6u);
  CHECK_EQ(frame_header_size(header_of(Opcode::binary, 126, true)), 8u);
  CHECK_EQ(frame_header_size(header_of(Opcode::binary, 65536, true)), 14u);
  CHECK_EQ(kMaxFrameHeader, 14u);
}

TEST("5.3-01 a header with a key has its mask bit set, one without has not") {
  CHECK_EQ(serialized(header_of(Opcode::pong, 3, true)), "8a 83 37 fa 21 3d");
  CHECK_EQ(serialized(header_of(Opcode::pong, 3, false)), "8a 03");
}

TEST("5.3-08 the length does not count the key") {
  CHECK_EQ(parse_frame_header(hex("81 85 37 fa 21 3d 7f 9f 4d 51 58"), from(Role::client)).value().payload_length, 5u);
}

TEST("5.3-02 the key comes after the length, in the order in which it is used") {
  CHECK_EQ(to_hex(parse_frame_header(hex("82 fe 01 00 37 fa 21 3d"), from(Role::client)).value().masking_key.value()),
           "37 fa 21 3d");
}

// ---- Lengths ----

TEST("5.2-16 a length of 0 to 125 stands in the seven bits") {
  check_length(0, "82 00", "82 80");
  check_length(1, "82 01", "82 81");
  check_length(125, "82 7d", "82 fd");
}

TEST("5.2-17 126 in the seven bits announces a length of 16 bits") {
  check_length(126, "82 7e 00 7e", "82 fe 00 7e");
  check_length(127, "82 7e 00 7f", "82 fe 00 7f");
  check_length(65535, "82 7e ff ff", "82 fe ff ff");
}

TEST("5.2-18 127 in the seven bits announces a length of 64 bits") {
  check_length(65536, "82 7f 00 00 00 00 00 01 00 00", "82 ff 00 00 00 00 00 01 00 00");
  check_length(2147483647, "82 7f 00 00 00 00 7f ff ff ff", "82 ff 00 00 00 00 7f ff ff ff");
  check_length(2147483648, "82 7f 00 00 00 00 80 00 00 00", "82 ff 00 00 00 00 80 00 00 00");
  check_length(4294967295, "82 7f 00 00 00 00 ff ff ff ff", "82 ff 00 00 00 00 ff ff ff ff");
  check_length(4294967296, "82 7f 00 00 00 01 00 00 00 00", "82 ff 00 00 00 01 00 00 00 00");
}

TEST("5.2-20 lengths are in network byte order") {
  check_length(0x0102, "82 7e 01 02", "82 fe 01 02");
  check_length(0x0102030405060708, "82 7f 01 02 03 04 05 06 07 08", "82 ff 01 02 03 04 05 06 07 08");
}

TEST("5.2-33 63 bits can be used: the largest length is 2^63 - 1") {
  check_length(9223372036854775807, "82 7f 7f ff ff ff ff ff ff ff", "82 ff 7f ff ff ff ff ff ff ff");
}

// ---- Rules broken ----

TEST("5.1-02 an unmasked frame from a client fails with 1002") {
  CHECK_EQ(parsed(hex("81 05 48 65 6c 6c 6f"), from(Role::client)), "1002 a frame from a client is not masked");
  CHECK_EQ(parsed(hex("88 00"), from(Role::client)), "1002 a frame from a client is not masked");
}

TEST("5.1-05 a masked frame from a server fails with 1002") {
  CHECK_EQ(parsed(hex("81 85 37 fa 21 3d 7f 9f 4d 51 58"), from(Role::server)), "1002 a frame from a server is masked");
  CHECK_EQ(parsed(hex("8a 80"), from(Role::server)), "1002 a frame from a server is masked");
}

TEST("5.2-30 RSV1 fails with 1002") { check_broken(kRsv1); }

TEST("5.2-31 RSV2 fails with 1002") { check_broken(kRsv2); }

TEST("5.2-32 RSV3 fails with 1002") { check_broken(kRsv3); }

TEST("5.2-05 several reserved bits fail with 1002") { check_broken(kSeveralRsv); }

TEST("5.2-10 opcodes 3 to 7, reserved for data frames, fail with 1002") { check_broken(kReservedDataOpcodes); }

TEST("5.2-14 opcodes 11 to 15, reserved for control frames, fail with 1002") { check_broken(kReservedControlOpcodes); }

TEST("5.5-03 a control frame without FIN fails with 1002") { check_broken(kFragmentedControls); }

TEST("5.5-02 a control frame of more than 125 bytes fails with 1002") { check_broken(kLongControls); }

TEST("5.2-19 a 64-bit length with its top bit set fails with 1002") { check_broken(kTopBits); }

TEST("5.2-21 a length that would fit a shorter form fails with 1002") { check_broken(kNotShortests); }

TEST("10.7-01 of the 65536 possible first two bytes 1146 are in order, from either sender") {
  for (const Role sender : {Role::client, Role::server}) {
    int in_order = 0;
    for (unsigned number = 0; number <= 0xffff; ++number) {
      const Bytes bytes = {static_cast<std::uint8_t>(number >> 8), static_cast<std::uint8_t>(number)};
      in_order += parsed(bytes, from(sender)).starts_with("1002") ? 0 : 1;
    }
    CHECK_EQ(in_order, 3 * 2 * 128 + 3 * 126);  // data: opcodes, FIN, lengths; control: opcodes, lengths
  }
}

// ---- Promises of our own ----

TEST("own-frame-01 a reserved bit to which an extension gave a meaning is let through, and no other") {
  const FrameRules rsv1 = {Role::server, 0b0100'0000};
  CHECK_EQ(parsed(hex("c1 07"), rsv1), "text, fin, rsv1, 7 bytes");
  CHECK_EQ(parsed(hex("a1 07"), rsv1), kReservedBit);
  CHECK_EQ(parsed(hex("e1 07"), rsv1), kReservedBit);
  FrameHeader header = header_of(Opcode::text, 7);
  header.rsv = 0b0100'0000;
  CHECK_EQ(serialized(header), "c1 07");
}

TEST("own-frame-02 a header is appended to what is there") {
  Bytes out = hex("aa bb");
  serialize_frame_header(header_of(Opcode::text, 5), out);
  serialize_frame_header(header_of(Opcode::ping, 0, true), out);
  CHECK_EQ(to_hex(out), "aa bb 81 05 89 80 37 fa 21 3d");
}

TEST("own-frame-03 the printed form names every field that is set") {
  FrameHeader header = header_of(Opcode::close, 1, true);
  CHECK_EQ(to_string(header), "close, fin, masked 37fa213d, 1 byte");
  header.rsv = kAllRsvBits;
  header.masking_key = MaskingKey{0x00, 0x01, 0xa0, 0xff};
  CHECK_EQ(to_string(header), "close, fin, rsv1, rsv2, rsv3, masked 0001a0ff, 1 byte");
  header = header_of(Opcode::continuation, 0, false, false);
  header.rsv = 0b0010'0000;
  CHECK_EQ(to_string(header), "continuation, rsv2, 0 bytes");
  header.rsv = 0b0001'0000;
  CHECK_EQ(to_string(header), "continuation, rsv3, 0 bytes");
}

TEST("own-frame-04 an opcode's printed form is its name in the RFC") {
  const std::array<std::string, 16> names = {"continuation", "text",     "binary",   "reserved", "reserved", "reserved",
                                             "reserved",     "reserved", "close",    "ping",     "pong",     "reserved",
                                             "reserved",     "reserved", "reserved", "reserved"};
  for (std::uint8_t opcode = 0; opcode < 16; ++opcode) CHECK_EQ(to_string(static_cast<Opcode>(opcode)), names[opcode]);
}

// ---- Every split ----

TEST("5.2-29 a header that is not all there is nothing yet; what follows it does not change it") {
  for (const Valid& row : kValid) {
    const Bytes bytes = hex(row.bytes);
    CHECK_EQ(frame_header_size(parse_frame_header(bytes, from(row.sender)).value()), row.header_size);
    for (std::size_t size = 0; size <= bytes.size(); ++size) {
      CHECK_EQ(parsed(ByteView(bytes).first(size), from(row.sender)),
               size < row.header_size ? "nothing yet" : row.header);
    }
  }
}
