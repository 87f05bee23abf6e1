// permessage-deflate: RFC 7692. The extension that every browser offers: each message is deflated by itself, and may
// refer to those before it.
//
//     websock::WebSocketServer server({.extensions = {websock::permessage_deflate()}});
//
// What it costs. Memory: a connection with short messages holds up to 180 KiB more with windows of 15 bits, 45 with 12,
// 30 with 9; long messages add up to 170, and what the longest one was deflated to. When it has been quiet for as long
// as limits.ping_interval, all of that goes back but a few KiB and the window of what it has received: 32 KiB at most.
// Processor time: a short message takes about three times as long.
//
// When not to. A compressed message is shorter if two parts of it are alike. An attacker who can put words into your
// messages, beside a secret, and can see how long they are on the wire, finds the secret out letter by letter, through
// TLS too (CRIME and BREACH, 2012 and 2013). Without context_takeover that holds for a single message; with it, for
// everything on the connection.
#pragma once

#include "../handshake/negotiation.h"

namespace websock {

struct DeflateOptions {
  // The size of the windows, of both directions, as a power of two: 8 to 15. The peer may ask for less; a client that
  // does not know the parameter cannot be asked for less, and then we keep 15 bits to read what it sends.
  int window_bits = 15;

  // Whether a message may refer to those before it (7.1.1). Without, chat compresses hardly at all, and takes more
  // time, but a connection that has been quiet keeps no window.
  bool context_takeover = true;

  // Messages shorter than this go as they are, bytes.
  std::size_t compress_from = 32;
};

// The extension, for ServerOptions.extensions or ClientOptions.extensions. Throws std::invalid_argument if window_bits
// is not 8 to 15.
SupportedExtension permessage_deflate(const DeflateOptions& options = {});

}  // namespace websock
