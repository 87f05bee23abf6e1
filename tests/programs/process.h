// Programs that a test runs beside itself. Each has a process group of its own, and all of it ends with the object.
#pragma once

#include <signal.h>
#include <sys/types.h>

#include <chrono>
#include <filesystem>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

class Process {
 public:
  // words[0] is the program; without a slash it is looked for in the PATH. What it writes to standard error is added to
  // the file `error_log`; if that is empty, it comes with the rest.
  explicit Process(std::vector<std::string> words, const std::string& error_log = "");
  Process(const Process&) = delete;
  Process& operator=(const Process&) = delete;
  ~Process();

  // To its standard input. What it does not read any more is lost.
  void write(std::string_view text);
  void end_input();

  // The next line of its standard output. Throws if it ends, or is silent for five minutes.
  std::string read_line();

  // What it prints up to `mark`, which is taken too; if the program ends before, what there was. Nothing if there is
  // neither within `limit`.
  std::optional<std::string> read_until(std::string_view mark, std::chrono::seconds limit);

  // Everything that it still prints. Nothing if it has not ended within `limit`.
  std::optional<std::string> read_all(std::chrono::seconds limit);

  void signal(int number);  // SIGSTOP: it stands still when this returns
  pid_t pid() const { return pid_; }

  // Waits for it to end by itself. Its exit status, or 128 and more: the signal that ended it. What it has left running
  // is ended.
  int wait();

  // SIGKILL, to it and all that it has started. It is gone when this returns.
  void kill();

 private:
  bool read_some(std::chrono::steady_clock::time_point deadline);
  std::string take_until(std::string_view mark);

  int input_ = -1;
  int output_ = -1;
  bool ended_ = false;
  std::string unread_;
  pid_t pid_ = -1;
};

// A command for bash, as words of a Process.
std::vector<std::string> in_shell(const std::string& command, const std::filesystem::path& directory);

struct Result {
  std::string output;
  int status = 0;
  bool hangs = false;  // it was ended after `limit`
};

// A command for bash, and all that it says.
Result run(const std::string& command, const std::filesystem::path& directory, std::chrono::seconds limit);

// As one word for bash.
std::string shell_word(std::string_view word);

// Ends this program, and ctest calls the test skipped: `missing` is not on this machine.
[[noreturn]] void skip_without(const char* missing);

// A new directory, which is gone when this goes.
class Scratch {
 public:
  Scratch();
  Scratch(const Scratch&) = delete;
  Scratch& operator=(const Scratch&) = delete;
  ~Scratch();
  const std::filesystem::path& path() const { return path_; }

 private:
  std::filesystem::path path_;
};
