// The program: who is let in, and what passes through its relay.
#include <websock/endpoints/client.h>
#include "check.h"
#include "endpoints/server_fixture.h"
#include "glass/event_json.h"
#include "programs/program.h"
#include "wire.h"

using namespace websock;

namespace {

// glass, started, and where it is.
struct Glass {
  explicit Glass(std::vector<std::string> arguments = {}) {
    arguments.insert(arguments.begin(), {WEBSOCK_BIN "glass", "--port", "0", "--relay-port", "0"});
    process = std::make_unique<Process>(std::move(arguments), "/dev/null");
    std::string line = process->read_line();
    if (line.starts_with("relaying 127.0.0.1:")) {
      relay = static_cast<std::uint16_t>(std::stoi(line.substr(19)));
      line = process->read_line();
    }
    const std::size_t colon = line.rfind(':');  // open http://127.0.0.1:36545/?token=...
    port = static_cast<std::uint16_t>(std::stoi(line.substr(colon + 1)));
    token = line.substr(line.find('=') + 1);
  }

  // The status of the answer to a request for a WebSocket or, with an empty key, for a page.
  std::string status(std::uint16_t to, const std::string& target, const std::string& host, const std::string& origin,
                     bool upgrade = true) const {
    RawClient client(to);
    std::string request = "GET " + target + " HTTP/1.1\r\nHost: " + host + "\r\n";
    if (!origin.empty()) request += "Origin: " + origin + "\r\n";
    if (upgrade)
      request +=
          "Upgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Key: "
          "dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n";
    client.send(request + "\r\n");
    return client.take_head().substr(9, 3);
  }

  std::string own_target() const { return "/specimen?token=" + token + "&tag=7"; }
  std::string watch_url() const { return url_of(port, "/watch?token=" + token); }

  std::unique_ptr<Process> process;
  std::uint16_t port = 0;
  std::uint16_t relay = 0;
  std::string token;
};

// A page, as far as it talks.
struct Page {
  explicit Page(const Glass& glass) : client(glass.watch_url()) {}

  // The next object of that kind.
  Json next(std::string_view kind) {
    for (;;) {
      for (; at < batch.size(); ++at) {
        if (batch[at]["e"] == Json("sent"))
          client.send(to_string(Json(JsonObject{{"e", "seen"}, {"i", batch[at]["i"]}})));
        if (batch[at]["e"] == Json(kind)) return batch[at++];
      }
      const std::optional<OwnedMessage> message = client.receive(kLong);
      if (!message) throw std::runtime_error("the page is told no more");
      batch = parse_json(message->text()).array();
      at = 0;
    }
  }

  WebSocketClient client;
  JsonArray batch;
  std::size_t at = 0;
};

std::uint16_t specimen_of(Page& page) { return static_cast<std::uint16_t>(page.next("hello")["specimen"].number()); }

std::string own_url(const Glass& glass, std::uint16_t specimen) { return url_of(specimen, glass.own_target()); }

}  // namespace

TEST("own-glass-01 no token, another origin, another Host: refused, at each of its doors") {
  const Glass glass;
  Page page(glass);
  const std::uint16_t specimen = specimen_of(page);
  const std::string here = "127.0.0.1:" + std::to_string(glass.port), there = "127.0.0.1:" + std::to_string(specimen);
  const std::string token = "?token=" + glass.token, origin = "http://" + here;
  CHECK_EQ(glass.status(glass.port, "/" + token, here, "", false), "200");
  CHECK_EQ(glass.status(glass.port, "/", here, "", false), "403");
  CHECK_EQ(glass.status(glass.port, "/" + token, "evil.example", "", false), "403");
  CHECK_EQ(glass.status(glass.port, "/watch" + token, here, origin), "101");
  CHECK_EQ(glass.status(glass.port, "/watch", here, origin), "403");
  CHECK_EQ(glass.status(glass.port, "/watch" + token, here, "http://evil.example"), "403");
  CHECK_EQ(glass.status(glass.port, "/watch" + token, "evil.example", "http://evil.example"), "403");
  CHECK_EQ(glass.status(specimen, "/specimen" + token, there, origin), "101");
  CHECK_EQ(glass.status(specimen, "/specimen", there, origin), "403");
  CHECK_EQ(glass.status(specimen, "/specimen" + token, there, "http://evil.example"), "403");
  CHECK_EQ(glass.status(specimen, "/specimen" + token, "evil.example", origin), "403");
}

