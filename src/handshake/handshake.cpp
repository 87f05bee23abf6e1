// Why a hash, of all things? Not for secrecy: anybody can compute it. The handshake answers one question: does the
// other end *mean* to speak WebSocket? Without it, a web page could make a browser connect to any server inside a
// company's network that happens to echo what it gets, and take the echo for consent. No server returns
//
//     base64(SHA-1("dGhlIHNhbXBsZSBub25jZQ==" "258EAFA5-E914-47DA-95CA-C5AB0DC85B11"))
//     = "s3pPLMBiTxaQ9kYGzzhZRbK+xOo="
//
// by accident. The GUID is nothing but a constant that was never used for anything else (1.3).
//
// The checks below follow the RFC's numbered lists: 4.2.1 for the server, 4.1 for the client. (Only the version is
// checked before the key: another version may have other keys.) We make them one by one rather than in one large
// condition, since the sentence that names the cause is the only help that somebody with a failing handshake gets.
#include "handshake/handshake.h"

#include <algorithm>

#include "handshake/base64.h"
#include "handshake/sha1.h"

namespace websock {
namespace {

constexpr std::string_view kGuid = "258EAFA5-E914-47DA-95CA-C5AB0DC85B11";
constexpr std::string_view kVersion = "13";
constexpr std::size_t kNonceSize = 16;  // bytes

// ---- The server's checks ----

void require(bool rule_obeyed, const char* why) {
  if (!rule_obeyed) throw HttpError(400, why);
}

std::string check_key(const Request& request) {
  require(count_fields(request.fields, "Sec-WebSocket-Key") == 1, "There must be exactly one Sec-WebSocket-Key.");
  const std::string& key = *find_field(request.fields, "Sec-WebSocket-Key");
  const std::optional<Bytes> nonce = base64_decode(key);
  require(nonce && nonce->size() == kNonceSize, "The Sec-WebSocket-Key is not the base64 of 16 bytes.");
  return key;
}

// 4.3: a number from 0 to 255 without leading zeros.
bool is_version(std::string_view text) {
  const bool digits = !text.empty() && text.size() <= 3 &&
                      std::all_of(text.begin(), text.end(), [](char c) { return c >= '0' && c <= '9'; });
  if (!digits || (text.size() > 1 && text.front() == '0')) return false;
  return std::stoi(std::string(text)) <= 255;
}

void check_version(const Request& request) {
  const std::string* version = find_field(request.fields, "Sec-WebSocket-Version");
  const bool is_one = count_fields(request.fields, "Sec-WebSocket-Version") == 1 && is_version(*version);
  if (is_one && *version == kVersion) return;
  const HeaderFields supported = {{"Sec-WebSocket-Version", std::string(kVersion)}};  // 4.4
  if (is_one) throw HttpError(426, "This server speaks version 13 of WebSocket only.", supported);
  throw HttpError(400, "There must be exactly one Sec-WebSocket-Version, and it must be 13.", supported);
}

// An upgrade request has no body: we could not tell where it ends and the first frame begins without reading it.
void check_no_body(const Request& request) {
  require(find_field(request.fields, "Transfer-Encoding") == nullptr, "An upgrade request cannot have a body.");
  for (const HeaderField& field : request.fields) {
    if (equal_ignoring_case(field.name, "Content-Length")) {
      require(field.value == "0", "An upgrade request cannot have a body.");
    }
  }
}

std::vector<std::string> parse_subprotocols(const Request& request) {
  std::vector<std::string> subprotocols;
  for (const std::string_view name : list_elements(request.fields, "Sec-WebSocket-Protocol")) {
    require(is_token(name), "The Sec-WebSocket-Protocol header is malformed.");
    subprotocols.emplace_back(name);
  }
  const bool listed = find_field(request.fields, "Sec-WebSocket-Protocol") != nullptr;
  require(!listed || !subprotocols.empty(), "The Sec-WebSocket-Protocol header is empty.");
  return subprotocols;
}

// ---- The client's checks ----

bool contains(const std::vector<std::string>& names, std::string_view name) {
  return std::find(names.begin(), names.end(), name) != names.end();
}

void check_offer(const ClientOffer& offer) {
  for (auto name = offer.subprotocols.begin(); name != offer.subprotocols.end(); ++name) {
    if (!is_token(*name)) throw std::invalid_argument("a subprotocol's name is not a token");
    if (std::find(offer.subprotocols.begin(), name, *name) != name) {
      throw std::invalid_argument("a subprotocol is offered twice");
    }
  }
  for (const HeaderField& field : offer.fields) {
    for (const std::string_view own : {"Host", "Upgrade", "Connection", "Content-Length", "Transfer-Encoding"}) {
      if (equal_ignoring_case(field.name, own))
        throw std::invalid_argument("the handshake sets " + field.name + " itself");
    }
    constexpr std::string_view kPrefix = "Sec-WebSocket-";
    if (equal_ignoring_case(std::string_view(field.name).substr(0, kPrefix.size()), kPrefix)) {
      throw std::invalid_argument("the handshake sets " + field.name + " itself");
    }
  }
}

}  // namespace

// ---- Both ends ----

std::string make_accept(std::string_view key) {
  std::string text(key);
  text += kGuid;
  return base64_encode(sha1(bytes_of(text)));
}

// ---- The server's half ----

bool wants_websocket(const Request& request) {
  if (request.minor_version == 0) return false;  // RFC 9110 section 7.8: HTTP/1.0 knows no Upgrade
  return list_contains(request.fields, "Upgrade", "websocket") ||
         find_field(request.fields, "Sec-WebSocket-Key") != nullptr;
}

ClientHandshake check_request(const Request& request) {
  if (request.method != "GET") throw HttpError(405, "A WebSocket handshake is a GET.", {{"Allow", "GET"}});
  require(request.minor_version >= 1, "A WebSocket handshake needs HTTP/1.1.");
  require(request.target != "*", "A WebSocket handshake names a resource.");
  require(list_contains(request.fields, "Upgrade", "websocket"), "The Upgrade header does not list websocket.");
  require(list_contains(request.fields, "Connection", "upgrade"), "The Connection header does not list Upgrade.");
  check_no_body(request);
  check_version(request);
  return {check_key(request), parse_subprotocols(request), parse_extensions(request.fields)};
}

std::optional<std::string> choose_subprotocol(const std::vector<std::string>& offered,
                                              const std::vector<std::string>& supported) {
  for (const std::string& name : offered) {
    if (contains(supported, name)) return name;
  }
  return std::nullopt;
}

Response make_response(const ClientHandshake& client, const std::optional<std::string>& subprotocol) {
  Response response;
  response.status = 101;
  response.fields = {
      {"Upgrade", "websocket"}, {"Connection", "Upgrade"}, {"Sec-WebSocket-Accept", make_accept(client.key)}};
  // 4.2.2: no agreement, no header. An empty value would not mean "none"; it would be a malformed header.
  if (subprotocol) response.fields.push_back({"Sec-WebSocket-Protocol", *subprotocol});
  return response;
}

Response make_refusal(const HttpError& error) {
  Response response = make_text_response(error.status(), error.what());
  response.fields.insert(response.fields.end(), error.fields().begin(), error.fields().end());
  const bool upgrade = error.status() == 426;  // RFC 9110 section 15.5.22: a 426 says what to upgrade to
  if (upgrade) response.fields.push_back({"Upgrade", "websocket"});
  response.fields.push_back({"Connection", upgrade ? "Upgrade, close" : "close"});
  return response;
}

// ---- The client's half ----

std::string make_key(const std::array<std::uint8_t, 16>& nonce) { return base64_encode(nonce); }

Request make_request(std::string_view host, std::string_view resource, std::string_view key, const ClientOffer& offer) {
  check_offer(offer);
  Request request{"GET", std::string(resource), 1, {}};
  request.fields = {{"Host", std::string(host)},
                    {"Upgrade", "websocket"},
                    {"Connection", "Upgrade"},
                    {"Sec-WebSocket-Key", std::string(key)},
                    {"Sec-WebSocket-Version", std::string(kVersion)}};
  std::string list;
  for (const std::string& name : offer.subprotocols) list += (list.empty() ? "" : ", ") + name;
  if (!list.empty()) request.fields.push_back({"Sec-WebSocket-Protocol", list});
  request.fields.insert(request.fields.end(), offer.fields.begin(), offer.fields.end());
  return request;
}

std::optional<std::string> check_response(const Response& response, std::string_view key, const ClientOffer& offer) {
  const auto require_of_server = [&](bool rule_obeyed, const std::string& why) {
    if (!rule_obeyed) throw HandshakeError(response.status, why);
  };
  require_of_server(response.status == 101, "the server answered " + std::to_string(response.status) + ", not 101");
  const HeaderFields& fields = response.fields;
  require_of_server(
      count_fields(fields, "Upgrade") == 1 && equal_ignoring_case(*find_field(fields, "Upgrade"), "websocket"),
      "the response does not upgrade to websocket");
  require_of_server(list_contains(fields, "Connection", "upgrade"),
                    "the response's Connection header does not list Upgrade");
  require_of_server(count_fields(fields, "Sec-WebSocket-Accept") == 1,
                    "the response has not exactly one Sec-WebSocket-Accept");
  require_of_server(*find_field(fields, "Sec-WebSocket-Accept") == make_accept(key),
                    "the Sec-WebSocket-Accept is not the answer to our key");
  // We offer no extension, so the server may name none (4.1, step 5).
  require_of_server(find_field(fields, "Sec-WebSocket-Extensions") == nullptr,
                    "the server uses an extension that was not offered");

  const std::string* subprotocol = find_field(fields, "Sec-WebSocket-Protocol");
  if (subprotocol == nullptr) return std::nullopt;
  require_of_server(count_fields(fields, "Sec-WebSocket-Protocol") == 1, "the response names two subprotocols");
  require_of_server(contains(offer.subprotocols, *subprotocol), "the server uses a subprotocol that was not offered");
  return *subprotocol;
}

}  // namespace websock
