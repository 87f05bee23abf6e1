// The chat's servers as they are run: processes that are killed, stopped and drained, behind the proxies that we have files
// for. The environment says where the program is (CHAT_SERVER), and the configuration of the proxy (CHAT_PROXY).
#include <cstdlib>
#include <map>
#include <string>
#include <vector>

#include "chat/cluster_processes.h"
#include "check.h"
#include "endpoints/client.h"

namespace {

using websock::Milliseconds;

std::string word_of_environment(const char* name) {
  const char* word = std::getenv(name);
  if (word == nullptr) throw std::runtime_error(std::string(name) + " is not set");
  return word;
}

std::string program() { return word_of_environment("CHAT_SERVER"); }

// Somebody's page, which notes what it hears.
class Page {
 public:
  Page(const std::string& port, const std::string& name, const std::string& epoch = "", int after = 0)
      : client_("ws://127.0.0.1:" + port + "/", options()) {
    JsonObject join = {{"type", "join"}, {"name", name}, {"key", name}};
    if (!epoch.empty()) join.insert(join.end(), {{"epoch", epoch}, {"after", after}});
    client_.send(to_string(Json(join)));
    eventually([&] {
      if (heard.count(R"({"type":"welcome")") > 0) return true;
      if (heard.count(R"({"type":"back"})") > 0) client_.send(to_string(Json(join)));  // it was away when we asked
      return heard.count("closed ") > 0;
    });
    if (heard.count(R"({"type":"welcome")") == 0) throw std::runtime_error(name + " does not get in");
  }
  void say(std::string_view text) { client_.send(to_string(Json(JsonObject{{"type", "say"}, {"text", text}}))); }
  std::string epoch() const {
    for (const std::string& line : heard.lines()) {
      if (line.starts_with(R"({"type":"welcome")")) return parse_json(line)["epoch"].text();
    }
    return "";
  }
  // What /who calls its server.
  std::string server() {
    say("/who");
    if (!heard.gets("on the server ")) return "nobody tells";
    for (const std::string& line : heard.lines()) {
      const std::size_t at = line.find("on the server ");
      if (at != line.npos) return line.substr(at + 14, line.find('-', at) - at - 14);
    }
    return "";
  }

  Journal heard;

 private:
  websock::ClientOptions options() {
    websock::ClientOptions options;
    options.on_data_receive = [this](const websock::Client&, const websock::Message& message) {
      heard.note(std::string(message.text()));
    };
    options.on_connection_close = [this](const websock::Client& client) {
      heard.note("closed " + std::to_string(static_cast<int>(client->close_info().code)));
    };
    return options;
  }
  websock::WebSocketClient client_;
};

}  // namespace

TEST("own-cluster-20 kill -9 of a server: a page that comes back in time has not left; one that does not has, once") {
  RedisServer redis;
  ClusterServer one(program(), redis, "one", {"--expiry", "5"});
  ClusterServer two(program(), redis, "two", {"--expiry", "5"});
  ClusterServer three(program(), redis, "three", {"--expiry", "5"});
  Page cyd(two.port(), "Cyd");
  Page dan(three.port(), "Dan");
  Page ada(one.port(), "Ada");
  const Page bob(one.port(), "Bob");
  CHECK(dan.heard.gets(R"({"type":"joined","name":"Bob"})"));
  ada.say("one");
  CHECK(ada.heard.gets("\"one\""));
  one.process().kill();
  CHECK(ada.heard.gets("closed "));
  dan.say("two");
  Page again(two.port(), "Ada", ada.epoch(), 1);
  CHECK(again.heard.gets("\"two\""));
  for (const Page* page : {&cyd, &dan}) CHECK(page->heard.gets(R"({"type":"left","name":"Bob"})"));
  again.say("three");
  for (const Page* page : {&cyd, &dan}) {
    CHECK(page->heard.gets("\"three\""));
    CHECK_EQ(page->heard.count(R"({"type":"left")"), std::size_t{1});
    CHECK_EQ(page->heard.count(R"({"type":"joined","name":"Ada"})"), std::size_t{1});
  }
}

TEST("own-cluster-21 a server that stands still is taken for dead; when it goes on, it speaks for nobody any more") {
  RedisServer redis;
  ClusterServer one(program(), redis, "one", {"--expiry", "4"});
  ClusterServer two(program(), redis, "two", {"--expiry", "4"});
  Page bob(two.port(), "Bob");
  Page ada(one.port(), "Ada");
  CHECK(bob.heard.gets(R"({"type":"joined","name":"Ada"})"));
  one.process().signal(SIGSTOP);
  ada.say("from the grave");
  CHECK(bob.heard.gets(R"({"type":"left","name":"Ada"})"));
  Page other(two.port(), "ADA");  // the name is free, and somebody takes it
  one.process().signal(SIGCONT);
  CHECK(ada.heard.gets("closed 1012"));
  other.say("I am Ada");
  CHECK(bob.heard.gets("\"I am Ada\""));
  CHECK_EQ(bob.heard.count("from the grave"), std::size_t{0});
  CHECK_EQ(bob.heard.count(R"({"type":"left")"), std::size_t{1});
  Page again(one.port(), "Ada the Second");
  again.say("here I am");
  CHECK(bob.heard.gets("\"here I am\""));
}

