// A fuzzing server in the place of Autobahn's, with a few cases of its own, to see that our client goes through all of
// them as it should: first it asks for their number, then it runs each, once and in order, and then it has the report
// written. What Autobahn's own server would find out can only be found out with it: see run.sh.
//
//     rehearsal AUTOBAHN_CLIENT
#include <algorithm>
#include <atomic>
#include <cstdio>
#include <cstdlib>
#include <thread>

#include "websock.h"

using namespace websock;

namespace {

struct Case {
  const char* name;
  Opcode opcode;
  std::size_t size;    // bytes of a message
  std::size_t rounds;  // messages, each sent when the one before has come back
  CloseCode code = CloseCode::normal_closure;
};

// Whatever is longer than a frame of kMaxFramePayload comes in fragments.
constexpr std::size_t kMaxFramePayload = 1300;
constexpr Case kCases[] = {
    {"an empty text", Opcode::text, 0, 1},
    {"an empty binary message", Opcode::binary, 0, 1},
    {"125 bytes of text", Opcode::text, 125, 1},
    {"126 bytes of binary", Opcode::binary, 126, 1},
    {"65,536 bytes of text, in fragments", Opcode::text, 65536, 1},
    {"1 MiB of binary, in fragments", Opcode::binary, 1024 * 1024, 1},
    {"a thousand messages", Opcode::text, 16, 1000},
    {"no message, and a code of an application's", Opcode::text, 0, 0, CloseCode{4000}},
};

Bytes payload_of(const Case& running) {
  Bytes payload(running.size);
  for (std::size_t i = 0; i < payload.size(); ++i) payload[i] = static_cast<std::uint8_t>('a' + i % 23);
  return payload;
}

// The callbacks run on the serving thread, which serves one client after the other.
struct Rehearsal {
  std::size_t next_case = 0;
  std::size_t rounds = 0;
  bool counted = false;
  bool reported = false;
  int faults = 0;

  void check(bool good, const std::string& what) {
    if (good) return;
    ++faults;
    std::printf("%s\n", what.c_str());
  }

  // Ends a case whose rounds are over, else sends its message.
  void go_on(const Client& client) {
    const Case& running = kCases[next_case];
    if (rounds == running.rounds) {
      client->close(running.code);
      return;
    }
    const Bytes payload = payload_of(running);
    client->send(Message{running.opcode, payload});
  }

  void opened(const Client& client) {
    client->ping("case " + std::to_string(next_case));
    if (client->path() == "/getCaseCount") {
      counted = true;
      client->send(std::to_string(std::size(kCases)));
      client->close();
    } else if (client->path() == "/updateReports") {
      reported = client->query() == "agent=websock";
      client->close();
    } else {
      const std::string wanted = "/runCase?case=" + std::to_string(next_case + 1) + "&agent=websock";
      check(client->request().target == wanted, "asked for " + client->request().target + ", not for " + wanted);
      next_case < std::size(kCases) ? go_on(client) : static_cast<void>(client->close());
    }
  }

  void received(const Client& client, const Message& message) {
    const Case& running = kCases[next_case];
    const Bytes sent = payload_of(running);
    const bool same = message.opcode == running.opcode && message.payload.size() == sent.size() &&
                      std::equal(sent.begin(), sent.end(), message.payload.begin());
    check(same, std::string(running.name) + ": something else came back");
    ++rounds;
    go_on(client);
  }

  void closed(const Client& client) {
    const CloseInfo info = client->close_info();
    check(info.clean, std::string(client->path()) + " did not end cleanly");
    if (client->path() != "/runCase") return;
    const Case& running = kCases[next_case];
    check(rounds == running.rounds, std::string(running.name) + ": ended early");
    check(info.code == running.code, std::string(running.name) + ": ended with " + to_string(info.code));
    ++next_case;
    rounds = 0;
  }

  int judge(int status) {
    check(status == 0, "the client failed");
    check(counted, "the number of cases was not asked for");
    check(next_case == std::size(kCases), "not every case was run");
    check(reported, "no report was asked for");
    std::printf("%zu cases, %d faults\n", next_case, faults);
    return faults == 0 ? 0 : 1;
  }
};

}  // namespace

int main(int argc, char** argv) {
  if (argc != 2) return 2;
  Rehearsal rehearsal;
  ServerOptions options;
  options.on_connection_open = [&](const Client& client) { rehearsal.opened(client); };
  options.on_data_receive = [&](const Client& client, const Message& message) { rehearsal.received(client, message); };
  options.on_connection_close = [&](const Client& client) { rehearsal.closed(client); };
  options.limits.max_frame_payload = kMaxFramePayload;
  WebSocketServer server(options);

  int status = -1;
  std::atomic<bool> over = false;
  std::thread client([&] {
    const std::string command = std::string(argv[1]) + " ws://127.0.0.1:" + std::to_string(server.port());
    status = std::system(command.c_str());
    over = true;
    server.close_server();
  });
  while (!over) server.serve_once();
  client.join();
  return rehearsal.judge(status);
}
