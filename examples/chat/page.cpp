// The page may do what it does, and nothing else: the Content-Security-Policy forbids everything, then lets
// in the one script and the one style that carry this response's nonce. A stranger's text that found a way to
// become markup would still not run, load or send anything: it does not know the nonce.
#include "page.h"

#include <array>

#include <websock/framing/entropy.h>
#include <websock/handshake/base64.h>

namespace {

// Another for each response: one that stays the same could be read off the page once, and used for ever.
std::string make_nonce() {
  std::array<std::uint8_t, 18> bytes{};  // 24 letters, and no = at the end
  websock::fill_random(bytes);
  return websock::base64_encode(bytes);
}

// The page has the word NONCE where it goes, in its script's and its style's tag.
std::string fill_in_nonce(std::string_view page, const std::string& nonce) {
  constexpr std::string_view kPlace = "NONCE";
  std::string filled;
  for (std::size_t at = 0; (at = page.find(kPlace)) != page.npos;) {
    filled.append(page.substr(0, at)).append(nonce);
    page.remove_prefix(at + kPlace.size());
  }
  return filled.append(page);
}

}  // namespace

websock::Response respond_with_page(std::string_view page, const std::string& connects_to) {
  const std::string nonce = make_nonce();
  const std::string policy = "default-src 'none'; script-src 'nonce-" + nonce + "'; style-src 'nonce-" + nonce +
                             "'; img-src data:; connect-src " + connects_to +
                             "; base-uri 'none'; form-action 'none'; "
                             "frame-ancestors 'none'; require-trusted-types-for 'script'; trusted-types 'none'";
  return {.status = 200,
          .reason = "OK",
          .fields = {{"Content-Type", "text/html; charset=utf-8"},
                     {"Content-Security-Policy", policy},
                     {"X-Frame-Options", "DENY"},  // for browsers that do not know frame-ancestors
                     {"X-Content-Type-Options", "nosniff"},
                     {"Referrer-Policy", "no-referrer"},  // glass has its token in the URL, and links to chapters
                     {"Cross-Origin-Opener-Policy", "same-origin"},
                     {"Cache-Control", "no-store"}},  // a page from a cache would carry an old nonce
          .body = fill_in_nonce(page, nonce)};
}

// Any path is the page's, and the room's: behind a proxy, both may lie anywhere.
websock::Response serve_page(const websock::Request& request) {
  const std::string_view path = websock::path_of(request.target);
  const bool is_file = path.substr(path.rfind('/') + 1).find('.') != path.npos;
  if (is_file) return websock::make_text_response(404, "There is nothing here but the chat.");
  return respond_with_page(kChatPage, "'self'");
}
