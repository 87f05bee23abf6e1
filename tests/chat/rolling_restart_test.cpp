// A new version of the chat under load, one server after the other, as a page in a real browser sees it:
//
//     rolling_restart_test CHROMIUM CHAT_SERVER HAPROXY_FILE FOLDER
//
// The page is behind the proxy, and so are the twenty others that talk all the time. It loses its connection when its
// server is drained, comes back at another by itself, and has every message once; nobody has left.
#include <cstdio>

#include "browser/person.h"
#include "chat/cluster_clients.h"
#include "chat/cluster_processes.h"

namespace {

using websock::Milliseconds;

// What the page shows of its connection is written down from here on, with the time.
void watch_state(Tab& page) {
  page.evaluate(R"(
    window.states = [];
    new MutationObserver(() => states.push([document.getElementById('state').dataset.state, Date.now()]))
      .observe(document.getElementById('state'), { attributes: true, attributeFilter: ['data-state'] });)");
}

void require(bool condition, const std::string& sentence) {
  if (!condition) throw std::runtime_error("not true: " + sentence);
}

void run(const std::vector<std::string>& words) {
  const RedisServer redis;
  const ClusterServers servers = start_servers(words[1], redis, {"--trust-proxy", "--drain", "9"});
  const Proxy proxy(words[2], servers);
  Browser browser(words[0], words[3] + "/rolling");
  Person ada(browser, "http://127.0.0.1:" + proxy.port + "/", "Ada");

  std::vector<std::unique_ptr<Client>> clients;
  for (std::size_t i = 0; i < 20; ++i) clients.push_back(std::make_unique<Client>(i, std::vector{proxy.port}));
  Schedule schedule;
  schedule.start = websock::Clock::now();
  schedule.end = websock::Clock::time_point::max();
  schedule.between = std::chrono::seconds(1);
  schedule.stagger = Milliseconds(50);
  schedule.begun = true;
  std::vector<std::thread> threads;
  for (const auto& client : clients) threads.emplace_back([&] { client->run(schedule); });
  for (const auto& client : clients) {
    require(eventually([&] { return client->seq > 0; }), "all come in");
  }
  watch_state(ada.tab());
  for (std::size_t i = 0; i < servers.size(); ++i) {
    servers[i]->process().signal(SIGTERM);
    servers[i]->process().wait();
    servers[i]->start();
    // The next one is drained when the proxy has noticed.
    require(eventually([&] { return proxy.counts_on(i + 1); }), "the proxy sees that a server is back");
  }
  ada.wait_until_inside();
  ada.say("Is everybody still here?");
  ada.wait_for("Is everybody still here?");
  const std::string notices =
      to_string(ada.tab().evaluate("[...document.querySelectorAll('#log .notice')].map(e => e.textContent)"));
  schedule.last = parse_position(redis.ask({"HGET", "chat:{Chat}:meta", "top"}).as_text()).message;
  for (std::thread& thread : threads) thread.join();

  std::size_t faults = 0;
  std::size_t moves = 0;
  for (const auto& client : clients) {
    faults += client->faults;
    moves += client->moves;
  }
  std::printf("%llu messages; the others came back %zu times\n", static_cast<unsigned long long>(schedule.last), moves);
  std::printf("what Ada's page showed of its connection: %s\n",
              to_string(ada.tab().evaluate("states.map(([state, at], i) => state + (i ? ' after ' + (at - states[i - "
                                           "1][1]) + ' ms' : ''))"))
                  .c_str());
  const std::string numbers = "[...document.querySelectorAll('[data-seq]')].map(e => Number(e.dataset.seq))";
  require(faults == 0, "the others heard everything once and in one order");
  require(ada.tab().holds(numbers + ".every((n, i, all) => i === 0 || n === all[i - 1] + 1)"),
          "Ada's page has every message once and in order");
  require(ada.tab().holds(numbers + ".length > 20"), "Ada's page has heard the others");
  require(ada.tab().holds("states.some(([state]) => state === 'waiting')"), "her own server was among those drained");
  require(notices.find("left") == notices.npos, "nobody has left: " + notices);
}

}  // namespace

int main(int argc, char** argv) try {
  const std::vector<std::string> words(argv + 1, argv + argc);
  if (words.size() != 4) return 2;
  if (words[0].empty()) skip_without("Chromium");
  run(words);
} catch (const std::exception& error) {
  std::printf("%s\n", error.what());
  return 1;
}
