// Milestone 3: a correct echo. What the protocol demands of a server, this one does.
//
// Its fault: it does it for one client at a time. A second tab hangs until the first is closed; one that says nothing
// for an hour, or does not read what it is sent, has the server to itself for that hour.
#include <unistd.h>

#include <websock/protocol/protocol.h>

#include "common/loopback.h"
#include "shake_hands.h"

using namespace websock;

namespace {

void send_all(int client, ByteView bytes) {
  while (!bytes.empty()) {
    const ssize_t count = ::send(client, bytes.data(), bytes.size(), MSG_NOSIGNAL);
    if (count < 0) return;  // then the next recv fails, too
    bytes = bytes.subspan(static_cast<std::size_t>(count));
  }
}

void echo(int client, Bytes received) {
  Protocol protocol(Role::server);
  protocol.handshake_completed();
  Bytes piece(64 * 1024);
  for (;;) {
    std::span<std::uint8_t> input = received;
    Bytes out;
    while (const Event* event = protocol.next_event(input)) {
      protocol.respond(*event, out);
      if (event->type == EventType::message) protocol.send_message({event->opcode, event->payload}, out);
    }
    send_all(client, out);
    if (protocol.state() == State::closing) ::shutdown(client, SHUT_WR);  // 7.1.1: and then wait for the peer's end
    received.erase(received.begin(), received.end() - static_cast<std::ptrdiff_t>(input.size()));
    const ssize_t count = ::recv(client, piece.data(), piece.size(), 0);
    if (count <= 0) return;
    received.insert(received.end(), piece.begin(), piece.begin() + count);
  }
}

}  // namespace

int main(int argc, char** argv) {
  const int listener = listen_on_loopback(argc, argv, "correct_echo [--port PORT]      one client at a time");
  for (;;) {
    const int client = ::accept(listener, nullptr, nullptr);
    if (const std::optional<std::string> early = shake_hands(client)) echo(client, Bytes(early->begin(), early->end()));
    ::close(client);
  }
}
