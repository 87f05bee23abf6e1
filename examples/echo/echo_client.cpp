// Sends lines, and prints what comes back: the arguments if there are any, else standard input.
#include <cstdio>
#include <iostream>

#include <websock/websock.h>

#include "common/arguments.h"

namespace {

void run(int argc, char** argv) {
  bool binary = false;
  bool ping = false;
  Arguments arguments("echo_client URL [TEXT]...      sends lines, and prints what comes back");
  arguments.flag("binary", "send them as binary messages", [&] { binary = true; });
  arguments.flag("ping", "send a Ping before each", [&] { ping = true; });
  const std::vector<std::string> rest = arguments.parse(argc, argv);
  if (rest.empty()) throw BadArgument("a URL is missing, such as ws://127.0.0.1:8467/");

  websock::WebSocketClient client(rest[0]);
  const auto exchange = [&](const std::string& line) {
    if (ping) client->ping("are you there?");
    const bool sent = binary ? client->send(websock::bytes_of(line)) : client->send(line);
    const std::optional<websock::OwnedMessage> answer = sent ? client->receive() : std::nullopt;
    if (!answer) throw std::runtime_error("the server closed the connection: " + to_string(client->close_info().code));
    std::cout << answer->text() << std::endl;
  };
  for (std::size_t i = 1; i < rest.size(); ++i) exchange(rest[i]);
  for (std::string line; rest.size() == 1 && std::getline(std::cin, line);) exchange(line);
  client.close();
}

}  // namespace

int main(int argc, char** argv) {
  return run_program("echo_client", [&] { run(argc, argv); });
}
