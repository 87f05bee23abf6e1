// Milestone 4: everybody at once. What one says, all hear; and one who stops listening holds up nobody.
//
// What is left: what a thread for each costs when there are ten thousand, TLS, and something to talk about.
#include <websock/websock.h>

#include "common/server_arguments.h"

namespace {

void run(int argc, char** argv) {
  websock::WebSocketServer server({
      .port = port_argument(argc, argv, "everybody [--port PORT]      what one says, all hear"),
      .on_data_receive = [&](const websock::Client&, const websock::Message& message) { server.send_all(message); },
  });
  const auto signals = websock::stop_on_signals(server);
  print_address("ws", "127.0.0.1", server.port());
  server.serve_forever();
}

}  // namespace

int main(int argc, char** argv) {
  return run_program("everybody", [&] { run(argc, argv); });
}
