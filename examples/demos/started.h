// A server that is started for a demonstration, on a free port, and ends with it.
#pragma once

#include <sys/types.h>

#include <cstdint>
#include <string>

class Started {
 public:
  // `program` understands --port, and prints "listening on", and an address that ends with its port. Throws
  // std::runtime_error if it does not.
  explicit Started(const std::string& program);
  Started(const Started&) = delete;
  Started& operator=(const Started&) = delete;
  ~Started();

  std::uint16_t port() const { return port_; }
  std::string host() const { return "127.0.0.1:" + std::to_string(port_); }
  pid_t pid() const { return pid_; }

  // Ends it, unless it has ended already. Returns what it has printed besides.
  std::string end();

  // The signal that it died of before it was told to end; 0: none.
  int died_of() const { return died_of_; }

 private:
  std::string read(char up_to);

  pid_t pid_ = -1;
  int output_ = -1;
  std::uint16_t port_ = 0;
  int died_of_ = 0;
};
