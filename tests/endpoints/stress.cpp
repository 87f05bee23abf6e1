// Chapter 16: everybody at once. Honest clients, slow ones, deaf ones, ones that reset, ones that send random bytes and ones
// that never complete a handshake, all against one server.
//
//     stress [--seconds N]
//
// At the end every honest message has been echoed exactly once and in order, and the server has given everything back:
// threads, descriptors, memory.
#include <random>

#include "common/arguments.h"
#include "server_fixture.h"

#ifdef __GLIBC__
#include <malloc.h>
#endif

using namespace websock;

namespace {

constexpr std::size_t kSlack = 64 << 20;  // bytes: what an allocator may keep for later

std::atomic<bool> ending = false;
std::atomic<std::size_t> echoes = 0;
std::atomic<std::size_t> attacks = 0;
std::atomic<std::size_t> failures = 0;

void fail(const std::string& what) {
  ++failures;
  std::printf("FAILED  %s\n", what.c_str());
}

// ---- The clients ----

using Random = std::mt19937;  // of the same attacks each time

std::size_t between(Random& random, std::size_t least, std::size_t most) {
  return std::uniform_int_distribution<std::size_t>(least, most)(random);
}

// Sends a few messages at once, of any size, and wants them back in order. News from others may come in between.
void be_honest(std::uint16_t port, Random random) {
  RawClient client(port);
  client.upgrade("honest");
  for (std::size_t number = 0; !ending;) {
    std::vector<std::string> sent;
    Bytes frames;
    for (std::size_t i = between(random, 1, 16); i > 0; --i) {
      sent.push_back("honest " + std::to_string(++number) + std::string(between(random, 0, 3'000), 'x'));
      frames = std::move(frames) + masked_text(sent.back());
    }
    if (!client.send(frames)) return fail("an honest client cannot send");
    for (const std::string& wanted : sent) {
      std::string got = client.take_payload();
      while (got.starts_with("news")) got = client.take_payload();
      if (got != wanted) return fail("an honest client lost a message");
      ++echoes;
    }
  }
  client.send(masked_close(1000));
  if (client.ends_with_reset()) fail("an honest client was reset");
}

// Asks for more than it reads.
void be_slow(std::uint16_t port, Random random) {
  RawClient client(port, 4096);
  client.upgrade("slow");
  const Bytes request = masked_text("news " + std::string(between(random, 0, 20'000), 'x'));
  for (std::size_t i = between(random, 1, 200); i > 0 && !ending; --i) {
    const ByteView bytes = request;
    if (client.socket.send({&bytes, 1}) < bytes.size()) break;  // the rest would be the middle of a frame
    if (between(random, 0, 3) == 0) take(client.socket, between(random, 1, 100));
  }
}

// Has very many short messages come, and reads none: all of them are news of its own, each in two frames, the second of
// which is empty, so that they cannot be answered together. Sometimes it asks for the end, too.
void be_deaf(std::uint16_t port, Random random) {
  RawClient client(port, 4096);
  client.upgrade("deaf");
  const Bytes request = masked(0x01, "news") + masked(0x80, "");
  for (std::size_t i = between(random, 1, 2'000); i > 0 && !ending; --i) {
    const ByteView bytes = request;
    if (client.socket.send({&bytes, 1}) < bytes.size()) break;
  }
  if (between(random, 0, 1) == 0) client.send(masked_close(1000));
  std::this_thread::sleep_for(Milliseconds(between(random, 0, 100)));
}

void reset(std::uint16_t port, Random random) {
  RawClient client(port);
  const Bytes all = Bytes(kRequest.begin(), kRequest.end()) + masked_text(std::string(between(random, 0, 70'000), 'x'));
  client.send(ByteView(all).first(between(random, 0, all.size())));
  client.reset();
}

// Random bytes: instead of a request, of a frame, or behind a frame's first byte.
void send_noise(std::uint16_t port, Random random) {
  RawClient client(port);
  if (between(random, 0, 3) > 0) client.upgrade("noise");
  Bytes noise(between(random, 1, 5'000));
  for (std::uint8_t& byte : noise) byte = static_cast<std::uint8_t>(random());
  if (between(random, 0, 1) == 0) noise[0] = static_cast<std::uint8_t>(0x80 + between(random, 0, 10));
  if (noise.size() > 1 && between(random, 0, 1) == 0) noise[1] |= 0x80;
  client.send(noise);
  if (between(random, 0, 1) == 0) client.socket.shut_down_sending();
  client.ends_with_reset();
}

void open_halfway(std::uint16_t port, Random random) {
  std::vector<RawClient> clients;
  for (int i = 0; i < 10; ++i) {
    clients.emplace_back(port);
    clients.back().send(kRequest.substr(0, between(random, 0, kRequest.size() - 1)));
  }
  for (RawClient& client : clients) client.ends_with_reset();
}

// ---- The course of it ----

using Behaviour = void (*)(std::uint16_t, Random);

std::thread repeat(Behaviour behave, std::uint16_t port, unsigned seed) {
  return std::thread([=] {
    for (Random random(seed); !ending; ++attacks) {
      try {
        behave(port, Random(random()));
      } catch (const std::exception& error) {  // cut off in the middle: that is what an attacker must expect
        if (behave == be_honest) fail(std::string("an honest client: ") + error.what());
      }
    }
  });
}

// Echoes to the honest; what the slow ones send is news, for everybody.
ServerOptions options(WebSocketServer*& server, Journal& journal) {
  return with_journal({.on_data_receive =
                           [&](const Client& client, const Message& message) {
                             if (message.is_text() && message.text().starts_with("news")) {
                               server->send_all(message);
                             } else {
                               client->send(message);
                             }
                           },
                       .on_error = [](const Error&) {},
                       .limits = {.handshake_timeout = Milliseconds(300),
                                  .ping_interval = Milliseconds(1'000),
                                  .max_outbox = 64 << 20,
                                  .outbox_stall = Milliseconds(10'000),
                                  .close_timeout = Milliseconds(300)}},
                      journal);
}

void run(Milliseconds time) {
  Journal journal;
  WebSocketServer* server = nullptr;
  Running running(options(server, journal));
  server = &running.server();
  std::vector<std::thread> honest;
  std::vector<std::thread> attackers;
  unsigned seed = 0;
  for (int i = 0; i < 4; ++i) honest.push_back(repeat(be_honest, server->port(), ++seed));
  journal.gets("opened", honest.size());  // before the crowd: the limit on a handshake's time is short
  for (const Behaviour attack : {be_slow, be_deaf, reset, send_noise, open_halfway}) {
    for (int i = 0; i < 3; ++i) attackers.push_back(repeat(attack, server->port(), ++seed));
  }
  std::this_thread::sleep_for(time);
  ending = true;
  for (std::thread& client : honest) client.join();
  running.end();  // which ends what the attackers are waiting for
  for (std::thread& client : attackers) client.join();
  if (journal.count("opened") != journal.count("closed ")) fail("not every open had its close");
  std::printf("%zu connections, %zu of them opened\n", attacks.load(), journal.count("opened"));
}

std::size_t trimmed_memory() {
#ifdef __GLIBC__
  ::malloc_trim(0);
#endif
  return resident_memory();
}

void test(int argc, char** argv) {
  Milliseconds time(20'000);
  Arguments arguments("stress [--seconds N]      everybody at once");
  arguments.option("seconds", "N", "that it lasts (20)",
                   [&](const std::string& text) { time = Milliseconds(1000 * parse_number(text, 1, 100'000)); });
  arguments.parse_options(argc, argv);

  const BaseLine base_line;
  const std::size_t memory = trimmed_memory();
  run(time);
  if (!base_line.is_restored()) fail("threads or descriptors are left");
  const std::size_t more = trimmed_memory() - std::min(memory, trimmed_memory());
  if (!kSanitized && more > kSlack) fail("memory is left");
  if (echoes == 0) fail("nothing was echoed");
  std::printf("%zu echoes, %zu KiB more memory than before, %zu failures\n", echoes.load(), more / 1024,
              failures.load());
  if (failures > 0) throw std::runtime_error("FAILED");
}

}  // namespace

int main(int argc, char** argv) {
  return run_program("stress", [&] { test(argc, argv); });
}
