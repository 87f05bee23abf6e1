// Chapter 12: how a connection ends: the closing handshake, the failure, and the loss, in either role.
#include <functional>

#include "check.h"
#include "memory.h"
#include "transcript.h"
#include "utf8_vectors.h"
#include "wire.h"

using namespace websock;

namespace {

constexpr const char* kBadCode = "a close code that may not be sent";
constexpr const char* kNotUtf8 = "a text message is not UTF-8";
constexpr const char* kTooBig = "a message is longer than this endpoint accepts";
constexpr const char* kLongControl = "a control frame is longer than 125 bytes";

Bytes close_frame(Role sender, unsigned code, std::string_view reason = "") {
  return frame(sender, 0x88, close_body(code, reason));
}

// Frames in order, of every kind, to follow an end of which none may come through.
Bytes one_of_each(Role sender) {
  return frame(sender, 0x81, "text") + frame(sender, 0x82, "binary") + frame(sender, 0x89, "ping") +
         frame(sender, 0x8a, "pong") + close_frame(sender, 4000, "again");
}

// The connection fails with this code and reason, however the input is cut, and nothing behind it is looked at.
void check_fails(Role role, const Bytes& input, unsigned code, std::string_view why) {
  CHECK_EQ(run(role, input + one_of_each(peer_of(role))), fails(role, code, why));
}

// That nothing more can be sent, and that nothing is written in the attempt.
void check_silent(Protocol& protocol) {
  Bytes out;
  CHECK(!protocol.send_message({Opcode::text, bytes_of("Hello")}, out));
  CHECK(!protocol.send_message({Opcode::binary, {}}, out));
  CHECK(!protocol.send_ping({}, out));
  CHECK(!protocol.send_close({CloseCode::normal_closure, ""}, out));
  CHECK_EQ(to_hex(out), "");
}

// What `endpoint` sends to close.
Bytes closes(Endpoint& endpoint, const CloseBody& body) {
  Bytes out;
  CHECK(endpoint.protocol.send_close(body, out));
  return out;
}

}  // namespace

// ---- The states ----

namespace {

// Brings a fresh `endpoint` into a state in which `edge` can be taken, and takes it.
void walk(const Edge& edge, Protocol& protocol) {
  Bytes out;
  const Event peers_close{.type = EventType::close, .close = {CloseCode::normal_closure, ""}};
  if (edge.from != State::connecting) protocol.handshake_completed();
  if (edge.from == State::closing && edge.trigger != Trigger::close_sent) protocol.send_close({}, out);
  const bool by_respond = edge.from == State::closing && edge.trigger == Trigger::close_sent;
  if (!by_respond) CHECK_EQ(to_string(protocol.state()), to_string(edge.from));
  switch (edge.trigger) {
    case Trigger::handshake_completed:
      return protocol.handshake_completed();
    case Trigger::transport_closed:
      return protocol.transport_closed();
    case Trigger::close_received:
      return protocol.respond(peers_close, out);
    case Trigger::close_sent:
      // From closing: the peer's Close brings it there, and the answer follows in the same call.
      if (by_respond) return protocol.respond(peers_close, out);
      CHECK(protocol.send_close({}, out));
  }
}

}  // namespace

TEST("7.1.3-01 every edge of the table is walked, and there are these eight") {
  struct Row {
    State from;
    Trigger trigger;
    const char* to;
  };
  constexpr Row rows[] = {
      {State::connecting, Trigger::handshake_completed, "open"},
      {State::connecting, Trigger::transport_closed, "closed"},
      {State::open, Trigger::close_sent, "closing"},
      {State::open, Trigger::close_received, "closing"},
      {State::open, Trigger::transport_closed, "closed"},
      {State::closing, Trigger::close_sent, "closing"},
      {State::closing, Trigger::close_received, "closing"},
      {State::closing, Trigger::transport_closed, "closed"},
  };
  CHECK_EQ(kEdges.size(), std::size(rows));
  for (const Row& row : rows) {
    CHECK_EQ(to_string(next_state(row.from, row.trigger)), row.to);
    for (const Role role : kBothRoles) {
      Protocol protocol(role);
      walk({row.from, row.trigger, State::closed, ""}, protocol);
      CHECK_EQ(to_string(protocol.state()), row.to);
    }
  }
}

