// Chapter 16: the server, as those see it who use it. Clients are TCP connections that speak bytes. What it
// does under attack is in attack_test.cpp and exhaustion_test.cpp, how it ends in server_end_test.cpp, and
// who may come in in entrance_test.cpp.
#include "check.h"
#include "endpoints/client.h"
#include "server_fixture.h"

using namespace websock;

// ---- The wire ----

TEST("4.2.2-20 a request is answered with 101, and after it frames flow: byte for byte") {
  Serving serving;
  RawClient client(serving.port());
  client.send(kRequest);
  CHECK_EQ(client.take_head(), kAccepted);
  client.send(hex("81 85 37fa213d 7f9f4d5158"));  // "Hello", as in RFC 6455 section 5.7
  CHECK_EQ(to_hex(take(client.socket, 7)), "81 05 48 65 6c 6c 6f");
  client.send(hex("82 82 00000000 00ff"));
  CHECK_EQ(to_hex(take(client.socket, 4)), "82 02 00 ff");
  CHECK(serving.ends(client));
}

TEST("own-server-01 frames that come in one packet with the request are not lost") {
  Serving serving;
  RawClient client(serving.port());
  client.send(bytes_of(kRequest).empty()
                  ? Bytes()
                  : Bytes(kRequest.begin(), kRequest.end()) + masked_text("early") + masked_text("bird"));
  CHECK_EQ(client.take_head(), kAccepted);
  CHECK_EQ(client.take_payload(), "early");
  CHECK_EQ(client.take_payload(), "bird");
  CHECK(serving.ends(client));
}

TEST("4.2.1-01 a request and a frame that come byte by byte are the same request and frame") {
  Serving serving;
  RawClient client(serving.port());
  for (const char c : kRequest) client.send(std::string_view(&c, 1));
  CHECK_EQ(client.take_head(), kAccepted);
  for (const std::uint8_t byte : masked_text("Hello")) client.send(ByteView(&byte, 1));
  CHECK_EQ(client.take_payload(), "Hello");
  CHECK(serving.ends(client));
}

TEST("5.5.3-02 a Ping is answered with a Pong that carries the same") {
  Serving serving;
  RawClient client(serving.port());
  client.upgrade().send(hex("89 83 00000000 616263"));
  CHECK_EQ(to_hex(take(client.socket, 5)), "8a 03 61 62 63");
  CHECK(serving.ends(client));
}

TEST("7.1.1-04 a Close is answered, and the server ends TCP first, without a reset") {
  Serving serving;
  RawClient client(serving.port());
  client.upgrade().send(masked_close(1000));
  CHECK_EQ(take_to_end(client.socket), "88 02 03 e8");
  client.socket.close();
  CHECK(serving.journal.gets("closed 1000"));
  CHECK(serving.ends());
}

TEST("7.1.7-07 after a broken rule comes a Close, and nothing that follows is processed") {
  Serving serving;
  RawClient client(serving.port());
  client.upgrade().send(hex("81 01 61") + masked_text("b") + masked(0x89, "c"));  // 5.1: not masked
  const std::string received = take_to_end(client.socket);
  CHECK(received.starts_with("88 ") && received.find("03 ea") == 6);  // 1002
  CHECK_EQ(received.size() / 3 + 1, 2 + std::stoul(received.substr(3, 2), nullptr, 16));
  client.socket.close();
  CHECK(serving.journal.gets("error protocol: 127.0.0.1:"));
  CHECK(serving.ends());
}

TEST("7.1.5-03 the application sees 1006 if TCP ends without a Close, 1005 if the Close has no code") {
  Serving serving;
  RawClient(serving.port()).upgrade();
  CHECK(serving.journal.gets("closed 1006"));
  RawClient(serving.port()).upgrade().send(masked(0x88, ""));
  CHECK(serving.journal.gets("closed 1005"));
  CHECK_EQ(serving.journal.count("error"), 0u);  // an ordinary disconnect is not an error
  CHECK(serving.ends());
}

TEST("own-server-02 a large message comes back whole, in one frame") {
  Serving serving;
  RawClient client(serving.port());
  client.upgrade();
  const std::string large(3'000'000, 'x');
  const auto sent = in_thread([&] { return client.send(masked_text(large)); });
  const RawFrame frame = take_frame(client.socket);
  CHECK_EQ(frame.first, 0x81);
  CHECK(text_of(frame.payload) == large);
  sent.wait();
  CHECK(serving.ends(client));
}

// ---- The callbacks ----

