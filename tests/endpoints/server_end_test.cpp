// Chapter 16: the orderly end of a server. Whenever close_server comes, and from wherever: no thread is left, no
// descriptor is left, and every open connection got its on_connection_close.
#include "check.h"
#include "server_fixture.h"

using namespace websock;

constexpr Limits kQuickEnd = {.close_timeout = Milliseconds(100)};

TEST("7.4.1-03 close_server sends 1001 to all, and waits for their Close and the end of TCP") {
  Serving serving;
  RawClient client(serving.port());
  client.upgrade();
  CHECK(serving.journal.gets("opened"));
  serving.server().close_server();
  CHECK_EQ(to_hex(take(client.socket, 4)), "88 02 03 e9");
  client.send(masked_close(1001));
  CHECK_EQ(take_to_end(client.socket), "");
  CHECK(serving.ends(client));
  CHECK_EQ(serving.journal.count("closed 1001"), 1u);
}

TEST("own-end-01 close_server sends the code and reason that it is given; what may not be sent throws") {
  Serving serving({.limits = kQuickEnd});
  RawClient client(serving.port());
  client.upgrade();
  CHECK(serving.journal.gets("opened"));
  CHECK_THROWS(serving.server().close_server(CloseCode(1006)), std::invalid_argument);
  CHECK_THROWS(serving.server().close_server(CloseCode(4000), "\xff"), std::invalid_argument);
  CHECK(client.echoes("still serving"));
  serving.server().close_server(CloseCode(4000), "bye");
  CHECK_EQ(take_to_end(client.socket), "88 05 0f a0 62 79 65");
  CHECK(serving.ends(client));
}

TEST("own-end-02 a second call does nothing, and neither does a third at the same time") {
  Serving serving({.limits = kQuickEnd});
  RawClient client(serving.port());
  client.upgrade();
  CHECK(serving.journal.gets("opened"));
  std::vector<std::thread> threads;
  for (int i = 0; i < 4; ++i) threads.emplace_back([&] { serving.server().close_server(); });
  for (std::thread& thread : threads) thread.join();
  serving.server().close_server(CloseCode(4000));
  CHECK_EQ(take_to_end(client.socket), "88 02 03 e9");
  CHECK(serving.ends(client));
}

TEST("own-end-03 clients that do not answer the Close are gone after close_timeout, with 1006") {
  Serving serving({.limits = kQuickEnd});
  RawClient silent(serving.port());
  RawClient stalled(serving.port(), 4096);
  RawClient half(serving.port());
  silent.upgrade();
  stalled.upgrade();
  half.send("GET / HTTP/1.1\r\nHost:");
  CHECK(serving.journal.gets("opened", 2));
  for (const Client& client : serving.server().clients()) client->send(Bytes(8 << 20));
  serving.server().close_server();
  CHECK(serving.journal.gets("closed 1006", 2));
  // No 408: its handshake_timeout would have been much later. A reset, if its bytes had not been read yet.
  const std::string end = take_to_end(half.socket);
  CHECK(end.empty() || end == " (reset)");
  CHECK(serving.ends(silent, stalled, half));
}

TEST("own-end-04 close_server from inside each callback") {
  const std::vector<std::string> places = {"open", "data", "close", "error", "handshake", "http"};
  for (const std::string& place : places) {
    const BaseLine base_line;
    Journal journal;
    {
      WebSocketServer* self = nullptr;
      const auto at = [&](const std::string& here) {
        if (here == place) self->close_server();
      };
      WebSocketServer server({
          .on_data_receive =
              [&](const Client&, const Message&) {
                at("data");
                if (place == "error") throw std::runtime_error("to get there");
              },
          .on_connection_open = [&](const Client&) { journal.note("opened"), at("open"); },
          .on_error = [&](const Error&) { at("error"); },
          .on_connection_close = [&](const Client&) { journal.note("closed"), at("close"); },
          .on_server_destruct = [&] { self->close_server(), journal.note("destruct"); },
          .on_handshake = [&](const Request&) { return at("handshake"), HandshakeDecision(); },
          .on_http_request = [&](const Request&) { return at("http"), make_text_response(200, "Hello"); },
          .limits = kQuickEnd,
      });
      self = &server;
      auto talk = in_thread([&, port = server.port()] {
        RawClient client(port);
        client.send(place == "http" ? "GET / HTTP/1.1\r\nHost: a\r\n\r\n" : kRequest);
        client.send(masked_text("data"));
        if (place == "close") client.send(masked_close(1000));
        return client.ends_with_reset();
      });
      server.serve_forever();
      talk.get();  // it ended, which is all that we want to know
    }
    CHECK_EQ(journal.count("opened"), journal.count("closed"));
    CHECK_EQ(journal.count("opened"), place == "http" ? 0u : 1u);
    CHECK_EQ(journal.lines().back(), "destruct");
    CHECK(base_line.is_restored());
  }
}

