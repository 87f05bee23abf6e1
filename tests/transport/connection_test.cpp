// One connection, the server's end of it, against a peer that is typed in hex.
//
// The test's thread is the connection's own. A frame of the peer's is masked, as it has to be, mostly with a
// key of zeros, so that its payload can be read:    81 85 00000000 48656c6c6f    text, "Hello"
#include "transport/connection_thread.h"

#include <array>
#include <stdexcept>

#include "check.h"
#include "net.h"

using namespace websock;

namespace {

// Ends a connection whose test is over.
void leave(ConnectionThread& thread, Socket& peer) {
  peer.close();
  if (!thread.has_ended()) thread.abandon(ErrorKind::system, "");
  thread.finish();
}

// Nothing ends before the test wants it to.
Limits patient() {
  Limits limits;
  limits.ping_interval = Milliseconds(0);
  limits.outbox_stall = kLong;
  limits.close_timeout = kLong;
  return limits;
}

// A server's connection, and its peer. Nothing is paid by the outbox thread, unless the test wants its tick.
struct Wire {
  OutboxThread outbox_thread;
  Socket peer;
  Client connection;
  std::optional<ConnectionThread> thread;  // this one

  explicit Wire(const Limits& limits = patient(), Milliseconds tick = kForever) : outbox_thread(tick) {
    auto [ours, theirs] = connected_sockets();
    peer = std::move(theirs);
    Opened opened{std::move(ours), {"GET", "/chat?room=1", 1, {{"Host", "h"}}}, "chat"};
    connection = std::make_shared<Connection>(Manners{}, std::move(opened), limits, outbox_thread);
    thread.emplace(*connection, ReceiveBuffer());
  }
  ~Wire() { leave(*thread, peer); }
};

// What a server's thread does, for an application that echoes.
void echo(Wire& wire) {
  while (const std::optional<Message> message = wire.thread->next_message(kNever)) wire.connection->send(*message);
  wire.thread->finish();
}

// Frames for many.
std::shared_ptr<const Buffer> shared(const Bytes& frames) {
  const auto buffer = std::make_shared<Buffer>();
  buffer->reserve(frames.size());
  buffer->append(frames);
  return buffer;
}

// Everything that comes back to a client that sends these frames and ends its side.
std::string answers(const Bytes& frames) {
  Wire wire;
  put(wire.peer, frames);
  wire.peer.shut_down_sending();
  echo(wire);
  return take_to_end(wire.peer);
}

// The same for a client that ends nothing: it reads until the server ends the connection.
std::string answers_to_the_end(Wire& wire, const Bytes& frames) {
  auto peer = in_thread([&] {
    put(wire.peer, frames);
    std::string bytes = take_to_end(wire.peer);
    wire.peer.close();
    return bytes;
  });
  echo(wire);
  return peer.get();
}

// The code of the Close with which a server that gets these frames fails the connection. Or, if that Close
// is not all that comes back, what does.
std::string failure(const Bytes& frames, const Limits& limits = patient()) {
  Wire wire(limits);
  const std::string text = answers_to_the_end(wire, frames);
  if (text.find('(') != std::string::npos) return text;
  const Bytes bytes = hex(text);
  const bool one_close = bytes.size() >= 4 && bytes[0] == 0x88 && bytes[1] + 2u == bytes.size();
  return one_close ? std::to_string(bytes[2] << 8 | bytes[3]) : text;
}

// The next message as hex; "nothing" if there is none.
std::string next(ConnectionThread& thread, Milliseconds timeout = kLong) {
  const std::optional<Message> message = thread.next_message(deadline_after(timeout));
  return message ? to_hex(message->payload) : "nothing";
}

const Bytes kA = hex("81 81 00000000 41");  // three text messages of the peer's
const Bytes kB = hex("81 81 00000000 42");
const Bytes kC = hex("81 81 00000000 43");

const Bytes kPing = hex("89 80 00000000");
const Bytes kClose = hex("88 82 00000000 03e8");

}  // namespace

// ==== The RFC's examples ====

TEST("5.7-02 the RFC's masked Hello comes back as the RFC's unmasked Hello") {
  CHECK_EQ(answers(hex("81 85 37fa213d 7f9f4d5158")), "81 05 48 65 6c 6c 6f");
}

TEST("5.7-04 the RFC's Ping is answered with a Pong of the same body") {
  CHECK_EQ(answers(hex("89 85 37fa213d 7f9f4d5158")), "8a 05 48 65 6c 6c 6f");
}

// ==== Messages ====

TEST("5.1-04 no frame of a server's is masked, whatever its length") {
  struct Row {
    std::size_t size;
    const char* received;  // header of the peer's frame, masked with zeros
    const char* sent;      // header of ours
  };
  const std::array<Row, 8> rows = {{{0, "82 80 00000000", "82 00"},
                                    {125, "82 fd 00000000", "82 7d"},
                                    {126, "82 fe 007e 00000000", "82 7e 007e"},
                                    {4096, "82 fe 1000 00000000", "82 7e 1000"},
                                    {4097, "82 fe 1001 00000000", "82 7e 1001"},
                                    {65535, "82 fe ffff 00000000", "82 7e ffff"},
                                    {65536, "82 ff 0000000000010000 00000000", "82 7f 0000000000010000"},
                                    {70000, "82 ff 0000000000011170 00000000", "82 7f 0000000000011170"}}};
  for (const Row& row : rows) {
    const Bytes payload(row.size, 0xAB);
    CHECK_EQ(answers(hex(row.received) + payload), to_hex(hex(row.sent) + payload));
  }
}

TEST("6.2-01 frames are understood however the bytes arrive") {
  // "a", in two fragments with a Ping between them, and an empty binary message
  const Bytes frames =
      hex("01 81 37fa213d 56") + hex("89 82 37fa213d 5fd3") + hex("80 80 00000000") + hex("82 80 00000000");
  for_each_split(frames, [](const std::vector<ByteView>& pieces) {
    Wire wire;
    std::size_t messages = 0;
    for (const ByteView piece : pieces) {
      put(wire.peer, piece);
      for (; const auto message = wire.connection->receive(Milliseconds(0)); ++messages)
        wire.connection->send(*message);
    }
    for (; messages < 2; ++messages) wire.connection->send(wire.connection->receive(kLong).value());
    CHECK_EQ(to_hex(take(wire.peer, 9)), "8a 02 68 29 81 01 61 82 00");
  });
}

TEST("5.4-10 a Ping between two fragments is answered before the message is there") {
  CHECK_EQ(answers(hex("01 83 00000000 48656c") + hex("89 81 00000000 7f") + hex("80 82 00000000 6c6f")),
           "8a 01 7f 81 05 48 65 6c 6c 6f");
}

