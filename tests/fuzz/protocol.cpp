// One endpoint and whatever a peer may send it. However the input is cut, the events and the bytes sent must be the
// same, and the peer must be able to read those. With permessage-deflate, too; but there a piece is inflated before any
// of it is judged, so of two faults in a message the cut decides which is found.
#include "protocol/protocol.h"

#include <algorithm>

#include "compression/permessage_deflate.h"
#include "protocol/slow_utf8.h"
#include "targets.h"

using namespace websock;

namespace fuzz {
namespace {

struct Settings {
  Role role;
  std::size_t max_message = kDefaultMaxMessage;
  std::size_t max_frame_payload = 0;
  bool closes_early = false;  // sends a Ping and a Close after the first event
  bool deflate = false;       // agreed to: messages may come deflated, and go as they are
};

Role peer_of(Role role) { return role == Role::server ? Role::client : Role::server; }

ProtocolOptions options_of(const Settings& settings) {
  ProtocolOptions options;
  options.max_message = settings.max_message;
  options.max_frame_payload = settings.max_frame_payload;
  options.masking_key = [] { return MaskingKey{0x37, 0xfa, 0x21, 0x3d}; };
  if (settings.deflate) {
    options.extensions.push_back(permessage_deflate().accept({"permessage-deflate", {}})->agreed);
  }
  return options;
}

// An endpoint that sends every message back.
class Endpoint {
 public:
  explicit Endpoint(const Settings& settings) : settings_(settings), protocol_(settings.role, options_of(settings)) {
    protocol_.handshake_completed();
  }

  void receive(ByteView piece) {
    unread_.insert(unread_.end(), piece.begin(), piece.end());
    std::span<std::uint8_t> input = unread_;
    for (;;) {
      const bool waits = protocol_.message_waits(input);
      const Event* event = protocol_.next_event(input);
      require(!waits || (event && (event->type == EventType::message || event->type == EventType::failed)),
              "a message that waits comes next, unless it is bad");
      if (!event) break;
      take(*event);
    }
    require(input.size() < Protocol::kMaxUnread, "not much is left unread");
    unread_ = Bytes(input.begin(), input.end());
  }

  std::string events;     // each with all that it says
  Bytes sent;             // on the wire
  std::size_t pings = 0;  // received
  std::string echoes;     // the messages sent back, each with its type
  bool ended() const { return ended_; }
  bool failed() const { return failed_; }

 private:
  void take(const Event& event) {
    require(!ended_, "nothing comes after the end");
    require(event.payload.size() <= std::max<std::uint64_t>(settings_.max_message, kMaxControlPayload),
            "the limit holds");
    note(event);
    ended_ = event.type == EventType::close || event.type == EventType::failed;
    failed_ = event.type == EventType::failed;
    if (event.type == EventType::ping) ++pings;
    protocol_.respond(event, sent);
    if (event.type == EventType::message) {
      require(event.opcode != Opcode::text || slowly_valid_utf8(event.payload), "a text message is UTF-8");
      if (protocol_.send_message({event.opcode, event.payload}, sent)) echoes += message_text(event);
    }
    if (settings_.closes_early && !protocol_.close_info().sent) {
      protocol_.send_ping(bytes_of("still there?"), sent);
      protocol_.send_close({CloseCode::going_away, "enough"}, sent);
    }
    const State wanted = ended_ || settings_.closes_early ? State::closing : State::open;
    require(protocol_.state() == wanted, "the state is what it should be");
  }

  void note(const Event& event) {
    events += std::to_string(static_cast<int>(event.type)) + ' ' + message_text(event);
    if (settings_.deflate && event.type == EventType::failed) return;
    if (event.close.code) events += to_string(*event.close.code);
    events += event.close.reason + '\n';
  }

 public:
  static std::string message_text(const Event& event) {
    return to_string(event.opcode) + ' ' + std::string(text_of(event.payload)) + '\n';
  }

 private:
  Settings settings_;
  Protocol protocol_;
  Bytes unread_;
  bool ended_ = false;
  bool failed_ = false;
};

Endpoint run(const Settings& settings, const std::vector<ByteView>& pieces) {
  Endpoint endpoint(settings);
  for (const ByteView piece : pieces) endpoint.receive(piece);
  return endpoint;
}

// Walks the frames that an endpoint sent: they all end, data stops at its Close, and it sends one.
void check_sent(Role sender, ByteView sent, const Endpoint& endpoint) {
  std::size_t closes = 0;
  std::size_t pongs = 0;
  while (!sent.empty()) {
    const std::optional<FrameHeader> header = parse_frame_header(sent, {.sender = sender});
    require(header && sent.size() >= frame_header_size(*header) + header->payload_length, "frames are sent whole");
    require(closes == 0 || header->opcode == Opcode::pong, "nothing but Pongs follows a Close");
    if (header->opcode == Opcode::close) ++closes;
    if (header->opcode == Opcode::pong) ++pongs;
    sent = sent.subspan(frame_header_size(*header) + static_cast<std::size_t>(header->payload_length));
  }
  require(closes <= 1, "there is but one Close");
  require(pongs == endpoint.pings, "each Ping has its Pong");
}

// What the peer makes of it: the messages, and no fault.
void check_understood(Role reader, Bytes sent, const Endpoint& endpoint) {
  Protocol peer(reader);
  peer.handshake_completed();
  std::string messages;
  std::span<std::uint8_t> input = sent;
  while (const Event* event = peer.next_event(input)) {
    require(event->type != EventType::failed, "the peer finds no fault");
    if (event->type == EventType::message) messages += Endpoint::message_text(*event);
  }
  require(input.empty(), "the peer reads all of it");
  require(messages == endpoint.echoes, "the peer reads the messages that were sent");
}

void check_endpoint(const Settings& settings, ByteView input) {
  const Endpoint whole = run(settings, {input});
  std::vector<ByteView> single;
  for (std::size_t i = 0; i < input.size(); ++i) single.push_back(input.subspan(i, 1));
  for (const std::vector<ByteView>& pieces : {single, cut(input)}) {
    const Endpoint in_pieces = run(settings, pieces);
    require(in_pieces.events == whole.events, "the events are the same at every split");
    const bool any_fault = settings.deflate && whole.failed();
    require(any_fault || in_pieces.sent == whole.sent, "so are the bytes that are sent");
  }
  check_sent(settings.role, whole.sent, whole);
  check_understood(peer_of(settings.role), whole.sent, whole);
}

}  // namespace

void check_protocol(ByteView input) {
  for (const Role role : {Role::server, Role::client}) {
    check_endpoint({.role = role}, input);
    check_endpoint({.role = role, .max_message = 20, .max_frame_payload = 7}, input);
    check_endpoint({.role = role, .closes_early = true}, input);
    check_endpoint({.role = role, .deflate = true}, input);
    check_endpoint({.role = role, .max_message = 20, .deflate = true}, input);
  }
}

}  // namespace fuzz