TEST("4.1-01 an endpoint begins in the connecting state, and can send nothing there") {
  for (const Role role : kBothRoles) {
    Protocol protocol(role);
    CHECK_EQ(to_string(protocol.state()), "connecting");
    check_silent(protocol);
    Bytes out;
    protocol.respond(Event{.type = EventType::ping}, out);
    protocol.respond(Event{.type = EventType::failed, .close = {CloseCode::protocol_error, "why"}}, out);
    CHECK_EQ(to_hex(out), "");
    CHECK_EQ(to_string(protocol.state()), "connecting");
  }
}

TEST("7.1.4-01 when the TCP connection is closed the state is closed, and nothing can be sent") {
  for (const Role role : kBothRoles) {
    Endpoint endpoint(role);
    endpoint.protocol.transport_closed();
    endpoint.protocol.transport_closed();  // a second time changes nothing
    CHECK_EQ(to_string(endpoint.protocol.state()), "closed");
    check_silent(endpoint.protocol);
    Bytes out;
    endpoint.protocol.respond(Event{.type = EventType::ping}, out);
    endpoint.protocol.respond(Event{.type = EventType::close}, out);
    CHECK_EQ(to_hex(out), "");
    CHECK_EQ(to_string(endpoint.protocol.state()), "closed");
  }
}

TEST("6.1-02 a message is sent in the open state, and in no other") {
  for (const Role role : kBothRoles) {
    const auto sends_after = [role](const std::function<void(Protocol&, Bytes&)>& what) {
      Protocol protocol(role);
      Bytes out;
      what(protocol, out);
      out.clear();
      const bool sent = protocol.send_message({Opcode::text, bytes_of("Hello")}, out);
      CHECK_EQ(sent, !out.empty());
      return sent;
    };
    const auto open = [](Protocol& protocol) { protocol.handshake_completed(); };
    const Event peers_close{.type = EventType::close, .close = {CloseCode::normal_closure, ""}};
    CHECK(!sends_after([](Protocol&, Bytes&) {}));
    CHECK(sends_after([&](Protocol& protocol, Bytes&) { open(protocol); }));
    CHECK(!sends_after([&](Protocol& protocol, Bytes& out) { open(protocol), protocol.send_close({}, out); }));
    CHECK(!sends_after([&](Protocol& protocol, Bytes& out) { open(protocol), protocol.respond(peers_close, out); }));
    CHECK(!sends_after([&](Protocol& protocol, Bytes&) { open(protocol), protocol.transport_closed(); }));
  }
}

// ---- The closing handshake ----

TEST("7.1.2-01 we start it with a Close of the given code and reason") {
  struct Row {
    Role role;
    CloseBody body;
    const char* bytes;
  };
  const std::vector<Row> rows = {
      {Role::server, {}, "88 00"},
      {Role::server, {CloseCode::normal_closure, ""}, "88 02 03 e8"},
      {Role::server, {CloseCode::normal_closure, "bye"}, "88 05 03 e8 62 79 65"},
      {Role::server, {CloseCode::going_away, ""}, "88 02 03 e9"},
      {Role::server, {CloseCode::internal_error, ""}, "88 02 03 f3"},
      {Role::client, {}, "88 80 37 fa 21 3d"},
      {Role::client, {CloseCode::normal_closure, ""}, "88 82 37 fa 21 3d 34 12"},
      {Role::client, {CloseCode::normal_closure, "bye"}, "88 85 37 fa 21 3d 34 12 43 44 52"},
      {Role::client, {CloseCode::going_away, ""}, "88 82 37 fa 21 3d 34 13"},
      {Role::client, {CloseCode::internal_error, ""}, "88 82 37 fa 21 3d 34 09"},
  };
  for (const Row& row : rows) {
    Endpoint endpoint(row.role);
    CHECK_EQ(to_hex(closes(endpoint, row.body)), row.bytes);
    CHECK_EQ(to_string(endpoint.protocol.state()), "closing");
  }
}

TEST("5.5.1-08 the peer's Close is answered with one Close") {
  CHECK_EQ(run(Role::server, hex("88 85 37 fa 21 3d 34 12 43 44 52")),
           (Lines{"close 1000 \"bye\"", "server sends 88 02 03 e8"}));
  CHECK_EQ(run(Role::client, hex("88 05 03 e8 62 79 65")),
           (Lines{"close 1000 \"bye\"", "client sends 88 82 37 fa 21 3d 34 12"}));
}

