// Ctrl-C, and a polite kill(1), as an ordinary function call: the orderly end of a server in one line.
//
//     websock::WebSocketServer server({...});
//     const auto signals = websock::stop_on_signals(server);
//     server.serve_forever();  // returns after Ctrl-C, when every client has its Close
#pragma once

#include <functional>
#include <thread>

namespace websock {

class WebSocketServer;

// Calls a function for SIGINT or SIGTERM, on a thread of its own, where anything may be done. That happens once. The
// next of these signals does what it would do without us: it ends the program, for a user who does not want to wait.
class StopSignals {
 public:
  // `stop` must not throw. Throws std::logic_error if there is one of these already: a process has its signals once.
  explicit StopSignals(std::function<void()> stop);
  StopSignals(const StopSignals&) = delete;
  StopSignals& operator=(const StopSignals&) = delete;
  ~StopSignals();  // the signals do what they did before; waits for `stop` if it is running

 private:
  std::thread thread_;
};

// close_server() for SIGINT and SIGTERM, as long as what is returned lives. `server` must outlive it.
[[nodiscard]] StopSignals stop_on_signals(WebSocketServer& server);

}  // namespace websock
