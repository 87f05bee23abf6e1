// Listens to what a WebSocket client and a server say to each other: a proxy that alters nothing, and prints the
// handshake and every frame.
//
//     tap --to 127.0.0.1:8467          and then send the client to port 8468 instead
//
// Each client has a thread, which relays and listens (relay.h), and a Conversation, which understands (conversation.h).
// The lines of all of them go to one screen, a number in front of each. Only 127.0.0.1 is listened on: who could reach
// this port would be let through to the server, and our screen would show what others say.
#include <unistd.h>

#include <cstdio>
#include <mutex>

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
      // Red: a fault. Cyan and yellow: the client and the server. No meaning is in the colour alone: arrow and "!" say
      // it, too.
      const bool client = line.sender == Role::client;
      const char* color = line.fault ? "\x1b[31m" : client ? "\x1b[36m" : "\x1b[33m";
      std::printf("%s%d %s %s%s\n", colors_ ? color : "", conversation, client ? "->" : "<-", line.text.c_str(),
                  colors_ ? "\x1b[0m" : "");
    }
    // With each piece: through a pipe as well, somebody may be waiting for it.
    std::fflush(stdout);
  }

 private:
  // no-color.org: set, and not empty.
  const bool colors_ =
      ::isatty(STDOUT_FILENO) == 1 && (std::getenv("NO_COLOR") == nullptr || *std::getenv("NO_COLOR") == '\0');
  std::mutex mutex_;  // so that what belongs together stays together
};

// One client, on its thread, from end to end. A thread's work may not throw: that the server is not there becomes a
// line, and the client's socket is closed as we leave.
void serve(Socket client, const Address& to, int number, Screen& screen) {
  try {
    Conversation conversation;
    // Under no lock but the screen's: a conversation belongs to this thread alone.
    const Witness witness = {
        [&](Role sender, ByteView bytes) { screen.print(number, lines_of(conversation.hear(sender, bytes))); },
        [&](Role sender, bool reset) { screen.print(number, lines_of(conversation.hear_end(sender, reset))); }};
    relay(std::move(client), connect_to(to, deadline_after(Milliseconds(10'000))), witness);
  } catch (const std::exception& error) {
    screen.print(number, {{Role::server, true, std::string("! ") + error.what()}});
  }
}

// Until Ctrl-C: nothing is to be saved, and the clients see their connections end.
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
  serve_clients(
      listener, [&](Socket client, int number) { serve(std::move(client), *to, number, screen); },
      // Not to the screen: it is no line of any conversation.
      [](const std::string& sentence) { std::fprintf(stderr, "tap: %s\n", sentence.c_str()); });
}

}  // namespace

int main(int argc, char** argv) {
  return run_program("tap", [&] { run(argc, argv); });
}