TEST("5.5.1-09 the answer repeats the code; an empty Close is answered with an empty one") {
  for (const Role role : kBothRoles) {
    CHECK_EQ(run(role, frame(peer_of(role), 0x88)), (Lines{"close no code", sends(role, frame(role, 0x88))}));
    for (const unsigned code : {1000u, 1001u, 1002u, 1003u, 1007u, 1008u, 1009u, 1010u, 1011u, 1012u, 1013u, 1014u,
                                3000u, 3999u, 4000u, 4999u}) {
      CHECK_EQ(run(role, close_frame(peer_of(role), code)),
               (Lines{"close " + std::to_string(code) + " \"\"", sends(role, close_frame(role, code))}));
    }
  }
}

TEST("5.5.1-04 a Close may have a reason of up to 123 bytes") {
  for (const Role role : kBothRoles) {
    const std::string longest(123, '*');
    CHECK_EQ(run(role, close_frame(peer_of(role), 1000, longest)),
             (Lines{"close 1000 \"" + longest + '"', sends(role, close_frame(role, 1000))}));
  }
}

TEST("1.4-02 what comes after a Close is discarded, another Close too") {
  for (const Role role : kBothRoles) {
    const Role peer = peer_of(role);
    CHECK_EQ(run(role, frame(peer, 0x81, "a") + close_frame(peer, 1000) + one_of_each(peer)),
             (Lines{"text \"a\"", "close 1000 \"\"", sends(role, close_frame(role, 1000))}));
    // Bytes that break every rule are not looked at either.
    CHECK_EQ(run(role, close_frame(peer, 1000) + hex("ff ff ff ff ff ff ff ff")),
             (Lines{"close 1000 \"\"", sends(role, close_frame(role, 1000))}));
  }
}

TEST("5.5.1-13 a Close in the middle of a message ends the message with it") {
  for (const Role role : kBothRoles) {
    const Role peer = peer_of(role);
    CHECK_EQ(run(role, frame(peer, 0x01, "Hel") + close_frame(peer, 1000) + frame(peer, 0x80, "lo")),
             (Lines{"close 1000 \"\"", sends(role, close_frame(role, 1000))}));
  }
}

TEST("5.5.2-03 after the peer's Close no Ping is answered, after ours alone it is") {
  for (const Role role : kBothRoles) {
    const Role peer = peer_of(role);
    Endpoint endpoint(role);
    closes(endpoint, {CloseCode::normal_closure, ""});
    endpoint.receive(frame(peer, 0x89, "a") + close_frame(peer, 1000) + frame(peer, 0x89, "b"));
    CHECK_EQ(endpoint.lines, (Lines{"ping \"a\"", sends(role, frame(role, 0x8a, "a")), "close 1000 \"\""}));
  }
}

TEST("5.5.1-07 after a Close was sent, ours or the answer, no data, no Ping and no second Close") {
  for (const Role role : kBothRoles) {
    Endpoint starts(role);
    closes(starts, {});
    check_silent(starts.protocol);
    Endpoint answers(role);
    answers.receive(close_frame(peer_of(role), 1000));
    check_silent(answers.protocol);
    CHECK_EQ(to_string(answers.protocol.state()), "closing");
  }
}

TEST("6.1-03 no frame of a message goes out when the state leaves open before it") {
  for (const Role role : kBothRoles) {
    Endpoint endpoint(role, {.max_frame_payload = 1});
    endpoint.receive(close_frame(peer_of(role), 1000));
    Bytes out;
    CHECK(!endpoint.protocol.send_message({Opcode::text, bytes_of("Hello")}, out));
    CHECK_EQ(to_hex(endpoint.sent + out), to_hex(close_frame(role, 1000)));
  }
}

TEST("5.5.1-12 after our Close the peer may finish its message: it is received, and nothing answers it") {
  for (const Role role : kBothRoles) {
    const Role peer = peer_of(role);
    Endpoint endpoint(role);
    endpoint.echoes = true;
    endpoint.receive(frame(peer, 0x01, "Hel"));
    closes(endpoint, {CloseCode::normal_closure, ""});
    endpoint.receive(frame(peer, 0x80, "lo") + close_frame(peer, 1000));
    CHECK_EQ(endpoint.lines, (Lines{"text \"Hello\"", "close 1000 \"\""}));
  }
}

