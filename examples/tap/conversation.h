// What a client and a server say to each other, as lines to be printed. Bytes in, lines out: it neither receives nor
// sends, and what it does not understand it leaves alone.
#pragma once

#include <array>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <websock/bytes.h>
#include <websock/framing/frame.h>
#include <websock/handshake/http.h>

struct Line {
  websock::Role sender = websock::Role::client;
  bool fault = false;
  std::string text;
};

class Conversation {
 public:
  // The next bytes of one side. Returns what they complete.
  std::vector<Line> hear(websock::Role sender, websock::ByteView bytes);

  // The side says no more: the end of its stream, or a reset.
  std::vector<Line> hear_end(websock::Role sender, bool reset);

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
    websock::Bytes unread = {};                      // not understood yet
    std::optional<websock::FrameHeader> frame = {};  // the one whose payload is arriving
    std::uint64_t payload_read = 0;                  // bytes of it
    websock::Bytes close_body = {};                  // as it came
    std::uint64_t passed_unread = 0;                 // bytes, in the last phase
  };

  Side& side_of(websock::Role role) { return sides_[role == websock::Role::client ? 0 : 1]; }
  // These take what they understand from the front of `input`. False: they wait for more.
  void read(Side& side);
  bool read_next(Side& side, websock::ByteView& input);
  bool read_head(Side& side, websock::ByteView& input);
  bool read_frame_header(Side& side, websock::ByteView& input);
  bool read_payload(Side& side, websock::ByteView& input);

  void note_response(const websock::Response& response);
  void note_frame_end(Side& side);
  void give_up(Side& side, const char* why, websock::ByteView input);
  void say(const Side& side, std::string text) { lines_.push_back({side.sender, false, std::move(text)}); }
  void complain(const Side& side, const std::string& why) { lines_.push_back({side.sender, true, "! " + why}); }

  std::array<Side, 2> sides_ = {{{websock::Role::client}, {websock::Role::server}}};
  std::uint8_t allowed_rsv_ = 0;  // all, as soon as an extension is agreed on: what it does with them is its own affair
  std::vector<Line> lines_;
};
