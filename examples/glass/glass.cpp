// A page in which one sees the bytes of one's own connection, as they pass; and with --to, those between any client and
// any server.
//
//     glass                          prints an address: open it in a browser
//     glass --to 127.0.0.1:8467      and then send the client to port 8470 instead
//
// Three sockets listen, all on 127.0.0.1, and none of them for anybody but this machine's user:
//
//     8469    the page, the book's chapters, and /watch     the library's own server; never recorded
//     chosen  the page's own connection                     specimen.h: recorded, and able to do wrong
//     8470    clients on their way to --to                  relay.h: recorded, passed on as it came
//
//     Each has a thread that accepts (the page's is main), and a thread for each client. One more tells the watchers.
#include "common/arguments.h"
#include "page.h"
#include "tap/relay.h"
#include "tape.h"
#include "watch.h"

using namespace websock;

namespace {

// The relay has a port of its own: its clients know of no token, and any path may be theirs.
struct Options {
  std::uint16_t port = 8469;
  std::uint16_t relay_port = 8470;
  std::optional<Address> to;
};

// Throws BadArgument, which run_program() turns into a sentence.
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
void relay_one(Socket client, const Address& to, Recorder& recorder) try {
  // Before we dial: a server that is not there is something to see, too.
  Tape tape(recorder, false, client.peer_address(), to_string(to));
  const Witness witness = {[&](Role sender, ByteView bytes) { tape.pass(sender, "recv", bytes); },
                           [&](Role sender, bool reset) { tape.end(sender, reset); }};
  try {
    relay(std::move(client), connect_to(to, deadline_after(Milliseconds(10'000))), witness);
  } catch (const std::exception& error) {
    // What was thrown is connect_to()'s; both sockets are closed by now, or as we leave.
    std::fprintf(stderr, "glass: %s\n", error.what());
    tape.end(Role::server, true);
  }
} catch (const std::exception& error) {
  // It was gone before we could ask who it is, or there is no memory. A thread's work may not throw, or the whole
  // program would end.
  std::fprintf(stderr, "glass: %s\n", error.what());
}

// Accepts the relay's clients, for ever, on a thread of its own. Their numbers are the tap's: here the recorder gives
// each connection one.
void serve_relay(const Socket& listener, const Address& to, Recorder& recorder) {
  serve_clients(
      listener, [&](Socket client, int) { relay_one(std::move(client), to, recorder); },
      [](const std::string& sentence) { std::fprintf(stderr, "glass: %s\n", sentence.c_str()); });
}

// Who may connect to the specimen: the page that this program has served. It is at another port, so another origin, and
// same_origin would refuse it. One may have typed any of this machine's names, hence three.
UpgradeRules specimen_rules(const Entrance& entrance) {
  UpgradeRules rules;
  for (const char* name : {"127.0.0.1", "localhost", "[::1]"}) {
    rules.allowed_origins.push_back(std::string("http://") + name + ":" + std::to_string(entrance.page_port));
  }
  // By reference: the specimen's port is filled in later, and before its first client.
  rules.on_handshake = [&entrance](const Request& request) {
    return HandshakeDecision{.refusal = entrance.refusal(request, entrance.specimen_port)};
  };
  return rules;
}

// The page's server. `watchers`: a pointer by reference, since it is filled in when the server has its port, which the
// greeting needs. No callback runs before serve_forever().
ServerOptions page_options(const Options& options, const Entrance& entrance, Watchers*& watchers) {
  ServerOptions server{.host = "127.0.0.1", .port = options.port, .same_origin = true};
  // Both tests: same_origin keeps out another site's page, but a site that rebinds its name to 127.0.0.1 passes it. Its
  // Host header is then that name, and the entrance refuses it. It does not know the token either.
  server.on_handshake = [&entrance](const Request& request) {
    return HandshakeDecision{.refusal = entrance.refusal(request, entrance.page_port)};
  };
  server.on_http_request = [&entrance](const Request& request) { return entrance.serve(request); };
  server.on_connection_open = [&watchers](const Client& client) { watchers->enter(client); };
  server.on_connection_close = [&watchers](const Client& client) { watchers->leave(client); };
  // On the watcher's thread. A binary message is looked at as text, and mostly is no JSON: then it is closed.
  server.on_data_receive = [&watchers](const Client& client, const Message& message) {
    watchers->receive(client, message.text());
  };
  return server;
}

// Everything lives until the process ends, by Ctrl-C: there is nothing to be saved, and nobody to be told.
void run(int argc, char** argv) {
  const Options options = parse_options(argc, argv);
  // Each is used by those below it, and so comes before them.
  Recorder recorder;
  Entrance entrance{.token = make_token()};
  Watchers* watching = nullptr;
  WebSocketServer server(page_options(options, entrance, watching));
  // It listens from here on, and serves nobody yet: so there is time to fill in what is not known before.
  entrance.page_port = server.port();
  Specimens specimens(recorder, specimen_rules(entrance));
  entrance.specimen_port = specimens.port();
  // An empty Socket where nobody wants a relay.
  const Socket relay_listener = options.to ? listen_on("127.0.0.1", options.relay_port) : Socket();

  Watchers watchers(recorder, &specimens,
                    // What the page has to know to begin with. A null says that there is no relay; "v" is the version
                    // of all this.
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
  // Through a pipe, too: a test waits for this line.
  std::fflush(stdout);
  server.serve_forever();
}

}  // namespace

int main(int argc, char** argv) {
  return run_program("glass", [&] { run(argc, argv); });
}
