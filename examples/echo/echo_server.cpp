// Sends every message back as it came: text as text, binary as binary.
#include "common/server_arguments.h"
#include "common/stop_signals.h"

namespace {

void run(int argc, char** argv) {
  websock::ServerOptions options{
      .host = "127.0.0.1",
      .port = 8467,
      .on_data_receive = [](const websock::Client& client, const websock::Message& message) { client->send(message); },
      .on_error = print_error,
  };
  Arguments arguments("echo_server [OPTION]...      sends every message back");
  add_server_arguments(arguments, options);
  if (!arguments.parse(argc, argv).empty()) throw BadArgument("echo_server takes options only; try --help");

  StopSignals signals;
  websock::WebSocketServer server(options);
  signals.call([&] { server.close_server(); });
  print_address("ws", options.host, server.port());
  server.serve_forever();
}

}  // namespace

int main(int argc, char** argv) {
  return run_program("echo_server", [&] { run(argc, argv); });
}