TEST("own-glass-02 an act arrives as the bytes that it shows, and in as many sends") {
  const Glass glass;
  Page page(glass);
  WebSocketClient own(own_url(glass, specimen_of(page)));
  const Json tag = page.next("tag");
  CHECK_EQ(tag["tag"].text(), "7");
  page.client.send(to_string(Json(JsonObject{{"e", "act"}, {"c", tag["c"]}, {"id", "between"}})));
  CHECK_EQ(own.receive(kLong).value().text(), "\U0001f600 hi");
  for (const char* hex : {"01 02 f0 9f 89 02 68 69 80 05", "98 80 20 68 69"}) {
    Json bytes = page.next("bytes");
    while (bytes["from"] != Json("server")) bytes = page.next("bytes");
    CHECK_EQ(bytes["hex"].text(), hex);
  }
  page.client.send(
      to_string(Json(JsonObject{{"e", "bytes"}, {"c", tag["c"]}, {"typed", "81 85 37fa213d 7f9f4d5158"}})));
  CHECK(!own.receive(kLong));
  CHECK_EQ(page.next("fault")["rule"]["rule"].text(), "5.1");
  CHECK_EQ(page.next("close")["code"].text(), "1002");
}

TEST("own-glass-03 what passes through the relay is not altered, and is told by name: client and server") {
  Serving serving;
  const Glass glass({"--to", "127.0.0.1:" + std::to_string(serving.port())});
  Page page(glass);
  WebSocketClient client(url_of(glass.relay, "/chat?room=1"));
  client.send("Hello");
  CHECK_EQ(client.receive(kLong).value().text(), "Hello");
  client.close();
  CHECK(!page.next("open")["own"].boolean());
  CHECK_EQ(page.next("head")["lines"].array()[0]["text"].text(),
           "GET /chat?room=\u2022\u2022\u2022\u2022\u2022\u2022 HTTP/1.1");
  CHECK_EQ(page.next("message")["text"].text(), "Hello");
  CHECK_EQ(page.next("message")["from"].text(), "server");
  CHECK(page.next("closed")["clean"].boolean());
}

TEST("own-glass-04 a server that is not there, and options that are none") {
  const DeafPort deaf;
  const Glass glass({"--to", "127.0.0.1:" + std::to_string(deaf.port)});
  Page page(glass);
  RawClient client(glass.relay);
  CHECK_EQ(take_to_end(client.socket), "");
  CHECK(page.next("end")["reset"].boolean());
  for (const std::vector<std::string>& wrong :
       std::vector<std::vector<std::string>>{{"--to", "nowhere"}, {"--port", "x"}, {"rest"}}) {
    std::vector<std::string> words = {WEBSOCK_BIN "glass"};
    words.insert(words.end(), wrong.begin(), wrong.end());
    Process process(words, "/dev/null");
    CHECK_EQ(process.wait(), 2);
  }
}

// ---- The specimen ----

TEST("own-glass-05 a Close that comes in the middle of an act is answered: behind the rest of the frame") {
  const Glass glass;
  Page page(glass);
  WebSocketClient own(own_url(glass, specimen_of(page)));
  const Json tag = page.next("tag");
  page.client.send(to_string(Json(JsonObject{{"e", "act"}, {"c", tag["c"]}, {"id", "half"}})));
  while (page.next("bytes")["from"] != Json("server")) {
  }
  own.close(CloseCode::normal_closure, "enough");
  CHECK(own.close_info().clean);
  // Our Close repeats the code, and not the reason.
  for (const char* hex : {"6c 6c 6f", "88 02 03 e8"}) {
    Json bytes = page.next("bytes");
    while (bytes["from"] != Json("server")) bytes = page.next("bytes");
    CHECK_EQ(bytes["hex"].text(), hex);
  }
}

TEST("own-glass-06 connections that say nothing, as many as there are places, do not keep the page out") {
  const Glass glass;
  Page page(glass);
  const std::uint16_t specimen = specimen_of(page);
  std::vector<RawClient> silent;
  for (int i = 0; i < 64; ++i) silent.emplace_back(specimen);
  WebSocketClient own(own_url(glass, specimen));
  own.send("Hello");
  CHECK_EQ(own.receive(kLong).value().text(), "Hello");
  // One of them had to go, and the page says who ended it.
  int gone = 0;
  Bytes scratch(1);
  for (RawClient& client : silent) {
    try {
      gone += client.socket.receive(scratch, Milliseconds(0)) != std::nullopt ? 1 : 0;
    } catch (const std::system_error&) {
      ++gone;
    }
  }
  CHECK_EQ(gone, 1);
  const Json end = page.next("end");
  CHECK(end["from"] == Json("server") && end["reset"].boolean());
}

TEST("own-glass-07 a browser that resets TCP after the goodbyes is not said to have ended it in order") {
  const Glass glass;
  Page page(glass);
  const std::uint16_t specimen = specimen_of(page);
  RawClient own(specimen);
  own.send("GET " + glass.own_target() + " HTTP/1.1\r\nHost: 127.0.0.1:" + std::to_string(specimen) +
           "\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n"
           "Sec-WebSocket-Version: 13\r\n\r\n");
  CHECK(own.take_head().starts_with("HTTP/1.1 101"));
  own.send(masked_close(1000));
  CHECK_EQ(take_to_end(own.socket), "88 02 03 e8");
  own.reset();
  Json end = page.next("end");
  CHECK(end["from"] == Json("server") && !end["reset"].boolean());
  end = page.next("end");
  CHECK(end["from"] == Json("client") && end["reset"].boolean());
  CHECK(page.next("closed")["clean"].boolean());
}
