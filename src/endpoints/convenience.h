// What an application would otherwise write for itself, again and again. Nothing in the other files needs it.
//
//     std::cout << client->close_info().code << '\n';                          1000 (normal closure)
//     const std::string room = client->request().query("room").value_or("1");  see Request, in http.h
#pragma once

#include <iosfwd>

#include "../framing/frame.h"
#include "../framing/protocol_error.h"
#include "../protocol/protocol.h"

// The version of these headers, for #if: 1.0.0 is 10000.
#define WEBSOCK_VERSION 10000

namespace websock {

// The version of the library that the program runs with: "1.0.0".
const char* version();

// As to_string() has them.
std::ostream& operator<<(std::ostream& out, CloseCode code);
std::ostream& operator<<(std::ostream& out, Opcode opcode);
std::ostream& operator<<(std::ostream& out, State state);

}  // namespace websock
