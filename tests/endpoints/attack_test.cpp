// Chapter 16: clients that mean harm, or are dead, or broken. In each test one of them does its worst while an honest
// client echoes: and the attacker's thread ends, its descriptor is closed, its on_connection_close came exactly once,
// and nobody else noticed anything. What the limits do is in limits_test.cpp.
#ifdef __linux__
#include <linux/filter.h>
#endif
#include <sys/wait.h>
#include <unistd.h>

#include "check.h"
#include "server_fixture.h"

using namespace websock;

// After so long without being writable a socket is taken to be full.
constexpr Milliseconds kPause(300);

// ---- Slow and dead peers ----

TEST("own-attack-01 one that never reads during a broadcast: its outbox fills, and it alone is aborted") {
  Attack attack({.limits = {.max_outbox = 256 * 1024, .outbox_stall = Milliseconds(0)}});
  RawClient deaf(attack.port(), 4096);
  deaf.upgrade();
  const std::string news = "broadcast " + std::string(64 * 1024, 'x');
  while (attack.journal().count("outbox limit") == 0) {
    attack.server().send_all(news);
    CHECK(attack.honest.goes_on());
  }
  CHECK(attack.journal().gets("error limit: 127.0.0.1:"));
  CHECK(attack.is_over(1));
  CHECK_EQ(attack.journal().count("closed 1006"), 1u);
  CHECK(deaf.ends_with_reset());
  CHECK(attack.was_harmless(deaf));
}

TEST("own-attack-02 one that never reads its own echoes waits for itself: memory stays flat, and no echo is lost") {
  Attack attack({.limits = {.max_outbox = 1 << 20, .outbox_stall = Milliseconds(0)}});
  RawClient deaf(attack.port(), 4096);
  deaf.upgrade();
  const std::size_t memory = resident_memory();
  const Bytes message = masked_text(std::string(1000, 'x'));
  Bytes flood;
  for (int i = 0; i < 100; ++i) flood.insert(flood.end(), message.begin(), message.end());
  std::size_t sent = 0;                   // bytes, until TCP takes no more
  constexpr std::size_t kMany = 4 << 20;  // bytes: four times the outbox, and less than TCP takes
  const auto pause = [&] { return deadline_after(sent > kMany ? kPause : kLong); };
  for (pollfd writable{deaf.socket.descriptor(), POLLOUT, 0}; wait_for({&writable, 1}, pause());) {
    const ByteView rest = ByteView(flood).subspan(sent % flood.size());
    sent += deaf.socket.send({&rest, 1});
  }
  CHECK(sent > kMany);
  if (!kSanitized) CHECK(resident_memory() < memory + (8 << 20));
  CHECK_EQ(attack.journal().count("closed"), 0u);
  CHECK(attack.honest.goes_on());

  auto reading = in_thread([&] { return take(deaf.socket, sent / message.size() * (4 + 1000)).size(); });
  CHECK_EQ(reading.get(), sent / message.size() * (4 + 1000));
  deaf.socket.close();
  CHECK(attack.is_over());
  CHECK(attack.was_harmless());
}

// From now on nothing reaches this socket, and it says nothing: its machine has lost power. Where no filter can be set,
// its program stands still: the server hears as little from it, though TCP goes on to acknowledge.
void vanish([[maybe_unused]] RawClient& client) {
#ifdef __linux__
  sock_filter drop_all{BPF_RET | BPF_K, 0, 0, 0};
  const sock_fprog program{1, &drop_all};
  CHECK_EQ(::setsockopt(client.socket.descriptor(), SOL_SOCKET, SO_ATTACH_FILTER, &program, sizeof program), 0);
#endif
}

TEST("own-attack-03 one that vanishes without a FIN is found by the keepalive") {
  Attack attack({.limits = {.ping_interval = Milliseconds(100), .pong_timeout = kPatience}});
  RawClient dead(attack.port());
  dead.upgrade();
  vanish(dead);
  CHECK(attack.journal().gets("did not answer a Ping"));
  CHECK(attack.is_over(1));
  CHECK_EQ(attack.journal().count("closed 1006"), 1u);
  CHECK(attack.was_harmless(dead));
}

