// The decision, in the order in which it is made:
//
//     the head is broken or too long          400, 431, 505
//     it is not about WebSocket               on_http_request answers, or we do: 426
//     it breaks a rule of the handshake       400, 405, 426
//     its Origin may not come in              403
//     on_handshake refuses                    whatever it says
//     otherwise                               101
//
// What the application hands us is checked like what a peer sends: a header with a line break in it would let whoever
// supplied the text write headers of his own, or a whole second response.
#include "endpoints/upgrade.h"

#include <algorithm>
#include <array>
#include <stdexcept>

namespace websock {
namespace {

constexpr const char* kUpgradeHere = "This is a WebSocket server: connect with a WebSocket client.";

// An origin, or a Host, as "host:port" in lower case. The port is always written out, so that "http://a" and "a:80" are
// the same.
std::string authority_of(std::string_view text, std::string_view scheme) {
  std::string authority;
  for (const char c : text) authority += c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c;
  const bool has_port = authority.find(':', authority.rfind(']') + 1) != std::string::npos;  // "[::1]" has none
  if (!has_port) authority += scheme == "https" ? ":443" : ":80";
  return authority;
}

// Whether the page and the server have the same host and port. TLS ends at a proxy, if there is any, so the Host that
// we see may stand for either scheme: the page's is taken for both.
bool is_same_origin(std::string_view origin, std::string_view host) {
  const std::size_t colon = origin.find("://");
  if (colon == std::string_view::npos) return false;  // "null": a sandboxed frame or a file
  const std::string_view scheme = origin.substr(0, colon);
  return authority_of(origin.substr(colon + 3), scheme) == authority_of(host, scheme);
}

void check_origin(const Request& request, const UpgradeRules& rules) {
  const std::string* origin = find_field(request.fields, "Origin");
  if (origin == nullptr) return;
  const auto equals_origin = [&](const std::string& allowed) { return equal_ignoring_case(allowed, *origin); };
  const bool any_allowed = rules.allowed_origins.empty() && !rules.same_origin;
  const bool listed = std::any_of(rules.allowed_origins.begin(), rules.allowed_origins.end(), equals_origin);
  const bool same = rules.same_origin && is_same_origin(*origin, *find_field(request.fields, "Host"));
  if (!any_allowed && !listed && !same) throw HttpError(403, "Pages of this origin may not connect.");
}

// A status below 200 announces another response. And a 101 would be an upgrade that nobody has checked.
void check_final(const Response& response) {
  if (response.status < 200) throw std::invalid_argument("an answer of the application's has a status below 200");
}

Response answer_plain_http(const Request& request, const UpgradeRules& rules) {
  // OPTIONS is what some load balancers ask with whether we live.
  const bool is_known = request.method == "GET" || request.method == "HEAD" || request.method == "OPTIONS";
  const HeaderFields allow = {{"Allow", "GET, HEAD, OPTIONS"}};
  if (!is_known) return make_refusal(HttpError(405, "Only GET, HEAD and OPTIONS are understood.", allow));
  if (!rules.on_http_request) return make_refusal(HttpError(426, kUpgradeHere));
  Response response = rules.on_http_request(request);
  check_final(response);
  response.fields.push_back({"Connection", "close"});
  return response;
}

// What says that this is a WebSocket, and which one; and what would announce a body, which a 101 has not.
bool belongs_to_handshake(std::string_view name) {
  constexpr std::string_view kPrefix = "Sec-WebSocket-";
  constexpr std::array<std::string_view, 4> kNames = {"Upgrade", "Connection", "Content-Length", "Transfer-Encoding"};
  const auto is_it = [&](std::string_view other) { return equal_ignoring_case(name, other); };
  return equal_ignoring_case(name.substr(0, kPrefix.size()), kPrefix) ||
         std::any_of(kNames.begin(), kNames.end(), is_it);
}

Response answer_handshake(Opening& opening, const UpgradeRules& rules) {
  const ClientHandshake client = check_request(opening.request);
  check_origin(opening.request, rules);
  HandshakeDecision decision;
  if (rules.on_handshake) decision = rules.on_handshake(opening.request);
  if (decision.refusal) {
    check_final(*decision.refusal);
    opening.fault = "on_handshake refused";
    decision.refusal->fields.push_back({"Connection", "close"});
    return *decision.refusal;
  }
  opening.subprotocol =
      decision.subprotocol ? decision.subprotocol : choose_subprotocol(client.subprotocols, rules.subprotocols);
  const auto& offered = client.subprotocols;
  if (opening.subprotocol && std::find(offered.begin(), offered.end(), *opening.subprotocol) == offered.end()) {
    throw std::invalid_argument("on_handshake chose a subprotocol that the client did not offer");
  }
  Response response = make_response(client, opening.subprotocol);
  for (const HeaderField& field : decision.headers) {
    if (belongs_to_handshake(field.name)) {
      throw std::invalid_argument("on_handshake sets a header that belongs to the handshake itself");
    }
    response.fields.push_back(field);
  }
  opening.accepted = true;
  return response;
}

std::string serialize(const Response& response, const Request& request) {
  std::string bytes = serialize_head(response);
  if (request.method != "HEAD") bytes += response.body;  // RFC 9110 section 9.3.2
  return bytes;
}

// The application's answer cannot be sent, or it threw.
void give_up(Opening& opening, const char* why) {
  opening.accepted = false;
  opening.plain_http = false;
  opening.fault = why;
  const HttpError error(500, "The server could not answer this request.");
  opening.response = serialize(make_refusal(error), opening.request);
}

void decide(Opening& opening, std::string_view head, const UpgradeRules& rules) {
  try {
    opening.request = parse_request(head);
    opening.plain_http = !wants_websocket(opening.request);
    const Response response =
        opening.plain_http ? answer_plain_http(opening.request, rules) : answer_handshake(opening, rules);
    opening.response = serialize(response, opening.request);
  } catch (const HttpError& error) {
    opening.fault = error.what();
    opening.response = serialize(make_refusal(error), opening.request);
  } catch (const std::exception& error) {
    give_up(opening, error.what());
  } catch (...) {
    give_up(opening, "a callback threw something that is no std::exception");
  }
}

}  // namespace

std::optional<Opening> open_websocket(std::string_view received, const UpgradeRules& rules) {
  Opening opening;
  try {
    const std::optional<std::size_t> size = find_head(received, rules.head);
    if (!size) return std::nullopt;
    opening.consumed = *size;
  } catch (const HttpError& error) {
    opening.fault = error.what();
    opening.response = serialize(make_refusal(error), opening.request);
    return opening;
  }
  decide(opening, received.substr(0, opening.consumed), rules);
  return opening;
}

std::string refuse_unread(int status, std::string_view sentence) {
  return serialize(make_refusal(HttpError(status, std::string(sentence).c_str())), {});
}

}  // namespace websock
