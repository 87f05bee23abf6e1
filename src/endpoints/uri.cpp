// The grammar of section 3, from left to right:
//
//     ws-URI = "ws:" "//" host [ ":" port ] path [ "?" query ]
//
// Converting a URI that a person typed (spaces, umlauts) into one that may travel is left to the program that talks to
// the person: we accept what is a URI already, and refuse the rest.
#include "endpoints/uri.h"

#include <algorithm>
#include <charconv>
#include <stdexcept>

#include "handshake/authority.h"
#include "handshake/fields.h"

namespace websock {
namespace {

// The person who typed the URI reads this, so each sentence names what is wrong with it.
void require(bool rule_obeyed, const char* why) {
  if (!rule_obeyed) throw std::invalid_argument(std::string("not a WebSocket URI: ") + why);
}

// What RFC 3986 has a place for, somewhere in a URI.
bool is_uri_character(char c) {
  // RFC 3986's characters are those of its unreserved and reserved sets and the '%': of visible ASCII these nine are
  // left.
  constexpr std::string_view kExcluded = "\"<>\\^`{|}";
  return c > 0x20 && c < 0x7F && kExcluded.find(c) == std::string_view::npos;
}

// All characters, wherever they are: behind this nobody has to think of spaces, line breaks or umlauts.
void check_characters(std::string_view text) {
  require(std::all_of(text.begin(), text.end(), is_uri_character), "a character has to be percent-encoded");
  require(text.find('#') == std::string_view::npos, "it has a fragment");
  // A '%' alone: one program would take it as it is, and the next one refuse the URI.
  for (std::size_t at = text.find('%'); at != std::string_view::npos; at = text.find('%', at + 1)) {
    require(at + 2 < text.size() && is_hex_digit(text[at + 1]) && is_hex_digit(text[at + 2]),
            "a '%' without two hex digits");
  }
}

// Takes "ws://" off the front, in any case. Returns whether it was there.
bool take_prefix(std::string_view& text, std::string_view prefix) {
  if (!equal_ignoring_case(text.substr(0, prefix.size()), prefix)) return false;
  text.remove_prefix(prefix.size());
  return true;
}

// A port that one can connect to. from_chars takes no sign and no space, and reports what does not fit in 16 bits.
std::uint16_t parse_port(std::string_view text) {
  std::uint16_t port = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), port);
  // All of the text has to be the number: from_chars stops at the first character that is none, and calls that a
  // success.
  require(error == std::errc() && end == text.data() + text.size() && port != 0,
          "the port is not a number from 1 to 65535");
  return port;
}

// RFC 6874: takes "%25eth0" out of "[fe80::1%25eth0]:80" and returns "%eth0", as getaddrinfo(3) wants it behind the
// address; or nothing. (%25 is an escaped percent sign.) The rest is then an authority like any other.
std::string take_zone(std::string& authority) {
  // A zone is inside the brackets. Anywhere else "%25" belongs to a name.
  const std::size_t begin = authority.find("%25");
  const std::size_t end = authority.find(']');
  if (!authority.starts_with('[') || begin == std::string::npos || end == std::string::npos || end < begin) return "";
  // 3: "%25". The zone names a network card of this machine. RFC 6874 lets it have unreserved characters, and escaped
  // ones, of which no card has any.
  const std::string zone = authority.substr(begin + 3, end - begin - 3);
  require(!zone.empty() && zone.find_first_of("%:/?#[]@!$&'()*+,;=") == std::string::npos, "the host is malformed");
  authority.erase(begin, end - begin);
  return "%" + zone;
}

// "host", "host:port", "[address]" or "[address]:port", into uri.host and uri.port. authority.h would take all of it at
// once, but could not say which part is wrong.
void read_authority(std::string text, Uri& uri) {
  // What is in front of an '@' is a name and a password. Section 3 has no place for them; and people read
  // "ws://bank.example@evil.example/" from the left.
  require(text.find('@') == std::string::npos, "it has user information: send an Authorization header instead");
  const bool bracketed = text.starts_with('[');
  require(!bracketed || text.find(']') != std::string::npos, "a bracket is missing");
  // Without brackets the port's colon cannot be told from the address's.
  require(bracketed || std::count(text.begin(), text.end(), ':') <= 1, "an IPv6 address has brackets around it");

  // The zone goes to the resolver, and not into the request: it means something on this machine only.
  const std::string zone = take_zone(text);
  // The port's colon is the one behind the bracket. No bracket: rfind() gives npos, and npos + 1 is 0.
  const std::size_t colon = std::min(text.find(':', text.rfind(']') + 1), text.size());
  // Without the port, which parse_port() judges: here it has to be one that can be connected to.
  const std::optional<Authority> authority = parse_authority(text.substr(0, colon));
  require(authority.has_value(), "the host is malformed");
  require(!authority->host.empty(), "it has no host");
  uri.host = authority->host + zone;
  if (colon + 1 < text.size()) uri.port = parse_port(text.substr(colon + 1));  // "h" and "h:" have the usual one
}

}  // namespace

// Takes the parts off the front, one after the other; what is left in the end is the resource.
Uri parse_uri(std::string_view text) {
  // Before anything is cut: an error then names the character, and not what became of the pieces.
  check_characters(text);
  Uri uri;
  uri.secure = take_prefix(text, "wss://");
  if (!uri.secure) require(take_prefix(text, "ws://"), "it begins with neither ws:// nor wss://");
  // Before the authority is read, which may say otherwise.
  uri.port = uri.secure ? 443 : 80;
  const std::size_t end = std::min(text.find_first_of("/?"), text.size());  // there may be neither: "ws://h"
  read_authority(std::string(text.substr(0, end)), uri);

  // Section 3: the resource is the path, "/" if it is empty, and the query behind a '?', if that is not empty. The
  // first '?' is the one that counts; if it is the last character as well, there is nothing behind it.
  uri.resource.assign(text.substr(end));
  if (!uri.resource.starts_with('/')) uri.resource.insert(0, 1, '/');
  const bool empty_query = uri.resource.find('?') == uri.resource.size() - 1;
  if (empty_query) uri.resource.pop_back();
  return uri;
}

// A colon in a host is an IPv6 address's. A proxy with twenty names on one address compares them with this field, text
// with text, so that the usual port must not be in it.
std::string host_field(const Uri& uri) {
  std::string field = uri.host;
  if (field.find(':') != field.npos) {
    field.resize(std::min(field.size(), field.find('%')));  // RFC 6874 section 4: the zone is not sent
    field.insert(0, "[").append("]");
  }
  // 4.1 lets the usual port stay out; that is what browsers do, and so what the proxies expect.
  const std::uint16_t usual_port = uri.secure ? 443 : 80;
  if (uri.port != usual_port) field.append(":").append(std::to_string(uri.port));
  return field;
}

}  // namespace websock
