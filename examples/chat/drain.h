// The orderly end of one server of several: its clients go to the others, a few at a time, and nothing is lost.
//
//     SIGTERM             /health says 503, so the balancer sends nobody new; who comes nevertheless gets a 503, too
//     three seconds later the first clients get a Close with 1012, "come back": their pages do, at another server
//     ...                 spread over most of the time that is left, so that the others are not overrun
//     three seconds       for the last ones, to be let in at another server before anybody says that they have left
//     the end             who has not come back anywhere has left
#pragma once

#include <websock/websock.h>

#include "room.h"

// Takes `time`, and then closes the server. No time: there is nobody to go to, so it closes at once. Does not throw.
void drain(websock::WebSocketServer& server, Room& room, websock::Milliseconds time);
