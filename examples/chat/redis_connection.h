// A connection to Redis: where it is, and one command at a time.
#pragma once

#include <websock/transport/socket.h>

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "redis_reply.h"

// redis://[[user]:password@]host[:port][/database]
struct RedisUrl {
  std::string host;  // an IPv6 address without its brackets
  std::uint16_t port = 6379;
  std::string user = {};  // empty: Redis' default user
  std::string password = {};
  std::string database = "0";  // a number

  bool operator==(const RedisUrl&) const = default;
};

// Throws std::invalid_argument. Characters that have a meaning in a URL are written as %40 in user and password.
RedisUrl parse_redis_url(std::string_view text);

// One thread uses it at a time, but for shut_down(). When a member has thrown, the connection is of no more use: an
// answer may still come, and would be taken for that of the next command.
class RedisConnection {
 public:
  // Connects, and says who we are. Throws std::system_error if Redis cannot be reached, and RedisError if it does not
  // let us in.
  RedisConnection(const RedisUrl& url, websock::Deadline deadline);

  // Sends a command, and waits for its answer, which may be an error. Throws std::system_error(timed_out) if none comes
  // in time.
  Reply command(const std::vector<std::string>& words, websock::Deadline deadline);

  // The two halves of that, for commands that have more than one answer, or take as long as they like.
  void send(const std::vector<std::string>& words, websock::Deadline deadline);
  std::optional<Reply> receive(websock::Deadline deadline);  // nothing: none came in time

  // Whoever waits in a member gets an exception. Any thread.
  void shut_down() { socket_.shut_down(); }

 private:
  websock::Socket socket_;
  ReplyParser parser_;
};
