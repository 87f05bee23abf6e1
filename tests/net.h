// TCP connections on this machine for tests, and a raw peer's view of them: bytes out, bytes in, and how it
// ended. Ports are the system's choice. Deadlines only matter when something is wrong.
#pragma once

#include <fcntl.h>

#include <cstdio>
#include <functional>
#include <future>
#include <stdexcept>
#include <string>
#include <string_view>
#include <thread>
#include <utility>
#include <vector>

#include "framing/entropy.h"
#include "transport/socket.h"
#include "wire.h"

// Longer than anything takes, on any machine.
inline constexpr websock::Milliseconds kLong(120'000);
inline websock::Deadline soon() { return websock::deadline_after(kLong); }

inline std::string url_of(std::uint16_t port, std::string_view target = "/") {
  return "ws://127.0.0.1:" + std::to_string(port) + std::string(target);
}

inline websock::Socket connect_to_port(std::uint16_t port) {
  return websock::connect_to(websock::resolve("127.0.0.1", port).front(), soon());
}

// The next client of `listener`.
inline websock::Socket accept_one(const websock::Socket& listener) {
  pollfd ready{listener.descriptor(), POLLIN, 0};
  if (!websock::wait_for({&ready, 1}, soon())) throw std::runtime_error("nobody connects");
  std::optional<websock::Socket> socket = websock::accept_from(listener);
  if (!socket) throw std::runtime_error("nobody connects");
  return std::move(*socket);
}

// Two ends of one TCP connection.
inline std::pair<websock::Socket, websock::Socket> connected_sockets() {
  const websock::Socket listener = websock::listen_on("127.0.0.1", 0);
  websock::Socket dialled = connect_to_port(listener.local_port());
  // A receive buffer that is set once does not grow later: what the second one does not read stays with the first.
  const int size = 64 * 1024;
  static_cast<void>(::setsockopt(dialled.descriptor(), SOL_SOCKET, SO_RCVBUF, &size, sizeof size));
  return {accept_one(listener), std::move(dialled)};
}

inline void put(websock::Socket& socket, websock::ByteView bytes) {
  if (!socket.send_all(bytes, soon())) throw std::runtime_error("the peer does not read");
}
inline void put(websock::Socket& socket, std::string_view text) { put(socket, websock::bytes_of(text)); }

// The next `count` bytes, or as many as come before the end of the stream.
inline websock::Bytes take(websock::Socket& socket, std::size_t count) {
  websock::Bytes bytes(count);
  std::size_t taken = 0;
  while (taken < count) {
    const auto received = socket.receive(std::span(bytes).subspan(taken), kLong);
    if (!received) throw std::runtime_error("waited in vain for bytes");
    if (*received == 0) break;
    taken += *received;
  }
  bytes.resize(taken);
  return bytes;
}

// Everything up to the end of the stream; "(reset)" behind it if that is how it ended.
inline std::string take_to_end(websock::Socket& socket) {
  websock::Bytes bytes;
  websock::Bytes piece(64 * 1024);
  try {
    for (;;) {
      const auto count = socket.receive(piece, kLong);
      if (!count) return to_hex(bytes) + " (no end)";
      if (*count == 0) return to_hex(bytes);
      bytes.insert(bytes.end(), piece.begin(), piece.begin() + static_cast<std::ptrdiff_t>(*count));
    }
  } catch (const std::system_error& error) {
    if (error.code() != std::errc::connection_reset) throw;
    return to_hex(bytes) + " (reset)";
  }
}

// The next `count` bytes, and whatever has come with them.
inline std::string arrived(websock::Socket& socket, std::size_t count = 0) {
  websock::Bytes bytes = take(socket, count);
  websock::Bytes more(64 * 1024);
  more.resize(socket.receive(more, websock::Milliseconds(0)).value_or(0));
  return to_hex(std::move(bytes) + more);
}

// A frame taken apart by hand, so that it does not depend on the code under test.
struct RawFrame {
  std::uint8_t first = 0;  // FIN, RSV, opcode
  websock::Bytes key;      // empty: not masked
  websock::Bytes payload;  // unmasked
};

inline RawFrame take_frame(websock::Socket& socket) {
  const websock::Bytes head = take(socket, 2);
  if (head.size() < 2) throw std::runtime_error("the stream ended where a frame was expected");
  std::size_t length = head[1] & 0b0111'1111;
  if (length >= 126) {
    const std::size_t digits = length == 126 ? 2 : 8;
    length = 0;
    for (const std::uint8_t byte : take(socket, digits)) length = length << 8 | byte;
  }
  RawFrame frame{head[0], {}, {}};
  if ((head[1] & 0b1000'0000) != 0) frame.key = take(socket, 4);
  frame.payload = take(socket, length);
  for (std::size_t i = 0; i < frame.payload.size() && !frame.key.empty(); ++i) {
    frame.payload[i] = static_cast<std::uint8_t>(frame.payload[i] ^ frame.key[i % 4]);
  }
  return frame;
}

// A port of this machine to which a connect finds no answer, neither yes nor no: the queue behind it is full.
// Where the system does not do that, `port` is 0.
struct FullPort {
  websock::Socket listener = websock::listen_on("127.0.0.1", 0);
  std::vector<websock::Socket> waiting;
  std::uint16_t port = 0;

  FullPort() {
    static_cast<void>(::listen(listener.descriptor(), 0));
    const auto address = websock::resolve("127.0.0.1", listener.local_port()).front();
    try {
      while (waiting.size() < 20) {
        waiting.push_back(websock::connect_to(address, websock::deadline_after(websock::Milliseconds(1000))));
      }
    } catch (const std::system_error& error) {
      if (error.code() == std::errc::timed_out) port = listener.local_port();
    }
    if (port == 0) std::printf("skipped: a full queue of connections does not look like silence here\n");
  }
};

// A port of this machine that is taken, but where nobody listens.
struct DeafPort {
  websock::Socket socket = websock::Socket(::socket(AF_INET, SOCK_STREAM, 0));
  std::uint16_t port = 0;

  DeafPort() {
    const websock::Address address = websock::resolve("127.0.0.1", 0).front();
    if (::bind(socket.descriptor(), reinterpret_cast<const sockaddr*>(&address.storage), address.size) < 0) {
      throw std::runtime_error("bind");
    }
    port = socket.local_port();
  }
};

// Whether the condition is met in time.
inline bool eventually(const std::function<bool()>& condition) {
  const websock::Deadline deadline = soon();
  while (!condition()) {
    if (websock::Clock::now() >= deadline) return false;
    std::this_thread::sleep_for(websock::Milliseconds(1));
  }
  return true;
}

// How many descriptors this process has open, and how many it had before the tests.
inline std::size_t open_descriptors() {
  std::size_t count = 0;
  for (int descriptor = 0; descriptor < 1024; ++descriptor) count += ::fcntl(descriptor, F_GETFD) >= 0;
  return count;
}
inline const std::size_t kDescriptorsAtStart = [] {
  static_cast<void>(websock::random_masking_key());  // the source of entropy may be a descriptor too
  return open_descriptors();
}();

// Runs `work` on a thread of its own. The future brings its result, or its exception. (std::async takes a compiler long:
// thanks to std::function, it has one to compile for each kind of result, and not for each lambda.)
template <class Work>
auto in_thread(Work work) {
  const std::function<decltype(work())()> function = std::move(work);
  return std::async(std::launch::async, function);
}
