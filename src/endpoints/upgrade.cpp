// The decision, in the order in which it is made:
//
//     the head is broken or too long          400, 414, 431, 505
//     it is not about WebSocket               on_http_request answers, or we do: 405, 426
//     it breaks a rule of the handshake       400, 405, 426
//     its Origin may not come in              403
//     on_handshake refuses                    whatever it says
//     otherwise                               101
//
// What the application hands us is checked like what a peer sends: a header with a line break in it would let the
// author of that text write headers, or a whole second response.
#include "endpoints/upgrade.h"

#include <algorithm>
#include <array>
#include <stdexcept>
#include <utility>

namespace websock {
namespace {

constexpr const char* kUpgradeHere = "This is a WebSocket server: connect with a WebSocket client.";
constexpr const char* kForeignPage = "Pages of this origin may not connect.";

// ---- Origins (10.2) ----

// The peer's own words, for the log: what is not visible ASCII becomes a '?', so that nobody can move the cursor of the
// terminal that shows it, or pretend to be the next line. And no more of it than helps.
std::string quoted(std::string_view text) {
  constexpr std::size_t kEnough = 100;  // characters
  std::string quote = "\"";
  for (const char c : text.substr(0, kEnough)) quote += c >= 0x20 && c < 0x7F ? c : '?';
  return quote + (text.size() > kEnough ? "...\"" : "\"");
}

// Whether the page and the server have the same host and port. TLS ends at a proxy, if there is any, so the Host that
// we see may belong to either scheme: the page's is taken for both. A page of any other scheme comes from no server.
bool is_same_origin(const Origin& page, const Request& request) {
  if (page.scheme != "http" && page.scheme != "https") return false;
  // parse_request() has seen to it that there is one well-formed Host, HTTP/1.0 aside, which no handshake has.
  const Authority host = parse_authority(*find_field(request.fields, "Host")).value();
  return with_usual_port(host, page.scheme) == page.authority;
}

// Whether `origin` is that of the entry. Both are taken apart, so that case, and a port that is the usual one, do not
// matter. "null" has no parts: it is what a sandboxed frame or a file has for an origin.
bool is_allowed(const std::string& entry, std::string_view origin) {
  const std::optional<Origin> page = parse_origin(origin);
  return page ? parse_origin(entry) == page : entry == "null" && origin == "null";
}

// Without any rule, every page may come in.
bool may_come_in(const std::string& origin, const Request& request, const UpgradeRules& rules) {
  const std::vector<std::string>& allowed = rules.allowed_origins;
  if (allowed.empty() && !rules.same_origin) return true;
  const auto is_the_pages = [&](const std::string& entry) { return is_allowed(entry, origin); };
  // Either rule is enough: the list is for pages from elsewhere, same_origin for our own.
  if (std::any_of(allowed.begin(), allowed.end(), is_the_pages)) return true;
  const std::optional<Origin> page = parse_origin(origin);
  return rules.same_origin && page && is_same_origin(*page, request);
}

// What was compared with what. It is for the log alone: a stranger's page need not learn which pages may connect.
std::string describe_comparison(const std::string& origin, const Request& request, const UpgradeRules& rules) {
  std::string text = "the Origin " + quoted(origin) + " is not ";
  // The Host is there: see is_same_origin().
  if (rules.same_origin) text += "that of the Host " + quoted(*find_field(request.fields, "Host"));
  if (rules.same_origin && !rules.allowed_origins.empty()) text += ", nor ";
  if (!rules.allowed_origins.empty()) text += "an allowed one:";
  for (const std::string& allowed : rules.allowed_origins) text += " " + allowed;
  return text;
}

// The 403 for a page that may not come in. Nothing: it may, or it is no page. 4.2.2 lets a request without Origin pass:
// browsers always send one, and a program could send any.
std::optional<Response> refuse_origin(Opening& opening, const UpgradeRules& rules) {
  const Request& request = opening.request;
  const std::string* origin = find_field(request.fields, "Origin");
  if (origin == nullptr) return std::nullopt;
  // RFC 6454 section 7.3: a browser sends one. Of two, a proxy could check the first, and the application the second.
  const bool is_one = count_fields(request.fields, "Origin") == 1;
  if (!is_one) throw HttpError(400, "The request has more than one Origin header.");
  if (may_come_in(*origin, request, rules)) return std::nullopt;
  // Not thrown like the others: then the log would have the client's sentence, which says less.
  opening.fault = describe_comparison(*origin, request, rules);
  return make_refusal(HttpError(403, kForeignPage));
}

// ---- Answers ----

// A status below 200 announces another response. And a 101 would be an upgrade that nobody has checked.
void check_final(const Response& response) {
  if (response.status < 200) throw std::invalid_argument("an answer of the application's has a status below 200");
}

// A request that is not about WebSocket. Whatever it asks, the connection ends behind the answer: that is why nobody
// here has to know where a body ends.
Response answer_plain_http(const Request& request, const UpgradeRules& rules) {
  // OPTIONS is what some load balancers ask with whether we live.
  const bool is_known = request.method == "GET" || request.method == "HEAD" || request.method == "OPTIONS";
  const HeaderFields allow = {{"Allow", "GET, HEAD, OPTIONS"}};
  if (!is_known) return make_refusal(HttpError(405, "Only GET, HEAD and OPTIONS are understood.", allow));
  // Without it, a person who opens this port in a browser is told what it is for.
  if (!rules.on_http_request) return make_refusal(HttpError(426, kUpgradeHere));
  // On the client's own thread. What it throws becomes a 500, in decide(); an HttpError keeps its own status. A HEAD is
  // asked like a GET: serialize() leaves the body out.
  Response response = rules.on_http_request(request);
  check_final(response);
  // Added last and by us, whatever the application has set: behind this answer we hang up.
  response.fields.push_back({"Connection", "close"});
  return response;
}

// Whether on_handshake may not set it: what says that this is a WebSocket, and which one; and what would announce a
// body, which a 101 does not have.
bool belongs_to_handshake(std::string_view name) {
  constexpr std::string_view kPrefix = "Sec-WebSocket-";
  constexpr std::array<std::string_view, 4> kNames = {"Upgrade", "Connection", "Content-Length", "Transfer-Encoding"};
  const auto is_it = [&](std::string_view other) { return equal_ignoring_case(name, other); };
  return equal_ignoring_case(name.substr(0, kPrefix.size()), kPrefix) ||
         std::any_of(kNames.begin(), kNames.end(), is_it);
}

// A request for a WebSocket. All that we can see for ourselves comes before the application is asked: on_handshake may
// rely on a correct request, of a page that may come in.
Response answer_handshake(Opening& opening, const UpgradeRules& rules) {
  const ClientHandshake client = check_request(opening.request);
  if (std::optional<Response> refusal = refuse_origin(opening, rules)) return std::move(*refusal);
  HandshakeDecision decision;
  // What it throws is caught in decide(), and becomes a 500; an HttpError keeps its own status.
  if (rules.on_handshake) decision = rules.on_handshake(opening.request);
  if (decision.refusal) {
    check_final(*decision.refusal);
    // For the log only. The client gets the application's own words, or none.
    opening.fault = "on_handshake refused";
    decision.refusal->fields.push_back({"Connection", "close"});
    return std::move(*decision.refusal);
  }
  // The application's choice stands if it has made one. Ours is for when it left that to us.
  opening.subprotocol =
      decision.subprotocol ? decision.subprotocol : choose_subprotocol(client.subprotocols, rules.subprotocols);
  // The client would have to fail a connection over a subprotocol that it has not offered (4.1, item 6).
  const auto& offered = client.subprotocols;
  if (opening.subprotocol && std::find(offered.begin(), offered.end(), *opening.subprotocol) == offered.end()) {
    throw std::invalid_argument("on_handshake chose a subprotocol that the client did not offer");
  }
  // One list for both: what the connection will do, and what the response says that it does.
  const std::vector<AcceptedExtension> accepted = choose_extensions(client.extensions, rules.extensions);
  for (const AcceptedExtension& extension : accepted) opening.extensions.push_back(extension.agreed);
  Response response = make_response(client, opening.subprotocol, accepted);
  for (const HeaderField& field : decision.headers) {
    // Not left out in silence: an application that sets one of these expects an effect.
    if (belongs_to_handshake(field.name)) {
      throw std::invalid_argument("on_handshake sets a header that belongs to the handshake itself");
    }
    // What is left is Set-Cookie and its like. serialize_head() looks for control characters in it.
    response.fields.push_back(field);
  }
  // The last line but one: whatever throws above leaves a refusal behind. serialize_head() may still throw; see
  // give_up().
  opening.accepted = true;
  return response;
}

// `request`: what is answered. It is empty if nobody could read it; then the body is sent, as for a GET.
std::string serialize(const Response& response, const Request& request) {
  std::string bytes = serialize_head(response);
  if (request.method != "HEAD") bytes += response.body;  // RFC 9110 section 9.3.2
  return bytes;
}

// RFC 9110 section 7.8: a client that waits for permission to send a body gets it before a 101, even though an upgrade
// request has no body to send. Behind the 101 it could not be told any more.
std::string interim_response(const Opening& opening) {
  if (!opening.accepted || !list_contains(opening.request.fields, "Expect", "100-continue")) return "";
  return serialize_head(Response{.status = 100});
}

// The application's answer cannot be sent, or it threw: a 500. The reason is for the log; to a stranger it could tell
// too much. answer_handshake() may have accepted already, and the answer may have failed only in serialize_head().
void give_up(Opening& opening, const char* why) {
  opening.accepted = false;
  opening.plain_http = false;
  opening.fault = why;
  const HttpError error(500, "The server could not answer this request.");
  opening.response = serialize(make_refusal(error), opening.request);
}

// Fills in all of `opening` but `consumed`. Whatever is thrown in here ends here, as a response.
void decide(Opening& opening, std::string_view head, const UpgradeRules& rules) {
  try {
    opening.request = parse_request(head);
    // The first decision. A request that is not about WebSocket must not be judged by the rules for those that are.
    opening.plain_http = !wants_websocket(opening.request);
    const Response response =
        opening.plain_http ? answer_plain_http(opening.request, rules) : answer_handshake(opening, rules);
    // Both heads in one text: a single send, and nothing can come between them.
    opening.response = interim_response(opening) + serialize(response, opening.request);
  } catch (const HttpError& error) {
    // The same sentence for the log and for the client: what an HttpError says is meant for a stranger.
    opening.fault = error.what();
    // If parse_request() threw, the request is still empty: even a HEAD gets a body then, and the end of the
    // connection.
    opening.response = serialize(make_refusal(error), opening.request);
  } catch (const std::exception& error) {
    give_up(opening, error.what());
  } catch (...) {
    give_up(opening, "a callback threw something that is no std::exception");
  }
}

}  // namespace

// At the start, since a server with such an entry would refuse every page and never say why.
void check_rules(const UpgradeRules& rules) {
  for (const std::string& entry : rules.allowed_origins) {
    // is_allowed() can match an entry in these two ways, and in no other.
    if (entry == "null" || parse_origin(entry)) continue;
    throw std::invalid_argument("\"" + entry + "\" is not the origin of any page: write scheme, host and port only, " +
                                "such as https://example.com or http://localhost:8000");
  }
}

// Called again with more whenever more has come, until it decides; see find_head() on why it remembers nothing.
std::optional<Opening> open_websocket(std::string_view received, const UpgradeRules& rules) {
  // Whatever is returned is this one object, which is the caller's from the start: the handshake is where a client's
  // stack is deepest, and each page of it that was ever touched stays resident.
  std::optional<Opening> opening(std::in_place);
  try {
    if (const std::optional<std::size_t> size = find_head(received, rules.head)) {
      opening->consumed = *size;
      // Only the head goes in: what is behind it are frames, and may not even look like text.
      decide(*opening, received.substr(0, *size), rules);
    } else {
      opening.reset();  // the empty line at its end has not come yet
    }
  } catch (const HttpError& error) {  // a head that has no end: nothing is consumed, and there is no request
    opening->fault = error.what();
    opening->response = serialize(make_refusal(error), opening->request);
  }
  return opening;
}

// For a client that was too slow, or one too many. It may not even have sent a byte. A std::string, since a view need
// not end in the zero that HttpError's text ends in.
std::string refuse_unread(int status, std::string_view sentence) {
  return serialize(make_refusal(HttpError(status, std::string(sentence).c_str())), {});  // {}: of an unread request
}

}  // namespace websock
