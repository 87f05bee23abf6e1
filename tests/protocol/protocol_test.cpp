// Chapter 11: an endpoint that is open: messages, Pings and Pongs, in either role.
#include "protocol/protocol.h"

#include <set>

#include "check.h"
#include "transcript.h"
#include "utf8_vectors.h"
#include "wire.h"

using namespace websock;

namespace {

// Bytes without a pattern that a lost or doubled piece could hide in.
Bytes some_bytes(std::size_t size) {
  Bytes bytes(size);
  std::uint32_t state = 12345;
  for (std::uint8_t& byte : bytes) {
    state = state * 1664525 + 1013904223;
    byte = static_cast<std::uint8_t>(state >> 24);
  }
  return bytes;
}

Bytes some_text(std::size_t size) {
  Bytes bytes = some_bytes(size);
  for (std::uint8_t& byte : bytes) byte = static_cast<std::uint8_t>('a' + byte % 26);
  return bytes;
}

const Bytes kNotText = hex("00 ff fe fd fc fb 00 ff");

MaskingKey counting_key() {
  static std::uint8_t count = 0;
  return {0, 0, 0, ++count};
}

}  // namespace

// ---- The published frames ----

TEST("5.2-02 frame() and close_body(), with which these tests are written, make the published frames") {
  CHECK_EQ(to_hex(frame(Role::server, 0x81, "Hello")), "81 05 48 65 6c 6c 6f");
  CHECK_EQ(to_hex(frame(Role::client, 0x81, "Hello")), "81 85 37 fa 21 3d 7f 9f 4d 51 58");
  CHECK_EQ(to_hex(frame(Role::server, 0x88)), "88 00");
  CHECK_EQ(to_hex(frame(Role::client, 0x88)), "88 80 37 fa 21 3d");
  CHECK_EQ(to_hex(frame(Role::server, 0x88, close_body(1000, "bye"))), "88 05 03 e8 62 79 65");
  CHECK_EQ(to_hex(frame(Role::client, 0x88, close_body(1000, "bye"))), "88 85 37 fa 21 3d 34 12 43 44 52");
  const auto header = [](Role sender, std::size_t size) {
    return to_hex(ByteView(frame(sender, 0x82, Bytes(size))).first(sender == Role::server ? 10 : 14));
  };
  CHECK_EQ(header(Role::server, 256), "82 7e 01 00 00 00 00 00 00 00");
  CHECK_EQ(header(Role::client, 65535), "82 fe ff ff 37 fa 21 3d 37 fa 21 3d 37 fa");
  CHECK_EQ(header(Role::server, 65536), "82 7f 00 00 00 00 00 01 00 00");
  CHECK_EQ(header(Role::client, 65536), "82 ff 00 00 00 00 00 01 00 00 37 fa 21 3d");
}

TEST("5.7-01 an unmasked text frame, to a client") {
  CHECK_EQ(run(Role::client, hex("81 05 48 65 6c 6c 6f")), Lines{"text \"Hello\""});
}

TEST("5.7-02 a masked text frame, to a server") {
  CHECK_EQ(run(Role::server, hex("81 85 37 fa 21 3d 7f 9f 4d 51 58")), Lines{"text \"Hello\""});
}

TEST("5.7-03 a text in two fragments, unmasked and masked") {
  CHECK_EQ(run(Role::client, hex("01 03 48 65 6c   80 02 6c 6f")), Lines{"text \"Hello\""});
  CHECK_EQ(run(Role::server, hex("01 83 37 fa 21 3d 7f 9f 4d   80 82 37 fa 21 3d 5b 95")), Lines{"text \"Hello\""});
}

TEST("5.7-04 a Ping, and the Pong that answers it") {
  CHECK_EQ(run(Role::client, hex("89 05 48 65 6c 6c 6f")),
           (Lines{"ping \"Hello\"", "client sends 8a 85 37 fa 21 3d 7f 9f 4d 51 58"}));
  CHECK_EQ(run(Role::server, hex("8a 85 37 fa 21 3d 7f 9f 4d 51 58")), Lines{"pong \"Hello\""});
}

TEST("5.7-05 256 bytes of binary") {
  for (const Role role : kBothRoles)
    CHECK_EQ(run(role, frame(peer_of(role), 0x82, Bytes(256, 0xfe))), Lines{"binary " + to_hex(Bytes(256, 0xfe))});
}