TEST("own-server-03 callbacks come in order, exactly once, on one thread for each client") {
  Journal journal;
  const auto note = [&](const std::string& what) {
    journal.note(what + " on " + std::to_string(std::hash<std::thread::id>()(std::this_thread::get_id())));
  };
  Serving serving({
      .on_data_receive = [&](const Client&, const Message& m) { note("data " + std::string(m.text())); },
      .on_connection_open = [&](const Client&) { note("opened"); },
      .on_connection_close = [&](const Client&) { note("closed"); },
      .on_server_destruct = [&] { note("destruct"); },
  });
  {
    RawClient client(serving.port());
    client.upgrade().send(masked_text("1") + masked_text("2") + masked_close(1000));
    take_to_end(client.socket);
  }
  CHECK(journal.gets("closed"));
  CHECK_EQ(journal.count("destruct"), 0u);
  CHECK(serving.ends());
  const std::vector<std::string> lines = journal.lines();
  const std::string thread = lines[0].substr(lines[0].find(" on "));
  CHECK_EQ(lines.size(), 5u);
  CHECK_EQ(lines[0], "opened" + thread);
  CHECK_EQ(lines[1], "data 1" + thread);
  CHECK_EQ(lines[2], "data 2" + thread);
  CHECK_EQ(lines[3], "closed" + thread);
  CHECK(lines[4].starts_with("destruct") && !lines[4].ends_with(thread));
}

TEST("own-server-04 on_server_destruct runs on the serving thread when the last client has gone") {
  std::thread::id destructed_on;
  Journal journal;
  ServerOptions options = with_journal({.limits = {.close_timeout = Milliseconds(100)}}, journal);
  options.on_server_destruct = [&] {
    destructed_on = std::this_thread::get_id();
    journal.note("destruct after " + std::to_string(journal.count("closed ")));
  };
  WebSocketServer server(options);
  const std::uint16_t port = server.port();
  auto clients = in_thread([&, port] {
    RawClient first(port);
    RawClient second(port);
    first.upgrade();
    second.upgrade();
    server.close_server();
    return take_to_end(first.socket) + " and " + take_to_end(second.socket);
  });
  server.serve_forever();
  CHECK(destructed_on == std::this_thread::get_id());
  CHECK_EQ(journal.lines().back(), "destruct after 2");
  CHECK_EQ(clients.get(), "88 02 03 e9 and 88 02 03 e9");  // 1001
}

TEST("own-server-05 different clients' callbacks run in parallel: one that takes long holds up nobody else") {
  Door door;
  Serving serving({.on_data_receive = [&](const Client& client, const Message& message) {
    if (message.text() == "wait") door.wait();
    client->send(message);
  }});
  RawClient slow(serving.port());
  RawClient quick(serving.port());
  slow.upgrade().send(masked_text("wait"));
  CHECK(door.gets_somebody());
  quick.upgrade();
  for (int i = 0; i < 10; ++i) CHECK(quick.echoes("quick"));
  door.open();
  CHECK_EQ(slow.take_payload(), "wait");
  CHECK(serving.ends(slow, quick));
}

struct SpecialException {};  // not a std::exception

void check_failing_callback(const ServerOptions& options, std::string_view wanted) {
  Serving serving(options);
  HonestClient honest(serving.port());
  RawClient client(serving.port());
  client.upgrade("throw").send(masked_text("throw"));
  CHECK_EQ(to_hex(take(client.socket, 4)), "88 02 03 f3");  // 1011
  client.send(masked_close(1011));
  CHECK_EQ(take_to_end(client.socket), "");
  CHECK(serving.journal.gets("error callback: 127.0.0.1:"));
  CHECK(serving.journal.gets(wanted));
  CHECK(honest.finish());
  CHECK(serving.ends(client));
}

TEST("own-server-06 an exception out of on_data_receive closes that client with 1011 and goes to on_error") {
  check_failing_callback({.on_data_receive =
                              [](const Client& client, const Message& message) {
                                if (message.text() == "throw") throw std::runtime_error("oh dear");
                                client->send(message);
                              }},
                         "oh dear");
  check_failing_callback({.on_data_receive =
                              [](const Client& client, const Message& message) {
                                if (message.text() == "throw") throw SpecialException();
                                client->send(message);
                              }},
                         "no std::exception");
}

