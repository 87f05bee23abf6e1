// Listens to what a WebSocket client and a server say to each other: a proxy that alters nothing, and prints the
// handshake and every frame.
//
//     tap --to 127.0.0.1:8467          and then send the client to port 8468 instead
#include <unistd.h>

#include <cstdio>
#include <memory>
#include <mutex>

#include <websock/endpoints/thread_group.h>

#include "common/arguments.h"
#include "conversation.h"
#include "lines.h"
#include "relay.h"

using namespace websock;

namespace {

// What all conversations print to.
class Screen {
 public:
  // Each line says whose it is: colours are for those who like them (https://no-color.org).
  void print(int conversation, const std::vector<Line>& lines) {
    const std::lock_guard lock(mutex_);
    for (const Line& line : lines) {
      const bool client = line.sender == Role::client;
      const char* color = line.fault ? "\x1b[31m" : client ? "\x1b[36m" : "\x1b[33m";
      std::printf("%s%d %s %s%s\n", colors_ ? color : "", conversation, client ? "->" : "<-", line.text.c_str(),
                  colors_ ? "\x1b[0m" : "");
    }
    std::fflush(stdout);
  }

 private:
  const bool colors_ =
      ::isatty(STDOUT_FILENO) == 1 && (std::getenv("NO_COLOR") == nullptr || *std::getenv("NO_COLOR") == '\0');
  std::mutex mutex_;  // so that what belongs together stays together
};

void serve(Socket client, const Address& to, int number, Screen& screen) {
  try {
    Conversation conversation;
    const Witness witness = {
        [&](Role sender, ByteView bytes) { screen.print(number, lines_of(conversation.hear(sender, bytes))); },
        [&](Role sender, bool reset) { screen.print(number, lines_of(conversation.hear_end(sender, reset))); }};
    relay(std::move(client), connect_to(to, deadline_after(Milliseconds(10'000))), witness);
  } catch (const std::exception& error) {
    screen.print(number, {{Role::server, true, std::string("! ") + error.what()}});
  }
}

void run(int argc, char** argv) {
  std::optional<Address> to;
  std::uint16_t port = 8468;
  Arguments arguments(
      "tap --to HOST:PORT [--port P]      shows what a WebSocket client and a server say to each other");
  arguments.option("to", "HOST:PORT", "the server", [&](const std::string& text) { to = parse_address(text); });
  arguments.option("port", "P", "where to listen for clients; 0: a free one (8468)",
                   [&](const std::string& text) { port = static_cast<std::uint16_t>(parse_number(text, 0, 65535)); });
  if (!arguments.parse(argc, argv).empty() || !to) throw BadArgument("--to HOST:PORT is missing; try --help");

  const Socket listener = listen_on("127.0.0.1", port);
  std::printf("listening on 127.0.0.1:%d\n-> from the client   <- from the server, %s\n", listener.local_port(),
              to_string(*to).c_str());
  std::fflush(stdout);
  Screen screen;
  ThreadGroup threads;
  for (int number = 1;; ++number) {
    pollfd ready{listener.descriptor(), POLLIN, 0};
    wait_for({&ready, 1}, kNever);
    std::optional<Socket> client = accept_from(listener);
    if (!client) continue;
    threads.start([&, number, shared = std::make_shared<Socket>(std::move(*client))] {
      serve(std::move(*shared), *to, number, screen);
    });
  }
}

}  // namespace

int main(int argc, char** argv) {
  return run_program("tap", [&] { run(argc, argv); });
}
