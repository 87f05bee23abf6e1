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

// The first `count` bytes of `input`, which then begins behind them.
std::span<std::uint8_t> take(std::span<std::uint8_t>& input, std::size_t count) {
  const std::span<std::uint8_t> taken = input.first(count);
  input = input.subspan(count);
  return taken;
}

// The header of a control frame of ours: always with fin, which is the default.
FrameHeader control_header(Opcode opcode, ByteView payload) {
  FrameHeader header;
  header.opcode = opcode;
  header.payload_length = payload.size();
  return header;
}

// The reserved bits to which an extension gives a meaning. Any other fails the connection where headers are parsed
// (5.2).
std::uint8_t bits_of(const std::vector<AgreedExtension>& extensions) {
  std::uint8_t bits = 0;
  for (const AgreedExtension& extension : extensions) bits |= extension.rsv;
  return bits;
}

// They are the message reader's, who gives them up in the end, and their memory with them.
ProtocolOptions without_extensions(ProtocolOptions options) {
  options.extensions.clear();
  return options;
}

}  // namespace

// One look into the table. An edge that is not in it would be our own mistake: each caller has asked for the state
// before.
State next_state(State from, Trigger trigger) {
  // Eight edges: a search is quicker written than a matrix, and quick enough for what happens four times in a
  // connection.
  const auto edge =
      std::find_if(kEdges.begin(), kEdges.end(), [&](const Edge& e) { return e.from == from && e.trigger == trigger; });
  assert(edge != kEdges.end());  // not a throw: no byte from the peer can make this fail
  return edge->to;
}

// The RFC's words, in lower case.
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

// Who we are decides who the sender of what we read is: the other one.
Protocol::Protocol(Role role, const ProtocolOptions& options)
    : role_(role),
      options_(without_extensions(options)),
      rules_{.sender = role == Role::server ? Role::client : Role::server, .allowed_rsv = bits_of(options.extensions)},
      message_(options.max_message, options.extensions) {}

// ---- The reading half ----

// Frame by frame, until there is an event to tell of. The events of a Close and of a failure are the last.
const Event* Protocol::next_event(std::span<std::uint8_t>& input) {
  try {
    while (!ended_ && !input.empty()) {
      const std::size_t before = input.size();
      if (frame_ ? read_payload(*frame_, input) : read_frame(input)) return &event_;
      // No event, but bytes were taken: a fragment, say, and the next frame may be right behind it. Only if nothing was
      // taken are we stuck, for want of bytes.
      if (input.size() == before) return nullptr;
    }
  } catch (const ProtocolError& error) {
    return fail_the_connection(error.code(), error.what());
  } catch (const std::bad_alloc&) {
    // Half a message may be in the reader. It cannot be taken up again, so the connection cannot go on.
    return fail_the_connection(CloseCode::internal_error, "no memory");
  }
  input = {};  // 7.1.7: "MUST NOT continue to attempt to process data". And if it was empty, it still is.
  return nullptr;
}

// 7.1.7, as far as it is a matter of reading: no byte after this one counts. state_ is left alone: it belongs to the
// writing half, perhaps to another thread. It changes when the caller hands the event to respond(), under the lock.
const Event* Protocol::fail_the_connection(CloseCode code, const char* why) {
  ended_ = true;  // first: the copy of the reason may find no memory
  event_ = {.type = EventType::failed, .close = {code, why}};
  return &event_;
}

// At the beginning of a frame. Takes the header of a data frame, and what there is of its payload; or a whole control
// frame; or nothing.
bool Protocol::read_frame(std::span<std::uint8_t>& input) {
  const std::optional<FrameHeader> header = parse_frame_header(input, rules_);
  if (!header) return false;  // nothing was taken: it is parsed again, from its first byte, when there is more
  // 5.4: it may come between two fragments, and must not touch the message that is open.
  if (is_control(header->opcode)) {
    // The bits say something about a message, and this is none. It may come in the middle of one that has them.
    if (header->rsv != 0) throw ProtocolError(CloseCode::protocol_error, "a reserved bit is set on a control frame");
    return read_control(*header, input);
  }

  // The header is taken only when the message has accepted it. (If it throws, the input does not matter any more.)
  message_.begin_frame(*header);
  take(input, frame_header_size(*header));
  // Even if nothing of the payload is here yet: a frame may have none, and end a message all the same. Afterwards we
  // know whether there is more of it to come; frame_ is set then only, since read_payload() resets it when a frame is
  // over.
  const bool is_event = read_payload(*header, input);
  if (message_.frame_left() > 0) frame_ = header;
  return is_event;
}

