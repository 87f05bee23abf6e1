// The grammar of RFC 3986 section 3.2.2, a function a line:
//
//     authority    =  host [ ":" *DIGIT ]                                         parse_authority
//     host         =  "[" IPv6address "]"  /  IPv4address  /  reg-name            is_ipv6, is_name
//     reg-name     =  *( unreserved / "%" HEXDIG HEXDIG / sub-delims )            is_name
//
// An IPv4 address is a reg-name as well, so no function here looks for one. A reg-name may be empty, and it may have
// signs in it that no host has, such as "!": the grammar leaves to the scheme, and to the resolver, which names exist.
//
// We are stricter in two places. A comma is a sub-delim, but in a Host header it looks like two hosts that a proxy on
// the way has joined into one field. And "[v1.x]", the RFC's place for addresses of the future, has no use yet: a
// reader that does not know such an address has to say so, and a refusal says it.
#include "handshake/authority.h"

#include <arpa/inet.h>

#include <algorithm>
#include <array>

#include "handshake/fields.h"

namespace websock {
namespace {

bool is_letter(char c) { return to_lower(c) >= 'a' && to_lower(c) <= 'z'; }

// Whether `text` is a reg-name, or an IPv4 address.
bool is_name(std::string_view text) {
  constexpr std::string_view kOthers = "-._~!$&'()*+;=";  // unreserved and sub-delims, without the comma
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (is_digit(text[i]) || is_letter(text[i]) || kOthers.find(text[i]) != std::string_view::npos) continue;
    // What is left is "%41". The two digits have to be there: another reader would see another name.
    const bool escaped =
        text[i] == '%' && i + 2 < text.size() && is_hex_digit(text[i + 1]) && is_hex_digit(text[i + 2]);
    if (!escaped) return false;
    i += 2;
  }
  return true;
}

// Whether `text` is an IPv6 address, as it is between brackets. inet_pton(3) knows the grammar; it makes no system
// call.
bool is_ipv6(std::string_view text) {
  // First the characters: some systems' inet_pton takes "fe80::1%eth0" as well. The zone behind the % means something
  // on one machine only, and has no place in what is sent to another (RFC 6874 section 4).
  const auto is_address_character = [](char c) { return is_hex_digit(c) || c == ':' || c == '.'; };
  if (!std::all_of(text.begin(), text.end(), is_address_character)) return false;
  // inet_pton() has to put the address somewhere, and nobody looks at it. It wants a NUL at the end of the text, which
  // a view does not have: hence the copy.
  std::array<unsigned char, 16> address{};
  return ::inet_pton(AF_INET6, std::string(text).c_str(), address.data()) == 1;
}

// Hosts and schemes have no case (RFC 3986 section 6.2.2.1); in lower case they can be compared with ==.
std::string lower_case(std::string_view text) {
  std::string lower(text);
  for (char& c : lower) c = to_lower(c);
  return lower;
}

// Where the authority of a whole URI ends: "http://h?x=1" has no path.
std::size_t authority_end(std::string_view target) {
  // Both callers have found a "://". Without one, npos + 3 would wrap round to 2, and the search would begin there.
  const std::size_t authority = target.find("://") + 3;
  // With neither mark the answer is npos, the largest number there is, and the smaller of the two is the end of the
  // target.
  return std::min(target.find_first_of("/?", authority), target.size());
}

}  // namespace

// From the front: the host, as far as the colon of the port. What the two are made of is for is_name() and is_ipv6().
std::optional<Authority> parse_authority(std::string_view text) {
  // An IPv6 address has colons of its own. So it has brackets round it, and the port's colon is the one behind them.
  const bool bracketed = text.starts_with('[');
  const std::size_t bracket = bracketed ? text.find(']') : std::string_view::npos;
  if (bracketed && bracket == std::string_view::npos) return std::nullopt;
  const std::size_t host_end = bracketed ? bracket + 1 : std::min(text.find(':'), text.size());

  const std::string_view host = bracketed ? text.substr(1, bracket - 1) : text.substr(0, host_end);
  if (bracketed ? !is_ipv6(host) : !is_name(host)) return std::nullopt;

  // Nothing is behind the host, or a colon and digits. There may be none ("a:"), and more than a port has ("a:99999"):
  // the grammar takes both, and only a program that wants to connect has to know better.
  std::string_view port = text.substr(host_end);
  if (!port.empty() && port.front() != ':') return std::nullopt;  // "[::1]80"
  if (!port.empty()) port.remove_prefix(1);
  if (!std::all_of(port.begin(), port.end(), is_digit)) return std::nullopt;  // "a:b:c" ends here as well
  return Authority{lower_case(host), std::string(port)};
}

// A scheme and an authority. What a browser says of a page has just these two; a URI with a path is not what it says.
std::optional<Origin> parse_origin(std::string_view text) {
  const std::size_t colon = text.find("://");
  if (colon == 0 || colon == std::string_view::npos) return std::nullopt;
  // RFC 3986 section 3.1. An extension's page comes from "chrome-extension://...": a scheme need not be the web's.
  const std::string_view scheme = text.substr(0, colon);
  const auto is_scheme_character = [](char c) {
    return is_letter(c) || is_digit(c) || c == '+' || c == '-' || c == '.';
  };
  if (!is_letter(scheme.front()) || !std::all_of(scheme.begin(), scheme.end(), is_scheme_character))
    return std::nullopt;

  // Behind the authority nothing may follow, not even a slash: '/' is no character of a host.
  std::optional<Authority> authority = parse_authority(text.substr(colon + 3));
  if (!authority || authority->host.empty()) return std::nullopt;  // "x://" has no host, and would match an empty one
  const std::string lower_scheme = lower_case(scheme);
  return Origin{lower_scheme, with_usual_port(std::move(*authority), lower_scheme)};
}

// For comparisons: what both sides leave out is written out on both.
Authority with_usual_port(Authority authority, std::string_view scheme) {
  if (authority.port.empty() && scheme == "http") authority.port = "80";
  if (authority.port.empty() && scheme == "https") authority.port = "443";
  return authority;
}

// ---- Targets ----

// The scheme is http or https, even if a WebSocket is asked for: a client that sends a whole URI (through a proxy, say)
// names what it would fetch (RFC 9112 section 3.2.2).
std::optional<Origin> origin_of(std::string_view target) {
  if (target.find("://") == std::string_view::npos) return std::nullopt;
  // It may stand in a query ("/login?next=http://a"): then parse_origin() refuses what is before it as a scheme.
  std::optional<Origin> origin = parse_origin(target.substr(0, authority_end(target)));
  const bool is_web = origin && (origin->scheme == "http" || origin->scheme == "https");
  return is_web ? origin : std::nullopt;
}

// What is between the authority, if there is one, and the '?'. "http://h?x=1" has nothing there.
std::string_view path_of(std::string_view target) {
  const std::string_view rest = origin_of(target) ? target.substr(authority_end(target)) : target;
  const std::string_view path = rest.substr(0, rest.find('?'));
  return path.empty() ? "/" : path;
}

// No authority has a '?', so it need not be looked for first.
std::string_view query_of(std::string_view target) {
  const std::size_t mark = target.find('?');  // the first one: those behind it belong to the query
  return mark == std::string_view::npos ? std::string_view() : target.substr(mark + 1);
}

}  // namespace websock