TEST("own-attack-04 one that vanishes while data is on its way to it is found by the outbox's stall limit") {
  Attack attack({.limits = {.outbox_stall = kPatience}});
  RawClient dead(attack.port(), 4096);
  dead.upgrade("dead!");
  CHECK(attack.journal().gets("opened", 2));
  vanish(dead);
  for (const Client& client : attack.server().clients()) {
    if (client->query() == "dead!") client->send(Bytes(8 << 20));
  }
  CHECK(attack.journal().gets("outbox stall"));
  CHECK(attack.is_over(1));
  CHECK(attack.was_harmless(dead));
}

TEST("own-attack-05 half a request, half a header, half a payload, and then nothing") {
  Attack attack(
      {.limits = {
           .handshake_timeout = kPatience, .message_timeout = Milliseconds(300), .close_timeout = Milliseconds(200)}});
  RawClient request(attack.port());
  request.send("GET / HTTP/1.1\r\nHost: exam");
  RawClient header(attack.port());
  header.upgrade().send(hex("82 fe 01"));
  RawClient payload(attack.port());
  payload.upgrade().send(hex("81 85 00000000 4865"));
  RawClient fragment(attack.port());
  fragment.upgrade().send(hex("01 81 00000000 61"));
  CHECK(request.take_text_to_end().starts_with("HTTP/1.1 408 Request Timeout\r\n"));
  for (RawClient* client : {&header, &payload, &fragment}) {
    CHECK(take_to_end(client->socket).find("03 f0") == 6);  // 1008
  }
  CHECK(attack.is_over(4));
  CHECK_EQ(attack.journal().count("error timeout"), 4u);
  CHECK_EQ(attack.journal().count("closed 1006"), 3u);
  CHECK(attack.was_harmless(request, header, payload, fragment));
}

TEST("own-attack-06 one that resets: at once, after the handshake, in a message, in a close") {
  Attack attack;
  const std::vector<Bytes> lasts = {{}, hex("81"), hex("81 85 00000000 4865"), masked_text("x"), masked_close(1000)};
  for (int i = 0; i < 20; ++i) {
    RawClient(attack.port()).reset();
    RawClient half(attack.port());
    half.send("GET");
    half.reset();
    for (const Bytes& last : lasts) {
      RawClient client(attack.port());
      client.upgrade().send(last);
      client.reset();
    }
  }
  CHECK(attack.is_over());
  CHECK_EQ(attack.journal().count("opened"), 1 + 20 * lasts.size());
  CHECK_EQ(attack.journal().count("error"), 0u);  // that is how clients are
  CHECK(attack.was_harmless());
}

