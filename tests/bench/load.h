// The load: many clients on one thread, each of which keeps so many messages in flight, and what happened to them.
#pragma once

#include <sys/types.h>

#include <vector>

#include "endpoints/uri.h"
#include "framing/frame.h"
#include "transport/deadline.h"

struct Load {
  websock::Uri uri = {.host = "127.0.0.1"};
  bool raw = false;      // no WebSocket: frames are bytes, which the server sends back as they are
  pid_t server_pid = 0;  // 0: not known, and then its costs are not either
  std::size_t clients = 64;
  std::size_t payload = 32;  // bytes of a message
  std::size_t in_flight = 1;
  websock::Opcode opcode = websock::Opcode::text;
  websock::Milliseconds time{3'000};  // at least, and a fifth more before it, as a warm-up
};

struct Outcome {
  double seconds = 0;
  std::vector<float> round_trips;  // microseconds, one for each message
  double load_cpu = 0;             // seconds
  double server_cpu = 0;           // seconds; not a number if not known
  double server_memory = 0;        // KiB that the clients added; likewise
};

// Throws std::runtime_error if an answer is wrong or a connection ends.
Outcome run_load(const Load& load);
