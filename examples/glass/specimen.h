// The other end of the page's own connection: an echo whose bytes are recorded, and which does what the page asks for,
// right or wrong. It is made of the stages, not of the library's server: that one could not do wrong.
#pragma once

#include <deque>
#include <mutex>
#include <optional>
#include <vector>

#include <websock/endpoints/upgrade.h>
#include <websock/protocol/protocol.h>
#include <websock/transport/socket.h>

#include "acts.h"
#include "tape.h"

struct SpecimenLimits {
  std::size_t connections = 64;             // at once: a page that opens them in a loop gets no more threads of us
  websock::Milliseconds handshake{10'000};  // until the whole request is here
  websock::Milliseconds patience{10'000};   // with a browser that does not read, or does not end TCP after us
};

// What other threads want of a connection, and what they may know of it.
struct Wishes {
  std::mutex mutex;  // guards these three
  std::vector<Step> steps;
  bool is_open = false;  // its handshake is done: set by its own thread
  bool must_go = false;  // to make room, unless it is open
  websock::WakePipe wake;
};

// One connection. All of it belongs to its own thread, but for the wishes.
class Specimen {
 public:
  Specimen(websock::Socket socket, Recorder& recorder, const websock::UpgradeRules& rules, const SpecimenLimits& limits,
           Wishes& wishes);

  std::uint64_t connection() const { return tape_.connection(); }  // its number in the recorder

  // Serves it, and returns when it is over.
  void run();

 private:
  // What is to be sent: a step of an act, or an answer that had to wait behind one.
  struct Waiting {
    Step step;
    bool is_answer = false;
  };
  void wait_and_act();
  void take_wishes();
  void enqueue(Waiting next);
  void take_step();
  void receive();
  void open();
  void answer();
  void hear_goodbye();
  // An act may have sent a Close, of which the protocol does not know: its own would be a second one (5.5.1).
  bool have_closed() const { return tape_.conversation().has_closed(websock::Role::server); }
  bool have_done_wrong() const { return tape_.conversation().has_broken_a_rule(websock::Role::server); }
  void send(websock::ByteView bytes);
  void end_politely();
  void reset();
  void end(bool reset);
  void close();

  websock::Socket socket_;
  Tape tape_;
  const websock::UpgradeRules& rules_;
  const SpecimenLimits& limits_;
  Wishes& wishes_;
  websock::Bytes scratch_ = websock::Bytes(64 * 1024);
  websock::Bytes unread_;
  std::optional<websock::Protocol> protocol_;  // after the handshake
  std::deque<Waiting> waiting_;
  websock::Deadline due_ = websock::kNever;  // of the first of them
  websock::Deadline time_limit_;             // of the handshake, later of the browser's end; between the two none
  bool said_goodbye_ = false;                // the browser: its Close has come
  bool we_ended_ = false;                    // our sending side is shut
  bool ended_ = false;                       // nothing is left
};
