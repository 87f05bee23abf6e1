// What an echo costs: rate, round trips, and the server's CPU time and memory. With --raw, next to a server that knows
// no WebSocket: a thread per client that sends back what it reads. That is as cheap as our design can be.
//
//     bench_echo --raw --clients 64 --payload 32
//
// CPU time a message is the steadiest figure, and the ratio of two servers that took turns the one to trust. Rates and
// round trips suffer from whatever else the machine does, and where the load is as busy as the server, from the load.
#include <cmath>
#include <cstdio>
#include <string>

#include "common/arguments.h"
#include "growth.h"
#include "timing.h"
#include "trial.h"

using namespace websock;

namespace {

struct Options {
  Conditions conditions;
  std::string serve;  // this process is a server
  std::string plots;  // a directory
  bool smoke = false;
};

void add_load_arguments(Arguments& arguments, Load& load) {
  const auto number = [&](const char* name, const char* value, const char* help, std::size_t& target,
                          std::size_t lowest, std::size_t highest) {
    arguments.option(name, value, help,
                     [&target, lowest, highest](const auto& text) { target = parse_number(text, lowest, highest); });
  };
  number("clients", "COUNT", "connections (64)", load.clients, 1, 100'000);
  number("payload", "BYTES", "of each message (32)", load.payload, 0, 1 << 30);
  number("in-flight", "COUNT", "messages that each client sends ahead (1)", load.in_flight, 1, 10'000);
  arguments.flag("binary", "send binary messages instead of text", [&] { load.opcode = Opcode::binary; });
  arguments.option("seconds", "SECONDS", "of each trial (3)",
                   [&](const std::string& text) { load.time = Milliseconds(1000 * parse_number(text, 1, 3600)); });
}

void add_server_arguments(Arguments& arguments, Conditions& conditions) {
  arguments.option("rounds", "COUNT", "trials of each server, of which medians are taken (3)",
                   [&](const auto& text) { conditions.rounds = static_cast<int>(parse_number(text, 1, 1000)); });
  arguments.flag("raw", "compare with TCP without WebSocket", [&] { conditions.with_raw = true; });
  arguments.flag("no-pin", "let the system choose the CPUs", [&] { conditions.pinned = false; });
  arguments.option("url", "URL", "measure this server (ws://...) instead of our own", [&](const std::string& text) {
    conditions.load.uri = parse_uri(text);
    conditions.has_server = true;
  });
  arguments.option("pid", "PID", "the process of --url's server, for its CPU time and memory", [&](const auto& text) {
    conditions.load.server_pid = static_cast<pid_t>(parse_number(text, 1, INT32_MAX));
  });
}

Options parse_options(int argc, char** argv) {
  Options options;
  Arguments arguments("bench_echo [OPTION]...      what an echo costs");
  add_load_arguments(arguments, options.conditions.load);
  add_server_arguments(arguments, options.conditions);
  arguments.option("plots", "DIRECTORY", "write plots there: growth with clients and payload",
                   [&](const auto& text) { options.plots = text; });
  arguments.option("serve", "ours|raw", "only be that server, and print its port", [&](const auto& text) {
    if (text != "ours" && text != "raw") throw BadArgument("not ours or raw");
    options.serve = text;
  });
  arguments.flag("smoke", "only see that it works: takes a second", [&] { options.smoke = true; });
  arguments.parse_options(argc, argv);
  if (options.conditions.has_server && options.conditions.with_raw) throw BadArgument("--raw has no place with --url");
  return options;
}

void print_row(const char* name, const Figures& figures, bool is_ratio) {
  std::printf("%-10s", name);
  for (std::size_t i = 0; i < figures.size(); ++i) {
    if (std::isnan(figures[i])) {
      std::printf(" %11s", "-");
    } else {
      std::printf(" %11.*f", is_ratio ? 2 : kFigureNames[i].decimals, figures[i]);
    }
  }
  std::printf("\n");
}

void print_results(const Conditions& conditions, const Results& results) {
  const Load& load = conditions.load;
  std::printf("%zu clients, %zu bytes of %s, %zu in flight; medians over %d rounds of %g s\n", load.clients,
              load.payload, to_string(load.opcode).c_str(), load.in_flight, conditions.rounds, seconds_of(load.time));
  std::printf("%-10s", "");
  for (const FigureName& figure : kFigureNames) std::printf(" %11s", figure.name);
  std::printf("\n");
  if (results.raw) print_row("raw", *results.raw, false);
  print_row(conditions.has_server ? "server" : "ours", results.ours, false);
  if (results.raw) print_row("ours/raw", results.ratio, true);
}

void run(int argc, char** argv) {
  Options options = parse_options(argc, argv);
  if (!options.serve.empty()) return serve(options.serve == "raw" ? Server::raw : Server::ours);
  refuse_debug_build(options.smoke);
  raise_descriptor_limit();
  if (options.smoke) {
    options.conditions.load.clients = 8;
    options.conditions.load.time = Milliseconds(50);
    options.conditions.rounds = 1;
    options.conditions.with_raw = !options.conditions.has_server;
  }
  if (options.plots.empty() || options.smoke) print_results(options.conditions, run_trials(options.conditions));
  if (!options.plots.empty()) write_plots(options.conditions, options.plots, options.smoke);
}

}  // namespace

int main(int argc, char** argv) {
  return run_program("bench_echo", [&] { run(argc, argv); });
}
