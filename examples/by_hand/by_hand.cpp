// A server without a protocol: you are the protocol. It shows what a client sends, and sends what you type.
//
//     < Host: 127.0.0.1:8467
//       48 6f 73 74 3a 20 31 32 37 2e 30 2e 30 2e 31 3a 38 34 36 37 0d 0a
//
// A line as text, and below it the bytes that it came as. A line is what ends with 0d 0a, or the rest of what has
// arrived together.
#include <poll.h>
#include <unistd.h>

#include <array>
#include <cstring>
#include <optional>
#include <string>

#include <websock/handshake/handshake.h>

#include "common/loopback.h"
#include "common/printable.h"
#include "common/typed_bytes.h"

namespace {

constexpr const char* kUsage = "by_hand [--port PORT]      a server whose protocol is you";
constexpr const char* kMore =
    R"(It listens on 127.0.0.1, shows what a client sends, as text and as bytes in hex, and sends what you type. One
client at a time; then the next. In a terminal, < marks the client's lines, and > yours.

  a line of text           is sent, with a line's end (0d 0a) behind it; an empty line is that end alone
  hex 81 05 "Hello"        sends exactly these bytes; spaces do not count
  101 KEY                  answers the request with this Sec-WebSocket-Key, for those who have done it by hand before
  end                      ends our side of the connection
  Ctrl-D                   ends by_hand
)";

// Before what a person types, so that one can tell it from what has come. What comes in takes the prompt's place.
class Prompt {
 public:
  void show() const { write("> "); }
  void hide() const { write("\r\x1b[K"); }  // ESC [ K clears to the end of the row

 private:
  void write(const char* text) const {
    if (in_terminal_) static_cast<void>(::write(STDOUT_FILENO, text, std::strlen(text)));
  }
  const bool in_terminal_ = ::isatty(STDIN_FILENO) == 1 && ::isatty(STDOUT_FILENO) == 1;
};

// What has arrived, for somebody who wants to compare: each line as text, and below it as bytes.
void show(std::string_view received) {
  while (!received.empty()) {
    // npos if there is none: then substr() takes all that is left.
    const std::size_t end = received.find("\r\n");
    // With its CR LF, so that those two are seen as bytes. A rest without one is shown as it is: in a frame there are
    // no lines.
    const std::string_view line = received.substr(0, end == received.npos ? end : end + 2);
    received.remove_prefix(line.size());
    // A peer's bytes must not command our terminal: an escape character would.
    std::printf("< %s", printable(line.substr(0, end)).c_str());
    for (std::size_t i = 0; i < line.size(); ++i) {
      std::printf(i % 32 == 0 ? "\n  %02x" : " %02x", static_cast<std::uint8_t>(line[i]));
    }
    std::printf("\n");
  }
}

// What is sent if somebody types `line`: the bytes after `hex`, the whole answer after `101`, else the line as HTTP
// wants it, with CR LF. Nothing if it was mistyped.
std::optional<std::string> bytes_for(const std::string& line) {
  if (line.starts_with("hex ")) return parse_bytes(line.substr(4));  // 4: behind "hex ", and below behind "101 "
  if (!line.starts_with("101 ")) return line + "\r\n";
  return "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Accept: " +
         websock::make_accept(line.substr(4)) + "\r\n\r\n";
}

// Does what a line that was typed says. `client` is -1 while nobody is connected.
void obey(const std::string& line, int client) {
  const std::optional<std::string> bytes = bytes_for(line);
  if (client < 0) {
    std::printf("(nobody is here to get that)\n");
  } else if (line == "end") {
    ::shutdown(client, SHUT_WR);  // our side only: what the client still sends is shown, and receive() closes then
  } else if (!bytes) {
    std::printf("(not sent: behind hex belong pairs of hex digits, and \"text\")\n");
  } else {
    // Simplification: a client that reads nothing makes us wait here, and what it does not take is lost. Without the
    // flag a client that is gone would kill us with SIGPIPE; that it is gone we hear from receive().
    ::send(client, bytes->data(), bytes->size(), MSG_NOSIGNAL);
  }
}

// Reads what was typed, and obeys each line that is complete; `typed` keeps the rest. False: that was all (Ctrl-D).
bool read_keys(std::string& typed, int client) {
  std::array<char, 4096> keys{};
  // At most what is there: poll(2) has said that something is, so this does not wait.
  const ssize_t count = ::read(STDIN_FILENO, keys.data(), keys.size());
  if (count <= 0) return false;
  typed.append(keys.data(), static_cast<std::size_t>(count));
  for (std::size_t end; (end = typed.find('\n')) != typed.npos; typed.erase(0, end + 1)) {
    obey(typed.substr(0, end), client);
  }
  return true;
}

// Shows what the client has sent, once there is something. Returns the client, or -1 if it is gone; it is closed then.
int receive(int client) {
  // What came together is shown together, as far as it fits.
  std::array<char, 65536> bytes{};
  const ssize_t count = ::recv(client, bytes.data(), bytes.size(), 0);
  if (count > 0) {
    show({bytes.data(), static_cast<std::size_t>(count)});
    return client;
  }
  std::printf("(the client has %s the connection)\n", count == 0 ? "ended" : "reset");
  ::close(client);
  return -1;
}

}  // namespace

int main(int argc, char** argv) {
  std::setvbuf(stdout, nullptr, _IOLBF, BUFSIZ);  // each line at once, into a pipe too
  const int listener = listen_on_loopback(argc, argv, kUsage, kMore);
  const Prompt prompt;
  int client = -1;    // nobody yet
  std::string typed;  // so far, of the line that is being typed: a terminal sends whole lines, a pipe need not
  for (prompt.show();; prompt.show()) {
    // We wait for the keyboard and for one other: the client, or as long as there is none, whoever comes. While there
    // is one, nobody else is accepted: the second tab waits.
    std::array<pollfd, 2> ready = {{{STDIN_FILENO, POLLIN, 0}, {client < 0 ? listener : client, POLLIN, 0}}};
    const int count = ::poll(ready.data(), ready.size(), -1);
    prompt.hide();
    if (count < 0) continue;  // a signal: stopped in a terminal, and continued
    // Not only POLLIN: a connection that was reset reports an error instead, and recv() tells which.
    if (ready[1].revents != 0) client = client < 0 ? ::accept(listener, nullptr, nullptr) : receive(client);
    if (ready[0].revents != 0 && !read_keys(typed, client)) return 0;
  }
}
