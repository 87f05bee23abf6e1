// A chat room: the page and the WebSocket on one port.
#include <websock/framing/entropy.h>
#include <websock/handshake/base64.h>

#include "chat/host.h"
#include "common/server_arguments.h"

namespace {

// Different at each start, so that nobody takes a number of the last one for one of this.
std::string make_epoch() {
  std::array<std::uint8_t, 8> bytes{};
  websock::fill_random(bytes);
  return websock::base64_encode(bytes);
}

void run(int argc, char** argv) {
  websock::ServerOptions options{.host = "127.0.0.1", .port = 8467, .on_error = print_error, .same_origin = true};
  options.limits.max_message = 64 * 1024;  // 4,000 characters at 12 bytes, as two escapes each, and their wrapping
  options.limits.max_outbox = 4 * 1024 * 1024;
  RoomOptions room_options{.epoch = make_epoch()};
  Hosting hosting{.trust_proxy = false, .log = stdout};

  Arguments arguments("chat_server [OPTION]...      a chat room with its own page");
  arguments.option("name", "ROOM", "what the room is called (Chat)",
                   [&](const std::string& text) { room_options.name = text; });
  arguments.flag("no-bot", "leave people to themselves", [&] { room_options.bot = false; });
  arguments.option("max-history", "N", "messages that a newcomer gets (100)",
                   [&](const std::string& text) { room_options.max_history = parse_number(text, 0, 10'000); });
  arguments.option("origin", "ORIGIN", "pages from there may connect too, such as https://example.com",
                   [&](const std::string& text) { options.allowed_origins.push_back(text); });
  arguments.flag("trust-proxy", "log the address that X-Forwarded-For names", [&] { hosting.trust_proxy = true; });
  add_server_arguments(arguments, options);
  arguments.parse_options(argc, argv);
  if (!websock::is_valid_utf8(room_options.name)) throw BadArgument("--name: not UTF-8");

  Room room(room_options);
  host_room(options, room, hosting);
  websock::WebSocketServer server(options);
  const auto signals = websock::stop_on_signals(server);
  print_address("http", options.host, server.port());
  server.serve_forever();
}

}  // namespace

int main(int argc, char** argv) {
  return run_program("chat_server", [&] { run(argc, argv); });
}
