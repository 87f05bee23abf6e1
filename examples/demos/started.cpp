// fork and exec by way of posix_spawn(3), which reports a program that does not start as an error here. The other
// program's standard output is a pipe that we read: the first line says where it listens, the rest is what end()
// returns.
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

// Port 0: so that two of these never meet, nor does one meet a server that somebody has left running.
Started::Started(const std::string& program) {
  std::array<int, 2> pipe{};
  if (::pipe(pipe.data()) != 0) throw std::runtime_error("there is no pipe");
  // Or the server would inherit our end, too. dup2() below clears the flag of the copy that is its output.
  for (const int end : pipe) ::fcntl(end, F_SETFD, FD_CLOEXEC);
  output_ = pipe[0];
  std::string name = program, option = "--port", port = "0";
  std::array<char*, 4> arguments = {name.data(), option.data(), port.data(), nullptr};
  posix_spawn_file_actions_t files;
  posix_spawn_file_actions_init(&files);
  posix_spawn_file_actions_adddup2(&files, pipe[1], STDOUT_FILENO);
  // What it says as it dies is not of interest here; of what it died, waitpid() tells.
  posix_spawn_file_actions_addopen(&files, STDERR_FILENO, "/dev/null", O_WRONLY, 0);
  const int error = ::posix_spawn(&pid_, program.c_str(), &files, nullptr, arguments.data(), environ);
  posix_spawn_file_actions_destroy(&files);
  // Ours. With it open, read() would wait for the end of the pipe even when the server has gone.
  ::close(pipe[1]);
  if (error != 0) pid_ = -1;            // its value is not defined then; and kill(-1) means everybody
  const std::string line = read('\n');  // listening on ws://127.0.0.1:36545/
  // npos + 1 is 0: there is no colon.
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

// A byte at a time: what is behind the line belongs to the next read. Without that byte, all until the end.
std::string Started::read(char up_to) {
  std::string text;
  for (char c = 0; (text.empty() || text.back() != up_to) && ::read(output_, &c, 1) == 1;) text += c;
  return text;
}

std::string Started::end() {
  // A second call, and a program that did not start.
  if (pid_ < 0) return "";
  ::kill(pid_, SIGTERM);
  int status = 0;
  // Forgotten as it is waited for: from then on another process may have the number.
  ::waitpid(std::exchange(pid_, -1), &status, 0);
  // Another signal than ours: it was dead, or dying, before we asked.
  if (WIFSIGNALED(status) && WTERMSIG(status) != SIGTERM) died_of_ = WTERMSIG(status);
  // No program prints a NUL, so this is everything. The pipe ends, since the last who had it open has gone.
  return read('\0');
}
