// One of the book's servers, started on a port that the system chooses.
#pragma once

#include <memory>

#include "net.h"
#include "process.h"

class Program {
 public:
  explicit Program(const std::string& name, std::vector<std::string> arguments = {}) {
    arguments.insert(arguments.begin(), {WEBSOCK_BIN + name, "--port", "0"});
    process_ = std::make_unique<Process>(std::move(arguments), "/dev/null");
    const std::string line = process_->read_line();  // listening on 127.0.0.1:36545
    port_ = static_cast<std::uint16_t>(std::stoi(line.substr(line.rfind(':') + 1)));
  }

  std::uint16_t port() const { return port_; }
  std::string url() const { return url_of(port_); }
  Process* operator->() { return process_.get(); }

  websock::Socket connect() const { return connect_to_port(port_); }
  void type(std::string_view line) { process_->write(std::string(line) + "\n"); }

 private:
  std::unique_ptr<Process> process_;
  std::uint16_t port_ = 0;
};
