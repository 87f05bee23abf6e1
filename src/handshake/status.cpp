// The first digit says what kind of answer it is:
//
//     1xx  interim: another response follows (but for 101, behind which the connection is no HTTP any more)
//     2xx  here it is        3xx  look elsewhere        4xx  you are wrong        5xx  we are
//
// Here are the statuses that this library sends, and those that an application of it is likely to.
#include "handshake/status.h"

#include <utility>

namespace websock {

// The phrase may be missing (RFC 9112 section 4), so an unknown status needs none. Programs go by the number. The
// phrase is for the person who reads the bytes.
std::string_view usual_reason(int status) {
  static constexpr std::pair<int, std::string_view> kReasons[] = {
      {100, "Continue"},
      {101, "Switching Protocols"},
      {200, "OK"},
      {204, "No Content"},
      {301, "Moved Permanently"},
      {302, "Found"},
      {303, "See Other"},
      {304, "Not Modified"},
      {307, "Temporary Redirect"},
      {308, "Permanent Redirect"},
      {400, "Bad Request"},
      {401, "Unauthorized"},
      {403, "Forbidden"},
      {404, "Not Found"},
      {405, "Method Not Allowed"},
      {408, "Request Timeout"},
      {414, "URI Too Long"},
      {426, "Upgrade Required"},
      {429, "Too Many Requests"},
      {431, "Request Header Fields Too Large"},
      {500, "Internal Server Error"},
      {503, "Service Unavailable"},
      {505, "HTTP Version Not Supported"},
  };
  // A search from the front: it runs once a response. A map would have to be built each time the program starts.
  for (const auto& [known, reason] : kReasons) {
    if (known == status) return reason;
  }
  return "";
}

}  // namespace websock
