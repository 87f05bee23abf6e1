#include "process.h"

#include <fcntl.h>
#include <signal.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <stdexcept>
#include <thread>
#include <utility>

#include "transport/socket.h"

extern char** environ;

namespace {

// pipe2(2), which would close on exec from the beginning, is Linux'.
void open_pipe(std::array<int, 2>& ends) {
  if (::pipe(ends.data()) != 0) throw std::runtime_error("there is no pipe");
  for (const int end : ends) ::fcntl(end, F_SETFD, FD_CLOEXEC);
}

}  // namespace

Process::Process(std::vector<std::string> words, const std::string& error_log) {
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
  posix_spawn_file_actions_addopen(&files, 2, error_log.c_str(), O_WRONLY | O_CREAT | O_APPEND, 0644);
  posix_spawnattr_t attributes;
  posix_spawnattr_init(&attributes);
  posix_spawnattr_setflags(&attributes, POSIX_SPAWN_SETPGROUP);  // a browser's many processes end together
  const int error = ::posix_spawn(&pid_, words[0].c_str(), &files, &attributes, arguments.data(), environ);
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

void Process::kill() {
  if (pid_ < 0) return;
  ::kill(-pid_, SIGKILL);
  ::waitpid(pid_, nullptr, 0);
  pid_ = -1;
}

void Process::signal(int number) {
  ::kill(pid_, number);
  if (number != SIGSTOP) return;
  siginfo_t info{};  // its threads stop one by one; the last of them says so, and that stays to be read
  ::waitid(P_PID, static_cast<id_t>(pid_), &info, WSTOPPED | WEXITED | WNOWAIT);
}

int Process::wait() {
  int status = 0;
  ::waitpid(pid_, &status, 0);
  pid_ = -1;
  return WIFSIGNALED(status) ? 128 + WTERMSIG(status) : WEXITSTATUS(status);
}

void Process::write(std::string_view text) {
  while (!text.empty()) {
    const ssize_t count = ::write(input_, text.data(), text.size());
    if (count < 0) throw std::runtime_error("a program does not read");
    text.remove_prefix(static_cast<std::size_t>(count));
  }
}

void Process::end_input() {
  if (input_ >= 0) ::close(std::exchange(input_, -1));
}

std::string Process::read_line() {
  const websock::Deadline deadline = websock::deadline_after(websock::Milliseconds(300'000));
  std::size_t end = 0;
  while ((end = unread_.find('\n')) == unread_.npos) {
    pollfd ready{output_, POLLIN, 0};
    if (!websock::wait_for({&ready, 1}, deadline)) throw std::runtime_error("a program is silent");
    std::array<char, 4096> bytes{};
    const ssize_t count = ::read(output_, bytes.data(), bytes.size());
    if (count <= 0) throw std::runtime_error("a program has ended");
    unread_.append(bytes.data(), static_cast<std::size_t>(count));
  }
  std::string line = unread_.substr(0, end);
  unread_.erase(0, end + 1);
  return line;
}

ChatServer::ChatServer(std::string program, std::string error_log, std::vector<std::string> options)
    : program_(std::move(program)), error_log_(std::move(error_log)), options_(std::move(options)) {
  start();
}

void ChatServer::start() {
  std::vector<std::string> words = {program_, "--port", port_};
  words.insert(words.end(), options_.begin(), options_.end());
  process_ = std::make_unique<Process>(std::move(words), error_log_);
  const std::string line = process_->read_line();  // listening on http://127.0.0.1:36545/
  const std::size_t colon = line.rfind(':');
  port_ = line.substr(colon + 1, line.rfind('/') - colon - 1);
}

// Somebody's outgoing connection may hold the port for a moment.
void ChatServer::start_again() {
  const websock::Deadline deadline = websock::deadline_after(websock::Milliseconds(300'000));
  while (true) {
    try {
      return start();
    } catch (const std::runtime_error&) {
      if (websock::time_left(deadline) == websock::Milliseconds(0)) throw;
      std::this_thread::sleep_for(websock::Milliseconds(50));
    }
  }
}
