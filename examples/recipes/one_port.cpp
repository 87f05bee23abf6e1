// A page and its WebSocket on one port: no second server, and same_origin means something.
//
//     one_port [PORT]        and open http://127.0.0.1:8467/
#include <iostream>

#include <websock/websock.h>

const std::string kPage = R"(<!doctype html><title>Echo</title><input id=text autofocus><pre id=log></pre>
<script>
const socket = new WebSocket("ws://" + location.host + "/");
socket.onmessage = event => log.append(event.data + "\n");
text.onchange = () => { socket.send(text.value); text.value = ""; };
</script>)";

int main(int argc, char** argv) {
  websock::WebSocketServer server(
      {.port = std::uint16_t(argc > 1 ? std::atoi(argv[1]) : 8467),
       .on_data_receive = [](const auto& client, const auto& message) { client->send(message); },
       .same_origin = true,
       .on_http_request = [](const auto&) -> websock::Response {
         return {.fields = {{"Content-Type", "text/html; charset=utf-8"}}, .body = kPage};
       }});
  std::cout << "listening on http://127.0.0.1:" << server.port() << "/" << std::endl;
  server.serve_forever();
}