TEST("5.5.1-18 when both send a Close at once there are two and no third, and both ends are clean") {
  Endpoint client(Role::client);
  Endpoint server(Role::server);
  const Bytes from_client = closes(client, {CloseCode{4001}, "client"});
  const Bytes from_server = closes(server, {CloseCode{4002}, "server"});
  client.receive(from_server);
  server.receive(from_client);
  CHECK_EQ(client.lines, Lines{"close 4002 \"server\""});
  CHECK_EQ(server.lines, Lines{"close 4001 \"client\""});
  client.protocol.transport_closed();
  server.protocol.transport_closed();
  CHECK_EQ(client.ending(), "clean, 4002 \"server\"; sent 4001 \"client\"; received 4002 \"server\"");
  CHECK_EQ(server.ending(), "clean, 4001 \"client\"; sent 4002 \"server\"; received 4001 \"client\"");
}

TEST("1.4-01 either end starts, the other answers, and both are clean") {
  for (const Role role : kBothRoles) {
    Endpoint starts(role);
    Endpoint answers(peer_of(role));
    answers.receive(closes(starts, {CloseCode::going_away, "bye"}));
    starts.receive(answers.sent);
    CHECK_EQ(starts.lines, Lines{"close 1001 \"\""});
    CHECK_EQ(starts.ending(), "not clean, 1001 \"\"; sent 1001 \"bye\"; received 1001 \"\"");  // TCP is open
    starts.protocol.transport_closed();
    answers.protocol.transport_closed();
    CHECK_EQ(starts.ending(), "clean, 1001 \"\"; sent 1001 \"bye\"; received 1001 \"\"");
    CHECK_EQ(answers.ending(), "clean, 1001 \"bye\"; sent 1001 \"\"; received 1001 \"bye\"");
  }
}

// ---- What is said of the end ----

namespace {

// The ending after `input` arrived and the TCP connection was lost.
std::string ending_after(Role role, const Bytes& input) {
  Endpoint endpoint(role);
  endpoint.receive(input);
  endpoint.protocol.transport_closed();
  return endpoint.ending();
}

}  // namespace

TEST("7.1.5-01 the close code is that of the first Close received") {
  for (const Role role : kBothRoles) {
    const Role peer = peer_of(role);
    CHECK_EQ(ending_after(role, close_frame(peer, 4001, "first") + close_frame(peer, 4002, "second")),
             "clean, 4001 \"first\"; sent 4001 \"\"; received 4001 \"first\"");
  }
}

TEST("7.1.5-02 if that had no code, it is 1005") {
  for (const Role role : kBothRoles)
    CHECK_EQ(ending_after(role, frame(peer_of(role), 0x88)), "clean, 1005 \"\"; sent no code; received no code");
}

TEST("7.1.5-03 if none was received, it is 1006") {
  for (const Role role : kBothRoles) {
    CHECK_EQ(ending_after(role, {}), "not clean, 1006 \"\"; sent nothing; received nothing");
    CHECK_EQ(ending_after(role, frame(peer_of(role), 0x81, "a")),
             "not clean, 1006 \"\"; sent nothing; received nothing");
    // the first byte of a Close is no Close
    CHECK_EQ(ending_after(role, hex("88")), "not clean, 1006 \"\"; sent nothing; received nothing");
  }
}

TEST("7.1.4-02 a Close that is not answered before the TCP connection ends is not clean") {
  for (const Role role : kBothRoles) {
    Endpoint endpoint(role);
    closes(endpoint, {CloseCode::normal_closure, "bye"});
    endpoint.protocol.transport_closed();
    CHECK_EQ(endpoint.ending(), "not clean, 1006 \"\"; sent 1000 \"bye\"; received nothing");
  }
}

TEST("7.1.4-03 a connection that was never established is closed, and not cleanly") {
  for (const Role role : kBothRoles) {
    Protocol protocol(role);
    protocol.transport_closed();
    CHECK_EQ(to_string(protocol.state()), "closed");
    CHECK(!protocol.close_info().clean);
    CHECK(protocol.close_info().code == CloseCode::abnormal_closure);
  }
}

