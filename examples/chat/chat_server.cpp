// A chat room: the page and the WebSocket on one port. With --redis, one of several servers that have the room
// together.
#include <optional>

#include "chat/drain.h"
#include "chat/host.h"
#include "chat/redis_log.h"
#include "common/server_arguments.h"

namespace {

struct Settings {
  websock::ServerOptions server = {.port = 8467, .on_error = print_error, .same_origin = true};
  RoomOptions room = {.epoch = random_word()};  // so that nobody takes a number of the last start for one of this
  std::string redis = {};                       // empty: one server, and the log in this process
  RedisLogOptions log = {};
  Hosting hosting = {.log = stdout};
  websock::Milliseconds drain{0};
};

void add_cluster_arguments(Arguments& arguments, Settings& settings) {
  arguments.option("redis", "URL", "one of several servers: redis://[user:password@]HOST:PORT[/DB]",
                   [&](const std::string& text) { settings.redis = text; });
  arguments.option("server", "NAME", "what /who calls this one of them (server)",
                   [&](const std::string& text) { settings.room.server = text; });
  arguments.option("expiry", "SECONDS", "silence after which one of them is dead (10)", [&](const std::string& text) {
    settings.log.expiry = std::chrono::seconds(parse_number(text, 1, 3'600));
  });
  arguments.option(
      "drain", "SECONDS", "at SIGTERM, send clients to the others, for so long (0)",
      [&](const std::string& text) { settings.drain = std::chrono::seconds(parse_number(text, 0, 3'600)); });
}

void read_arguments(int argc, char** argv, Settings& settings) {
  settings.server.limits.max_message =
      64 * 1024;  // 4,000 characters at 12 bytes, as two escapes each, and their wrapping
  settings.server.limits.max_outbox = 4 * 1024 * 1024;  // a page that does not read costs a quarter of the usual
  Arguments arguments("chat_server [OPTION]...      a chat room with its own page");
  arguments.option("name", "ROOM", "what the room is called (Chat)",
                   [&](const std::string& text) { settings.room.name = text; });
  arguments.flag("no-bot", "leave people to themselves", [&] { settings.room.bot = false; });
  arguments.option("max-history", "N", "messages that a newcomer gets (100)", [&](const std::string& text) {
    settings.room.max_history = parse_number(text, 0, 10'000);
    settings.room.max_history_bytes = max_history_bytes_for(settings.room.max_history);
  });
  arguments.option("max-members", "N", "people in the room at most (500)",
                   [&](const std::string& text) { settings.room.max_members = parse_number(text, 1, 1'000'000); });
  arguments.option("origin", "ORIGIN", "pages from there may connect too, such as https://example.com",
                   [&](const std::string& text) { settings.server.allowed_origins.push_back(text); });
  arguments.flag("trust-proxy", "log the address that X-Forwarded-For names",
                 [&] { settings.hosting.trust_proxy = true; });
  add_cluster_arguments(arguments, settings);
  add_server_arguments(arguments, settings.server);
  arguments.parse_options(argc, argv);
  if (!websock::is_valid_utf8(settings.room.name)) throw BadArgument("--name: not UTF-8");
  // It stands in every entry of the log: one that cannot be read would be in everybody's way for ever.
  if (!websock::is_valid_utf8(settings.room.server)) throw BadArgument("--server: not UTF-8");
  if (settings.room.server.find(' ') != std::string::npos) throw BadArgument("--server: a name without spaces");
}

// What a server needs to have its log in Redis. Two processes are never called the same, even if their users say so:
// each start is another server to the others.
void prepare_log(Settings& settings) {
  try {
    settings.log.url = parse_redis_url(settings.redis);
  } catch (const std::invalid_argument& error) {
    throw BadArgument(std::string("--redis: ") + error.what());
  }
  if (settings.room.server.empty()) settings.room.server = "server";
  settings.room.server.append("-").append(random_word());
  settings.log.room = settings.room.name;
  settings.log.server = settings.room.server;
  settings.log.max_members = settings.room.max_members;
  settings.log.max_history = settings.room.max_history;
  settings.log.report = [](const std::string& sentence) {
    std::fprintf(stderr, "chat_server: %s\n", sentence.c_str());
  };
}

void run(int argc, char** argv) {
  Settings settings;
  read_arguments(argc, argv, settings);
  if (!settings.redis.empty()) prepare_log(settings);
  // Before the server, whose callbacks hold a reference to it.
  Room room(settings.room);
  host_room(settings.server, room, settings.hosting);
  websock::WebSocketServer server(settings.server);
  // The log ends after the last client has left: it was still needed for that.
  std::optional<RedisLog> log;
  if (!settings.redis.empty()) log.emplace(room, settings.log);
  // Last, and so destroyed first: no signal can reach a server or a room that is gone.
  const websock::StopSignals signals([&] { drain(server, room, settings.drain); });
  print_address("http", settings.server.host, server.port());
  server.serve_forever();
  // All clients' threads have ended, and the log is still there to say who has left.
  room.end_drain();
}

}  // namespace

int main(int argc, char** argv) {
  return run_program("chat_server", [&] { run(argc, argv); });
}
