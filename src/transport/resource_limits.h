// Everything that a peer could use up, and how much of it one may use. A server that one client cannot hurt is one that
// has a limit for each of these.
#pragma once

#include "../protocol/message.h"
#include "deadline.h"

namespace websock {

// For every size and every time, 0 means: no limit. The one exception is close_timeout, which must be positive.
//
// A server holds at most about max_connections * (max_message + max_outbox) bytes for its clients, if it sends no
// message that is longer than max_outbox.
struct Limits {
  // The opening handshake, enforced by the server's thread for that client.
  // A client goes by the first three, too: for the server's response.
  std::size_t max_head = 16 * 1024;                       // bytes of the request's head; longer: 414 or 431
  std::size_t max_fields = 100;                           // header fields in it; more: 431
  Milliseconds handshake_timeout = Milliseconds(10'000);  // from accept to the complete request; later: 408

  // Receiving, enforced by the client's own thread.
  std::size_t max_message = kDefaultMaxMessage;    // bytes, all fragments together; longer: 1009
  Milliseconds message_timeout = Milliseconds(0);  // from a message's first byte to its last; later: 1008

  // Sending. No limit that protects, but one that a peer may need.
  std::size_t max_frame_payload = 0;  // bytes of one frame; longer messages are fragmented

  // A peer that is silent, found by the client's own thread. Any byte counts as a sign of life.
  Milliseconds ping_interval = Milliseconds(30'000);  // a Ping goes out when nothing was heard for so long
  Milliseconds pong_timeout = Milliseconds(30'000);   // and if nothing is heard for so long then, it is gone: 1006

  // A peer that does not read, found by the threads that send to it and by the outbox thread: it is reset, 1006.
  std::size_t max_outbox = 16 * 1024 * 1024;         // bytes of memory that wait; a send that finds so many resets
  Milliseconds outbox_stall = Milliseconds(30'000);  // without a byte sent though some wait; slow peers: see chapter 14

  // Ending, enforced by the outbox thread or the client's own.
  Milliseconds close_timeout = Milliseconds(5'000);  // from our Close to the peer's, and then to the end of TCP

  // Enforced by the accept loop.
  std::size_t max_connections = 1000;  // at once, handshakes included; one more: 503
};

// Zero, as a limit, means that there is none. So does what is more than a century: two limits are added here and there,
// and the clock's 64 bits of nanoseconds end after 292 years.
inline Milliseconds limit_of(Milliseconds time) {
  constexpr Milliseconds kCentury = std::chrono::hours(24 * 365 * 100);
  return time == Milliseconds(0) || time > kCentury ? kForever : time;
}
inline std::size_t limit_of(std::size_t size) { return size == 0 ? SIZE_MAX : size; }

}  // namespace websock