TEST("own-server-07 an exception out of on_connection_open does the same, and a clean close still comes") {
  std::atomic<int> closed = 0;
  check_failing_callback(
      {.on_connection_open =
           [&](const Client& client) {
             if (client->query() == "throw") throw std::runtime_error("not this one");
           },
       .on_connection_close =
           [&](const Client& client) { closed += client->query() == "throw" && client->close_info().clean; }},
      "not this one");
  CHECK_EQ(closed.load(), 1);
}

TEST("own-server-08 an exception out of on_connection_close goes to on_error; out of on_error, nowhere") {
  Journal journal;
  Serving serving({
      .on_connection_open = [](const Client&) {},
      .on_error =
          [&](const Error& error) {
            journal.note(error.text);
            if (error.exception) throw std::runtime_error("and again");
          },
      .on_connection_close = [](const Client&) { throw std::runtime_error("at the end"); },
  });
  RawClient(serving.port()).upgrade();
  CHECK(journal.gets("at the end"));
  RawClient(serving.port()).upgrade();
  CHECK(journal.gets("at the end", 2));
  CHECK(serving.ends());
}

TEST("own-server-09 on_error brings the kind, the client and the exception itself") {
  Journal journal;
  Serving serving({.on_data_receive = [](const Client&, const Message&) { throw SpecialException(); },
                   .on_error =
                       [&](const Error& error) {
                         try {
                           std::rethrow_exception(error.exception);
                         } catch (const SpecialException&) {
                           journal.note(to_string(error.kind) + " " + std::string(error.client->path()));
                         }
                       }});
  RawClient client(serving.port());
  client.upgrade().send(masked_text("x"));
  CHECK(journal.gets("callback /path"));
  CHECK(serving.ends(client));
}

TEST("own-server-10 an exception out of on_server_destruct leaves serve_forever, after the clean-up") {
  const BaseLine base_line;
  {
    WebSocketServer server({.on_server_destruct = [] { throw std::runtime_error("last words"); },
                            .limits = {.close_timeout = Milliseconds(100)}});
    RawClient client(server.port());
    auto ending = in_thread([&] {
      client.upgrade();
      server.close_server();
    });
    CHECK_THROWS(server.serve_forever(), std::runtime_error);
    CHECK(server.clients().empty());
  }
  CHECK(base_line.is_restored());
}

TEST(
    "own-server-11 a client is in clients() from before on_connection_open until before "
    "on_connection_close") {
  Journal journal;
  WebSocketServer* server = nullptr;
  const auto is_in = [&](const Client& client) {
    const std::vector<Client> all = server->clients();
    return std::find(all.begin(), all.end(), client) != all.end() ? " in" : " out";
  };
  Serving serving({
      .on_data_receive = [&](const Client& c, const Message&) { journal.note(std::string("data") + is_in(c)); },
      .on_connection_open = [&](const Client& c) { journal.note(std::string("opened") + is_in(c)); },
      .on_connection_close = [&](const Client& c) { journal.note(std::string("closed") + is_in(c)); },
  });
  server = &serving.server();
  CHECK(server->clients().empty());
  RawClient(serving.port()).upgrade().send(masked_text("x") + masked_close(1000));
  CHECK(journal.gets("closed"));
  CHECK_EQ(journal.lines(), (std::vector<std::string>{"opened in", "data in", "closed out"}));
  CHECK(serving.ends());
}

// ---- Sending ----

TEST("own-server-12 send_all reaches all clients but the one excepted") {
  WebSocketServer* server = nullptr;
  Serving serving({.on_data_receive = [&](const Client& client, const Message& message) {
    server->send_all(message, client);
    server->send_all("text");
    server->send_all(bytes_of("binary"));
  }});
  server = &serving.server();
  RawClient sender(serving.port());
  RawClient other(serving.port());
  sender.upgrade();
  other.upgrade();
  CHECK(serving.journal.gets("opened", 2));
  sender.send(masked_text("all"));
  CHECK_EQ(to_hex(take(sender.socket, 14)), "81 04 74 65 78 74 82 06 62 69 6e 61 72 79");
  CHECK_EQ(to_hex(take(other.socket, 19)), "81 03 61 6c 6c 81 04 74 65 78 74 82 06 62 69 6e 61 72 79");
  CHECK_THROWS(server->send_all("\xff"), std::invalid_argument);
  CHECK(serving.ends(sender, other));
}

