// The opening handshake: RFC 6455 sections 1.3, 4.1 and 4.2, both halves of it. A client asks over HTTP whether the
// other end speaks WebSocket, and the server proves that it does:
//
//     GET /chat HTTP/1.1                                  HTTP/1.1 101 Switching Protocols
//     Host: server.example.com                            Upgrade: websocket
//     Upgrade: websocket                                  Connection: Upgrade
//     Connection: Upgrade                                 Sec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=
//     Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==
//     Sec-WebSocket-Version: 13
//
// Each end makes its own head and checks the other's. This file neither reads from nor writes to a network.
#pragma once

#include <array>
#include <memory>
#include <optional>
#include <stdexcept>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "../bytes.h"
#include "extension.h"
#include "http.h"
#include "negotiation.h"

namespace websock {

// ---- Both ends ----

// The answer to a key: base64(SHA-1(key + a fixed GUID)). The key's *text* is hashed, not the bytes it stands for.
std::string make_accept(std::string_view key);

// ---- The server's half (4.2) ----

// What a client asks for.
struct ClientHandshake {
  std::string key;
  std::vector<std::string> subprotocols;  // in the client's order of preference
  std::vector<Extension> extensions;      // likewise
};

// Whether the request means to become a WebSocket: it brings a key, or asks for the upgrade (in HTTP/1.0 nobody can).
// Anything else is plain HTTP.
bool wants_websocket(const Request& request);

// Checks everything that 4.2.1 demands. Throws HttpError: 400; 405 for a method other than GET; 426 for a version of
// WebSocket other than 13.
ClientHandshake check_request(const Request& request);

// The first of the client's subprotocols that the server supports (4.2.2, step 5).
std::optional<std::string> choose_subprotocol(const std::vector<std::string>& offered,
                                              const std::vector<std::string>& supported);

// The 101 that accepts.
// REQUIRES: `subprotocol`, if there is one, was offered; `extensions` are what choose_extensions() chose.
Response make_response(const ClientHandshake& client, const std::optional<std::string>& subprotocol,
                       const std::vector<AcceptedExtension>& extensions = {});

// The response that refuses; the connection is to be closed behind it. A 426 says what to upgrade to.
Response make_refusal(const HttpError& error);

// ---- The client's half (4.1) ----

// What a client asks for, besides the resource.
struct ClientOffer {
  std::vector<std::string> subprotocols = {};  // tokens, in order of preference, none twice
  HeaderFields fields = {};                    // further ones, such as Origin, Cookie or Authorization
  std::vector<SupportedExtension> extensions = {};
};

// What the server has agreed to.
struct ServerHandshake {
  std::optional<std::string> subprotocol;
  std::vector<AgreedExtension> extensions;  // in the order in which a message that is sent passes through them
};

// The server's response does not open a WebSocket. what() says why.
class HandshakeError : public std::runtime_error {
 public:
  HandshakeError(Response response, const std::string& why)
      : std::runtime_error(why), response_(std::make_shared<const Response>(std::move(response))) {}
  int status() const { return response_->status; }  // 0: there was no response that could be read

  // All of it: fields such as Location, WWW-Authenticate or Retry-After, and the first 64 KiB of its body.
  const Response& response() const { return *response_; }

 private:
  std::shared_ptr<const Response> response_;  // shared, since an exception is copied where nothing may throw
};

// The key made of a nonce, which has to be random and fresh for each connection.
std::string make_key(const std::array<std::uint8_t, 16>& nonce);

// `host`: the value of the Host header. `resource`: path and query. Throws std::invalid_argument if the offer breaks
// the rules above, or tries to set a header that belongs to the handshake itself.
Request make_request(std::string_view host, std::string_view resource, std::string_view key, const ClientOffer& offer);

// The response among the bytes that have come so far, and how many of them belong to it: frames may follow. Interim
// responses (100 to 199, but for 101) in front of it are skipped, and counted. Nothing: it is not complete. Throws
// HandshakeError with status 0 if it is no response, or if all heads together pass limits.max_head.
struct ServerResponse {
  Response response;
  std::size_t size = 0;  // bytes
};
std::optional<ServerResponse> find_response(std::string_view received, HeadLimits limits = {});

// Checks everything that 4.1 demands of the response. Throws HandshakeError.
ServerHandshake check_response(const Response& response, std::string_view key, const ClientOffer& offer);

}  // namespace websock
