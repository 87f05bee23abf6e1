// Sends lines, and prints what comes back: the arguments if there are any, else standard input.
//
//     connected to ws://127.0.0.1:8467/
//     > Hello                                 what is sent
//     < Hello                                 what has come
//     closed with 1000 (normal closure)
#include <unistd.h>

#include <array>
#include <cstdio>
#include <iostream>

#include <websock/websock.h>

#include "common/arguments.h"
#include "common/deflate_arguments.h"
#include "common/printable.h"

namespace {

struct Ways {
  bool binary = false;
  bool ping = false;
};

// Waits for a line, or for the end of the connection. (Meanwhile the client's own thread answers the server's Pings.)
bool has_input(const websock::WakePipe& over) {
  if (std::cin.rdbuf()->in_avail() > 0) return true;  // poll(2) knows nothing of what has been read ahead
  std::array<pollfd, 2> events = {{{STDIN_FILENO, POLLIN, 0}, {over.descriptor(), POLLIN, 0}}};
  websock::wait_for(events, websock::kNever);
  // The end counts for more than a line: there is nobody left to send it to.
  return events[1].revents == 0;
}

// What we know better than the server's code: 1006 says only that there was none.
std::string how_it_ended(const websock::WebSocketClient& client) {
  const std::optional<websock::Fault> fault = client.fault();
  return fault ? fault->text : to_string(client.close_info().code);
}

// A server that refuses says why, in the body of its response. The first line of that is for the person who reads this.
websock::WebSocketClient connect(const std::string& url, const websock::ClientOptions& options) {
  try {
    return websock::WebSocketClient(url, options);
  } catch (const websock::HandshakeError& error) {
    const std::string& body = error.response().body;
    const std::string sentence = body.substr(0, body.find_first_of("\r\n"));
    if (sentence.empty()) throw;
    throw std::runtime_error(std::string(error.what()) + ": " + printable(sentence));
  }
}

// What a person types stands there already, behind the prompt.
std::optional<std::string> read_line(const websock::WakePipe& over) {
  const bool typed = ::isatty(STDIN_FILENO) == 1;
  if (typed) std::cout << "> " << std::flush;
  std::string line;
  if (!has_input(over) || !std::getline(std::cin, line)) {
    if (typed) std::cout << '\n';
    return std::nullopt;
  }
  // A pipe shows nothing of itself. So the two look the same afterwards.
  if (!typed) std::cout << "> " << printable(line) << '\n';
  return line;
}

// One line, and its answer: an echo comes before the next line is asked for.
void exchange(websock::WebSocketClient& client, const std::string& line, const Ways& ways) {
  // Its result is ignored: if the connection has ended, the send below says so.
  if (ways.ping) client.ping("are you there?");
  const bool sent = ways.binary ? client.send(websock::bytes_of(line)) : client.send(line);
  // receive() waits until the message is here or the connection has ended: so nothing means that it has.
  const std::optional<websock::OwnedMessage> answer = sent ? client.receive() : std::nullopt;
  if (!answer) throw std::runtime_error("the connection has ended: " + how_it_ended(client));
  std::cout << "< " << printable(answer->text()) << std::endl;
}

// The arguments, or else lines from standard input, until either ends or the server does.
void run(int argc, char** argv) {
  Ways ways;
  websock::ClientOptions options;
  Arguments arguments("echo_client URL [TEXT]...      sends lines, and prints what comes back");
  arguments.flag("binary", "send them as binary messages", [&] { ways.binary = true; });
  arguments.flag("ping", "send a Ping before each", [&] { ways.ping = true; });
  add_deflate_arguments(arguments, options.extensions);
  const std::vector<std::string> rest = arguments.parse(argc, argv);
  if (rest.empty()) throw BadArgument("a URL is missing, such as ws://127.0.0.1:8467/");

  std::ios::sync_with_stdio(false);  // or nobody could tell what has been read ahead
  // Made before the client, whose callback uses it until the client's thread has ended.
  websock::WakePipe over;
  options.on_connection_close = [&](const websock::Client&) { over.wake(); };
  websock::WebSocketClient client = connect(rest[0], options);
  std::cout << "connected to " << printable(rest[0]) << std::endl;
  for (std::size_t i = 1; i < rest.size(); ++i) {
    std::cout << "> " << printable(rest[i]) << '\n';
    exchange(client, rest[i], ways);
  }
  // 1: the URL alone, so there was no text among the arguments.
  while (const std::optional<std::string> line = rest.size() == 1 ? read_line(over) : std::nullopt) {
    exchange(client, *line, ways);
  }
  if (client.is_over()) throw std::runtime_error("the connection has ended: " + how_it_ended(client));
  // Returns when TCP has ended, so the code that is printed next is final.
  client.close();
  std::cout << "closed with " << to_string(client.close_info().code) << std::endl;
}

}  // namespace

int main(int argc, char** argv) {
  return run_program("echo_client", [&] { run(argc, argv); });
}
