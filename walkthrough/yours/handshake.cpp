// The opening handshake, yours: RFC 6455 section 4.2.1 item by item, the accept value, then the client's half (4.1).
// SHA-1, base64 and the reading of heads are there to be called.
//
//     contract    src/handshake/handshake.h
//     chapter     walkthrough/05-handshake.md
//     test        cmake -B mine -DWEBSOCK_MINE=walkthrough/yours/handshake.cpp
//                 cmake --build mine --target handshake_test && ./mine/bin/handshake_test
#include "handshake/handshake.h"

#pragma GCC diagnostic ignored "-Wunused-parameter"  // until you use them

namespace websock {

// ---- Both ends ----

std::string make_accept(std::string_view key) { return {}; }

// ---- The server's half ----

bool wants_websocket(const Request& request) { return false; }

ClientHandshake check_request(const Request& request) { return {}; }

std::optional<std::string> choose_subprotocol(const std::vector<std::string>& offered,
                                              const std::vector<std::string>& supported) {
  return std::nullopt;
}

Response make_response(const ClientHandshake& client, const std::optional<std::string>& subprotocol,
                       const std::vector<AcceptedExtension>& extensions) {
  return {};
}

Response make_refusal(const HttpError& error) { return {}; }

// ---- The client's half ----

std::string make_key(const std::array<std::uint8_t, 16>& nonce) { return {}; }

Request make_request(std::string_view host, std::string_view resource, std::string_view key, const ClientOffer& offer) {
  return {};
}

std::optional<ServerResponse> find_response(std::string_view received, HeadLimits limits) { return std::nullopt; }

ServerHandshake check_response(const Response& response, std::string_view key, const ClientOffer& offer) { return {}; }

}  // namespace websock
