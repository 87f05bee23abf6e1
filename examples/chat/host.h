// A Room on the network: its page over HTTP, and its clients over WebSocket, on one port.
#pragma once

#include <cstdio>
#include <string>

#include <websock/websock.h>

#include "room.h"

struct Hosting {
  bool trust_proxy = false;  // what a proxy says of a client's address counts: see forwarded_address()
  std::FILE* log = nullptr;  // who comes and goes, a line each
};

// Sets the callbacks of `options`. `room` must outlive the server.
void host_room(websock::ServerOptions& options, Room& room, const Hosting& hosting = {});

// Where a request comes from: the rightmost entry of all X-Forwarded-For lines, if it is an IP address. The nearest
// proxy has written that; everything left of it anybody may have made up. So may all of it, if the server can be
// reached past its proxy.
std::string forwarded_address(const websock::Request& request, const std::string& peer_address);