TEST("5.5.3-02 a Pong has its Ping's body: none, one byte, 125, and bytes that are no UTF-8") {
  CHECK_EQ(answers(hex("89 80 00000000")), "8a 00");
  CHECK_EQ(answers(hex("89 81 00000000 00")), "8a 01 00");
  CHECK_EQ(answers(hex("89 82 00000000 c3ff")), "8a 02 c3 ff");
  CHECK_EQ(answers(hex("89 fd 00000000") + Bytes(125, 0x42)), to_hex(hex("8a 7d") + Bytes(125, 0x42)));
}

TEST("5.5.3-05 a Pong that nobody asked for gets no answer") {
  CHECK_EQ(answers(hex("8a 85 00000000 48656c6c6f") + kA), "81 01 41");
}

TEST("own-connection-01 what the handshake left in the buffer is the first to be read") {
  auto [ours, peer] = connected_sockets();
  OutboxThread outbox_thread;
  ReceiveBuffer received;
  std::copy(kA.begin(), kA.end(), received.make_room().begin());
  received.add(kA.size());
  const auto connection =
      std::make_shared<Connection>(Manners{}, Opened{std::move(ours), {}, {}}, Limits{}, outbox_thread);
  ConnectionThread thread(*connection, std::move(received));
  put(peer, kB);
  CHECK_EQ(next(thread), "41");
  CHECK_EQ(next(thread), "42");
  leave(thread, peer);
}

TEST("own-connection-02 a connection knows how it was opened") {
  const Wire wire;
  CHECK_EQ(wire.connection->path(), "/chat");
  CHECK_EQ(wire.connection->query(), "room=1");
  CHECK_EQ(*find_field(wire.connection->request().fields, "host"), "h");
  CHECK_EQ(wire.connection->subprotocol().value(), "chat");
  CHECK_EQ(wire.connection->peer_address(), "127.0.0.1:" + std::to_string(wire.peer.local_port()));
  CHECK(wire.connection->state() == State::open);
}

// ==== Sending ====

TEST("6.1-06 a string is sent as text, bytes as binary, and a message as it was") {
  Wire wire;
  CHECK(wire.connection->send("Hello"));
  CHECK_EQ(arrived(wire.peer, 7), "81 05 48 65 6c 6c 6f");
  CHECK(wire.connection->send(ByteView(hex("00ff"))));
  CHECK_EQ(arrived(wire.peer, 4), "82 02 00 ff");
  CHECK(wire.connection->send(Message{Opcode::text, bytes_of("A")}));
  CHECK_EQ(arrived(wire.peer, 3), "81 01 41");
}

TEST("5.5.2-05 a Ping may be sent at any time while the connection is open") {
  Wire wire;
  CHECK(wire.connection->ping());
  CHECK(wire.connection->ping("Hello"));
  CHECK_EQ(arrived(wire.peer, 9), "89 00 89 05 48 65 6c 6c 6f");
}

TEST("own-connection-03 frames that a server encoded once are sent as they are") {
  Wire wire;
  CHECK(ConnectionThread::send_shared(*wire.connection, {shared(hex("81 01 41"))}));
  CHECK_EQ(arrived(wire.peer, 3), "81 01 41");
  wire.connection->close();
  CHECK(!ConnectionThread::send_shared(*wire.connection, {shared(hex("81 01 41"))}));
  CHECK_EQ(arrived(wire.peer, 4), "88 02 03 e8");
}

TEST("5.6-03 text that is not UTF-8 is refused, and nothing is sent") {
  Wire wire;
  CHECK_THROWS(wire.connection->send("\xff"), std::invalid_argument);
  CHECK_THROWS(wire.connection->send("\xed\xa0\x80"), std::invalid_argument);  // a surrogate
  CHECK_THROWS(wire.connection->send("\xc3"), std::invalid_argument);          // half a character
  CHECK(wire.connection->send("\xc3\xa9"));
  CHECK_EQ(arrived(wire.peer, 4), "81 02 c3 a9");
}

TEST("5.5-02 a Ping of 126 bytes is refused, and nothing is sent") {
  Wire wire;
  CHECK_THROWS(wire.connection->ping(std::string(126, 'x')), std::invalid_argument);
  CHECK_EQ(arrived(wire.peer), "");
  CHECK(wire.connection->ping(std::string(125, 'x')));
}

TEST("7.4.1-08 a Close that may not travel is refused, and the connection stays open") {
  Wire wire;
  for (const int code : {0, 999, 1004, 1005, 1006, 1015, 1016, 2999, 5000, 65535}) {
    CHECK_THROWS(wire.connection->close(CloseCode{static_cast<std::uint16_t>(code)}), std::invalid_argument);
  }
  CHECK_THROWS(wire.connection->close(CloseCode::normal_closure, std::string(124, 'x')), std::invalid_argument);
  CHECK_THROWS(wire.connection->close(CloseCode::normal_closure, "\xff"), std::invalid_argument);
  CHECK_EQ(arrived(wire.peer), "");
  CHECK(wire.connection->state() == State::open);
  CHECK(wire.connection->close(CloseCode{4999}, std::string(123, 'x')));
  CHECK_EQ(arrived(wire.peer, 127), to_hex(hex("88 7d 1387") + Bytes(123, 'x')));
}

TEST("5.5.1-07 behind our Close nothing is sent any more") {
  Wire wire;
  CHECK(wire.connection->close());
  CHECK_EQ(arrived(wire.peer, 4), "88 02 03 e8");
  CHECK(!wire.connection->send("Hello"));
  CHECK(!wire.connection->send(ByteView(hex("00"))));
  CHECK(!wire.connection->send(Message{Opcode::text, bytes_of("A")}));
  CHECK(!wire.connection->ping());
  CHECK(!wire.connection->close());
  wire.connection->flush();
  CHECK_EQ(arrived(wire.peer), "");
}

TEST("6.1-10 a message goes out whole, though the socket takes it in pieces") {
  constexpr std::size_t kSize = 4 * 1024 * 1024;  // 0x400000
  Wire wire;
  CHECK(wire.connection->send(ByteView(Bytes(kSize, 0xAB))));
  CHECK(take(wire.peer, 10 + kSize) == hex("82 7f 0000000000400000") + Bytes(kSize, 0xAB));
}

TEST("5.4-08 frames of several threads never mix, and each thread's stay in order") {
  constexpr std::size_t kThreads = 4;
  constexpr std::size_t kMessages = 60;
  // Sizes that are sent in different ways: copied behind their header, and from where they lie.
  const auto size_of = [](std::size_t number) { return std::array{10u, 5000u, 70000u}[number % 3] + number; };

  Limits limits = patient();
  limits.max_outbox = 0;
  Wire wire(limits);
  auto peer = in_thread([&] {
    std::array<std::size_t, kThreads> numbers{};  // of the next message of each thread
    for (std::size_t i = 0; i < kThreads * kMessages; ++i) {
      const RawFrame frame = take_frame(wire.peer);
      const std::uint8_t letter = frame.payload.at(0);
      const std::size_t thread = letter - std::size_t{'a'};
      if (frame.first != 0x82 || thread >= kThreads) return std::string("a frame that nobody sent");
      if (frame.payload != Bytes(size_of(numbers[thread]++), letter)) return std::string("a mixed frame");
    }
    return std::string("every frame, in order");
  });
  std::vector<std::future<void>> senders;
  for (std::size_t thread = 0; thread < kThreads; ++thread) {
    senders.push_back(in_thread([&, thread] {
      for (std::size_t number = 0; number < kMessages; ++number) {
        wire.connection->send(ByteView(Bytes(size_of(number), static_cast<std::uint8_t>('a' + thread))));
      }
    }));
  }
  for (std::future<void>& sender : senders) sender.get();
  CHECK_EQ(peer.get(), "every frame, in order");
}

