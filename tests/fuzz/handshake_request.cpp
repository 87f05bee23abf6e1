// The server's half of the opening handshake: what it accepts, and whether a client would accept its answer.
#include <algorithm>

#include "handshake/base64.h"
#include "handshake/handshake.h"
#include "targets.h"

using websock::ClientHandshake;
using websock::Extension;
using websock::HttpError;
using websock::Request;
using websock::Response;

namespace fuzz {
namespace {

Response sent_and_received(const Response& response) {
  const std::string head = serialize_head(response);
  require(websock::find_head(head) == head.size(), "a response is one head");
  return websock::parse_response(head);
}

void check_refusal(const HttpError& error) {
  require(!has_control_character(error.what()), "a refusal's sentence is printable");
  require(sent_and_received(make_refusal(error)).status == error.status(), "a refusal can be sent");
}

void check_list_of(const std::vector<Extension>& extensions) {
  std::string list;
  for (const Extension& extension : extensions) {
    require(is_token(extension.name), "an extension's name is a token");
    list += (list.empty() ? "" : ", ") + extension.name;
    for (const auto& [name, value] : extension.parameters) {
      require(is_token(name) && (!value || is_token(*value)), "so are its parameters' names and values");
      list += "; " + name + (value ? "=\"" + *value + '"' : "");
    }
  }
  if (list.empty()) return;
  require(websock::parse_extensions({{"Sec-WebSocket-Extensions", list}}) == extensions,
          "extensions that are written read back the same");
}

void check_accepted(const Request& request, const ClientHandshake& client) {
  require(wants_websocket(request), "what is accepted is meant as a handshake");
  require(request.method == "GET" && request.minor_version >= 1, "it is a GET of HTTP/1.1");
  require(*find_field(request.fields, "Sec-WebSocket-Version") == "13", "it is of version 13");
  require(*find_field(request.fields, "Sec-WebSocket-Key") == client.key, "the key is the header's");
  require(client.key.size() == 24 && client.key.ends_with("=="), "the key is of the size of 16 bytes");
  require(websock::base64_decode(client.key).has_value(), "the key is base64");
  for (const std::string& name : client.subprotocols) require(is_token(name), "a subprotocol's name is a token");
  check_list_of(client.extensions);

  const websock::ClientOffer offer{.subprotocols = client.subprotocols};
  require(!check_response(sent_and_received(make_response(client, std::nullopt)), client.key, offer).subprotocol,
          "the client takes a response without a subprotocol");
  for (const std::string& name : client.subprotocols) {
    require(check_response(sent_and_received(make_response(client, name)), client.key, offer).subprotocol == name,
            "the client takes a response with any of its subprotocols");
  }
}

}  // namespace

void check_handshake_request(ByteView input) {
  const std::optional<std::string_view> head = head_of(input);
  if (!head) return;
  Request request;
  ClientHandshake client;
  try {
    request = websock::parse_request(*head);
    client = check_request(request);
  } catch (const HttpError& error) {
    return check_refusal(error);
  }
  check_accepted(request, client);
}

}  // namespace fuzz
