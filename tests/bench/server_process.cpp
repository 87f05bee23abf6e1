// The server is started with exec, not only with fork: it begins with a heap of its own, so that its memory is the
// server's and not a copy of ours.
#include "server_process.h"

#include <sched.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <csignal>
#include <cstdio>
#include <ctime>
#include <fstream>
#include <string>
#include <system_error>

namespace {

void check(bool fine, const char* what) {
  if (!fine) throw std::system_error(errno, std::generic_category(), what);
}

// In the child. Nothing is thrown here: there is nobody to catch it.
[[noreturn]] void become_server(Server server, std::optional<int> cpu, int standard_output) {
  ::prctl(PR_SET_PDEATHSIG, SIGKILL);  // no server survives us, even if we crash
  if (cpu) pin_to(*cpu);
  ::dup2(standard_output, STDOUT_FILENO);
  ::execl("/proc/self/exe", "bench_echo", "--serve", name_of(server), nullptr);
  ::_exit(127);
}

std::uint16_t read_port(int descriptor) {
  std::array<char, 16> line{};
  const ssize_t count = ::read(descriptor, line.data(), line.size() - 1);  // a short line arrives whole
  if (count <= 0) throw std::runtime_error("the server did not start");
  return static_cast<std::uint16_t>(std::stoul(line.data()));
}

}  // namespace

const char* name_of(Server server) { return server == Server::ours ? "ours" : "raw"; }

ServerProcess::ServerProcess(Server server, std::optional<int> cpu) {
  std::array<int, 2> ends{};
  check(::pipe(ends.data()) == 0, "pipe");
  pid_ = ::fork();
  check(pid_ >= 0, "fork");
  if (pid_ == 0) become_server(server, cpu, ends[1]);
  ::close(ends[1]);
  port_ = read_port(ends[0]);
  ::close(ends[0]);
}

ServerProcess::~ServerProcess() {
  ::kill(pid_, SIGKILL);
  ::waitpid(pid_, nullptr, 0);
}

double cpu_seconds(pid_t pid) {
  clockid_t clock{};
  timespec time{};
  if (::clock_getcpuclockid(pid, &clock) != 0 || ::clock_gettime(clock, &time) != 0) {
    throw std::runtime_error("no such process: " + std::to_string(pid));
  }
  return static_cast<double>(time.tv_sec) + static_cast<double>(time.tv_nsec) / 1e9;
}

// Not VmRSS of /proc/PID/status: Linux keeps that in a counter for each CPU, and adds them up without looking closely.
double resident_kib(pid_t pid) {
  std::ifstream file("/proc/" + (pid == 0 ? "self" : std::to_string(pid)) + "/smaps_rollup");
  for (std::string word; file >> word;) {
    double kib = 0;
    if (word == "Rss:" && file >> kib) return kib;
  }
  throw std::runtime_error("cannot tell the memory of process " + std::to_string(pid));
}

std::vector<int> allowed_cpus() {
  cpu_set_t set;
  CPU_ZERO(&set);
  check(::sched_getaffinity(0, sizeof set, &set) == 0, "sched_getaffinity");
  std::vector<int> cpus;
  for (int cpu = 0; cpu < CPU_SETSIZE; ++cpu) {
    if (CPU_ISSET(static_cast<unsigned>(cpu), &set)) cpus.push_back(cpu);
  }
  return cpus;
}

void pin_to(int cpu) {
  cpu_set_t set;
  CPU_ZERO(&set);
  CPU_SET(static_cast<unsigned>(cpu), &set);
  static_cast<void>(::sched_setaffinity(0, sizeof set, &set));  // unpinned it works too
}

void raise_descriptor_limit() {
  rlimit limit{};
  if (::getrlimit(RLIMIT_NOFILE, &limit) != 0) return;
  limit.rlim_cur = limit.rlim_max;
  static_cast<void>(::setrlimit(RLIMIT_NOFILE, &limit));  // if not: connecting will say so
}
