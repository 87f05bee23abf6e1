// The page goes out under the chat page's policy, and may connect to two addresses. A stranger's text that became
// markup, by a mistake of ours, would still not run: it does not know the nonce.
//
// Who is kept out is another page in the same browser. It can send requests to 127.0.0.1 as well as we can; what it
// cannot do is read the token in our terminal.
#include "page.h"

#include <algorithm>
#include <array>
#include <fstream>
#include <sstream>

#include <websock/framing/entropy.h>

#include "chat/page.h"
#include "tap/rows.h"

using namespace websock;

namespace {

// "/walkthrough/06-frame.md": the chapter as it stands in the source tree. No other file can be named like this: what
// is behind the last slash is all that counts, and it has no dots but that of .md. As text and nosniff, so that the
// browser makes no page of it.
Response serve_chapter(std::string_view path) {
  const std::string_view name = path.substr(path.rfind('/') + 1);
  // 3: ".md".
  const bool is_name = name.ends_with(".md") && std::all_of(name.begin(), name.end() - 3, [](char c) {
                         return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-';
                       });
  // Opened before the name is judged; but without a slash it cannot leave the directory.
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

// In hex, since it stands in a URL: base64 has + and /.
std::string make_token() {
  std::array<std::uint8_t, 16> bytes{};
  fill_random(bytes);
  std::string text = hex_of(bytes);
  // hex_of() writes for people.
  std::erase(text, ' ');
  return text;
}

// The Host header, not where the connection came from: a page whose name was made to lead to 127.0.0.1 comes from this
// machine, too, and in its Host stands its own name.
bool Entrance::is_for_loopback(const Request& request, std::uint16_t port) {
  const std::string* host = find_field(request.fields, "Host");
  if (host == nullptr) return false;
  for (const std::string name : {"127.0.0.1", "localhost", "[::1]"}) {
    if (equal_ignoring_case(*host, name + ":" + std::to_string(port))) return true;
    // RFC 9110 section 4.2.1: 80 is what http:// means without a port, and then browsers leave it out.
    if (port == 80 && equal_ignoring_case(*host, name)) return true;
  }
  return false;
}

// Simplification: == takes longer the more is right. A production server would compare in constant time.
bool Entrance::has_token(const Request& request) const {
  for (const std::string_view part : split(query_of(request.target), '&')) {
    if (part == "token=" + token) return true;
  }
  return false;
}

// For each of the three doors: the page, /watch and the specimen. The sentence is for the user who typed the address by
// hand.
std::optional<Response> Entrance::refusal(const Request& request, std::uint16_t port) const {
  if (!is_for_loopback(request, port)) return make_text_response(403, "glass is for this machine, under its own name.");
  if (!has_token(request)) return make_text_response(403, "Open the address that glass has printed, with its token.");
  return std::nullopt;
}

// Plain HTTP, on the client's own thread.
Response Entrance::serve(const Request& request) const {
  const std::string_view path = path_of(request.target);
  // Without the token: nothing in the book has to be kept from anybody.
  if (path.starts_with("/walkthrough/") && is_for_loopback(request, page_port)) return serve_chapter(path);
  // Browsers ask for /favicon.ico by themselves.
  if (path != "/") return make_text_response(404, "There is nothing here but glass.");
  if (const std::optional<Response> refused = refusal(request, page_port)) return *refused;
  // 'self' is /watch; the specimen is at another port, and so has to be named: by the address, as the page's script
  // does.
  return respond_with_page(kGlassPage, "'self' ws://127.0.0.1:" + std::to_string(specimen_port));
}