TEST("7.1.5-04 the two ends may see different codes, when their Closes cross") {
  Endpoint client(Role::client);
  Endpoint server(Role::server);
  const Bytes from_client = closes(client, {CloseCode{4001}, ""});
  const Bytes from_server = closes(server, {});
  client.receive(from_server);
  server.receive(from_client);
  CHECK(client.protocol.close_info().code == CloseCode::no_status_received);
  CHECK(server.protocol.close_info().code == CloseCode{4001});
}

TEST("7.1.6-01 the reason is that of the Close received, in UTF-8, or empty") {
  CHECK_EQ(ending_after(Role::server, close_frame(Role::client, 1000, "\xc3\xa9")),
           "clean, 1000 c3 a9; sent 1000 \"\"; received 1000 c3 a9");
  CHECK_EQ(ending_after(Role::client, close_frame(Role::server, 1000)),
           "clean, 1000 \"\"; sent 1000 \"\"; received 1000 \"\"");
}

TEST("7.2.1-02 a connection that failed is not clean, whatever the peer still sends") {
  for (const Role role : kBothRoles) {
    const Role peer = peer_of(role);
    CHECK_EQ(ending_after(role, frame(peer, 0x83) + close_frame(peer, 1000)),
             "not clean, 1006 \"\"; sent 1002 \"the opcode is reserved\"; received nothing");
  }
}

// ---- Failing: 1002 ----

TEST("5.1-03 an unmasked frame from a client fails with 1002") {
  CHECK_EQ(run(Role::server, hex("81 05 48 65 6c 6c 6f")),
           fails(Role::server, 1002, "a frame from a client is not masked"));
  CHECK_EQ(run(Role::server, hex("88 02 03 e8")), fails(Role::server, 1002, "a frame from a client is not masked"));
}

TEST("5.1-06 a masked frame from a server fails with 1002") {
  CHECK_EQ(run(Role::client, hex("81 85 37 fa 21 3d 7f 9f 4d 51 58")),
           fails(Role::client, 1002, "a frame from a server is masked"));
}

TEST("7.1.7-05 the Close of a failure has code and reason, in bytes: 88 17 03ea ...") {
  CHECK_EQ(run(Role::server, hex("c1 80 37 fa 21 3d")),
           (Lines{"failed 1002 \"a reserved bit is set\"",
                  "server sends 88 17 03 ea 61 20 72 65 73 65 72 76 65 64 20 62 69 74 20 69 73 20 73 65 74"}));
}

TEST("5.2-05 a reserved bit fails with 1002") {
  for (const Role role : kBothRoles)
    for (const std::uint8_t first : hex("c1 a1 91 b1 d2 e0 e9 f8"))
      check_fails(role, frame(peer_of(role), first), 1002, "a reserved bit is set");
}

TEST("5.8-01 no extension was negotiated: no reserved bit is in order, with any opcode, in either role") {
  for (const Role role : kBothRoles) {
    for (const std::uint8_t opcode : hex("00 01 02 08 09 0a")) {
      for (unsigned rsv = 1; rsv <= 7; ++rsv) {
        const auto first = static_cast<std::uint8_t>(0x80 | rsv << 4 | opcode);
        check_fails(role, frame(peer_of(role), first), 1002, "a reserved bit is set");
      }
    }
  }
}

TEST("5.2-06 a reserved opcode fails with 1002, with payload or without") {
  for (const Role role : kBothRoles) {
    for (const std::uint8_t opcode : hex("03 04 05 06 07 0b 0c 0d 0e 0f")) {
      const auto first = static_cast<std::uint8_t>(0x80 | opcode);
      check_fails(role, frame(peer_of(role), first), 1002, "the opcode is reserved");
      check_fails(role, frame(peer_of(role), first, "payload"), 1002, "the opcode is reserved");
    }
  }
}

TEST("5.4-07 a control frame without FIN fails with 1002, as soon as its header is seen") {
  for (const Role role : kBothRoles) {
    const Role peer = peer_of(role);
    for (const std::uint8_t first : hex("08 09 0a"))
      check_fails(role, frame(peer, first, "a") + frame(peer, 0x80, "b"), 1002, "a control frame is fragmented");
  }
}

