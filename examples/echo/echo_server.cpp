// Sends every message back as it came: text as text, binary as binary.
#include <cstdio>

#include "common/printable.h"
#include "common/server_arguments.h"

namespace {

constexpr std::size_t kShown = 80;  // bytes of a message

// "127.0.0.1:51234 text, 5 bytes: Hello", and of a long message the beginning. On the client's thread; printf() locks
// stdout, so the lines of two clients do not mix.
void log_message(const websock::Client& client, const websock::Message& message) {
  const std::string begin = printable(websock::text_of(message.payload).substr(0, kShown));
  std::printf("%s %s, %zu bytes: %s\n", client->peer_address().c_str(), to_string(message.opcode).c_str(),
              message.payload.size(), begin.c_str());
}

// On standard output, a line for whatever happens.
void log_all(websock::ServerOptions& options) {
  std::setvbuf(stdout, nullptr, _IOLBF, BUFSIZ);  // each line at once, into a file too
  options.on_connection_open = [](const websock::Client& client) {
    std::printf("%s connected\n", client->peer_address().c_str());
  };
  // The callback that was there is kept, and called from the new one.
  options.on_data_receive = [echo = options.on_data_receive](const auto& client, const auto& message) {
    log_message(client, message);
    echo(client, message);
  };
  options.on_connection_close = [](const websock::Client& client) {
    const std::string code = to_string(client->close_info().code);
    std::printf("%s closed with %s\n", client->peer_address().c_str(), code.c_str());
  };
}

// The order matters: `signals` comes last, and so is destroyed first. No signal can call a server that is gone.
void run(int argc, char** argv) {
  websock::ServerOptions options{
      .host = "127.0.0.1",
      .port = 8467,
      .on_data_receive = [](const websock::Client& client, const websock::Message& message) { client->send(message); },
      .on_error = print_error,
  };
  Arguments arguments("echo_server [OPTION]...      sends every message back");
  arguments.flag("verbose", "a line for each client that comes or goes, and for each message",
                 [&options] { log_all(options); });
  add_server_arguments(arguments, options);
  arguments.parse_options(argc, argv);

  // Listens from here on. A client that connects before serve_forever() waits in the backlog.
  websock::WebSocketServer server(options);
  const auto signals = websock::stop_on_signals(server);
  print_address("ws", options.host, server.port());
  server.serve_forever();
}

}  // namespace

int main(int argc, char** argv) {
  return run_program("echo_server", [&] { run(argc, argv); });
}
