// A program that dies with the terminal in raw mode leaves its user with a shell that shows nothing of what is
// typed. So each signal that ends a program passes by here first. tcsetattr(3) is one of the few functions that
// a signal handler may call.
#include "terminal.h"

#include <sys/ioctl.h>
#include <termios.h>
#include <unistd.h>

#include <array>
#include <csignal>

namespace {

constexpr std::array kEnding = {SIGHUP, SIGINT, SIGQUIT, SIGTERM, SIGABRT, SIGSEGV, SIGPIPE};

// Written before the handlers are installed; read by them.
termios as_it_was;
termios raw;

extern "C" void restore_and_die(int signal) {
  ::tcsetattr(STDIN_FILENO, TCSANOW, &as_it_was);
  // Once more, with its usual effect: the shell is to see what has ended the program.
  std::signal(signal, SIG_DFL);
  std::raise(signal);
}

}  // namespace

RawTerminal::RawTerminal() {
  ::tcgetattr(STDIN_FILENO, &as_it_was);
  raw = as_it_was;
  // No lines, no echo, no signal at Ctrl-C: every key reaches the line editor, Ctrl-S and Ctrl-Q (IXON) too, and Enter
  // as the CR that it is (ICRNL).
  raw.c_lflag &= ~static_cast<tcflag_t>(ICANON | ECHO | ISIG | IEXTEN);
  raw.c_iflag &= ~static_cast<tcflag_t>(IXON | ICRNL);
  // read(2) waits for one byte, without a limit, and returns what is there.
  raw.c_cc[VMIN] = 1;
  raw.c_cc[VTIME] = 0;
  for (const int signal : kEnding) std::signal(signal, restore_and_die);
  ::tcsetattr(STDIN_FILENO, TCSANOW, &raw);
}

// In the reverse order: as long as the terminal is raw, the handlers are there. Results are ignored: a terminal that
// has gone needs nothing from us.
RawTerminal::~RawTerminal() {
  ::tcsetattr(STDIN_FILENO, TCSANOW, &as_it_was);
  for (const int signal : kEnding) std::signal(signal, SIG_DFL);
}

void RawTerminal::suspend() {
  ::tcsetattr(STDIN_FILENO, TCSANOW, &as_it_was);
  // The program stands still in here, until the shell's fg.
  std::raise(SIGTSTP);
  ::tcsetattr(STDIN_FILENO, TCSANOW, &raw);
}

std::size_t RawTerminal::columns() {
  winsize size{};
  const bool known = ::ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) == 0 && size.ws_col > 0;
  return known ? size.ws_col : 80;  // what a terminal has by custom
}
