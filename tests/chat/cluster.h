// A room on several servers, for tests: a real redis-server in a folder of its own, servers without a network to their
// clients (a Room, and its log in Redis), clients that note what they hear, and a relay that cuts a server off.
#pragma once

#include <signal.h>
#include <unistd.h>

#include <atomic>
#include <filesystem>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "../programs/process.h"
#include "chat/redis_log.h"
#include "endpoints/server_fixture.h"

// A port that was free a moment ago: programs that cannot be asked which one the system gave them want it told.
inline std::uint16_t free_port() { return websock::listen_on("127.0.0.1", 0).local_port(); }

class RedisServer {
 public:
  // `options`: as redis-server has them on its command line.
  explicit RedisServer(std::vector<std::string> options = {}) : options_(std::move(options)) {
    static int count = 0;
    folder_ = std::filesystem::temp_directory_path() /
              ("websock-redis-" + std::to_string(::getpid()) + "-" + std::to_string(++count));
    std::filesystem::create_directories(folder_);
    start();
  }
  ~RedisServer() {
    process_.reset();
    std::filesystem::remove_all(folder_);
  }

  void start() {
    std::vector<std::string> words = {
        "/usr/bin/env",   "redis-server", "--port", std::to_string(port), "--bind", "127.0.0.1", "--dir",
        folder_.string(), "--save",       "",       "--logfile",          "log"};
    words.insert(words.end(), options_.begin(), options_.end());
    process_ = std::make_unique<Process>(words, (folder_ / "errors").string());
    if (!eventually([&] { return answers(); })) throw std::runtime_error("redis-server does not answer");
  }
  void kill() { process_->kill(); }
  void signal(int number) { process_->signal(number); }

  // A command, on a connection of its own.
  Reply ask(const std::vector<std::string>& words) const {
    RedisConnection connection({.host = "127.0.0.1", .port = port}, soon());
    return connection.command(words, soon());
  }
  const std::filesystem::path& folder() const { return folder_; }
  std::string url() const { return "redis://127.0.0.1:" + std::to_string(port); }

  const std::uint16_t port = free_port();

 private:
  // Also with a password: an error is an answer. Not while it loads.
  bool answers() const {
    try {
      return !ask({"PING"}).string.starts_with("LOADING");
    } catch (const std::exception&) {
      return false;
    }
  }
  std::vector<std::string> options_;
  std::filesystem::path folder_;
  std::unique_ptr<Process> process_;
};

// Between a server and Redis. It can stop, as a network does that loses everything and says nothing; and it can lose the
// answer to a command that was done.
class Relay {
 public:
  explicit Relay(std::uint16_t to) : to_(to), thread_([this] { run(); }) {}
  ~Relay() {
    ending_ = true;
    thread_.join();
  }
  std::uint16_t port() const { return listener_.local_port(); }

  void stop() { stopped_ = true; }
  void go_on() { stopped_ = false; }
  // The next answers that contain `part`: not passed on, and their connection is closed.
  void lose_answers(int count, std::string part) {
    part_ = std::move(part);
    to_lose_ = count;
  }
  int still_to_lose() const { return to_lose_; }

 private:
  struct Pair {
    websock::Socket server;
    websock::Socket redis;
  };
  void run() {
    std::vector<std::unique_ptr<Pair>> pairs;
    while (!ending_) {
      std::vector<pollfd> ready = {{listener_.descriptor(), POLLIN, 0}};
      for (const auto& pair : pairs) {
        ready.push_back({pair->server.descriptor(), POLLIN, 0});
        ready.push_back({pair->redis.descriptor(), POLLIN, 0});
      }
      const bool anything = websock::wait_for(ready, websock::deadline_after(websock::Milliseconds(20)));
      if (!anything || stopped_) {
        if (stopped_) std::this_thread::sleep_for(websock::Milliseconds(1));
        continue;
      }
      for (std::size_t i = 0; i < pairs.size(); ++i) {
        const bool alive = (ready[1 + 2 * i].revents == 0 || pass(pairs[i]->server, pairs[i]->redis, false)) &&
                           (ready[2 + 2 * i].revents == 0 || pass(pairs[i]->redis, pairs[i]->server, true));
        if (!alive) pairs[i].reset();
      }
      std::erase(pairs, nullptr);
      if (ready[0].revents == 0) continue;
      std::optional<websock::Socket> server = websock::accept_from(listener_);
      try {
        if (server) pairs.push_back(std::make_unique<Pair>(Pair{std::move(*server), connect_to_port(to_)}));
      } catch (const std::system_error&) {  // Redis is not there: the server's connection is closed
      }
    }
  }
  // False: the connection is over.
  bool pass(websock::Socket& from, websock::Socket& to, bool is_answer) {
    try {
      const std::optional<std::size_t> count = from.receive(piece_, websock::Milliseconds(0));
      if (!count) return true;
      if (*count == 0) return false;
      const websock::ByteView bytes(piece_.data(), *count);
      if (is_answer && to_lose_ > 0 && websock::text_of(bytes).find(part_) != std::string_view::npos) {
        --to_lose_;
        return false;
      }
      return to.send_all(bytes, soon());
    } catch (const std::system_error&) {
      return false;
    }
  }

