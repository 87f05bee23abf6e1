// The terminal, a key at a time: without the system's own line editing, and without echo.
#pragma once

#include <cstddef>

// From here to the end of its life. Whatever ends the program on the way (a signal, too) gives the terminal back
// as it was.
// REQUIRES: standard input is a terminal; there is one of these at a time.
class RawTerminal {
 public:
  RawTerminal();
  ~RawTerminal();
  RawTerminal(const RawTerminal&) = delete;
  RawTerminal& operator=(const RawTerminal&) = delete;

  // What Ctrl-Z does in any program: gives the terminal back to the shell, and stops until the shell says go on.
  void suspend();

  static std::size_t columns();
};
