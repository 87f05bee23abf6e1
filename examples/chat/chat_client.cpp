// The chat room in a terminal. One thread is in the room: it receives and prints, and comes back when the connection is
// lost (session.h). The other reads what is typed.
//
// Standard input may be a pipe, too: then every line of it is said, and at its end we leave.
#include <poll.h>
#include <unistd.h>

#include <clocale>
#include <thread>

#include <websock/websock.h>
#include "chat/rate_limit.h"
#include "chat/request.h"
#include "chat/screen.h"
#include "chat/session.h"
#include "chat/terminal.h"
#include "chat/text.h"
#include "common/arguments.h"
#include "common/deflate_arguments.h"

namespace {

// Waits for input. Empty: it is at its end, or `over` wakes us: there is nobody left to say it to.
std::string read_input(const websock::WakePipe& over) {
  pollfd ready[] = {{STDIN_FILENO, POLLIN, 0}, {over.descriptor(), POLLIN, 0}};
  websock::wait_for(ready, websock::kNever);
  if (ready[1].revents != 0) return "";
  char bytes[4096];
  const ssize_t count = ::read(STDIN_FILENO, bytes, sizeof bytes);
  return {bytes, static_cast<std::size_t>(std::max<ssize_t>(count, 0))};
}

// On the thread of the keys.
void say(Session& session, Screen& screen, const std::string& line) {
  // The room would refuse it, too. But what is larger than a message may be ends the connection, unanswered; and with
  // one paste that is easily done.
  const bool is_too_long = count_code_points(line) > kMaxCharacters;
  if (!line.empty() && !is_too_long && session.say(line)) return;
  if (!line.empty()) {
    screen.tell("error", is_too_long ? "A message has at most 4,000 characters. Your line is below again."
                                     : "There is no connection. Your line is below again.");
    screen.give_back(line);
  }
  if (is_too_long) return;
  session.hurry();  // without a connection, Enter means: try now
}

// Until the user leaves.
void converse(Session& session, Screen& screen, const websock::WakePipe& over) {
  RawTerminal terminal;
  screen.tell("info", "/help lists the commands, Tab completes names, Ctrl-C leaves.");
  screen.start();
  bool leaves = false;
  for (std::string bytes; !leaves && !(bytes = read_input(over)).empty();) {
    for (const LineEditor::Request& request : screen.type(bytes)) {
      if (request.kind == LineEditor::Request::submit) say(session, screen, request.line);
      if (request.kind == LineEditor::Request::leave) leaves = true;
      if (request.kind != LineEditor::Request::suspend) continue;
      terminal.suspend();
      // No key, but it draws the line anew: the shell has written over it.
      screen.type("");
    }
  }
  // Else run() has ended by itself, and woken us.
  if (leaves) session.leave();
  screen.stop();
  screen.tell("info", "You have left the room.");
}

// Until the input's end. The room lets nobody say more than 10 things in 5 seconds; we keep well within that, as
// the network may deliver closer together what we send apart.
void recite(Session& session, const websock::WakePipe& over) {
  RateLimit limit(8, std::chrono::seconds(6));
  std::string rest;
  const auto say_slowly = [&](const std::string& line) {
    // In small steps, and awake for the other thread's end: there is nobody left to say it to.
    pollfd ready{over.descriptor(), POLLIN, 0};
    while (!limit.allow(RateLimit::Clock::now())) {
      if (websock::wait_for({&ready, 1}, websock::deadline_after(websock::Milliseconds(100)))) return;
    }
    if (line.empty()) return;
    if (!websock::is_valid_utf8(line)) {
      // Only that line: the others of a file in another encoding may be plain ASCII.
      std::fprintf(stderr, "chat_client: a line that is not UTF-8 was left out\n");
      return;
    }
    session.say(line);
  };
  for (std::string bytes; !(bytes = read_input(over)).empty();) {
    rest += bytes;
    for (std::size_t end = 0; (end = rest.find('\n')) != rest.npos; rest.erase(0, end + 1)) {
      say_slowly(rest.substr(0, end));
    }
  }
  say_slowly(rest);  // a last line without its end
  // Not leave(): after a Close we would hear no more. The room answers in order, so this is its last word.
  session.say("/quit");
}

void run(int argc, char** argv) {
  std::string name;
  std::vector<websock::SupportedExtension> extensions;
  Arguments arguments("chat_client URL --name NAME      a chat room in the terminal");
  arguments.option("name", "NAME", "what the others call you", [&](const std::string& text) { name = text; });
  add_deflate_arguments(arguments, extensions);
  const std::vector<std::string> rest = arguments.parse(argc, argv);
  if (rest.size() != 1) throw BadArgument("one URL is needed, such as ws://127.0.0.1:8467/");
  if (name.empty()) throw BadArgument("--name is needed");
  std::setlocale(LC_CTYPE, "");  // how wide characters are

  Screen screen;
  Session session(rest[0], name, screen, extensions);
  if (!session.come_in()) throw std::runtime_error("the room did not let us in");

  // Both: half a terminal is a pipe, and shall not see our drawing.
  const bool interactive = ::isatty(STDIN_FILENO) == 1 && ::isatty(STDOUT_FILENO) == 1;
  websock::WakePipe over;
  std::thread in_the_room([&] {
    session.run(interactive);
    // The other thread waits for keys, and would do so for ever.
    over.wake();
  });
  interactive ? converse(session, screen, over) : recite(session, over);
  // It ends by itself: after leave(), or the room's goodbye, or when the connection is lost and nobody is there to
  // wait.
  in_the_room.join();
  if (session.was_lost()) throw std::runtime_error("the connection was lost");
}

}  // namespace

int main(int argc, char** argv) {
  return run_program("chat_client", [&] { run(argc, argv); });
}
