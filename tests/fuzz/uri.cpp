// A ws:// URI, and the request that a client makes of it: our own server has to take it.
#include "endpoints/uri.h"

#include <algorithm>

#include "handshake/handshake.h"
#include "targets.h"

using websock::Request;
using websock::Uri;

namespace fuzz {
namespace {

bool is_visible_ascii(std::string_view text) {
  return std::all_of(text.begin(), text.end(), [](char c) { return c > ' ' && c < '\x7F'; });
}

void check_request_for(const Uri& uri) {
  const std::string_view key = "dGhlIHNhbXBsZSBub25jZQ==";
  const std::string sent = serialize_head(websock::make_request(host_field(uri), uri.resource, key, {}));
  require(websock::find_head(sent, {.max_head = 1 << 20}) == sent.size(), "the request is one head");
  const Request received = websock::parse_request(sent);
  require(received.target == uri.resource, "the request names the resource");
  require(*find_field(received.fields, "Host") == host_field(uri), "the request names the host");
  require(host_field(uri).find("[") == std::string::npos || host_field(uri).find('%') == std::string::npos,
          "but no zone");
  require(websock::check_request(received).key == key, "the server accepts the request");
}

}  // namespace

void check_uri(ByteView input) {
  Uri uri;
  try {
    uri = websock::parse_uri(websock::text_of(input));
  } catch (const std::invalid_argument&) {
    return;
  }
  require(!uri.host.empty() && is_visible_ascii(uri.host), "a host is something, in visible ASCII");
  require(uri.host.find_first_of("/?#@[]") == std::string::npos, "a host has no delimiters");
  require(uri.port != 0, "a port is not 0");
  require(uri.resource.starts_with('/') && is_visible_ascii(uri.resource), "a resource is a path in visible ASCII");
  require(uri.resource.find('#') == std::string::npos, "a resource has no fragment");
  const Uri again = websock::parse_uri((uri.secure ? "wss://" : "ws://") + host_field(uri) + uri.resource);
  if (uri.host.find(':') != std::string::npos) uri.host.erase(std::min(uri.host.find('%'), uri.host.size()));
  require(again == uri, "what was read is read from its own spelling too, but for the zone");
  check_request_for(uri);
}

}  // namespace fuzz
