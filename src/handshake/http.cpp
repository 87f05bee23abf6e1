// Reading takes two steps. find_head() looks for the end of the head, byte by byte, and is called again whenever more
// has arrived: it takes nothing and remembers nothing, so it does not matter how the network cut the bytes. Then
// parse_request() or parse_response() takes a whole head apart.
//
// Between the two lies the reason for being strict. A proxy in front of us reads the same head. Whatever we both read,
// but differently (a lone LF as a line's end, a space before a colon, a folded line, two Hosts), lets a client say one
// thing to the proxy and another to us. RFC 9112 lists these, and we answer 400 to each.
#include "handshake/http.h"

#include <algorithm>
#include <stdexcept>

namespace websock {
namespace {

constexpr std::string_view kLineEnd = "\r\n";

bool is_digit(char c) { return c >= '0' && c <= '9'; }
bool is_control_character(char c) { return static_cast<unsigned char>(c) < 0x20 || c == 0x7F; }
bool is_visible_ascii(char c) { return c > 0x20 && c < 0x7F; }

// What may stand between the two spaces of a request line.
bool is_target(std::string_view text) {
  return !text.empty() && std::all_of(text.begin(), text.end(), is_visible_ascii);
}

void require(bool rule_obeyed, const char* why) {
  if (!rule_obeyed) throw HttpError(400, why);
}

// Takes the first line off `rest`, without its line end.
// REQUIRES: there is one; find_head() made sure.
std::string_view take_line(std::string_view& rest) {
  const std::size_t end = rest.find(kLineEnd);
  const std::string_view line = rest.substr(0, end);
  rest.remove_prefix(end + kLineEnd.size());
  return line;
}

HeaderField parse_field(std::string_view line) {
  require(line.front() != ' ' && line.front() != '\t', "A header line is folded.");  // RFC 9112 section 5.2
  const std::size_t colon = line.find(':');
  require(colon != std::string_view::npos, "A header line has no colon.");
  const std::string_view name = line.substr(0, colon);
  require(name.empty() || (name.back() != ' ' && name.back() != '\t'), "White space before a header's colon.");
  require(is_token(name), "A header's name is not a token.");
  return {std::string(name), std::string(trim(line.substr(colon + 1)))};
}

HeaderFields parse_fields(std::string_view rest) {
  HeaderFields fields;
  for (std::string_view line = take_line(rest); !line.empty(); line = take_line(rest)) {
    fields.push_back(parse_field(line));
  }
  return fields;
}

// "HTTP/1.1": returns the minor version.
int parse_version(std::string_view version) {
  const bool well_formed = version.size() == 8 && version.starts_with("HTTP/") && is_digit(version[5]) &&
                           version[6] == '.' && is_digit(version[7]);
  require(well_formed, "The HTTP version is malformed.");
  if (version[5] != '1') throw HttpError(505, "Only HTTP/1.x is understood.");
  return version[7] - '0';
}

bool has_scheme(std::string_view target) {
  constexpr std::string_view kHttp = "http://";
  constexpr std::string_view kHttps = "https://";
  return equal_ignoring_case(target.substr(0, kHttp.size()), kHttp) ||
         equal_ignoring_case(target.substr(0, kHttps.size()), kHttps);
}

// RFC 3986: what a host and a port are made of. No '@', no '/' and no comma.
bool is_host_character(char c) {
  constexpr std::string_view kOthers = "-._~!$&'()*+;=%:[]";
  return is_digit(c) || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || kOthers.find(c) != std::string_view::npos;
}

bool is_host(std::string_view host) { return std::all_of(host.begin(), host.end(), is_host_character); }

// RFC 9112 section 3.2: exactly one Host in HTTP/1.1; HTTP/1.0 may do without.
void check_host(const Request& request) {
  const std::size_t hosts = count_fields(request.fields, "Host");
  require(hosts <= 1, "The request has more than one Host header.");
  require(hosts == 1 || request.minor_version == 0, "The request has no Host header.");
  if (hosts == 1) require(is_host(*find_field(request.fields, "Host")), "The Host header is malformed.");
}

// An absolute target without its scheme and host: "?x=1" of "http://h?x=1".
std::string_view after_authority(std::string_view target) {
  if (!has_scheme(target)) return target;
  target.remove_prefix(target.find("://") + 3);
  const std::size_t end = target.find_first_of("/?");
  return end == std::string_view::npos ? std::string_view() : target.substr(end);
}

std::string_view usual_reason(int status) {
  switch (status) {
    case 101:
      return "Switching Protocols";
    case 200:
      return "OK";
    case 204:
      return "No Content";
    case 301:
      return "Moved Permanently";
    case 302:
      return "Found";
    case 303:
      return "See Other";
    case 304:
      return "Not Modified";
    case 307:
      return "Temporary Redirect";
    case 308:
      return "Permanent Redirect";
    case 400:
      return "Bad Request";
    case 401:
      return "Unauthorized";
    case 403:
      return "Forbidden";
    case 404:
      return "Not Found";
    case 405:
      return "Method Not Allowed";
    case 408:
      return "Request Timeout";
    case 426:
      return "Upgrade Required";
    case 429:
      return "Too Many Requests";
    case 431:
      return "Request Header Fields Too Large";
    case 500:
      return "Internal Server Error";
    case 503:
      return "Service Unavailable";
    case 505:
      return "HTTP Version Not Supported";
    default:
      return "";  // the reason may be empty; only the space before it is demanded
  }
}

void check_printable(std::string_view text, const char* why) {
  const bool printable =
      std::none_of(text.begin(), text.end(), [](char c) { return is_control_character(c) && c != '\t'; });
  if (!printable) throw std::invalid_argument(why);
}

std::string serialize_fields(const HeaderFields& fields) {
  std::string text;
  for (const HeaderField& field : fields) {
    if (!is_token(field.name)) throw std::invalid_argument("a header's name is not a token");
    check_printable(field.value, "a header's value has a control character");
    text.append(field.name).append(": ").append(field.value).append(kLineEnd);
  }
  return text;
}

}  // namespace

// ---- Reading ----

std::optional<std::size_t> find_head(std::string_view received, const HeadLimits& limits) {
  // RFC 9112 section 2.2: an empty line before the request is ignored. One: more would be a way to wait for ever.
  std::size_t line_begin = received.starts_with(kLineEnd) ? 2 : 0;
  std::size_t lines = 0;
  for (std::size_t i = line_begin; i < received.size(); ++i) {
    if (i >= limits.max_head) throw HttpError(431, "The head is too long.");
    const char c = received[i];
    require(c != '\n', "A line ends with a bare LF.");
    if (c != '\r') {
      require(c == '\t' || !is_control_character(c), "The head contains a control character.");
      continue;
    }
    if (i + 1 == received.size()) return std::nullopt;
    require(received[i + 1] == '\n', "The head contains a bare CR.");
    ++i;
    if (i >= limits.max_head) throw HttpError(431, "The head is too long.");
    if (line_begin == i - 1) return i + 1;  // the empty line
    line_begin = i + 1;
    if (lines++ > limits.max_fields) throw HttpError(431, "The head has too many header fields.");
  }
  return std::nullopt;
}

Request parse_request(std::string_view head) {
  if (head.starts_with(kLineEnd)) head.remove_prefix(kLineEnd.size());
  const std::string_view line = take_line(head);
  const std::size_t first_space = line.find(' ');
  const std::size_t last_space = line.rfind(' ');
  require(first_space != last_space, "The request line is malformed.");

  Request request;
  request.method = line.substr(0, first_space);
  request.target = line.substr(first_space + 1, last_space - first_space - 1);
  require(is_token(request.method), "The request line is malformed.");
  require(is_target(request.target), "The request's target is malformed.");
  request.minor_version = parse_version(line.substr(last_space + 1));
  require(request.target.front() == '/' || request.target == "*" || has_scheme(request.target),
          "The request's target is malformed.");
  request.fields = parse_fields(head);
  check_host(request);
  return request;
}

Response parse_response(std::string_view head) {
  if (head.starts_with(kLineEnd)) head.remove_prefix(kLineEnd.size());
  const std::string_view line = take_line(head);  // "HTTP/1.1 101 Switching Protocols"
  const int minor_version = parse_version(line.substr(0, 8));
  const bool has_status = line.size() >= 12 && line[8] == ' ' && std::all_of(&line[9], &line[9] + 3, is_digit);
  require(has_status && (line.size() == 12 || line[12] == ' '), "The status line is malformed.");

  Response response;
  response.status = (line[9] - '0') * 100 + (line[10] - '0') * 10 + (line[11] - '0');
  require(response.status != 101 || minor_version >= 1, "HTTP/1.0 cannot switch protocols.");
  if (line.size() > 13) response.reason = line.substr(13);
  response.fields = parse_fields(head);
  return response;
}

std::string_view path_of(std::string_view target) {
  const std::string_view rest = after_authority(target);
  const std::string_view path = rest.substr(0, rest.find('?'));
  return path.empty() ? "/" : path;
}

std::string_view query_of(std::string_view target) {
  const std::size_t mark = target.find('?');
  return mark == std::string_view::npos ? std::string_view() : target.substr(mark + 1);
}

// ---- Writing ----

std::string serialize_head(const Request& request) {
  if (!is_token(request.method)) throw std::invalid_argument("a request's method is not a token");
  if (!is_target(request.target)) throw std::invalid_argument("a request's target is not visible ASCII");
  std::string text = request.method + " " + request.target + " HTTP/1.1\r\n";
  return text.append(serialize_fields(request.fields)).append(kLineEnd);
}

std::string serialize_head(const Response& response) {
  const std::string reason = response.reason.empty() ? std::string(usual_reason(response.status)) : response.reason;
  check_printable(reason, "a response's reason has a control character");
  if (response.status < 100 || response.status > 999) throw std::invalid_argument("a status has three digits");
  if (find_field(response.fields, "Content-Length") != nullptr) {
    throw std::invalid_argument("the Content-Length is the body's size, and is written by itself");
  }
  std::string text = "HTTP/1.1 " + std::to_string(response.status) + " " + reason + "\r\n";
  text.append(serialize_fields(response.fields));
  const bool may_have_body = response.status >= 200 && response.status != 204 && response.status != 304;
  if (may_have_body) text.append("Content-Length: ").append(std::to_string(response.body.size())).append(kLineEnd);
  return text.append(kLineEnd);
}

Response make_text_response(int status, std::string_view sentence) {
  Response response;
  response.status = status;
  response.fields = {{"Content-Type", "text/plain; charset=utf-8"}, {"X-Content-Type-Options", "nosniff"}};
  response.body = std::string(sentence) + "\n";
  return response;
}

}  // namespace websock
