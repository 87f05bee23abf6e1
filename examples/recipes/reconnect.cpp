// A client that lives by itself: it connects again, later and later, and at a time of its own, so that a restarted
// server does not get everybody at once. It gives up on what will not get better: a wrong URL, or a 4xx other than 408
// and 429, which mean "later".
//
//     reconnect ws://127.0.0.1:8467/
#include <iostream>
#include <random>
#include <thread>

#include <websock/websock.h>

int main(int argc, char** argv) {
  std::mt19937 random(std::random_device{}());
  for (int delay = 500;; delay = std::min(2 * delay, 30'000)) {  // milliseconds
    try {
      websock::WebSocketClient client(argc > 1 ? argv[1] : "ws://127.0.0.1:8467/");
      delay = 250;
      while (const auto message = client.receive()) std::cout << message->text() << std::endl;
      std::cerr << "ended with " << client.close_info().code << std::endl;
    } catch (const websock::HandshakeError& error) {
      std::cerr << error.what() << std::endl;
      const int status = error.status();
      if (status / 100 == 4 && status != 408 && status != 429) return 1;
    } catch (const std::invalid_argument& error) {
      return std::cerr << error.what() << std::endl, 1;
    } catch (const std::runtime_error& error) {  // the network, or a name that is not known just now
      std::cerr << error.what() << std::endl;
    }
    std::this_thread::sleep_for(std::chrono::milliseconds(std::uniform_int_distribution(delay / 2, delay)(random)));
  }
}
