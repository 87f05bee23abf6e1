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

// How many clients are served at once. Each costs a thread, two descriptors and some 200 KiB. None is sent away for
// being silent: how long a client may be silent is for its server to say, whose end is passed on like anything else.
inline constexpr std::size_t kMaxRelayed = 200;

// Accepts clients, and runs `serve`, which must not throw, for each on a thread of its own, with a number from 1 on;
// for ever. One too many is closed at once. `complain` is told of that, and of what keeps us from accepting another.
[[noreturn]] void serve_clients(const websock::Socket& listener,
                                const std::function<void(websock::Socket client, int number)>& serve,
                                const std::function<void(const std::string& sentence)>& complain);

// "127.0.0.1:8467" or "[::1]:8467", as the value of an option. Throws BadArgument.
websock::Address parse_address(const std::string& text);
