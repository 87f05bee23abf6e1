// Chapter 16: callbacks that misbehave. No deadlock, no crash; what happens is what server.h says.
#include "check.h"
#include "server_fixture.h"

using namespace websock;

TEST("own-callbacks-01 one that throws, each time, under load: the others notice nothing, none is left") {
  Attack attack({.on_data_receive = [](const Client& client, const Message& message) {
    if (message.text() == "throw") throw std::runtime_error("again");
    client->send(message);
  }});
  for (int i = 0; i < 50; ++i) {
    RawClient client(attack.port());
    client.upgrade().send(masked_text("throw") + masked_text("throw") + masked_close(1011));
    CHECK_EQ(take_to_end(client.socket), "88 02 03 f3");
  }
  CHECK(attack.is_over());
  CHECK_EQ(attack.journal().count("error callback"), 50u);  // after the first, data is discarded
  CHECK(attack.was_harmless());
}

TEST("own-callbacks-02 one that blocks: only its client waits, and the server's end waits for it") {
  Door door;
  Journal order;
  Attack attack({.on_data_receive = [&](const Client& client, const Message& message) {
    if (message.text() == "wait") {
      door.wait();
      order.note("callback over");
    }
    client->send(message);
  }});
  RawClient client(attack.port());
  client.upgrade().send(masked_text("wait"));
  CHECK(door.gets_somebody());
  CHECK(attack.honest.goes_on());
  CHECK(attack.honest.finish());
  attack.server().close_server();
  std::thread ends([&] {
    attack.serving.end_server();
    order.note("server over");
  });
  client.socket.close();
  door.open();
  ends.join();
  CHECK_EQ(order.lines(), (std::vector<std::string>{"callback over", "server over"}));
  CHECK(attack.serving.ends());
}

