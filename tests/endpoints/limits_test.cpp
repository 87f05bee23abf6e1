// Chapter 16: every limit of resource_limits.h, reached by one client while an honest one echoes.
#include <sys/resource.h>

#include "check.h"
#include "server_fixture.h"

using namespace websock;

// ---- The opening handshake ----

TEST("own-limits-01 max_head: a longer head is answered with 431, an exact one is accepted") {
  Attack attack({.limits = {.max_head = kRequest.size() + 10}});
  RawClient fits(attack.port());
  fits.send(std::string(kRequestWithoutEnd) + "A: 345678\r\n\r\n" + "");
  CHECK_EQ(fits.take_head().substr(0, 12), "HTTP/1.1 431");  // eleven bytes more
  fits.reset();
  RawClient exact(attack.port());
  exact.send(std::string(kRequestWithoutEnd) + "A: 34567\r\n\r\n");
  CHECK_EQ(exact.take_head(), kAccepted);
  exact.reset();
  CHECK(attack.is_over());
  CHECK(attack.was_harmless());
}

TEST("own-limits-02 max_head 0 is as much as the receive buffer holds, less one: and then 431 too") {
  Attack attack({.limits = {.max_head = 0}});
  RawClient client(attack.port());
  client.send("GET / HTTP/1.1\r\nA: " + std::string(70'000, 'a'));
  CHECK_EQ(client.take_head().substr(0, 12), "HTTP/1.1 431");
  client.reset();
  CHECK(attack.is_over());
  CHECK(attack.was_harmless());
}

TEST("own-limits-03 handshake_timeout: 408 for bytes that drip, however many") {
  Attack attack({.limits = {.handshake_timeout = kPatience, .close_timeout = Milliseconds(200)}});
  RawClient drip(attack.port());
  for (std::size_t at = 0; attack.journal().count("error timeout: 127.0.0.1:") == 0; ++at) {
    drip.send(kRequestWithoutEnd.substr(at % kRequestWithoutEnd.size(), 1));
    CHECK(attack.honest.goes_on());
  }
  CHECK(drip.take_head().starts_with("HTTP/1.1 408 Request Timeout\r\n"));
  CHECK(attack.is_over(1));
  CHECK_EQ(attack.journal().count("opened"), 1u);
  CHECK(attack.was_harmless(drip));
}

// ---- Receiving ----

TEST("own-limits-04 max_message: 1009 as soon as the announced lengths pass it, fragments together") {
  Attack attack({.limits = {.max_message = 100}});
  RawClient exact(attack.port());
  CHECK(exact.upgrade().echoes(std::string(100, 'x')));
  exact.reset();
  for (const Bytes& bytes : {hex("81 e5 00000000"), hex("01 81 00000000 61 80 e4 00000000")}) {
    RawClient client(attack.port());
    client.upgrade().send(bytes);
    CHECK(take_to_end(client.socket).find("03 f1") == 6);
  }
  CHECK(attack.is_over());
  CHECK(attack.was_harmless());
}

TEST("own-limits-05 message_timeout: 1008 for one that drips; one that streams whole messages is not meant") {
  Attack attack({.limits = {.message_timeout = kPatience, .close_timeout = Milliseconds(200)}});
  RawClient drip(attack.port());
  RawClient streams(attack.port());
  drip.upgrade().send(hex("82 ff 0000000000ffffff 00000000"));  // more bytes than could drip within the time
  streams.upgrade().send(hex("82 82 00000000 61"));
  while (attack.journal().count("took too long to arrive") == 0) {
    drip.send("x");
    streams.send(hex("62 82 82 00000000 61"));  // ends a message, and begins the next
    CHECK_EQ(to_hex(take(streams.socket, 4)), "82 02 61 62");
  }
  CHECK(take_to_end(drip.socket).find("03 f0") == 6);
  streams.reset();
  CHECK(attack.is_over(1));
  CHECK(attack.was_harmless(drip));
}

// ---- Silence ----

TEST("own-limits-06 ping_interval: a silent peer gets a Ping, and stays if it answers; any byte will do") {
  Attack attack({.limits = {.ping_interval = Milliseconds(100), .pong_timeout = Milliseconds(30'000)}});
  RawClient client(attack.port());
  client.upgrade();
  CHECK_EQ(to_hex(take(client.socket, 2)), "89 00");
  client.send(hex("8a 80 00000000"));
  CHECK_EQ(to_hex(take(client.socket, 2)), "89 00");
  client.send(hex("81"));  // half a header
  CHECK_EQ(to_hex(take(client.socket, 2)), "89 00");
  client.send(hex("81 00000000 61"));
  CHECK_EQ(client.take_payload(), "a");
  CHECK_EQ(attack.journal().count("closed"), 0u);
  client.reset();
  CHECK(attack.is_over());
  CHECK(attack.was_harmless());
}

TEST("own-limits-07 pong_timeout: one that does not answer is reset without a Close, and seen as 1006") {
  Attack attack({.limits = {.ping_interval = Milliseconds(100), .pong_timeout = kPatience}});
  RawClient client(attack.port());
  client.upgrade();
  CHECK_EQ(take_to_end(client.socket), "89 00 (reset)");
  CHECK(attack.journal().gets("closed 1006"));
  CHECK(attack.journal().gets("error timeout: 127.0.0.1:"));
  CHECK(attack.is_over(1));
  CHECK(attack.was_harmless(client));
}

TEST("own-limits-08 a callback that takes longer than ping and pong together does not cost its client the connection") {
  Door door;
  Attack attack({.on_data_receive =
                     [&](const Client& client, const Message& message) {
                       if (message.text() == "wait") door.wait();
                       client->send(message);
                     },
                 .limits = {.ping_interval = Milliseconds(100), .pong_timeout = kPatience}});
  RawClient busy(attack.port());
  RawClient silent(attack.port());
  busy.upgrade().send(masked_text("wait"));
  CHECK(door.gets_somebody());
  silent.upgrade();
  CHECK(attack.journal().gets("closed 1006"));  // so the time is over
  door.open();
  CHECK_EQ(busy.take_payload(), "wait");
  CHECK(busy.echoes("and on it goes"));
  CHECK_EQ(attack.journal().count("closed"), 1u);
  CHECK(attack.was_harmless(busy, silent));
}

TEST("own-limits-09 0 switches the keepalive off: no Ping, though a receive of the callback's times out") {
  Attack attack({.on_data_receive =
                     [](const Client& client, const Message& message) {
                       for (int i = 0; i < 3; ++i) client->receive(Milliseconds(1));
                       client->send(message);
                     },
                 .limits = {.ping_interval = Milliseconds(0), .pong_timeout = Milliseconds(0)}});
  RawClient client(attack.port());
  client.upgrade().send(hex("82 81 00000000 61"));
  CHECK_EQ(take(client.socket, 3).at(0), 0x82);  // and no 0x89
  client.reset();
  CHECK(attack.is_over());
  CHECK(attack.was_harmless());
}

// ---- Sending ----

void send_to_deaf(WebSocketServer& server, const Bytes& bytes) {
  for (const Client& client : server.clients()) {
    if (client->query() == "deaf") client->send(bytes);
  }
}

TEST("own-limits-10 max_outbox: a send that finds so much queued resets; one message of any size finds room") {
  Attack attack({.limits = {.max_outbox = 1000, .outbox_stall = Milliseconds(0)}});
  RawClient deaf(attack.port(), 4096);
  deaf.upgrade("deaf");
  CHECK(attack.journal().gets("opened", 2));
  send_to_deaf(attack.server(), Bytes(16 << 20));
  CHECK(attack.honest.goes_on());
  CHECK_EQ(attack.journal().count("closed"), 0u);
  send_to_deaf(attack.server(), Bytes(1));
  CHECK(attack.journal().gets("error limit: 127.0.0.1:"));
  CHECK(attack.journal().gets("outbox limit"));
  CHECK(attack.is_over(1));
  CHECK(deaf.ends_with_reset());
  CHECK(attack.was_harmless(deaf));
}

TEST("own-limits-11 outbox_stall: a queue that does not shrink for so long resets") {
  Attack attack({.limits = {.outbox_stall = kPatience}});
  RawClient deaf(attack.port(), 4096);
  deaf.upgrade("deaf");
  CHECK(attack.journal().gets("opened", 2));
  send_to_deaf(attack.server(), Bytes(8 << 20));
  CHECK(attack.honest.goes_on());
  CHECK(attack.journal().gets("outbox stall"));
  CHECK(attack.is_over(1));
  CHECK_EQ(attack.journal().count("closed 1006"), 1u);
  CHECK(deaf.ends_with_reset());
  CHECK(attack.was_harmless(deaf));
}

// ---- Ending ----

TEST("own-limits-12 close_timeout must be positive") {
  CHECK_THROWS(WebSocketServer({.limits = {.close_timeout = Milliseconds(0)}}), std::invalid_argument);
  CHECK_THROWS(WebSocketServer({.limits = {.close_timeout = Milliseconds(-1)}}), std::invalid_argument);
}

// ---- How many ----

TEST(
    "own-limits-13 max_connections: a further client gets 503, many further ones a plain close; a free place is "
    "given") {
  Attack attack(
      {.limits = {.handshake_timeout = Milliseconds(0), .close_timeout = Milliseconds(30'000), .max_connections = 3}});
  RawClient half(attack.port());  // handshakes count
  RawClient second(attack.port());
  second.upgrade();
  std::vector<RawClient> refused;
  for (int i = 0; i < 8; ++i) {
    refused.emplace_back(attack.port());
    CHECK(refused.back().take_head().starts_with("HTTP/1.1 503 Service Unavailable\r\n"));
  }
  for (int i = 0; i < 20; ++i) {  // those eight are not gone yet: no thread is spent on these
    RawClient further(attack.port());
    CHECK_EQ(take(further.socket, 1).size(), 0u);
  }
  refused.clear();
  half.reset();
  CHECK(eventually([&] {
    RawClient next(attack.port());
    return next.is_accepted();
  }));
  second.reset();
  CHECK(attack.is_over());
  CHECK(attack.was_harmless());
}

TEST("own-limits-14 max_connections is lowered to what the descriptors allow, and on_error is told") {
  rlimit before{};
  ::getrlimit(RLIMIT_NOFILE, &before);
  const rlimit low{100, before.rlim_max};
  ::setrlimit(RLIMIT_NOFILE, &low);
  Journal journal;
  {
    const WebSocketServer lowered(with_journal({}, journal));
    CHECK_EQ(journal.count("error limit: max_connections is lowered to 68"), 1u);
    const WebSocketServer unlimited(with_journal({.limits = {.max_connections = 0}}, journal));
    CHECK_EQ(journal.count("error limit: max_connections is lowered to 68"), 2u);
    const WebSocketServer modest(with_journal({.limits = {.max_connections = 68}}, journal));
    CHECK_EQ(journal.lines().size(), 2u);
  }
  ::setrlimit(RLIMIT_NOFILE, &before);
}
