// One Ctrl-Z freezes the room, or does not:    freeze SERVER
//
// Three are in a room. Bob's program is stopped, as Ctrl-Z would stop it: his connection stays, and nobody reads from
// it. Ada talks, and listens to herself. Then Cleo comes.
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cstdio>
#include <iostream>

#include <websock/endpoints/client.h>

#include "common/arguments.h"
#include "started.h"

using namespace websock;

namespace {

constexpr Milliseconds kPatience(3'000);  // without an echo: then she hears no more
constexpr int kMessages = 400;
const std::string kMessage(64 * 1024, 'x');  // 25 MiB in all: more than any socket buffers

// Sends, and waits for the room to say it back. One message at a time: so what piles up is what Bob does not take, and
// nobody else's.
bool hears_herself(WebSocketClient& client, const std::string& text) {
  client.send(text);
  return client.receive(kPatience).has_value();
}

// The process of somebody who is in the room, and stopped.
pid_t start_bob(const std::string& url) {
  // Here we have one thread only. A child has no other of its parent's threads, and would wait for what they hold.
  const pid_t pid = ::fork();
  if (pid == 0) {
    WebSocketClient bob(url);
    // He is in the room, as he has heard himself. The signal stops all of his threads: the one that receives, too.
    if (hears_herself(bob, "Hello")) ::raise(SIGSTOP);
    // Only if he could not come in, or somebody continues him. Not exit(): what the parent has not printed would be
    // printed twice.
    ::_exit(1);
  }
  // WUNTRACED: waitpid() returns for a child that was stopped, too.
  int status = 0;
  ::waitpid(pid, &status, WUNTRACED);
  if (!WIFSTOPPED(status)) throw std::runtime_error("Bob cannot come in");
  std::printf("Bob is in the room, and stopped.\n");
  return pid;
}

// What the others see. Ends the server: the naive one's threads would wait for ever.
void talk(Started& server, const std::string& url) {
  WebSocketClient ada(url);
  int heard = 0;
  while (heard < kMessages && hears_herself(ada, kMessage)) ++heard;
  if (heard == kMessages) {
    std::printf("Ada has heard all of her %d messages.\n", heard);
  } else {
    std::printf("Ada has heard %d of her messages, and then nothing more.\n", heard);
  }
  // If the server holds a lock while it waits for Bob, she waits for him, too.
  WebSocketClient cleo(url);
  std::printf("Cleo comes, and hears %s.\n", hears_herself(cleo, "Hello") ? "herself, too" : "nothing");
  std::printf("What its threads do:    gdb -p %d -batch -ex 'thread apply all bt'      (Return ends all)\n",
              server.pid());
  std::fflush(stdout);
  // The room stays as it is while somebody looks at it. Without a terminal the input has ended, and this returns at
  // once.
  std::cin.get();
  server.end();
}

}  // namespace

int main(int argc, char** argv) {
  return run_program("freeze", [&] {
    const Arguments arguments("freeze SERVER      one Ctrl-Z freezes the room, or does not");
    const std::vector<std::string> servers = arguments.parse(argc, argv);
    if (servers.size() != 1) throw BadArgument("one argument: a server, such as ./build/bin/everybody");
    Started server(servers[0]);
    const std::string url = "ws://" + server.host() + "/";
    const pid_t bob = start_bob(url);
    talk(server, url);
    // Any other signal would wait until he is continued.
    ::kill(bob, SIGKILL);
    ::waitpid(bob, nullptr, 0);
  });
}
