// The body of a Close frame: RFC 6455 sections 5.5.1 and 7.4. Two bytes of code, then a reason in UTF-8; or nothing.
//
//     03 e8 62 79 65    =    1000, "bye"
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "../bytes.h"
#include "../framing/protocol_error.h"

namespace websock {

inline constexpr std::size_t kMaxCloseReason = 123;  // bytes: 125 (a control frame's payload) - 2 (the code)

struct CloseBody {
  std::optional<CloseCode> code;  // none: the body is empty, and so is the reason
  std::string reason;

  bool operator==(const CloseBody&) const = default;
};

// Whether a Close frame may carry this code: 1000 to 1003, 1007 to 1014, 3000 to 4999.
bool may_travel(CloseCode code);

// Reads the payload of a Close frame. Throws ProtocolError: protocol_error for a body of one byte and for a code that
// may not travel, invalid_payload for a reason that is not UTF-8.
CloseBody parse_close_body(ByteView payload);

// Throws std::invalid_argument if `body` may not be sent: its code may not travel, its reason is longer than
// kMaxCloseReason or not UTF-8, or there is a reason without a code.
void check_close_body(const CloseBody& body);

// REQUIRES: check_close_body(body) does not throw.
Bytes serialize_close_body(const CloseBody& body);

// The registry's name:    1002 (protocol error)
std::string to_string(CloseCode code);

}  // namespace websock
