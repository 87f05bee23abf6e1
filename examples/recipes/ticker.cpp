// A ticker: a thread of your own tells everybody something ten times a second, whoever comes or goes.
//
//     ticker [PORT]
#include <iostream>
#include <thread>

#include <websock/websock.h>

int main(int argc, char** argv) {
  websock::WebSocketServer server({.port = std::uint16_t(argc > 1 ? std::atoi(argv[1]) : 8467)});
  std::cout << "listening on ws://127.0.0.1:" << server.port() << "/" << std::endl;
  const auto signals = websock::stop_on_signals(server);
  std::atomic<bool> over = false;
  std::thread ticker([&] {
    for (int tick = 1; !over; ++tick) {
      server.send_all("tick " + std::to_string(tick));  // waits for nobody
      std::this_thread::sleep_for(std::chrono::milliseconds(100));
    }
  });
  server.serve_forever();  // until Ctrl-C
  over = true;
  ticker.join();
}
