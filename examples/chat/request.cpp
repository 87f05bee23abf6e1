// The members that each kind of request has. All of them are read here, even those that most requests go without: what
// is wrong with one shows now, and not when half of the request has been obeyed.
#include "request.h"

#include "json.h"

namespace {

constexpr std::size_t kMaxSecret =
    200;  // bytes of key and epoch: ours are 16 and 12, and others' need not be much longer

// A string that may be left out.
std::string optional_text(const Json& message, std::string_view name) {
  return message[name].is_null() ? std::string() : message[name].text();
}

// A `name` is required, the others may be missing: a client without a key and an epoch is new here.
void read_join(const Json& message, Request& request) {
  request.name = message["name"].text();
  request.key = optional_text(message, "key");
  request.epoch = optional_text(message, "epoch");
  if (!message["after"].is_null()) request.after = message["after"].number();
  if (request.after < 0) throw JsonError("after is negative");
  // Both are kept with the client until it is welcomed: whoever connects could have us keep the longest of messages.
  if (request.key.size() > kMaxSecret || request.epoch.size() > kMaxSecret) throw JsonError("key or epoch is too long");
}

}  // namespace

Request parse_request(std::string_view text) {
  const Json message = parse_json(text);
  const std::string& type = message["type"].text();
  Request request;
  if (type == "join") {
    request.kind = Request::join;
    read_join(message, request);
  } else if (type == "say") {
    request.kind = Request::say;
    request.text = message["text"].text();
    request.to = optional_text(message, "to");
  } else if (type == "typing") {
    request.kind = Request::typing;
  } else if (type != "ping") {  // a ping has no members
    throw Refusal("Not understood: the type is unknown.");
  }
  // Members that we do not know are not refused: a newer page may send more.
  return request;
}
