// The tap between a client and a server: that neither notices it.
#include <fcntl.h>
#include <stdlib.h>
#include <unistd.h>

#include "check.h"
#include "endpoints/client.h"
#include "endpoints/server_fixture.h"
#include "program.h"

using namespace websock;

namespace {

using Lines = std::vector<std::string>;

// The tap, in front of a server that is this test.
struct Tapped {
  Socket listener = listen_on("127.0.0.1", 0);
  Program tap{"tap", {"--to", "127.0.0.1:" + std::to_string(listener.local_port())}};
  Socket client = tap.connect();
  Socket server = accept_one(listener);

  // The next line that the tap prints with this beginning.
  std::string line(std::string_view beginning) {
    for (;;) {
      const std::string line = tap->read_line();
      if (line.starts_with(beginning)) return line;
    }
  }
};

Bytes noise(std::size_t size, std::uint32_t seed) {
  Bytes result(size);
  for (std::uint8_t& byte : result) byte = static_cast<std::uint8_t>((seed = seed * 1664525 + 1013904223) >> 24);
  return result;
}

}  // namespace

TEST("own-tap-01 a client and a server of ours talk through it") {
  Serving serving;
  Program tap("tap", {"--to", "127.0.0.1:" + std::to_string(serving.port())});
  CHECK_EQ(tap->read_line(), "-> from the client   <- from the server, 127.0.0.1:" + std::to_string(serving.port()));
  WebSocketClient client(tap.url());
  client.send("Hello");
  CHECK_EQ(client.receive().value().text(), "Hello");
  client.close();
  CHECK(client.close_info().clean);
  Lines lines;
  for (int ends = 0; ends < 2; ends += lines.back().ends_with("(end)")) lines.push_back(tap->read_line());
  for (const char* line : {"1 -> GET / HTTP/1.1", "1 <- HTTP/1.1 101 Switching Protocols", "1 <- text, fin, 5 bytes",
                           "1 <-     48 65 6c 6c 6f           Hello", "1 <-     1000 (normal closure), \"\""}) {
    CHECK_EQ(std::count(lines.begin(), lines.end(), line), 1);
  }
}

TEST("own-tap-02 not one byte is altered, whatever they are, in either direction") {
  Tapped tapped;
  const Bytes up = Bytes() + bytes_of(kRequest) + noise(3'000'000, 1);
  const Bytes down = Bytes() + bytes_of(kAccepted) + noise(3'000'000, 2);
  auto sending = in_thread([&] {
    put(tapped.client, up);
    tapped.client.shut_down_sending();
  });
  auto answering = in_thread([&] {
    put(tapped.server, down);
    tapped.server.shut_down_sending();
  });
  auto reading = in_thread([&] { return take(tapped.server, up.size() + 1); });
  CHECK(take(tapped.client, down.size() + 1) == down);
  CHECK(reading.get() == up);
  sending.get();
  answering.get();
}

TEST("own-tap-03 a broken frame is passed on, too, and so is all that follows") {
  Tapped tapped;
  put(tapped.client, kRequest);
  take(tapped.server, kRequest.size());
  put(tapped.server, kAccepted);
  take(tapped.client, kAccepted.size());
  put(tapped.client, hex("c1 05 48656c6c6f"));
  CHECK_EQ(tapped.line("1 -> !"), "1 -> ! a reserved bit is set");
  put(tapped.client, hex("81 80 00000000"));
  CHECK_EQ(to_hex(take(tapped.server, 13)), "c1 05 48 65 6c 6c 6f 81 80 00 00 00 00");
}

TEST("own-tap-04 an end is passed on as an end, a reset as a reset") {
  for (const bool client_first : {true, false}) {
    Tapped tapped;
    Socket& first = client_first ? tapped.client : tapped.server;
    Socket& second = client_first ? tapped.server : tapped.client;
    first.shut_down_sending();
    CHECK_EQ(take_to_end(second), "");
    put(second, hex("61"));  // the other half is open still
    CHECK_EQ(to_hex(take(first, 1)), "61");
    second.reset_on_close();
    second.close();
    CHECK_EQ(take_to_end(first), " (reset)");
    CHECK_EQ(tapped.line(client_first ? "1 <- (" : "1 -> ("), client_first ? "1 <- (reset)" : "1 -> (reset)");
  }
}

