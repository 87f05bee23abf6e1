// The one place where a broken rule becomes a failed connection. Everything that checks a rule throws ProtocolError;
// next_event() catches it and turns it into the last event that there will ever be.
//
// What next_event() takes from its input, in the order in which it is decided:
//
//     | header | payload ......        a data frame: the header at once, then the payload as it comes
//     | header | payload |             a control frame: only when it is there completely
//     | head                           neither: nothing is taken, "not enough bytes yet"
//
// Since a data frame's payload is taken as it comes, a bad byte of text fails the connection when it arrives, not when
// the frame ends, and a frame of a gigabyte needs no buffer of a gigabyte to be refused. Control frames have at most
// 125 bytes: waiting for the whole is simpler.
//
// The writing half holds what the RFC's rules about order come down to: data only in the open state, one Close, and
// after a Close of our own nothing but Pongs.
#include "protocol/protocol.h"

#include <algorithm>
#include <cassert>
#include <new>
#include <utility>

#include "framing/mask.h"

namespace websock {
namespace {

// Up to this size a payload is copied behind its header. Above, two pieces of memory are cheaper than one copy.
constexpr std::size_t kCopyLimit = 4096;  // bytes

std::span<std::uint8_t> take(std::span<std::uint8_t>& input, std::size_t count) {
  const std::span<std::uint8_t> taken = input.first(count);
  input = input.subspan(count);
  return taken;
}

FrameHeader control_header(Opcode opcode, ByteView payload) {
  FrameHeader header;
  header.opcode = opcode;
  header.payload_length = payload.size();
  return header;
}

}  // namespace

State next_state(State from, Trigger trigger) {
  const auto edge =
      std::find_if(kEdges.begin(), kEdges.end(), [&](const Edge& e) { return e.from == from && e.trigger == trigger; });
  assert(edge != kEdges.end());
  return edge->to;
}

std::string to_string(State state) {
  switch (state) {
    case State::connecting:
      return "connecting";
    case State::open:
      return "open";
    case State::closing:
      return "closing";
    case State::closed:
      break;
  }
  return "closed";
}

Protocol::Protocol(Role role, const ProtocolOptions& options)
    : role_(role),
      options_(options),
      rules_{.sender = role == Role::server ? Role::client : Role::server},
      message_(options.max_message) {}

// ---- The reading half ----

const Event* Protocol::next_event(std::span<std::uint8_t>& input) {
  try {
    while (!ended_ && !input.empty()) {
      const std::size_t before = input.size();
      if (frame_ ? read_payload(*frame_, input) : read_frame(input)) return &event_;
      if (input.size() == before) return nullptr;
    }
  } catch (const ProtocolError& error) {
    return fail_the_connection(error.code(), error.what());
  } catch (const std::bad_alloc&) {
    return fail_the_connection(CloseCode::internal_error, "no memory");
  }
  input = {};  // 7.1.7: "MUST NOT continue to attempt to process data". And if it was empty, it still is.
  return nullptr;
}

const Event* Protocol::fail_the_connection(CloseCode code, std::string why) {
  ended_ = true;
  event_ = {.type = EventType::failed, .close = {code, std::move(why)}};
  return &event_;
}

bool Protocol::read_frame(std::span<std::uint8_t>& input) {
  const std::optional<FrameHeader> header = parse_frame_header(input, rules_);
  if (!header) return false;
  if (is_control(header->opcode)) return read_control(*header, input);

  message_.begin_frame(*header);
  take(input, frame_header_size(*header));
  const bool is_event = read_payload(*header, input);
  if (message_.frame_left() > 0) frame_ = header;
  return is_event;
}

bool Protocol::read_control(const FrameHeader& header, std::span<std::uint8_t>& input) {
  const auto length = static_cast<std::size_t>(header.payload_length);  // at most 125
  if (input.size() < frame_header_size(header) + length) return false;
  take(input, frame_header_size(header));
  const std::span<std::uint8_t> payload = take(input, length);
  if (header.masking_key) apply_mask(payload, *header.masking_key);

  if (header.opcode == Opcode::close) {
    event_ = {.type = EventType::close, .close = parse_close_body(payload)};
    ended_ = true;  // 1.4: what comes after a Close is discarded
  } else {
    event_ = {.type = header.opcode == Opcode::ping ? EventType::ping : EventType::pong, .payload = payload};
  }
  return true;
}

bool Protocol::read_payload(const FrameHeader& header, std::span<std::uint8_t>& input) {
  const std::uint64_t left = message_.frame_left();
  const std::span<std::uint8_t> piece =
      take(input, static_cast<std::size_t>(std::min<std::uint64_t>(left, input.size())));
  if (header.masking_key) apply_mask(piece, *header.masking_key, header.payload_length - left);
  const std::optional<Message> message = message_.add(piece);
  if (message_.frame_left() == 0) frame_.reset();
  if (!message) return false;
  event_.type = EventType::message;
  event_.opcode = message->opcode;
  event_.payload = message->payload;
  return true;
}

bool Protocol::message_waits(ByteView input) const {
  if (ended_ || frame_) return false;
  try {
    const std::optional<FrameHeader> header = parse_frame_header(input, rules_);
    if (!header || is_control(header->opcode) || !header->fin) return false;
    return input.size() - frame_header_size(*header) >= header->payload_length;
  } catch (const ProtocolError&) {
    return false;  // next_event() will find it again, and say so
  }
}

void Protocol::release_memory() {
  if (!inside_message()) message_.release_memory();
}

// ---- The writing half ----

void Protocol::append(Bytes& out, FrameHeader header, ByteView payload) const {
  if (role_ == Role::client) header.masking_key = options_.masking_key();  // 5.1, 5.3: a fresh one for every frame
  append_frame(out, header, payload);
}

bool Protocol::send_message(const Message& message, Bytes& out, ByteView* rest) {
  assert(!message.is_text() || is_valid_utf8(message.text()));
  if (state_ != State::open) return false;
  std::size_t sent = 0;
  for (;;) {
    const Fragment fragment = fragment_at(message, sent, options_.max_frame_payload);
    sent += fragment.payload.size();
    const bool last = fragment.header.fin;
    if (last && rest && role_ == Role::server && fragment.payload.size() > kCopyLimit) {
      serialize_frame_header(fragment.header, out);
      *rest = fragment.payload;
    } else {
      append(out, fragment.header, fragment.payload);
    }
    if (last) return true;
  }
}

bool Protocol::send_ping(ByteView payload, Bytes& out) {
  assert(payload.size() <= kMaxControlPayload);
  if (state_ != State::open) return false;
  append(out, control_header(Opcode::ping, payload), payload);
  return true;
}

bool Protocol::send_close(const CloseBody& body, Bytes& out) {
  const bool may_send = state_ == State::open || (state_ == State::closing && !close_info_.sent);
  if (!may_send) return false;
  const Bytes payload = serialize_close_body(body);
  append(out, control_header(Opcode::close, payload), payload);
  close_info_.sent = body;
  on(Trigger::close_sent);
  return true;
}

void Protocol::respond(const Event& event, Bytes& out) {
  if (state_ == State::connecting || state_ == State::closed) return;
  switch (event.type) {
    case EventType::ping:
      append(out, control_header(Opcode::pong, event.payload), event.payload);
      break;
    case EventType::close:
      close_info_.received = event.close;
      close_info_.code = event.close.code.value_or(CloseCode::no_status_received);
      close_info_.reason = event.close.reason;
      on(Trigger::close_received);
      send_close({event.close.code, ""}, out);  // 5.5.1: "typically echos the status code it received"
      break;
    case EventType::failed:
      send_close(event.close, out);
      break;
    case EventType::message:
    case EventType::pong:
      break;
  }
}

void Protocol::transport_closed() {
  if (state_ == State::closed) return;
  close_info_.clean = close_info_.sent && close_info_.received;  // 7.1.4
  on(Trigger::transport_closed);
}

}  // namespace websock
