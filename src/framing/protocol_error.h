// What happens when a peer breaks a rule: the check that notices throws a ProtocolError with a close code, and
// Protocol, which catches it in one place, fails the connection with that code (RFC 6455 section 7.1.7).
//
// An exception, because between the check and that place nobody can do anything about it. "Not enough bytes yet", for
// which a caller can wait, is never one.
#pragma once

#include <cstdint>
#include <stdexcept>

namespace websock {

// Why a connection ends: section 7.4.1, and the codes that IANA has registered since (1012 to 1014). Applications have
// 4000 to 4999 to themselves: CloseCode{4001} is a valid value. close.h says which codes may travel.
enum class CloseCode : std::uint16_t {
  normal_closure = 1000,
  going_away = 1001,          // a server that shuts down, a page that is left
  protocol_error = 1002,      // a rule of the protocol was broken
  unsupported_data = 1003,    // a type of data that this endpoint does not take (1004 is reserved)
  no_status_received = 1005,  // never sent: stands for a Close frame without a code
  abnormal_closure = 1006,    // never sent: stands for a connection that ended without a Close frame
  invalid_payload = 1007,     // such as text that is not UTF-8
  policy_violation = 1008,    // when no other code fits: here, for a message that takes too long to arrive
  message_too_big = 1009,
  mandatory_extension = 1010,  // from a client: the server did not agree to an extension
  internal_error = 1011,       // our own fault: no memory, or a callback that threw
  service_restart = 1012,
  try_again_later = 1013,
  bad_gateway = 1014,    // these three are for servers: restarting, overloaded, or let down by a server behind them
  tls_handshake = 1015,  // never sent: stands for TLS that could not be set up
};

// The peer broke a rule. what() is one sentence that names the rule, of at most 123 bytes and free of the peer's own
// bytes: it travels as the reason of the Close frame.
class ProtocolError : public std::runtime_error {
 public:
  // `why` is a literal of ours, so that nothing the peer has sent can get into it.
  ProtocolError(CloseCode code, const char* why) : std::runtime_error(why), code_(code) {}
  CloseCode code() const { return code_; }

 private:
  CloseCode code_;
};

}  // namespace websock