TEST("own-tap-05 one side that does not read makes its peer wait, and nobody else") {
  Tapped tapped;
  const Bytes flood(256 * 1024, 'x');
  const ByteView view = flood;
  for (pollfd writable{tapped.client.descriptor(), POLLOUT, 0};
       wait_for({&writable, 1}, deadline_after(Milliseconds(300)));) {
    tapped.client.send({&view, 1});
  }
  put(tapped.server, hex("61"));
  CHECK_EQ(to_hex(take(tapped.client, 1)), "61");
  Socket other = tapped.tap.connect();
  Socket other_server = accept_one(tapped.listener);
  put(other, hex("62"));
  CHECK_EQ(to_hex(take(other_server, 1)), "62");
}

TEST("own-tap-06 several conversations at once are told apart") {
  Tapped tapped;
  Socket second = tapped.tap.connect();
  Socket second_server = accept_one(tapped.listener);
  put(second, "GET /second HTTP/1.1\r\n\r\n");
  CHECK_EQ(tapped.line("2 ->"), "2 -> GET /second HTTP/1.1");
  put(tapped.client, "GET /first HTTP/1.1\r\n\r\n");
  CHECK_EQ(tapped.line("1 ->"), "1 -> GET /first HTTP/1.1");
}

TEST("own-tap-07 a server that is not there") {
  const DeafPort deaf;
  Program tap("tap", {"--to", "127.0.0.1:" + std::to_string(deaf.port)});
  tap->read_line();
  Socket client = tap.connect();
  CHECK(tap->read_line().starts_with("1 <- ! connect to 127.0.0.1:"));
  CHECK_EQ(take_to_end(client), "");
}

TEST("own-tap-09 so many clients and no more: another is closed, until one of them has gone") {
  Tapped tapped;
  std::vector<Socket> clients;
  while (clients.size() < 199) clients.push_back(tapped.tap.connect());
  Socket last = tapped.tap.connect();
  CHECK_EQ(take_to_end(last), "");
  // Both ends, or the relay would wait for the other.
  tapped.client.reset_on_close();
  tapped.client.close();
  CHECK(eventually([&] {
    Socket next = tapped.tap.connect();
    // Nothing within this time: it is open, and so it is relayed.
    Bytes scratch(1);
    return next.receive(scratch, Milliseconds(300)) == std::nullopt;
  }));
}

// ---- Colours ----

namespace {

// A terminal that programs can print to.
class Terminal {
 public:
  Terminal() {
    const bool opened =
        master_.is_open() && ::grantpt(master_.descriptor()) == 0 && ::unlockpt(master_.descriptor()) == 0;
    if (!opened) throw std::runtime_error("there is no terminal");
  }
  std::string name() const { return ::ptsname(master_.descriptor()); }
  std::string read_line() {
    std::string line;
    for (char c = 0; !line.ends_with("\r\n") && ::read(master_.descriptor(), &c, 1) == 1;) line += c;
    return line.substr(0, line.find('\r'));
  }

 private:
  Socket master_ = Socket(::posix_openpt(O_RDWR | O_NOCTTY | O_CLOEXEC));
};

// The first line that the tap prints of a conversation, into a terminal.
std::string first_line(const std::string& environment) {
  const Socket server = listen_on("127.0.0.1", 0);
  Terminal terminal;
  const Process tap({"/bin/sh", "-c",
                     environment + " exec " WEBSOCK_BIN "tap --port 0 --to 127.0.0.1:" +
                         std::to_string(server.local_port()) + " >" + terminal.name()},
                    "/dev/null");
  const std::string listening = terminal.read_line();
  Socket client = connect_to_port(static_cast<std::uint16_t>(std::stoi(listening.substr(listening.rfind(':') + 1))));
  terminal.read_line();
  put(client, kRequest);
  return terminal.read_line();
}

}  // namespace

TEST("own-tap-08 colours in a terminal only, and only for those who like them") {
  CHECK_EQ(first_line("NO_COLOR="), "\x1b[36m1 -> GET /path?query HTTP/1.1\x1b[0m");
  CHECK_EQ(first_line("NO_COLOR=1"), "1 -> GET /path?query HTTP/1.1");
}
