// Opens a WebSocket to a server, sends bytes of any kind in one piece, and shows what comes of it:
//
//     poke ./build/bin/echo_server '81 85 37fa213d 7f9f4d5158'
//
// A client of stages and a socket, since WebSocketClient could send nothing wrong. What the server sends is judged by
// the parser: a frame that breaks a rule ends poke with a sentence.
#include <cstdio>
#include <cstring>
#include <sstream>

#include <websock/framing/entropy.h>
#include <websock/framing/frame.h>
#include <websock/handshake/handshake.h>
#include <websock/protocol/close.h>
#include <websock/transport/socket.h>

#include "common/arguments.h"
#include "common/printable.h"
#include "common/typed_bytes.h"
#include "started.h"

using namespace websock;

namespace {

constexpr Milliseconds kPatience(10'000);

// Adds what comes next to `received`. False: the end of the stream.
bool receive(Socket& socket, Bytes& received) {
  Bytes piece(64 * 1024);
  const std::optional<std::size_t> count = socket.receive(piece, kPatience);
  if (!count) throw std::runtime_error("the server says nothing");
  received.insert(received.end(), piece.data(), piece.data() + *count);
  return *count > 0;
}

// The opening handshake; false: the server's answer is not a 101. What came behind its head stays in `received`.
// Simplification: the accept value is not compared; a client has to (4.1).
bool shake_hands(Socket& socket, const std::string& host, const HeaderFields& fields, Bytes& received) {
  std::array<std::uint8_t, 16> nonce{};
  // A fresh one, as 4.1 demands. A server could not tell.
  fill_random(nonce);
  socket.send_all(bytes_of(serialize_head(make_request(host, "/", make_key(nonce), {.fields = fields}))), kNever);
  std::optional<std::size_t> size;
  while (!(size = find_head(text_of(received)))) {
    if (!receive(socket, received)) throw std::runtime_error("the server ends in the middle of its answer");
  }
  const Response response = parse_response(text_of(ByteView(received).first(*size)));
  received.erase(received.begin(), received.begin() + static_cast<std::ptrdiff_t>(*size));
  std::printf("the server answers: %d %s\n", response.status, printable(response.reason).c_str());
  return response.status == 101;
}

// A frame's payload in words: of a Close its code and reason, of any other its text.
std::string describe(const FrameHeader& header, ByteView payload) {
  if (header.opcode != Opcode::close) return '"' + printable(text_of(payload)) + '"';
  const CloseBody body = parse_close_body(payload);
  return (body.code ? to_string(*body.code) : "no code") + ", \"" + printable(body.reason) + '"';
}

// Line by line, since printable() would make a dot of each line's end.
void print_lines(const char* before, const std::string& text) {
  std::istringstream lines(text);
  for (std::string line; std::getline(lines, line);) std::printf("%s%s\n", before, printable(line).c_str());
}

// Shows the whole frames at the front of `received`, and removes them.
void show_frames(Bytes& received) {
  while (const std::optional<FrameHeader> header = parse_frame_header(received, {.sender = Role::server})) {
    const std::size_t size = frame_header_size(*header);
    // The header is all there, so this cannot wrap.
    if (received.size() - size < header->payload_length) return;
    const ByteView payload = ByteView(received).subspan(size, header->payload_length);
    std::printf("the server sends: %s: %s\n", to_string(*header).c_str(), describe(*header, payload).c_str());
    received.erase(received.begin(), received.begin() + (payload.data() + payload.size() - received.data()));
  }
}

// Opens, sends, and shows what comes until the server ends, or breaks the connection: that, too, is an answer.
void converse(Socket& socket, const std::string& host, const HeaderFields& fields, const std::string& bytes) {
  Bytes received;
  const bool opened = shake_hands(socket, host, fields, received);
  if (opened) socket.send_all(bytes_of(bytes), kNever);
  // We say no more. Else the server would wait for our next frame, and we for its end, until kPatience.
  socket.shut_down_sending();
  try {
    while (receive(socket, received)) {
      if (opened) show_frames(received);
    }
    // What is behind the head of a refusal is its body: a sentence, mostly.
    if (!opened) print_lines("", std::string(text_of(received)));
  } catch (const std::system_error& error) {
    std::printf("the connection breaks: %s\n", error.code().message().c_str());
  }
}

void run(int argc, char** argv) {
  HeaderFields fields;
  Arguments arguments("poke [--origin ORIGIN] SERVER [BYTES]      such as '81 85 00000000 \"Hello\"'");
  arguments.option("origin", "ORIGIN", "the site that the request claims to come from", [&](const std::string& text) {
    fields.push_back({"Origin", text});
  });
  const std::vector<std::string> rest = arguments.parse(argc, argv);
  if (rest.empty() || rest.size() > 2) throw BadArgument("a server, and bytes; try --help");
  const std::optional<std::string> bytes = parse_bytes(rest.size() == 2 ? rest[1] : "");
  if (!bytes) throw BadArgument("bytes are pairs of hex digits, and \"text\"");

  Started server(rest[0]);
  Socket socket = connect_to(resolve("127.0.0.1", server.port()).front(), deadline_after(kPatience));
  converse(socket, server.host(), fields, *bytes);
  // Ended first: it prints until then. After that it is known whether it was alive.
  print_lines("the server prints: ", server.end());
  if (server.died_of() != 0) std::printf("the server has died: %s\n", ::strsignal(server.died_of()));
}

}  // namespace

int main(int argc, char** argv) {
  return run_program("poke", [&] { run(argc, argv); });
}
