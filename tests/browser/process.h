// Programs that run beside a test, and end with it.
#pragma once

#include <signal.h>
#include <sys/types.h>

#include <memory>
#include <string>
#include <string_view>
#include <vector>

class Process {
 public:
  // words[0] is the program. What it writes to standard error goes to the file `error_log`.
  Process(std::vector<std::string> words, const std::string& error_log);
  Process(const Process&) = delete;
  Process& operator=(const Process&) = delete;
  ~Process();

  // The next line of its standard output. Throws if it ends, or is silent for five minutes.
  std::string read_line();

  // To its standard input.
  void write(std::string_view text);
  void end_input();

  void signal(int number);  // SIGSTOP: it stands still when this returns
  pid_t pid() const { return pid_; }

  // Waits for it to end by itself. Its exit status, or 128 and more: the signal that ended it.
  int wait();

  // SIGKILL, to it and all that it has started. It is gone when this returns.
  void kill();

 private:
  int input_ = -1;
  int output_ = -1;
  std::string unread_;
  pid_t pid_ = -1;
};

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
