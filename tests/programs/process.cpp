#include "process.h"

#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <cstdio>
#include <cstdlib>
#include <mutex>
#include <stdexcept>
#include <utility>

extern char** environ;

namespace {

// pipe2(2), which would close on exec from the beginning, is Linux'.
void open_pipe(std::array<int, 2>& ends) {
  if (::pipe(ends.data()) != 0) throw std::runtime_error("there is no pipe");
  for (const int end : ends) ::fcntl(end, F_SETFD, FD_CLOEXEC);
}

// Held while a program is started: until its pipes are closed on exec, another one that is started would inherit them, and
// keep them open.
std::mutex starting;

}  // namespace

Process::Process(std::vector<std::string> words, const std::string& error_log) {
  const std::lock_guard lock(starting);
  ::signal(SIGPIPE, SIG_IGN);  // a write to a program that has ended only fails
  std::array<int, 2> in{};
  std::array<int, 2> out{};
  open_pipe(in);
  open_pipe(out);
  input_ = in[1];
  output_ = out[0];
  std::vector<char*> arguments;
  for (std::string& word : words) arguments.push_back(word.data());
  arguments.push_back(nullptr);

  posix_spawn_file_actions_t files;
  posix_spawn_file_actions_init(&files);
  posix_spawn_file_actions_adddup2(&files, in[0], 0);
  posix_spawn_file_actions_adddup2(&files, out[1], 1);
  if (error_log.empty()) posix_spawn_file_actions_adddup2(&files, out[1], 2);
  if (!error_log.empty())
    posix_spawn_file_actions_addopen(&files, 2, error_log.c_str(), O_WRONLY | O_CREAT | O_APPEND, 0644);
  posix_spawnattr_t attributes;
  posix_spawnattr_init(&attributes);
  sigset_t defaults;
  sigemptyset(&defaults);
  sigaddset(&defaults, SIGPIPE);
  posix_spawnattr_setsigdefault(&attributes, &defaults);
  // A group of its own: a browser's many processes end together.
  posix_spawnattr_setflags(&attributes, POSIX_SPAWN_SETPGROUP | POSIX_SPAWN_SETSIGDEF);
  const int error = ::posix_spawnp(&pid_, words[0].c_str(), &files, &attributes, arguments.data(), environ);
  posix_spawn_file_actions_destroy(&files);
  posix_spawnattr_destroy(&attributes);
  ::close(in[0]);
  ::close(out[1]);
  if (error == 0) return;
  end_input();
  ::close(output_);
  throw std::runtime_error("cannot start " + words[0]);
}

Process::~Process() {
  kill();
  end_input();
  ::close(output_);
}

void Process::write(std::string_view text) {
  while (!text.empty()) {
    const ssize_t count = ::write(input_, text.data(), text.size());
    if (count <= 0) return;  // reading will see its end
    text.remove_prefix(static_cast<std::size_t>(count));
  }
}

void Process::end_input() {
  if (input_ >= 0) ::close(std::exchange(input_, -1));
}

// False if nothing came until the deadline.
bool Process::read_some(std::chrono::steady_clock::time_point deadline) {
  const auto left = std::chrono::duration_cast<std::chrono::milliseconds>(deadline - std::chrono::steady_clock::now());
  pollfd ready{output_, POLLIN, 0};
  if (left.count() <= 0 || ::poll(&ready, 1, static_cast<int>(left.count())) <= 0) return false;
  std::array<char, 65536> bytes{};
  const ssize_t count = ::read(output_, bytes.data(), bytes.size());
  ended_ = count <= 0;
  if (!ended_) unread_.append(bytes.data(), static_cast<std::size_t>(count));
  return true;
}

std::string Process::take_until(std::string_view mark) {
  const std::size_t at = unread_.find(mark);
  std::string text = unread_.substr(0, at);
  unread_.erase(0, at == unread_.npos ? at : at + mark.size());
  return text;
}

std::string Process::read_line() {
  const auto deadline = std::chrono::steady_clock::now() + std::chrono::minutes(5);
  while (unread_.find('\n') == unread_.npos) {
    if (!read_some(deadline)) throw std::runtime_error("a program is silent");
    if (ended_) throw std::runtime_error("a program has ended");
  }
  return take_until("\n");
}

std::optional<std::string> Process::read_until(std::string_view mark, std::chrono::seconds limit) {
  const auto deadline = std::chrono::steady_clock::now() + limit;
  while (unread_.find(mark) == unread_.npos && !ended_) {
    if (!read_some(deadline)) return std::nullopt;
  }
  return take_until(mark);
}

std::optional<std::string> Process::read_all(std::chrono::seconds limit) {
  const auto deadline = std::chrono::steady_clock::now() + limit;
  while (!ended_) {
    if (!read_some(deadline)) return std::nullopt;
  }
  return std::move(unread_);
}

void Process::signal(int number) {
  ::kill(pid_, number);
  if (number != SIGSTOP) return;
  siginfo_t info{};  // its threads stop one by one; the last of them says so, and that stays to be read
  ::waitid(P_PID, static_cast<id_t>(pid_), &info, WSTOPPED | WEXITED | WNOWAIT);
}

void Process::kill() {
  if (pid_ < 0) return;
  ::kill(-pid_, SIGKILL);
  wait();
}

int Process::wait() {
  if (pid_ < 0) return 0;
  siginfo_t info{};
  ::waitid(P_PID, static_cast<id_t>(pid_), &info, WEXITED | WNOWAIT);
  ::kill(-pid_, SIGKILL);  // what it has left running; the number is its group's until we collect it
  int status = 0;
  ::waitpid(pid_, &status, 0);
  pid_ = -1;
  return WIFSIGNALED(status) ? 128 + WTERMSIG(status) : WEXITSTATUS(status);
}

std::vector<std::string> in_shell(const std::string& command, const std::filesystem::path& directory) {
  return {"bash", "-c", "cd \"$0\" && eval \"$1\"", directory.string(), command};
}

Result run(const std::string& command, const std::filesystem::path& directory, std::chrono::seconds limit) {
  Process process(in_shell(command, directory));
  process.end_input();
  const std::optional<std::string> output = process.read_all(limit);
  if (!output) return {"", 0, true};
  return {*output, process.wait(), false};
}

std::string shell_word(std::string_view word) {
  std::string text = "'";
  for (const char c : word) text += c == '\'' ? std::string("'\\''") : std::string(1, c);
  return text + "'";
}

void skip_without(const char* missing) {
  std::printf("skipped: there is no %s\n", missing);
  std::exit(77);
}

Scratch::Scratch() {
  std::string name = (std::filesystem::temp_directory_path() / "test.XXXXXX").string();
  if (::mkdtemp(name.data()) == nullptr) throw std::runtime_error("there is no room in " + name);
  path_ = name;
}

Scratch::~Scratch() {
  std::error_code ignored;
  std::filesystem::remove_all(path_, ignored);
}
