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
namespace {

// The most that a message of `max_message` bytes may be, encoded. An eighth more: in the fixed code of DEFLATE, the
// simplest that a compressor may use, a byte of 8 bits costs up to 9. And 256 bytes, for what is around it. ~0 is the
// largest number there is: where the sum would pass it, nothing is added.
std::uint64_t encoded_limit(std::uint64_t max_message) {
  const std::uint64_t more = max_message / 8 + 256;
  return max_message > ~std::uint64_t{0} - more ? max_message : max_message + more;
}

}  // namespace

// Whether the frame has a place here, and how much the message may grow by it: all that can be said before a byte of
// payload is there. When it throws, the reader is left half-way, and is not asked again.
void MessageReader::begin_frame(const FrameHeader& header) {
  assert(!is_control(header.opcode) && frame_left_ == 0);
  // 5.4: the two broken cells of the table above. Either way something is lost, at the peer or at us, and whatever we
  // made of the rest would be a piece of a message that is taken for a whole one.
  const bool continues = header.opcode == Opcode::continuation;
  if (continues && !inside_message()) {
    throw ProtocolError(CloseCode::protocol_error, "a continuation frame continues nothing");
  }
  if (!continues && inside_message()) {
    throw ProtocolError(CloseCode::protocol_error, "a new message begins inside another");
  }
  if (continues && header.rsv != 0) {
    throw ProtocolError(CloseCode::protocol_error, "a reserved bit is set on a continuation frame");
  }
  // Here, and not when the last message was handed out: until now its bytes belonged to the one who got it. Nothing is
  // done about utf8_: the text before it was complete, or we should not be here.
  if (!continues) {
    opcode_ = header.opcode;
    rsv_ = header.rsv;
    announced_ = 0;
    held_.clear();
  }
  // Encoded, a message may be somewhat longer than what it stands for: there are texts that nothing makes shorter.
  const std::uint64_t limit = rsv_ == 0 ? max_message_ : encoded_limit(max_message_);
  // Not `announced_ + length > limit`: the sum could wrap round and pass.
  if (header.payload_length > limit - announced_) {
    throw ProtocolError(CloseCode::message_too_big, "a message is longer than this endpoint accepts");
  }
  announced_ += header.payload_length;
  frame_left_ = header.payload_length;
  last_frame_ = header.fin;
}

// In order: count, check, hold, and ask whether that was all. An empty frame comes by here once, with an empty piece:
// if it is the last of its message, it ends it.
std::optional<Message> MessageReader::add(ByteView piece) {
  assert(inside_message() && piece.size() <= frame_left_);
  // Before any return, since Protocol asks frame_left() afterwards to see whether the frame is over.
  frame_left_ -= piece.size();
  const bool ends = last_frame_ && frame_left_ == 0;
  // Whole in one piece: nothing is held and this is the end. (Or all that came before was empty, which comes to the
  // same.)
  const bool whole = ends && rsv_ == 0 && held_.empty();
  if (rsv_ != 0) {
    decode(extensions_.size(), piece, ends);
  } else {
    check_text(piece);
    if (!whole) hold(piece);
  }
  // Only the message's end must be the end of a character, too: between pieces and between fragments one may be cut
  // (5.6).
  if (ends && opcode_ == Opcode::text && !utf8_.complete()) {
    throw ProtocolError(CloseCode::invalid_payload, "a text message is not UTF-8");
  }
  if (!ends) return std::nullopt;

  const Message message{opcode_, whole ? piece : ByteView(held_)};
  opcode_ =
      Opcode::continuation;  // no message is open. The view stays good: held_ is cleared by the next begin_frame().
  return message;
}

// 9.1: a message was encoded by the first extension first, so it is decoded by the last one first. What the first
// `extensions` of them have yet to decode is `piece`; when none is left, it is what the sender wrote. Each piece is
// judged as it comes out, since a few bytes may stand for a great many.
void MessageReader::decode(std::size_t extensions, ByteView piece, bool ends) {
  if (extensions == 0) {
    // begin_frame() could only limit what goes in; this is what comes out. held_ is never above the limit, so the
    // difference cannot wrap.
    if (piece.size() > max_message_ - held_.size()) {
      throw ProtocolError(CloseCode::message_too_big, "a message is longer than this endpoint accepts");
    }
    check_text(piece);
    return hold(piece);
  }
  const AgreedExtension& extension = extensions_[extensions - 1];
  // Its bit is 0: the sender's extension left this message alone, and ours does, too.
  if ((rsv_ & extension.rsv) == 0) return decode(extensions - 1, piece, ends);
  extension.decode(piece, ends, [&](ByteView decoded) { decode(extensions - 1, decoded, false); });
  if (ends) decode(extensions - 1, {}, true);  // only now is it known that nothing more comes out
}

