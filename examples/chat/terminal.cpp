// A program that dies with the terminal in raw mode leaves its user with a shell that shows nothing of what is
// typed. So each signal that ends a program passes by here first. tcsetattr(3) and write(2) are two of the few
// functions that a signal handler may call.
#include "terminal.h"

#include <sys/ioctl.h>
#include <termios.h>
#include <unistd.h>

#include <array>
#include <csignal>
#include <string_view>

namespace {

constexpr std::array kEnding = {SIGHUP, SIGINT, SIGQUIT, SIGTERM, SIGABRT, SIGSEGV, SIGPIPE};

// Written before the handlers are installed; read by them.
termios as_it_was;
termios raw;

// DECSET and DECRST of xterm's mode 2004, "bracketed paste": the terminal marks what is pasted, see line_editor.cpp. A
// terminal that does not know the mode ignores it. If it cannot be written, there is nobody left to paste.
constexpr std::string_view kMarkPastes = "\x1b[?2004h";
constexpr std::string_view kNoMarks = "\x1b[?2004l";

// Whatever the terminal was before.
void make_raw() {
  ::tcsetattr(STDIN_FILENO, TCSANOW, &raw);
  [[maybe_unused]] const auto written = ::write(STDOUT_FILENO, kMarkPastes.data(), kMarkPastes.size());
}

// By functions that a signal handler may call.
void restore() {
  ::tcsetattr(STDIN_FILENO, TCSANOW, &as_it_was);
  [[maybe_unused]] const auto written = ::write(STDOUT_FILENO, kNoMarks.data(), kNoMarks.size());
}

extern "C" void restore_and_die(int signal) {
  restore();
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
  make_raw();
}

// In the reverse order: as long as the terminal is raw, the handlers are there. Results are ignored: a terminal that
// has gone needs nothing from us.
RawTerminal::~RawTerminal() {
  restore();
  for (const int signal : kEnding) std::signal(signal, SIG_DFL);
}

void RawTerminal::suspend() {
  restore();
  // The program stands still in here, until the shell's fg.
  std::raise(SIGTSTP);
  make_raw();
}

std::size_t RawTerminal::columns() {
  winsize size{};
  const bool known = ::ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) == 0 && size.ws_col > 0;
  return known ? size.ws_col : 80;  // what a terminal has by custom
}