// ==== Receiving ====

TEST("own-connection-04 receive() brings the next message, with memory of its own") {
  Wire wire;
  put(wire.peer, kA + kB);
  const std::optional<OwnedMessage> first = wire.connection->receive();
  const std::optional<OwnedMessage> second = wire.connection->receive();
  CHECK_EQ(first.value().text(), "A");
  CHECK_EQ(second.value().text(), "B");
  CHECK(first->is_text());
}

TEST("own-connection-05 receive() brings nothing when its time is over, and what comes later later") {
  Wire wire;
  CHECK(!wire.connection->receive(Milliseconds(0)));
  CHECK(!wire.connection->receive(Milliseconds(10)));
  put(wire.peer, hex("81 82 00000000 41"));  // the last byte is missing
  CHECK(!wire.connection->receive(Milliseconds(10)));
  CHECK(!wire.thread->has_ended());
  put(wire.peer, hex("42"));
  CHECK_EQ(wire.connection->receive(kLong).value().text(), "AB");
}

TEST("own-connection-06 receive() waits until a message comes") {
  Wire wire;
  auto peer = in_thread([&] {
    take(wire.peer, 3);  // by now, the other end waits or is about to
    put(wire.peer, kA);
  });
  wire.connection->send("?");
  CHECK_EQ(wire.connection->receive().value().text(), "A");
  peer.get();
}

TEST("own-connection-07 receive() brings nothing when the connection has ended") {
  Wire wire;
  put(wire.peer, kClose);
  CHECK(!wire.connection->receive());
  CHECK(wire.thread->has_ended());
  CHECK(!wire.connection->receive());
}

TEST("own-connection-08 receive() and drain() are for the connection's own thread") {
  const Wire wire;
  auto stranger = in_thread([&] {
    CHECK_THROWS(wire.connection->receive(Milliseconds(0)), std::logic_error);
    CHECK_THROWS(wire.connection->drain(), std::logic_error);
  });
  stranger.get();
  CHECK(!wire.thread->has_ended());
}

// ==== Answers that leave together ====

TEST("own-connection-09 answers to messages that came together leave together, with the last") {
  Wire wire;
  put(wire.peer, kA + kB + kC);
  wire.connection->send(*wire.thread->next_message(soon()));
  CHECK_EQ(arrived(wire.peer), "");
  wire.connection->send(*wire.thread->next_message(soon()));
  CHECK_EQ(arrived(wire.peer), "");
  wire.connection->send(*wire.thread->next_message(soon()));
  CHECK_EQ(arrived(wire.peer, 9), "81 01 41 81 01 42 81 01 43");
}

TEST("own-connection-10 answers that are held back leave before anything is waited for") {
  Wire wire;
  put(wire.peer, kA + kB);
  wire.connection->send(*wire.thread->next_message(soon()));
  CHECK_EQ(next(*wire.thread), "42");  // this one gets no answer
  CHECK_EQ(arrived(wire.peer), "");
  CHECK_EQ(next(*wire.thread, Milliseconds(0)), "nothing");
  CHECK_EQ(arrived(wire.peer, 3), "81 01 41");
}

TEST("own-connection-11 a message that is not there completely holds nothing back") {
  Wire wire;
  put(wire.peer, kA + hex("81 82 00000000 42"));
  wire.connection->send(*wire.thread->next_message(soon()));
  CHECK_EQ(arrived(wire.peer, 3), "81 01 41");
}

TEST("own-connection-12 flush(), drain(), ping() and close() send off what is held back") {
  const auto held_back = [](std::size_t count, const std::function<void(Connection&)>& send_off) {
    Wire wire;
    put(wire.peer, kA + kB);
    wire.connection->send(*wire.thread->next_message(soon()));
    const std::string before = arrived(wire.peer);
    send_off(*wire.connection);
    return before + "| " + arrived(wire.peer, count);
  };
  CHECK_EQ(held_back(3, [](Connection& connection) { connection.flush(); }), "| 81 01 41");
  CHECK_EQ(held_back(3, [](Connection& connection) { connection.drain(); }), "| 81 01 41");
  CHECK_EQ(held_back(5, [](Connection& connection) { connection.ping(); }), "| 81 01 41 89 00");
  CHECK_EQ(held_back(7, [](Connection& connection) { connection.close(); }), "| 81 01 41 88 02 03 e8");
}

TEST("own-connection-13 another thread's send takes along what is held back, in order") {
  Wire wire;
  put(wire.peer, kA + kB);
  wire.connection->send(*wire.thread->next_message(soon()));
  in_thread([&] { wire.connection->send("X"); }).get();
  CHECK_EQ(arrived(wire.peer, 6), "81 01 41 81 01 58");
}

TEST("own-connection-14 more than 64 KiB are never held back") {
  Wire wire;
  put(wire.peer, kA + kB);
  CHECK_EQ(next(*wire.thread), "41");
  const Bytes message(4000, 0x55);
  for (int i = 0; i < 16; ++i) wire.connection->send(ByteView(message));  // 16 * 4004 bytes
  CHECK_EQ(arrived(wire.peer), "");
  wire.connection->send(ByteView(message));
  CHECK_EQ(take(wire.peer, 17 * 4004).size(), 17u * 4004u);
}

TEST("own-connection-15 what goes to other connections is held back with it, and paid with it") {
  Wire other;
  Wire wire;  // the last one is the one whose loop this thread is in
  const auto frames = shared(hex("81 01 58"));
  put(wire.peer, kA + kB);
  CHECK_EQ(next(*wire.thread), "41");
  other.connection->send("W");
  ConnectionThread::send_shared(*other.connection, {frames});
  CHECK_EQ(next(*wire.thread), "42");
  CHECK_EQ(arrived(other.peer), "");
  CHECK_EQ(next(*wire.thread, Milliseconds(0)), "nothing");
  CHECK_EQ(arrived(other.peer, 6), "81 01 57 81 01 58");
}

