// The two servers that are compared: one with WebSocket, and the least that a thread per client can do.
#include <sys/socket.h>
#include <sys/time.h>

#include <cerrno>
#include <cstdio>
#include <memory>
#include <system_error>
#include <thread>

#include "endpoints/server.h"
#include "server_process.h"

using namespace websock;

namespace {

void announce(std::uint16_t port) {
  std::printf("%d\n", port);
  std::fflush(stdout);
}

void serve_ours() {
  Limits limits;
  limits.max_connections = descriptor_limit() / 2;
  limits.max_message = 0;  // no limit: 64 MiB are measured too
  WebSocketServer server({
      .host = "127.0.0.1",
      .port = 0,
      .on_data_receive = [](const Client& client, const Message& message) { client->send(message); },
      .on_error = [](const Error& error) { std::fprintf(stderr, "server: %s\n", error.text.c_str()); },
      .limits = limits,
  });
  announce(server.port());
  server.serve_forever();
}

// The library's sockets do not wait in send(). Here that would end the connection at the first payload that does not fit
// into the system's buffer.
void wait_in_send(const Socket& socket) {
  const timeval forever{};
  if (::setsockopt(socket.descriptor(), SOL_SOCKET, SO_SNDTIMEO, &forever, sizeof forever) != 0)
    throw std::system_error(errno, std::generic_category(), "SO_SNDTIMEO");
}

void echo_bytes(const Socket& socket) {
  wait_in_send(socket);
  constexpr std::size_t kSize = 64 * 1024;  // as much as our server receives at a time
  const std::unique_ptr<std::uint8_t[]> bytes(new std::uint8_t[kSize]);
  for (;;) {
    const ssize_t received = ::recv(socket.descriptor(), bytes.get(), kSize, 0);
    if (received <= 0) return;
    const auto count = static_cast<std::size_t>(received);
    if (::send(socket.descriptor(), bytes.get(), count, MSG_NOSIGNAL) != received) return;
  }
}

void serve_raw() {
  const Socket listener = listen_on("127.0.0.1", 0);
  announce(listener.local_port());
  for (;;) {
    pollfd ready{listener.descriptor(), POLLIN, 0};
    wait_for({&ready, 1}, kNever);
    std::optional<Socket> socket = accept_from(listener);
    if (socket) std::thread([client = std::move(*socket)] { echo_bytes(client); }).detach();
  }
}

}  // namespace

void serve(Server server) {
  raise_descriptor_limit();
  if (server == Server::ours) {
    serve_ours();
  } else {
    serve_raw();
  }
}
