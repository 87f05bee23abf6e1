// The server at the other end of the page's own connection: an echo whose bytes are recorded, and which does what the
// page asks for, right or wrong. It is made of the stages, not of the library's server: that one could not do wrong.
#pragma once

#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include <websock/endpoints/thread_group.h>
#include <websock/endpoints/upgrade.h>
#include <websock/transport/socket.h>

#include "acts.h"
#include "recorder.h"

class Specimens {
 public:
  // Listens on 127.0.0.1, on a port that the system chooses. `rules`: who may come in.
  Specimens(Recorder& recorder, websock::UpgradeRules rules);

  std::uint16_t port() const { return listener_.local_port(); }

  // Accepts, and gives each connection a thread; for ever.
  void serve();

  // Does this on one of the connections: its own thread takes the steps. False: there is no such connection, or none any
  // more. Any thread.
  bool perform(std::uint64_t connection, const std::vector<Step>& steps);

 private:
  // What other threads want of a connection's own.
  struct Wishes {
    std::mutex mutex;  // guards the steps
    std::vector<Step> steps;
    websock::WakePipe wake;
  };
  void serve_one();
  void converse(websock::Socket socket);
  std::shared_ptr<Wishes> enter(std::uint64_t connection);
  void leave(std::uint64_t connection);

  Recorder& recorder_;
  const websock::UpgradeRules rules_;
  const websock::Socket listener_;
  std::mutex mutex_;  // guards wishes_
  std::map<std::uint64_t, std::shared_ptr<Wishes>> wishes_;
  websock::ThreadGroup threads_;

  friend class Specimen;
};
