// A room on three servers while one of them is killed and another drained:
//
//     chat_cluster_load_test CHAT_SERVER [--clients 60] [--rate 30] [--seconds 12]
//
// The clients are as pages are: one that loses its connection comes back at the next server, with its key and with the
// number of the last message that it has. At the end all must have heard the same messages, in one order and without a gap,
// none of them twice; and everything that its speaker heard come back must be among them.
#include <cstdio>
#include <vector>

#include "chat/cluster_clients.h"
#include "chat/cluster_processes.h"
#include "common/arguments.h"

namespace {

using websock::Clock;

void judge(const std::vector<std::unique_ptr<Client>>& clients) {
  std::size_t faults = 0;
  std::size_t said = 0;
  std::size_t moves = 0;
  std::size_t refused = 0;
  std::map<std::string, int> times;
  for (const auto& [number, message] : clients[0]->heard) ++times[message.text];
  for (const auto& [text, count] : times) faults += count != 1;  // said twice
  for (const auto& client : clients) {
    faults += client->faults + (client->heard.size() != clients[0]->heard.size());
    for (const auto& [number, message] : client->heard) faults += message.text != clients[0]->heard.at(number).text;
    // Whoever kept its connection has lost nothing that it said.
    for (const auto& [text, when] : client->said)
      faults += client->moves == 1 && !times.contains(text) && !client->refused.contains(text);
    refused += client->refused.size();
    said += client->said.size();
    moves += client->moves;
  }
  std::printf(
      "%zu clients, %zu messages said, %zu refused, %zu in the log (the rest: their speaker's connection broke, and it "
      "was not said again); %zu moves to another server; %zu faults\n",
      clients.size(), said, refused, times.size(), moves, faults);
  const std::vector<double> last = delays_to_the_last(clients);
  if (!last.empty()) {
    std::printf("to the last client: p50 %.1f ms, p90 %.1f ms, p99 %.1f ms\n", last[last.size() / 2],
                last[last.size() * 9 / 10], last[last.size() * 99 / 100]);
  }
  if (faults > 0 || times.empty()) throw std::runtime_error("not everybody heard everything once and in one order");
}

void test(const std::string& program, Talk talk, bool disturb) {
  const RedisServer redis;
  const ClusterServers servers = start_servers(
      program, redis,
      {"--expiry", "4", "--drain", "6", "--max-members", "1000", "--max-history", "5000", "--trust-proxy"});
  if (disturb) {
    talk.meanwhile = [&](Clock::time_point start, Clock::time_point end) {
      std::this_thread::sleep_until(start + (end - start) / 4);
      servers[0]->process().kill();
      servers[0]->start();
      std::this_thread::sleep_until(start + (end - start) / 2);
      servers[1]->process().signal(SIGTERM);
      servers[1]->process().wait();
      servers[1]->start();
    };
  }
  judge(let_talk(talk, ports_of(servers), redis));
}

}  // namespace

int main(int argc, char** argv) {
  return run_program("chat_cluster_load_test", [&] {
    Talk talk;
    bool disturb = true;
    Arguments arguments(
        "chat_cluster_load_test CHAT_SERVER [OPTION]...      three servers, one killed and one drained");
    arguments.option("clients", "N", "in the room (60)",
                     [&](const std::string& text) { talk.clients = parse_number(text, 3, 900); });
    arguments.option("rate", "N", "messages a second, of all together (30)",
                     [&](const std::string& text) { talk.rate = parse_number(text, 1, 1'000); });
    arguments.option("seconds", "N", "that they talk (12)",
                     [&](const std::string& text) { talk.seconds = parse_number(text, 4, 3'600); });
    arguments.flag("calm", "leave the servers alone", [&] { disturb = false; });
    const std::vector<std::string> rest = arguments.parse(argc, argv);
    if (rest.size() != 1) throw BadArgument("the chat_server's program is needed");
    test(rest[0], talk, disturb);
  });
}