TEST("5.7-06 65536 bytes of binary") {
  for (const Role role : kBothRoles)
    CHECK(run_pieces(role, {frame(peer_of(role), 0x82, some_bytes(65536))}) ==
          Lines{"binary " + to_hex(some_bytes(65536))});
}

// ---- Sending ----

TEST("6.1-01 a message is sent as one frame, a Ping as one") {
  struct Row {
    Role role;
    const char* text;
    const char* binary;
    const char* ping;
  };
  constexpr Row rows[] = {
      {Role::server, "81 05 48 65 6c 6c 6f", "82 01 ff", "89 02 68 69"},
      {Role::client, "81 85 37 fa 21 3d 7f 9f 4d 51 58", "82 81 37 fa 21 3d c8", "89 82 37 fa 21 3d 5f 93"},
  };
  for (const Row& row : rows) {
    Endpoint endpoint(row.role);
    Bytes out;
    CHECK(endpoint.protocol.send_message({Opcode::text, bytes_of("Hello")}, out));
    CHECK_EQ(to_hex(out), row.text);
    out.clear();
    CHECK(endpoint.protocol.send_message({Opcode::binary, hex("ff")}, out));
    CHECK_EQ(to_hex(out), row.binary);
    out.clear();
    CHECK(endpoint.protocol.send_ping(bytes_of("hi"), out));
    CHECK_EQ(to_hex(out), row.ping);
  }
}

TEST("5.1-07 either end may be the first to send") {
  for (const Role role : kBothRoles) {
    Protocol protocol(role);
    Bytes out;
    CHECK(!protocol.send_message({Opcode::text, bytes_of("early")}, out));
    CHECK_EQ(to_hex(out), "");
    protocol.handshake_completed();
    CHECK(protocol.send_message({Opcode::text, bytes_of("Hello")}, out));
  }
}

