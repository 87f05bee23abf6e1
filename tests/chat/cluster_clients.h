// Pages that talk to a room on several servers for a while, and note what they said and heard, and when.
#pragma once

#include <algorithm>
#include <condition_variable>
#include <map>
#include <mutex>
#include <set>

#include "cluster.h"
#include "endpoints/client.h"

// Times are of one clock, so that one thread can note when something was said and another when it was heard.
struct Heard {
  std::string text;
  websock::Clock::time_point when;
};

// When they talk: written before `begun`, and the same for all.
struct Schedule {
  websock::Clock::time_point start = {};
  websock::Clock::time_point end = {};
  websock::Clock::duration between = {};  // from one message of a client to its next
  websock::Clock::duration stagger = {};  // from one client's turn to the next one's
  std::atomic<bool> begun = false;
  std::atomic<std::uint64_t> last = 0;  // the number of the last message, as soon as it is known
  std::atomic<bool> given_up = false;

  bool ends_at(std::uint64_t seq) const { return given_up || (last != 0 && seq >= last); }
};

// A page as far as the room can tell: one that loses its connection comes back at the next server, with its key and with
// the number of the last message that it has.
class Client {
 public:
  Client(std::size_t which, std::vector<std::string> ports) : which_(which), ports_(std::move(ports)) {}

  // Comes in; speaks in its turns while it is time to; then listens until it has heard the last message.
  void run(const Schedule& schedule) {
    while (!schedule.ends_at(seq)) {
      std::unique_ptr<websock::WebSocketClient> client;
      try {
        client = come_in();
      } catch (const std::exception&) {
        std::this_thread::sleep_for(websock::Milliseconds(50));  // that server is not there
      }
      while (client && !schedule.ends_at(seq) && !is_over()) take_turn(schedule, *client);
      client.reset();  // so that no callback is under way any more
      const std::lock_guard lock(mutex_);
      inside_ = over_ = false;
      awaited_.clear();  // what is not in the log yet may have been lost, and is not said again
      ++moves;
    }
  }

  bool is_inside() {
    const std::lock_guard lock(mutex_);
    return inside_;
  }
  std::string last_refusal() {
    const std::lock_guard lock(mutex_);
    return last_refusal_;
  }

  std::map<std::uint64_t, Heard> heard;
  std::map<std::string, websock::Clock::time_point> said;
  std::set<std::string> refused;  // of that: its author was told that it was not said
  std::string epoch;
  std::atomic<std::uint64_t> seq = 0;
  std::atomic<bool> settled = false;  // it has said its last, and heard it come back
  std::size_t moves = 0;
  std::size_t faults = 0;

