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
    recorder_.add(connection_, Piece{sender, call, at, bytes.size()});
    at += bytes.size();
    add(conversation_.hear(sender, bytes));
  }

  const Conversation& conversation() const { return conversation_; }

  // And says no more.
  void end(websock::Role sender, bool reset) { add(conversation_.hear_end(sender, reset)); }

  void tag(std::string tag) { recorder_.add(connection_, Tagged{std::move(tag)}); }

 private:
  void add(std::vector<Heard> all) {
    for (Heard& heard : all) recorder_.add(connection_, std::move(heard));
  }

  Recorder& recorder_;
  const std::uint64_t connection_;
  Conversation conversation_;
  std::array<std::uint64_t, 2> passed_ = {};  // bytes of the client and of the server
};
