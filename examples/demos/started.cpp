#include "started.h"

#include <fcntl.h>
#include <signal.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <stdexcept>
#include <utility>

extern char** environ;

Started::Started(const std::string& program) {
  std::array<int, 2> pipe{};
  if (::pipe(pipe.data()) != 0) throw std::runtime_error("there is no pipe");
  for (const int end : pipe) ::fcntl(end, F_SETFD, FD_CLOEXEC);
  output_ = pipe[0];
  std::string name = program, option = "--port", port = "0";
  std::array<char*, 4> arguments = {name.data(), option.data(), port.data(), nullptr};
  posix_spawn_file_actions_t files;
  posix_spawn_file_actions_init(&files);
  posix_spawn_file_actions_adddup2(&files, pipe[1], STDOUT_FILENO);
  posix_spawn_file_actions_addopen(&files, STDERR_FILENO, "/dev/null", O_WRONLY, 0);
  const int error = ::posix_spawn(&pid_, program.c_str(), &files, nullptr, arguments.data(), environ);
  posix_spawn_file_actions_destroy(&files);
  ::close(pipe[1]);
  if (error != 0) pid_ = -1;
  const std::string line = read('\n');  // listening on ws://127.0.0.1:36545/
  const std::size_t digits = line.rfind(':') + 1;
  if (!line.starts_with("listening on ") || digits == 0) {
    end();
    throw std::runtime_error(program + " is not a server, or does not start");
  }
  port_ = static_cast<std::uint16_t>(std::stoul(line.substr(digits)));
}

Started::~Started() {
  end();
  ::close(output_);
}

std::string Started::read(char up_to) {
  std::string text;
  for (char c = 0; (text.empty() || text.back() != up_to) && ::read(output_, &c, 1) == 1;) text += c;
  return text;
}

std::string Started::end() {
  if (pid_ < 0) return "";
  ::kill(pid_, SIGTERM);
  int status = 0;
  ::waitpid(std::exchange(pid_, -1), &status, 0);
  if (WIFSIGNALED(status) && WTERMSIG(status) != SIGTERM) died_of_ = WTERMSIG(status);
  return read('\0');
}
