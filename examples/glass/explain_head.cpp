// The opening handshake, line by line. What lets people in is not shown, and leaves this program neither as text nor as
// bytes: a head is told of only by these lines.
//
//     Cookie: session=7c0ffee          Cookie: •••••• (15 bytes, hidden)
//     GET /chat?room=1 HTTP/1.1        GET /chat?room=•••••• HTTP/1.1
//     GET /chat?7c0ffee HTTP/1.1       GET /chat?•••••• HTTP/1.1
//
// It is read here once more, and loosely: a head that is no HTTP is shown, too, and has secrets all the same. What lies
// in the path, or in a header that is not named here, is not hidden.
#include <algorithm>

#include <websock/handshake/base64.h>
#include <websock/handshake/fields.h>
#include <websock/handshake/handshake.h>
#include <websock/handshake/http.h>
#include <websock/handshake/sha1.h>

#include "explain.h"
#include "tap/rows.h"
#include "visible.h"

using namespace websock;

namespace {

// Six dots, however long the secret is.
constexpr std::string_view kHidden = "\u2022\u2022\u2022\u2022\u2022\u2022";

struct Known {
  std::string_view name;  // of a header field
  std::string_view id;
  Role sender;
  const char* say;
  const char* rule;
};

// The fields that mean something to a WebSocket (4.1, 4.2.2). A Cookie's section is empty: its rules are those of HTTP.
constexpr std::array<Known, 14> kKnown = {{
    {"Host", "host", Role::client,
     "Whom it wants to reach. A server that hears another name than its own should be suspicious.", "4.1"},
    {"Connection", "connection", Role::client, "This connection is to become what Upgrade names.", "4.1"},
    {"Upgrade", "upgrade", Role::client, "What the connection is to become, once both agree.", "4.1"},
    {"Origin", "origin", Role::client,
     "Which site\u2019s script is calling. The browser says so, the script cannot; whether it may come in is for the "
     "server to decide.",
     "10.2"},
    {"Sec-WebSocket-Version", "version", Role::client, "The only version there is. Any other is answered with 426.",
     "4.4"},
    {"Sec-WebSocket-Key", "key", Role::client,
     "A question, new for each connection: 16 random bytes in base64. The answer is in the response.", "4.1"},
    {"Sec-WebSocket-Extensions", "extensions", Role::client,
     "It could do this, too. Without a word about it in the response, nothing comes of it.", "9.1"},
    {"Sec-WebSocket-Protocol", "protocol", Role::client, "What it would like to talk about: the server may choose one.",
     "1.9"},
    {"Cookie", "cookie", Role::client, "Hidden: it lets people in.", ""},
    {"Connection", "connection", Role::server, "Agreed: the connection becomes what Upgrade names.", "4.2.2"},
    {"Upgrade", "upgrade", Role::server, "From the next byte on, no HTTP is spoken here.", "4.2.2"},
    {"Sec-WebSocket-Accept", "accept", Role::server,
     "The answer to the key. The client computes the same, and compares. Below it is done in four steps.", "4.2.2"},
    {"Sec-WebSocket-Extensions", "extensions", Role::server, "Agreed on: this changes what the payload looks like.",
     "9.1"},
    {"Sec-WebSocket-Protocol", "protocol", Role::server, "The one that the server has chosen.", "4.2.2"},
}};

// Whether the field lets its sender in. A name in any case means the same, to a server and so to us.
bool is_secret(std::string_view name) {
  for (const std::string_view secret : {"Cookie", "Set-Cookie", "Authorization", "Proxy-Authorization"}) {
    if (equal_ignoring_case(name, secret)) return true;
  }
  return false;
}

// Where a URL may stand, with a query: in a request line, whose name is empty, or here.
bool may_have_query(std::string_view name) {
  return name.empty() || equal_ignoring_case(name, "Referer") || equal_ignoring_case(name, "Location");
}

// "/chat?room=1&token=abc HTTP/1.1": the values go, the names stay. A token travels here because a page cannot set a
// header. What has no "=" may be a token by itself, and goes as a whole. So does what stands behind a #: no request
// should have one, but a Location brings an access_token there.
std::string hide_query(std::string_view text) {
  // 9: " HTTP/1.1". Only that ends a query. A space does not: a sloppy client leaves it in the middle of a value, and a
  // server that is as sloppy takes it.
  const std::string_view version = text.substr(text.size() - std::min<std::size_t>(text.size(), 9));
  const std::size_t end = version.starts_with(" HTTP/") ? text.size() - version.size() : text.size();
  std::size_t at = std::min(text.find_first_of("?#"), end);
  std::string result(text.substr(0, at));
  while (at < end) {
    // The character that begins the parameter: ?, # or &.
    result += text[at++];
    const std::size_t next = std::min(text.find_first_of("&#", at), end);
    const std::string_view parameter = text.substr(at, next - at);
    // npos + 1 is 0: without a "=" nothing of it is a name.
    result += parameter.substr(0, parameter.find('=') + 1);
    if (!parameter.empty()) result += kHidden;
    at = next;
  }
  return result.append(text.substr(end));
}

// A line as the page may have it. `name`: of its field; empty in the first line, in a folded one, and in one that has
// no colon. Of a secret only the size is told.
std::string shown(std::string_view name, std::string_view line, bool hidden) {
  // 1: the colon.
  const std::string_view value = name.empty() ? trim(line) : trim(line.substr(name.size() + 1));
  if (hidden) {
    return visible_bytes(name) + (name.empty() ? " " : ": ") + std::string(kHidden) + " (" +
           std::to_string(value.size()) + " bytes, hidden)";
  }
  // Not in the first line only: a Referer repeats the URL of another page.
  return may_have_query(trim(name)) ? hide_query(visible_bytes(line)) : visible_bytes(line);
}

// Hangs the sentence on the line, if there is one for this field of this sender. At most one entry fits: no name stands
// twice for the same side.
void explain(HeadView& head, HeadLine& line, std::string_view name, std::string_view value, Role sender) {
  for (const Known& known : kKnown) {
    if (known.sender != sender || !equal_ignoring_case(known.name, name)) continue;
    line.field = known.id;
    // 14: "Sec-WebSocket-". The rest of the name is what differs.
    const std::string short_name(known.name.starts_with("Sec-WebSocket-") ? known.name.substr(14) : known.name);
    head.fields.push_back({line.field, line.at, line.size, "", short_name,
                           is_secret(name) ? "hidden" : visible_bytes(value), known.say, known.rule, "05-handshake"});
  }
}

// The status of a response, by the parser that the conversation asks, too: so the page says nothing else than what was
// done about it. 0: it is none.
int status_of(const std::string& head) {
  try {
    return parse_response(head).status;
  } catch (const HttpError&) {
    return 0;
  }
}

// The status line, and with it the title of the whole head. `status`: of status_of().
void explain_status_line(HeadView& head, HeadLine& line, std::string_view text, int status) {
  line.field = "first";
  const std::string shown_text = hide_query(visible_bytes(text.substr(0, 40)));
  const auto tell = [&](const char* title, const char* name, const char* say, const char* rule, const char* chapter) {
    head.title = title;
    head.fields.push_back({"first", 0, line.size, "", name, shown_text, say, rule, chapter});
  };
  if (status == 101)
    return tell("The server proves that it does", "101",
                "\u201cVery well, let us change.\u201d With any other number there is no WebSocket, and the page is "
                "told 1006.",
                "4.2.2", "05-handshake");
  // RFC 9110 section 15.2. A section of another RFC than 6455 has no link here, so the sentence names it.
  if (status / 100 == 1)
    return tell("The server has something to say before it answers", "1xx",
                "Not the answer yet: HTTP lets a server send numbers from 100 to 199 before it (RFC 9110, section "
                "15.2). A client skips them.",
                "", "04-http");
  tell("The server answers, and it is no WebSocket", "status",
       "Only 101 opens a WebSocket. From here on nothing of this connection is shown.", "4.2.2", "05-handshake");
}

// The request line, and with it the title of the whole head.
void explain_request_line(HeadView& head, HeadLine& line, const View& view) {
  line.field = "first";
  head.title = "The " + view.name_of(Role::client) + " asks: do you speak WebSocket?";
  head.fields.push_back({"first", 0, line.size, "", "GET", "HTTP",
                         "It begins as a request for a page: so it gets through everything that lets HTTP through.",
                         "4.1", "04-http"});
}

}  // namespace