TEST("own-server-13 the server's send, ping, receive and close_client do what the client's do") {
  WebSocketServer* server = nullptr;
  Journal journal;
  Serving serving({.on_data_receive = [&](const Client& client, const Message&) {
    server->send(client, "text");
    server->send(client, bytes_of("bin"));
    const std::optional<OwnedMessage> second = server->receive(client);
    server->send(client, *second);
    server->ping(client, "p");
    journal.note(server->close_client(client, CloseCode(4000), "bye") ? "closes" : "does not close");
    journal.note(server->send(client, "more") ? "sends" : "does not send");
  }});
  server = &serving.server();
  RawClient client(serving.port());
  client.upgrade().send(masked_text("1") + masked_text("2"));
  CHECK_EQ(to_hex(take(client.socket, 22)), "81 04 74 65 78 74 82 03 62 69 6e 81 01 32 89 01 70 88 05 0f a0 62");
  CHECK_EQ(to_hex(take(client.socket, 2)), "79 65");
  client.send(masked_close(4000));
  CHECK_EQ(take_to_end(client.socket), "");
  client.socket.close();
  CHECK(serving.journal.gets("closed 4000"));
  CHECK_EQ(journal.lines(), (std::vector<std::string>{"closes", "does not send"}));
  CHECK(serving.ends());
}

TEST("own-server-14 what may not be sent throws, and nothing is sent") {
  Journal journal;
  Serving serving({.on_data_receive = [&](const Client& client, const Message&) {
    CHECK_THROWS(client->send("\xc0\x80"), std::invalid_argument);
    CHECK_THROWS(client->ping(std::string(126, 'p')), std::invalid_argument);
    CHECK_THROWS(client->close(CloseCode(1005)), std::invalid_argument);
    CHECK_THROWS(client->close(CloseCode(1000), std::string(124, 'r')), std::invalid_argument);
    CHECK_THROWS(client->close(CloseCode(1000), "\xff"), std::invalid_argument);
    client->send("done");
  }});
  RawClient client(serving.port());
  client.upgrade().send(masked_text("go"));
  CHECK_EQ(to_hex(take(client.socket, 6)), "81 04 64 6f 6e 65");
  CHECK(serving.ends(client));
}

TEST("own-server-15 receive: nothing within the time, an owned message, nothing at the end") {
  Journal journal;
  Serving serving({.on_data_receive = [&](const Client& client, const Message& message) {
    const std::string first(message.text());
    journal.note(client->receive(Milliseconds(0)) ? "something" : "nothing yet");
    client->send("go on");
    const std::optional<OwnedMessage> second = client->receive();
    journal.note(second ? std::string(second->text()) : "no second");
    journal.note(client->receive() ? "a third" : "the end");
  }});
  RawClient client(serving.port());
  client.upgrade().send(masked_text("first"));
  CHECK_EQ(client.take_payload(), "go on");
  client.send(masked_text("second") + masked_close(1000));
  CHECK_EQ(take_to_end(client.socket), "88 02 03 e8");
  client.socket.close();
  CHECK(serving.journal.gets("closed 1000"));
  CHECK_EQ(journal.lines(), (std::vector<std::string>{"nothing yet", "second", "the end"}));
  CHECK(serving.ends());
}

TEST("own-server-16 receive and drain on another thread than the client's own throw std::logic_error") {
  Serving serving;
  RawClient client(serving.port());
  client.upgrade();
  CHECK(serving.journal.gets("opened"));
  const Client handle = serving.server().clients().at(0);
  CHECK_THROWS(handle->receive(), std::logic_error);
  CHECK_THROWS(handle->drain(), std::logic_error);
  CHECK(client.echoes("still there"));
  CHECK(serving.ends(client));
}

TEST("own-server-17 a handle that is kept outlives the connection and the server: sending returns false") {
  Client kept;
  {
    Serving serving({.on_connection_open = [&](const Client& client) { kept = client; }});
    RawClient client(serving.port());
    client.upgrade();
    client.echoes("to be sure that it is open");
  }
  for (const bool sent : {kept->send("text"), kept->send(bytes_of("binary")), kept->ping(), kept->close()}) {
    CHECK(!sent);
  }
  kept->flush();
  CHECK_EQ(to_string(kept->state()), "closed");
  CHECK_EQ(kept->close_info().code, CloseCode::abnormal_closure);
  CHECK_EQ(kept->path(), "/path");
  CHECK_EQ(kept->query(), "query");
  CHECK(kept->peer_address().starts_with("127.0.0.1:"));
  CHECK_THROWS(kept->send("\xff"), std::invalid_argument);
}

