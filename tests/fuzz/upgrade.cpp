// The server's answer to whatever comes first on a connection: the same at every split, one whole response, and a 101
// only for those that may have one.
#include "endpoints/upgrade.h"

#include <charconv>

#include "targets.h"

using websock::HandshakeDecision;
using websock::Opening;
using websock::Request;
using websock::Response;
using websock::UpgradeRules;

namespace fuzz {
namespace {

bool same(const Opening& a, const Opening& b) {
  return a.accepted == b.accepted && a.response == b.response && a.consumed == b.consumed && a.fault == b.fault &&
         a.plain_http == b.plain_http && a.subprotocol == b.subprotocol;
}

// Nothing until it is decided; from then on always the same.
void check_splits(std::string_view input, const UpgradeRules& rules, const std::optional<Opening>& whole) {
  bool decided = false;
  std::size_t arrived = 0;
  for (const ByteView piece : cut(websock::bytes_of(input))) {
    arrived += piece.size();
    const std::optional<Opening> now = open_websocket(input.substr(0, arrived), rules);
    require(now ? whole && same(*now, *whole) : !decided, "the answer is the same at every split");
    decided = now.has_value();
  }
}

void check_answer(const Opening& opening) {
  const std::string_view sent = opening.response;
  const std::optional<websock::ServerResponse> found = websock::find_response(sent, {.max_head = sent.size()});
  require(found.has_value(), "what is sent is a response");
  const Response& response = found->response;
  require(opening.accepted == (response.status == 101), "101 means accepted");
  require(!opening.accepted || (found->size == sent.size() && !opening.plain_http),
          "the response ends, and frames follow");
  if (opening.accepted) {
    const std::string& key = *find_field(opening.request.fields, "Sec-WebSocket-Key");
    const std::vector<std::string> offered =
        opening.subprotocol ? std::vector{*opening.subprotocol} : std::vector<std::string>();
    require(check_response(response, key, {.subprotocols = offered}).subprotocol == opening.subprotocol,
            "the client accepts it");
    return;
  }
  const std::size_t body = sent.size() - found->size;
  const std::string* length = find_field(response.fields, "Content-Length");
  const bool may_have_body = response.status != 204 && response.status != 304;
  require(may_have_body == (length != nullptr), "the response says how long it is");
  const bool sent_whole = may_have_body && opening.request.method != "HEAD";
  require(sent_whole ? *length == std::to_string(body) : body == 0, "and tells the truth");
  require(list_contains(response.fields, "Connection", "close"), "the connection closes behind it");
}

// An application that repeats the peer's words wherever a response has room for any.
HandshakeDecision decide(const Request& request) {
  const websock::HeaderField& last = request.fields.back();
  const std::string_view path = websock::path_of(request.target);
  if (path == "/choose") return {.subprotocol = last.value};
  if (path != "/refuse") return {};
  Response refusal{.status = 401, .reason = last.value, .fields = {{"X-First", last.value}, {last.name, "x"}}};
  const std::string_view query = websock::query_of(request.target);
  std::from_chars(query.data(), query.data() + query.size(), refusal.status);
  return {.refusal = refusal};
}

Response serve(const Request& request) {
  Response response = websock::make_text_response(200, websock::path_of(request.target));
  response.fields.push_back({"Location", request.target});
  if (!request.fields.empty()) response.fields.push_back(request.fields.front());
  return response;
}

void check_rules(std::string_view input, const UpgradeRules& rules) {
  const std::optional<Opening> opening = open_websocket(input, rules);
  check_splits(input, rules, opening);
  if (!opening) return;
  require(opening->consumed <= input.size(), "it consumes no more than came");
  require(!has_control_character(opening->fault), "the log gets no control character");
  check_answer(*opening);
}

}  // namespace

void check_upgrade(ByteView input) {
  const std::string_view text = websock::text_of(input);
  check_rules(text, {});
  check_rules(text, {.subprotocols = {"superchat"}, .allowed_origins = {"http://example.com"}, .same_origin = true});
  check_rules(text, {.head = {.max_head = 200, .max_fields = 5}, .on_handshake = decide, .on_http_request = serve});
}

}  // namespace fuzz