TEST("own-connection-16 a thread that takes its time holds back only what it sent itself") {
  Wire receiver;
  std::promise<void> sent;
  std::promise<void> may_go_on;
  auto slow = in_thread([&] {
    Wire wire;
    put(wire.peer, kA + kB);
    next(*wire.thread);
    receiver.connection->send("slow");
    sent.set_value();
    may_go_on.get_future().wait();
  });
  sent.get_future().wait();
  Wire wire;
  put(wire.peer, kA + kB);
  next(*wire.thread);
  receiver.connection->send("quick");
  next(*wire.thread);
  CHECK_EQ(next(*wire.thread, Milliseconds(0)), "nothing");
  CHECK_EQ(arrived(receiver.peer, 13),
           to_hex(hex("81 04") + Bytes{'s', 'l', 'o', 'w'} + hex("81 05") + Bytes{'q', 'u', 'i', 'c', 'k'}));
  may_go_on.set_value();
  slow.get();
}

TEST("own-connection-17 what is held back leaves within milliseconds, whatever the callback does") {
  Wire other(patient(), Milliseconds(2));
  Wire wire(patient(), Milliseconds(2));
  put(wire.peer, kA + kB);
  CHECK_EQ(next(*wire.thread), "41");  // and now a callback that takes its time
  wire.connection->send("V");
  other.connection->send("W");
  CHECK_EQ(to_hex(take(wire.peer, 3)), "81 01 56");
  CHECK_EQ(to_hex(take(other.peer, 3)), "81 01 57");
}

// ==== The closing handshake ====

TEST("5.5.1-08 a Close is answered with one Close of the same code, and TCP ends without the peer's help") {
  struct Row {
    const char* received;
    const char* sent;
    int code;
    const char* reason;
  };
  const std::array<Row, 6> rows = {{
      {"88 80 00000000", "88 00", 1005, ""},
      {"88 82 00000000 03e8", "88 02 03 e8", 1000, ""},
      {"88 85 00000000 03e8627965", "88 02 03 e8", 1000, "bye"},
      {"88 82 37fa213d 3413", "88 02 03 e9", 1001, ""},
      {"88 82 00000000 0bb8", "88 02 0b b8", 3000, ""},
      {"88 82 00000000 1387", "88 02 13 87", 4999, ""},
  }};
  for (const Row& row : rows) {
    Wire wire;
    CHECK_EQ(answers_to_the_end(wire, hex(row.received)), row.sent);
    const CloseInfo info = wire.connection->close_info();
    CHECK_EQ(static_cast<int>(info.code), row.code);
    CHECK_EQ(info.reason, row.reason);
    CHECK(info.clean);
    CHECK(info.sent && info.received);
    CHECK(wire.connection->state() == State::closed);
    CHECK(!wire.connection->fault());
  }
}

TEST("1.4-02 what stands behind a Close is discarded") { CHECK_EQ(answers(kClose + kA + kA), "88 02 03 e8"); }

TEST("5.5.2-03 a Ping behind a Close gets no Pong") { CHECK_EQ(answers(kClose + kPing), "88 02 03 e8"); }

TEST("7.1.5-01 a second Close changes nothing") {
  Wire wire;
  CHECK_EQ(answers_to_the_end(wire, kClose + hex("88 82 00000000 03e9")), "88 02 03 e8");
  CHECK_EQ(static_cast<int>(wire.connection->close_info().code), 1000);
}

TEST("7.1.2-01 close() sends the code and the reason; data that still comes is discarded, a Ping answered") {
  Wire wire;
  CHECK(wire.connection->close(CloseCode::normal_closure, "bye"));
  CHECK_EQ(arrived(wire.peer, 7), "88 05 03 e8 62 79 65");
  CHECK(wire.connection->state() == State::closing);

  put(wire.peer, kA + hex("89 81 00000000 70") + kA + hex("88 85 00000000 03e8627965"));
  wire.peer.shut_down_sending();
  CHECK_EQ(next(*wire.thread), "nothing");
  CHECK(wire.thread->has_ended());
  wire.thread->finish();
  CHECK_EQ(take_to_end(wire.peer), "8a 01 70");
  const CloseInfo info = wire.connection->close_info();
  CHECK(info.clean);
  CHECK_EQ(static_cast<int>(info.code), 1000);
  CHECK_EQ(info.sent.value().reason, "bye");
  CHECK_EQ(info.received.value().reason, "bye");
}

TEST("7.1.1-06 after the peer's answer to our Close, TCP ends without the peer's help") {
  Wire wire;
  wire.connection->close(CloseCode::going_away);
  CHECK_EQ(answers_to_the_end(wire, kClose), "88 02 03 e9");
  CHECK(wire.connection->close_info().clean);
}

TEST("5.5.1-14 when a Close has gone each way the TCP connection is closed, whoever began") {
  for (const bool we_begin : {true, false}) {
    Wire wire;
    const std::size_t descriptors = open_descriptors();
    if (we_begin) wire.connection->close();
    put(wire.peer, kClose);
    wire.peer.shut_down_sending();
    echo(wire);
    CHECK_EQ(take_to_end(wire.peer), "88 02 03 e8");
    CHECK_EQ(open_descriptors(), descriptors - 1);
    CHECK(wire.connection->state() == State::closed);
  }
}

TEST("5.5.1-15 a server then ends TCP at once: it waits neither for the client's end of it nor for its silence") {
  for (const bool we_begin : {true, false}) {
    Wire wire;
    if (we_begin) wire.connection->close();
    CHECK_EQ(answers_to_the_end(wire, kClose + kA + kPing), "88 02 03 e8");
  }
}

TEST("5.5.1-18 two Closes that cross are one each, and a clean end") {
  Wire wire;
  put(wire.peer, hex("88 82 00000000 03e9"));  // is on its way when we close
  wire.connection->close();
  wire.peer.shut_down_sending();
  echo(wire);
  CHECK_EQ(take_to_end(wire.peer), "88 02 03 e8");
  CHECK(wire.connection->close_info().clean);
  CHECK_EQ(static_cast<int>(wire.connection->close_info().code), 1001);  // 7.1.5-04: each sees the other's
}

TEST("7.1.5-03 without a Close the code is 1006, however TCP ends, and that is no fault") {
  {
    Wire wire;
    put(wire.peer, kA);
    wire.peer.close();
    echo(wire);
    CHECK_EQ(static_cast<int>(wire.connection->close_info().code), 1006);
    CHECK(!wire.connection->close_info().clean);
    CHECK(!wire.connection->close_info().received);
    CHECK(wire.connection->state() == State::closed);
    CHECK(!wire.connection->fault());
  }
  Wire wire;
  wire.peer.reset_on_close();
  wire.peer.close();
  echo(wire);
  CHECK_EQ(static_cast<int>(wire.connection->close_info().code), 1006);
  CHECK(!wire.connection->fault());
}

TEST("own-connection-18 a peer that never answers our Close is left when close_timeout is over") {
  Limits limits = patient();
  limits.close_timeout = Milliseconds(20);
  Wire wire(limits);
  auto peer = in_thread([&] { return take_to_end(wire.peer); });
  wire.connection->close();
  echo(wire);
  CHECK_EQ(peer.get(), "88 02 03 e8");
  CHECK(!wire.connection->close_info().clean);
  CHECK_EQ(static_cast<int>(wire.connection->close_info().code), 1006);
}

