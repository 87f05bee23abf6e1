#include "growth.h"

#include <algorithm>
#include <cstdio>
#include <fstream>
#include <stdexcept>

#include "plot.h"

namespace {

// What is varied, and the figure that is looked at.
struct Growth {
  std::size_t Load::*varied;
  Figure figure;
  double divisor;  // of the figure, for the unit of the plot
};

struct Curves {
  Series ours{"websock", {}};
  Series raw{"plain TCP, a thread per client", {}};
  double lowest = 1e300;
  double highest = 0;

  void add(std::size_t x, double our_y, double raw_y) {
    ours.points.push_back({static_cast<double>(x), our_y});
    raw.points.push_back({static_cast<double>(x), raw_y});
    lowest = std::min({lowest, our_y, raw_y});
    highest = std::max({highest, our_y, raw_y});
  }
};

Curves measure(Conditions conditions, const Growth& growth, const std::vector<std::size_t>& values) {
  Curves curves;
  for (const std::size_t value : values) {
    conditions.load.*growth.varied = value;
    const Results results = run_trials(conditions);
    const double ours = results.ours[growth.figure] / growth.divisor;
    const double raw = (*results.raw)[growth.figure] / growth.divisor;
    std::printf("%14zu %14.3f %14.3f %10.2f\n", value, ours, raw, results.ratio[growth.figure]);
    std::fflush(stdout);
    curves.add(value, ours, raw);
  }
  return curves;
}

std::string size_text(std::size_t size) {
  if (size < 1024) return std::to_string(size) + " B";
  if (size < 1024 * 1024) return std::to_string(size / 1024) + " KiB";
  return std::to_string(size / 1024 / 1024) + " MiB";
}

std::vector<Tick> ticks_at(const std::vector<std::size_t>& values, std::string (*text)(std::size_t)) {
  std::vector<Tick> ticks;
  for (const std::size_t value : values) ticks.push_back({static_cast<double>(value), text(value)});
  return ticks;
}

std::string number_text(std::size_t value) { return std::to_string(value); }

void write(const Plot& plot, const std::string& path) {
  std::ofstream file(path);
  file << to_svg(plot);
  if (!file.flush()) throw std::runtime_error("cannot write " + path);
  std::printf("wrote %s\n", path.c_str());
}

void print_head(const char* what) { std::printf("\n%14s %14s %14s %10s\n", what, "ours", "raw", "ratio"); }

void plot_clients(const Conditions& conditions, const std::string& path, bool few) {
  std::vector<std::size_t> clients = {1, 8, 64, 256, 1000};
  if (few) clients = {1, 8};
  print_head("CPU us/msg");
  const Curves curves = measure(conditions, {&Load::clients, server_cost, 1}, clients);
  write({.title = "What a message of 32 bytes costs the server",
         .x = {"clients", true, ticks_at(clients, number_text)},
         .y = {"CPU time a message, µs", false, linear_ticks(curves.highest)},
         .series = {curves.ours, curves.raw}},
        path);
}

void plot_payload(Conditions conditions, const std::string& path, bool few) {
  std::vector<std::size_t> sizes = {1, 32, 1024, 16 << 10, 64 << 10, 1 << 20, 16 << 20, 64 << 20};
  if (few) sizes = {1, 1024};
  std::vector<std::size_t> labelled = {1, 32, 1024, 64 << 10, 1 << 20, 64 << 20};
  if (few) labelled = sizes;
  conditions.load.clients = 4;
  print_head("MB/s");
  const Curves curves = measure(conditions, {&Load::payload, megabytes, 1}, sizes);
  write({.title = "Throughput of 4 clients, one message each in flight",
         .x = {"payload of a message", true, ticks_at(labelled, size_text)},
         .y = {"MB/s, echoed", true, decade_ticks(curves.lowest, curves.highest)},
         .series = {curves.ours, curves.raw}},
        path);
}

void plot_memory(Conditions conditions, const std::string& path, bool few) {
  std::vector<std::size_t> clients = {1, 250, 500, 750, 1000};
  if (few) clients = {1, 8};
  conditions.load.time = websock::Milliseconds(few ? 20 : 500);
  print_head("MiB/client");
  Curves curves = measure(conditions, {&Load::clients, server_memory, 1024}, clients);
  // The figure is memory a client, the plot shows all of it.
  curves.highest = 0;
  for (Series* series : {&curves.ours, &curves.raw}) {
    for (Point& point : series->points) {
      point.y *= point.x;
      curves.highest = std::max(curves.highest, point.y);
    }
  }
  std::vector<Tick> ticks = ticks_at(clients, number_text);
  ticks.front() = {0, "0"};
  write({.title = "Memory that clients cost the server",
         .x = {"clients, each after some messages of 32 bytes", false, ticks},
         .y = {"resident, MiB", false, linear_ticks(curves.highest)},
         .series = {curves.ours, curves.raw}},
        path);
}

}  // namespace

void write_plots(Conditions conditions, const std::string& directory, bool few) {
  conditions.with_raw = true;
  conditions.load.payload = 32;
  conditions.load.in_flight = 1;
  plot_clients(conditions, directory + "/growth-clients.svg", few);
  plot_payload(conditions, directory + "/growth-payload.svg", few);
  plot_memory(conditions, directory + "/growth-memory.svg", few);
}
