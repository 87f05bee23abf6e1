// Each side of a conversation goes through its phases on its own, but for one step: whether the client's bytes behind
// its request are frames is for the server's response to say. A client that does not wait for it is not read until
// then.
//
// Where a frame breaks a rule the two ends may go on in different ways, so nothing that follows can be told with
// certainty, and we stop. Where only a message breaks one (text that is not UTF-8, a continuation of nothing) the
// frames still stand where they stand, and we go on. Messages are not held: conversation_messages.cpp.
#include "conversation.h"

#include <algorithm>
#include <utility>

#include <websock/framing/mask.h>
#include <websock/handshake/handshake.h>

#include "rows.h"

using namespace websock;

namespace {

constexpr std::size_t kMaxSilent = 64 * 1024;  // bytes of a client that does not wait for the server's answer
// Four times what our own server takes, and ten times as many fields: who looks on has to read what the ends may.
constexpr HeadLimits kAnyHead = {64 * 1024, 1000};

}  // namespace

// ---- The ways in ----

// Bytes go behind what is not understood yet, and then as far as it goes. The events leave with the call: nobody has to
// ask for them.
std::vector<Heard> Conversation::hear(Role sender, ByteView bytes) {
  Side& side = side_of(sender);
  side.unread.insert(side.unread.end(), bytes.begin(), bytes.end());
  read(side);
  if (sender == Role::server) read(side_of(Role::client));  // who may have waited for that
  return std::exchange(events_, {});
}

// The end of one side's stream. What it has left unfinished is told now, since nothing will complete it.
std::vector<Heard> Conversation::hear_end(Role sender, bool reset) {
  Side& side = side_of(sender);
  EndHeard end = {reset, side.frame || !side.unread.empty(), {}, side.passed_unread};
  if (side.frame && !side.row.empty()) {
    end.unfinished = {side.frames, *side.frame, side.payload_read - side.row.size(), side.row};
  }
  tell(side, std::move(end));
  side.ended = true;
  // The second of the two ends finds no such edge, and changes nothing.
  change_state(side, Trigger::transport_closed);
  // A reset ends both directions at once; of an orderly end each side has its own.
  if (reset || (sides_[0].ended && sides_[1].ended)) note_end();
  return std::exchange(events_, {});
}

// ---- Reading ----

// The next bytes of `input`, which are understood.
ByteView Conversation::take(Side& side, ByteView& input, std::size_t count) {
  const ByteView taken = input.first(count);
  input = input.subspan(count);
  side.at += count;
  return taken;
}

// As far as it can. What is left unread is the beginning of something, and waits for more.
void Conversation::read(Side& side) {
  // What is taken moves the front of `input`; the bytes themselves stay where they are until the end.
  ByteView input = side.unread;
  try {
    while (read_next(side, input)) {
    }
    // Either is thrown before anything of the broken thing was taken: `input` still begins with it.
  } catch (const HttpError& error) {
    give_up(side, error.what(), input);
  } catch (const ProtocolError& error) {
    give_up(side, error.what(), input);
  }
  // Shown, if this is a WebSocket, and counted; but not kept, or a stream that we gave up would fill our memory.
  if (side.phase == Phase::unread) {
    show(side, input);
    side.passed_unread += take(side, input, input.size()).size();
  }
  side.unread.erase(side.unread.begin(), side.unread.end() - static_cast<std::ptrdiff_t>(input.size()));
}

// A step of one side: true if it understood something, and may understand more.
bool Conversation::read_next(Side& side, ByteView& input) {
  switch (side.phase) {
    case Phase::head:
      return read_head(side, input);
    case Phase::silent:
      // A client may send its first frames at once. One that sends on without an answer would have us keep all of it.
      if (input.size() > kMaxSilent) give_up(side, "the client does not wait for an answer", input);
      return false;
    case Phase::frames:
      // Before the parser, which may refuse them: bytes that break a rule are to be seen above all.
      show(side, input);
      return side.frame ? read_payload(side, input) : read_frame_header(side, input);
    case Phase::unread:
      break;
  }
  return false;
}

// Tells of what is new in `input`, which begins at side.at.
void Conversation::show(Side& side, ByteView input) {
  const std::uint64_t end = side.at + input.size();
  const std::uint64_t from = std::exchange(side.shown, end);
  // Of a head, nothing: see heard.h. And nothing twice: read_next() comes here again for the same bytes.
  if (!side.is_websocket || from >= end) return;
  // What is new is the end of the input, or, behind a head, all of it.
  const ByteView fresh = input.last(static_cast<std::size_t>(std::min<std::uint64_t>(end - from, input.size())));
  tell(side, BytesHeard{end - fresh.size(), Bytes(fresh.begin(), fresh.end())});
}

// A client that has sent its request is silent until the server has answered: only the answer says what follows.
bool Conversation::read_head(Side& side, ByteView& input) {
  const std::optional<std::size_t> size = find_head(text_of(input), kAnyHead);
  if (!size) return false;
  const std::string head(text_of(input.first(*size)));
  // Told before it is parsed: a head that is wrong is shown, too.
  tell(side, HeadHeard{side.at, head});
  take(side, input, *size);
  side.phase = Phase::silent;
  if (side.sender == Role::client)
    note_request(head);
  else
    note_response(parse_response(head));
  return true;
}

