// The client's half of the opening handshake. A response that it accepts must not be accepted any more once one thing
// about it is changed.
#include <algorithm>

#include "handshake/handshake.h"
#include "targets.h"

using websock::ClientOffer;
using websock::HandshakeError;
using websock::Response;

namespace fuzz {
namespace {

constexpr std::string_view kKey = "dGhlIHNhbXBsZSBub25jZQ==";  // of RFC 6455 section 1.3
const ClientOffer kOffer{.subprotocols = {"chat", "superchat"}};

bool refused(const Response& response, std::string_view key = kKey, const ClientOffer& offer = kOffer) {
  try {
    check_response(response, key, offer);
    return false;
  } catch (const HandshakeError& error) {
    require(error.status() == response.status, "the error has the response's status");
    require(!has_control_character(error.what()), "the error's sentence is printable");
    return true;
  }
}

Response without(Response response, std::string_view name) {
  std::erase_if(response.fields, [&](const auto& field) { return websock::equal_ignoring_case(field.name, name); });
  return response;
}

Response with(Response response, const std::string& name, const std::string& value) {
  response.fields.push_back({name, value});
  return response;
}

void check_changes(const Response& accepted) {
  Response ok = accepted;
  ok.status = 200;
  require(refused(ok), "a response with another status is refused");
  for (const char* name : {"Upgrade", "Connection", "Sec-WebSocket-Accept"}) {
    require(refused(without(accepted, name)), "a response that lacks a header is refused");
  }
  const std::string accept = *find_field(accepted.fields, "Sec-WebSocket-Accept");
  require(accept == "s3pPLMBiTxaQ9kYGzzhZRbK+xOo=", "the answer is the one that RFC 6455 prints");
  require(refused(with(accepted, "sec-websocket-accept", accept)), "a second answer is refused");
  require(refused(accepted, "AQIDBAUGBwgJCgsMDQ4PEA=="), "the answer to another key is refused");
  require(refused(with(accepted, "Sec-WebSocket-Extensions", "x")), "an extension that was not offered is refused");
  require(refused(with(accepted, "Sec-WebSocket-Protocol", "other")), "a subprotocol that was not offered is refused");
}

// What find_response() says: the end of the response, 0 for "not yet", -1 for a refusal.
long verdict(std::string_view received) {
  try {
    const std::optional<websock::ServerResponse> found = websock::find_response(received);
    if (!found) return 0;
    require(found->response.status == 101 || found->response.status < 100 || found->response.status > 199,
            "an interim response is never the answer");
    return static_cast<long>(found->size);
  } catch (const HandshakeError&) {
    return -1;
  }
}

// Once it has made up its mind, no further byte changes it.
void check_splits(std::string_view input) {
  const long whole = verdict(input);
  bool decided = false;
  std::size_t arrived = 0;
  for (const ByteView piece : cut(websock::bytes_of(input))) {
    arrived += piece.size();
    const long now = verdict(input.substr(0, arrived));
    require(now == whole || (now == 0 && !decided), "it does not matter how the response was cut");
    decided = now != 0;
  }
}

}  // namespace

void check_handshake_response(ByteView input) {
  check_splits(websock::text_of(input));
  const std::optional<std::string_view> head = head_of(input);
  if (!head) return;
  Response response;
  try {
    response = websock::parse_response(*head);
  } catch (const websock::HttpError&) {
    return;
  }
  if (refused(response)) return;
  const std::optional<std::string> subprotocol = check_response(response, kKey, kOffer).subprotocol;
  require(!subprotocol || *subprotocol == "chat" || *subprotocol == "superchat", "a subprotocol is one of ours");
  require(refused(response, kKey, {}) == subprotocol.has_value(), "who offers none accepts none");
  check_changes(response);
}

}  // namespace fuzz
