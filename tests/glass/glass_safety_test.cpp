// What strangers write, and what is nobody's business.
#include "check.h"
#include "glass/page.h"
#include "glass/visible.h"
#include "talk.h"
#include "wire.h"

using namespace websock;

namespace {

// A request with these lines besides.
std::string request(std::string_view target, std::string_view lines) {
  std::string head = edited(kRequest, "/path?query", target);
  return head.insert(head.size() - 2, lines);
}

std::string told_of(const std::string& head) {
  return told({{Role::client, plain(head)}, {Role::server, plain(kAccepted)}});
}

}  // namespace

// ---- Secrets ----

TEST("own-glass-secrets-01 cookies and authorizations are neither in the text nor in the bytes") {
  for (const char* name : {"Cookie", "cookie", "Authorization", "Proxy-Authorization", "COOKIE "}) {
    const std::string lines = told_of(request("/", std::string(name) + ": SeCrEt=1\r\n"));
    CHECK(!holds(lines, "SeCrEt"));
    CHECK(!holds(lines, "53 65 43 72 45 74"));
    CHECK(holds(lines, "(8 bytes, hidden)"));
  }
  CHECK(!holds(told(behind_handshake({}, "Set-Cookie: SeCrEt=1\r\n")), "SeCrEt"));
}

TEST("own-glass-secrets-02 of a query the names are shown, and the values are not") {
  const std::string lines = told_of(request("/chat?room=SeCrEt&k=SeCrEt2", "Referer: http://a/?x=SeCrEt\r\n"));
  CHECK(!holds(lines, "SeCrEt"));
  CHECK(
      holds(lines, "/chat?room=\u2022\u2022\u2022\u2022\u2022\u2022&k=\u2022\u2022\u2022\u2022\u2022\u2022 HTTP/1.1"));
}

TEST("own-glass-secrets-05 a query's value is hidden without a name, too, and up to the end of the query") {
  // A space in the target: no request of a browser's, but a value goes on behind it all the same.
  for (const char* target : {"/?SeCrEt", "/?a&SeCrEt", "/?a=1 SeCrEt", "/?a=1 b=SeCrEt HTTP/1.0", "/?a=?SeCrEt",
                             "/?a#SeCrEt", "/#a=SeCrEt", "/?a==SeCrEt"}) {
    CHECK(!holds(told_of(request(target, "")), "SeCrEt"));
  }
  for (const char* line : {"Referer: http://a/?SeCrEt\r\n", "Referer: http://a/?x=1 SeCrEt HTTP/1.1\r\n",
                           "Referer: http://a/?x=1\r\n SeCrEt\r\n"}) {
    CHECK(!holds(told_of(request("/", line)), "SeCrEt"));
  }
  const std::string lines = told_of(request("/a?b&c=d", ""));
  CHECK(
      holds(lines, "\"GET /a?\u2022\u2022\u2022\u2022\u2022\u2022&c=\u2022\u2022\u2022\u2022\u2022\u2022 HTTP/1.1\""));
  // What is no query is shown as it is.
  CHECK(holds(told_of(request("/a=b&c", "X: ?d\r\n")), "\"GET /a=b&c HTTP/1.1\""));
}

TEST("own-glass-secrets-03 a line that is folded is as secret as the one that it belongs to") {
  CHECK(!holds(told_of(request("/", "Cookie: a=1\r\n SeCrEt\r\n")), "SeCrEt"));
}

TEST("own-glass-secrets-04 bytes of a head are never told, whether it ends, is broken, or opens no WebSocket") {
  const std::string plain_http = "GET / HTTP/1.1\r\nCookie: SeCrEt\r\n\r\n";
  const std::string forbidden = "HTTP/1.1 403 Forbidden\r\nContent-Length: 0\r\n\r\n";
  const std::vector<std::vector<Said>> all = {
      {{Role::client, plain("GET / HTTP/1.1\r\nCookie: SeCrEt")}},
      {{Role::client, plain("GET / HTTP/1.1\r\nCookie: SeCrEt\r\n\x01")}},
      {{Role::client, plain(plain_http)}, {Role::server, plain(forbidden)}, {Role::client, plain(plain_http)}},
  };
  for (const std::vector<Said>& said : all) {
    const std::string lines = told(said);
    CHECK_EQ(objects_in(lines, "bytes").size(), 0u);
    CHECK(!holds(lines, "SeCrEt"));
  }
}

// ---- Hostile bytes ----

