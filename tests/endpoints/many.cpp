// Chapter 16: many idle clients at once, held by a child process, and what one of them costs.
//
//     many [--clients N]
//
// Everybody is served, an echo among them too, and everything is given back: that is asserted. Memory and time are only
// printed.
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cstdlib>

#include "common/arguments.h"
#include "server_fixture.h"

using namespace websock;

namespace {

// As many as may be open here, of those that are wanted.
std::size_t possible(std::size_t wanted) {
  rlimit limit{};
  ::getrlimit(RLIMIT_NOFILE, &limit);
  limit.rlim_cur = std::min<rlim_t>(limit.rlim_max, wanted + 100);  // macOS refuses RLIM_INFINITY
  ::setrlimit(RLIMIT_NOFILE, &limit);
  return std::min(wanted, descriptor_limit() - 100);
}

// The child process: connects, says so, waits, and closes them all.
int hold(std::size_t count, int commands, int answers) {
  std::uint16_t port = 0;
  char byte = 0;
  if (::read(commands, &port, sizeof port) != sizeof port) return 1;
  std::vector<RawClient> clients;
  for (std::size_t i = 0; i < count; ++i) clients.emplace_back(port).upgrade();
  if (::write(answers, "c", 1) != 1 || ::read(commands, &byte, 1) != 1) return 1;
  for (RawClient& client : clients) client.send(masked_close(1000));
  for (RawClient& client : clients) {
    if (take_to_end(client.socket) != "88 02 03 e8") return 1;
  }
  return 0;
}

struct Child {
  explicit Child(std::size_t count) {
    if (::pipe(commands) < 0 || ::pipe(answers) < 0 || (process = ::fork()) < 0) std::abort();
    if (process != 0) {
      ::close(answers[1]);  // so that its end is the end of what we read
      return;
    }
    try {
      ::_exit(hold(count, commands[0], answers[1]));
    } catch (const std::exception& error) {
      std::printf("the child process: %s\n", error.what());
      std::fflush(nullptr);
      ::_exit(1);
    }
  }
  bool connect(std::uint16_t port) {
    char byte = 0;
    return ::write(commands[1], &port, sizeof port) == sizeof port && ::read(answers[0], &byte, 1) == 1;
  }
  bool close_all() {
    int status = 1;
    return ::write(commands[1], "c", 1) == 1 && ::waitpid(process, &status, 0) == process && status == 0;
  }

  int commands[2] = {};
  int answers[2] = {};
  pid_t process = -1;
};

double milliseconds_since(Clock::time_point begin) {
  return std::chrono::duration<double, std::milli>(Clock::now() - begin).count();
}

void print_cost(std::size_t count, std::size_t memory, Clock::time_point begin) {
  const double time = milliseconds_since(begin);
  std::printf("%zu clients opened in %.0f ms: %.0f a second\n", count, time, static_cast<double>(count) / time * 1000);
  const double each = static_cast<double>(resident_memory() - memory) / static_cast<double>(count) / 1024;
  std::printf("%.1f KiB of resident memory for each\n", each);
}

bool echo_among_them(std::uint16_t port) {
  RawClient client(port);
  client.upgrade();
  const auto begin = Clock::now();
  constexpr int kRounds = 1000;
  for (int i = 0; i < kRounds; ++i) {
    if (!client.echoes("Hello")) return false;
  }
  std::printf("an echo among them takes %.1f us\n", milliseconds_since(begin));  // of 1000: microseconds each
  return true;
}

void test(std::size_t count) {
  Child child(count);
  Journal journal;
  const BaseLine base_line;
  // They only sit there, for as long as it takes here: no Ping disturbs them.
  Running running(with_journal({.limits = {.ping_interval = Milliseconds(0), .max_connections = count + 10}}, journal));
  const std::size_t memory = resident_memory();
  const auto begin = Clock::now();
  if (!child.connect(running.server().port()) || !journal.gets("opened", count))
    throw std::runtime_error("FAILED  to connect");
  print_cost(count, memory, begin);
  if (!echo_among_them(running.server().port())) throw std::runtime_error("FAILED  to echo");
  const auto end = Clock::now();
  if (!child.close_all() || !journal.gets("closed 1000", count)) throw std::runtime_error("FAILED  to close");
  std::printf("all closed in %.0f ms\n", milliseconds_since(end));
  running.end();
  const bool all_told = journal.count("opened") == count + 1 && journal.count("closed ") == count + 1;
  if (!base_line.is_restored() || !all_told) throw std::runtime_error("FAILED  to give everything back");
  std::puts("everything was served and given back");
}

void run(int argc, char** argv) {
  std::size_t wanted = kSanitized ? 500 : 5000;
  Arguments arguments("many [--clients N]      many idle clients at once, and what one of them costs");
  arguments.option("clients", "N", "as far as the limit on descriptors lets it (5000)",
                   [&](const std::string& text) { wanted = parse_number(text, 1, 1'000'000); });
  arguments.parse_options(argc, argv);
  test(possible(wanted));
}

}  // namespace

int main(int argc, char** argv) {
  return run_program("many", [&] { run(argc, argv); });
}
