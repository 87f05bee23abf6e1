// One endpoint of a WebSocket connection as a state machine: bytes in, events and bytes out. RFC 6455 sections 5.5 to
// 7, for either role. It makes no system call, starts no thread and reads no clock; connection.h adds those.
//
//     while (const Event* event = protocol.next_event(input)) {
//       protocol.respond(*event, out);     // the Pong or Close that the RFC asks for
//       if (event->type == EventType::message) ...
//     }
#pragma once

#include <array>
#include <optional>
#include <string>
#include <string_view>

#include "../bytes.h"
#include "../framing/entropy.h"
#include "../framing/frame.h"
#include "close.h"
#include "message.h"

namespace websock {

// ---- The states ----

// The RFC's own: 4.1 (CONNECTING, OPEN), 7.1.3 (CLOSING), 7.1.4 (CLOSED).
enum class State { connecting, open, closing, closed };

enum class Trigger { handshake_completed, close_sent, close_received, transport_closed };

struct Edge {
  State from;
  Trigger trigger;
  State to;
  std::string_view section;
};

// Every edge there is. What is not in this table does not happen.
inline constexpr std::array<Edge, 8> kEdges = {{
    {State::connecting, Trigger::handshake_completed, State::open, "4.1, 4.2.2"},
    {State::connecting, Trigger::transport_closed, State::closed, "7.1.4"},
    {State::open, Trigger::close_sent, State::closing, "7.1.3"},
    {State::open, Trigger::close_received, State::closing, "7.1.3"},
    {State::open, Trigger::transport_closed, State::closed, "7.1.4"},
    {State::closing, Trigger::close_sent, State::closing, "5.5.1"},
    {State::closing, Trigger::close_received, State::closing, "5.5.1"},
    {State::closing, Trigger::transport_closed, State::closed, "7.1.4"},
}};

// Where `trigger` leads.
// REQUIRES: the table has such an edge.
State next_state(State from, Trigger trigger);

std::string to_string(State state);  // "connecting", "open" and so on

// How a connection ended, or is ending.
struct CloseInfo {
  // 7.1.5 and 7.1.6: what the peer's Close said. 1005 if that had no code, 1006 as long as none has come.
  CloseCode code = CloseCode::abnormal_closure;
  std::string reason;
  bool clean = false;  // 7.1.4: both Close frames had gone their way before the TCP connection ended
  std::optional<CloseBody> sent;
  std::optional<CloseBody> received;
};

// ---- The events ----

enum class EventType {
  message,  // a whole message
  ping,     // respond() answers it
  pong,     // nothing need be done
  close,    // the peer's Close; respond() answers it. The last event.
  failed,   // the peer broke a rule; respond() sends our Close. The last event. (7.1.7)
};

// It lasts until the next call of next_event() or release_memory(), and its views no longer than the input passed in.
struct Event {
  EventType type = EventType::message;
  Opcode opcode = Opcode::binary;  // of a message: text or binary
  ByteView payload = {};           // of a message, ping or pong
  CloseBody close = {};            // of a close: what the peer said; of a failure: what we shall say
};

// ---- The endpoint ----

struct ProtocolOptions {
  std::size_t max_message = kDefaultMaxMessage;      // bytes, received; a longer message fails with 1009
  std::size_t max_frame_payload = 0;                 // bytes, sent: longer messages are fragmented; 0: never
  MaskingKey (*masking_key)() = random_masking_key;  // a client's; passed in so that a test can know it
  std::vector<AgreedExtension> extensions = {};      // 9: what received messages may be encoded with
};

// It has two halves. The reading half (next_event, message_waits, inside_message, release_memory, stop_reading) and the
// writing half (all others) share nothing that changes, so that one thread may read while others, one at a time, write.
class Protocol {
 public:
  explicit Protocol(Role role, const ProtocolOptions& options = {});

  // ---- The reading half ----

  // Takes bytes from the front of `input`, unmasking them in place, until it has an event. Null: the input holds no
  // further event. A few bytes (the beginning of a header or of a control frame, fewer than kMaxUnread) may then be
  // left in `input`; they belong in front of what is received next. After a close or a failure the next call discards
  // everything (1.4, 7.1.7). No memory fails the connection too, with 1011; it throws std::bad_alloc only if there is
  // none to copy the reason of another failure.
  const Event* next_event(std::span<std::uint8_t>& input);
  static constexpr std::size_t kMaxUnread = 2 + 4 + kMaxControlPayload;  // bytes: a short header, a key, a payload

  // Whether `input` begins with a frame that, without a byte more, completes a message, as far as its header tells:
  // whether such a frame has its place here is not asked. False inside a frame's payload, for a header that breaks a
  // rule, and after the last event.
  bool message_waits(ByteView input) const;

  // Whether a message has begun and not ended.
  bool inside_message() const { return frame_.has_value() || message_.inside_message(); }

  // Gives back memory that is kept for messages. Does nothing inside a message.
  void release_memory();

  // The connection is over: there are no events any more, and all memory is given back, an unfinished message's too.
  void stop_reading();

  // ---- The writing half ----

  State state() const { return state_; }
  const CloseInfo& close_info() const { return close_info_; }

  void handshake_completed() { on(Trigger::handshake_completed); }
  // A second time it does nothing. `all_sent`: nothing of what was encoded here has got lost before it left.
  void transport_closed(bool all_sent = true);

  // Appends what event demands to `out`: a Pong with the same payload (5.5.3), a Close if none was sent yet (5.5.1).
  // Nothing before the handshake, and after the end of TCP.
  void respond(const Event& event, Bytes& out);

  // These append a frame or frames to `out`, or return false where the state forbids it: data and Pings are sent in the
  // open state only, a Close once only (5.5.1, 6.1).
  //
  // A server need not mask, so a long payload can be sent from where it lies: with `rest`, which has to be empty, a
  // last frame's payload of more than 4 KiB is left there instead, to be sent right behind `out`.
  // REQUIRES: a text message is valid UTF-8; a ping has at most 125 bytes; check_close_body(body) does not throw.
  bool send_message(const Message& message, Bytes& out, ByteView* rest = nullptr);
  bool send_ping(ByteView payload, Bytes& out);
  bool send_close(const CloseBody& body, Bytes& out);

 private:
  // These return whether event_ is the next event.
  bool read_frame(std::span<std::uint8_t>& input);
  bool read_control(const FrameHeader& header, std::span<std::uint8_t>& input);
  bool read_payload(const FrameHeader& header, std::span<std::uint8_t>& input);
  const Event* fail_the_connection(CloseCode code, const char* why);

  void append(Bytes& out, FrameHeader header, ByteView payload) const;
  void on(Trigger trigger) { state_ = next_state(state_, trigger); }

  // Neither half changes these.
  const Role role_;
  const ProtocolOptions options_;
  const FrameRules rules_;

  // The reading half.
  std::optional<FrameHeader> frame_;  // the data frame whose payload is arriving
  MessageReader message_;
  Event event_;
  bool ended_ = false;  // a Close has come, or a rule was broken

  // The writing half.
  State state_ = State::connecting;
  CloseInfo close_info_;
};

}  // namespace websock
