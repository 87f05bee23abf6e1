// Three strangers' clients in one chat room: Chromium at the page, Python's websockets, and Dart.
//
//     room CHAT_SERVER FOLDER CHROMIUM PYTHON room_client.py DART room_client.dart
//
// Each waits until three are there, says one thing, and notes what each of the three has said. They must agree.
#include <unistd.h>

#include <cstdio>

#include "../browser/person.h"
#include "../chat/server_process.h"

namespace {

bool exists(const std::string& program) {
  const bool has_path = program.find('/') != program.npos;
  return has_path && ::access(program.c_str(), X_OK) == 0;
}

// The browser's part. Its lines look like the others': "1 Ada: Hello".
std::string converse(Person& person) {
  person.tab().wait_until("document.querySelectorAll('#members li').length === 4");  // the bot, too
  person.say("Chromium was here: ä€𐍈");
  person.tab().wait_until("document.querySelectorAll('.message[data-seq]').length === 3");
  return person.tab()
      .evaluate(
          "[...document.querySelectorAll('.message[data-seq]')].map(e => `${e.dataset.seq} ${e.dataset.from}: "
          "${e.querySelector('.text').textContent}\\n`).join('')")
      .text();
}

std::string three_lines(Process& process) {
  std::string lines;
  for (int i = 0; i < 3; ++i) lines += process.read_line() + "\n";
  return lines;
}

int run(const std::vector<std::string>& words) {
  const std::string& folder = words[1];
  Browser browser(words[2], folder + "/profile");
  ChatServer server(words[0], folder + "/server.log");
  const std::string url = "ws" + server.url().substr(4);
  Person person(browser, server.url(), "Ada");
  Process python({words[3], words[4], url, "Guido"}, folder + "/python.log");
  Process dart({words[5], words[6], url, "Lars"}, folder + "/dart.log");
  const std::string chromium_saw = converse(person);
  const std::string python_saw = three_lines(python);
  const std::string dart_saw = three_lines(dart);
  std::printf("Chromium saw\n%sPython saw\n%sDart saw\n%s", chromium_saw.c_str(), python_saw.c_str(), dart_saw.c_str());
  return chromium_saw == python_saw && python_saw == dart_saw ? 0 : 1;
}

}  // namespace

int main(int argc, char** argv) try {
  const std::vector<std::string> words(argv + 1, argv + argc);
  if (words.size() != 7) return 2;
  if (!exists(words[2])) skip_without("Chromium");
  if (!exists(words[3])) skip_without("Python");
  if (!exists(words[5])) skip_without("Dart");
  return run(words);
} catch (const std::exception& error) {
  std::printf("%s\n", error.what());
  return 1;
}
