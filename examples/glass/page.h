// The page over HTTP, and who may have it.
#pragma once

#include <string>
#include <string_view>

#include <websock/endpoints/upgrade.h>

// glass.html, compiled in: the build makes glass_page.cpp of it.
extern const std::string kGlassPage;

// 128 random bits in hex.
std::string make_token();

// Who may come in. Everything is on this machine; what remains is to keep out the other pages that its user has open.
struct Entrance {
  std::string token;                // in the URL that was printed: no other page knows it
  std::uint16_t page_port = 0;      // where the page is
  std::uint16_t specimen_port = 0;  // where it opens its own connection

  // Whether the request came for `port` of this machine under one of its own names. Another name that leads here is
  // somebody's trick: rebinding a name passes every test of the origin.
  static bool is_for_loopback(const websock::Request& request, std::uint16_t port);
  bool has_token(const websock::Request& request) const;

  // 403, if it may not come in.
  std::optional<websock::Response> refusal(const websock::Request& request, std::uint16_t port) const;

  // The page, with a fresh nonce; a chapter of the book, as text; else 404.
  websock::Response serve(const websock::Request& request) const;
};
