// A page in which one sees the bytes of one's own connection, as they pass; and with --to, those between any client and
// any server.
//
//     glass                          prints an address: open it in a browser
//     glass --to 127.0.0.1:8467      and then send the client to port 8470 instead
#include "common/arguments.h"
#include "page.h"
#include "tap/relay.h"
#include "tape.h"
#include "watch.h"

using namespace websock;

namespace {

struct Options {
  std::uint16_t port = 8469;
  std::uint16_t relay_port = 8470;
  std::optional<Address> to;
};

Options parse_options(int argc, char** argv) {
  Options options;
  Arguments arguments("glass [--port P] [--to HOST:PORT]      a page that shows the bytes of WebSocket connections");
  const auto port = [&](const char* name, const char* help, std::uint16_t& value) {
    arguments.option(name, "P", help, [&value](const std::string& text) {
      value = static_cast<std::uint16_t>(parse_number(text, 0, 65535));
    });
  };
  port("port", "where the page is; 0: a free port (8469)", options.port);
  arguments.option("to", "HOST:PORT", "relay clients to this server, and show what passes",
                   [&](const std::string& text) { options.to = parse_address(text); });
  port("relay-port", "where those clients dial; 0: a free port (8470)", options.relay_port);
  if (!arguments.parse(argc, argv).empty()) throw BadArgument("glass takes options only; try --help");
  return options;
}

// One client of the relay, on a thread of its own.
void relay_one(Socket client, const Address& to, Recorder& recorder) {
  Tape tape(recorder, false, client.peer_address(), to_string(to));
  const Witness witness = {[&](Role sender, ByteView bytes) { tape.pass(sender, "recv", bytes); },
                           [&](Role sender, bool reset) { tape.end(sender, reset); }};
  try {
    relay(std::move(client), connect_to(to, deadline_after(Milliseconds(10'000))), witness);
  } catch (const std::exception& error) {
    std::fprintf(stderr, "glass: %s\n", error.what());
    tape.end(Role::server, true);
  }
}

// Accepts the relay's clients, for ever.
void serve_relay(const Socket& listener, const Address& to, Recorder& recorder) {
  ThreadGroup threads;
  for (;;) {
    pollfd ready{listener.descriptor(), POLLIN, 0};
    wait_for({&ready, 1}, kNever);
    std::optional<Socket> client = accept_from(listener);
    if (!client) continue;
    auto shared = std::make_shared<Socket>(std::move(*client));
    threads.start([&, shared] { relay_one(std::move(*shared), to, recorder); });
  }
}

// Who may connect to the specimen: the page that this program has served.
UpgradeRules specimen_rules(const Entrance& entrance) {
  UpgradeRules rules;
  for (const char* name : {"127.0.0.1", "localhost", "[::1]"}) {
    rules.allowed_origins.push_back(std::string("http://") + name + ":" + std::to_string(entrance.page_port));
  }
  rules.on_handshake = [&entrance](const Request& request) {
    return HandshakeDecision{.refusal = entrance.refusal(request, entrance.specimen_port)};
  };
  return rules;
}

ServerOptions page_options(const Options& options, const Entrance& entrance, Watchers*& watchers) {
  ServerOptions server{.host = "127.0.0.1", .port = options.port, .same_origin = true};
  server.on_handshake = [&entrance](const Request& request) {
    return HandshakeDecision{.refusal = entrance.refusal(request, entrance.page_port)};
  };
  server.on_http_request = [&entrance](const Request& request) { return entrance.serve(request); };
  server.on_connection_open = [&watchers](const Client& client) { watchers->enter(client); };
  server.on_connection_close = [&watchers](const Client& client) { watchers->leave(client); };
  server.on_data_receive = [&watchers](const Client& client, const Message& message) {
    watchers->receive(client, message.text());
  };
  return server;
}

// Everything lives until the process ends, by Ctrl-C: there is nothing to be saved, and nobody to be told.
void run(int argc, char** argv) {
  const Options options = parse_options(argc, argv);
  Recorder recorder;
  Entrance entrance{.token = make_token()};
  Watchers* watching = nullptr;
  WebSocketServer server(page_options(options, entrance, watching));
  entrance.page_port = server.port();
  Specimens specimens(recorder, specimen_rules(entrance));
  entrance.specimen_port = specimens.port();
  const Socket relay_listener = options.to ? listen_on("127.0.0.1", options.relay_port) : Socket();

  Watchers watchers(recorder, &specimens,
                    JsonObject{{"e", "hello"},
                               {"v", 1},
                               {"specimen", entrance.specimen_port},
                               {"relay", relay_listener.is_open() ? Json(relay_listener.local_port()) : Json()},
                               {"to", options.to ? Json(to_string(*options.to)) : Json()},
                               {"ring", RecorderLimits{}.connection},
                               {"acts", acts_json()}});
  watching = &watchers;
  ThreadGroup threads;
  threads.start([&] { specimens.serve(); });
  if (options.to) threads.start([&] { serve_relay(relay_listener, *options.to, recorder); });
  if (options.to)
    std::printf("relaying 127.0.0.1:%d to %s\n", relay_listener.local_port(), to_string(*options.to).c_str());
  std::printf("open http://127.0.0.1:%d/?token=%s\n", entrance.page_port, entrance.token.c_str());
  std::fflush(stdout);
  server.serve_forever();
}

}  // namespace

int main(int argc, char** argv) {
  return run_program("glass", [&] { run(argc, argv); });
}
