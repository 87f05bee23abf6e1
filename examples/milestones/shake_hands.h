// The first part of the book as one function: bytes, sha1, base64, http and handshake.
#pragma once

#include <sys/socket.h>

#include <array>
#include <optional>
#include <string>

#include <websock/handshake/handshake.h>

// Answers the opening handshake of a client that has just connected. Returns what came after its head, usually "" (but
// a client may send its first frame at once, and then it is here); nothing if there will be no WebSocket.
//
// Simplification: it waits without end for a client that says nothing. A production server would have a deadline.
inline std::optional<std::string> shake_hands(int client) {
  std::string received;
  std::string response;
  std::optional<std::size_t> head;
  try {
    // A head may come in pieces. find_head() throws when it grows too long, so this ends.
    while (!(head = websock::find_head(received))) {
      std::array<char, 4096> bytes{};
      const ssize_t count = ::recv(client, bytes.data(), bytes.size(), 0);
      if (count <= 0) return std::nullopt;  // it has gone, and hears no answer
      received.append(bytes.data(), static_cast<std::size_t>(count));
    }
    const websock::Request request = websock::parse_request(received.substr(0, *head));
    // No subprotocol is chosen, whatever was offered: that means "none".
    response = serialize_head(websock::make_response(websock::check_request(request), std::nullopt));
    received.erase(0, *head);
  } catch (const websock::HttpError& error) {
    // Before there is a WebSocket there is no close code: what is wrong is said in HTTP.
    const websock::Response refusal = websock::make_refusal(error);
    response = serialize_head(refusal) + refusal.body;
    head.reset();  // it may have been found: no WebSocket all the same
  }
  // A hundred bytes into an empty buffer: the kernel takes them all. If the client is gone, the next recv() tells.
  ::send(client, response.data(), response.size(), MSG_NOSIGNAL);
  return head ? std::optional(received) : std::nullopt;
}