TEST("own-callbacks-03 ones that hold the application's lock while they send to everybody, themselves included") {
  std::mutex application;
  WebSocketServer* server = nullptr;
  Attack attack({.on_data_receive =
                     [&](const Client& client, const Message& message) {
                       if (message.text() != "to all") return void(client->send(message));
                       const std::lock_guard lock(application);
                       server->send_all("broadcast " + std::string(50'000, 'x'));
                     },
                 .on_error = [&](const Error&) { const std::lock_guard lock(application); },
                 .limits = {.max_outbox = 1 << 20, .outbox_stall = kPatience}});
  server = &attack.server();
  std::vector<RawClient> crowd;
  for (int i = 0; i < 5; ++i) crowd.emplace_back(attack.port(), 4096).upgrade();  // none of them reads
  for (bool over = false; !over;) {
    for (RawClient& client : crowd) client.send(masked_text("to all"));
    CHECK(attack.honest.goes_on());
    over = attack.journal().count("closed 1006") == crowd.size();
  }
  CHECK(attack.is_over(crowd.size()));
  crowd.clear();
  CHECK(attack.was_harmless());
}

TEST("own-callbacks-04 one that closes its own client, and one that closes another") {
  WebSocketServer* server = nullptr;
  Attack attack({.on_data_receive = [&](const Client& client, const Message& message) {
    if (message.text() == "me") client->close(CloseCode(4001));
    if (message.text() == "the other") {
      for (const Client& other : server->clients()) {
        if (other != client && other->query() == "victim") other->close(CloseCode(4002));
      }
    }
    client->send(message);
  }});
  server = &attack.server();
  RawClient victim(attack.port());
  victim.upgrade("victim");
  CHECK(attack.journal().gets("opened", 2));
  RawClient client(attack.port());
  CHECK(client.upgrade().echoes("the other"));
  CHECK_EQ(to_hex(take(victim.socket, 4)), "88 02 0f a2");
  victim.send(masked_text("not any more") + masked_close(4002));
  CHECK_EQ(take_to_end(victim.socket), "");
  victim.socket.close();
  client.send(masked_text("me") + masked_close(4001));
  CHECK_EQ(take_to_end(client.socket), "88 02 0f a1");
  client.socket.close();
  CHECK(attack.is_over());
  CHECK_EQ(attack.journal().count("closed 4001") + attack.journal().count("closed 4002"), 2u);
  CHECK(attack.was_harmless());
}

TEST("own-callbacks-05 one that stores the handle; other threads send to it before, while and after it closes") {
  std::mutex mutex;
  std::vector<Client> kept;
  {
    Attack attack({.on_connection_open =
                       [&](const Client& client) {
                         const std::lock_guard lock(mutex);
                         kept.push_back(client);
                       },
                   .on_connection_close = [](const Client& client) { client->send("too late"); }});
    std::atomic<bool> over = false;
    std::vector<std::thread> senders;
    for (int i = 0; i < 3; ++i) {
      senders.emplace_back([&] {
        while (!over) {
          std::unique_lock lock(mutex);
          const std::vector<Client> all = kept;
          lock.unlock();
          for (const Client& client : all) {
            client->send("broadcast");
            client->send(Bytes(10'000));
            client->ping("p");
            client->close_info();
            if (client->query() == "victim") client->close();
          }
        }
      });
    }
    for (int i = 0; i < 30; ++i) {
      RawClient client(attack.port());
      client.upgrade(i % 2 == 0 ? "victim" : "survivor");
      i % 3 == 0 ? client.reset() : static_cast<void>(client.send(masked_close(1000)));
    }
    over = true;
    for (std::thread& sender : senders) sender.join();
    attack.honest.finish();
  }
  CHECK(kept.size() >= 31);
  for (const Client& client : kept) CHECK(!client->send("the server is gone"));
}

TEST("own-callbacks-06 one that receives all there is: what it leaves is the end, and the close still comes once") {
  Attack attack({.on_connection_open =
                     [](const Client& client) {
                       if (client->query() != "query") return;
                       const std::optional<OwnedMessage> first = client->receive();
                       if (first) client->send(*first);
                     },
                 .on_connection_close = [](const Client& client) { client->receive(Milliseconds(0)); }});
  for (const int count : {0, 1, 2}) {
    RawClient client(attack.port());
    client.upgrade();
    for (int i = 0; i < count; ++i) CHECK(client.echoes(std::to_string(i)));
    client.send(masked_close(1000));
    CHECK_EQ(take_to_end(client.socket), "88 02 03 e8");
  }
  CHECK(attack.honest.finish());
  attack.serving.end_server();
  CHECK(attack.serving.base_line.is_restored());
}

TEST("own-callbacks-07 one that sends far more than an outbox holds, to a reader: drain() makes that possible") {
  constexpr int kBlocks = 300;
  Attack attack({.on_data_receive =
                     [](const Client& client, const Message& message) {
                       if (message.text() != "all") return void(client->send(message));
                       const Bytes block(100'000);
                       for (int i = 0; i < kBlocks && client->send(block); ++i) client->drain();
                     },
                 .limits = {.max_outbox = 200'000}});
  RawClient client(attack.port(), 4096);
  client.upgrade().send(masked_text("all"));
  const std::size_t wanted = kBlocks * (10u + 100'000);
  CHECK_EQ(take(client.socket, wanted).size(), wanted);
  client.socket.close();
  CHECK(attack.is_over());
  CHECK(attack.was_harmless());
}

TEST("own-callbacks-08 an on_error that throws, and one that blocks: only the client whose error it is waits") {
  Door door;
  Attack attack({.on_error = [&](const Error&) {
    door.wait();
    throw std::runtime_error("no more");
  }});
  RawClient broken(attack.port());
  broken.upgrade().send(hex("81 00"));  // not masked
  CHECK(door.gets_somebody());
  CHECK(attack.honest.goes_on());
  door.open();
  CHECK(take_to_end(broken.socket).find("03 ea") == 6);
  broken.socket.close();
  CHECK(attack.is_over());
  CHECK(attack.was_harmless());
}