// REQUIRES: find_head() has measured it. So each line ends with CR LF, and no bare LF hides a second one in it.
HeadView view_of(const HeadHeard& heard, Role sender, const View& view) {
  HeadView head;
  std::string_view field;  // that the line belongs to; empty: the first line's, or none's
  const std::string_view text = heard.text;
  for (std::size_t at = 0, end; (end = text.find("\r\n", at)) != text.npos; at = end + 2) {
    const std::string_view line = text.substr(at, end - at);
    // 2: the CR LF. The lines cover the head without a gap, as the page has to lay them over what a recv brought.
    HeadLine shown_line = {at, line.size() + 2, "", ""};
    const bool folded = line.starts_with(' ') || line.starts_with('\t');  // belongs to the field before, secrets too
    const bool first = at == 0;
    // A target may contain a colon, and what is folded belongs to a name that came before.
    const std::size_t colon = first || folded ? line.npos : line.find(':');
    const std::string_view name = colon == line.npos ? std::string_view() : line.substr(0, colon);
    // Trimmed: "Cookie :" is no valid field, and a lenient server may take it for one. It is as secret. `field`
    // outlives the line for those that are folded below it: they may be the rest of a cookie, or of a query.
    if (!folded) field = trim(name);
    shown_line.text = shown(name, line, is_secret(field) || (folded && may_have_query(field)));
    if (first && sender == Role::client) explain_request_line(head, shown_line, view);
    if (first && sender == Role::server) explain_status_line(head, shown_line, line, status_of(heard.text));
    if (!name.empty()) explain(head, shown_line, trim(name), trim(line.substr(colon + 1)), sender);
    head.lines.push_back(std::move(shown_line));
  }
  return head;
}