// A control frame, once it is there completely. Until then it stays in the input as it came, still masked: next time it
// is parsed from its first byte again, and what had been unmasked once would be masked by that.
bool Protocol::read_control(const FrameHeader& header, std::span<std::uint8_t>& input) {
  const auto length = static_cast<std::size_t>(header.payload_length);  // at most 125
  // Nothing taken is what tells next_event() to wait.
  if (input.size() < frame_header_size(header) + length) return false;
  take(input, frame_header_size(header));
  const std::span<std::uint8_t> payload = take(input, length);
  if (header.masking_key) apply_mask(payload, *header.masking_key);

  // The payload of a Ping or Pong is a view of the input. A Close's is copied into its event, since it is kept for
  // close_info().
  if (header.opcode == Opcode::close) {
    event_ = {.type = EventType::close, .close = parse_close_body(payload)};
    ended_ = true;  // 1.4: what comes after a Close is discarded
  } else {
    event_ = {.type = header.opcode == Opcode::ping ? EventType::ping : EventType::pong, .payload = payload};
  }
  return true;
}

// What there is of a data frame's payload: unmasked, checked, and added to the message. `header` may be *frame_ itself,
// so it is good only until frame_ is reset.
bool Protocol::read_payload(const FrameHeader& header, std::span<std::uint8_t>& input) {
  // Everything that is here, but not beyond this frame: what follows is the next header.
  const std::uint64_t left = message_.frame_left();
  const std::span<std::uint8_t> piece =
      take(input, static_cast<std::size_t>(std::min<std::uint64_t>(left, input.size())));
  // The offset is how much of this frame came before: the key goes on where the last piece stopped.
  if (header.masking_key) apply_mask(piece, *header.masking_key, header.payload_length - left);
  const std::optional<Message> message = message_.add(piece);
  // The frame is over, with or without a message: from here on the input begins with a header. `header` is not used
  // again.
  if (message_.frame_left() == 0) frame_.reset();
  // A fragment, or a part of one. Nothing is told of it: the RFC gives a fragment no meaning of its own (5.4).
  if (!message) return false;
  // event_.close stays as it was: it is read only in an event of type close or failed.
  event_.type = EventType::message;
  event_.opcode = message->opcode;
  event_.payload = message->payload;
  return true;
}

// Asked after each message, to hold an answer back while another one is certain to be made at once. So it has to be
// cheap, and "no" is always a safe answer.
bool Protocol::message_waits(ByteView input) const {
  if (ended_ || frame_) return false;  // inside a payload, `input` does not begin with a header
  try {
    const std::optional<FrameHeader> header = parse_frame_header(input, rules_);
    // fin: a first fragment completes nothing. Of a last one we do not know here whether it has its place; see the
    // header.
    if (!header || is_control(header->opcode) || !header->fin) return false;
    // The header is all there, so this cannot wrap.
    return input.size() - frame_header_size(*header) >= header->payload_length;
  } catch (const ProtocolError&) {
    return false;  // next_event() will find it again, and say so
  }
}

// For a connection that has gone quiet. Inside a message that memory is the message.
void Protocol::release_memory() {
  if (!inside_message()) message_.release_memory();
}

// The connection is over. What has arrived of an unfinished message is of no use any more.
void Protocol::stop_reading() {
  ended_ = true;  // or the next call would hand a frame to a reader that has stopped
  frame_.reset();
  message_.stop();
}

// ---- The writing half ----

// All that we send but a large payload of a server's goes through here, so no frame of a client's can miss its mask.
void Protocol::append(Bytes& out, FrameHeader header, ByteView payload) const {
  if (role_ == Role::client) header.masking_key = options_.masking_key();  // 5.1, 5.3: a fresh one for every frame
  append_frame(out, header, payload);
}

