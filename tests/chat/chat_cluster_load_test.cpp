// A room on three servers while one of them is killed and another drained:
//
//     chat_cluster_load_test CHAT_SERVER [--clients 60] [--rate 30] [--seconds 12]
//
// The clients are as pages are: one that loses its connection comes back at the next server, with its key and with the
// number of the last message that it has. At the end all must have heard the same messages, in one order and without a gap,
// none of them twice; and everything that its speaker heard come back must be among them.
#include <algorithm>
#include <cinttypes>
#include <cstdio>
#include <map>
#include <vector>

#include "chat/cluster_clients.h"
#include "chat/cluster_processes.h"
#include "common/arguments.h"

namespace {

using websock::Clock;
using websock::Milliseconds;

struct Plan {
  std::string program;
  std::size_t clients = 60;
  std::size_t rate = 30;  // messages a second, of all together
  std::size_t seconds = 12;
  bool disturb = true;
};

void print_delays(const std::vector<std::unique_ptr<Client>>& clients) {
  std::vector<double> last;  // from saying something until the last client has heard it
  for (const auto& speaker : clients) {
    for (const auto& [number, own] : speaker->heard) {
      const auto said = speaker->said.find(own.text);
      if (said == speaker->said.end()) continue;
      Clock::time_point latest = said->second;
      for (const auto& client : clients) latest = std::max(latest, client->heard.at(number).when);
      last.push_back(std::chrono::duration<double, std::milli>(latest - said->second).count());
    }
  }
  std::sort(last.begin(), last.end());
  if (last.empty()) return;
  std::printf("to the last client: p50 %.1f ms, p90 %.1f ms, p99 %.1f ms\n", last[last.size() / 2],
              last[last.size() * 9 / 10], last[last.size() * 99 / 100]);
}

void judge(const std::vector<std::unique_ptr<Client>>& clients) {
  std::size_t faults = 0;
  std::size_t said = 0;
  std::size_t moves = 0;
  std::map<std::string, int> times;
  for (const auto& [number, message] : clients[0]->heard) ++times[message.text];
  for (const auto& [text, count] : times) faults += count != 1;  // said twice
  for (const auto& client : clients) {
    faults += client->faults + (client->heard.size() != clients[0]->heard.size());
    for (const auto& [number, message] : client->heard) faults += message.text != clients[0]->heard.at(number).text;
    said += client->said.size();
    moves += client->moves;
  }
  std::printf(
      "%zu clients, %zu messages said, %zu in the log (the rest: their speaker's connection broke, and it was not "
      "said again); %zu moves to another server; %zu faults\n",
      clients.size(), said, times.size(), moves, faults);
  print_delays(clients);
  if (faults > 0 || times.empty()) throw std::runtime_error("not everybody heard everything once and in one order");
}

void test(const Plan& plan) {
  const RedisServer redis;
  std::vector<std::unique_ptr<Server>> servers;
  std::vector<std::uint16_t> ports;
  for (const char* name : {"one", "two", "three"}) {
    servers.push_back(std::make_unique<Server>(
        plan.program, redis, name, std::vector<std::string>{"--expiry", "4", "--drain", "6", "--max-members", "1000"}));
    ports.push_back(static_cast<std::uint16_t>(std::stoi(servers.back()->port())));
  }
  std::vector<std::unique_ptr<Client>> clients;
  for (std::size_t i = 0; i < plan.clients; ++i) clients.push_back(std::make_unique<Client>(i, ports));
  const Milliseconds between(1'000 * plan.clients / plan.rate);
  const Clock::time_point start = Clock::now() + Milliseconds(1'000);
  const Clock::time_point end = start + std::chrono::seconds(plan.seconds);
  std::atomic<std::uint64_t> last = 0;
  std::vector<std::thread> threads;
  for (std::size_t i = 0; i < plan.clients; ++i) {
    threads.emplace_back([&, i] { clients[i]->run(start, end, between, between * i / plan.clients, last); });
  }
  if (plan.disturb) {
    std::this_thread::sleep_until(start + (end - start) / 4);
    servers[0]->process().kill();
    servers[0]->start();
    std::this_thread::sleep_until(start + (end - start) / 2);
    servers[1]->process().signal(SIGTERM);
    servers[1]->process().wait();
    servers[1]->start();
  }
  std::this_thread::sleep_until(end);
  // What is still under way comes; then nobody says anything more, and the log's end is where all have to arrive.
  std::this_thread::sleep_for(Milliseconds(2'000));
  const std::string top = redis.ask({"HGET", "chat:{Chat}:meta", "top"}).as_text();
  last = parse_position(top).message;
  for (std::thread& thread : threads) thread.join();
  judge(clients);
}

}  // namespace

int main(int argc, char** argv) {
  return run_program("chat_cluster_load_test", [&] {
    Plan plan;
    Arguments arguments(
        "chat_cluster_load_test CHAT_SERVER [OPTION]...      three servers, one killed and one drained");
    arguments.option("clients", "N", "in the room (60)",
                     [&](const std::string& text) { plan.clients = parse_number(text, 3, 900); });
    arguments.option("rate", "N", "messages a second, of all together (30)",
                     [&](const std::string& text) { plan.rate = parse_number(text, 1, 1'000); });
    arguments.option("seconds", "N", "that they talk (12)",
                     [&](const std::string& text) { plan.seconds = parse_number(text, 4, 3'600); });
    arguments.flag("calm", "leave the servers alone", [&] { plan.disturb = false; });
    const std::vector<std::string> rest = arguments.parse(argc, argv);
    if (rest.size() != 1) throw BadArgument("the chat_server's program is needed");
    plan.program = rest[0];
    test(plan);
  });
}
