// As the chat's page: the Content-Security-Policy forbids everything, then lets in the one script and the one style that
// carry this response's nonce, and the two addresses that the page connects to.
#include "page.h"

#include <algorithm>
#include <array>
#include <fstream>
#include <sstream>

#include <websock/framing/entropy.h>
#include <websock/handshake/base64.h>

#include "tap/rows.h"

using namespace websock;

namespace {

std::string random_hex() {
  std::array<std::uint8_t, 16> bytes{};
  fill_random(bytes);
  std::string text = hex_of(bytes);
  std::erase(text, ' ');
  return text;
}

std::string fill_in_nonce(std::string_view page, const std::string& nonce) {
  constexpr std::string_view kPlace = "NONCE";
  std::string filled;
  for (std::size_t at = 0; (at = page.find(kPlace)) != page.npos;) {
    filled.append(page.substr(0, at)).append(nonce);
    page.remove_prefix(at + kPlace.size());
  }
  return filled.append(page);
}

// "/walkthrough/06-frame.md": the chapter as it stands in the source tree. No other file can be named like this.
Response serve_chapter(std::string_view path) {
  const std::string_view name = path.substr(path.rfind('/') + 1);
  const bool is_name = name.ends_with(".md") && std::all_of(name.begin(), name.end() - 3, [](char c) {
                         return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-';
                       });
  std::ifstream file(std::string(WEBSOCK_BOOK) + std::string(name));
  if (!is_name || !file) return make_text_response(404, "There is no such chapter beside this program.");
  std::ostringstream text;
  text << file.rdbuf();
  return {.status = 200,
          .reason = "OK",
          .fields = {{"Content-Type", "text/plain; charset=utf-8"},
                     {"X-Content-Type-Options", "nosniff"},
                     {"Content-Security-Policy", "default-src 'none'; frame-ancestors 'none'"}},
          .body = text.str()};
}

}  // namespace

std::string make_token() { return random_hex(); }

bool Entrance::is_for_loopback(const Request& request, std::uint16_t port) {
  const std::string* host = find_field(request.fields, "Host");
  if (host == nullptr) return false;
  for (const char* name : {"127.0.0.1:", "localhost:", "[::1]:"}) {
    if (equal_ignoring_case(*host, name + std::to_string(port))) return true;
  }
  return false;
}

bool Entrance::has_token(const Request& request) const {
  for (const std::string_view part : split(query_of(request.target), '&')) {
    if (part == "token=" + token) return true;
  }
  return false;
}

std::optional<Response> Entrance::refusal(const Request& request, std::uint16_t port) const {
  if (!is_for_loopback(request, port)) return make_text_response(403, "glass is for this machine, under its own name.");
  if (!has_token(request)) return make_text_response(403, "Open the address that glass has printed, with its token.");
  return std::nullopt;
}

Response Entrance::serve(const Request& request) const {
  const std::string_view path = path_of(request.target);
  if (path.starts_with("/walkthrough/") && is_for_loopback(request, page_port)) return serve_chapter(path);
  if (path != "/") return make_text_response(404, "There is nothing here but glass.");
  if (const std::optional<Response> refused = refusal(request, page_port)) return *refused;
  const std::string nonce = random_hex();
  const std::string specimen = "ws://127.0.0.1:" + std::to_string(specimen_port);
  const std::string policy = "default-src 'none'; script-src 'nonce-" + nonce + "'; style-src 'nonce-" + nonce +
                             "'; img-src data:; connect-src 'self' " + specimen +
                             "; base-uri 'none'; form-action 'none'; frame-ancestors 'none'; "
                             "require-trusted-types-for 'script'; trusted-types 'none'";
  return {.status = 200,
          .reason = "OK",
          .fields = {{"Content-Type", "text/html; charset=utf-8"},
                     {"Content-Security-Policy", policy},
                     {"X-Frame-Options", "DENY"},
                     {"X-Content-Type-Options", "nosniff"},
                     {"Referrer-Policy", "no-referrer"},
                     {"Cross-Origin-Opener-Policy", "same-origin"},
                     {"Cache-Control", "no-store"}},
          .body = fill_in_nonce(kGlassPage, nonce)};
}
