// A server in a process of its own, so that what it costs can be told apart from what its clients cost.
#pragma once

#include <sys/types.h>

#include <cstdint>
#include <optional>
#include <vector>

enum class Server {
  ours,  // a WebSocketServer that echoes
  raw,   // a thread per client that sends back whatever it reads: TCP without WebSocket
};
const char* name_of(Server server);

// Serves on a port that the system chooses, which it prints as a line; until the process is killed.
void serve(Server server);

// This program, started once more with --serve. It is killed with the object.
class ServerProcess {
 public:
  // `cpu`: the only one that it may use.
  ServerProcess(Server server, std::optional<int> cpu);
  ServerProcess(const ServerProcess&) = delete;
  ServerProcess& operator=(const ServerProcess&) = delete;
  ~ServerProcess();

  pid_t pid() const { return pid_; }
  std::uint16_t port() const { return port_; }

 private:
  pid_t pid_ = -1;
  std::uint16_t port_ = 0;
};

// Of any process; 0: this one.
double cpu_seconds(pid_t pid);   // all its threads, those that have ended too
double resident_kib(pid_t pid);  // memory

std::vector<int> allowed_cpus();
void pin_to(int cpu);

// As many open descriptors as the system lets us have.
void raise_descriptor_limit();
