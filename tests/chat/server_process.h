// The chat's server, as a program that runs beside a test.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "../programs/process.h"

// chat_server, on a port that the system chooses.
class ChatServer {
 public:
  // `options` go to it beside --port.
  ChatServer(std::string program, std::string error_log, std::vector<std::string> options = {});

  void kill() { process_->kill(); }
  void start_again();  // on the same port
  void freeze() { process_->signal(SIGSTOP); }
  void thaw() { process_->signal(SIGCONT); }

  std::string url() const { return "http://127.0.0.1:" + port_ + "/"; }
  // The same under a name of its own. A browser keeps each name's storage apart, so people at different names are as
  // far from each other as people at different computers. (All names below localhost are this computer, RFC 6761.)
  std::string url_for(int number) const {
    return "http://person" + std::to_string(number) + ".localhost:" + port_ + "/";
  }

 private:
  void start();

  std::string program_;
  std::string error_log_;
  std::vector<std::string> options_;
  std::string port_ = "0";
  std::unique_ptr<Process> process_;
};