TEST("own-server-18 answers that are held back leave with flush(), while the callback goes on") {
  Door door;
  Serving serving({.on_data_receive = [&](const Client& client, const Message& message) {
    client->send(message);
    if (message.text() != "1") return;
    client->flush();
    door.wait();
  }});
  RawClient client(serving.port());
  client.upgrade().send(masked_text("1") + masked_text("2"));
  CHECK_EQ(client.take_payload(), "1");
  door.open();
  CHECK_EQ(client.take_payload(), "2");
  CHECK(serving.ends(client));
}

TEST("own-server-19 a WebSocketClient in the same process does not make the server hold its answers back") {
  Journal journal;
  Door connected;
  {
    Running chatty({.on_connection_open = [&](const Client& client) {
      connected.wait();
      client->send("1");
      client->send("2");
      journal.note("sent");
    }});
    Serving serving;
    RawClient listener(serving.port());
    listener.upgrade();
    CHECK(serving.journal.gets("opened"));
    WebSocketClient client(url_of(chatty.server().port()));
    connected.open();
    CHECK(journal.gets("sent"));
    CHECK_EQ(client.receive()->text(), "1");
    serving.server().send_all("news");
    CHECK_EQ(listener.take_payload(), "news");
  }
}

// ---- Those who do not read ----

// Sends until the connection of `handle` has something in its outbox that the socket does not take.
void fill(const Client& handle) {
  const Bytes block(1 << 20);
  for (int i = 0; i < 12; ++i) handle->send(block);
}

TEST("own-server-20 a client that stops reading does not delay a send_all to the others") {
  Serving serving;
  RawClient deaf(serving.port(), 4096);
  deaf.upgrade();
  CHECK(serving.journal.gets("opened"));
  RawClient reader(serving.port());
  reader.upgrade();
  CHECK(serving.journal.gets("opened", 2));
  fill(serving.server().clients().at(0));
  fill(serving.server().clients().at(1));
  const Bytes large(1 << 20, 'x');
  auto reading = in_thread([&] { return take(reader.socket, 12 * (10 + (1 << 20)) + 3 * 3).size(); });
  for (const char* text : {"1", "2", "3"}) serving.server().send_all(text);
  CHECK_EQ(reading.get(), 12u * (10 + (1 << 20)) + 3 * 3);
  CHECK_EQ(serving.journal.count("closed"), 0u);  // the deaf one is still there, with its queue
  deaf.reset();
  CHECK(serving.ends(deaf, reader));
}

TEST("own-server-21 a client that stops reading does not delay the callback of another that writes to it") {
  WebSocketServer* server = nullptr;
  Serving serving({.on_data_receive = [&](const Client& client, const Message& message) {
    for (const Client& other : server->clients()) {
      if (other != client) fill(other);
    }
    client->send(message);
  }});
  server = &serving.server();
  RawClient deaf(serving.port(), 4096);
  deaf.upgrade();
  CHECK(serving.journal.gets("opened"));
  RawClient talker(serving.port());
  CHECK(talker.upgrade().echoes("to the deaf"));
  CHECK_EQ(serving.journal.count("closed"), 0u);
  deaf.reset();
  CHECK(serving.ends(deaf, talker));
}

// ---- serve_once ----

TEST(
    "own-server-22 serve_once serves one client on the calling thread; what opens no WebSocket does not "
    "count") {
  Journal journal;
  const std::thread::id self = std::this_thread::get_id();
  WebSocketServer server(with_journal({.on_data_receive =
                                           [&](const Client& client, const Message& message) {
                                             journal.note(std::this_thread::get_id() == self ? "here" : "elsewhere");
                                             client->send(message);
                                           }},
                                      journal));
  const std::uint16_t port = server.port();
  for (int round = 1; round <= 2; ++round) {
    auto talk = in_thread([port] {
      std::string refused;
      for (const char* request : {"GET / HTTP/1.1\r\nHost: a\r\n\r\n", "nonsense\r\n\r\n"}) {
        RawClient other(port);
        other.send(request);
        refused += other.take_head().substr(0, 13);
      }
      RawClient(port).reset();
      RawClient client(port);
      const bool echoed = client.upgrade().echoes("Hello");
      client.send(masked_close(1000));
      return refused + (echoed ? "echoed " : "lost ") + take_to_end(client.socket);
    });
    server.serve_once();
    CHECK_EQ(talk.get(), "HTTP/1.1 426 HTTP/1.1 400 echoed 88 02 03 e8");
    CHECK_EQ(journal.count("closed 1000"), static_cast<std::size_t>(round));
  }
  CHECK_EQ(journal.count("here"), 2u);
}

