// The Close that vanished. This server hears a thousand bytes, finds that they break a rule, sends a Close that says
// so, and ends the connection, although more lies unread in its socket: the first time at once, the second time
// politely, and so on.
//
//     vanished_close                with a client of its own, once in each way
//     vanished_close --port P       for a browser
#include <unistd.h>

#include <thread>

#include <websock/protocol/close.h>
#include <websock/protocol/message.h>

#include "common/loopback.h"
#include "milestones/shake_hands.h"

using namespace websock;

namespace {

// The Close that the client should see. What rule was broken does not matter here.
Bytes make_close() {
  const Bytes body = serialize_close_body({CloseCode::protocol_error, "that breaks a rule"});
  FrameHeader header;
  header.opcode = Opcode::close;
  header.payload_length = body.size();
  Bytes frame;
  append_frame(frame, header, body);
  return frame;
}

// One client. After a thousand bytes it has heard enough; the rest of what the client sends is in the socket's buffer
// when it is closed, and that is the trouble (7.1.1).
void serve(int listener, bool politely) {
  const int client = ::accept(listener, nullptr, nullptr);
  std::array<char, 1000> bytes{};
  if (shake_hands(client) && ::recv(client, bytes.data(), bytes.size(), 0) > 0) {
    const Bytes frame = make_close();
    ::send(client, frame.data(), frame.size(), MSG_NOSIGNAL);
    // Our side ends behind the Close. Then we read what is left, until the client ends its own: nothing is unread.
    if (politely) ::shutdown(client, SHUT_WR);
    while (politely && ::recv(client, bytes.data(), bytes.size(), 0) > 0) {
    }
  }
  ::close(client);  // bytes that are unread now make it a reset
}

// A client in the middle of a message of 64 MiB. It does as browsers do: when it cannot send, the connection has ended.
std::string talk(int server) {
  // make_key({}): sixteen zeros will do, since this server is our own.
  const std::string request = serialize_head(make_request("localhost", "/", make_key({}), {}));
  ::send(server, request.data(), request.size(), MSG_NOSIGNAL);
  Bytes answer(1000);
  ::recv(server, answer.data(), answer.size(), 0);  // the 101

  const Bytes payload(64 << 20);
  FrameHeader header;
  // 5.1: a client has to mask. With a key of zeros the bytes stay as they are.
  header.masking_key = MaskingKey{};
  header.payload_length = payload.size();
  Bytes frame;
  append_frame(frame, header, payload);
  // send() waits for the server to read. After a reset it fails: then what has come is lost, the Close too.
  for (ByteView rest = frame; !rest.empty();) {
    const ssize_t count = ::send(server, rest.data(), rest.size(), MSG_NOSIGNAL);
    if (count < 0) return to_string(CloseCode::abnormal_closure);
    rest = rest.subspan(static_cast<std::size_t>(count));
  }
  const ssize_t count = ::recv(server, answer.data(), answer.size(), 0);
  if (count < 2) return to_string(CloseCode::abnormal_closure);  // the end or a reset: no frame
  // 2: the header of a short frame of a server. (Simplification: a Close is taken to come in one piece.)
  const CloseBody close = parse_close_body(ByteView(answer).subspan(2, static_cast<std::size_t>(count) - 2));
  return to_string(*close.code) + ", \"" + close.reason + "\"";
}

// Both ends in one program, a thread each: send and recv wait here, so one thread could not play both.
void talk_to(int listener, bool politely) {
  std::thread server(serve, listener, politely);
  sockaddr_in address{};
  socklen_t size = sizeof address;
  ::getsockname(listener, reinterpret_cast<sockaddr*>(&address), &size);
  const int socket = ::socket(AF_INET, SOCK_STREAM, 0);
  static_cast<void>(::connect(socket, reinterpret_cast<sockaddr*>(&address), size));  // else talk() fails, and says so
  std::printf("ended %-10s  %s\n", politely ? "politely:" : "at once:", talk(socket).c_str());
  ::close(socket);
  server.join();
}

}  // namespace

int main(int argc, char** argv) {
  if (argc == 1) {
    const int listener = listen_on_loopback(0);
    for (const bool politely : {false, true}) talk_to(listener, politely);
    return 0;
  }
  const int listener =
      listen_on_loopback(argc, argv, "vanished_close [--port PORT]      without a port: with a client of its own");
  // One after the other, so that opening the page twice shows both.
  for (bool politely = false;; politely = !politely) serve(listener, politely);
}
