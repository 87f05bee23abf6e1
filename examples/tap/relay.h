// One client, and the server that it believes to talk to: every byte is passed on as it came, and so is how each side
// ends.
#pragma once

#include <functional>

#include <websock/framing/frame.h>
#include <websock/transport/socket.h>

struct Witness {
  std::function<void(websock::Role sender, websock::ByteView bytes)> hear;  // before they are passed on
  std::function<void(websock::Role sender, bool reset)> hear_end;
};

// Returns when both have ended. Does not throw.
void relay(websock::Socket client, websock::Socket server, const Witness& witness);

// "127.0.0.1:8467" or "[::1]:8467", as the value of an option. Throws BadArgument.
websock::Address parse_address(const std::string& text);
