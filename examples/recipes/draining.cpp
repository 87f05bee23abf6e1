// Health checks and draining: a load balancer asks GET /health. When the server is told to stop, it first says 503
// there, so that no more clients are sent to it. A while later it closes those it has with 1012, "service restart".
//
//     draining [PORT [SECONDS]]
#include <iostream>
#include <thread>

#include <websock/websock.h>

int main(int argc, char** argv) {
  std::atomic<bool> drains = false;
  websock::WebSocketServer server(
      {.port = std::uint16_t(argc > 1 ? std::atoi(argv[1]) : 8467), .on_http_request = [&](const websock::Request&) {
         if (drains) return websock::make_text_response(503, "draining");
         return websock::make_text_response(200, "well");
       }});
  const websock::StopSignals signals([&] {
    drains = true;
    std::this_thread::sleep_for(std::chrono::seconds(argc > 2 ? std::atoi(argv[2]) : 10));
    server.close_server(websock::CloseCode::service_restart, "come back in a minute");
  });
  std::cout << "listening on ws://127.0.0.1:" << server.port() << "/" << std::endl;
  server.serve_forever();
}
