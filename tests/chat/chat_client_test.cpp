// chat_client as people meet it: in a terminal. The test is the terminal: it types keys, and reads what would be drawn.
//
//     chat_client_test CHAT_CLIENT CHAT_SERVER FOLDER
#include <fcntl.h>
#include <poll.h>
#include <sys/ioctl.h>
#include <sys/wait.h>
#include <termios.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <cstdlib>
#include <stdexcept>
#include <string>
#include <string_view>

#include "chat/json.h"
#include "chat/server_process.h"
#include "websock.h"

namespace {

constexpr websock::Milliseconds kLong(300'000);

// A pseudo-terminal, with a program in it.
class Terminal {
 public:
  Terminal(const char* program, const std::string& url, const char* name, unsigned short columns = 80) {
    master_ = ::posix_openpt(O_RDWR | O_NOCTTY | O_NONBLOCK);
    if (master_ < 0 || ::grantpt(master_) != 0 || ::unlockpt(master_) != 0) throw std::runtime_error("no terminal");
    const winsize size{24, columns, 0, 0};
    const std::string slave = ::ptsname(master_);
    pid_ = ::fork();
    if (pid_ == 0) {
      ::setsid();
      const int terminal = ::open(slave.c_str(), O_RDWR);  // of a session without one, this becomes the terminal
      ::ioctl(terminal, TIOCSWINSZ, &size);
      for (const int standard : {0, 1, 2}) ::dup2(terminal, standard);
      ::setenv("TERM", "xterm", 1);
      ::execl(program, program, url.c_str(), "--name", name, nullptr);
      ::_exit(127);
    }
  }
  Terminal(const Terminal&) = delete;
  Terminal& operator=(const Terminal&) = delete;
  ~Terminal() {
    if (pid_ > 0) {
      ::kill(pid_, SIGKILL);
      ::waitpid(pid_, nullptr, 0);
    }
    ::close(master_);
  }

  // Looks at what is drawn meanwhile: a program whose screen nobody reads does not read its keyboard either.
  void type(std::string_view keys) {
    while (!keys.empty()) {
      pollfd ready{master_, POLLIN | POLLOUT, 0};
      if (!websock::wait_for({&ready, 1}, websock::deadline_after(kLong))) throw std::runtime_error("nobody reads");
      if ((ready.revents & POLLIN) != 0) look();
      const ssize_t count = ::write(master_, keys.data(), keys.size());
      if (count < 0 && errno != EAGAIN) throw std::runtime_error("the terminal is gone");
      if (count > 0) keys.remove_prefix(static_cast<std::size_t>(count));
    }
  }

  // Until that is drawn, behind what was waited for before. Returns all up to its end.
  std::string wait_for(const std::string& text) {
    const websock::Deadline deadline = websock::deadline_after(kLong);
    std::size_t found = 0;
    while ((found = drawn_.find(text)) == drawn_.npos) {
      pollfd ready{master_, POLLIN, 0};
      if (!websock::wait_for({&ready, 1}, deadline))
        throw std::runtime_error("never drawn: " + text + "\nbut: " + drawn_);
      if (!look()) throw std::runtime_error("ended without: " + text + "\nbut: " + drawn_);
    }
    std::string before = drawn_.substr(0, found + text.size());
    drawn_.erase(0, found + text.size());
    return before;
  }

  void signal(int number) { ::kill(pid_, number); }

  int wait() {
    int status = 0;
    ::waitpid(pid_, &status, 0);
    pid_ = -1;
    return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
  }

  bool is_raw() const {
    termios now{};
    ::tcgetattr(master_, &now);
    return (now.c_lflag & ICANON) == 0;
  }

 private:
  // Takes what has been drawn. False: the program has ended.
  bool look() {
    char bytes[4096];
    const ssize_t count = ::read(master_, bytes, sizeof bytes);
    if (count > 0) drawn_.append(bytes, static_cast<std::size_t>(count));
    return count > 0 || (count < 0 && errno == EAGAIN);
  }

  int master_ = -1;
  pid_t pid_ = -1;
  std::string drawn_;
};

void require(bool condition, const std::string& sentence) {
  if (!condition) throw std::runtime_error("not true: " + sentence);
}

struct Place {
  const char* client;
  const char* chat_server;
  std::string error_log;
  ChatServer server = ChatServer(chat_server, error_log);
  std::string url() const { return "ws" + server.url().substr(4); }
};

void half_typed_line(Place& place) {
  Terminal ada(place.client, place.url(), "Ada");
  ada.wait_for("> ");
  Terminal bob(place.client, place.url(), "Bob");
  ada.wait_for("has come in.");
  bob.wait_for("Ctrl-C leaves.");
  ada.type("half a sen");
  ada.wait_for("> half a sen");
  bob.type("Hello, Ada.\r");
  ada.wait_for("> \x1b[1mHello, Ada.\x1b[0m");  // it has her name in it
  ada.wait_for("> half a sen");                 // drawn again, below
  ada.type("tence\r");
  bob.wait_for("> half a sentence");
  bob.type("@ad\tPsst.\r");
  ada.wait_for("Psst.");
  ada.type("\x03");
  ada.wait_for("You have left the room.");
  require(ada.wait() == 0, "Ctrl-C is an orderly end");
  require(!ada.is_raw(), "the terminal is as it was");
  bob.wait_for("has left.");
  bob.type("/quit\r");
  bob.wait_for("Goodbye.");
  require(bob.wait() == 0, "so is /quit");
}

void lost_connection(Place& place) {
  Terminal ada(place.client, place.url(), "Ada");
  ada.wait_for("Ctrl-C leaves.");
  ada.type("Before.\r");
  ada.wait_for("> Before.");
  ada.type("half a sen");
  ada.wait_for("> half a sen");
  place.server.kill();
  ada.wait_for("(no connection) > half a sen");
  ada.wait_for("The connection is lost. Next try in ");
  ada.type("tence\r");
  ada.wait_for("There is no connection. Your line is below again.");
  ada.wait_for("> half a sentence");
  // Each Enter is a try, and behind each that fails the pause is longer: by now it is half a minute, or more.
  for (int i = 0; i < 7; ++i) {
    ada.wait_for("(no connection, next try in ");
    ada.type("\r");
  }
  place.server.start_again();
  ada.wait_for("(no connection, next try in ");
  ada.type("\r");
  ada.wait_for("The server has started anew.");
  ada.wait_for("\x1b[K> half a sentence");  // the line's beginning: not the prompt that still says "(no connection) > "
  ada.type("\r");
  const std::string said = ada.wait_for("\x1b[0m> half a sentence\r\n");
  require(said.find("Before.") == said.npos, "what was seen is not shown again");
}

// The room neither answers nor reads. It is not left with an error: that the connection is lost only a Ping would find out,
// and nobody waits for that.
void frozen_server(Place& place) {
  Terminal ada(place.client, place.url(), "Ada");
  ada.wait_for("Ctrl-C leaves.");
  place.server.freeze();
  ada.type("Anybody there?\r\x03");
  ada.wait_for("You have left the room.");
  require(ada.wait() == 0, "Ctrl-C is an orderly end, whatever the server does");
  place.server.thaw();
}

// A second one with the same name is refused: it has another key.
void refused_name(Place& place) {
  Terminal ada(place.client, place.url(), "Ada");
  ada.wait_for("Ctrl-C leaves.");
  Terminal other(place.client, place.url(), "ada");
  other.wait_for("That name is taken.");
  other.wait_for("chat_client: the room did not let us in");
  require(other.wait() == 1, "that is a failure");
}

void words(Place& place) {
  Terminal ada(place.client, place.url(), "Ada", 40);
  ada.wait_for("/help lists the commands, Tab\r\n      completes names, Ctrl-C leaves.\r\n");
  ada.type("Words are broken between the words, and the next line is indented.\r");
  ada.wait_for("Words are broken between\r\n      the words, and the next line is\r\n      indented.\r\n");
}

// The terminal marks what is pasted, since the program has asked it to, and goes on doing so until the program ends.
void pasted(Place& place) {
  Terminal ada(place.client, place.url(), "Ada");
  ada.wait_for("\x1b[?2004h");
  ada.wait_for("Ctrl-C leaves.");
  ada.type("See: \x1b[200~one\rtwo\r\tthree\x1b[201~");
  ada.wait_for("> See: one\u23cetwo\u23ce three");
  ada.type("\r");
  ada.wait_for("See: one\r\n      two\r\n          three\r\n");
  // Larger than a message may be: it would end the connection.
  const std::string line(64, 'x');
  ada.type("\x1b[200~");
  for (int i = 0; i < 1'100; ++i) ada.type(line);
  ada.type("end\x1b[201~\r");
  ada.wait_for("A message has at most 4,000 characters. Your line is below again.");
  ada.wait_for("xxxend");
  ada.type("\x15Still here.\r");
  ada.wait_for("\x1b[0m> Still here.");
  ada.signal(SIGTERM);
  ada.wait_for("\x1b[?2004l");
  require(ada.wait() == 128 + SIGTERM, "the signal has ended it");
  require(!ada.is_raw(), "the terminal is as it was");
}

// What the option sets for a newcomer, in bytes: see own-chat-history-09.
void longer_history(Place& place) {
  ChatServer server(place.chat_server, place.error_log, {"--max-history", "400", "--no-bot"});
  const auto enter = [&](const char* name) {
    auto client = std::make_unique<websock::WebSocketClient>("ws" + server.url().substr(4));
    client->send(to_string(JsonObject{{"type", "join"}, {"name", name}}));
    return client;
  };
  const std::string longest = to_string(JsonObject{{"type", "say"}, {"text", std::string(4'000, '\x01')}});
  for (const char* name : {"Ada", "Bob"}) {
    const auto client = enter(name);
    client->receive(kLong);  // the welcome
    for (int i = 0; i < 6; ++i) client->send(longest);
    for (int i = 0; i < 6; ++i) client->receive(kLong);
  }
  const std::optional<websock::OwnedMessage> welcome = enter("Cleo")->receive(kLong);
  require(welcome && welcome->text().size() > 200 * 1024, "more than without the option");
  require(welcome && welcome->text().size() < 256 * 1024 + 500, "and not more than said");
}

// Through a pipe: what is not UTF-8 cannot be said, and what comes behind it can.
void piped(Place& place) {
  const std::string command =
      "printf 'One.\\n\\377\\nTwo.\\n' | " + std::string(place.client) + " " + place.url() + " --name Ada 2>&1";
  FILE* const pipe = ::popen(command.c_str(), "r");
  std::string output;
  for (int byte; (byte = std::fgetc(pipe)) != EOF;) output += static_cast<char>(byte);
  require(::pclose(pipe) == 0, "that is no failure");
  require(output.find("a line that is not UTF-8 was left out") != output.npos, "one is told");
  require(output.find("Two.") != output.npos, "and the rest is said");
}

void no_color(Place& place) {
  ::setenv("NO_COLOR", "1", 1);
  Terminal ada(place.client, place.url(), "Ada");
  ::unsetenv("NO_COLOR");
  const std::string greeting = ada.wait_for("Ctrl-C leaves.");
  ada.type("Plain.\r");
  const std::string said = greeting + ada.wait_for("<Ada> Plain.");
  for (const char* color : {"\x1b[0m", "\x1b[1m", "\x1b[2m"}) require(said.find(color) == said.npos, "no colour");
}

}  // namespace

int main(int argc, char** argv) {
  if (argc != 4) return 2;
  ::unsetenv("NO_COLOR");  // one of the tests sets it
  struct Test {
    const char* name;
    void (*run)(Place&);
  };
  int failed = 0;
  for (const Test& test :
       {Test{"a message comes while one types", half_typed_line},
        Test{"the connection is lost, and comes back", lost_connection},
        Test{"Ctrl-C while the server is frozen", frozen_server}, Test{"a name that is taken", refused_name},
        Test{"lines are broken between words", words}, Test{"several lines are pasted", pasted},
        Test{"--max-history", longer_history}, Test{"a pipe that is not UTF-8", piped}, Test{"NO_COLOR", no_color}}) {
    try {
      Place place{argv[1], argv[2], std::string(argv[3]) + "/chat_client.log"};
      test.run(place);
      std::printf("passed  %s\n", test.name);
    } catch (const std::exception& error) {
      ++failed;
      std::printf("FAILED  %s\n%s\n", test.name, error.what());
    }
  }
  return failed == 0 ? 0 : 1;
}
