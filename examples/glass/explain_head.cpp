// The opening handshake, line by line. What lets people in is not shown, and leaves this program neither as text nor as
// bytes: a head is told of only by these lines.
#include <websock/handshake/base64.h>
#include <websock/handshake/fields.h>
#include <websock/handshake/handshake.h>
#include <websock/handshake/sha1.h>

#include "explain.h"
#include "tap/rows.h"
#include "visible.h"

using namespace websock;

namespace {

constexpr std::string_view kHidden = "\u2022\u2022\u2022\u2022\u2022\u2022";

struct Known {
  std::string_view name;  // of a header field
  std::string_view id;
  Role sender;
  const char* say;
  const char* rule;
};

constexpr std::array<Known, 14> kKnown = {{
    {"Host", "host", Role::client,
     "Whom it wants to reach. A server that hears another name than its own should be suspicious.", "4.1"},
    {"Connection", "connection", Role::client, "This connection is to become something else than HTTP,", "4.1"},
    {"Upgrade", "upgrade", Role::client, "namely this.", "4.1"},
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
    {"Connection", "connection", Role::server, "Agreed:", "4.2.2"},
    {"Upgrade", "upgrade", Role::server, "from the next byte on no HTTP is spoken here.", "4.2.2"},
    {"Sec-WebSocket-Accept", "accept", Role::server,
     "The answer to the key. The client computes the same, and compares. Below it is done in four steps.", "4.2.2"},
    {"Sec-WebSocket-Extensions", "extensions", Role::server, "Agreed on: this changes what the payload looks like.",
     "9.1"},
    {"Sec-WebSocket-Protocol", "protocol", Role::server, "The one that the server has chosen.", "4.2.2"},
}};

bool is_secret(std::string_view name) {
  for (const std::string_view secret : {"Cookie", "Set-Cookie", "Authorization", "Proxy-Authorization"}) {
    if (equal_ignoring_case(name, secret)) return true;
  }
  return false;
}

// "/chat?room=1&token=abc HTTP/1.1": the values go, the names stay.
std::string hide_query(std::string_view text) {
  std::string result;
  bool in_query = false;
  bool hiding = false;
  for (const char c : text) {
    in_query = (in_query || c == '?') && c != ' ' && c != '#';
    if (hiding && in_query && c != '&') continue;
    hiding = in_query && c == '=';
    result += c;
    if (hiding) result += kHidden;
  }
  return result;
}

std::string shown(std::string_view name, std::string_view line, bool hidden) {
  const std::string_view value = name.empty() ? trim(line) : trim(line.substr(name.size() + 1));
  if (hidden) {
    return visible_bytes(name) + (name.empty() ? " " : ": ") + std::string(kHidden) + " (" +
           std::to_string(value.size()) + " bytes, hidden)";
  }
  const bool has_query = name.empty() || equal_ignoring_case(name, "Referer") || equal_ignoring_case(name, "Location");
  return has_query ? hide_query(visible_bytes(line)) : visible_bytes(line);
}

void explain(HeadView& head, HeadLine& line, std::string_view name, std::string_view value, Role sender) {
  for (const Known& known : kKnown) {
    if (known.sender != sender || !equal_ignoring_case(known.name, name)) continue;
    line.field = known.id;
    const std::string short_name(known.name.starts_with("Sec-WebSocket-") ? known.name.substr(14) : known.name);
    head.fields.push_back({line.field, line.at, line.size, "", short_name,
                           is_secret(name) ? "hidden" : visible_bytes(value), known.say, known.rule, "05-handshake"});
  }
}

void explain_first(HeadView& head, HeadLine& line, std::string_view text, Role sender, const View& view) {
  line.field = "first";
  const std::string client = view.name_of(Role::client);
  if (sender == Role::client) {
    head.title = "The " + client + " asks: do you speak WebSocket?";
    head.fields.push_back({"first", 0, line.size, "", "GET", "HTTP",
                           "It begins as a request for a page: so it gets through everything that lets HTTP through.",
                           "4.1", "04-http"});
    return;
  }
  const bool accepted = text.find(" 101") != text.npos;
  head.title = accepted ? "The server proves that it does" : "The server answers, and it is no WebSocket";
  head.fields.push_back({"first", 0, line.size, "", accepted ? "101" : "status", visible_bytes(text.substr(0, 40)),
                         accepted ? "\u201cVery well, let us change.\u201d With any other number there is no "
                                    "WebSocket, and the page is told 1006."
                                  : "Only 101 opens a WebSocket. From here on nothing of this connection is shown.",
                         "4.2.2", "05-handshake"});
}

}  // namespace

HeadView view_of(const HeadHeard& heard, Role sender, const View& view) {
  HeadView head;
  bool hidden = false;
  const std::string_view text = heard.text;
  for (std::size_t at = 0, end; (end = text.find("\r\n", at)) != text.npos; at = end + 2) {
    const std::string_view line = text.substr(at, end - at);
    HeadLine shown_line = {at, line.size() + 2, "", ""};
    const bool folded = line.starts_with(' ') || line.starts_with('\t');  // belongs to the field before, secrets too
    const bool first = at == 0;
    const std::size_t colon = first || folded ? line.npos : line.find(':');
    const std::string_view name = colon == line.npos ? std::string_view() : line.substr(0, colon);
    hidden = folded ? hidden : is_secret(trim(name));
    shown_line.text = shown(name, line, hidden);
    if (first) explain_first(head, shown_line, line, sender, view);
    if (!name.empty()) explain(head, shown_line, trim(name), trim(line.substr(colon + 1)), sender);
    head.lines.push_back(std::move(shown_line));
  }
  return head;
}

std::vector<Field> accept_steps(const AcceptHeard& heard, const View& view) {
  if (heard.key.empty()) return {};
  const std::string guid = "258EAFA5-E914-47DA-95CA-C5AB0DC85B11";
  const Sha1Digest digest = sha1(bytes_of(heard.key + guid));
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
