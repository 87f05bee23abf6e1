// Milestone 1: the browser's onopen fires.
//
// Its faults: it does not understand a byte of what comes after the handshake. It serves one client, and then it ends.
#include "common/loopback.h"
#include "shake_hands.h"

namespace {

void print(std::string_view bytes) {
  for (const char byte : bytes) std::printf("%02x ", static_cast<unsigned char>(byte));
  if (!bytes.empty()) std::printf("\n");
}

}  // namespace

int main(int argc, char** argv) {
  std::setvbuf(stdout, nullptr, _IOLBF, BUFSIZ);
  const int listener = listen_on_loopback(argc, argv, "onopen [--port PORT]      the browser's onopen fires");
  const int client = ::accept(listener, nullptr, nullptr);
  const std::optional<std::string> early = shake_hands(client);
  std::printf(early ? "the handshake is done\n" : "this will not be a WebSocket\n");
  if (!early) return 1;

  print(*early);
  std::array<char, 4096> bytes{};
  for (ssize_t count; (count = ::recv(client, bytes.data(), bytes.size(), 0)) > 0;) {
    print({bytes.data(), static_cast<std::size_t>(count)});
  }
  std::printf("the client has gone\n");
}