TEST("own-connection-19 a peer that never ends TCP is left when close_timeout is over") {
  Limits limits = patient();
  limits.close_timeout = Milliseconds(20);
  Wire wire(limits);
  put(wire.peer, kClose);
  echo(wire);  // returns, though the peer does nothing
  CHECK_EQ(take_to_end(wire.peer), "88 02 03 e8");
  CHECK(wire.connection->close_info().clean);  // the handshake was complete: 7.1.4-02
}

TEST("own-connection-20 end_by() ends a connection by then") {
  Wire wire;
  ConnectionThread::end_by(*wire.connection, deadline_after(Milliseconds(20)));
  echo(wire);
  CHECK_EQ(take_to_end(wire.peer), "");
  CHECK(wire.connection->state() == State::closed);
}

TEST("own-connection-21 a handle may be kept: after the end it says how that was, and sends nothing") {
  Wire wire;
  put(wire.peer, kClose);
  wire.peer.shut_down_sending();
  echo(wire);
  wire.thread->finish();  // a second time does nothing
  CHECK(!wire.connection->send("Hello"));
  CHECK(!ConnectionThread::send_shared(*wire.connection, {shared(hex("81 00"))}));
  CHECK(!wire.connection->ping());
  CHECK(!wire.connection->close());
  CHECK(!wire.connection->receive());
  CHECK(!wire.connection->drain());
  wire.connection->flush();
  ConnectionThread::end_by(*wire.connection, Clock::now());
  CHECK(wire.connection->state() == State::closed);
  CHECK_EQ(wire.connection->path(), "/chat");
  CHECK_EQ(take_to_end(wire.peer), "88 02 03 e8");
}

// ==== Failing the connection ====

TEST("7.1.7-05 a broken rule is answered with a Close that names the kind, and then the end of TCP") {
  Limits small = patient();
  small.max_message = 8;
  struct Row {
    const char* rule;
    const char* frames;
    const char* code;
  };
  const std::array<Row, 16> rows = {{
      {"5.1-03 a frame is not masked", "81 05 48656c6c6f", "1002"},
      {"5.2-05 a reserved bit", "c1 80 00000000", "1002"},
      {"5.2-06 an unknown opcode", "83 80 00000000", "1002"},
      {"5.2-19 a length of 2^63", "82 ff 8000000000000000 00000000", "1002"},
      {"5.2-21 a length in too many bytes", "82 fe 007d 00000000", "1002"},
      {"5.4-04 nothing to continue", "80 80 00000000", "1002"},
      {"5.4-04 a message inside a message", "01 80 00000000 81 80 00000000", "1002"},
      {"5.4-07 a fragmented Ping", "09 80 00000000", "1002"},
      {"5.5-02 a Ping of 126 bytes", "89 fe 007e 00000000", "1002"},
      {"5.5.1-03 a Close body of one byte", "88 81 00000000 03", "1002"},
      {"7.4.1-10 a Close with 1006", "88 82 00000000 03ee", "1002"},
      {"8.1-01 text that is not UTF-8", "81 81 00000000 ff", "1007"},
      {"8.1-01 the first bad byte of text that is yet to come", "81 88 00000000 c0", "1007"},
      {"5.5.1-04 a close reason that is not UTF-8", "88 83 00000000 03e8ff", "1007"},
      {"10.4-01 a message that is too long", "82 89 00000000", "1009"},
      {"10.4-01 fragments that add up", "02 85 00000000 0000000000 80 84 00000000", "1009"},
  }};
  for (const Row& row : rows)
    CHECK_EQ(row.rule + (" " + failure(hex(row.frames), small)), row.rule + std::string(" ") + row.code);
}

TEST("10.4-01 a header that announces 2^62 bytes is refused, and allocates nothing") {
  CHECK_EQ(failure(hex("82 ff 4000000000000000 00000000")), "1009");
}

TEST("7.1.7-07 behind the broken rule nothing is processed: no echo, no Pong, no answer to a Close") {
  CHECK_EQ(failure(hex("c1 80 00000000") + kA + kPing + kClose), "1002");
  Wire wire;
  answers_to_the_end(wire, hex("c1 80 00000000") + kClose);
  CHECK_EQ(static_cast<int>(wire.connection->close_info().code), 1006);
  CHECK(!wire.connection->close_info().clean);
}

TEST("7.1.7-07 before the broken rule everything is") {
  const std::string bytes = answers(kA + kPing + hex("83 80 00000000"));
  CHECK_EQ(bytes.substr(0, 17), "81 01 41 8a 00 88");
}

TEST("7.1.7-04 a broken rule is a fault, with the code and the rule") {
  Wire wire;
  answers_to_the_end(wire, hex("81 05 48656c6c6f"));
  CHECK(wire.connection->fault().value().kind == ErrorKind::protocol);
  CHECK(wire.connection->fault().value().text.starts_with("1002 (protocol error): "));
  CHECK(wire.connection->close_info().sent.value().code == CloseCode::protocol_error);
}

TEST("7.1.1-02 our Close arrives even while the peer goes on sending: it is not destroyed by a reset") {
  Wire wire;
  auto peer = in_thread([&] {
    put(wire.peer, hex("83 80 00000000") + Bytes(4 * 1024 * 1024, 0x81));
    std::string bytes = take_to_end(wire.peer);
    wire.peer.close();
    return bytes;
  });
  echo(wire);
  const std::string bytes = peer.get();
  CHECK_EQ(bytes.substr(0, 3), "88 ");
  CHECK_EQ(bytes.substr(6, 5), "03 ea");
  CHECK_EQ(bytes.find("(reset)"), std::string::npos);
}

TEST("own-connection-22 abandon() ends a connection without a word") {
  Wire wire;
  wire.thread->abandon(ErrorKind::system, "why");
  CHECK(wire.thread->has_ended());
  wire.thread->finish();
  CHECK_EQ(take_to_end(wire.peer), "");
  CHECK_EQ(wire.connection->fault().value().text, "why");
}

// ==== Limits ====

TEST("own-connection-23 a silent peer gets a Ping, and after its Pong another one") {
  Limits limits = patient();
  limits.ping_interval = Milliseconds(10);
  limits.pong_timeout = kLong;  // so that no second Ping comes while the first is unanswered
  Wire wire(limits);
  auto peer = in_thread([&] {
    std::string pings = to_hex(take(wire.peer, 2));
    put(wire.peer, hex("8a 80 00000000"));
    pings += ", " + to_hex(take(wire.peer, 2));
    put(wire.peer, kPing);  // any sign of life will do
    pings += ", " + to_hex(take(wire.peer, 4));
    wire.peer.close();
    return pings;
  });
  echo(wire);
  CHECK_EQ(peer.get(), "89 00, 89 00, 8a 00 89 00");
  CHECK(!wire.connection->fault());
}

