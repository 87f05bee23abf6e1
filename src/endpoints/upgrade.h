// One client's opening: from the first bytes it sends to the decision what to answer. RFC 6455 section 4.2, and what a
// server may want to add to it: who may come in, and plain HTTP on the same port.
//
// Bytes in, a decision out: this file has no socket. It knows no frames either.
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "../handshake/handshake.h"
#include "../handshake/http.h"

namespace websock {

// What an application answers to an opening handshake that is correct. Empty: accepted.
struct HandshakeDecision {
  std::optional<Response> refusal = {};         // any status from 200 on, such as 401 or 404
  std::optional<std::string> subprotocol = {};  // one that the client offered; empty: the first that both know
  HeaderFields headers = {};                    // more for the 101, such as Set-Cookie; none of the handshake's own
};

struct UpgradeRules {
  HeadLimits head = {};
  std::vector<std::string> subprotocols = {};  // those that the server supports
  std::vector<SupportedExtension> extensions = {};

  // Who may come in (10.2). A browser says in the Origin header which site's script opens the connection, and does so
  // with that site's cookies: a server that does not look lets any page a user visits act in the user's name. Programs
  // other than browsers send what they like, or nothing, and these rules let a request without Origin pass.
  std::vector<std::string> allowed_origins = {};  // such as "https://example.com", or "null"; empty: any
  bool same_origin = false;                       // Origin's host and port must be those of the Host header

  std::function<HandshakeDecision(const Request&)> on_handshake = {};
  std::function<Response(const Request&)> on_http_request = {};  // for a plain GET, HEAD or OPTIONS; without it: 426
};

// Throws std::invalid_argument if an entry of allowed_origins can match no page: "example.com" lacks a scheme, and in
// "https://example.com/" the slash is too much.
void check_rules(const UpgradeRules& rules);

struct Opening {
  Request request;
  std::optional<std::string> subprotocol;
  std::vector<AgreedExtension> extensions = {};
  bool accepted = false;     // the response is a 101, and the connection is a WebSocket from there on
  std::string response;      // the bytes to send
  std::size_t consumed = 0;  // bytes of `received` that were the request; what is behind them are frames
  std::string fault;  // for the log, printable: why it was refused, or what was wrong with the application's answer
  bool plain_http = false;  // it was answered as HTTP: neither accepted nor refused
};

// What to answer to a client from which `received` has come so far. Nothing: its request is not complete. Throws
// nothing but std::bad_alloc: what a callback throws becomes a 500, an HttpError the status that it names.
std::optional<Opening> open_websocket(std::string_view received, const UpgradeRules& rules);

// The response to a client that is refused before its request was read: 408 or 503.
std::string refuse_unread(int status, std::string_view sentence);

}  // namespace websock
