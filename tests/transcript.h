// What an endpoint makes of its input, as lines:
//
//     ping "a"
//     server sends 8a 01 61
//     text "Hello"
//
// frame() makes the frames for both sides of such a comparison. It shares no code with src/: this is the
// figure in section 5.2 read a second time.
#pragma once

#include <string>
#include <utility>
#include <vector>

#include "check.h"
#include "protocol/protocol.h"
#include "wire.h"

using namespace websock;

inline constexpr MaskingKey kKey = {0x37, 0xfa, 0x21, 0x3d};  // of the examples in 5.7
inline constexpr std::array<Role, 2> kBothRoles = {Role::server, Role::client};

inline Role peer_of(Role role) { return role == Role::server ? Role::client : Role::server; }
inline std::string name_of(Role role) { return role == Role::server ? "server" : "client"; }

// The frame that begins with `first_byte` (FIN, reserved bits, opcode), from either end.
inline Bytes frame(Role sender, std::uint8_t first_byte, ByteView payload) {
  const bool masked = sender == Role::client;
  const std::uint64_t length = payload.size();
  const int length_bytes = length < 126 ? 0 : length < 65536 ? 2 : 8;
  const std::uint64_t seven_bits = length_bytes == 0 ? length : length_bytes == 2 ? 126 : 127;
  Bytes bytes = {first_byte, static_cast<std::uint8_t>((masked ? 0x80 : 0) | seven_bits)};
  for (int i = length_bytes - 1; i >= 0; --i) bytes.push_back(static_cast<std::uint8_t>(length >> (8 * i)));
  if (masked) bytes.insert(bytes.end(), kKey.begin(), kKey.end());
  for (std::size_t i = 0; i < payload.size(); ++i)
    bytes.push_back(static_cast<std::uint8_t>(payload[i] ^ (masked ? kKey[i % 4] : 0)));
  return bytes;
}
inline Bytes frame(Role sender, std::uint8_t first_byte, std::string_view payload = "") {
  return frame(sender, first_byte, bytes_of(payload));
}

// The body of a Close.
inline Bytes close_body(unsigned code, std::string_view reason = "") {
  Bytes body = {static_cast<std::uint8_t>(code >> 8), static_cast<std::uint8_t>(code)};
  body.insert(body.end(), reason.begin(), reason.end());
  return body;
}

using Lines = std::vector<std::string>;

inline Lines operator+(Lines a, const Lines& b) {
  a.insert(a.end(), b.begin(), b.end());
  return a;
}

inline std::string line_of(const CloseBody& body) {
  if (!body.code) return "no code";
  return std::to_string(static_cast<int>(*body.code)) + ' ' + quoted(bytes_of(body.reason));
}

inline std::string line_of(const Event& event) {
  switch (event.type) {
    case EventType::message:
      return to_string(event.opcode) + ' ' + quoted(event.payload);
    case EventType::ping:
      return "ping " + quoted(event.payload);
    case EventType::pong:
      return "pong " + quoted(event.payload);
    case EventType::close:
      return "close " + line_of(event.close);
    case EventType::failed:
      return "failed " + line_of(event.close);
  }
  return "";
}

inline std::string sends(Role role, const Bytes& bytes) { return name_of(role) + " sends " + to_hex(bytes); }

// The two lines of a failed connection: the event, and the Close with the same code and reason.
inline Lines fails(Role role, unsigned code, std::string_view why) {
  return {"failed " + std::to_string(code) + " \"" + std::string(why) + '"',
          sends(role, frame(role, 0x88, close_body(code, why)))};
}

// An endpoint whose keys are known, with the little that connection.h does around it.
class Endpoint {
 public:
  explicit Endpoint(Role role, const ProtocolOptions& options = {})
      : protocol(role, with_known_key(options)), role_(role) {
    protocol.handshake_completed();
  }

  // `piece` arrives, behind what the last one left over.
  void receive(ByteView piece) {
    unread.insert(unread.end(), piece.begin(), piece.end());
    std::span<std::uint8_t> input = unread;
    while (const Event* event = protocol.next_event(input)) {
      lines.push_back(line_of(*event));
      Bytes out;
      protocol.respond(*event, out);
      if (echoes && event->type == EventType::message) protocol.send_message({event->opcode, event->payload}, out);
      if (!out.empty()) lines.push_back(sends(role_, out));
      sent.insert(sent.end(), out.begin(), out.end());
    }
    CHECK(input.size() < Protocol::kMaxUnread);
    unread = Bytes(input.begin(), input.end());
  }

  // How the connection ended:    clean, 1000 "bye"; sent 1000 ""; received 1000 "bye"
  std::string ending() const {
    const CloseInfo& info = protocol.close_info();
    return std::string(info.clean ? "clean, " : "not clean, ") + line_of(CloseBody{info.code, info.reason}) +
           "; sent " + (info.sent ? line_of(*info.sent) : "nothing") + "; received " +
           (info.received ? line_of(*info.received) : "nothing");
  }

  Protocol protocol;
  bool echoes = false;  // whether it sends every message back
  Bytes unread;
  Bytes sent;
  Lines lines;

 private:
  static ProtocolOptions with_known_key(ProtocolOptions options) {
    options.masking_key = [] { return kKey; };
    return options;
  }

  Role role_;
};

inline Lines run_pieces(Role role, const std::vector<ByteView>& pieces, bool echoes = false) {
  Endpoint endpoint(role);
  endpoint.echoes = echoes;
  for (const ByteView piece : pieces) endpoint.receive(piece);
  return endpoint.lines;
}

// The lines of `input`, after a check that they are the same at every possible split.
inline Lines run(Role role, const Bytes& input, bool echoes = false) {
  const Lines whole = run_pieces(role, {input}, echoes);
  for_each_split(input,
                 [&](const std::vector<ByteView>& pieces) { CHECK_EQ(run_pieces(role, pieces, echoes), whole); });
  return whole;
}
