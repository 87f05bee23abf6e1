// The chat room in a terminal. One thread receives and prints, the other reads what is typed. What comes in is
// printed above the line being typed, which is then drawn again.
//
// Standard input may be a pipe, too: then every line of it is said, and at its end we leave.
#include <poll.h>
#include <unistd.h>

#include <clocale>
#include <cstdio>
#include <utility>

#include <websock/websock.h>

#include "chat/line_editor.h"
#include "chat/rate_limit.h"
#include "chat/show.h"
#include "chat/terminal.h"
#include "common/arguments.h"

namespace {

constexpr std::string_view kPrompt = "> ";

// What is seen: the room's lines, and under them the one being typed.
class Screen {
 public:
  // From now on, until stop(), there is a line being typed.
  void start() {
    const std::lock_guard lock(mutex_);
    editing_ = true;
    draw();
  }
  void stop() {
    const std::lock_guard lock(mutex_);
    if (std::exchange(editing_, false)) write("\r\x1b[K");
  }

  void print(const std::string& lines) {
    const std::lock_guard lock(mutex_);
    if (lines.empty()) return;
    write((editing_ ? "\r\x1b[K" : "") + lines);  // ESC [ K clears to the end of the row
    draw();
  }

  std::vector<LineEditor::Request> type(std::string_view bytes) {
    const std::lock_guard lock(mutex_);
    std::vector<LineEditor::Request> requests = editor_.type(bytes);
    draw();
    return requests;
  }

 private:
  void draw() {
    if (!editing_) return;
    const LineEditor::View view = editor_.view(RawTerminal::columns() - kPrompt.size());
    const std::size_t column = kPrompt.size() + view.cursor;
    write("\r\x1b[K" + std::string(kPrompt) + view.text + "\r\x1b[" + std::to_string(column) + "C");
  }
  static void write(const std::string& text) {
    std::fwrite(text.data(), 1, text.size(), stdout);
    std::fflush(stdout);
  }

  std::mutex mutex_;  // guards all below, and standard output
  bool editing_ = false;
  LineEditor editor_;
};

void say(websock::WebSocketClient& client, const std::string& line) {
  if (!line.empty()) client->send(to_string(JsonObject{{"type", "say"}, {"text", line}}));
}

// False: the name was refused, or the like.
bool join(websock::WebSocketClient& client, const std::string& name, Screen& screen) {
  client->send(to_string(JsonObject{{"type", "join"}, {"name", name}}));
  const std::optional<websock::OwnedMessage> answer = client->receive();
  if (!answer) throw std::runtime_error("the server closed the connection");
  const Json message = parse_json(answer->text());
  screen.print(show(message));
  return message["type"].text() == "welcome";
}

// Until the connection ends.
void print_messages(websock::WebSocketClient& client, Screen& screen, websock::WakePipe& over) {
  while (const std::optional<websock::OwnedMessage> message = client->receive()) {
    try {
      screen.print(show(parse_json(message->text())));
    } catch (const JsonError& error) {
      screen.print(std::string("! The server sent something strange: ") + error.what() + "\n");
    }
  }
  over.wake();
}

// Waits for input. Empty: it is at its end, or `over` wakes us: the connection is.
std::string read_input(const websock::WakePipe& over) {
  pollfd ready[] = {{STDIN_FILENO, POLLIN, 0}, {over.descriptor(), POLLIN, 0}};
  websock::wait_for(ready, websock::kNever);
  if (ready[1].revents != 0) return "";
  char bytes[4096];
  const ssize_t count = ::read(STDIN_FILENO, bytes, sizeof bytes);
  return {bytes, static_cast<std::size_t>(std::max<ssize_t>(count, 0))};
}

// Until the user leaves.
void converse(websock::WebSocketClient& client, Screen& screen, const websock::WakePipe& over) {
  RawTerminal terminal;
  screen.print("* /help lists the commands, Ctrl-C leaves.\n");
  screen.start();
  for (std::string bytes; !(bytes = read_input(over)).empty();) {
    for (const LineEditor::Request& request : screen.type(bytes)) {
      if (request.kind == LineEditor::Request::leave) {
        client->close();
        return screen.stop();
      }
      if (request.kind == LineEditor::Request::suspend) {
        terminal.suspend();
        screen.type("");
      }
      if (request.kind == LineEditor::Request::send) say(client, request.line);
    }
  }
  screen.stop();
}

// Until the input's end. The room lets nobody say more than 10 things in 5 seconds; we keep well within that, as
// the network may deliver closer together what we send apart.
void recite(websock::WebSocketClient& client, const websock::WakePipe& over) {
  RateLimit limit(8, std::chrono::seconds(6));
  std::string rest;
  const auto say_slowly = [&](const std::string& line) {
    pollfd ready{over.descriptor(), POLLIN, 0};
    while (!limit.allow(RateLimit::Clock::now())) {
      if (websock::wait_for({&ready, 1}, websock::deadline_after(websock::Milliseconds(100)))) return;
    }
    say(client, line);
  };
  for (std::string bytes; !(bytes = read_input(over)).empty();) {
    rest += bytes;
    for (std::size_t end = 0; (end = rest.find('\n')) != rest.npos; rest.erase(0, end + 1)) {
      say_slowly(rest.substr(0, end));
    }
  }
  say_slowly(rest);
  // Not close(): after a Close we would hear no more. The room answers in order, so this is its last word.
  say(client, "/quit");
}

void run(int argc, char** argv) {
  std::string name;
  Arguments arguments("chat_client URL --name NAME      a chat room in the terminal");
  arguments.option("name", "NAME", "what the others call you", [&](const std::string& text) { name = text; });
  const std::vector<std::string> rest = arguments.parse(argc, argv);
  if (rest.size() != 1) throw BadArgument("one URL is needed, such as ws://127.0.0.1:8467/");
  if (name.empty()) throw BadArgument("--name is needed");
  std::setlocale(LC_CTYPE, "");  // how wide characters are

  websock::WebSocketClient client(rest[0]);
  Screen screen;
  if (!join(client, name, screen)) throw std::runtime_error("the room did not let us in");

  websock::WakePipe over;
  std::thread receiver([&] { print_messages(client, screen, over); });
  const bool interactive = ::isatty(STDIN_FILENO) == 1 && ::isatty(STDOUT_FILENO) == 1;
  interactive ? converse(client, screen, over) : recite(client, over);
  receiver.join();
  if (!client->close_info().clean) throw std::runtime_error("the connection was lost");
}

}  // namespace

int main(int argc, char** argv) {
  return run_program("chat_client", [&] { run(argc, argv); });
}
