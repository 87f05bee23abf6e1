// The Dart client comes back to a server that was killed and started again.
//
//     returning CHAT_SERVER FOLDER DART chat.dart
//
// It does so a bit later each time, so this takes some seconds; it depends on none of them.
#include <unistd.h>

#include <cstdio>

#include "../chat/server_process.h"

namespace {

void wait_for(Process& process, const std::string& text) {
  for (std::string line; line.find(text) == line.npos;) {
    line = process.read_line();
    std::printf("%s\n", line.c_str());
  }
}

int run(const std::vector<std::string>& words) {
  ChatServer server(words[0], words[1] + "/server.log");
  Process lars({words[2], words[3], "ws" + server.url().substr(4), "Lars"}, words[1] + "/dart.log");
  wait_for(lars, "* In the room: Bot, Lars.");
  lars.write("Before.\n");
  wait_for(lars, "<Lars> Before.");
  server.kill();
  wait_for(lars, "* The connection is lost. Next try in ");
  lars.write("Nobody hears that.\n");
  wait_for(lars, "\"Nobody hears that.\" was not said.");
  server.start_again();
  wait_for(lars, "* In the room: Bot, Lars.");
  lars.write("After.\n/quit\n");
  wait_for(lars, "<Lars> After.");
  wait_for(lars, "* Goodbye.");
  return lars.wait();
}

}  // namespace

int main(int argc, char** argv) try {
  const std::vector<std::string> words(argv + 1, argv + argc);
  if (words.size() != 4) return 2;
  if (::access(words[2].c_str(), X_OK) != 0) skip_without("Dart");
  return run(words);
} catch (const std::exception& error) {
  std::printf("%s\n", error.what());
  return 1;
}
