// The first part of the book as one function: bytes, sha1, base64, http and handshake.
#pragma once

#include <sys/socket.h>

#include <array>
#include <optional>
#include <string>

#include <websock/handshake/handshake.h>

// Answers the opening handshake of a client that has just connected. Returns what came behind its head, usually "";
// nothing if there will be no WebSocket.
inline std::optional<std::string> shake_hands(int client) {
  std::string received;
  std::string response;
  std::optional<std::size_t> head;
  try {
    while (!(head = websock::find_head(received))) {
      std::array<char, 4096> bytes{};
      const ssize_t count = ::recv(client, bytes.data(), bytes.size(), 0);
      if (count <= 0) return std::nullopt;
      received.append(bytes.data(), static_cast<std::size_t>(count));
    }
    const websock::Request request = websock::parse_request(received.substr(0, *head));
    response = serialize_head(websock::make_response(websock::check_request(request), std::nullopt));
    received.erase(0, *head);
  } catch (const websock::HttpError& error) {
    const websock::Response refusal = websock::make_refusal(error);
    response = serialize_head(refusal) + refusal.body;
    head.reset();
  }
  ::send(client, response.data(), response.size(), MSG_NOSIGNAL);
  return head ? std::optional(received) : std::nullopt;
}
