// Redis' answers: however they arrive, they are the same, and what is no answer is refused at the same place.
#include "../../examples/chat/redis_reply.h"

#include <string>

#include "targets.h"

namespace fuzz {

namespace {

struct Parsed {
  std::vector<Reply> replies = {};
  bool refused = false;

  bool operator==(const Parsed&) const = default;
};

Parsed parse(const std::vector<ByteView>& pieces) {
  Parsed parsed;
  ReplyParser parser;
  try {
    for (const ByteView piece : pieces) {
      parser.feed(websock::text_of(piece));
      while (std::optional<Reply> reply = parser.next()) parsed.replies.push_back(std::move(*reply));
    }
  } catch (const RedisError& error) {
    require(!has_control_character(error.what()), "the error's sentence is printable");
    parsed.refused = true;
  }
  return parsed;
}

std::size_t depth_of(const Reply& reply) {
  std::size_t depth = 0;
  for (const Reply& element : reply.elements) depth = std::max(depth, depth_of(element));
  return depth + (reply.elements.empty() ? 0 : 1);
}

}  // namespace

void check_redis_reply(ByteView input) {
  const Parsed whole = parse({input});
  require(parse(cut(input)) == whole, "it does not matter how the input was cut");
  for (const Reply& reply : whole.replies) {
    require(depth_of(reply) <= ReplyParser::kMaxDepth, "lists are not nested deeper than allowed");
    if (reply.kind == Reply::status || reply.kind == Reply::error) {
      require(reply.string.find_first_of("\r\n") == std::string::npos, "a line is one line");
    }
  }
}

}  // namespace fuzz
