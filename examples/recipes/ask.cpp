// A question and its answer, with a time limit. Answers begin with the question's number; other messages may come in
// between.
//
//     ask ws://127.0.0.1:8467/ "What time is it?"
#include <iostream>

#include <websock/websock.h>

std::optional<std::string> ask(websock::WebSocketClient& client, const std::string& text,
                               websock::Milliseconds patience) {
  static int last = 0;
  const std::string number = std::to_string(++last) + " ";
  client.send(number + text);
  const websock::Deadline deadline = websock::deadline_after(patience);
  while (const auto message = client.receive(websock::time_left(deadline))) {
    if (message->text().starts_with(number)) return std::string(message->text().substr(number.size()));
  }
  return std::nullopt;
}

int main(int argc, char** argv) try {
  if (argc != 3) throw std::invalid_argument("usage: ask URL QUESTION");
  websock::WebSocketClient client(argv[1]);
  const auto answer = ask(client, argv[2], websock::Milliseconds(2'000));
  std::cout << (answer ? *answer : client.is_over() ? "the connection is over" : "no answer within 2 s") << std::endl;
} catch (const std::exception& error) {
  std::cerr << error.what() << std::endl;
  return 1;
}