 private:
  // Hearing is a callback, on the client's own thread: a generator that hands every message to a second thread of each client
  // would need more of the processor than the servers that it is there to measure.
  std::unique_ptr<websock::WebSocketClient> come_in() {
    // From an address of its own, as the server hears from the proxy: from one address, not so many may come in at once.
    const websock::HeaderField address{"X-Forwarded-For",
                                       "10.0." + std::to_string(which_ / 250) + "." + std::to_string(which_ % 250)};
    websock::ClientOptions options{.headers = {address}};
    options.on_data_receive = [this](const websock::Client& connection, const websock::Message& message) {
      const Json parsed = parse_json(message.text());
      hear(parsed);
      // Whoever came to a server that could not reach the room joins now, as a page does.
      if (parsed["type"].text() == "back" && !is_inside()) connection->send(join());
    };
    options.on_connection_close = [this](const websock::Client&) { end(); };
    auto client = std::make_unique<websock::WebSocketClient>(
        "ws://127.0.0.1:" + ports_[(which_ + moves) % ports_.size()] + "/", options);
    client->send(join());
    return client;
  }
  std::string join() {
    const std::lock_guard lock(mutex_);
    const std::string name = "client " + std::to_string(which_);
    JsonObject message = {{"type", "join"}, {"name", name}, {"key", name}};
    if (!epoch.empty()) message.insert(message.end(), {{"epoch", epoch}, {"after", seq.load()}});
    return to_string(Json(std::move(message)));
  }
  // Says what is due, and waits until there is something to say again; for the schedule it looks ten times a second.
  // The end of the connection wakes it: what it took to notice that would be measured as the servers' delay.
  void take_turn(const Schedule& schedule, websock::WebSocketClient& client) {
    const websock::Clock::time_point now = websock::Clock::now();
    websock::Clock::time_point next = now + websock::Milliseconds(100);
    if (schedule.begun) {
      const websock::Clock::time_point due =
          schedule.start + which_ * schedule.stagger + said.size() * schedule.between;
      if (due < schedule.end && due <= now) speak(client);
      if (due < schedule.end && due > now) next = std::min(next, due);
      const std::lock_guard lock(mutex_);
      settled = now >= schedule.end && inside_ && awaited_.empty();
    }
    std::unique_lock lock(mutex_);
    changed_.wait_until(lock, next, [&] { return over_; });
  }
  void speak(websock::WebSocketClient& client) {
    const std::string text = std::to_string(which_) + ":" + std::to_string(said.size());
    {
      const std::lock_guard lock(mutex_);
      if (!inside_) return;
      awaited_.insert(text);
    }
    said[text] = websock::Clock::now();
    client.send(to_string(JsonObject{{"type", "say"}, {"text", text}}));
  }
  void hear(const Json& message) {
    const std::string& type = message["type"].text();
    const std::lock_guard lock(mutex_);
    if (type == "message") note(message);
    if (type == "error") note_refusal(message["text"].text());
    if (type != "welcome") return;
    inside_ = true;
    epoch = message["epoch"].text();
    faults += message["missed"].number() > 0;
    for (const Json& past : message["history"].array()) note(past);
  }
  void note(const Json& message) {
    const auto number = static_cast<std::uint64_t>(message["seq"].number());
    faults += number != seq + 1;  // a gap, or the same again
    awaited_.erase(message["text"].text());
    heard[number] = {message["text"].text(), websock::Clock::now()};
    seq = number;
  }
  // What was said is not in the log then. Who is not even let in tries again, at the next server.
  void note_refusal(const std::string& text) {
    last_refusal_ = text;
    if (!inside_) over_ = true;
    changed_.notify_all();
    refused.merge(awaited_);
    awaited_.clear();
  }
  void end() {
    const std::lock_guard lock(mutex_);
    over_ = true;
    changed_.notify_all();
  }
  bool is_over() {
    const std::lock_guard lock(mutex_);
    return over_;
  }
  std::size_t which_;
  std::vector<std::string> ports_;
  std::mutex mutex_;  // guards what follows, and what the callback writes while the client lives
  std::condition_variable changed_;
  bool inside_ = false;
  bool over_ = false;  // the connection has ended, or the room did not let us in
  std::string last_refusal_;
  std::set<std::string> awaited_;  // said on this connection, and not heard yet
};

struct Talk {
  std::size_t clients = 60;
  std::size_t rate = 30;  // messages a second, of all together
  std::size_t seconds = 12;
  std::function<void(websock::Clock::time_point start, websock::Clock::time_point end)> meanwhile = {};
};

// Lets `talk.clients` people talk at these servers, and listen until they have heard all that the log has got.
inline std::vector<std::unique_ptr<Client>> let_talk(const Talk& talk, const std::vector<std::string>& ports,
                                                     const RedisServer& redis) {
  std::vector<std::unique_ptr<Client>> clients;
  for (std::size_t i = 0; i < talk.clients; ++i) clients.push_back(std::make_unique<Client>(i, ports));
  Schedule schedule;
  std::vector<std::thread> threads;
  for (const auto& client : clients) threads.emplace_back([&] { client->run(schedule); });
  const auto all = [&](auto condition) {
    return std::all_of(clients.begin(), clients.end(),
                       [&](const auto& client) { return eventually([&] { return condition(*client); }); });
  };
  // The first word waits for the last to come in: three hundred who come in at once are three hundred squared notices, and
  // what is to be measured is the talk.
  schedule.given_up = !all([](Client& client) { return client.is_inside(); });
  schedule.stagger = std::chrono::nanoseconds(1'000'000'000 / talk.rate);
  schedule.between = talk.clients * schedule.stagger;
  schedule.start = websock::Clock::now() + websock::Milliseconds(500);
  schedule.end = schedule.start + std::chrono::seconds(talk.seconds);
  schedule.begun = true;
  if (talk.meanwhile) talk.meanwhile(schedule.start, schedule.end);
  std::this_thread::sleep_until(schedule.end);
  // When nothing is under way any more, and nobody says anything, the log's end is where all have to arrive.
  if (!all([](Client& client) { return client.settled.load(); })) schedule.given_up = true;
  const std::uint64_t last = parse_position(redis.ask({"HGET", "chat:{Chat}:meta", "top"}).as_text()).message;
  schedule.last = last;
  for (std::thread& thread : threads) thread.join();
  if (schedule.given_up) {
    for (const auto& client : clients) {
      if (!client->settled) throw std::runtime_error("somebody waits for ever: \"" + client->last_refusal() + '"');
    }
  }
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