TEST("5.2-04 no frame that is sent has a reserved bit") {
  for (const Role role : kBothRoles) {
    Endpoint endpoint(role);
    const auto first_byte = [&](auto send) {
      Bytes out;
      send(out);
      return out.at(0);
    };
    Protocol& protocol = endpoint.protocol;
    CHECK_EQ(first_byte([&](Bytes& out) { protocol.send_message({Opcode::text, {}}, out); }), 0b1000'0001);
    CHECK_EQ(first_byte([&](Bytes& out) { protocol.send_message({Opcode::binary, {}}, out); }), 0b1000'0010);
    CHECK_EQ(first_byte([&](Bytes& out) { protocol.send_ping({}, out); }), 0b1000'1001);
    CHECK_EQ(first_byte([&](Bytes& out) { protocol.respond(Event{.type = EventType::ping}, out); }), 0b1000'1010);
    CHECK_EQ(first_byte([&](Bytes& out) { protocol.send_close({}, out); }), 0b1000'1000);
  }
}

TEST("5.1-01 a client masks every frame: empty ones, fragments, Pings, Pongs and Closes") {
  Endpoint client(Role::client, {.max_frame_payload = 2});
  Bytes out;
  client.protocol.send_message({Opcode::text, {}}, out);
  CHECK_EQ(to_hex(out), "81 80 37 fa 21 3d");
  out.clear();
  client.protocol.send_message({Opcode::text, bytes_of("lolo")}, out);
  CHECK_EQ(to_hex(out), "01 82 37 fa 21 3d 5b 95 80 82 37 fa 21 3d 5b 95");
  out.clear();
  client.protocol.send_ping({}, out);
  CHECK_EQ(to_hex(out), "89 80 37 fa 21 3d");
  client.receive(hex("89 00"));
  CHECK_EQ(to_hex(client.sent), "8a 80 37 fa 21 3d");
  out.clear();
  client.protocol.send_close({}, out);
  CHECK_EQ(to_hex(out), "88 80 37 fa 21 3d");
}

TEST("5.1-04 a server masks none") {
  Endpoint server(Role::server, {.max_frame_payload = 2});
  Bytes out;
  server.protocol.send_message({Opcode::text, bytes_of("lolo")}, out);
  server.protocol.send_ping({}, out);
  server.protocol.send_close({}, out);
  CHECK_EQ(to_hex(out), "01 02 6c 6f 80 02 6c 6f 89 00 88 00");
}

TEST("5.3-03 a client asks for a fresh key for each frame") {
  Protocol client(Role::client, {.max_frame_payload = 1, .masking_key = counting_key});
  client.handshake_completed();
  Bytes out;
  client.send_message({Opcode::text, bytes_of("ab")}, out);
  client.send_ping({}, out);
  client.respond(Event{.type = EventType::ping}, out);
  client.send_close({}, out);
  CHECK_EQ(to_hex(out),
           "01 81 00 00 00 01 61 80 81 00 00 00 02 62 89 80 00 00 00 03 8a 80 00 00 00 04 88 80 00 00 00 05");
}

TEST("5.3-04 unless told otherwise, its keys come from the source of entropy") {
  Protocol client(Role::client);
  client.handshake_completed();
  std::set<std::string> keys;
  for (int i = 0; i < 100; ++i) {
    Bytes out;
    client.send_ping({}, out);
    keys.insert(to_hex(out).substr(sizeof "89 80"));
  }
  CHECK(keys.size() > 95);
}

TEST("6.1-08 what a client sends is masked, each fragment from its own first byte on") {
  Endpoint client(Role::client, {.max_frame_payload = 3});
  Bytes out;
  client.protocol.send_message({Opcode::text, bytes_of("Hello")}, out);
  CHECK_EQ(to_hex(out), "01 83 37 fa 21 3d 7f 9f 4d 80 82 37 fa 21 3d 5b 95");
}

TEST("10.3-01 who chooses a client's message does not choose the bytes that travel") {
  Protocol client(Role::client);
  client.handshake_completed();
  const ByteView message = bytes_of("GET /sensitive HTTP/1.1");
  std::set<std::string> payloads;
  for (int i = 0; i < 100; ++i) {
    Bytes out;
    client.send_message({Opcode::text, message}, out);
    payloads.insert(to_hex(out).substr(sizeof "81 97 37 fa 21 3d"));
  }
  CHECK(payloads.size() > 95);
}

TEST("6.1-05 a long message is sent in fragments of max_frame_payload bytes") {
  const ProtocolOptions options = {.max_frame_payload = 2};
  for (const Role role : kBothRoles) {
    Endpoint endpoint(role, options);
    Bytes out;
    endpoint.protocol.send_message({Opcode::binary, bytes_of("abcde")}, out);
    endpoint.protocol.send_message({Opcode::text, bytes_of("fg")}, out);
    CHECK_EQ(to_hex(out), to_hex(frame(role, 0x02, "ab") + frame(role, 0x00, "cd") + frame(role, 0x80, "e") +
                                 frame(role, 0x81, "fg")));
  }
}

TEST("own-protocol-01 a server's long payload can be left where it lies") {
  const Bytes payload = some_bytes(10000);
  Endpoint server(Role::server);
  Bytes out;
  ByteView rest;
  server.protocol.send_message({Opcode::binary, payload}, out, &rest);
  CHECK_EQ(to_hex(out), "82 7e 27 10");
  CHECK(rest.data() == payload.data());
  CHECK_EQ(rest.size(), 10000u);

  Endpoint in_fragments(Role::server, {.max_frame_payload = 5000});
  out.clear();
  rest = {};
  in_fragments.protocol.send_message({Opcode::binary, payload}, out, &rest);
  CHECK(out == hex("02 7e 13 88") + Bytes(payload.begin(), payload.begin() + 5000) + hex("80 7e 13 88"));
  CHECK(rest.data() == payload.data() + 5000);
  CHECK_EQ(rest.size(), 5000u);
}

TEST("own-protocol-02 a short payload, and whatever a client has to mask, is in `out` all the same") {
  ByteView rest;
  Bytes out;
  Endpoint(Role::server).protocol.send_message({Opcode::text, bytes_of("Hello")}, out, &rest);
  CHECK_EQ(to_hex(out), "81 05 48 65 6c 6c 6f");
  out.clear();
  Endpoint(Role::client).protocol.send_message({Opcode::binary, some_bytes(10000)}, out, &rest);
  CHECK(out == frame(Role::client, 0x82, some_bytes(10000)));
  CHECK(rest.empty());
}

// ---- Receiving messages ----

TEST("5.4-12 a message is received whole, and in fragments of any size, empty ones too") {
  for (const Role role : kBothRoles) {
    const Role peer = peer_of(role);
    const Lines wanted = {"text \"fragment1fragment2\""};
    CHECK_EQ(run(role, frame(peer, 0x81, "fragment1fragment2")), wanted);
    CHECK_EQ(run(role, frame(peer, 0x01, "fragment1") + frame(peer, 0x80, "fragment2")), wanted);
    CHECK_EQ(run(role, frame(peer, 0x01) + frame(peer, 0x00, "fragment1fragment2") + frame(peer, 0x80)), wanted);
    CHECK_EQ(run(role, frame(peer, 0x01) + frame(peer, 0x00) + frame(peer, 0x80)), Lines{"text \"\""});
  }
}

TEST("5.4-11 a message may come in a thousand fragments") {
  const Bytes payload = some_bytes(65536);
  for (const Role role : kBothRoles) {
    for (const std::size_t size : {64u, 1300u}) {  // bytes of a fragment; the last of 1300 is shorter
      Bytes input;
      for (std::size_t at = 0; at < payload.size(); at += size) {
        const bool last = at + size >= payload.size();
        const auto first = static_cast<std::uint8_t>((at == 0 ? 2 : 0) | (last ? 0x80 : 0));
        input = std::move(input) +
                frame(peer_of(role), first, ByteView(payload).subspan(at).first(std::min(size, payload.size() - at)));
      }
      CHECK(run_pieces(role, {input}) == Lines{"binary " + to_hex(payload)});
    }
  }
}

TEST("6.2-03 text is text, binary is binary, and each message that is received can be sent back as it was") {
  for (const Role role : kBothRoles) {
    const Role peer = peer_of(role);
    for (const std::size_t size : {0u, 1u, 125u, 126u, 127u, 128u}) {
      const Bytes text = some_text(size);
      const Bytes binary = some_bytes(size);
      CHECK_EQ(run(role, frame(peer, 0x81, text) + frame(peer, 0x82, binary), true),
               (Lines{"text " + quoted(text), sends(role, frame(role, 0x81, text)), "binary " + quoted(binary),
                      sends(role, frame(role, 0x82, binary))}));
    }
    for (const std::size_t size : {65535u, 65536u}) {
      const Bytes text = some_text(size);
      const Bytes binary = some_bytes(size);
      const Bytes input = frame(peer, 0x81, text) + frame(peer, 0x82, binary);
      const Lines wanted = {"text " + quoted(text), sends(role, frame(role, 0x81, text)), "binary " + quoted(binary),
                            sends(role, frame(role, 0x82, binary))};
      CHECK(run_pieces(role, {input}, true) == wanted);
      std::vector<ByteView> pieces;  // of 997 bytes, which no boundary falls in with
      for (std::size_t at = 0; at < input.size(); at += 997)
        pieces.push_back(ByteView(input).subspan(at, std::min<std::size_t>(997, input.size() - at)));
      CHECK(run_pieces(role, pieces, true) == wanted);
    }
  }
}

TEST("6.2-04 an empty message is a message") {
  for (const Role role : kBothRoles)
    CHECK_EQ(run(role, frame(peer_of(role), 0x81) + frame(peer_of(role), 0x82)), (Lines{"text \"\"", "binary \"\""}));
}

TEST("6.2-09 a server unmasks data, fragments and control frames, each with its own key") {
  CHECK_EQ(run(Role::server, hex("01 83 01 02 03 04 49 67 6f") + hex("89 81 ff 00 00 00 9e") +
                                 hex("80 82 80 00 00 00 ec 6f")),  // "Hel", "a", "lo"
           (Lines{"ping \"a\"", "server sends 8a 01 61", "text \"Hello\""}));
}

TEST("10.7-05 a frame ends where its length says: bytes that look like frames are payload") {
  const Bytes frames = hex("81 05 48 65 6c 6c 6f 88 02 03 e8 89 00 ff ff");
  for (const Role role : kBothRoles)
    CHECK_EQ(run(role, frame(peer_of(role), 0x82, frames)), Lines{"binary " + to_hex(frames)});
}

TEST("6.2-06 two fragmented messages in a row are two messages") {
  for (const Role role : kBothRoles) {
    const Role peer = peer_of(role);
    CHECK_EQ(run(role, frame(peer, 0x02, "a") + frame(peer, 0x80, "b") + frame(peer, 0x01, "c") +
                           frame(peer, 0x00, "d") + frame(peer, 0x80, "e")),
             (Lines{"binary \"ab\"", "text \"cde\""}));
  }
}

TEST("5.6-02 valid texts pass, whole and in a frame for each byte") {
  for (const Role role : kBothRoles) {
    const Role peer = peer_of(role);
    for (const ValidText& row : kValidTexts) {
      const Bytes text = hex(row.bytes);
      CHECK_EQ(run(role, frame(peer, 0x81, text)), Lines{"text " + quoted(text)});
      Bytes fragments = frame(peer, 0x01);
      for (const std::uint8_t byte : text) fragments = std::move(fragments) + frame(peer, 0x00, Bytes{byte});
      CHECK_EQ(run_pieces(role, {fragments + frame(peer, 0x80)}), Lines{"text " + quoted(text)});
    }
  }
}

TEST("5.6-04 binary is not looked into, nor are Pings and Pongs") {
  for (const Role role : kBothRoles) {
    const Role peer = peer_of(role);
    const std::string bytes = to_hex(kNotText);
    CHECK_EQ(run(role, frame(peer, 0x82, kNotText) + frame(peer, 0x89, kNotText) + frame(peer, 0x8a, kNotText)),
             (Lines{"binary " + bytes, "ping " + bytes, sends(role, frame(role, 0x8a, kNotText)), "pong " + bytes}));
  }
}

// ---- Pings and Pongs ----

TEST("5.5.3-02 a Pong has the same payload as the Ping that it answers, of 0 to 125 bytes") {
  for (const Role role : kBothRoles) {
    for (const Bytes& payload : {Bytes(), hex("61"), kNotText, some_bytes(124), some_bytes(125)}) {
      CHECK_EQ(run(role, frame(peer_of(role), 0x89, payload)),
               (Lines{"ping " + quoted(payload), sends(role, frame(role, 0x8a, payload))}));
    }
  }
}

TEST("5.5.2-03 each of ten Pings is answered, in order") {
  for (const Role role : kBothRoles) {
    Bytes input;
    Lines wanted;
    for (const char* digit : {"0", "1", "2", "3", "4", "5", "6", "7", "8", "9"}) {
      input = std::move(input) + frame(peer_of(role), 0x89, digit);
      wanted = std::move(wanted) + Lines{"ping " + quoted(bytes_of(digit)), sends(role, frame(role, 0x8a, digit))};
    }
    CHECK_EQ(run(role, input), wanted);
  }
}

TEST("5.5.3-05 a Pong that nobody asked for is not answered") {
  for (const Role role : kBothRoles) {
    const Role peer = peer_of(role);
    CHECK_EQ(run(role, frame(peer, 0x8a) + frame(peer, 0x8a, "unasked") + frame(peer, 0x89, "a")),
             (Lines{"pong \"\"", "pong \"unasked\"", "ping \"a\"", sends(role, frame(role, 0x8a, "a"))}));
  }
}

TEST("5.4-06 a Ping between two fragments is answered before the message is there") {
  for (const Role role : kBothRoles) {
    const Role peer = peer_of(role);
    CHECK_EQ(run(role, frame(peer, 0x01, "Hel") + frame(peer, 0x89, "now") + frame(peer, 0x80, "lo"), true),
             (Lines{"ping \"now\"", sends(role, frame(role, 0x8a, "now")), "text \"Hello\"",
                    sends(role, frame(role, 0x81, "Hello"))}));
  }
}

TEST("5.4-10 Pings and Pongs anywhere among the fragments leave the message whole") {
  for (const Role role : kBothRoles) {
    const Role peer = peer_of(role);
    const Bytes controls = frame(peer, 0x89, "a") + frame(peer, 0x8a, "b");
    const Lines seen = {"ping \"a\"", sends(role, frame(role, 0x8a, "a")), "pong \"b\""};
    CHECK_EQ(run(role, frame(peer, 0x01, "f1") + controls + frame(peer, 0x00, "f2") + controls +
                           frame(peer, 0x00, "f3") + controls + frame(peer, 0x80, "f4") + controls),
             seen + seen + seen + Lines{"text \"f1f2f3f4\""} + seen);
  }
}

TEST("5.4-08 events come in the order of their frames") {
  for (const Role role : kBothRoles) {
    const Role peer = peer_of(role);
    CHECK_EQ(
        run(role, frame(peer, 0x81, "1") + frame(peer, 0x8a, "2") + frame(peer, 0x82, "3") + frame(peer, 0x81, "4")),
        (Lines{"text \"1\"", "pong \"2\"", "binary \"3\"", "text \"4\""}));
  }
}

TEST("6.2-02 a control frame does what section 5.5 says, and the message that it interrupts goes on, but for a Close") {
  for (const Role role : kBothRoles) {
    const Role peer = peer_of(role);
    const auto inside_hello = [&](std::uint8_t first_byte, ByteView payload) {
      return run(role, frame(peer, 0x01, "Hel") + frame(peer, first_byte, payload) + frame(peer, 0x80, "lo"));
    };
    CHECK_EQ(inside_hello(0x89, bytes_of("a")),
             (Lines{"ping \"a\"", sends(role, frame(role, 0x8a, "a")), "text \"Hello\""}));
    CHECK_EQ(inside_hello(0x8a, bytes_of("a")), (Lines{"pong \"a\"", "text \"Hello\""}));
    CHECK_EQ(inside_hello(0x88, close_body(1001)),
             (Lines{"close 1001 \"\"", sends(role, frame(role, 0x88, close_body(1001)))}));
  }
}

TEST("5.5.2-05 a Ping can be sent with any payload up to 125 bytes") {
  for (const Role role : kBothRoles) {
    for (const Bytes& payload : {Bytes(), kNotText, some_bytes(125)}) {
      Bytes out;
      CHECK(Endpoint(role).protocol.send_ping(payload, out));
      CHECK_EQ(to_hex(out), to_hex(frame(role, 0x89, payload)));
    }
  }
}

// ---- Promises of our own: input, memory, what waits ----

TEST("6.2-01 what is not there completely is left in the input: a header, a control frame; never data") {
  struct Row {
    const char* from_server;
    std::size_t left;
  };
  constexpr Row rows[] = {
      {"81", 1},                                // half of two bytes
      {"82 7e 01", 3},                          // a header
      {"82 7f 00 00 00 00 00 01 00", 9},        // a longer one
      {"82 7e 01 00", 0},                       // a whole header
      {"81 05 48 65", 0},                       // and the beginning of a payload
      {"89 05 48 65 6c 6c", 6},                 // a Ping
      {"81 05 48 65 6c 6c 6f 89 05 48 65", 4},  // a Ping behind a message
  };
  for (const Row& row : rows) {
    Endpoint client(Role::client);
    client.receive(hex(row.from_server));
    CHECK_EQ(client.unread.size(), row.left);
  }
}

TEST("own-protocol-03 kMaxUnread is reached only by a frame that is there completely") {
  CHECK_EQ(Protocol::kMaxUnread, 131u);
  Endpoint server(Role::server);
  const Bytes ping = frame(Role::client, 0x89, Bytes(125, '*'));
  server.receive(ByteView(ping).first(130));
  CHECK_EQ(server.unread.size(), 130u);
  server.receive(ByteView(ping).last(1));
  CHECK_EQ(server.unread.size(), 0u);
  CHECK_EQ(server.lines.size(), 2u);
}

TEST("own-protocol-04 input is unmasked where it lies, and a whole message is a view of it") {
  Protocol server(Role::server);
  server.handshake_completed();
  Bytes memory = hex("81 85 37 fa 21 3d 7f 9f 4d 51 58 89 81 37 fa 21 3d 56");
  std::span<std::uint8_t> input = memory;
  const Event* event = server.next_event(input);
  CHECK(event && event->payload.data() == &memory[6]);
  CHECK_EQ(input.size(), 7u);
  event = server.next_event(input);
  CHECK(event && event->payload.data() == &memory[17]);
  CHECK_EQ(to_hex(memory), "81 85 37 fa 21 3d 48 65 6c 6c 6f 89 81 37 fa 21 3d 61");
}

TEST("own-protocol-05 message_waits() when a frame that ends a message is there to its last byte") {
  struct Row {
    const char* from_server;
    bool waits;
  };
  constexpr Row rows[] = {
      {"", false},
      {"81", false},
      {"81 05 48 65 6c 6c", false},
      {"81 05 48 65 6c 6c 6f", true},
      {"81 05 48 65 6c 6c 6f 81", true},
      {"82 00", true},
      {"01 05 48 65 6c 6c 6f", false},  // a first fragment
      {"89 00 81 00", false},           // a Ping stands before the message
      {"88 00", false},
      {"91 00", false},    // breaks a rule, with its header
      {"81 01 ff", true},  // breaks a rule, with its payload
  };
  for (const Row& row : rows) {
    Endpoint client(Role::client);
    const std::string name = std::string(row.from_server) + ": ";
    const bool waits = client.protocol.message_waits(hex(row.from_server));
    CHECK_EQ(name + (waits ? "waits" : "does not"), name + (row.waits ? "waits" : "does not"));
  }
}

TEST("own-protocol-06 message_waits() knows what was received before") {
  Endpoint client(Role::client);
  CHECK(client.protocol.message_waits(hex("80 01 61")));  // a continuation of nothing: it will fail
  client.receive(hex("01 01 61"));
  CHECK(client.protocol.message_waits(hex("80 01 62")));
  client.receive(hex("80 02 62"));
  CHECK(!client.protocol.message_waits(hex("81 00")));  // 81 is payload now
  client.receive(hex("63 88 00"));
  CHECK(!client.protocol.message_waits(hex("81 00")));  // nothing is read after a Close
}

TEST("own-protocol-07 inside_message() from a message's first byte of payload to its last") {
  Endpoint client(Role::client);
  CHECK(!client.protocol.inside_message());
  client.receive(hex("81"));
  CHECK(!client.protocol.inside_message());
  client.receive(hex("02"));
  CHECK(client.protocol.inside_message());
  client.receive(hex("61 62"));
  CHECK(!client.protocol.inside_message());
  client.receive(hex("01 01 61 89 00"));
  CHECK(client.protocol.inside_message());
  client.receive(hex("80 00"));
  CHECK(!client.protocol.inside_message());
}

TEST("own-protocol-08 memory can be given back at any time, and nothing of a message is lost") {
  for (const Role role : kBothRoles) {
    const Role peer = peer_of(role);
    Endpoint endpoint(role);
    for (const std::uint8_t byte : frame(peer, 0x01, "Hel") + frame(peer, 0x80, "lo") + frame(peer, 0x81, "again")) {
      endpoint.protocol.release_memory();
      endpoint.receive(Bytes{byte});
    }
    CHECK_EQ(endpoint.lines, (Lines{"text \"Hello\"", "text \"again\""}));
  }
}

TEST("own-protocol-13 who stops reading hears of nothing any more, an unfinished message included") {
  for (const Role role : {Role::server, Role::client}) {
    const Role peer = peer_of(role);
    Endpoint endpoint(role);
    endpoint.receive(frame(peer, 0x01, "Hel"));
    CHECK(endpoint.protocol.inside_message());
    endpoint.protocol.stop_reading();
    endpoint.receive(frame(peer, 0x80, "lo") + frame(peer, 0x81, "again") + frame(peer, 0x89, ""));
    CHECK(endpoint.lines.empty());
    CHECK(!endpoint.protocol.message_waits(frame(peer, 0x81, "again")));
  }
}

// ---- Client against server ----

namespace {

// What `sender` sends arrives at `receiver` as one message with this payload; nothing else happens.
void check_arrives(Endpoint& sender, Endpoint& receiver, Opcode opcode, const Bytes& payload) {
  Bytes out;
  ByteView rest;
  CHECK(sender.protocol.send_message({opcode, payload}, out, &rest));
  receiver.lines.clear();
  receiver.receive(out);
  receiver.receive(rest);
  CHECK(receiver.lines == Lines{to_string(opcode) + ' ' + quoted(payload)});
  CHECK(receiver.unread.empty());
}

}  // namespace

TEST("own-protocol-09 what either end sends the other receives, at every size, whole and in fragments") {
  for (const std::size_t max_frame_payload : {0u, 1u, 125u, 126u, 4096u, 65535u, 65536u}) {
    const ProtocolOptions options = {.max_frame_payload = max_frame_payload};
    Endpoint client(Role::client, options);
    Endpoint server(Role::server, options);
    for (const std::size_t size : {0u, 1u, 2u, 7u, 8u, 9u, 124u, 125u, 126u, 127u, 4095u, 4096u, 4097u, 65534u, 65535u,
                                   65536u, 65537u, 131072u}) {
      if (max_frame_payload == 1 && size > 5000) continue;
      check_arrives(client, server, Opcode::binary, some_bytes(size));
      check_arrives(server, client, Opcode::binary, some_bytes(size));
      check_arrives(client, server, Opcode::text, some_text(size));
      check_arrives(server, client, Opcode::text, some_text(size));
    }
  }
}

TEST("own-protocol-10 a message of the largest size passes, both ways, and one byte more fails with 1009") {
  const Bytes payload = some_bytes(1 << 20);
  Endpoint client(Role::client, {.max_message = 1 << 20});
  Endpoint server(Role::server, {.max_message = 1 << 20});
  check_arrives(client, server, Opcode::binary, payload);
  check_arrives(server, client, Opcode::binary, payload);
  server.lines.clear();
  server.receive(frame(Role::client, 0x82, Bytes((1 << 20) + 1)));
  CHECK_EQ(server.lines, fails(Role::server, 1009, "a message is longer than this endpoint accepts"));
}

TEST("own-protocol-11 events and answers are the same however a conversation is cut") {
  for (const Role role : kBothRoles) {
    const Role peer = peer_of(role);
    const Bytes input = frame(peer, 0x81, "one") + frame(peer, 0x89, "p") + frame(peer, 0x01, "tw") +
                        frame(peer, 0x8a) + frame(peer, 0x00) + frame(peer, 0x89) + frame(peer, 0x80, "o") +
                        frame(peer, 0x82, Bytes(200, 'b')) + frame(peer, 0x88, close_body(1000, "bye")) +
                        frame(peer, 0x81, "late");
    CHECK_EQ(run(role, input, true),
             (Lines{"text \"one\"", sends(role, frame(role, 0x81, "one")), "ping \"p\"",
                    sends(role, frame(role, 0x8a, "p")), "pong \"\"", "ping \"\"", sends(role, frame(role, 0x8a)),
                    "text \"two\"", sends(role, frame(role, 0x81, "two")), "binary " + quoted(Bytes(200, 'b')),
                    sends(role, frame(role, 0x82, Bytes(200, 'b'))), "close 1000 \"bye\"",
                    sends(role, frame(role, 0x88, close_body(1000)))}));
  }
}

namespace {

// Whether `message` is what `role` receives when its peer sends it in frames of `max_frame_payload` bytes (0: in one),
// and the network delivers them in pieces of `piece` bytes.
bool passes(Role role, const Message& message, std::size_t max_frame_payload, std::size_t piece) {
  Endpoint sender(peer_of(role), {.max_frame_payload = max_frame_payload});
  Bytes wire;
  sender.protocol.send_message(message, wire);
  Protocol receiver(role);
  receiver.handshake_completed();
  std::size_t messages = 0;
  bool same = true;
  for (std::size_t taken = 0, arrived = 0; arrived < wire.size();) {
    arrived = std::min(arrived + piece, wire.size());
    std::span<std::uint8_t> input = std::span(wire).subspan(taken, arrived - taken);
    for (; const Event* event = receiver.next_event(input); ++messages) {
      same = same && event->opcode == message.opcode && text_of(event->payload) == message.text();
    }
    taken = arrived - input.size();
  }
  return same && messages == 1;
}

}  // namespace

TEST("own-protocol-12 large messages arrive as they were sent, however they are cut into frames and pieces") {
  constexpr std::size_t kMiB = 1024 * 1024;
  const Bytes text = some_text(16 * kMiB);
  const Bytes binary = some_bytes(16 * kMiB);
  const auto part = [](Opcode opcode, const Bytes& bytes, std::size_t size) {
    return Message{opcode, ByteView(bytes).first(size)};
  };
  for (const Role role : kBothRoles) {
    CHECK(passes(role, part(Opcode::text, text, 16 * kMiB), 0, 32 * kMiB));
    CHECK(passes(role, part(Opcode::binary, binary, 16 * kMiB), 0, 64 * 1024));
    for (const std::size_t max_frame_payload : {64u, 1024u, 65536u, 1048576u}) {
      CHECK(passes(role, part(Opcode::text, text, 4 * kMiB), max_frame_payload, 64 * 1024));
      CHECK(passes(role, part(Opcode::binary, binary, 4 * kMiB), max_frame_payload, 32 * kMiB));
    }
    for (const std::size_t piece : {64u, 997u, 2048u}) {
      CHECK(passes(role, part(Opcode::text, text, kMiB), 0, piece));
      CHECK(passes(role, part(Opcode::binary, binary, kMiB), 0, piece));
    }
  }
}
