// Lets the fuzzing server of the Autobahn test suite judge our client: asks it how many cases there are, runs each, and
// has it write its report.
//
//     autobahn_client URL      such as ws://127.0.0.1:9001
#include <cstdio>
#include <exception>
#include <future>
#include <string>

#include "websock.h"

namespace {

// Sends back whatever comes, until one of the two ends the connection. In the callback, and not with receive(): a case
// sends a message and a broken frame in one piece, and the echo has to leave before the frame is read. Behind receive()
// the client's thread reads on, finds the fault, and after its Close nothing can be sent any more.
void run_case(const std::string& url) {
  std::promise<void> over;
  websock::ClientOptions options;
  options.extensions = {websock::permessage_deflate({.compress_from = 0})};
  options.handshake_timeout = websock::Milliseconds(60'000);  // a fuzzing server makes its megabytes before it answers
  options.on_data_receive = [](const websock::Client& server, const websock::Message& message) {
    server->send(message);
  };
  options.on_connection_close = [&](const websock::Client&) { over.set_value(); };
  const websock::WebSocketClient client(url, options);
  over.get_future().wait();
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