TEST("own-glass-visible-01 what would steer a screen becomes a picture of itself") {
  CHECK_EQ(visible("a\x1b[2J\x07\x7f\r\n"), "a\u241b[2J\u2407\u2421\u240d\u240a");
  CHECK_EQ(visible("\u202e\u2066\u200f\ufeff"),
           "\u27e8U+202E\u27e9\u27e8U+2066\u27e9\u27e8U+200F\u27e9\u27e8U+FEFF\u27e9");
  CHECK_EQ(visible("\u00e4\u20ac\U0001f600"), "\u00e4\u20ac\U0001f600");
  CHECK_EQ(visible("\u00a0\u0085\U000e0041"), "\u27e8U+00A0\u27e9\u27e8U+0085\u27e9\u27e8U+E0041\u27e9");
  CHECK_EQ(visible_bytes("\xff\x1b"), "\\xff\u241b");
}

TEST("own-glass-visible-02 a text that is cut inside a character loses that character and no other") {
  const std::string text = "\u00e4\u20ac\U0001f600";
  const std::vector<std::size_t> whole = {0, 0, 2, 2, 2, 5, 5, 5, 5, 9};
  for (std::size_t size = 0; size <= text.size(); ++size)
    CHECK_EQ(whole_characters(std::string_view(text).substr(0, size)).size(), whole[size]);
}

TEST("own-glass-visible-03 no control character of a peer's gets to the page, from wherever it comes") {
  const std::string evil = "\x1b[2J\u202e\x07";
  const std::vector<Said> all = {
      {Role::client, plain(request("/\x1b", "X: \x1b\r\n"))},
      {Role::server, plain(kAccepted)},
      {Role::client, masked_text(evil)},
      {Role::server, hex("89 08") + plain(evil.substr(0, 8))},
      {Role::server, hex("88 0a 03e8") + plain(evil.substr(0, 8))},
  };
  const std::string lines = told(all);
  CHECK(!holds(lines, "\\u00"));
  CHECK(!holds(lines, "\u202e"));
  for (const char c : lines) CHECK(c == '\n' || (c >= ' ' && c != '\x7f') || static_cast<unsigned char>(c) >= 0x80);
}

// ---- The door ----

TEST("own-glass-door-01 only this machine's own names, on the right port, and only with the token") {
  const Entrance entrance = {.token = "abc", .page_port = 8080, .specimen_port = 81};
  const auto status = [&](const char* host, const char* target) {
    Request request{.method = "GET", .target = target, .fields = {{"Host", host}}};
    return entrance.serve(request).status;
  };
  CHECK_EQ(status("127.0.0.1:8080", "/?token=abc"), 200);
  CHECK_EQ(status("LOCALHOST:8080", "/?x=1&token=abc"), 200);
  CHECK_EQ(status("[::1]:8080", "/?token=abc"), 200);
  for (const char* host :
       {"127.0.0.1:81", "127.0.0.1:80", "127.0.0.1", "evil.example:8080", "127.0.0.1.evil.example:8080", ""})
    CHECK_EQ(status(host, "/?token=abc"), 403);
  for (const char* target : {"/", "/?token=", "/?token=abcd", "/?token=ab", "/?xtoken=abc"})
    CHECK_EQ(status("127.0.0.1:8080", target), 403);
  CHECK_EQ(status("127.0.0.1:8080", "/favicon.ico"), 404);
  CHECK(make_token() != make_token());
  CHECK_EQ(make_token().size(), 32u);
}

TEST("own-glass-door-02 a chapter is served as text, and nothing that is no chapter") {
  const Entrance entrance = {.token = "abc", .page_port = 80, .specimen_port = 81};
  const auto get = [&](const char* target) {
    return entrance.serve(Request{.method = "GET", .target = target, .fields = {{"Host", "127.0.0.1:80"}}});
  };
  CHECK_EQ(get("/walkthrough/07-mask.md").status, 200);
  CHECK(get("/walkthrough/07-mask.md").body.starts_with("# 07 "));
  CHECK_EQ(*find_field(get("/walkthrough/07-mask.md").fields, "Content-Type"), "text/plain; charset=utf-8");
  for (const char* target : {"/walkthrough/../README.md", "/walkthrough/websock.gdb", "/walkthrough/",
                             "/walkthrough/.md", "/walkthrough/%2e%2e"})
    CHECK_EQ(get(target).status, 404);
}

TEST("own-glass-door-03 at port 80 browsers leave the port out of Host, and are let in; at any other they are not") {
  const auto accepts = [](std::uint16_t port, std::string_view host) {
    const Request request{.method = "GET", .target = "/", .fields = {{"Host", std::string(host)}}};
    return Entrance::is_for_loopback(request, port);
  };
  for (const char* host : {"127.0.0.1", "LocalHost", "[::1]", "127.0.0.1:80", "localhost:80"}) CHECK(accepts(80, host));
  for (const char* host : {"evil.example", "evil.example:80", "127.0.0.1:", "127.0.0.1:81", "::1", ""})
    CHECK(!accepts(80, host));
  CHECK(!accepts(8080, "127.0.0.1"));
}