TEST(
    "own-cluster-22 --drain: /health says 503, the pages are sent elsewhere with 1012, and nobody notices; who does "
    "not come "
    "back has left") {
  RedisServer redis;
  ClusterServer one(program(), redis, "one", {"--drain", "12"});
  ClusterServer two(program(), redis, "two");
  CHECK_EQ(health(one.port()), 200);
  Page bob(two.port(), "Bob");
  std::vector<std::unique_ptr<Page>> pages;
  for (const char* name : {"Ada", "Cyd", "Dan"}) pages.push_back(std::make_unique<Page>(one.port(), name));
  one.process().signal(SIGTERM);
  CHECK(eventually([&] { return health(one.port()) == 503; }));
  pages[0]->say("while it drains");  // it is still a server
  std::string refusal;
  try {
    const Page late(one.port(), "Late");
  } catch (const websock::HandshakeError& error) {
    refusal = error.what();
  }
  CHECK(refusal.find("503") != std::string::npos);
  CHECK(bob.heard.gets("\"while it drains\""));
  CHECK(pages[0]->heard.gets("closed 1012"));
  bob.say("meanwhile");
  const Page again(two.port(), "Ada", pages[0]->epoch(), 0);
  CHECK(again.heard.gets("while it drains"));
  CHECK(again.heard.gets("meanwhile"));
  CHECK_EQ(one.process().wait(), 0);
  for (const auto& page : pages) CHECK(page->heard.gets("closed 1012"));
  CHECK_EQ(bob.heard.count(R"("left","name":"Ada")") + bob.heard.count(R"("joined","name":"Ada")"), std::size_t{1});
  for (const char* name : {"Cyd", "Dan"}) {  // they have not come back, and nobody has to wait for the expiry
    CHECK(bob.heard.gets(R"({"type":"left","name":")" + std::string(name) + "\"}"));
  }
}

TEST("own-cluster-23 a second SIGTERM ends a server that drains at once") {
  RedisServer redis;
  ClusterServer one(program(), redis, "one", {"--drain", "3600"});
  Page ada(one.port(), "Ada");
  one.process().signal(SIGTERM);
  CHECK(eventually([&] { return health(one.port()) == 503; }));
  one.process().signal(SIGTERM);
  CHECK_EQ(one.process().wait(), 128 + SIGTERM);
  CHECK(ada.heard.gets("closed 1006"));
}

TEST("own-cluster-24 /health says 200 while Redis is away: else nobody would get the page that says so") {
  RedisServer redis;
  ClusterServer one(program(), redis, "one");
  Page ada(one.port(), "Ada");
  redis.signal(SIGSTOP);
  CHECK(ada.heard.gets(R"({"type":"away"})"));
  CHECK_EQ(health(one.port()), 200);
  redis.signal(SIGCONT);
  CHECK(ada.heard.gets(R"({"type":"back"})"));
}

// ---- Behind a proxy, with the file that we ship ----

namespace {

// As a page does it: again and again, until somebody lets it in.
std::unique_ptr<Page> come_in(const std::string& port, const std::string& name, const Page* before, int after) {
  std::unique_ptr<Page> page;
  eventually([&] {
    try {
      page = std::make_unique<Page>(port, name, before == nullptr ? "" : before->epoch(), after);
    } catch (const std::exception&) {
      std::this_thread::sleep_for(Milliseconds(100));
    }
    return page != nullptr;
  });
  if (!page) throw std::runtime_error(name + " does not get in");
  return page;
}

}  // namespace

TEST("own-cluster-30 behind the proxy: people are spread; who loses a killed or drained server comes back at another") {
  RedisServer redis;
  const ClusterServers servers = start_servers(program(), redis, {"--trust-proxy", "--drain", "8"});
  const Proxy proxy(word_of_environment("CHAT_PROXY"), servers);
  std::vector<std::unique_ptr<Page>> pages;
  std::map<std::string, std::vector<std::size_t>> at;  // server -> pages
  for (std::size_t i = 0; i < 6; ++i) {
    pages.push_back(come_in(proxy.port, "page " + std::to_string(i), nullptr, 0));
    at[pages.back()->server()].push_back(i);
  }
  CHECK_EQ(at.size(), std::size_t{3});
  int said = 0;
  const auto say = [&](std::size_t who) {
    const std::string text = "number " + std::to_string(++said);
    pages[who]->say(text);
    for (const auto& page : pages) CHECK(page->heard.gets("\"" + text + "\""));
  };
  say(0);
  // Those whose connection has ended come back, wherever the proxy sends them, and have missed nothing.
  const auto come_back = [&] {
    const std::string latest = "\"number " + std::to_string(said) + "\"";
    for (std::size_t i = 0; i < pages.size(); ++i) {
      CHECK(eventually([&] {
        if (pages[i]->heard.count("closed ") > 0) {
          pages[i] = come_in(proxy.port, "page " + std::to_string(i), pages[i].get(), 0);
        }
        return pages[i]->heard.count(latest) > 0;
      }));
    }
  };
  servers[0]->process().kill();
  for (const std::size_t which : at["one"]) CHECK(pages[which]->heard.gets("closed "));
  come_back();
  say(at["three"][0]);
  servers[1]->process().signal(SIGTERM);
  CHECK_EQ(servers[1]->process().wait(), 0);
  for (const std::size_t which : at["two"]) CHECK(pages[which]->heard.gets("closed 1012"));
  pages[at["three"][0]]->say("number " + std::to_string(++said));
  come_back();
  say(at["three"][0]);
}
