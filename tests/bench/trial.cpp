#include "trial.h"

#include "timing.h"

namespace {

Figures figures_of(const Load& load, Outcome outcome) {
  const auto messages = static_cast<double>(outcome.round_trips.size());
  if (messages == 0) throw std::runtime_error("no message came back");
  Figures figures{};
  figures[rate] = messages / outcome.seconds;
  figures[megabytes] = figures[rate] * static_cast<double>(load.payload) / 1e6;
  figures[p50] = quantile(outcome.round_trips, 0.5);
  figures[p99] = quantile(outcome.round_trips, 0.99);
  figures[p999] = quantile(outcome.round_trips, 0.999);
  figures[server_cost] = outcome.server_cpu / messages * 1e6;
  figures[server_memory] = outcome.server_memory / static_cast<double>(load.clients);
  figures[server_busy] = outcome.server_cpu / outcome.seconds;
  figures[load_busy] = outcome.load_cpu / outcome.seconds;
  return figures;
}

// Every trial has a server of its own, which has not served before: trials do not depend on their order.
Figures run_trial(const Conditions& conditions, Server server) {
  Load load = conditions.load;
  if (conditions.has_server) return figures_of(load, run_load(load));
  static const std::vector<int> cpus = allowed_cpus();  // before we are pinned ourselves
  const bool pinned = conditions.pinned && cpus.size() > 1;
  const ServerProcess process(server, pinned ? std::optional(cpus[0]) : std::nullopt);
  if (pinned) pin_to(cpus[1]);
  load.uri.port = process.port();
  load.server_pid = process.pid();
  load.raw = server == Server::raw;
  return figures_of(load, run_load(load));
}

Figures medians(const std::vector<Figures>& rounds) {
  Figures result{};
  for (std::size_t i = 0; i < result.size(); ++i) {
    std::vector<double> values;
    for (const Figures& figures : rounds) values.push_back(figures[i]);
    result[i] = median(values);
  }
  return result;
}

Figures ratio_of(const Figures& ours, const Figures& raw) {
  Figures ratio{};
  for (std::size_t i = 0; i < ratio.size(); ++i) ratio[i] = ours[i] / raw[i];
  return ratio;
}

}  // namespace

Results run_trials(const Conditions& conditions) {
  std::vector<Figures> ours;
  std::vector<Figures> raw;
  std::vector<Figures> ratios;
  for (int round = 0; round < conditions.rounds; ++round) {
    if (conditions.with_raw) raw.push_back(run_trial(conditions, Server::raw));
    ours.push_back(run_trial(conditions, Server::ours));
    if (conditions.with_raw) ratios.push_back(ratio_of(ours.back(), raw.back()));
  }
  if (!conditions.with_raw) return {.ours = medians(ours)};
  return {.ours = medians(ours), .raw = medians(raw), .ratio = medians(ratios)};
}