// Sends and sends, and reads nothing, until it is over.
void flood(RawClient& client, const std::function<bool()>& is_over) {
  const Bytes data = masked_text(std::string(10'000, 'x'));
  std::size_t sent = 0;
  try {
    while (!is_over()) {
      const ByteView rest = ByteView(data).subspan(sent % data.size());
      sent += client.socket.send({&rest, 1});
    }
  } catch (const std::system_error&) {
    // It is over.
  }
}

// Closes whoever sends "close me", and echoes the rest.
ServerOptions that_closes(const Limits& limits) {
  return {.on_data_receive =
              [](const Client& client, const Message& message) {
                if (message.text() == "close me") {
                  client->close();
                } else {
                  client->send(message);
                }
              },
          .limits = limits};
}

TEST("own-attack-07 one that never answers our Close is gone after close_timeout") {
  Attack attack(that_closes({.close_timeout = Milliseconds(200)}));
  RawClient client(attack.port());
  client.upgrade().send(masked_text("close me"));
  CHECK(attack.journal().gets("closed 1006"));
  CHECK(attack.is_over(1));
  CHECK_EQ(take_to_end(client.socket), "88 02 03 e8");
  CHECK(attack.was_harmless(client));
}

TEST("own-attack-08 one that answers our Close with more and more data, likewise; its Pings it still gets back") {
  Attack attack(that_closes({.close_timeout = kPatience}));  // in which the server's thread has to get to the Ping
  RawClient client(attack.port());
  client.upgrade().send(masked_text("close me") + masked(0x89, "ping"));
  CHECK_EQ(to_hex(take(client.socket, 4)), "88 02 03 e8");
  CHECK_EQ(to_hex(take(client.socket, 6)), "8a 04 70 69 6e 67");
  flood(client, [&] { return attack.journal().count("closed") > 0; });
  CHECK(attack.journal().gets("closed 1006"));
  CHECK(attack.is_over(1));
  CHECK(attack.was_harmless(client));
}

TEST("own-attack-09 one that sends a Close, and goes on sending, and never ends TCP") {
  Attack attack({.limits = {.close_timeout = Milliseconds(300)}});
  RawClient client(attack.port());
  client.upgrade().send(masked_close(1000));
  CHECK_EQ(to_hex(take(client.socket, 4)), "88 02 03 e8");
  flood(client, [&] { return attack.journal().count("closed") > 0; });
  CHECK(attack.journal().gets("closed 1000"));
  CHECK(attack.is_over(1));
  CHECK(attack.was_harmless(client));
}

TEST("own-attack-10 one that ends its side of TCP but leaves ours open, with and without a full outbox") {
  Attack attack;
  RawClient idle(attack.port());
  RawClient full(attack.port(), 4096);
  idle.upgrade();
  full.upgrade();
  CHECK(attack.journal().gets("opened", 3));
  for (const Client& client : attack.server().clients()) client->send("broadcast" + std::string(8 << 20, 'x'));
  auto reading = in_thread([&] { return take(idle.socket, 10 + 9 + (8 << 20)).size(); });
  reading.wait();
  idle.socket.shut_down_sending();
  full.socket.shut_down_sending();
  CHECK(attack.journal().gets("closed 1006", 2));
  CHECK(attack.is_over(2));
  CHECK(attack.was_harmless(idle, full));
}

// ---- Stopped processes ----

// A client in a process of its own, which can be stopped. It answers Pings and echoes everything, until it is told to
// go. Has to be made before the server, while there is one thread.
class ChildClient {
 public:
  ChildClient() {
    if (::pipe(to_child_) < 0 || ::pipe(from_child_) < 0 || (process_ = ::fork()) < 0) {
      throw std::runtime_error("no child process");
    }
    if (process_ == 0) ::_exit(run());
  }
  ~ChildClient() {
    ::kill(process_, SIGKILL);
    ::waitpid(process_, nullptr, 0);
    for (const int descriptor : {to_child_[0], to_child_[1], from_child_[0], from_child_[1]}) ::close(descriptor);
  }

  bool connect(std::uint16_t port) {
    char byte = 0;
    return ::write(to_child_[1], &port, sizeof port) == sizeof port && ::read(from_child_[0], &byte, 1) == 1;
  }
  void stop() {
    ::kill(process_, SIGSTOP);
    ::waitpid(process_, nullptr, WUNTRACED);  // until it has stopped
  }
  void go_on() { ::kill(process_, SIGCONT); }

 private:
  int run() {
    std::uint16_t port = 0;
    if (::read(to_child_[0], &port, sizeof port) != sizeof port) return 1;
    try {
      RawClient client(port);
      client.upgrade();
      if (::write(from_child_[1], "k", 1) != 1) return 1;
      for (;;) client.send(masked_text(client.take_payload()));
    } catch (const std::exception&) {
      return 1;
    }
  }

  int to_child_[2] = {};
  int from_child_[2] = {};
  pid_t process_ = -1;
};

TEST("own-attack-11 a client process that is stopped, and goes on in time, stays; nobody waits for it meanwhile") {
  ChildClient child;
  Journal said;
  Attack attack({.on_data_receive =
                     [&](const Client& client, const Message& message) {
                       if (message.text() == "broadcast") return said.note("the child has echoed it");
                       client->send(message);
                     },
                 .limits = {.ping_interval = Milliseconds(200), .pong_timeout = Milliseconds(20'000)}});
  CHECK(child.connect(attack.port()));
  CHECK(attack.journal().gets("opened", 2));
  child.stop();
  attack.server().send_all("broadcast");
  CHECK(attack.honest.goes_on());
  CHECK_EQ(said.lines().size(), 0u);
  child.go_on();
  CHECK(said.gets("the child"));
  CHECK_EQ(attack.journal().count("closed"), 0u);
  CHECK(attack.was_harmless());
}

TEST("own-attack-12 a client that is stopped for longer than the Pong may take is gone, and nobody waits for it") {
  ChildClient child;
  Attack attack({.limits = {.ping_interval = Milliseconds(100), .pong_timeout = kPatience}});
  CHECK(child.connect(attack.port()));
  CHECK(attack.journal().gets("opened", 2));
  child.stop();
  CHECK(attack.journal().gets("did not answer a Ping"));
  CHECK(attack.is_over());
  CHECK_EQ(attack.journal().count("closed 1006"), 1u);
  CHECK(attack.was_harmless());
}

// ---- Hostile bytes ----

TEST("10.4-01 a header that announces 2^62 bytes is refused at once with 1009, and nothing is allocated") {
  Attack attack;
  const std::size_t memory = resident_memory();
  for (int i = 0; i < 50; ++i) {
    RawClient client(attack.port());
    client.upgrade().send(hex("82 ff 4000000000000000 00000000"));
    CHECK(take_to_end(client.socket).find("03 f1") == 6);
  }
  if (!kSanitized) CHECK(resident_memory() < memory + (16 << 20));
  CHECK(attack.is_over());
  CHECK(attack.was_harmless());
}

TEST("own-attack-13 a flood of Pings whose Pongs are not read, and of fragments that hold nothing") {
  Attack attack({.limits = {.max_outbox = 1 << 20, .outbox_stall = Milliseconds(0)}});
  const std::size_t memory = resident_memory();
  RawClient pings(attack.port(), 4096);
  RawClient fragments(attack.port());
  pings.upgrade();
  fragments.upgrade().send(hex("01 80 00000000"));
  Bytes ping;
  Bytes nothing;
  for (int i = 0; i < 10'000; ++i) {
    ping = std::move(ping) + hex("89 80 00000000");
    nothing = std::move(nothing) + hex("00 80 00000000");
  }
  std::size_t sent = 0;
  for (int i = 0; i < 100; ++i) {
    const ByteView flood = ByteView(ping).subspan(sent % ping.size());  // on from where it stopped: frames stay whole
    sent += pings.socket.send({&flood, 1});                             // as much as it takes
    CHECK(fragments.send(nothing));
  }
  CHECK(attack.honest.goes_on());
  if (!kSanitized) CHECK(resident_memory() < memory + (16 << 20));
  pings.reset();
  fragments.send(hex("80 81 00000000 61"));
  CHECK_EQ(to_hex(take(fragments.socket, 3)), "81 01 61");
  fragments.reset();
  CHECK(attack.is_over());
  CHECK(attack.was_harmless());
}

TEST("own-attack-14 urgent data is no way to hang or to crash a thread") {
  Attack attack({.limits = {.handshake_timeout = kPatience, .close_timeout = Milliseconds(200)}});
  RawClient early(attack.port());
  ::send(early.socket.descriptor(), "!", 1, MSG_OOB);
  RawClient late(attack.port());
  late.upgrade();
  ::send(late.socket.descriptor(), "!", 1, MSG_OOB);
  CHECK(late.echoes("still there"));  // what is urgent is not part of the stream
  late.reset();
  CHECK(attack.is_over(1));
  CHECK(attack.was_harmless(early));
}

TEST("own-attack-15 a slowloris of 500: a normal client is served meanwhile, and all are gone after the deadline") {
  Attack attack({.limits = {.handshake_timeout = kPatience, .close_timeout = Milliseconds(300)}});
  std::vector<RawClient> drips;
  for (int i = 0; i < 500; ++i) drips.emplace_back(attack.port());
  for (std::size_t at = 0; attack.journal().count("took too long") < drips.size(); ++at) {
    for (RawClient& drip : drips) drip.send(kRequestWithoutEnd.substr(at % kRequestWithoutEnd.size(), 1));
    CHECK(attack.honest.goes_on());
  }
  RawClient normal(attack.port());
  CHECK(normal.upgrade().echoes("Hello"));
  normal.reset();
  CHECK(attack.is_over(drips.size()));
  CHECK_EQ(attack.journal().count("opening handshake took too long"), drips.size());
  drips.clear();
  CHECK(attack.was_harmless());
}

// ---- What an outbox is worth ----

TEST("own-attack-16 one that reads nothing of very many short messages costs what max_outbox says, and not more") {
  Attack attack({.limits = {.max_outbox = 1 << 20, .outbox_stall = Milliseconds(0)}});
  RawClient deaf(attack.port(), 4096);
  deaf.upgrade();
  const std::size_t memory = resident_memory();
  while (attack.journal().count("outbox limit") == 0) {
    for (int i = 0; i < 1'000; ++i) attack.server().send_all("broadcast");
    CHECK(attack.honest.goes_on());
    if (!kSanitized) CHECK(resident_memory() < memory + (8 << 20));
  }
  CHECK(attack.is_over(1));
  CHECK(attack.was_harmless(deaf));
}

TEST("own-attack-17 one that reads nothing is given up, though all that waits for it are short messages") {
  Attack attack({.limits = {.max_outbox = 0, .outbox_stall = Milliseconds(2'000)}});
  RawClient deaf(attack.port(), 4096);
  deaf.upgrade();
  const std::string news = "broadcast" + std::string(700, 'x');
  for (std::size_t sent = 0; sent < 16 << 20;) {
    for (const std::size_t end = sent + (256 << 10); sent < end; sent += news.size()) attack.server().send_all(news);
    CHECK(attack.honest.goes_on());  // so that it never has much to read, however slow the machine
  }
  CHECK(attack.journal().gets("outbox stall"));
  CHECK(attack.is_over(1));
  CHECK(attack.was_harmless(deaf));
}

TEST("own-attack-18 one that reads a little now and then cannot put off the end behind a Close of ours") {
  Attack attack(that_closes({.outbox_stall = Milliseconds(1'000), .close_timeout = Milliseconds(200)}));
  RawClient dripping(attack.port(), 4096);
  dripping.upgrade("drips");
  CHECK(attack.journal().gets("opened", 2));
  constexpr std::size_t kAll = 8 << 20;  // bytes; all of it would take twenty seconds, on the quickest machine
  // To this one alone: on a busy machine the honest client might not get its turn within the stall limit either.
  for (const Client& client : attack.server().clients()) {
    if (client->query() == "drips") client->send(Bytes(kAll));
  }
  dripping.send(masked_text("close me"));
  std::size_t taken = 0;
  while (attack.journal().count("closed 1006") == 0 && taken < kAll) {
    try {
      taken += take(dripping.socket, 4096).size();
    } catch (const std::system_error&) {
      // The reset comes before the journal tells of it. From here on take() brings nothing.
    }
    std::this_thread::sleep_for(Milliseconds(10));  // it is in no hurry
  }
  CHECK(taken < kAll);
  CHECK(attack.is_over(1));
  CHECK(attack.was_harmless(dripping));
}
