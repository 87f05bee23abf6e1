// Login: the handshake brings a page's cookie, or a program's token. A request with neither gets 401, and never becomes
// a client.
//
//     login [PORT]
#include <algorithm>
#include <iostream>

#include <websock/websock.h>

websock::HandshakeDecision let_in(const websock::Request& request) {
  const std::string cookies = request.header("Cookie").value_or("");
  const auto list = websock::split(cookies, ';');
  const bool by_cookie = std::find(list.begin(), list.end(), "session=7c0ffee") != list.end();
  const bool by_token = request.header("Authorization") == "Bearer 7c0ffee";
  if (by_cookie || by_token) return {.headers = {{"Set-Cookie", "seen=1; HttpOnly; SameSite=Strict"}}};
  return {.refusal = websock::make_text_response(401, "Log in first.")};
}

int main(int argc, char** argv) {
  // same_origin, since the cookie comes along from any site's page: RFC 6455 section 10.2.
  websock::WebSocketServer server({.port = std::uint16_t(argc > 1 ? std::atoi(argv[1]) : 8467),
                                   .on_connection_open = [](const auto& client) { client->send("welcome"); },
                                   .same_origin = true,
                                   .on_handshake = let_in});
  std::cout << "listening on ws://127.0.0.1:" << server.port() << "/" << std::endl;
  server.serve_forever();
}
