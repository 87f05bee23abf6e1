// What the chat's room costs on one, two and three servers:
//
//     bench_room CHAT_SERVER [--clients N] [--rate N] [--seconds N] [--plots FOLDER] [--smoke]
//
// The same people say the same number of messages a second, all to all. A message costs the more, the more people hear it:
// that is the fan-out, and it is what is divided among the servers. What each of them has to do for every message, however
// few of the people are its own, is to read it from the log.
#include <algorithm>
#include <cstdio>
#include <fstream>

#include "chat/cluster_clients.h"
#include "chat/cluster_processes.h"
#include "common/arguments.h"
#include "plot.h"
#include "server_process.h"

namespace {

struct Costs {
  double all = 0;      // CPU time of all the servers for a message, ms
  double busiest = 0;  // of the one that had most to do
};

Costs measure(const std::string& program, Talk talk, std::size_t count) {
  const RedisServer redis;
  const ClusterServers servers = start_servers(program, redis, {"--max-members", "1000", "--trust-proxy"}, count);
  std::vector<double> before(count);
  std::vector<double> after(count);
  const auto note = [&](std::vector<double>& seconds) {
    for (std::size_t i = 0; i < count; ++i) seconds[i] = cpu_seconds(servers[i]->process().pid());
  };
  talk.meanwhile = [&](websock::Clock::time_point start, websock::Clock::time_point end) {
    std::this_thread::sleep_until(start);
    note(before);
    std::this_thread::sleep_until(end);
    note(after);
  };
  const std::vector<std::unique_ptr<Client>> clients = let_talk(talk, ports_of(servers), redis);
  Costs costs;
  for (std::size_t i = 0; i < count; ++i) {
    const double cost = 1'000 * (after[i] - before[i]) / static_cast<double>(clients[0]->heard.size());
    costs.all += cost;
    costs.busiest = std::max(costs.busiest, cost);
  }
  const std::vector<double> delays = delays_to_the_last(clients);
  std::printf("%8zu %10zu %16.3f %16.3f %10.1f %10.1f\n", count, clients[0]->heard.size(), costs.all, costs.busiest,
              delays[delays.size() / 2], delays[delays.size() * 99 / 100]);
  std::fflush(stdout);
  return costs;
}

// How many appends Redis makes in a second for so many servers, each of which sends one after the other.
double appends_a_second(std::size_t count, websock::Milliseconds time) {
  const RedisServer redis;
  std::vector<std::unique_ptr<Node>> nodes;
  std::vector<std::unique_ptr<Guest>> guests;
  for (std::size_t i = 0; i < count; ++i) {
    nodes.push_back(std::make_unique<Node>(redis.port, std::to_string(i)));
    guests.push_back(std::make_unique<Guest>(*nodes[i], "guest " + std::to_string(i)));
  }
  std::atomic<std::size_t> said = 0;
  const websock::Clock::time_point start = websock::Clock::now();
  std::vector<std::thread> threads;
  for (const auto& guest : guests) {
    threads.emplace_back([&] {
      for (; websock::Clock::now() - start < time; ++said) guest->say("Hello, everybody.");
    });
  }
  for (std::thread& thread : threads) thread.join();
  const std::chrono::duration<double> passed = websock::Clock::now() - start;
  const double rate = static_cast<double>(said) / passed.count();
  std::printf("%8zu %10.0f\n", count, rate);
  std::fflush(stdout);
  return rate;
}

void write(const std::string& folder, const Series& all, const Series& busiest, const Talk& talk) {
  const std::string path = folder + "/fan-out.svg";
  std::ofstream file(path);
  file << to_svg({.title = "What a message to " + std::to_string(talk.clients) + " people costs the servers",
                  .x = {"servers", false, {{1, "1"}, {2, "2"}, {3, "3"}}},
                  .y = {"CPU time a message, ms", false,
                        linear_ticks(std::max_element(all.points.begin(), all.points.end(),
                                                      [](Point a, Point b) { return a.y < b.y; })
                                         ->y)},
                  .series = {all, busiest}});
  if (!file.flush()) throw std::runtime_error("cannot write " + path);
  std::printf("wrote %s\n", path.c_str());
}

void run(int argc, char** argv) {
  Talk talk{.clients = 300, .rate = 100, .seconds = 20};
  websock::Milliseconds appending(3'000);
  std::string plots;
  Arguments arguments("bench_room CHAT_SERVER [OPTION]...      the chat on one, two and three servers");
  arguments.option("clients", "N", "in the room (300)",
                   [&](const std::string& text) { talk.clients = parse_number(text, 3, 900); });
  arguments.option("rate", "N", "messages a second, of all together (100)",
                   [&](const std::string& text) { talk.rate = parse_number(text, 1, 1'000); });
  arguments.option("seconds", "N", "that they talk (20)",
                   [&](const std::string& text) { talk.seconds = parse_number(text, 1, 3'600); });
  arguments.option("plots", "FOLDER", "where fan-out.svg goes", [&](const std::string& text) { plots = text; });
  arguments.flag("smoke", "as little as it takes to see that it works", [&] {
    talk = {.clients = 6, .rate = 20, .seconds = 1};
    appending = websock::Milliseconds(50);
  });
  const std::vector<std::string> rest = arguments.parse(argc, argv);
  if (rest.size() != 1) throw BadArgument("the chat_server's program is needed");
  std::printf("%8s %10s %16s %16s %10s %10s\n", "servers", "messages", "CPU ms/msg, all", "the busiest", "p50 ms",
              "p99 ms");
  Series all{"all servers", {}};
  Series busiest{"the busiest server", {}};
  for (std::size_t count = 1; count <= 3; ++count) {
    const Costs costs = measure(rest[0], talk, count);
    all.points.push_back({static_cast<double>(count), costs.all});
    busiest.points.push_back({static_cast<double>(count), costs.busiest});
  }
  if (!plots.empty()) write(plots, all, busiest, talk);
  std::printf("\n%8s %10s\n", "servers", "appends/s");
  for (std::size_t count = 1; count <= 3; ++count) appends_a_second(count, appending);
}

}  // namespace

int main(int argc, char** argv) {
  return run_program("bench_room", [&] { run(argc, argv); });
}
