// The grammar of section 3, from left to right:
//
//     ws-URI = "ws:" "//" host [ ":" port ] path [ "?" query ]
//
// Converting a URI that a person typed (spaces, umlauts) into one that may travel is left to whoever has the person: we
// accept what is a URI already, and refuse the rest.
#include "endpoints/uri.h"

#include <algorithm>
#include <charconv>
#include <stdexcept>

#include "handshake/fields.h"

namespace websock {
namespace {

void require(bool rule_obeyed, const char* why) {
  if (!rule_obeyed) throw std::invalid_argument(std::string("not a WebSocket URI: ") + why);
}

bool is_uri_character(char c) {
  constexpr std::string_view kExcluded = "\"<>\\^`{|}";  // RFC 3986 has no place for these
  return c > 0x20 && c < 0x7F && kExcluded.find(c) == std::string_view::npos;
}

bool is_hex_digit(char c) { return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f') || (c >= 'A' && c <= 'F'); }

void check_characters(std::string_view text) {
  require(std::all_of(text.begin(), text.end(), is_uri_character), "a character has to be percent-encoded");
  require(text.find('#') == std::string_view::npos, "it has a fragment");
  for (std::size_t at = text.find('%'); at != std::string_view::npos; at = text.find('%', at + 1)) {
    require(at + 2 < text.size() && is_hex_digit(text[at + 1]) && is_hex_digit(text[at + 2]),
            "a '%' without two hex digits");
  }
}

bool take_prefix(std::string_view& text, std::string_view prefix) {
  if (!equal_ignoring_case(text.substr(0, prefix.size()), prefix)) return false;
  text.remove_prefix(prefix.size());
  return true;
}

std::uint16_t parse_port(std::string_view text) {
  std::uint16_t port = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), port);
  require(error == std::errc() && end == text.data() + text.size() && port != 0,
          "the port is not a number from 1 to 65535");
  return port;
}

// "host", "host:port", "[address]" or "[address]:port".
void parse_authority(std::string_view authority, Uri& uri) {
  require(authority.find('@') == std::string_view::npos, "it has user information");
  const bool bracketed = authority.starts_with('[');
  const std::size_t end = bracketed ? authority.find(']') : authority.find(':');
  require(!bracketed || end != std::string_view::npos, "a bracket is missing");
  uri.host = bracketed ? authority.substr(1, end - 1) : authority.substr(0, end);
  require(!uri.host.empty(), "it has no host");
  // RFC 3986: colons are what the brackets are for, and there are no others. It would let a comma stand, but in a Host
  // header that looks like two hosts, and http.h refuses it.
  const bool has_colon = uri.host.find(':') != std::string::npos;
  require(has_colon == bracketed && uri.host.find_first_of("[],") == std::string::npos, "the host is malformed");
  std::string_view rest =
      end == std::string_view::npos ? std::string_view() : authority.substr(bracketed ? end + 1 : end);
  if (rest.empty()) return;
  require(rest.front() == ':', "the host is malformed");
  rest.remove_prefix(1);
  if (!rest.empty()) uri.port = parse_port(rest);  // "host:" has the default port
}

}  // namespace

Uri parse_uri(std::string_view text) {
  check_characters(text);
  Uri uri;
  uri.secure = take_prefix(text, "wss://");
  if (!uri.secure) require(take_prefix(text, "ws://"), "it begins with neither ws:// nor wss://");
  uri.port = uri.secure ? 443 : 80;
  const std::size_t end = std::min(text.find_first_of("/?"), text.size());
  parse_authority(text.substr(0, end), uri);

  uri.resource.assign(text.substr(end));
  if (!uri.resource.starts_with('/')) uri.resource.insert(0, 1, '/');  // an empty path is "/"
  const bool empty_query = uri.resource.find('?') == uri.resource.size() - 1;
  if (empty_query) uri.resource.pop_back();
  return uri;
}

std::string host_field(const Uri& uri) {
  const bool is_ipv6 = uri.host.find(':') != std::string::npos;
  std::string field = is_ipv6 ? std::string("[").append(uri.host).append("]") : uri.host;
  const std::uint16_t usual_port = uri.secure ? 443 : 80;
  if (uri.port != usual_port) field.append(":").append(std::to_string(uri.port));
  return field;
}

}  // namespace websock
