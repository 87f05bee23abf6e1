// Trials: a server, a load, and what came of it in figures. Two servers that are compared take turns.
#pragma once

#include <array>
#include <optional>

#include "load.h"
#include "server_process.h"

enum Figure { rate, megabytes, p50, p99, p999, server_cost, server_memory, server_busy, load_busy, kFigures };
using Figures = std::array<double, kFigures>;  // not a number: not known

struct FigureName {
  const char* name;
  int decimals;
};
inline constexpr std::array<FigureName, kFigures> kFigureNames = {{
    {"messages/s", 0},
    {"MB/s", 1},
    {"p50 us", 1},
    {"p99 us", 1},
    {"p99.9 us", 1},
    {"CPU us/msg", 2},   // the server's
    {"KiB/client", 1},   // the server's, resident, at the end of the trial
    {"server busy", 2},  // CPUs
    {"load busy", 2},
}};

struct Conditions {
  Load load;
  bool has_server = false;  // load.uri and load.server_pid are somebody's; else every trial starts a server of its own
  int rounds = 3;
  bool with_raw = false;
  bool pinned = true;  // the server to one CPU, the load to another
};

// Medians of the rounds.
struct Results {
  Figures ours{};
  std::optional<Figures> raw = {};
  Figures ratio{};  // ours to raw, within each round
};

Results run_trials(const Conditions& conditions);