// 8.1: each piece must be able to become text, so a bad byte is found when it arrives.
void MessageReader::check_text(ByteView piece) {
  if (opcode_ == Opcode::text && !utf8_.feed(piece)) {
    throw ProtocolError(CloseCode::invalid_payload, "a text message is not UTF-8");
  }
}

// What a long message has left, and what extensions hold that they can have again.
void MessageReader::release_memory() {
  held_.release();
  for (const AgreedExtension& extension : extensions_) {
    // Some extensions have nothing to give, and an empty function must not be called.
    if (extension.release_decoder) extension.release_decoder();
  }
}

// The functions of the extensions go, too, and their memory with the last of them.
void MessageReader::stop() {
  held_.release();
  extensions_.clear();
}

// Keeps a piece of a message that has others. In steps that double, so that a message of a million pieces is not copied
// a million times, but never more than the limit: left to itself, a vector of 9 MiB would grow to 18, though 16 is the
// most that can come.
void MessageReader::hold(ByteView piece) {
  // Cannot wrap: both together are at most max_message_, by begin_frame() or by decode().
  const std::size_t needed = held_.size() + piece.size();
  if (needed > held_.capacity()) {
    held_.reserve(std::max(needed, std::min(2 * held_.capacity(), max_message_)));
  }
  held_.append(piece);
}

// The caller goes on at offset + payload.size() until a fragment has fin. So nothing is kept in between: a sender may
// stop after any fragment.
Fragment fragment_at(const Message& message, std::size_t offset, std::size_t max_frame_payload) {
  assert(offset <= message.payload.size());
  // Zero bytes are left only for an empty message: its one frame is empty, and has both the opcode and fin.
  std::size_t length = message.payload.size() - offset;
  // 0: no limit, so that the message is one frame.
  if (max_frame_payload != 0) length = std::min(length, max_frame_payload);

  // 5.4: only the first fragment says what the message is. fin comes from where the fragment ends, so that an empty
  // message is one frame, with fin, and no special case.
  FrameHeader header;
  header.opcode = offset == 0 ? message.opcode : Opcode::continuation;
  header.rsv = offset == 0 ? message.rsv : 0;  // the first frame speaks for the whole message
  header.fin = offset + length == message.payload.size();
  header.payload_length = length;
  return {header, message.payload.subspan(offset, length)};
}

// For a broadcast, whose frames are made once for all servers' connections.
Buffer frames_of(const Message& message, std::size_t max_frame_payload) {
  Buffer frames;
  // Room for all of it beforehand, so that the payload is copied once. A header too many costs a few bytes.
  const std::size_t count = max_frame_payload == 0 ? 1 : message.payload.size() / max_frame_payload + 1;
  frames.reserve(message.payload.size() + count * kMaxFrameHeader);
  // Asked after, not before: an empty message has one frame, too.
  bool last = false;
  for (std::size_t sent = 0; !last;) {
    const Fragment fragment = fragment_at(message, sent, max_frame_payload);
    Bytes header;
    serialize_frame_header(fragment.header, header);
    frames.append(header);
    frames.append(fragment.payload);
    sent += fragment.payload.size();
    last = fragment.header.fin;
  }
  return frames;
}

// The one place where a payload is put behind its header. It is masked in `out`, as a copy: what the caller passed
// stays as it is, and is fixed before a byte of the frame can leave (10.3).
void append_frame(Bytes& out, const FrameHeader& header, ByteView payload) {
  assert(header.payload_length == payload.size());
  // No reserve() here. A caller that appends many frames to one `out` would see it moved each time: a vector that is
  // asked for an exact size need not grow by doubling.
  serialize_frame_header(header, out);
  out.insert(out.end(), payload.begin(), payload.end());
  if (header.masking_key) apply_mask(std::span(out).last(payload.size()), *header.masking_key);
}

}  // namespace websock
