// Behind a proxy, under a path: only /live/ is ours, and the proxy says whose connection it is.
//
//     behind_proxy [PORT]
#include <iostream>

#include <websock/websock.h>

int main(int argc, char** argv) {
  websock::WebSocketServer server(
      {.port = std::uint16_t(argc > 1 ? std::atoi(argv[1]) : 8467),  // on 127.0.0.1: nobody comes past the proxy
       .on_connection_open =
           [](const auto& client) {
             const std::string claimed = client->request().header("X-Forwarded-For").value_or(client->peer_address());
             client->send("you are " + std::string(websock::split(claimed, ',').back()));  // the nearest proxy's word
           },
       .allowed_origins = {"https://example.com"},  // the proxy's name, not ours
       .on_handshake = [](const auto& request) -> websock::HandshakeDecision {
         if (websock::path_of(request.target) == "/live/") return {};
         return {.refusal = websock::make_text_response(404, "There is nothing here but /live/.")};
       }});
  std::cout << "listening on ws://127.0.0.1:" << server.port() << "/live/" << std::endl;
  server.serve_forever();
}
