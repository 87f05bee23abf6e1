// Each side of a conversation goes through its phases on its own, but for one step: whether the client's bytes behind
// its request are frames is for the server's response to say. A client that does not wait for it is not read until then.
#include "conversation.h"

#include <algorithm>
#include <utility>

#include <websock/framing/mask.h>
#include <websock/protocol/close.h>

#include "rows.h"

using namespace websock;

namespace {

constexpr std::uint64_t kShown = 128;          // bytes of a payload
constexpr std::size_t kMaxSilent = 64 * 1024;  // bytes of a client that does not wait for the server's answer
constexpr HeadLimits kAnyHead = {64 * 1024, 1000};

ByteView take(ByteView& input, std::size_t count) {
  const ByteView taken = input.first(count);
  input = input.subspan(count);
  return taken;
}

}  // namespace

std::vector<Line> Conversation::hear(Role sender, ByteView bytes) {
  Side& side = side_of(sender);
  side.unread.insert(side.unread.end(), bytes.begin(), bytes.end());
  read(side);
  if (sender == Role::server) read(side_of(Role::client));  // who may have waited for that
  return std::exchange(lines_, {});
}

std::vector<Line> Conversation::hear_end(Role sender, bool reset) {
  Side& side = side_of(sender);
  if (side.frame && side.payload_read < kShown && !side.unread.empty()) {
    say(side, payload_row(*side.frame, side.payload_read, side.unread));
  }
  if (side.frame || !side.unread.empty()) complain(side, "the end comes in the middle");
  if (side.passed_unread > 0) say(side, "(" + std::to_string(side.passed_unread) + " bytes were not looked at)");
  say(side, reset ? "(reset)" : "(end)");
  return std::exchange(lines_, {});
}

void Conversation::read(Side& side) {
  ByteView input = side.unread;
  try {
    while (read_next(side, input)) {
    }
  } catch (const HttpError& error) {
    give_up(side, error.what(), input);
  } catch (const ProtocolError& error) {
    give_up(side, error.what(), input);
  }
  if (side.phase == Phase::unread) side.passed_unread += take(input, input.size()).size();
  side.unread.erase(side.unread.begin(), side.unread.end() - static_cast<std::ptrdiff_t>(input.size()));
}

bool Conversation::read_next(Side& side, ByteView& input) {
  switch (side.phase) {
    case Phase::head:
      return read_head(side, input);
    case Phase::silent:
      if (input.size() > kMaxSilent) give_up(side, "the client does not wait for an answer", input);
      return false;
    case Phase::frames:
      return side.frame ? read_payload(side, input) : read_frame_header(side, input);
    case Phase::unread:
      break;
  }
  return false;
}

bool Conversation::read_head(Side& side, ByteView& input) {
  const std::optional<std::size_t> size = find_head(text_of(input), kAnyHead);
  if (!size) return false;
  const std::string_view head = text_of(input.first(*size));
  for (std::size_t at = 0, end; (end = head.find("\r\n", at)) != head.npos; at = end + 2) {
    say(side, printable(head.substr(at, end - at)));
  }
  side.phase = Phase::silent;
  if (side.sender == Role::server) note_response(parse_response(head));
  take(input, *size);
  return true;
}

void Conversation::note_response(const Response& response) {
  if (find_field(response.fields, "Sec-WebSocket-Extensions") != nullptr) allowed_rsv_ = kAllRsvBits;
  for (Side& side : sides_) side.phase = response.status == 101 ? Phase::frames : Phase::unread;
}

bool Conversation::read_frame_header(Side& side, ByteView& input) {
  const std::optional<FrameHeader> header = parse_frame_header(input, {side.sender, allowed_rsv_});
  if (!header) return false;
  const ByteView wire = take(input, frame_header_size(*header));
  say(side, to_string(*header));
  for (const std::string& row : header_rows(*header, wire)) say(side, row);
  side.frame = header;
  side.payload_read = 0;
  if (header->payload_length == 0) note_frame_end(side);
  return true;
}

// A row of the payload, or, when enough was shown, whatever there is of the rest.
bool Conversation::read_payload(Side& side, ByteView& input) {
  const std::uint64_t left = side.frame->payload_length - side.payload_read;
  const bool is_shown = side.payload_read < kShown;
  if (input.size() < (is_shown ? std::min<std::uint64_t>(left, kRowBytes) : 1)) return false;
  const std::uint64_t most = is_shown ? kRowBytes : input.size();
  const ByteView wire = take(input, static_cast<std::size_t>(std::min(left, most)));

  if (is_shown) say(side, payload_row(*side.frame, side.payload_read, wire));
  if (side.frame->opcode == Opcode::close) side.close_body.insert(side.close_body.end(), wire.begin(), wire.end());
  side.payload_read += wire.size();
  const std::uint64_t hidden = left - wire.size();
  if (side.payload_read == kShown && hidden > 0) say(side, "    and " + std::to_string(hidden) + " bytes more");
  if (hidden == 0) note_frame_end(side);
  return true;
}

void Conversation::note_frame_end(Side& side) {
  const FrameHeader frame = *std::exchange(side.frame, std::nullopt);
  if (frame.opcode != Opcode::close) return;
  Bytes payload = std::exchange(side.close_body, {});
  if (frame.masking_key) apply_mask(payload, *frame.masking_key);
  try {
    const CloseBody body = parse_close_body(payload);
    say(side, "    " + (body.code ? to_string(*body.code) : "no code") + ", \"" + printable(body.reason) + "\"");
  } catch (const ProtocolError& error) {
    complain(side, error.what());
  }
}

void Conversation::give_up(Side& side, const char* why, ByteView input) {
  complain(side, why);
  say(side, "    " + hex_of(input.first(std::min<std::size_t>(input.size(), kMaxFrameHeader))));
  say(side, "(from here on nothing is looked at, only passed on)");
  side.phase = Phase::unread;
}
