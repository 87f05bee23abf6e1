// What a client and a server say to each other, understood: bytes in, events out. It neither receives nor sends, and
// what it does not understand it leaves alone.
#pragma once

#include <array>
#include <optional>
#include <string>
#include <vector>

#include <websock/bytes.h>
#include <websock/handshake/http.h>
#include <websock/protocol/utf8.h>

#include "heard.h"

class Conversation {
 public:
  // The next bytes of one side. Returns what they complete.
  std::vector<Heard> hear(websock::Role sender, websock::ByteView bytes);

  // The side says no more: the end of its stream, or a reset.
  std::vector<Heard> hear_end(websock::Role sender, bool reset);

  // Whether this side has said goodbye; and whether it has broken a rule, so that the other will not listen any more.
  bool has_closed(websock::Role sender) const { return side_of(sender).closed.has_value(); }
  bool has_broken_a_rule(websock::Role sender) const {
    return side_of(sender).phase == Phase::unread || !side_of(sender).follows_messages;
  }

 private:
  enum class Phase {
    head,    // of the request, or of the response
    silent,  // of a client: between its head and the answer to it
    frames,
    unread,  // something is not as expected: nothing can be told about what comes
  };
  struct Side {
    websock::Role sender;
    Phase phase = Phase::head;
    websock::Bytes unread = {};       // not understood yet
    std::uint64_t at = 0;             // where in the stream the first of them stands
    std::uint64_t shown = 0;          // up to where BytesHeard has told
    bool is_websocket = false;        // its head was followed by frames, so its bytes may be shown
    std::uint64_t passed_unread = 0;  // bytes, in the last phase
    bool ended = false;

    std::uint64_t frames = 0;                        // begun so far
    std::optional<websock::FrameHeader> frame = {};  // the one whose payload is arriving
    std::uint64_t payload_read = 0;                  // bytes of it
    websock::Bytes row = {};                         // its last bytes, if they do not fill a row
    websock::Bytes close_body = {};                  // as it came
    std::optional<websock::CloseBody> closed = {};

    bool inside_message = false;
    MessageHeard message = {};  // the one that is open, or was last
    websock::Utf8Validator utf8 = {};
    Deflated deflated = {};        // what compressed messages refer to
    bool follows_messages = true;  // until one breaks a rule
  };

  const Side& side_of(websock::Role role) const { return sides_[role == websock::Role::client ? 0 : 1]; }
  Side& side_of(websock::Role role) { return sides_[role == websock::Role::client ? 0 : 1]; }
  static websock::ByteView take(Side& side, websock::ByteView& input, std::size_t count);
  // These take what they understand from the front of `input`. False: they wait for more.
  void read(Side& side);
  bool read_next(Side& side, websock::ByteView& input);
  bool read_head(Side& side, websock::ByteView& input);
  bool read_frame_header(Side& side, websock::ByteView& input);
  bool read_payload(Side& side, websock::ByteView& input);

  void show(Side& side, websock::ByteView input);
  void note_request(std::string_view head);
  void note_response(const websock::Response& response);
  void note_message_frame(Side& side, const websock::FrameHeader& header);
  static void note_fragment(MessageHeard& message, std::uint64_t payload_length);
  void note_message_bytes(Side& side, websock::ByteView plain);
  void note_deflated_bytes(Side& side, websock::ByteView deflated, bool ends);
  void note_text(Side& side, websock::ByteView text);
  void note_frame_end(Side& side);
  void note_close(Side& side);
  void change_state(const Side& side, websock::Trigger trigger);
  void note_end();
  void complain(const Side& side, const char* why);
  void give_up(Side& side, const char* why, websock::ByteView input);
  void tell(const Side& side, decltype(Heard::what) what) { events_.push_back({side.sender, std::move(what)}); }

  std::array<Side, 2> sides_ = {{{websock::Role::client}, {websock::Role::server}}};
  std::uint8_t allowed_rsv_ = 0;  // all, as soon as an extension is agreed on: what it does with them is its own affair
  bool deflates_ = false;         // the extension is permessage-deflate, and no other beside it
  std::string key_;               // of the request
  websock::State state_ = websock::State::connecting;
  std::vector<Heard> events_;
};
