// The chat on several servers as it is run, for tests: chat_server as a process, and the proxy in front of some of them.
#pragma once

#include <unistd.h>

#include <fstream>
#include <iterator>
#include <regex>

#include "cluster.h"

// chat_server --redis, as a process, on a port that the system chooses and that it keeps when it is started again.
class ClusterServer {
 public:
  ClusterServer(const std::string& program, const RedisServer& redis, const std::string& name,
                std::vector<std::string> options = {})
      : words_({program, "--port", "0", "--redis", redis.url(), "--server", name, "--no-bot"}) {
    words_.insert(words_.end(), options.begin(), options.end());
    start();
  }
  // Somebody's outgoing connection may hold the port for a moment.
  void start() {
    std::string line;  // listening on http://127.0.0.1:36545/
    const bool listens = eventually([&] {
      try {
        process_ = std::make_unique<Process>(words_, "/dev/null");
        line = process_->read_line();
        return true;
      } catch (const std::runtime_error&) {
        return false;
      }
    });
    if (!listens) throw std::runtime_error("chat_server does not listen");
    const std::size_t colon = line.rfind(':');
    words_[2] = line.substr(colon + 1, line.rfind('/') - colon - 1);
  }
  Process& process() { return *process_; }
  const std::string& port() const { return words_[2]; }

 private:
  std::vector<std::string> words_;
  std::unique_ptr<Process> process_;
};

using ClusterServers = std::vector<std::unique_ptr<ClusterServer>>;

// The first `count` of three, which have the same options.
inline ClusterServers start_servers(const std::string& program, const RedisServer& redis,
                                    const std::vector<std::string>& options, std::size_t count = 3) {
  ClusterServers servers;
  for (const char* name : {"one", "two", "three"}) {
    if (servers.size() < count) servers.push_back(std::make_unique<ClusterServer>(program, redis, name, options));
  }
  return servers;
}

inline std::vector<std::string> ports_of(const ClusterServers& servers) {
  std::vector<std::string> ports;
  for (const auto& server : servers) ports.push_back(server->port());
  return ports;
}

// The response to a GET, head and all; empty: nobody answers.
inline std::string get(const std::string& port, const std::string& target) {
  try {
    websock::Socket socket = connect_to_port(static_cast<std::uint16_t>(std::stoi(port)));
    socket.send_all(websock::bytes_of("GET " + target + " HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n"), soon());
    std::string response;
    websock::Bytes piece(4096);
    while (const std::size_t count = socket.receive(piece, websock::Milliseconds(5'000)).value_or(0)) {
      response += websock::text_of({piece.data(), count});
    }
    return response;
  } catch (const std::system_error&) {
    return "";
  }
}

// The status of GET /health; 0: nobody answers.
inline int health(const std::string& port) {
  const std::string response = get(port, "/health");
  return response.size() < 12 ? 0 : std::stoi(response.substr(9, 3));  // HTTP/1.1 200
}

// nginx or HAProxy, with one of the files that we ship.
class Proxy {
 public:
  Proxy(const std::string& file, const ClusterServers& servers) {
    std::ifstream stream(file);
    std::string text((std::istreambuf_iterator<char>(stream)), std::istreambuf_iterator<char>());
    // The addresses are ours; all the rest is as it is.
    for (std::size_t i = 0; i < servers.size(); ++i) {
      const std::string number = std::to_string(i + 1);
      const std::regex address("chat" + number + ":8467|127.0.0.1:900" + number);
      text = std::regex_replace(text, address, "127.0.0.1:" + servers[i]->port());
    }
    text = std::regex_replace(text, std::regex("bind :8467"), "bind 127.0.0.1:" + port);
    text = std::regex_replace(text, std::regex("listen 8467"), "listen 127.0.0.1:" + port);
    const bool is_nginx = file.find("nginx") != file.npos;
    if (!is_nginx) text += "\nlisten statistics\n  bind 127.0.0.1:" + statistics_ + "\n  stats enable\n  stats uri /\n";
    std::filesystem::create_directories(folder_);
    std::ofstream(folder_ / "configuration") << text;
    const std::string configuration = (folder_ / "configuration").string();
    process_ = std::make_unique<Process>(
        is_nginx ? std::vector<std::string>{"/usr/bin/env", "nginx", "-c", configuration, "-e", "stderr", "-g",
                                            "daemon off; pid " + (folder_ / "pid").string() + ";"}
                 : std::vector<std::string>{"/usr/bin/env", "haproxy", "-db", "-f", configuration},
        (folder_ / "errors").string());
    if (!eventually([&] { return health(port) == 200; })) throw std::runtime_error("the proxy does not start");
  }
  ~Proxy() {
    process_.reset();
    std::filesystem::remove_all(folder_);
  }
  // Of HAProxy: whether it takes server `number`, from 1, for one that clients can be sent to.
  bool counts_on(std::size_t number) const {
    const std::string statistics = get(statistics_, "/;csv");
    const std::size_t line = statistics.find("\nservers,chat" + std::to_string(number) + ",");
    if (line == statistics.npos) return false;
    return statistics.substr(line + 1, statistics.find('\n', line + 1) - line).find(",UP,") != statistics.npos;
  }
  const std::string port = std::to_string(free_port());

 private:
  const std::string statistics_ = std::to_string(free_port());
  const std::filesystem::path folder_ =
      std::filesystem::temp_directory_path() / ("websock-proxy-" + std::to_string(::getpid()));
  std::unique_ptr<Process> process_;
};
