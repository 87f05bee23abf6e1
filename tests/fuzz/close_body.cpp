// The body of a Close frame: read, judged a second time, and written again.
#include "protocol/close.h"

#include <algorithm>

#include "protocol/slow_utf8.h"
#include "targets.h"

using websock::CloseBody;
using websock::CloseCode;

namespace fuzz {
namespace {

// The map of 7.4, row by row.
bool may_stand_in_a_close(unsigned code) {
  switch (code) {
    case 1004:  // reserved
    case 1005:  // no status received
    case 1006:  // abnormal closure
      return false;
    default:
      return (code >= 1000 && code < 1015) || (code >= 3000 && code < 5000);
  }
}

// What fails the connection if a Close has this body; nothing if it is in order.
std::optional<CloseCode> failure_of(ByteView body) {
  if (body.empty()) return std::nullopt;
  if (body.size() < 2 || !may_stand_in_a_close(body[0] * 256U + body[1])) return CloseCode::protocol_error;
  if (!slowly_valid_utf8(body.subspan(2))) return CloseCode::invalid_payload;
  return std::nullopt;
}

}  // namespace

void check_close_body(ByteView input) {
  CloseBody body;
  try {
    body = websock::parse_close_body(input);
  } catch (const websock::ProtocolError& error) {
    require(failure_of(input) == error.code(), "a bad body is refused with the code of the rule that it breaks");
    return;
  }
  require(!failure_of(input), "a body that breaks a rule is refused");
  const Bytes written = body.reason.size() <= websock::kMaxCloseReason ? websock::serialize_close_body(body)
                                                                       : Bytes(input.begin(), input.end());
  require(std::equal(written.begin(), written.end(), input.begin(), input.end()), "what was read is written the same");
  try {
    websock::check_close_body(body);
    require(input.size() <= 125, "a body that is sent has at most 125 bytes");
  } catch (const std::invalid_argument&) {
    require(input.size() > 125, "what may be received may be sent");
  }
}

}  // namespace fuzz