TEST("5.5-02 a control frame of more than 125 bytes fails with 1002") {
  for (const Role role : kBothRoles) {
    const Role peer = peer_of(role);
    check_fails(role, frame(peer, 0x89, Bytes(126, 0xfe)), 1002, kLongControl);
    check_fails(role, close_frame(peer, 1000, std::string(124, '*')), 1002, kLongControl);
  }
  check_fails(Role::server, hex("8a ff"), 1002, kLongControl);  // no longer header is waited for
  check_fails(Role::client, hex("8a 7f"), 1002, kLongControl);
}

TEST("5.2-19 a length with its top bit set fails with 1002") {
  check_fails(Role::server, hex("82 ff 80 00 00 00 00 00 00 00"), 1002, "the top bit of a 64-bit length is set");
  check_fails(Role::client, hex("82 7f 80 00 00 00 00 00 00 00"), 1002, "the top bit of a 64-bit length is set");
}

TEST("5.2-21 a length that is not in its shortest form fails with 1002") {
  constexpr const char* kWhy = "a length is not in its shortest form";
  check_fails(Role::server, hex("82 fe 00 7d"), 1002, kWhy);
  check_fails(Role::client, hex("82 7e 00 7d"), 1002, kWhy);
  check_fails(Role::server, hex("82 ff 00 00 00 00 00 00 ff ff"), 1002, kWhy);
  check_fails(Role::client, hex("82 7f 00 00 00 00 00 00 ff ff"), 1002, kWhy);
}

TEST("5.4-04 a continuation frame that continues nothing fails with 1002, with FIN and without") {
  for (const Role role : kBothRoles) {
    const Role peer = peer_of(role);
    constexpr const char* kWhy = "a continuation frame continues nothing";
    check_fails(role, frame(peer, 0x80, "a"), 1002, kWhy);
    check_fails(role, frame(peer, 0x00, "a"), 1002, kWhy);
    for (const std::uint8_t first : hex("00 80")) {
      CHECK_EQ(run(role, frame(peer, 0x01, "a") + frame(peer, 0x80, "b") + frame(peer, first, "c")),
               Lines{"text \"ab\""} + fails(role, 1002, kWhy));
      CHECK_EQ(run(role, frame(peer, 0x81, "a") + frame(peer, first, "c")),
               Lines{"text \"a\""} + fails(role, 1002, kWhy));
    }
  }
}

TEST("5.4-09 a message that begins inside another fails with 1002") {
  for (const Role role : kBothRoles) {
    const Role peer = peer_of(role);
    for (const std::uint8_t first : hex("01 02 81 82"))
      check_fails(role, frame(peer, 0x01, "a") + frame(peer, first, "b"), 1002, "a new message begins inside another");
  }
}

TEST("5.5.1-03 a Close body of one byte fails with 1002") {
  for (const Role role : kBothRoles)
    check_fails(role, frame(peer_of(role), 0x88, hex("03")), 1002, "a Close body has one byte");
}

TEST("7.4.1-08 a code that may not travel fails with 1002, and is not sent back") {
  for (const Role role : kBothRoles) {
    for (const unsigned code : {0u, 999u, 1004u, 1005u, 1006u, 1015u, 1016u, 1100u, 2000u, 2999u, 5000u, 65535u})
      check_fails(role, close_frame(peer_of(role), code, "reason"), 1002, kBadCode);
  }
}

TEST("7.4.2-02 the same in the bytes of a client") {
  for (const char* bytes : {
           "88 82 37 fa 21 3d 34 1d",  // 999
           "88 82 37 fa 21 3d 34 16",  // 1004
           "88 82 37 fa 21 3d 34 17",  // 1005
           "88 82 37 fa 21 3d 34 14",  // 1006
           "88 82 37 fa 21 3d 34 0d",  // 1015
           "88 82 37 fa 21 3d 34 02",  // 1016
           "88 82 37 fa 21 3d 3c 4d",  // 2999
           "88 82 37 fa 21 3d 24 72",  // 5000
           "88 82 37 fa 21 3d c8 05",  // 65535
       }) {
    check_fails(Role::server, hex(bytes), 1002, kBadCode);
  }
}

// ---- Failing: 1007 and 1009 ----