// All frames of a message at once, so that no other message can get in between them (5.4). The large payload of the
// last frame may stay where it is: then the caller's memory has to last until it is sent.
bool Protocol::send_message(const Message& message, Bytes& out, ByteView* rest) {
  // With a reserved bit it is what an extension has made of the text, and no text any more.
  assert(!message.is_text() || message.rsv != 0 || is_valid_utf8(message.text()));
  // 5.5.1: no data after a Close of our own; and after the peer's, "no guarantee" that anybody would look at it.
  if (state_ != State::open) return false;
  std::size_t sent = 0;
  for (;;) {
    const Fragment fragment = fragment_at(message, sent, options_.max_frame_payload);
    sent += fragment.payload.size();
    const bool last = fragment.header.fin;
    // Only the last payload can be left out of `out`: if an earlier one were, the frames behind it would be sent before
    // it. And never a client's: that has to be masked, and not in the caller's memory.
    if (last && rest && role_ == Role::server && fragment.payload.size() > kCopyLimit) {
      serialize_frame_header(fragment.header, out);
      *rest = fragment.payload;
    } else {
      append(out, fragment.header, fragment.payload);
    }
    if (last) return true;
  }
}

// False once a Close has gone either way: nobody would answer.
bool Protocol::send_ping(ByteView payload, Bytes& out) {
  assert(payload.size() <= kMaxControlPayload);
  if (state_ != State::open) return false;
  append(out, control_header(Opcode::ping, payload), payload);
  return true;
}

// Ours, whether it is the first of the two or the answer. The closing state alone does not forbid it: if the peer has
// begun, ours is what is still missing. Only a second one of ours is forbidden (5.5.1).
bool Protocol::send_close(const CloseBody& body, Bytes& out) {
  const bool may_send = state_ == State::open || (state_ == State::closing && !close_info_.sent);
  if (!may_send) return false;
  // Of a body without a code this is empty: a Close with no body (5.5.1).
  const Bytes payload = serialize_close_body(body);
  append(out, control_header(Opcode::close, payload), payload);
  // Noted only when the frame stands in `out`: if there was no memory for it, the caller aborts, and nothing was sent.
  close_info_.sent = body;
  on(Trigger::close_sent);
  return true;
}

// What the RFC has us do about what was read. Outside of open and closing nobody would get it.
void Protocol::respond(const Event& event, Bytes& out) {
  // Asked here too, though events come only while open or closing: the state may have changed since, on another thread.
  if (state_ == State::connecting || state_ == State::closed) return;
  switch (event.type) {
    // 5.5.2: answered unless a Close was received, and after one there is no event. After a Close of our own it is
    // still answered: the peer has a right to ask until it has seen ours.
    case EventType::ping:
      append(out, control_header(Opcode::pong, event.payload), event.payload);
      break;
    case EventType::close:
      // What the peer said is noted before we answer: it is so even if the answer finds no memory.
      close_info_.received = event.close;
      close_info_.code = event.close.code.value_or(CloseCode::no_status_received);
      close_info_.reason = event.close.reason;
      on(Trigger::close_received);
      // False if ours went first: then this was the answer, and both are through.
      send_close({event.close.code, ""}, out);  // 5.5.1: "typically echos the status code it received"
      break;
    // Nothing if ours has gone already: it said what it said. 7.1.7 asks for a Close only where one may be sent.
    case EventType::failed:
      send_close(event.close, out);
      break;
    // 5.5.3: "A response to an unsolicited Pong frame is not expected", nor to one that we asked for.
    case EventType::message:
    case EventType::pong:
      break;
  }
}

// The end of TCP, whichever side brought it about. More than one place may notice the end; the first one counts.
// A Close that waits in an outbox when TCP ends has not gone its way: only the caller can tell, by `all_sent`.
void Protocol::transport_closed(bool all_sent) {
  if (state_ == State::closed) return;
  close_info_.clean = all_sent && close_info_.sent && close_info_.received;  // 7.1.4
  on(Trigger::transport_closed);
}

}  // namespace websock
