// One connection on its way into the recorder.
#pragma once

#include <array>

#include "recorder.h"
#include "tap/conversation.h"

class Tape {
 public:
  Tape(Recorder& recorder, bool own, const std::string& peer, const std::string& to)
      : recorder_(recorder), connection_(recorder.open(own, peer, to)) {}

  std::uint64_t connection() const { return connection_; }

  // `sender` has said this, and `call` brought it here or takes it there.
  void pass(websock::Role sender, const char* call, websock::ByteView bytes) {
    std::uint64_t& at = passed_[sender == websock::Role::client ? 0 : 1];
    recorder_.add(connection_, Piece{sender, call, at, bytes.size()}, conversation_.hear(sender, bytes));
    at += bytes.size();
  }

  const Conversation& conversation() const { return conversation_; }

  // And says no more.
  void end(websock::Role sender, bool reset) {
    for (Heard& heard : conversation_.hear_end(sender, reset)) recorder_.add(connection_, std::move(heard));
  }

  void tag(std::string tag) { recorder_.add(connection_, Tagged{std::move(tag)}); }

 private:
  Recorder& recorder_;
  const std::uint64_t connection_;
  Conversation conversation_;
  std::array<std::uint64_t, 2> passed_ = {};  // bytes of the client and of the server
};