TEST("own-end-05 close_server while clients connect, talk, stall and vanish") {
  for (int round = 0; round < 5; ++round) {
    Serving serving({.limits = {.handshake_timeout = Milliseconds(200), .close_timeout = Milliseconds(100)}});
    const std::uint16_t port = serving.port();
    std::atomic<bool> over = false;
    const auto crowd = [&](const std::function<void(RawClient&)>& behave) {
      return std::thread([&over, port, behave] {
        while (!over) {
          try {
            RawClient client(port);
            behave(client);
          } catch (const std::exception&) {
            // Refused, or cut off: the server is ending.
          }
        }
      });
    };
    std::thread threads[] = {
        crowd([](RawClient& client) { client.upgrade().echoes("Hello"); }),
        crowd([](RawClient& client) { client.upgrade().reset(); }),
        crowd([](RawClient& client) { client.send("GET / HT"); }),
        crowd([](RawClient& client) { client.upgrade().send(masked_text(std::string(1 << 20, 'x'))); }),
        crowd([](RawClient& client) { take_to_end(client.upgrade().socket); }),
    };
    CHECK(serving.journal.gets("closed ", 5));
    serving.server().close_server();
    CHECK(serving.journal.gets("opened"));
    serving.end_server();
    over = true;
    for (std::thread& thread : threads) thread.join();
    CHECK(serving.ends());
  }
}

TEST("own-end-06 the server may be destroyed as soon as serve_forever returns, wherever close_server still is") {
  const BaseLine base_line;
  for (int i = 0; i < 300; ++i) {
    std::thread closes;
    {
      WebSocketServer server({});
      closes = std::thread([&server] { server.close_server(); });
      server.serve_forever();
    }
    closes.join();
  }
  CHECK(base_line.is_restored());
}

TEST("own-end-07 close_server before serve_forever: that returns at once, and on_server_destruct came once") {
  int destructed = 0;
  WebSocketServer server({.on_server_destruct = [&] { ++destructed; }});
  RawClient queued(server.port());
  server.close_server();
  server.serve_forever();
  CHECK_EQ(destructed, 1);
  server.serve_forever();
  server.serve_once();
  CHECK_EQ(destructed, 1);
}

TEST("own-end-08 close_server ends serve_once, while it serves and while it waits") {
  for (const bool with_client : {true, false}) {
    int destructed = 0;
    const BaseLine base_line;
    {
      WebSocketServer server({.on_server_destruct = [&] { ++destructed; }, .limits = kQuickEnd});
      auto talk = in_thread([&] {
        if (!with_client) return server.close_server();
        RawClient client(server.port());
        client.upgrade();
        server.close_server();
        take_to_end(client.socket);
      });
      server.serve_once();
      talk.wait();
    }
    CHECK_EQ(destructed, 1);
    CHECK(base_line.is_restored());
  }
}

TEST("own-end-09 a server that is never served leaves nothing behind") {
  const BaseLine base_line;
  for (int i = 0; i < 10; ++i) {
    WebSocketServer server({});
    RawClient queued(server.port());
    queued.send(kRequest);
  }
  CHECK(base_line.is_restored());
}

TEST("own-end-10 make, serve, close, and make again on the same port: a thousand times") {
  const BaseLine base_line;
  ServerOptions options = {.on_data_receive = [](const Client& c, const Message& m) { c->send(m); }};
  int echoed = 0;
  int lost_port = 0;  // while nobody listened, another process got it
  for (int i = 0; i < 1000; ++i) {
    try {
      Running running(options);
      options.port = running.server().port();
      echoed += RawClient(options.port).upgrade().echoes("Hello");
    } catch (const std::system_error&) {
      options.port = 0;
      ++lost_port;
    }
  }
  CHECK_EQ(echoed + lost_port, 1000);
  CHECK(lost_port < 10);
  CHECK(base_line.is_restored());
}
