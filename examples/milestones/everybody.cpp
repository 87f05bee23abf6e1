// Milestone 4: everybody at once. What one says, all hear; and one who stops listening holds up nobody.
//
// What is left: what a thread for each costs when there are ten thousand, TLS, and something to talk about.
#include <websock/websock.h>

#include "common/loopback.h"

int main(int argc, char** argv) {
  websock::WebSocketServer server({
      .port = port_argument(argc, argv, "usage: everybody [--port P]\n"),
      .on_data_receive = [&](const websock::Client&, const websock::Message& message) { server.send_all(message); },
  });
  std::printf("listening on 127.0.0.1:%d\n", server.port());
  std::fflush(stdout);
  server.serve_forever();
}