TEST("own-connection-24 a peer that does not answer a Ping is given up: 1006, a reset, a fault") {
  Limits limits = patient();
  limits.ping_interval = Milliseconds(10);
  limits.pong_timeout = Milliseconds(10);
  Wire wire(limits);
  echo(wire);
  CHECK_EQ(take_to_end(wire.peer), "89 00 (reset)");
  CHECK(wire.connection->fault().value().kind == ErrorKind::timeout);
  CHECK_EQ(static_cast<int>(wire.connection->close_info().code), 1006);
}

TEST("own-connection-25 a peer is not given up while bytes for it wait: our Ping may be stuck behind them") {
  Limits limits = patient();
  limits.ping_interval = Milliseconds(5);
  limits.pong_timeout = Milliseconds(5);
  limits.max_outbox = 0;
  Wire wire(limits);
  in_thread([&] { wire.connection->send(ByteView(Bytes(16 * 1024 * 1024))); }).get();
  CHECK_EQ(next(*wire.thread, Milliseconds(1000)), "nothing");
  CHECK(!wire.thread->has_ended());
}

TEST("own-connection-26 a zero turns the Ping off") {
  Limits limits = patient();
  limits.ping_interval = Milliseconds(0);
  Wire wire(limits);
  CHECK_EQ(next(*wire.thread, Milliseconds(50)), "nothing");
  CHECK_EQ(arrived(wire.peer), "");
}

TEST("own-connection-27 a message that takes longer than message_timeout fails with 1008") {
  Limits limits = patient();
  limits.message_timeout = Milliseconds(20);
  for (const char* beginning : {"81", "81 85 00000000", "81 85 00000000 48", "01 81 00000000 48"}) {
    CHECK_EQ(failure(hex(beginning), limits), "1008");
  }
  Wire wire(limits);
  answers_to_the_end(wire, hex("81"));
  CHECK(wire.connection->fault().value().kind == ErrorKind::timeout);
}

TEST("own-connection-28 Pings inside a message do not make its time longer") {
  Limits limits = patient();
  limits.message_timeout = Milliseconds(20);
  limits.close_timeout = Milliseconds(20);
  Wire wire(limits);
  put(wire.peer, hex("01 81 00000000 48"));
  auto peer = in_thread([&] {
    try {
      for (;; std::this_thread::sleep_for(Milliseconds(1))) put(wire.peer, kPing);
    } catch (const std::system_error&) {
      return;  // we were shown out
    }
  });
  echo(wire);
  peer.get();
  CHECK(wire.connection->close_info().sent.value().code == CloseCode::policy_violation);
}

TEST("own-connection-29 message_timeout is each message's own, though no packet ends where a message does") {
  Limits limits = patient();
  limits.message_timeout = Milliseconds(500);
  Wire wire(limits);
  const Bytes head = hex("81 82 00000000 41");
  const Bytes tail = hex("42");
  put(wire.peer, head);
  const Deadline over = deadline_after(Milliseconds(600));  // longer than one message may take
  do {
    put(wire.peer, tail + head);
    CHECK_EQ(next(*wire.thread), "41 42");
  } while (Clock::now() < over);
}

TEST("own-connection-30 a silent time between messages is nobody's") {
  Limits limits = patient();
  limits.message_timeout = Milliseconds(5);
  Wire wire(limits);
  put(wire.peer, kA);
  CHECK_EQ(next(*wire.thread), "41");
  CHECK_EQ(next(*wire.thread, Milliseconds(30)), "nothing");
  CHECK(!wire.thread->has_ended());
}

// ==== A peer that does not read ====

TEST("own-connection-31 send() never waits; past max_outbox it resets the connection and returns false") {
  Limits limits = patient();
  limits.max_outbox = 1;
  Wire wire(limits);
  const Bytes message(16 * 1024 * 1024);  // more than the system takes, and more than the limit: one has room
  CHECK(wire.connection->send(ByteView(message)));
  CHECK(!wire.connection->send("one more"));
  CHECK(!wire.connection->send("and another"));
  echo(wire);
  CHECK(wire.connection->fault().value().kind == ErrorKind::limit);
  CHECK(wire.connection->fault().value().text.starts_with("outbox limit"));
  CHECK(take_to_end(wire.peer).ends_with("(reset)"));
  CHECK_EQ(static_cast<int>(wire.connection->close_info().code), 1006);
}

TEST("own-connection-32 a peer that reads nothing for outbox_stall is reset") {
  Limits limits = patient();
  limits.outbox_stall = Milliseconds(20);
  limits.max_outbox = 0;
  Wire wire(limits);
  CHECK(wire.connection->send(ByteView(Bytes(16 * 1024 * 1024))));
  echo(wire);
  CHECK(wire.connection->fault().value().text.starts_with("outbox stall"));
  CHECK(take_to_end(wire.peer).ends_with("(reset)"));
}

TEST("own-connection-33 who floods us and reads nothing has to wait for itself, and loses nothing") {
  Limits limits = patient();
  limits.max_outbox = 0;
  limits.outbox_stall = Milliseconds(0);
  Wire wire(limits);
  auto peer = in_thread([&] {
    const Bytes message = hex("82 fe 4000 00000000") + Bytes(16 * 1024);
    constexpr std::size_t kEnough = 4096;  // messages: 64 MiB, far more than two socket buffers hold
    std::size_t sent = 0;
    while (sent < kEnough && wire.peer.send_all(message, deadline_after(Milliseconds(1000)))) ++sent;
    if (sent == kEnough) {
      wire.peer.close();
      return std::string("nothing made it wait");
    }
    // The last message was sent in part, perhaps. What came before it is answered.
    for (std::size_t i = 0; i < sent; ++i) {
      if (take_frame(wire.peer).payload.size() != 16 * 1024) return std::string("an answer is missing");
    }
    wire.peer.close();
    return std::string("it waited, and every message was answered");
  });
  echo(wire);
  CHECK_EQ(peer.get(), "it waited, and every message was answered");
}

TEST("own-connection-41 a message that goes back as it came, and waits where it lies, is not overwritten by the next") {
  Limits limits = patient();
  limits.max_outbox = 0;
  Wire wire(limits);
  constexpr std::size_t kMuch = 16 * 1024 * 1024;
  in_thread([&] { wire.connection->send(ByteView(Bytes(kMuch))); }).get();  // the socket is full
  const Bytes half(4000, 'a');
  const Bytes other_half(4000, 'b');
  const Bytes first = hex("02 fe 0fa0 00000000") + half + hex("80 fe 0fa0 00000000") + half;
  const Bytes second = hex("02 fe 0fa0 00000000") + other_half + hex("80 fe 0fa0 00000000") + other_half;
  put(wire.peer, first + second);
  wire.peer.shut_down_sending();
  auto peer = in_thread([&] {
    take_frame(wire.peer);
    const bool both =
        take_frame(wire.peer).payload == half + half && take_frame(wire.peer).payload == other_half + other_half;
    wire.peer.close();
    return both;
  });
  echo(wire);
  CHECK(peer.get());
}

