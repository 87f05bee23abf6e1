// Reading takes two steps. find_head() looks for the end of the head, byte by byte, and is called again whenever more
// has arrived: it takes nothing and remembers nothing, so it does not matter how the network cut the bytes. Then
// parse_request() or parse_response() takes a whole head apart.
//
// Why so strict? Because a proxy in front of us reads the same head. Anything that both of us read, but differently,
// lets a client say one thing to the proxy and another to us:
//
//     a line that ends with LF alone       a space before a colon          two lengths for one body
//     a line that continues the last       two Hosts                       a Host that is not the target's
//
// RFC 9112 names them all. Where it leaves the choice between mending and refusing, a server of ours refuses.
#include "handshake/http.h"

#include <algorithm>
#include <cassert>
#include <stdexcept>

#include "handshake/authority.h"
#include "handshake/status.h"

namespace websock {
namespace {

constexpr std::string_view kLineEnd = "\r\n";

// The cast, because a byte from 0x80 on is a char below zero here, and would look like a control character.
bool is_control_character(char c) { return static_cast<unsigned char>(c) < 0x20 || c == 0x7F; }
bool is_visible_ascii(char c) { return c > 0x20 && c < 0x7F; }

// For the peer's faults. The sentence goes into the response, so it is always one of ours, and never a byte of theirs.
void require(bool rule_obeyed, const char* why) {
  if (!rule_obeyed) throw HttpError(400, why);
}

// ---- Lines ----

// Where the line that begins at `begin` ends: the index of its CR. Nothing: its end has not arrived. Throws at the
// first byte that no head may have.
std::optional<std::size_t> find_line_end(std::string_view received, std::size_t begin) {
  for (std::size_t i = begin; i < received.size(); ++i) {
    const char c = received[i];
    require(c != '\n', "A line ends with a bare LF.");  // any other LF was passed over together with its CR
    if (c != '\r') {
      // A tab may be inside a value (RFC 9110 section 5.5). Bytes from 0x80 on may be there as well: nobody agrees on
      // what they mean, but they hurt nobody either.
      require(c == '\t' || !is_control_character(c), "The head contains a control character.");
      continue;
    }
    if (i + 1 == received.size()) return std::nullopt;  // only the next byte can tell whether it is an LF
    require(received[i + 1] == '\n', "The head contains a bare CR.");
    return i;
  }
  return std::nullopt;
}

// Takes the first line off `rest`, and returns it without its line end.
// REQUIRES: there is one. find_head() has made sure of it.
std::string_view take_line(std::string_view& rest) {
  const std::size_t end = rest.find(kLineEnd);
  assert(end != std::string_view::npos);
  const std::string_view line = rest.substr(0, end);
  rest.remove_prefix(end + kLineEnd.size());
  return line;
}

// ---- Header fields ----

// A line that begins with white space continues the value above it (RFC 9112 section 5.2: obs-fold). A server has to
// refuse it or to join it, and we refuse; a client has to join.
enum class Folds { refused, joined };

bool is_white_space(char c) { return c == ' ' || c == '\t'; }

// One line, "Name: value".
// REQUIRES: it is not empty. An empty line is the head's last, and the loop in parse_fields() ends with it.
HeaderField parse_field(std::string_view line) {
  const std::size_t colon = line.find(':');
  require(colon != std::string_view::npos, "A header line has no colon.");
  // The first colon ends the name. There may be others in the value: "Host: a:80".
  const std::string_view name = line.substr(0, colon);
  // A name with a space behind it is no token either, so the last line alone would do. But this is the one fault that
  // people type by hand, and a sentence of its own tells them (RFC 9112 section 5.1). empty(): back() needs a
  // character.
  require(name.empty() || !is_white_space(name.back()), "White space before a header's colon.");
  require(is_token(name), "A header's name is not a token.");
  return {std::string(name), std::string(trim(line.substr(colon + 1)))};
}

// All lines up to the empty one, which find_head() has found: the loop cannot run past the end.
HeaderFields parse_fields(std::string_view rest, Folds folds) {
  HeaderFields fields;
  for (std::string_view line = take_line(rest); !line.empty(); line = take_line(rest)) {
    // front() is there: the loop ends with the empty line.
    if (!is_white_space(line.front())) {
      fields.push_back(parse_field(line));
      continue;
    }
    require(folds == Folds::joined, "A header line is folded.");
    require(!fields.empty(),
            "White space before the first header.");  // RFC 9112 section 2.2: there is nothing to continue
    std::string& value = fields.back().value;
    // Trimmed once more: either of the two may be nothing but white space. What trim() returns is a part of `value`
    // itself, which a string may be assigned.
    value = trim(value.append(" ").append(trim(line)));
  }
  return fields;
}

// "HTTP/1.1": returns the minor version, which may be 9. RFC 9110 section 2.5: a reader that knows 1.1 understands 1.9,
// too. Another major version is another format.
int parse_version(std::string_view version) {
  const bool well_formed = version.size() == 8 && version.starts_with("HTTP/") && is_digit(version[5]) &&
                           version[6] == '.' && is_digit(version[7]);
  require(well_formed, "The HTTP version is malformed.");
  if (version[5] != '1') throw HttpError(505, "Only HTTP/1.x is understood.");
  return version[7] - '0';
}

// ---- What a request must be ----

// What may be between the two spaces of a request line, in any form of target. RFC 3986 has no place for `|` or `{`
// either, nor for a '%' without two hex digits behind it, but browsers send them in queries as they are. A '#' they
// never send: what is behind it, the fragment, is the browser's own business, and a reader who cuts it off and one who
// does not see two paths.
bool is_target(std::string_view text) {
  return !text.empty() && std::all_of(text.begin(), text.end(), is_visible_ascii) &&
         text.find('#') == std::string_view::npos;
}

// RFC 9112 section 3.2: four forms of target, and which method may have which.
void check_target(const Request& request) {
  const std::string& target = request.target;
  // front(): is_target() has made sure that there is a character. The two lines behind it overrule this one: "*" is
  // right for OPTIONS only, and a CONNECT may not have a path.
  bool fits = target.front() == '/' || origin_of(target);  // GET /chat, GET http://example.com/chat
  if (target == "*") fits = request.method == "OPTIONS";   // OPTIONS *: the server as a whole
  if (request.method == "CONNECT") {                       // CONNECT example.com:80, for a proxy, which we are not
    const std::optional<Authority> authority = parse_authority(target);
    fits = authority && !authority->host.empty() && !authority->port.empty();
  }
  require(fits, "The request's target is malformed.");
}

// RFC 9112 section 3.2: exactly one Host, and a well-formed one. HTTP/1.0 may do without.
void check_host(const Request& request) {
  const std::size_t hosts = count_fields(request.fields, "Host");
  require(hosts <= 1, "The request has more than one Host header.");
  require(hosts == 1 || request.minor_version == 0, "The request has no Host header.");
  if (hosts == 0) return;
  const std::optional<Authority> host = parse_authority(*find_field(request.fields, "Host"));
  require(host.has_value(), "The Host header is malformed.");
  // RFC 9112 section 3.2.2: of two hosts the target's counts, and Host is to be ignored. No client may send two, so a
  // refusal hurts no honest one; and then every reader of Host, here or in front of us, reads the host that counts.
  const std::optional<Origin> origin = origin_of(request.target);
  require(!origin || with_usual_port(*host, origin->scheme) == origin->authority,
          "The target and the Host header name different hosts.");
}

// RFC 9112 section 6.3: where a body would end. We read no bodies, and hang up behind every answer to one; a proxy in
// front of us reads them. A request that it could measure in two ways is refused here, as it should have been there.
void check_body_length(const Request& request) {
  // Compared as text with the first one, so "5" and "05" differ. And "5, 5", which RFC 9112 lets a reader take for 5,
  // is no row of digits: two readers that settle such things differently are how a request is smuggled past a proxy.
  const std::string* length = find_field(request.fields, "Content-Length");
  for (const HeaderField& field : request.fields) {
    if (!equal_ignoring_case(field.name, "Content-Length")) continue;
    const bool number = !field.value.empty() && std::all_of(field.value.begin(), field.value.end(), is_digit);
    require(number && field.value == *length, "The Content-Length is not one number.");
  }
  const std::vector<std::string_view> codings = list_elements(request.fields, "Transfer-Encoding");
  // Asked of the field and not of the list: an empty Transfer-Encoding has no codings, and is a fault all the same.
  if (find_field(request.fields, "Transfer-Encoding") == nullptr) return;
  // A chunked body says itself where it ends; under any other coding, or with a length beside it, two readers may
  // differ.
  require(length == nullptr && request.minor_version >= 1 && !codings.empty() &&
              equal_ignoring_case(codings.back(), "chunked"),
          "The Transfer-Encoding leaves open where the body ends.");
}

// ---- Writing ----

// For text from the application: with a line break in it, somebody else's text would become a header of ours.
// std::invalid_argument, not HttpError: no peer has done this.
void check_printable(std::string_view text, const char* why) {
  const bool printable =
      std::none_of(text.begin(), text.end(), [](char c) { return is_control_character(c) && c != '\t'; });
  if (!printable) throw std::invalid_argument(why);
}

// The lines between the first and the empty one.
std::string serialize_fields(const HeaderFields& fields) {
  std::string text;
  for (const HeaderField& field : fields) {
    // Both halves may come from an application, which may have them from a stranger. A name with a colon or a line
    // break in it would end too early, and the rest would be a header of the stranger's.
    if (!is_token(field.name)) throw std::invalid_argument("a header's name is not a token");
    check_printable(field.value, "a header's value has a control character");
    text.append(field.name).append(": ").append(field.value).append(kLineEnd);
  }
  return text;
}

}  // namespace

// ---- Reading ----

// Line by line, from the first one each time: what is cheap to do again need not be remembered.
std::optional<std::size_t> find_head(std::string_view received, const HeadLimits& limits) {
  // The first byte of a TLS record: 0x16 begins a client's greeting, 0x15 is a server's alert. Somebody has written
  // https:// or wss:// where they meant http:// or ws://, or the other way round.
  const bool is_tls = received.starts_with('\x16') || received.starts_with('\x15');
  require(!is_tls, "This looks like TLS (https:// or wss://) where plain HTTP was expected.");

  // Beyond the limit nothing is looked at. What is there does not count either if the head ends before: it is a frame.
  const std::string_view allowed = received.substr(0, limits.max_head);
  // RFC 9112 section 2.2: an empty line before the request is ignored. One: more would be a way to wait for ever.
  std::size_t begin = allowed.starts_with(kLineEnd) ? kLineEnd.size() : 0;
  for (std::size_t line = 0;; ++line) {  // line 0 is the start line, line n the field n
    const std::optional<std::size_t> end = find_line_end(allowed, begin);
    // Nothing was cut off by the limit, so more can still come. Otherwise it is the limit that the line has run into.
    if (!end && received.size() == allowed.size()) return std::nullopt;  // wait for more
    // RFC 9112 section 3 has a status of its own for a target that is too long, RFC 6585 section 5 one for the rest.
    if (!end && line == 0) throw HttpError(414, "The first line is too long.");
    if (!end) throw HttpError(431, "The head is too long.");
    // Before the next check, so that a head of exactly max_fields fields ends here. The start line may be empty, too
    // ("\r\n\r\n"): then the head is measured here, and parse_request() refuses it.
    if (*end == begin) return begin + kLineEnd.size();  // the empty line
    if (line > limits.max_fields) throw HttpError(431, "The head has too many header fields.");
    begin = *end + kLineEnd.size();
  }
}

// "GET /chat HTTP/1.1", the fields, and what has to hold between the two.
Request parse_request(std::string_view head) {
  if (head.starts_with(kLineEnd)) head.remove_prefix(kLineEnd.size());  // find_head() counted it, too
  const std::string_view line = take_line(head);                        // "GET /chat HTTP/1.1"
  // The first space and the last, so that a space in the target is found there, and named. No space at all: both are
  // npos, and so equal as well.
  const std::size_t first_space = line.find(' ');
  const std::size_t last_space = line.rfind(' ');
  require(first_space != last_space, "The request line is malformed.");

  Request request;
  request.method = line.substr(0, first_space);
  request.target = line.substr(first_space + 1, last_space - first_space - 1);  // - 1: without the first space
  require(is_token(request.method), "The request line is malformed.");
  require(is_target(request.target), "The request's target is malformed.");
  request.minor_version = parse_version(line.substr(last_space + 1));
  // Only now, though it is about the target: HTTP/2's first line is "PRI * HTTP/2.0", and a 505 explains more.
  check_target(request);
  request.fields = parse_fields(head, Folds::refused);
  check_host(request);
  check_body_length(request);
  return request;
}

// "HTTP/1.1 101 Switching Protocols", and the fields. What they mean is not asked here: see check_response().
Response parse_response(std::string_view head) {
  if (head.starts_with(kLineEnd)) head.remove_prefix(kLineEnd.size());
  const std::string_view line = take_line(head);               // "HTTP/1.1 101 Switching Protocols"
  const int minor_version = parse_version(line.substr(0, 8));  // of a shorter line substr() gives less, and that fails
  // Columns 0 to 7 are the version, 8 a space, 9 to 11 the status; from 12 on a space and the reason, or nothing.
  const bool has_status =
      line.size() >= 12 && line[8] == ' ' && is_digit(line[9]) && is_digit(line[10]) && is_digit(line[11]);
  require(has_status && (line.size() == 12 || line[12] == ' '), "The status line is malformed.");

  Response response;
  response.status = (line[9] - '0') * 100 + (line[10] - '0') * 10 + (line[11] - '0');
  // RFC 9110 section 7.8: in HTTP/1.0 there is no Upgrade, and no status of 1xx either.
  require(response.status != 101 || minor_version >= 1, "HTTP/1.0 cannot switch protocols.");
  if (line.size() > 13) response.reason = line.substr(13);
  response.fields = parse_fields(head, Folds::joined);
  return response;
}

// ---- Writing ----

// Without a check of the Host: make_request() in handshake.h writes it, from a URI.
std::string serialize_head(const Request& request) {
  if (!is_token(request.method)) throw std::invalid_argument("a request's method is not a token");
  if (!is_target(request.target)) throw std::invalid_argument("a request's target is not visible ASCII without a '#'");
  // Always 1.1, whatever minor_version says: that member tells what a request that we have read was written in.
  std::string text = request.method + " " + request.target + " HTTP/1.1\r\n";
  return text.append(serialize_fields(request.fields)).append(kLineEnd);
}

// The body is the caller's to send behind it, or not to send: a HEAD is answered with this head alone.
std::string serialize_head(const Response& response) {
  const std::string reason = response.reason.empty() ? std::string(usual_reason(response.status)) : response.reason;
  check_printable(reason, "a response's reason has a control character");
  if (response.status < 100 || response.status > 999) throw std::invalid_argument("a status has three digits");
  // Refused, not corrected: a second length that differs, or one beside a coding (RFC 9112 section 6.2), is what
  // check_body_length() above has to refuse in others.
  for (const char* length : {"Content-Length", "Transfer-Encoding"}) {
    if (find_field(response.fields, length) != nullptr)
      throw std::invalid_argument(std::string(length) + ": how long the body is, is written by itself");
  }
  std::string text = "HTTP/1.1 " + std::to_string(response.status) + " " + reason + "\r\n";
  text.append(serialize_fields(response.fields));
  // RFC 9112 section 6.3: these end with their empty line, whatever they say about a length (1xx, 204, 304).
  const bool may_have_body = response.status >= 200 && response.status != 204 && response.status != 304;
  // Behind such a head a body would be taken for the next response.
  if (!may_have_body && !response.body.empty()) throw std::invalid_argument("a response of this status has no body");
  if (may_have_body) text.append("Content-Length: ").append(std::to_string(response.body.size())).append(kLineEnd);
  return text.append(kLineEnd);
}

// nosniff: a browser that finds something like HTML in the sentence must not make a page of it.
Response make_text_response(int status, std::string_view sentence) {
  Response response;
  response.status = status;
  response.fields = {{"Content-Type", "text/plain; charset=utf-8"}, {"X-Content-Type-Options", "nosniff"}};
  response.body = std::string(sentence) + "\n";  // people read it in a terminal
  return response;
}

}  // namespace websock
