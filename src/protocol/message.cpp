// Two small automata that mirror each other.
//
// The reader remembers the opcode of the message that is open. `continuation` in that place means that none is: a
// message cannot begin with a continuation, so that value is free. From it follows what the next frame may be:
//
//     open message     text or binary           continuation
//     none             begins a message         "nothing to continue", 1002
//     one              "inside another", 1002   adds to it; with fin, ends it
//
// A message that lies whole in the piece it arrived in (by far the most common kind) is handed out where it lies. Any
// other is gathered in held_, which grows by doubling up to max_message. A frame may announce 2^62 bytes in ten: memory
// follows what arrives, never what is announced.
#include "protocol/message.h"

#include <algorithm>
#include <cassert>

#include "framing/mask.h"

namespace websock {

void MessageReader::begin_frame(const FrameHeader& header) {
  assert(!is_control(header.opcode) && frame_left_ == 0);
  const bool continues = header.opcode == Opcode::continuation;
  if (continues && !inside_message()) {
    throw ProtocolError(CloseCode::protocol_error, "a continuation frame continues nothing");
  }
  if (!continues && inside_message()) {
    throw ProtocolError(CloseCode::protocol_error, "a new message begins inside another");  // 5.4
  }
  if (!continues) {
    opcode_ = header.opcode;
    announced_ = 0;
    held_.clear();
  }
  // Not `announced_ + length > max`: the sum could wrap round and pass.
  if (header.payload_length > max_message_ - announced_) {
    throw ProtocolError(CloseCode::message_too_big, "a message is longer than this endpoint accepts");
  }
  announced_ += header.payload_length;
  frame_left_ = header.payload_length;
  last_frame_ = header.fin;
}

std::optional<Message> MessageReader::add(ByteView piece) {
  assert(inside_message() && piece.size() <= frame_left_);
  frame_left_ -= piece.size();
  const bool ends = last_frame_ && frame_left_ == 0;
  if (opcode_ == Opcode::text && (!utf8_.feed(piece) || (ends && !utf8_.complete()))) {
    throw ProtocolError(CloseCode::invalid_payload, "a text message is not UTF-8");
  }
  const bool whole = ends && held_.empty();
  if (!whole) hold(piece);
  if (!ends) return std::nullopt;

  const Message message{opcode_, whole ? piece : ByteView(held_)};
  opcode_ = Opcode::continuation;
  return message;
}

void MessageReader::hold(ByteView piece) {
  const std::size_t needed = held_.size() + piece.size();
  if (needed > held_.capacity()) {
    held_.reserve(std::max(needed, std::min(2 * held_.capacity(), max_message_)));
  }
  held_.insert(held_.end(), piece.begin(), piece.end());
}

Fragment fragment_at(const Message& message, std::size_t offset, std::size_t max_frame_payload) {
  assert(offset <= message.payload.size());
  std::size_t length = message.payload.size() - offset;
  if (max_frame_payload != 0) length = std::min(length, max_frame_payload);

  FrameHeader header;
  header.opcode = offset == 0 ? message.opcode : Opcode::continuation;
  header.fin = offset + length == message.payload.size();
  header.payload_length = length;
  return {header, message.payload.subspan(offset, length)};
}

void append_message(Bytes& out, const Message& message, std::size_t max_frame_payload) {
  bool last = false;
  for (std::size_t sent = 0; !last;) {
    const Fragment fragment = fragment_at(message, sent, max_frame_payload);
    append_frame(out, fragment.header, fragment.payload);
    sent += fragment.payload.size();
    last = fragment.header.fin;
  }
}

void append_frame(Bytes& out, const FrameHeader& header, ByteView payload) {
  assert(header.payload_length == payload.size());
  serialize_frame_header(header, out);
  out.insert(out.end(), payload.begin(), payload.end());
  if (header.masking_key) apply_mask(std::span(out).last(payload.size()), *header.masking_key);
}

}  // namespace websock
