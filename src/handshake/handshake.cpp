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
// condition: the sentence that names the cause is the only help for somebody whose handshake fails.
#include "handshake/handshake.h"

#include <algorithm>

#include "handshake/base64.h"
#include "handshake/sha1.h"

namespace websock {
namespace {

constexpr std::string_view kGuid = "258EAFA5-E914-47DA-95CA-C5AB0DC85B11";
constexpr std::string_view kVersion = "13";  // RFC 6455 itself; smaller numbers were those of its drafts (11.6)
constexpr std::size_t kNonceSize = 16;       // bytes: 4.1, item 7

// ---- The server's checks ----

// For the client's faults: the sentence becomes the body of the response. (http.cpp has its own, for its own faults.)
void require(bool rule_obeyed, const char* why) {
  if (!rule_obeyed) throw HttpError(400, why);
}

// 4.2.1, item 5. Returns the key's text: the 16 bytes are of no use to anybody, they only have to be there.
std::string check_key(const Request& request) {
  // Counted first: after this line find_field() cannot be null.
  require(count_fields(request.fields, "Sec-WebSocket-Key") == 1, "There must be exactly one Sec-WebSocket-Key.");
  const std::string& key = *find_field(request.fields, "Sec-WebSocket-Key");
  const std::optional<Bytes> nonce = base64_decode(key);
  require(nonce && nonce->size() == kNonceSize, "The Sec-WebSocket-Key is not the base64 of 16 bytes.");
  return key;
}

// 4.3: a number from 0 to 255 without leading zeros. With three digits at most, std::stoi() cannot throw.
bool is_version(std::string_view text) {
  const bool digits = !text.empty() && text.size() <= 3 && std::all_of(text.begin(), text.end(), is_digit);
  if (!digits || (text.size() > 1 && text.front() == '0')) return false;
  return std::stoi(std::string(text)) <= 255;
}

// 4.2.1, item 6. A client of another version is told ours (4.4), and may come back with it: 426. What is no version at
// all ("13, 8", "013", two fields, none) is a fault: 400, but with the same advice.
void check_version(const Request& request) {
  const std::string* version = find_field(request.fields, "Sec-WebSocket-Version");
  // The count comes first: where it is 1, `version` is not null.
  const bool is_one = count_fields(request.fields, "Sec-WebSocket-Version") == 1 && is_version(*version);
  if (is_one && *version == kVersion) return;
  const HeaderFields supported = {{"Sec-WebSocket-Version", std::string(kVersion)}};
  if (is_one) throw HttpError(426, "This server speaks version 13 of WebSocket only.", supported);
  throw HttpError(400, "There must be exactly one Sec-WebSocket-Version, and it must be 13.", supported);
}

// An upgrade request has no body: we could not tell where it ends and the first frame begins without reading it. A
// length of 0 says just that, and there are clients that say it (older ones in Dart). With a Transfer-Encoding there is
// always a body, if only the chunk that says that it was the last. Nothing in RFC 6455 asks for this check.
void check_no_body(const Request& request) {
  require(find_field(request.fields, "Transfer-Encoding") == nullptr, "An upgrade request cannot have a body.");
  // The field may be there twice, and each of them has to say 0: the first does not vouch for the second.
  for (const HeaderField& field : request.fields) {
    if (equal_ignoring_case(field.name, "Content-Length")) {
      require(field.value == "0", "An upgrade request cannot have a body.");
    }
  }
}

// 4.2.1, item 8. A name that is offered twice stays twice: 4.1 forbids it to the client, but it harms nobody here.
std::vector<std::string> parse_subprotocols(const Request& request) {
  std::vector<std::string> subprotocols;
  for (const std::string_view name : list_elements(request.fields, "Sec-WebSocket-Protocol")) {
    require(is_token(name), "The Sec-WebSocket-Protocol header is malformed.");
    subprotocols.emplace_back(name);
  }
  // 4.3 wants at least one element ("1#token"). No such field is no offer; a field with nothing in it is a fault.
  const bool listed = find_field(request.fields, "Sec-WebSocket-Protocol") != nullptr;
  require(!listed || !subprotocols.empty(), "The Sec-WebSocket-Protocol header is empty.");
  return subprotocols;
}

// ---- Subprotocols, at both ends ----

// Compared exactly, case and all (RFC 6455 section 4.2.2, item 5.5).
bool contains(const std::vector<std::string>& names, std::string_view name) {
  return std::find(names.begin(), names.end(), name) != names.end();
}

// ---- The client's checks ----

// 4.1, item 10: each name a token, and none twice. And of the further fields none is one that make_request() writes
// itself, or that would give the request a body: a second Host or Upgrade would break the first.
void check_offer(const ClientOffer& offer) {
  for (auto name = offer.subprotocols.begin(); name != offer.subprotocols.end(); ++name) {
    if (!is_token(*name)) throw std::invalid_argument("a subprotocol's name is not a token");
    // Looks for an equal one in front of this one. If there is none, the search ends where it was told to: here.
    if (std::find(offer.subprotocols.begin(), name, *name) != name) {
      throw std::invalid_argument("a subprotocol is offered twice");
    }
  }
  // Whatever else an application needs may go along: Origin, Cookie, Authorization.
  for (const HeaderField& field : offer.fields) {
    for (const std::string_view own : {"Host", "Upgrade", "Connection", "Content-Length", "Transfer-Encoding"}) {
      if (equal_ignoring_case(field.name, own))
        throw std::invalid_argument("the handshake sets " + field.name + " itself");
    }
    constexpr std::string_view kPrefix = "Sec-WebSocket-";  // substr() of a shorter name is that name, and differs
    if (equal_ignoring_case(std::string_view(field.name).substr(0, kPrefix.size()), kPrefix)) {
      throw std::invalid_argument("the handshake sets " + field.name + " itself");
    }
  }
}

// 9.1: a list that breaks the grammar is no list of unknown extensions; it fails the handshake.
std::vector<Extension> answers_of(const Response& response) {
  try {
    return parse_extensions(response.fields);
  } catch (const HttpError& error) {
    throw HandshakeError(response, error.what());
  }
}

}  // namespace

// ---- Both ends ----

// The key as it was sent, "dGhlIHNhbXBsZSBub25jZQ==", not the 16 bytes behind it: 4.2.2, step 5.4, hashes the text.
std::string make_accept(std::string_view key) {
  std::string text(key);
  text += kGuid;
  return base64_encode(sha1(bytes_of(text)));
}

// ---- The server's half ----

// "Or", not "and": a request that has lost its Upgrade on the way, as a proxy must lose it unless it was told
// otherwise, still has its key. It is to hear what is missing, and not to be shown a web page.
bool wants_websocket(const Request& request) {
  // RFC 9110 section 7.8: an Upgrade in HTTP/1.0 is to be ignored. A key is something that only a WebSocket client
  // sends.
  const bool asks = request.minor_version >= 1 && list_contains(request.fields, "Upgrade", "websocket");
  return asks || find_field(request.fields, "Sec-WebSocket-Key") != nullptr;
}

// Items 1, 3 and 4 of 4.2.1 are the first lines; http.cpp has seen to item 2, the Host, and to the rest of item 1. Item
// 7, the Origin, is for upgrade.h. In the last line the three functions run from left to right, as braces guarantee,
// and each may throw.
ClientHandshake check_request(const Request& request) {
  // Not a 400: the request may be perfect HTTP. Allow names the method that would do, as a 405 must.
  if (request.method != "GET") throw HttpError(405, "A WebSocket handshake is a GET.", {{"Allow", "GET"}});
  require(request.minor_version >= 1,
          "A WebSocket handshake needs HTTP/1.1, and this is HTTP/1.0: a proxy on the way may have to be told so.");
  require(list_contains(request.fields, "Upgrade", "websocket"),
          "The Upgrade header does not list websocket: a proxy on the way may have removed it.");
  require(list_contains(request.fields, "Connection", "upgrade"),
          "The Connection header does not list Upgrade: a proxy on the way may have removed it.");
  // Before the version and the key: a request with a body is not the beginning of a WebSocket, whatever else it says.
  check_no_body(request);
  check_version(request);
  return {check_key(request), parse_subprotocols(request), parse_extensions(request.fields)};
}

// The order is the client's, since `offered` is the outer loop. None in common: no subprotocol, which is no refusal.
std::optional<std::string> choose_subprotocol(const std::vector<std::string>& offered,
                                              const std::vector<std::string>& supported) {
  for (const std::string& name : offered) {
    if (contains(supported, name)) return name;
  }
  return std::nullopt;
}

// Three fields, and one more each for a subprotocol and for extensions. An extension that is not named is declined.
Response make_response(const ClientHandshake& client, const std::optional<std::string>& subprotocol,
                       const std::vector<AcceptedExtension>& extensions) {
  Response response;
  response.status = 101;
  response.fields = {
      {"Upgrade", "websocket"}, {"Connection", "Upgrade"}, {"Sec-WebSocket-Accept", make_accept(client.key)}};
  // 4.2.2: no agreement, no header. An empty value would not mean "none"; it would be a malformed header.
  if (subprotocol) response.fields.push_back({"Sec-WebSocket-Protocol", *subprotocol});
  // 9.1: "the order of extensions is significant". A message passes through them in the order of this list.
  std::string list;
  for (const AcceptedExtension& extension : extensions) {
    list += (list.empty() ? "" : ", ") + to_string(extension.answer);
  }
  if (!list.empty()) response.fields.push_back({"Sec-WebSocket-Extensions", list});
  return response;
}

// "close" in every case: what is behind a refused request could be a frame, a body or another request, and we would
// have to guess which.
Response make_refusal(const HttpError& error) {
  Response response = make_text_response(error.status(), error.what());
  // Allow, or the version that we speak: what the client needs to do better next time.
  response.fields.insert(response.fields.end(), error.fields().begin(), error.fields().end());
  const bool upgrade = error.status() == 426;  // RFC 9110 section 15.5.22: a 426 says what to upgrade to
  if (upgrade) response.fields.push_back({"Upgrade", "websocket"});
  // RFC 9110 section 7.8: a response with an Upgrade has to list it here, so that no proxy passes it on.
  response.fields.push_back({"Connection", upgrade ? "Upgrade, close" : "close"});
  return response;
}

// ---- The client's half ----

// 16 bytes, so 24 characters: what check_key() above asks of a client.
std::string make_key(const std::array<std::uint8_t, 16>& nonce) { return base64_encode(nonce); }

// 4.1, the second list. serialize_head() makes sure that no part of it, nor of what the application adds, has a line
// break in it.
Request make_request(std::string_view host, std::string_view resource, std::string_view key, const ClientOffer& offer) {
  check_offer(offer);
  Request request{"GET", std::string(resource), 1, {}};  // 1: HTTP/1.1
  request.fields = {{"Host", std::string(host)},         // first, as RFC 9110 section 7.2 would have it
                    {"Upgrade", "websocket"},
                    {"Connection", "Upgrade"},
                    {"Sec-WebSocket-Key", std::string(key)},
                    {"Sec-WebSocket-Version", std::string(kVersion)}};
  // Each list in one field. Several of a name would mean the same (11.3.2, 11.3.4).
  std::string list;
  for (const std::string& name : offer.subprotocols) list += (list.empty() ? "" : ", ") + name;
  if (!list.empty()) request.fields.push_back({"Sec-WebSocket-Protocol", list});
  list.clear();
  for (const SupportedExtension& extension : offer.extensions) {
    for (const Extension& each : extension.offers) list += (list.empty() ? "" : ", ") + to_string(each);
  }
  if (!list.empty()) request.fields.push_back({"Sec-WebSocket-Extensions", list});
  // The application's come last. check_offer() has made sure that none of them repeats a field above.
  request.fields.insert(request.fields.end(), offer.fields.begin(), offer.fields.end());
  return request;
}

// A server may send interim responses first: 103 with links that a browser could load ahead, 102 as a sign of life. RFC
// 9110 section 15.2 has a client read and skip as many as come. As many as fit into the limit, that is: all heads
// together have to, or a server that sends nothing else would keep us here for ever. So `limits` is a copy, and what is
// left of it is counted down.
std::optional<ServerResponse> find_response(std::string_view received, HeadLimits limits) {
  std::size_t begin = 0;  // of the response: behind the interim ones
  try {
    for (;;) {
      const std::optional<std::size_t> size = find_head(received.substr(begin), limits);
      if (!size) return std::nullopt;
      Response response = parse_response(received.substr(begin, *size));
      begin += *size;
      limits.max_head -= *size;  // find_head() has made sure that this is not below 0
      // 101 has the number of an interim response, but it is the last: frames come after it.
      const bool is_interim = response.status >= 100 && response.status < 200 && response.status != 101;
      if (!is_interim) return ServerResponse{std::move(response), begin};
    }
  } catch (const HttpError& error) {
    // http.cpp complains with a status for a client. Here we are the client, there is nobody to send a status to, and
    // the server's own could not be read: 0.
    // The head that runs into what is left of the limit may be a short one: it is not its own length that is at fault.
    const bool has_no_end = begin > 0 && (error.status() == 414 || error.status() == 431);
    throw HandshakeError({.status = 0},
                         has_no_end ? "the server sends interim responses, and no final one within the limit for a head"
                                    : std::string("the response is malformed: ") + error.what());
  }
}

// 4.1, the third list, its six items in their order.
ServerHandshake check_response(const Response& response, std::string_view key, const ClientOffer& offer) {
  // Not the require() above: here nobody is answered, and the application learns the status.
  const auto require_of_server = [&](bool rule_obeyed, const std::string& why) {
    if (!rule_obeyed) throw HandshakeError(response, why);
  };
  // Item 1: any other status is plain HTTP, a redirect or a demand to log in. The error hands it to the application.
  require_of_server(response.status == 101, "the server answered " + std::to_string(response.status) + ", not 101");
  const HeaderFields& fields = response.fields;
  // Item 2: the value *is* "websocket". A request lists what it would like; a 101 names what it is from now on.
  require_of_server(
      count_fields(fields, "Upgrade") == 1 && equal_ignoring_case(*find_field(fields, "Upgrade"), "websocket"),
      "the response does not upgrade to websocket");
  // Item 3: a list this time, because Connection may name other fields as well.
  require_of_server(list_contains(fields, "Connection", "upgrade"),
                    "the response's Connection header does not list Upgrade");
  // Item 4, compared exactly: in base64 an "a" is no "A".
  require_of_server(count_fields(fields, "Sec-WebSocket-Accept") == 1,
                    "the response has not exactly one Sec-WebSocket-Accept");
  require_of_server(*find_field(fields, "Sec-WebSocket-Accept") == make_accept(key),
                    "the Sec-WebSocket-Accept is not the answer to our key");
  // Item 5: an extension that we have not offered, or one that we have, but not with these parameters. check_offer()
  // lets nobody offer one in our name.
  std::optional<std::vector<AgreedExtension>> extensions = check_extensions(answers_of(response), offer.extensions);
  require_of_server(extensions.has_value(),
                    "the server uses an extension that was not offered, or not as it was offered");

  // Item 6. None is a valid answer: whether it will do is for the application to say.
  const std::string* subprotocol = find_field(fields, "Sec-WebSocket-Protocol");
  if (subprotocol == nullptr) return {std::nullopt, std::move(*extensions)};
  // 11.3.4: it "MUST NOT appear more than once in an HTTP response".
  require_of_server(count_fields(fields, "Sec-WebSocket-Protocol") == 1, "the response names two subprotocols");
  require_of_server(contains(offer.subprotocols, *subprotocol), "the server uses a subprotocol that was not offered");
  return {*subprotocol, std::move(*extensions)};
}

}  // namespace websock