// The page repeats the client's check (4.1) with the reader's own key. The steps are named by number; they lie nowhere
// in the stream, so `at` and `size` are 0.
std::vector<Field> accept_steps(const AcceptHeard& heard, const View& view) {
  if (heard.key.empty()) return {};
  const std::string guid = "258EAFA5-E914-47DA-95CA-C5AB0DC85B11";
  const Sha1Digest digest = sha1(bytes_of(heard.key + guid));
  // As a client compares: text with text. What does not match was no answer to this key, perhaps to no key at all.
  const bool matches = heard.accept == make_accept(heard.key);
  const std::string length = std::to_string(heard.key.size() + guid.size());
  const std::string client = view.name_of(Role::client);
  return {
      {"key", 0, 0, "", "1", visible_bytes(heard.key), "The " + client + "\u2019s key, as the text that it is", "4.2.2",
       "05-handshake"},
      {"guid", 0, 0, "", "2", guid,
       "Behind it, always this. No other protocol has it, so nobody answers correctly by accident.", "1.3",
       "05-handshake"},
      {"sha1", 0, 0, "", "3", hex_of(digest), "SHA-1 of these " + length + " characters: 20 bytes", "1.3", "02-sha1"},
      {"accept", 0, 0, "", "4", base64_encode(digest),
       matches ? "In base64: 28 characters. That is what the server said, so it has understood."
               : "In base64. The server has said something else, so the " + client +
                     " hangs up: " + visible_bytes(heard.accept),
       "4.2.2", "03-base64"},
  };
}
