// Pages that talk to a room on several servers for a while, and note what they said and heard, and when.
#pragma once

#include <algorithm>
#include <map>
#include <set>

#include "cluster.h"
#include "endpoints/client.h"

// Times are of one clock, so that one thread can note when something was said and another when it was heard.
struct Heard {
  std::string text;
  websock::Clock::time_point when;
};

// A page as far as the room can tell: one that loses its connection comes back at the next server, with its key and with
// the number of the last message that it has.
class Client {
 public:
  Client(std::size_t which, const std::vector<std::uint16_t>& ports) : which_(which), ports_(ports) {}

  // Until `end` it speaks, in its turns; then it listens until it has heard message number `last`.
  void run(websock::Clock::time_point start, websock::Clock::time_point end, websock::Milliseconds between,
           websock::Milliseconds first, const std::atomic<std::uint64_t>& last) {
    websock::Clock::time_point next = start + first;
    while (last == 0 || seq < last) {
      try {
        // From an address of its own, as the server hears from the proxy: from one address, not so many may come in at once.
        const websock::HeaderField address{"X-Forwarded-For",
                                           "10.0." + std::to_string(which_ / 250) + "." + std::to_string(which_ % 250)};
        websock::WebSocketClient client(
            "ws://127.0.0.1:" + std::to_string(ports_[(which_ + moves) % ports_.size()]) + "/", {.headers = {address}});
        const std::string name = "client " + std::to_string(which_);
        JsonObject join = {{"type", "join"}, {"name", name}, {"key", name}};
        if (!epoch.empty()) join.insert(join.end(), {{"epoch", epoch}, {"after", seq.load()}});
        client.send(to_string(Json(std::move(join))));
        while (last == 0 || seq < last) {
          if (inside_ && websock::Clock::now() >= next && next < end) {
            const std::string text = std::to_string(which_) + ":" + std::to_string(said.size());
            said[text] = websock::Clock::now();
            awaited_.insert(text);
            client.send(to_string(JsonObject{{"type", "say"}, {"text", text}}));
            next += between;
          }
          settled = inside_ && websock::Clock::now() >= end && awaited_.empty();
          const std::optional<websock::OwnedMessage> message = client.receive(websock::Milliseconds(20));
          if (message) {
            hear(parse_json(message->text()));
          } else if (client.state() != websock::State::open) {
            break;
          }
        }
      } catch (const std::exception&) {
        std::this_thread::sleep_for(websock::Milliseconds(50));  // that server is not there
      }
      inside_ = false;
      awaited_.clear();  // what is not in the log yet may have been lost, and is not said again
      ++moves;
    }
  }

  std::map<std::uint64_t, Heard> heard;
  std::map<std::string, websock::Clock::time_point> said;
  std::string epoch;
  std::atomic<std::uint64_t> seq = 0;
  std::atomic<bool> settled = false;  // it has said its last, and heard it come back
  std::size_t moves = 0;
  std::size_t faults = 0;

 private:
  void hear(const Json& message) {
    const std::string& type = message["type"].text();
    if (type == "message") note(message);
    if (type != "welcome") return;
    inside_ = true;
    epoch = message["epoch"].text();
    faults += message["missed"].number() > 0;
    for (const Json& past : message["history"].array()) note(past);
  }
  void note(const Json& message) {
    const auto number = static_cast<std::uint64_t>(message["seq"].number());
    faults += number != seq + 1;  // a gap, or the same again
    seq = number;
    awaited_.erase(message["text"].text());
    heard[number] = {message["text"].text(), websock::Clock::now()};
  }
  std::size_t which_;
  const std::vector<std::uint16_t>& ports_;
  bool inside_ = false;
  std::set<std::string> awaited_;  // said on this connection, and not heard yet
};

struct Talk {
  std::size_t clients = 60;
  std::size_t rate = 30;  // messages a second, of all together
  std::size_t seconds = 12;
  std::function<void(websock::Clock::time_point start, websock::Clock::time_point end)> meanwhile = {};
};

// Lets `talk.clients` people talk at these servers, and listen until they have heard all that the log has got.
inline std::vector<std::unique_ptr<Client>> let_talk(const Talk& talk, const std::vector<std::uint16_t>& ports,
                                                     const RedisServer& redis) {
  std::vector<std::unique_ptr<Client>> clients;
  for (std::size_t i = 0; i < talk.clients; ++i) clients.push_back(std::make_unique<Client>(i, ports));
  const websock::Milliseconds between(1'000 * talk.clients / talk.rate);
  const websock::Clock::time_point start = websock::Clock::now() + websock::Milliseconds(1'000);
  const websock::Clock::time_point end = start + std::chrono::seconds(talk.seconds);
  std::atomic<std::uint64_t> last = 0;
  std::vector<std::thread> threads;
  for (std::size_t i = 0; i < talk.clients; ++i) {
    threads.emplace_back([&, i] { clients[i]->run(start, end, between, between * i / talk.clients, last); });
  }
  if (talk.meanwhile) talk.meanwhile(start, end);
  std::this_thread::sleep_until(end);
  // When nothing is under way any more, and nobody says anything, the log's end is where all have to arrive.
  for (const auto& client : clients) {
    if (!eventually([&] { return client->settled.load(); }))
      throw std::runtime_error("what was said does not come back");
  }
  last = parse_position(redis.ask({"HGET", "chat:{Chat}:meta", "top"}).as_text()).message;
  for (std::thread& thread : threads) thread.join();
  for (const auto& client : clients) client->heard.erase(client->heard.upper_bound(last), client->heard.end());
  return clients;
}

// From saying something until the last client has heard it, in milliseconds; of all messages, in ascending order.
inline std::vector<double> delays_to_the_last(const std::vector<std::unique_ptr<Client>>& clients) {
  std::vector<double> delays;
  for (const auto& speaker : clients) {
    for (const auto& [number, own] : speaker->heard) {
      const auto said = speaker->said.find(own.text);
      if (said == speaker->said.end()) continue;
      websock::Clock::time_point latest = said->second;
      for (const auto& client : clients) latest = std::max(latest, client->heard.at(number).when);
      delays.push_back(std::chrono::duration<double, std::milli>(latest - said->second).count());
    }
  }
  std::sort(delays.begin(), delays.end());
  return delays;
}