TEST("own-server-23 while serve_once serves one client, a second waits in the queue for the next call") {
  WebSocketServer server({.on_data_receive = [](const Client& c, const Message& m) { c->send(m); }});
  RawClient first(server.port());
  RawClient second(server.port());
  first.send(kRequest);
  second.send(kRequest);
  auto talk = in_thread([&] {
    const bool both = first.take_head() == kAccepted && first.echoes("1");
    const std::string early = arrived(second.socket);
    first.send(masked_close(1000));
    const std::string rest = take_to_end(first.socket);
    first.socket.close();
    return std::to_string(both) + early + rest;
  });
  server.serve_once();
  CHECK_EQ(talk.get(), "188 02 03 e8");
  auto again = in_thread([&] {
    const bool served = second.take_head() == kAccepted && second.echoes("2");
    second.socket.close();
    return served;
  });
  server.serve_once();
  CHECK(again.get());
}

// ---- The port ----

TEST("own-server-24 a port in use throws std::system_error, and the server that has it goes on") {
  Serving serving;
  CHECK_THROWS(WebSocketServer({.port = serving.port()}), std::system_error);
  CHECK(RawClient(serving.port()).upgrade().echoes("still mine"));
  CHECK(serving.ends());
}

// One echo over a connection to that host; the peer's address as the client should see it.
std::string address_of_echo(const std::string& host, std::uint16_t port) {
  RawClient client(connect_to(resolve(host, port).front(), soon()));
  CHECK(client.upgrade().echoes("Hello, " + host));
  return to_string(resolve(host, client.socket.local_port()).front());
}

TEST("own-server-26 without a host the server is at all addresses, at one port, and knows IPv4 clients as such") {
  std::vector<const char*> hosts = {"127.0.0.1", "::1"};
  if (listen_on_all("", 0).size() == 1) hosts.pop_back();  // a machine without IPv6
  Journal peers;
  Serving serving(
      {.host = "", .on_connection_close = [&peers](const Client& client) { peers.note(client->peer_address()); }});
  for (const char* host : hosts) CHECK(peers.gets(address_of_echo(host, serving.port())));
  serving.end_server();
  CHECK_EQ(peers.lines().size(), hosts.size());
  CHECK(serving.base_line.is_restored());
}

TEST("own-server-27 a crowd at one address keeps nobody waiting at another") {
  std::vector<const char*> hosts = {"127.0.0.1", "::1"};
  const std::size_t families = listen_on_all("", 0).size();
  Journal order;
  WebSocketServer server({.host = "", .on_connection_open = [&order](const Client& client) {
                            order.note(client->peer_address().starts_with("[") ? "IPv6" : "IPv4");
                            client->close();
                          }});
  std::vector<RawClient> crowd;
  for (int i = 0; i < 5; ++i) crowd.emplace_back(server.port()).send(kRequest);
  if (families == 2) crowd.emplace_back(connect_to(resolve("::1", server.port()).front(), soon())).send(kRequest);
  auto serving = in_thread([&server, count = crowd.size()] {
    for (std::size_t i = 0; i < count; ++i) server.serve_once();
    return true;
  });
  for (RawClient& client : crowd) {
    CHECK_EQ(client.take_head(), kAccepted);
    client.send(masked_close(1000));
  }
  CHECK(serving.get());
  CHECK_EQ(order.lines().size(), crowd.size());
  if (families == 2) CHECK(order.lines()[0] == "IPv6" || order.lines()[1] == "IPv6");
}

TEST("own-server-28 who has seen the 101 gets all that is sent to all from then on") {
  Serving serving(ServerOptions{});
  for (int i = 0; i < 300; ++i) {
    RawClient client(serving.port());
    client.send(kRequest);
    CHECK_EQ(text_of(take(client.socket, kAccepted.size())), kAccepted);
    const std::size_t sent = serving.server().send_all("news");
    CHECK_EQ(sent, std::size_t{1});
    if (sent == 1) CHECK_EQ(client.take_payload(), "news");
    client.reset();
  }
  serving.end_server();
  CHECK(serving.base_line.is_restored());
}

TEST("own-server-25 clients may queue before anybody serves") {
  const BaseLine base_line;
  {
    WebSocketServer server({});
    CHECK(server.port() != 0);
    RawClient early(server.port());
    early.send(kRequest);
    auto talk = in_thread([&] {
      const std::string head = early.take_head();
      server.close_server();
      early.socket.close();
      return head;
    });
    server.serve_forever();
    CHECK_EQ(talk.get(), kAccepted);
  }
  CHECK(base_line.is_restored());
}
