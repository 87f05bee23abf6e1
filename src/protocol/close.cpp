// The codes form a map (7.4.1 and 7.4.2):
//
//        0 to  999    not used
//     1000 to 2999    the protocol's own; those without a meaning so far must not be sent
//     3000 to 3999    libraries and frameworks, registered with IANA
//     4000 to 4999    applications, by private agreement
//     5000 and more   nothing that anybody has thought of
//
// Three codes have a meaning but never travel: 1005 "the Close had no code", 1006 "there was no Close" and 1015 "TLS
// failed". They exist so that an API can put a number on what it did not receive. A peer that sends one is lying, or
// broken: how would a frame arrive to say that no frame arrived?
#include "protocol/close.h"

#include <algorithm>
#include <cassert>
#include <stdexcept>

#include "protocol/utf8.h"

namespace websock {

// The map as a question. The gap from 1004 to 1006 is a code that was reserved and never defined, and two that say what
// did not arrive. 1014 is the last one that IANA has registered up to now (11.7): when there is a 1016, the line has to
// grow.
bool may_travel(CloseCode code) {
  const auto number = static_cast<std::uint16_t>(code);
  // 7.4.2: libraries and applications give these their meaning, so we cannot judge any of them.
  if (number >= 3000) return number <= 4999;
  return (number >= 1000 && number <= 1003) || (number >= 1007 && number <= 1014);
}

// What the peer's Close says. Its code is judged before its reason, so that a Close with two faults gets 1002: the
// reason's 1007 would say less.
CloseBody parse_close_body(ByteView payload) {
  if (payload.empty()) return {};  // 5.5.1: a body is optional. No code, which is not the same as any number.
  // 5.5.1: "If there is a body, the first two bytes of the body MUST be a 2-byte unsigned integer".
  if (payload.size() == 1) throw ProtocolError(CloseCode::protocol_error, "a Close body has one byte");
  const auto code = static_cast<CloseCode>(get_big_endian_16(payload.data()));
  if (!may_travel(code)) throw ProtocolError(CloseCode::protocol_error, "a close code that may not be sent");
  // A body of two bytes is a code alone: the reason is empty, and that is valid UTF-8.
  const std::string_view reason = text_of(payload.subspan(2));
  if (!is_valid_utf8(reason)) throw ProtocolError(CloseCode::invalid_payload, "a close reason is not UTF-8");
  return {code, std::string(reason)};
}

// The same rules for what the application asks us to send. Here a fault is a bug on this side of the connection, so
// nothing is sent, and the caller is told; a ProtocolError would blame the peer for it.
void check_close_body(const CloseBody& body) {
  // On the wire the reason begins behind the code: without one there is no place for it.
  if (!body.code) {
    if (!body.reason.empty()) throw std::invalid_argument("a close reason needs a close code");
    return;
  }
  if (!may_travel(*body.code))
    throw std::invalid_argument("the close code " + to_string(*body.code) + " may not be sent");
  // Not cut off: byte 123 may be the middle of a character, and a function that throws away what it is given should say
  // so.
  if (body.reason.size() > kMaxCloseReason) throw std::invalid_argument("a close reason is longer than 123 bytes");
  if (!is_valid_utf8(body.reason)) throw std::invalid_argument("a close reason is not UTF-8");
}

// A code and a reason as they travel; nothing for "no code".
Bytes serialize_close_body(const CloseBody& body) {
  if (!body.code) return {};
  assert(body.reason.size() <= kMaxCloseReason);  // or the frame would be one that no control frame may be
  Bytes bytes(2 + body.reason.size());
  put_big_endian_16(bytes.data(), static_cast<std::uint16_t>(*body.code));
  std::copy(body.reason.begin(), body.reason.end(), bytes.begin() + 2);
  return bytes;
}

// For logs and errors. A code without an enumerator is legal, so the switch may find nothing; its zone has a name then.
std::string to_string(CloseCode code) {
  // What remains if nothing below fits. There is no default in the switch: so the compiler asks for a name when the
  // enumeration gets a new member.
  const char* name = "unassigned";
  switch (code) {
    case CloseCode::normal_closure:
      name = "normal closure";
      break;
    case CloseCode::going_away:
      name = "going away";
      break;
    case CloseCode::protocol_error:
      name = "protocol error";
      break;
    case CloseCode::unsupported_data:
      name = "unsupported data";
      break;
    case CloseCode::no_status_received:
      name = "no status received";
      break;
    case CloseCode::abnormal_closure:
      name = "abnormal closure";
      break;
    case CloseCode::invalid_payload:
      name = "invalid payload";
      break;
    case CloseCode::policy_violation:
      name = "policy violation";
      break;
    case CloseCode::message_too_big:
      name = "message too big";
      break;
    case CloseCode::mandatory_extension:
      name = "mandatory extension";
      break;
    case CloseCode::internal_error:
      name = "internal error";
      break;
    case CloseCode::service_restart:
      name = "service restart";
      break;
    case CloseCode::try_again_later:
      name = "try again later";
      break;
    case CloseCode::bad_gateway:
      name = "bad gateway";
      break;
    case CloseCode::tls_handshake:
      name = "TLS handshake";
      break;
  }
  const auto number = static_cast<std::uint16_t>(code);
  // 1004 has no enumerator: the RFC keeps its number and gives it no meaning that one could write.
  if (number == 1004) name = "reserved";
  if (number >= 3000 && number <= 3999) name = "registered";
  if (number >= 4000 && number <= 4999) name = "private use";
  return std::to_string(number) + " (" + name + ")";
}

}  // namespace websock
