// Not a test: how much one client that has stopped reading slows down a broadcast to 100. A server sends as fast as 99
// of them read; the hundredth reads too, and then does not.
//
//     stalled_broadcast [--seconds N]
#include "common/arguments.h"
#include "server_fixture.h"

using namespace websock;

namespace {

constexpr std::size_t kClients = 100;
constexpr std::size_t kAhead = 200;  // messages that the server may be ahead of the slowest of the 99

// One thread that reads for all the readers, and knows how far each is.
class Readers {
 public:
  Readers(std::uint16_t port, std::size_t count) {
    for (std::size_t i = 0; i < count; ++i) {
      clients_.emplace_back(port).upgrade();
      ready_.push_back({clients_.back().socket.descriptor(), POLLIN, 0});
    }
    thread_ = std::thread([this] { run(); });
  }
  ~Readers() {
    ending_ = true;
    for (RawClient& client : clients_) client.socket.shut_down();
    thread_.join();
  }
  std::size_t slowest() const { return slowest_; }  // in bytes

 private:
  void run() {
    std::vector<std::size_t> read(clients_.size());
    Bytes scratch(256 * 1024);
    while (!ending_) {
      wait_for(ready_, soon());
      for (std::size_t i = 0; i < clients_.size(); ++i) {
        if (ready_[i].revents != 0) read[i] += clients_[i].socket.receive(scratch, Milliseconds(0)).value_or(0);
      }
      slowest_ = *std::min_element(read.begin(), read.end());
    }
  }

  std::vector<RawClient> clients_;
  std::vector<pollfd> ready_;
  std::atomic<std::size_t> slowest_ = 0;
  std::atomic<bool> ending_ = false;
  std::thread thread_;
};

// Messages a second that reach all the readers.
double rate(WebSocketServer& server, std::size_t readers, Milliseconds time) {
  const std::string message(1000, 'x');
  const std::size_t frame = 4 + message.size();
  const Readers all(server.port(), readers);
  while (server.clients().size() < kClients) std::this_thread::yield();
  std::size_t sent = 0;
  const auto begin = Clock::now();
  while (Clock::now() - begin < time) {
    if (sent * frame > all.slowest() + kAhead * frame) {
      std::this_thread::yield();
      continue;
    }
    server.send_all(message);
    ++sent;
  }
  while (all.slowest() < sent * frame) std::this_thread::yield();  // they get everything
  return static_cast<double>(sent) / std::chrono::duration<double>(Clock::now() - begin).count();
}

void measure(int argc, char** argv) {
  Milliseconds time(3'000);
  Arguments arguments("stalled_broadcast [--seconds N]      what one stalled client costs the others");
  arguments.option("seconds", "N", "for each figure (3)",
                   [&](const std::string& text) { time = Milliseconds(1000 * parse_number(text, 1, 100'000)); });
  arguments.parse_options(argc, argv);
  double all_read = 0;
  double one_stalled = 0;
  for (int round = 0; round < 3; ++round) {
    Running running({.limits = {.close_timeout = Milliseconds(300)}});
    all_read = std::max(all_read, rate(running.server(), kClients, time));
    while (!running.server().clients().empty()) std::this_thread::yield();
    RawClient stalled(running.server().port(), 4096);
    stalled.upgrade();
    one_stalled = std::max(one_stalled, rate(running.server(), kClients - 1, time));
  }
  std::printf("%.0f broadcasts a second to %zu clients, %.0f with one of them stalled: ratio %.2f\n", all_read,
              kClients, one_stalled, one_stalled / all_read);
}

}  // namespace

int main(int argc, char** argv) {
  return run_program("stalled_broadcast", [&] { measure(argc, argv); });
}