  const std::uint16_t to_;
  const websock::Socket listener_ = websock::listen_on("127.0.0.1", 0);
  websock::Bytes piece_ = websock::Bytes(64 * 1024);
  std::string part_;
  std::atomic<int> to_lose_ = 0;
  std::atomic<bool> stopped_ = false;
  std::atomic<bool> ending_ = false;
  std::thread thread_;
};

// One of several servers. Its clock stands still but for what the test adds, so that nobody speaks too fast.
class Node {
 public:
  explicit Node(
      std::uint16_t redis_port, const std::string& name, RoomOptions options = {.bot = false},
      RedisLogOptions log_options = {.patience = websock::Milliseconds(10'000)})  // else too little for a busy disk
      : room(with_clock(options, name)) {
    log_options.url = {.host = "127.0.0.1", .port = redis_port};
    log_options.server = name;
    log_options.max_members = options.max_members;
    log_options.report = [this](const std::string& sentence) { reports.note(sentence); };
    log.emplace(room, log_options);
  }

  std::atomic<std::int64_t> seconds = 0;
  Journal reports;
  Room room;
  std::optional<RedisLog> log;

 private:
  RoomOptions with_clock(RoomOptions options, const std::string& name) {
    options.server = name;
    options.clock = [this] { return std::chrono::steady_clock::time_point(std::chrono::seconds(seconds += 5)); };
    return options;
  }
};

// Somebody, with what she has heard.
class Guest {
 public:
  Guest(Node& node, std::string name, std::string key = "", std::string epoch = "", int after = 0)
      : node_(node), name_(std::move(name)) {
    node_.room.connect(this, {[this](std::string_view text) { heard.note(std::string(text)); },
                              [this](bool come_back) { heard.note(come_back ? "closed 1012" : "closed 1000"); }});
    join_ = {{"type", "join"}, {"name", name_}};
    if (!key.empty()) join_.push_back({"key", key});
    if (!epoch.empty()) join_.insert(join_.end(), {{"epoch", epoch}, {"after", after}});
    send(join_);
  }
  ~Guest() { node_.room.disconnect(this); }
  Guest(const Guest&) = delete;
  Guest& operator=(const Guest&) = delete;

  void send(const Json& message) { node_.room.receive(this, to_string(message)); }
  void say(std::string_view text) { send(JsonObject{{"type", "say"}, {"text", text}}); }

  bool is_in() const { return heard.count(R"({"type":"welcome")") == 1; }
  // Waits for it; as a page does, it joins again when the room is back.
  bool gets_in() {
    return eventually([&] {
      if (!is_in() && heard.count(R"({"type":"back"})") > 0) send(join_);
      return is_in();
    });
  }
  Json welcome() const {
    for (const std::string& line : heard.lines()) {
      if (line.starts_with(R"({"type":"welcome")")) return parse_json(line);
    }
    return {};
  }

  // The messages heard, in short and in order: "1 Ada: Hello".
  std::vector<std::string> messages() const {
    std::vector<std::string> messages;
    const auto add = [&](const Json& message) {
      messages.push_back(to_string(message["seq"]) + " " + message["from"].text() + ": " + message["text"].text());
    };
    for (const std::string& line : heard.lines()) {
      if (line.starts_with(R"({"type":"message")")) add(parse_json(line));
      if (!line.starts_with(R"({"type":"welcome")")) continue;
      const Json welcome = parse_json(line);
      for (const Json& past : welcome["history"].array()) add(past);
    }
    return messages;
  }

  Journal heard;

 private:
  Node& node_;
  std::string name_;
  JsonObject join_;
};
