// What the frames of a conversation add up to: messages, goodbyes, and the states that the connection goes through.
//
// After a message that breaks a rule we follow this side's messages no more: its receiver has to fail the connection
// (7.1.7), and what a broken message is followed by has no meaning. The frames are still told.
#include <algorithm>
#include <utility>

#include "conversation.h"

using namespace websock;

namespace {

constexpr const char* kNotText = "a text message is not UTF-8";

}  // namespace

// ---- Messages ----

// A data frame begins: does it have its place here (5.4)? Control frames do not get here, so they may come between
// fragments.
void Conversation::note_message_frame(Side& side, const FrameHeader& header) {
  if (!side.follows_messages) return;
  const bool continues = header.opcode == Opcode::continuation;
  // Both mistakes in one comparison: to continue what never began, and to begin inside.
  if (continues != side.inside_message) {
    side.follows_messages = false;
    return complain(side, continues ? "a continuation frame continues nothing" : "a new message begins inside another");
  }
  if (!continues) {
    // A reserved bit on a first frame: an extension has changed the whole message.
    // nth goes on: it counts whole messages of this side.
    side.message = {side.message.nth, header.opcode, side.frames, 0, 0, {}, {}, header.rsv != 0};
    if (side.message.compressed && deflates_) side.message.inflated.emplace();
    side.utf8 = Utf8Validator();
  }
  side.inside_message = true;
  note_fragment(side.message, header.payload_length);
  // It may be the last fragment, and no byte will come to end the message.
  if (header.payload_length == 0) note_message_bytes(side, {});
}

// One frame more of the message. The same place is not noted twice, which also leaves out 0, where the message begins:
// a fragment of two bytes, `00 00`, moves nothing, and its sender could go on with it for ever.
void Conversation::note_fragment(MessageHeard& message, std::uint64_t payload_length) {
  const std::uint64_t cut = message.length;
  const std::uint64_t last = message.cuts.empty() ? 0 : message.cuts.back();
  if (cut > last && cut < kBeginning) message.cuts.push_back(cut);
  ++message.frames;
  message.length += payload_length;
}

// The next bytes of the frame that is open, unmasked. They are checked as they come (8.1), and only the beginning is
// kept: whoever looks on has no limit on messages, and must not need one.
void Conversation::note_message_bytes(Side& side, ByteView plain) {
  if (!side.follows_messages) return;
  MessageHeard& message = side.message;
  const FrameHeader& frame = *side.frame;
  // The last byte of the last frame, and not before: fin alone says only that no further frame follows.
  const bool ends = frame.fin && side.payload_read == frame.payload_length;
  try {
    // What another extension has made of it we cannot read: then nothing is kept of it, and nothing checked. complete()
    // is true of a text of no bytes.
    if (message.inflated) note_deflated_bytes(side, plain, ends);
    if (!message.compressed) note_text(side, plain);
    // A text may not end inside a character. A fragment may, so this is asked of the last one only.
    if (ends && message.opcode == Opcode::text && !side.utf8.complete()) throw InflateError(kNotText);
  } catch (const InflateError& error) {
    side.follows_messages = false;
    return complain(side, error.what());
  }
  if (!ends) return;
  side.inside_message = false;
  // Only what is whole counts: JavaScript hears of no other.
  ++message.nth;
  tell(side, message);
}

// The same for bytes that permessage-deflate has made: what they say is looked at.
void Conversation::note_deflated_bytes(Side& side, ByteView deflated, bool ends) {
  Inflated& inflated = *side.message.inflated;
  const auto output = [&](ByteView text) {
    inflated.bytes += text.size();
    note_text(side, text);
  };
  side.deflated.add(deflated, output);
  if (ends) inflated.blocks = side.deflated.end_message(output);
}

// Throws InflateError, since it is called from inside the inflater, too: so there is one way out of both. Beyond
// kBeginning text is checked and let go.
void Conversation::note_text(Side& side, ByteView text) {
  MessageHeard& message = side.message;
  const ByteView kept = text.first(std::min(text.size(), kBeginning - message.beginning.size()));
  message.beginning.insert(message.beginning.end(), kept.begin(), kept.end());
  if (message.opcode == Opcode::text && !side.utf8.feed(text)) throw InflateError(kNotText);
}

// ---- Goodbyes ----

// The body of a Close, once it is whole. A wrong one is complained of, and counts as said: its sender has sent a Close,
// whatever is in it.
void Conversation::note_close(Side& side) {
  const Bytes payload = std::exchange(side.close_body, {});
  try {
    side.closed = parse_close_body(payload);
    tell(side, CloseHeard{side.frames, *side.closed});
  } catch (const ProtocolError& error) {
    complain(side, error.what());
  }
  // We see the states as the server does: its own Close was sent, the client's was received.
  change_state(side, side.sender == Role::client ? Trigger::close_received : Trigger::close_sent);
}

// ---- States ----

// Nothing, if the table has no such edge: a stranger may do what he likes.
void Conversation::change_state(const Side& side, Trigger trigger) {
  for (const Edge& edge : kEdges) {
    if (edge.from != state_ || edge.trigger != trigger) continue;
    state_ = edge.to;
    tell(side, StateChanged{edge});
    return;
  }
}

// What a client is told stands in the server's Close (7.1.5).
void Conversation::note_end() {
  const std::optional<CloseBody>& heard = side_of(Role::server).closed;
  Closed closed;
  if (heard) {
    // Without a Close of the server's it stays what Closed begins with: 1006, and not clean.
    closed.code = heard->code.value_or(CloseCode::no_status_received);
    closed.reason = heard->reason;
    closed.clean = side_of(Role::client).closed.has_value();
  }
  tell(side_of(Role::server), std::move(closed));
}
