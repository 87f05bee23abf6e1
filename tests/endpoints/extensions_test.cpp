// Chapter 21: extensions through both ends, over a socket. One of our own, which turns the letters of a message round
// (RSV2), shows that the library has no favourite; and permessage-deflate with clients that have agreed to different things.
#include <algorithm>
#include <future>

#include "check.h"
#include "compression/permessage_deflate.h"
#include "endpoints/client.h"
#include "server_fixture.h"

using namespace websock;

namespace {

constexpr std::uint8_t kRsv2 = 0b0010'0000;

// A message is sent from its last byte to its first.
AgreedExtension make_reversed() {
  struct State {
    Bytes received;
    Bytes sent;
  };
  const auto state = std::make_shared<State>();
  AgreedExtension agreed;
  agreed.rsv = kRsv2;
  agreed.decode = [state](ByteView piece, bool ends, const PieceOutput& output) {
    state->received.insert(state->received.end(), piece.begin(), piece.end());
    if (!ends) return;
    std::reverse(state->received.begin(), state->received.end());
    output(state->received);
    state->received.clear();
  };
  agreed.encode = [state](ByteView payload) -> std::optional<ByteView> {
    state->sent.assign(payload.rbegin(), payload.rend());
    return state->sent;
  };
  return agreed;
}

SupportedExtension reversed() {
  SupportedExtension extension;
  extension.name = "x-reversed";
  extension.accept = [](const Extension& offer) { return AcceptedExtension{{offer.name, {}}, make_reversed()}; };
  extension.offers = {{"x-reversed", {}}};
  extension.check_answer = [](const Extension&) { return make_reversed(); };
  return extension;
}

ServerOptions echo_with(std::vector<SupportedExtension> extensions) {
  return {.on_data_receive = [](const Client& client, const Message& message) { client->send(message); },
          .extensions = std::move(extensions)};
}

std::string answer(WebSocketClient& client, std::string_view text) {
  client.send(text);
  const std::optional<OwnedMessage> message = client.receive(Milliseconds(10'000));
  return message ? std::string(message->text()) : "nothing";
}

}  // namespace

TEST("9-01 an extension of one's own passes through both ends") {
  WebSocketServer server(echo_with({reversed()}));
  std::thread serving([&] { server.serve_forever(); });
  {
    WebSocketClient client(url_of(server.port()), {.extensions = {reversed()}});
    CHECK_EQ(answer(client, "Hello"), "Hello");
    CHECK_EQ(answer(client, ""), "");
    CHECK_EQ(answer(client, std::string(100'000, 'x') + "y"), std::string(100'000, 'x') + "y");
    WebSocketClient plain(url_of(server.port()));
    CHECK_EQ(answer(plain, "Hello"), "Hello");
  }
  server.close_server();
  serving.join();
}

TEST("own-extensions-03 on the wire, the letters are turned round") {
  WebSocketServer server(echo_with({reversed()}));
  std::thread serving([&] { server.serve_forever(); });
  {
    RawClient client(server.port());
    client.send(std::string(kRequestWithoutEnd) + "Sec-WebSocket-Extensions: x-reversed\r\n\r\n");
    CHECK(client.take_head().find("\r\nSec-WebSocket-Extensions: x-reversed\r\n") != std::string::npos);
    client.send(masked(0b1010'0001, "olleH"));
    CHECK_EQ(to_hex(take(client.socket, 7)), "a1 05 6f 6c 6c 65 48");
  }
  server.close_server();
  serving.join();
}

TEST("9.1-13 two extensions work one after the other, and back in the other order") {
  WebSocketServer server(echo_with({permessage_deflate({.compress_from = 0}), reversed()}));
  std::thread serving([&] { server.serve_forever(); });
  {
    WebSocketClient client(url_of(server.port()),
                           {.extensions = {reversed(), permessage_deflate({.compress_from = 0})}});
    for (int i = 0; i < 3; ++i) CHECK_EQ(answer(client, "Hello, and hello once more"), "Hello, and hello once more");
    CHECK_EQ(answer(client, std::string(300'000, 'x')), std::string(300'000, 'x'));
  }
  server.close_server();
  serving.join();
}

TEST(
    "own-extensions-01 a broadcast reaches clients with different windows and with none, between messages of their "
    "own") {
  WebSocketServer server(echo_with({permessage_deflate()}));
  std::thread serving([&] { server.serve_forever(); });
  {
    WebSocketClient wide(url_of(server.port()), {.extensions = {permessage_deflate()}});
    WebSocketClient narrow(url_of(server.port()), {.extensions = {permessage_deflate({.window_bits = 9})}});
    WebSocketClient forgetful(url_of(server.port()), {.extensions = {permessage_deflate({.context_takeover = false})}});
    WebSocketClient plain(url_of(server.port()));
    const std::vector<WebSocketClient*> all = {&wide, &narrow, &forgetful, &plain};
    for (WebSocketClient* client : all)
      CHECK_EQ(answer(*client, "here"), "here");  // the server has entered all of them
    for (int round = 0; round < 20; ++round) {
      const std::string own = "a message that only one of them gets, and it gets it back: " + std::to_string(round);
      const std::string shared = "a message that goes to all of them, to all of them, number " + std::to_string(round);
      for (WebSocketClient* client : all) CHECK_EQ(answer(*client, own), own);
      server.send_all(shared);
      for (WebSocketClient* client : all) {
        const std::optional<OwnedMessage> message = client->receive(Milliseconds(10'000));
        CHECK_EQ(message ? std::string(message->text()) : "nothing", shared);
      }
    }
  }
  server.close_server();
  serving.join();
}

TEST("own-extensions-02 many threads send to one client, and all of it can be read") {
  constexpr int kThreads = 4;
  constexpr int kMessages = 200;
  WebSocketServer server(echo_with({permessage_deflate()}));
  std::thread serving([&] { server.serve_forever(); });
  {
    WebSocketClient client(url_of(server.port()), {.extensions = {permessage_deflate()}});
    CHECK_EQ(answer(client, "here"), "here");
    std::vector<std::thread> senders;
    for (int i = 0; i < kThreads; ++i) {
      senders.emplace_back([&server, i] {
        for (int n = 0; n < kMessages; ++n) {
          const std::string text =
              "a sentence of thread " + std::to_string(i) + ", which has number " + std::to_string(n);
          if (n % 4 == 0) {
            server.send_all(text);
          } else {
            for (const Client& each : server.clients()) each->send(text);
          }
        }
      });
    }
    std::vector<int> next(kThreads);  // each thread's messages come in their order
    bool in_order = true;
    for (int i = 0; i < kThreads * kMessages; ++i) {
      const std::optional<OwnedMessage> message = client.receive(Milliseconds(20'000));
      if (!message) break;
      const std::string text(message->text());
      const auto thread = static_cast<std::size_t>(text.at(21) - '0');
      in_order = in_order && text.substr(text.rfind(' ') + 1) == std::to_string(next.at(thread)++);
    }
    for (std::thread& sender : senders) sender.join();
    CHECK(in_order);
    CHECK_EQ(next, std::vector<int>(kThreads, kMessages));
  }
  server.close_server();
  serving.join();
}

TEST("own-extensions-04 neither a Pong nor a Close waits for a message that is being encoded") {
  std::promise<void> encoding;
  std::promise<void> may_go_on;
  SupportedExtension slow = reversed();
  slow.accept = [&](const Extension& offer) {
    AcceptedExtension accepted{{offer.name, {}}, make_reversed()};
    accepted.agreed.encode = [&, usual = accepted.agreed.encode](ByteView payload) {
      encoding.set_value();
      // The minute is for a library in which they do wait: then the message comes first, and the test fails.
      may_go_on.get_future().wait_for(std::chrono::minutes(1));
      return usual(payload);
    };
    return accepted;
  };
  std::promise<Client> opened;
  WebSocketServer server(
      {.on_connection_open = [&](const Client& client) { opened.set_value(client); }, .extensions = {slow}});
  std::thread serving([&] { server.serve_forever(); });
  {
    RawClient client(server.port());
    client.send(std::string(kRequestWithoutEnd) + "Sec-WebSocket-Extensions: x-reversed\r\n\r\n");
    client.take_head();
    const Client to_client = opened.get_future().get();
    bool was_sent = true;
    std::thread sending([&] { was_sent = to_client->send("Hello"); });
    encoding.get_future().wait();
    client.send(masked(0b1000'1001, "?"));
    CHECK_EQ(to_hex(take(client.socket, 3)), "8a 01 3f");
    CHECK(to_client->close());
    CHECK_EQ(to_hex(take(client.socket, 4)), "88 02 03 e8");
    may_go_on.set_value();
    sending.join();
    CHECK(!was_sent);  // behind our Close there is nothing
  }
  server.close_server();
  serving.join();
}
