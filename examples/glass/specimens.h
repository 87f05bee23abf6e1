// The server at the other end of the page's own connections: it listens, and gives each a thread (specimen.h).
#pragma once

#include <atomic>
#include <map>
#include <memory>
#include <mutex>

#include <websock/endpoints/thread_group.h>

#include "specimen.h"

class Specimens {
 public:
  // Listens on 127.0.0.1, on a port that the system chooses. `rules`: who may come in.
  Specimens(Recorder& recorder, websock::UpgradeRules rules, const SpecimenLimits& limits = {});

  std::uint16_t port() const { return listener_.local_port(); }

  // Accepts, and gives each connection a thread, until stop(). Where there are too many, the oldest goes that has not
  // finished its handshake; if all have, the newcomer does.
  void serve();

  // Lets serve() return. The connections stay as long as they like; the destructor waits for them. Any thread.
  void stop();

  // Does this on one of the connections: its own thread takes the steps. False: there is no such connection, or none
  // any more. Any thread.
  bool perform(std::uint64_t connection, const std::vector<Step>& steps);

 private:
  void serve_one();
  bool make_room();
  void converse(websock::Socket socket);
  void enter(std::uint64_t connection, std::shared_ptr<Wishes> wishes);
  void leave(std::uint64_t connection);

  Recorder& recorder_;
  const websock::UpgradeRules rules_;
  const SpecimenLimits limits_;
  const websock::Socket listener_;
  std::atomic<bool> stopping_ = false;
  websock::WakePipe stop_pipe_;
  std::mutex mutex_;  // guards wishes_; a connection's own is taken inside it, never the other way round
  std::map<std::uint64_t, std::shared_ptr<Wishes>> wishes_;
  websock::ThreadGroup threads_;
};
