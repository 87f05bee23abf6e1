// HTTP heads: the start line and the header fields of a request or a response, as RFC 9112 has them. HTTP is what the
// opening handshake is written in; nothing in this file knows what it is for.
//
//     GET /chat HTTP/1.1                    the start line
//     Host: server.example.com              header fields: a name, a colon, a value
//     Upgrade: websocket
//                                           an empty line ends the head
//
// Every line ends with CR LF.
#pragma once

#include <optional>
#include <stdexcept>
#include <string>
#include <string_view>
#include <utility>

#include "authority.h"  // path_of() and query_of() of a request's target
#include "fields.h"

namespace websock {

struct Request {
  std::string method;
  std::string target;     // as it was sent: "/chat?room=1", or "http://server.example.com/chat?room=1"
  int minor_version = 1;  // of HTTP/1.x
  HeaderFields fields;

  // For applications. The value of a header field, of several with commas between them; and of a query's parameter,
  // decoded: "2" for "page" in "/chat?room=1&page=2". Nothing if there is none of that name.
  // Both are in endpoints/convenience.cpp: reading a head needs neither.
  std::optional<std::string> header(std::string_view name) const;
  std::optional<std::string> query(std::string_view name) const;
};

// Each member has a default, so that one can write Response{.status = 404}, and no compiler warns of the others.
struct Response {
  int status = 200;
  std::string reason = {};  // empty: the usual one for the status
  HeaderFields fields = {};
  std::string body = {};
};

// A head that cannot be accepted. what() is one sentence about it, free of the peer's own bytes. The response that says
// so has this status and, besides its usual ones, these fields: HttpError(405, "...", {{"Allow", "GET"}}).
class HttpError : public std::runtime_error {
 public:
  HttpError(int status, const char* why, HeaderFields fields = {})
      : std::runtime_error(why), status_(status), fields_(std::move(fields)) {}
  int status() const { return status_; }
  const HeaderFields& fields() const { return fields_; }

 private:
  int status_;
  HeaderFields fields_;
};

struct HeadLimits {
  std::size_t max_head = 16 * 1024;  // bytes, the empty line at the end included
  std::size_t max_fields = 100;      // header fields
};

// ---- Reading ----

// The size of the head at the front of `received`, its empty line included; nothing if it has not ended yet. Throws
// HttpError as soon as a byte shows that it is no head (400), or when a limit is passed (414 in the first line, else
// 431).
std::optional<std::size_t> find_head(std::string_view received, const HeadLimits& limits = {});

// REQUIRES for both: `head` is a whole head, as find_head() measured it.
// Throw HttpError: 400, or 505 for an HTTP version other than 1.x. (To a client that reads a response the status means
// nothing: there is nobody to send it to.)
//
// A request that is returned has one Host, or none if it is HTTP/1.0; it is well-formed, and the target, if that is a
// whole URI, names the same host and port.
Request parse_request(std::string_view head);
Response parse_response(std::string_view head);  // `body` stays empty

// ---- Writing ----

// These throw std::invalid_argument if a method or a name is no token, if a target is empty or not visible ASCII, if a
// control character such as CR, LF or NUL would get into the head, where it could forge a line, if a response's
// fields say how long its body is, or if it has a body that its status does not allow.
std::string serialize_head(const Request& request);
std::string serialize_head(const Response& response);  // with Content-Length, where the status allows a body

// A response with one plain sentence as its body.
Response make_text_response(int status, std::string_view sentence);

}  // namespace websock