// All that we want of a request is the key, to hold it against the answer.
void Conversation::note_request(std::string_view head) {
  try {
    const Request request = parse_request(head);
    if (const std::string* key = find_field(request.fields, "Sec-WebSocket-Key")) key_ = *key;
  } catch (const HttpError&) {
    // Whether that is a request is for the server to judge. Without a key there will be no 101.
  }
}

// Both sides change with the server's answer, once it is the one that counts. Any extension may use reserved bits, and
// we know none: so all are let through.
void Conversation::note_response(const Response& response) {
  // RFC 9110 section 15.2: a 100 or a 103 says that the answer is on its way, and there may be several. A client skips
  // them, and so do we: the next head is the server's, too. 101 has the same first digit, and is an answer.
  if (response.status / 100 == 1 && response.status != 101) {
    side_of(Role::server).phase = Phase::head;
    return;
  }
  const std::vector<Extension> extensions = parse_extensions(response.fields);
  // Simplification: an extension is taken to change messages, and not how frames are built: those are read as before.
  if (!extensions.empty()) allowed_rsv_ = kAllRsvBits;
  deflates_ = extensions.size() == 1 && extensions[0].name == "permessage-deflate";
  const bool accepted = response.status == 101;
  for (Side& side : sides_) {
    side.phase = accepted ? Phase::frames : Phase::unread;
    side.is_websocket = accepted;
    // What waited behind a head has not been shown: from here on it may be.
    side.shown = side.at;
  }
  if (!accepted) return;
  const std::string* accept = find_field(response.fields, "Sec-WebSocket-Accept");
  tell(side_of(Role::server), AcceptHeard{key_, accept != nullptr ? *accept : ""});
  change_state(side_of(Role::server), Trigger::handshake_completed);
}

// The same parser as an endpoint's, so a header that is refused here is refused there.
bool Conversation::read_frame_header(Side& side, ByteView& input) {
  const std::optional<FrameHeader> header = parse_frame_header(input, {side.sender, allowed_rsv_});
  if (!header) return false;
  const std::uint64_t at = side.at;
  const ByteView wire = take(side, input, frame_header_size(*header));
  tell(side, FrameBegan{++side.frames, at, *header, Bytes(wire.begin(), wire.end())});
  // Set before the messages are told of it: they look at the frame that is open.
  side.frame = header;
  side.payload_read = 0;
  if (!is_control(header->opcode)) note_message_frame(side, *header);
  // No byte of it will come to say so.
  if (header->payload_length == 0) note_frame_end(side);
  return true;
}

// Told in whole rows: side.row keeps the beginning of a row until the rest has come, or the frame ends.
bool Conversation::read_payload(Side& side, ByteView& input) {
  if (input.empty()) return false;
  const FrameHeader frame = *side.frame;
  const std::uint64_t left = frame.payload_length - side.payload_read;
  const ByteView wire = take(side, input, static_cast<std::size_t>(std::min<std::uint64_t>(left, input.size())));

  // The bytes that were kept come again, in front of the new ones, and the event begins where they did: at a multiple
  // of kRowBytes. So a row can be drawn from one event, however TCP has cut it.
  PayloadHeard heard = {side.frames, frame, side.payload_read - side.row.size(), std::exchange(side.row, {})};
  heard.wire.insert(heard.wire.end(), wire.begin(), wire.end());
  // Only the new ones are unmasked for the message: it has had the others.
  Bytes plain(wire.begin(), wire.end());
  if (frame.masking_key) apply_mask(plain, *frame.masking_key, side.payload_read);
  side.payload_read += wire.size();
  // Unless the frame ends here: then its last row is as long as it is.
  if (wire.size() < left) side.row.assign(heard.wire.end() - heard.wire.size() % kRowBytes, heard.wire.end());
  tell(side, std::move(heard));

  // 125 bytes at most: the parser has refused more.
  if (frame.opcode == Opcode::close) side.close_body.insert(side.close_body.end(), plain.begin(), plain.end());
  if (!is_control(frame.opcode)) note_message_bytes(side, plain);
  if (wire.size() == left) note_frame_end(side);
  return true;
}

// A Close is judged when it is whole; of other frames the message has taken its bytes already.
void Conversation::note_frame_end(Side& side) {
  const FrameHeader frame = *std::exchange(side.frame, std::nullopt);
  if (frame.opcode == Opcode::close) note_close(side);
}

// A rule of messages is broken. The frames go on: side.at is where the next one begins, or the next piece.
void Conversation::complain(const Side& side, const char* why) {
  tell(side, FaultHeard{side.at, why, false, false, {}});
}

// A frame or a head cannot be read, so nobody knows where the next one begins. `input`: from the first byte that was
// not understood on; enough of it goes along for a header, and some payload.
void Conversation::give_up(Side& side, const char* why, ByteView input) {
  const ByteView wire = input.first(std::min(input.size(), kFaultBytes));
  tell(side, FaultHeard{side.at, why, !side.is_websocket, true, Bytes(wire.begin(), wire.end())});
  side.phase = Phase::unread;
}
