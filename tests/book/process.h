// Programs that a checker runs. Each has a process group of its own, and all of it ends with the object.
#pragma once

#include <sys/types.h>

#include <chrono>
#include <filesystem>
#include <optional>
#include <string>
#include <string_view>

namespace book {

class Process {
 public:
  // `command` is for bash; what it writes to standard error comes with the rest.
  Process(const std::string& command, const std::filesystem::path& directory);
  Process(const Process&) = delete;
  Process& operator=(const Process&) = delete;
  ~Process();

  void write(std::string_view text);
  void close_input();

  // What it prints up to `mark`, which is taken too; if the program ends before, what there was. Nothing if there is
  // neither within `limit`.
  std::optional<std::string> read_until(std::string_view mark, std::chrono::seconds limit);

  // Everything that it still prints. Nothing if it has not ended within `limit`.
  std::optional<std::string> read_all(std::chrono::seconds limit);

  // Waits for its end. Returns its exit status; 128 and the signal's number if a signal ended it.
  int wait();

 private:
  bool read_some(std::chrono::steady_clock::time_point deadline);

  int input_ = -1;
  int output_ = -1;
  bool ended_ = false;
  std::string unread_;
  pid_t pid_ = -1;
};

struct Result {
  std::string output;
  int status = 0;
  bool hangs = false;  // it was ended after `limit`
};

Result run(const std::string& command, const std::filesystem::path& directory, std::chrono::seconds limit);

// As one word for bash.
std::string shell_word(std::string_view word);

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

}  // namespace book