TEST("8.1-01 text that is not UTF-8 fails with 1007, in one frame and in a frame for each byte") {
  for (const Role role : kBothRoles) {
    const Role peer = peer_of(role);
    for (const InvalidText& row : kInvalidTexts) {
      const Bytes text = hex(row.bytes);
      check_fails(role, frame(peer, 0x81, text), 1007, kNotUtf8);
      Bytes fragments = frame(peer, 0x01);
      for (const std::uint8_t byte : text) fragments = std::move(fragments) + frame(peer, 0x00, Bytes{byte});
      CHECK_EQ(run_pieces(role, {fragments + frame(peer, 0x80)}), fails(role, 1007, kNotUtf8));
    }
  }
}

TEST("7.4.1-12 a bad byte fails with 1007 when it arrives, long before its frame or message ends") {
  for (const Role role : kBothRoles) {
    const Role peer = peer_of(role);
    for (const InvalidText& row : kInvalidTexts) {
      if (row.at == kEnd) continue;
      const Bytes text = hex(row.bytes);
      const Bytes whole = frame(peer, 0x01, text + Bytes(100, 'a'));
      const std::size_t up_to_it = whole.size() - 100 - text.size() + row.at;
      Endpoint in_a_frame(role);
      in_a_frame.receive(ByteView(whole).first(up_to_it));
      CHECK_EQ(in_a_frame.lines, Lines{});
      in_a_frame.receive(ByteView(whole).subspan(up_to_it, 1));
      CHECK_EQ(in_a_frame.lines, fails(role, 1007, kNotUtf8));

      Endpoint in_fragments(role);
      in_fragments.receive(frame(peer, 0x01, ByteView(text).first(row.at)));
      CHECK_EQ(in_fragments.lines, Lines{});
      in_fragments.receive(frame(peer, 0x00, ByteView(text).subspan(row.at, 1)));
      CHECK_EQ(in_fragments.lines, fails(role, 1007, kNotUtf8));
    }
  }
}

TEST("5.5.1-04 a reason that is not UTF-8 fails with 1007") {
  for (const Role role : kBothRoles)
    for (const InvalidText& row : kInvalidTexts)
      check_fails(role, frame(peer_of(role), 0x88, close_body(1000) + hex(row.bytes)), 1007,
                  "a close reason is not UTF-8");
}

TEST("7.4.1-14 a frame that announces too much fails with 1009 on its header alone") {
  check_fails(Role::server, hex("82 ff 40 00 00 00 00 00 00 00 37 fa 21 3d"), 1009, kTooBig);  // 2^62
  check_fails(Role::client, hex("82 7f 40 00 00 00 00 00 00 00"), 1009, kTooBig);
  check_fails(Role::server, hex("81 ff 7f ff ff ff ff ff ff ff 37 fa 21 3d"), 1009, kTooBig);  // 2^63 - 1
  check_fails(Role::client, hex("81 7f 7f ff ff ff ff ff ff ff"), 1009, kTooBig);
}

TEST("10.4-01 fragments that add up to too much fail with 1009, even if the sum would wrap round") {
  check_fails(Role::server, frame(Role::client, 0x02, "12345") + hex("00 ff 7f ff ff ff ff ff ff ff 37 fa 21 3d"), 1009,
              kTooBig);
  for (const Role role : kBothRoles) {
    const Role peer = peer_of(role);
    Endpoint endpoint(role, {.max_message = 5});
    endpoint.receive(frame(peer, 0x01, "123") + frame(peer, 0x80, "45") + frame(peer, 0x01, "123") + frame(peer, 0x89) +
                     frame(peer, 0x80, "456"));
    CHECK_EQ(endpoint.lines,
             (Lines{"text \"12345\"", "ping \"\"", sends(role, frame(role, 0x8a))} + fails(role, 1009, kTooBig)));
  }
}

// ---- After a failure ----

TEST("7.1.7-07 what came before a failure is still answered, what comes after is not, in the same input") {
  for (const Role role : kBothRoles) {
    const Role peer = peer_of(role);
    CHECK_EQ(
        run(role, frame(peer, 0x81, "first") + frame(peer, 0x89, "a") + frame(peer, 0xa1, "second") + one_of_each(peer),
            true),
        (Lines{"text \"first\"", sends(role, frame(role, 0x81, "first")), "ping \"a\"",
               sends(role, frame(role, 0x8a, "a"))} +
         fails(role, 1002, "a reserved bit is set")));
  }
}

