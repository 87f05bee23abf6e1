// A room that freezes, one that does not, and what the debugger says of the first.
#include <cstdlib>

#include "check.h"
#include "program.h"

namespace {

std::vector<std::string> freeze(const std::string& server) {
  Process process({WEBSOCK_BIN "freeze", WEBSOCK_BIN + server}, "/dev/null");
  process.end_input();
  std::vector<std::string> lines;
  for (int i = 0; i < 4; ++i) lines.push_back(process.read_line());
  CHECK_EQ(process.wait(), 0);
  return lines;
}

// All that a program prints.
std::string output_of(const std::string& command) {
  std::string text;
  FILE* pipe = ::popen(command.c_str(), "r");
  for (int c = 0; (c = std::fgetc(pipe)) != EOF;) text += static_cast<char>(c);
  ::pclose(pipe);
  return text;
}

}  // namespace

TEST("own-freeze-01 a stopped client freezes the naive room") {
  const std::vector<std::string> lines = freeze("naive_room");
  CHECK_EQ(lines[0], "Bob is in the room, and stopped.");
  CHECK(lines[1].ends_with(" of her messages, and then nothing more."));
  CHECK_EQ(lines[2], "Cleo comes, and hears nothing.");
}

TEST("own-freeze-02 it does not freeze ours") {
  const std::vector<std::string> lines = freeze("everybody");
  CHECK_EQ(lines[1], "Ada has heard all of her 400 messages.");
  CHECK_EQ(lines[2], "Cleo comes, and hears herself, too.");
}

TEST("own-freeze-03 the backtraces of the frozen room: one waits for Bob, and all wait for that one") {
  Process process({WEBSOCK_BIN "freeze", WEBSOCK_BIN "naive_room"}, "/dev/null");
  for (int i = 0; i < 3; ++i) process.read_line();
  std::string command = process.read_line();
  command = command.substr(command.find("gdb "));
  const std::string output = output_of(command.substr(0, command.find("      (")) + " </dev/null 2>&1");
  process.write("\n");
  process.wait();
  if (output.find("Thread 4") == std::string::npos) {
    std::printf("skipped: no debugger that may attach: %s\n", output.c_str());
    std::exit(77);
  }
  for (const char* who : {"accept", "receive_frame", "send", "broadcast", "mutex"}) {
    CHECK(output.find(who) != std::string::npos);
  }
}