TEST("own-connection-34 other threads' bytes that wait keep nobody from receiving") {
  Limits limits = patient();
  limits.max_outbox = 0;
  Wire wire(limits);
  in_thread([&] { wire.connection->send(ByteView(Bytes(16 * 1024 * 1024))); }).get();
  put(wire.peer, kA);
  CHECK_EQ(next(*wire.thread), "41");
}

TEST("own-connection-35 nor do they when bytes of its own were before them, and have left") {
  Limits limits = patient();
  limits.max_outbox = 0;
  Wire wire(limits);
  const Bytes message(16 * 1024 * 1024);
  wire.connection->send(ByteView(message));
  in_thread([&] { wire.connection->send(ByteView(message)); }).get();
  auto peer = in_thread([&] {
    take_frame(wire.peer);
    put(wire.peer, kA);
  });
  CHECK_EQ(next(*wire.thread), "41");
  peer.get();
}

TEST("own-connection-36 drain() waits until everything has left") {
  Limits limits = patient();
  limits.max_outbox = 0;
  Wire wire(limits);
  const std::size_t size = 16 * 1024 * 1024;
  CHECK(wire.connection->send(ByteView(Bytes(size))));
  auto peer = in_thread([&] { return take_frame(wire.peer).payload.size(); });
  CHECK(wire.connection->drain());
  CHECK(wire.connection->send(ByteView(Bytes(1))));
  CHECK_EQ(peer.get(), size);
  CHECK_EQ(arrived(wire.peer, 3), "82 01 00");
}

TEST("own-connection-37 drain() returns false when the connection breaks") {
  Limits limits = patient();
  limits.max_outbox = 0;
  Wire wire(limits);
  CHECK(wire.connection->send(ByteView(Bytes(16 * 1024 * 1024))));
  wire.peer.reset_on_close();
  wire.peer.close();
  CHECK(!wire.connection->drain());
}

TEST("own-connection-38 before our end of TCP everything that was sent has left") {
  Limits limits = patient();
  limits.max_outbox = 0;
  Wire wire(limits);
  const std::size_t size = 16 * 1024 * 1024;
  CHECK(wire.connection->send(ByteView(Bytes(size))));
  CHECK(wire.connection->close());
  auto peer = in_thread([&] {
    const std::size_t received = take_frame(wire.peer).payload.size();
    put(wire.peer, kClose);
    std::string end = take_to_end(wire.peer);
    wire.peer.close();
    return std::to_string(received) + " bytes, " + end;
  });
  echo(wire);
  CHECK_EQ(peer.get(), std::to_string(size) + " bytes, 88 02 03 e8");
  CHECK(wire.connection->close_info().clean);
}

TEST("own-connection-39 a Close that is answered, and one for a broken rule, leave behind what waits") {
  for (const Bytes& last : {kClose, hex("83 80 00000000")}) {
    Limits limits = patient();
    limits.max_outbox = 0;
    Wire wire(limits);
    const std::size_t size = 16 * 1024 * 1024;
    in_thread([&] { wire.connection->send(ByteView(Bytes(size))); }).get();
    auto peer = in_thread([&] {
      put(wire.peer, last);
      const std::size_t received = take_frame(wire.peer).payload.size();
      const RawFrame close = take_frame(wire.peer);
      wire.peer.close();
      return received == size && close.first == 0x88;
    });
    echo(wire);
    CHECK(peer.get());
  }
}

TEST("own-connection-60 a peer that ends its side of TCP right behind its Close still gets what waits") {
  Limits limits = patient();
  limits.max_outbox = 0;
  Wire wire(limits);
  const std::size_t size = 16 * 1024 * 1024;
  in_thread([&] { wire.connection->send(ByteView(Bytes(size))); }).get();
  put(wire.peer, kClose);
  wire.peer.shut_down_sending();
  auto peer = in_thread([&] {
    const std::size_t received = take_frame(wire.peer).payload.size();
    return std::to_string(received) + " bytes, " + take_to_end(wire.peer);
  });
  echo(wire);
  CHECK_EQ(peer.get(), std::to_string(size) + " bytes, 88 02 03 e8");
  CHECK(wire.connection->close_info().clean);
}

TEST(
    "own-connection-53 max_outbox is for what the application sends: our Close and Pong find room behind any message") {
  Limits limits = patient();
  limits.max_outbox = 1000;
  const std::size_t size = 16 * 1024 * 1024;
  for (const bool pings : {false, true}) {
    Wire wire(limits);
    if (pings) put(wire.peer, kPing);
    in_thread([&] { CHECK(wire.connection->send(ByteView(Bytes(size)))); }).get();
    if (!pings) CHECK(wire.connection->close());
    auto peer = in_thread([&] {
      Bytes received = take(wire.peer, 10 + size);
      received = take(wire.peer, 2);
      put(wire.peer, kClose);
      take_to_end(wire.peer);
      wire.peer.close();
      return to_hex(received);
    });
    echo(wire);
    CHECK_EQ(peer.get(), pings ? "8a 00" : "88 02");
    CHECK(!wire.connection->fault());
    CHECK(wire.connection->close_info().clean);
  }
}

TEST(
    "own-connection-54 behind max_outbox a Ping of the application's is one send too many, and a closing end sends "
    "none") {
  Limits limits = patient();
  limits.max_outbox = 1000;
  {
    Wire wire(limits);
    in_thread([&] { wire.connection->send(ByteView(Bytes(16 * 1024 * 1024))); }).get();
    CHECK(!wire.connection->ping());
    echo(wire);
    CHECK(wire.connection->fault().value().text.starts_with("outbox limit"));
  }
  Wire wire(limits);
  in_thread([&] { wire.connection->send(ByteView(Bytes(16 * 1024 * 1024))); }).get();
  CHECK(wire.connection->close());
  CHECK(!wire.connection->send("too late"));  // and this is no reason to reset it
  CHECK(!wire.connection->ping());
  CHECK(wire.connection->queued_bytes() > 0);
}

TEST("own-connection-55 a Close that was lost in the queue has not gone its way: that end is not clean") {
  Limits limits = patient();
  limits.max_outbox = 0;
  limits.outbox_stall = Milliseconds(50);
  Wire wire(limits, Milliseconds(2));
  put(wire.peer, kClose);  // from one that reads nothing; before the stall's time begins
  in_thread([&] { wire.connection->send(ByteView(Bytes(16 * 1024 * 1024))); }).get();
  echo(wire);
  const CloseInfo info = wire.connection->close_info();
  CHECK(info.received && info.sent);
  CHECK(!info.clean);
}

// ==== What an application may want besides ====

TEST(
    "own-connection-42 terminate() sends no Close, says 1006, and is no fault; what lies ready is not delivered any "
    "more") {
  Wire wire;
  put(wire.peer, kA + kB);
  CHECK_EQ(next(*wire.thread), "41");
  wire.connection->terminate();
  CHECK(wire.connection->is_over());
  CHECK(!wire.connection->send("too late"));
  CHECK(!wire.connection->close());
  CHECK_EQ(next(*wire.thread), "nothing");
  wire.thread->finish();
  const std::string end = take_to_end(wire.peer);
  CHECK(end.empty() || end == " (reset)");
  CHECK_EQ(static_cast<int>(wire.connection->close_info().code), 1006);
  CHECK(!wire.connection->fault());
  wire.connection->terminate();  // what is closed stays as it is
  CHECK(!wire.connection->fault());
}

