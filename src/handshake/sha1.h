// SHA-1, the hash function of RFC 3174.
//
// The opening handshake runs the client's key through it, to show that the server understood the question. SHA-1 is
// broken as a protection against forgery; RFC 6455 section 10.8 explains why the handshake needs none.
#pragma once

#include <array>

#include "../bytes.h"

namespace websock {

using Sha1Digest = std::array<std::uint8_t, 20>;

// The digest of a whole message of any length. Allocates nothing.
Sha1Digest sha1(ByteView message);

}  // namespace websock