TEST("7.1.7-03 after a failure nothing can be sent, and nothing is kept of the input") {
  for (const Role role : kBothRoles) {
    Endpoint endpoint(role);
    endpoint.receive(frame(peer_of(role), 0x83));
    check_silent(endpoint.protocol);
    CHECK_EQ(to_string(endpoint.protocol.state()), "closing");
    endpoint.receive(frame(peer_of(role), 0x81, "Hello"));
    endpoint.receive(hex("81"));
    CHECK_EQ(endpoint.unread.size(), 0u);
    CHECK(!endpoint.protocol.message_waits(frame(peer_of(role), 0x81, "Hello")));
    CHECK_EQ(endpoint.lines, fails(role, 1002, "the opcode is reserved"));
  }
}

TEST("7.2.1-01 whichever rule the server breaks, the client fails the connection in the same way") {
  struct Row {
    const char* from_server;
    unsigned code;
    const char* why;
  };
  constexpr Row rows[] = {
      {"81 80 37 fa 21 3d", 1002, "a frame from a server is masked"},
      {"c1 00", 1002, "a reserved bit is set"},
      {"83 00", 1002, "the opcode is reserved"},
      {"09 00", 1002, "a control frame is fragmented"},
      {"89 7e 00 7e", 1002, kLongControl},
      {"82 7e 00 05", 1002, "a length is not in its shortest form"},
      {"82 7f ff ff ff ff ff ff ff ff", 1002, "the top bit of a 64-bit length is set"},
      {"80 00", 1002, "a continuation frame continues nothing"},
      {"01 00 81 00", 1002, "a new message begins inside another"},
      {"88 01 03", 1002, "a Close body has one byte"},
      {"88 02 03 ee", 1002, kBadCode},
      {"88 03 03 e8 ff", 1007, "a close reason is not UTF-8"},
      {"81 01 ff", 1007, kNotUtf8},
      {"81 01 c3", 1007, kNotUtf8},
      {"82 7f 00 00 00 00 01 00 00 01", 1009, kTooBig},
  };
  for (const Row& row : rows) check_fails(Role::client, hex(row.from_server), row.code, row.why);
}

TEST("own-ending-01 a failure after our own Close sends no second one") {
  for (const Role role : kBothRoles) {
    Endpoint endpoint(role);
    closes(endpoint, {CloseCode::normal_closure, ""});
    endpoint.receive(frame(peer_of(role), 0x83));
    CHECK_EQ(endpoint.lines, Lines{"failed 1002 \"the opcode is reserved\""});
    CHECK_EQ(endpoint.ending(), "not clean, 1006 \"\"; sent 1000 \"\"; received nothing");
  }
}

TEST("own-ending-02 no part of a message whose end breaks a rule is delivered") {
  for (const Role role : kBothRoles) {
    const Role peer = peer_of(role);
    check_fails(role, frame(peer, 0x01, "Hel") + frame(peer, 0x09), 1002, "a control frame is fragmented");
    check_fails(role, frame(peer, 0x01, "Hel") + frame(peer, 0x80, "\xce"), 1007, kNotUtf8);
  }
}

TEST("own-ending-03 a long message, a Close and a Ping behind it: the message, the Close, no Pong") {
  const Bytes payload(256 * 1024, 0xba);
  for (const Role role : kBothRoles) {
    const Role peer = peer_of(role);
    CHECK(run_pieces(role, {frame(peer, 0x82, payload) + close_frame(peer, 1000) + frame(peer, 0x89, "a")}) ==
          (Lines{"binary " + to_hex(payload), "close 1000 \"\"", sends(role, close_frame(role, 1000))}));
  }
}

TEST("7.4.1-17 a message for which there is no memory fails with 1011") {
  for (const Role role : kBothRoles) {
    Endpoint endpoint(role);
    const Bytes first = frame(peer_of(role), 0x02, Bytes(60000, 'a'));
    const Bytes second = frame(peer_of(role), 0x80, Bytes(60000, 'b')) + one_of_each(peer_of(role));
    endpoint.receive(first);
    void* (*const pages)(std::size_t) = map_pages;
    map_pages = [](std::size_t) -> void* { return nullptr; };  // what is held would have to grow beyond 64 KiB
    endpoint.receive(second);
    map_pages = pages;
    CHECK_EQ(endpoint.lines, fails(role, 1011, "no memory"));
    CHECK_EQ(endpoint.unread.size(), 0u);
  }
}