TEST(
    "own-connection-56 terminate() on a connection that has broken already: what had arrived is not delivered either") {
  Wire wire;
  put(wire.peer, kA + kB);
  CHECK_EQ(next(*wire.thread), "41");
  wire.peer.reset_on_close();
  wire.peer.close();
  while (wire.connection->send("anybody?")) continue;  // until the reset is here
  wire.connection->terminate();
  CHECK_EQ(next(*wire.thread), "nothing");
}

TEST(
    "own-connection-57 what a broken connection could not send does not wait any more, and a lost Pong spoils no end") {
  Wire wire;
  CHECK(wire.connection->close());
  put(wire.peer, kPing + kPing + kClose);
  wire.peer.reset_on_close();
  wire.peer.shut_down();  // the first Pong meets a socket that is gone, the second one a reset
  echo(wire);
  CHECK_EQ(wire.connection->queued_bytes(), 0u);
  const CloseInfo info = wire.connection->close_info();
  CHECK_EQ(info.clean, info.sent && info.received);
}

TEST("own-connection-43 terminate() from another thread wakes the own one, though that waits for its bytes to leave") {
  Limits limits = patient();
  limits.max_outbox = 0;
  Wire wire(limits);
  CHECK(wire.connection->send(ByteView(Bytes(16 * 1024 * 1024))));
  auto other = in_thread([&] { wire.connection->terminate(); });
  CHECK_EQ(next(*wire.thread), "nothing");
  other.get();
  wire.thread->finish();
  CHECK(take_to_end(wire.peer).ends_with("(reset)"));  // in the middle of a frame
}

TEST("own-connection-44 terminate() does not wait for a Close that we have asked for") {
  Wire wire;
  CHECK(wire.connection->close());
  wire.connection->terminate();
  echo(wire);  // returns, though close_timeout is long
  CHECK(!wire.connection->close_info().clean);
}

TEST("own-connection-45 a connection that a limit has ended before terminate() has its fault") {
  Limits limits = patient();
  limits.max_outbox = 1024 * 1024;
  Wire wire(limits);
  in_thread([&] {
    while (wire.connection->send(ByteView(Bytes(64 * 1024)))) continue;
  }).get();
  wire.connection->terminate();
  echo(wire);
  CHECK(wire.connection->fault().value().kind == ErrorKind::limit);
}

TEST("own-connection-46 queued_bytes() is what a peer that does not read has waiting for it") {
  Limits limits = patient();
  limits.max_outbox = 0;
  Wire wire(limits);
  CHECK_EQ(wire.connection->queued_bytes(), 0u);
  in_thread([&] { wire.connection->send(ByteView(Bytes(16 * 1024 * 1024))); }).get();
  CHECK(wire.connection->queued_bytes() > 0);
  CHECK(wire.connection->queued_bytes() < 16 * 1024 * 1024);  // the system has taken some
  auto peer = in_thread([&] { return take_frame(wire.peer).payload.size(); });
  CHECK(wire.connection->drain());
  CHECK_EQ(wire.connection->queued_bytes(), 0u);
  CHECK_EQ(peer.get(), 16 * 1024 * 1024u);
}

TEST("own-connection-47 what is held back counts among queued_bytes(), too") {
  Wire wire;
  put(wire.peer, kA + kB);
  CHECK_EQ(next(*wire.thread), "41");  // and B is ready
  CHECK(wire.connection->send("A"));
  CHECK_EQ(wire.connection->queued_bytes(), 3u);  // 81 01 41
  wire.connection->flush();
  CHECK_EQ(wire.connection->queued_bytes(), 0u);
}

TEST("own-connection-48 std::byte is a byte, and so a binary message") {
  Wire wire;
  const std::vector<std::byte> bytes = {std::byte{0x00}, std::byte{0xff}};
  CHECK(wire.connection->send(bytes));
  CHECK_EQ(to_hex(take(wire.peer, 4)), "82 02 00 ff");
}

TEST("own-connection-50 a close with a plain number: 4000 travels; 1005, 5000 and 65536 + 4000 do not") {
  Wire wire;
  for (const int code : {-1, 0, 999, 1005, 1006, 5000, 69536}) {
    CHECK_THROWS(wire.connection->close(code), std::invalid_argument);
  }
  CHECK(wire.connection->close(4000, "mine"));
  CHECK_EQ(to_hex(take(wire.peer, 8)), "88 06 0f a0 6d 69 6e 65");
}

TEST("own-connection-49 data holds whatever the application puts there, and outlives the connection's end") {
  Wire wire;
  CHECK(!wire.connection->data.has_value());
  wire.connection->data = std::string("Ada");
  wire.thread->abandon(ErrorKind::system, "");
  wire.thread->finish();
  CHECK_EQ(std::any_cast<std::string&>(wire.connection->data), "Ada");
}

TEST("own-connection-51 on_pong has the time since our latest Ping, and only that one's Pong counts, once") {
  Wire wire;
  int pongs = 0;
  bool is_positive = true;
  wire.thread->on_pong = [&](std::chrono::microseconds round_trip) {
    ++pongs;
    is_positive = is_positive && round_trip.count() > 0;
  };
  const auto after = [&](const Bytes& frames) {
    put(wire.peer, frames + kA);
    CHECK_EQ(next(*wire.thread), "41");
    return pongs;
  };
  CHECK_EQ(after(hex("8a 80 00000000")), 0);  // unsolicited
  CHECK(wire.connection->ping("old"));
  CHECK(wire.connection->ping("new"));
  CHECK_EQ(after(hex("8a 83 00000000 6f6c64")), 0);  // "old"
  CHECK_EQ(after(hex("8a 83 00000000 6e6577")), 1);  // "new"
  CHECK_EQ(after(hex("8a 83 00000000 6e6577")), 1);  // and once more
  CHECK(is_positive);
}

TEST("own-connection-52 on_pong is told of the Pings of ping_interval, too") {
  Limits limits = patient();
  limits.ping_interval = Milliseconds(10);
  limits.pong_timeout = kLong;
  Wire wire(limits);
  int pongs = 0;
  wire.thread->on_pong = [&](std::chrono::microseconds) { ++pongs; };
  auto peer = in_thread([&] {
    const std::string ping = to_hex(take(wire.peer, 2));
    put(wire.peer, hex("8a 80 00000000") + kA);
    return ping;
  });
  CHECK_EQ(next(*wire.thread), "41");
  CHECK_EQ(peer.get(), "89 00");
  CHECK_EQ(pongs, 1);
}

// ==== At the end ====

TEST("own-connection-40 no test has left a descriptor open") { CHECK_EQ(open_descriptors(), kDescriptorsAtStart); }
