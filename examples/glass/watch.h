// Those who look: each page has a WebSocket of its own, on which it is told what is recorded, and asks for acts. None
// of these is recorded, or looking would be something to look at.
//
//     [{"e":"piece","c":1,"i":17,...}, {"e":"bytes",...}]        to the page: items, each with a number
//     {"e":"seen","i":18}                                        from the page: it has got that far
//     {"e":"act","c":1,"id":"masked"}   {"e":"bytes","c":1,"typed":"81 05 \"Hello\""}
#pragma once

#include <condition_variable>
#include <map>
#include <mutex>
#include <thread>

#include <websock/endpoints/server.h>

#include "event_json.h"
#include "specimens.h"

// A page that has not said that it has seen the last so many, or so much, gets no more until it does. What it misses
// meanwhile may have to go: then it gets a gap.
struct Ahead {
  std::uint64_t items = 256;
  std::size_t bytes = 1024 * 1024;
};

class Watchers {
 public:
  // `hello`: what each is told first. The specimens may be missing, for a test.
  Watchers(Recorder& recorder, Specimens* specimens, Json hello, const Ahead& ahead = {});
  ~Watchers();  // REQUIRES: nothing is recorded any more

  // For the server's callbacks.
  void enter(const websock::Client& client);
  void leave(const websock::Client& client);
  void receive(const websock::Client& client, std::string_view text);

  void stop();  // no watcher is told anything any more

 private:
  struct Watcher {
    Cursor cursor;
    std::map<std::uint64_t, bool> own;  // the connections that it was told of
    std::uint64_t sent = 0;             // items
    std::uint64_t seen = 0;
    std::map<std::uint64_t, std::size_t> unseen;  // bytes, by the number of the last item in them
    std::size_t unseen_bytes = 0;
  };
  void run();
  bool tell(const websock::Client& client, Watcher& watcher);
  void note_seen(const websock::Client& client, std::uint64_t item);
  void obey(const websock::Client& client, const Json& wish);
  void wake();

  Recorder& recorder_;
  Specimens* const specimens_;
  const std::string hello_;
  const Ahead ahead_;

  std::mutex mutex_;  // guards the watchers; it is held while they are told, which takes a while
  std::map<websock::Client, Watcher> watchers_;

  std::mutex news_mutex_;  // guards the three below, and is held for a moment only: whoever records takes it
  std::condition_variable changed_;
  bool watched_ = false;  // there is a watcher: else nothing is news, and the thread sleeps
  bool news_ = false;
  bool stopping_ = false;

  std::thread thread_;  // the only one that sends items
};
