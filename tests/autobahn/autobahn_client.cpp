// Lets the fuzzing server of the Autobahn test suite judge our client: asks it how many cases there are, runs each, and
// has it write its report.
//
//     autobahn_client URL      such as ws://127.0.0.1:9001
#include <cstdio>
#include <exception>
#include <string>

#include "websock.h"

namespace {

// Sends back whatever comes, until one of the two ends the connection.
void run_case(const std::string& url) {
  websock::WebSocketClient client(url, {.extensions = {websock::permessage_deflate({.compress_from = 0})}});
  while (const std::optional<websock::OwnedMessage> message = client.receive()) client.send(*message);
}

void run(const std::string& server) {
  const std::optional<websock::OwnedMessage> count = websock::WebSocketClient(server + "/getCaseCount").receive();
  if (!count) throw std::runtime_error("the server does not say how many cases there are");
  const int cases = std::stoi(std::string(count->text()));
  for (int number = 1; number <= cases; ++number) {
    run_case(server + "/runCase?case=" + std::to_string(number) + "&agent=websock");
  }
  run_case(server + "/updateReports?agent=websock");
  std::printf("%d cases\n", cases);
}

}  // namespace

int main(int argc, char** argv) {
  try {
    if (argc != 2) throw std::invalid_argument("usage: autobahn_client URL");
    run(argv[1]);
    return 0;
  } catch (const std::exception& error) {
    std::fprintf(stderr, "autobahn_client: %s\n", error.what());
    return 1;
  }
}
