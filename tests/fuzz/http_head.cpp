// Heads of requests and responses: where they end, what is let into them, and whether they survive being written.
#include "handshake/http.h"

#include <algorithm>

#include "targets.h"

using websock::HeaderFields;
using websock::HeadLimits;
using websock::HttpError;
using websock::Request;
using websock::Response;

namespace fuzz {
namespace {

// What find_head() says: the size, 0 for "not yet", or the error's status below 0.
long verdict(std::string_view received, const HeadLimits& limits) {
  try {
    return static_cast<long>(websock::find_head(received, limits).value_or(0));
  } catch (const HttpError& error) {
    return -error.status();
  }
}

// Once find_head() has made up its mind, no further byte changes it.
void check_end_of_head(std::string_view input, const HeadLimits& limits) {
  const long whole = verdict(input, limits);
  bool decided = false;
  std::size_t arrived = 0;
  for (const ByteView piece : cut(websock::bytes_of(input))) {
    arrived += piece.size();
    const long now = verdict(input.substr(0, arrived), limits);
    require(now == whole || (now == 0 && !decided), "it does not matter how the head was cut");
    decided = now != 0;
  }
  if (whole <= 0) return;
  std::string_view head = input.substr(0, static_cast<std::size_t>(whole));
  require(head.size() <= limits.max_head, "a head is not longer than the limit");
  if (head.starts_with("\r\n")) head.remove_prefix(2);
  require(head == "\r\n" || head.find("\r\n\r\n") + 4 == head.size(), "a head ends with its first empty line");
  require(std::count(head.begin(), head.end(), '\n') <= static_cast<std::ptrdiff_t>(limits.max_fields) + 2,
          "a head has no more fields than the limit");
}

// `folded`: how many lines continue the one above them.
void check_fields(const HeaderFields& fields, std::string_view head, std::ptrdiff_t folded) {
  for (const auto& [name, value] : fields) {
    require(is_token(name), "a field's name is a token");
    std::string text = value;
    std::erase(text, '\t');
    require(!has_control_character(text), "a field's value has no control character but tabs");
    require(
        value.empty() || (value.front() != ' ' && value.front() != '\t' && value.back() != ' ' && value.back() != '\t'),
        "a field's value has no white space around it");
  }
  if (head.starts_with("\r\n")) head.remove_prefix(2);
  require(static_cast<std::ptrdiff_t>(fields.size()) == std::count(head.begin(), head.end(), '\n') - 2 - folded,
          "each line between the first and the last is a field");
}

void check_request_head(std::string_view head) {
  Request request;
  try {
    request = websock::parse_request(head);
  } catch (const HttpError& error) {
    require(error.status() == 400 || error.status() == 505, "a bad request has status 400 or 505");
    return;
  }
  check_fields(request.fields, head, 0);
  require(is_token(request.method), "a method is a token");
  require(!request.target.empty() && !has_control_character(request.target), "a target is visible");
  const std::string_view path = websock::path_of(request.target);
  const std::string_view query = websock::query_of(request.target);
  const bool has_path = request.method != "CONNECT" && request.target != "*";
  require(!has_path || (path.starts_with('/') && path.find('?') == path.npos), "a path begins with / and ends at ?");
  require(request.target.ends_with(query), "a query is the target's end");

  const bool has_host = find_field(request.fields, "Host") != nullptr;
  if (!has_host) return;  // HTTP/1.0, but we write 1.1
  const Request again = websock::parse_request(serialize_head(request));
  require(again.method == request.method && again.target == request.target && again.fields == request.fields,
          "a request that is written reads back the same");
}

void check_response_head(std::string_view head) {
  Response response;
  try {
    response = websock::parse_response(head);
  } catch (const HttpError& error) {
    require(error.status() == 400 || error.status() == 505, "a bad response has status 400 or 505");
    return;
  }
  std::ptrdiff_t folded = 0;
  for (std::size_t i = 0; i + 1 < head.size(); ++i)
    folded += head[i] == '\n' && (head[i + 1] == ' ' || head[i + 1] == '\t');
  check_fields(response.fields, head, folded);
  require(response.status >= 0 && response.status <= 999, "a status has three digits");
  if (response.status < 100) return;
  const auto is_length = [](const websock::HeaderField& field) {
    return websock::equal_ignoring_case(field.name, "Content-Length") ||
           websock::equal_ignoring_case(field.name, "Transfer-Encoding");
  };
  std::erase_if(response.fields, is_length);  // it is the body's, and there is none
  Response again = websock::parse_response(serialize_head(response));
  std::erase_if(again.fields, is_length);
  require(again.status == response.status && again.fields == response.fields, "a response reads back the same");
  require(again.reason == response.reason || response.reason.empty(), "so does its reason");
}

}  // namespace

void check_http_head(ByteView input) {
  check_end_of_head(websock::text_of(input), {});
  check_end_of_head(websock::text_of(input), {.max_head = 64, .max_fields = 2});
  const std::optional<std::string_view> head = head_of(input);
  if (!head) return;
  check_request_head(*head);
  check_response_head(*head);
}

}  // namespace fuzz
