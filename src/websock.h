// websock: WebSocket (RFC 6455) from scratch. The one header to include:
//
//     WebSocketServer   server.h        Connection, Client    connection.h      CloseCode   protocol_error.h
//     WebSocketClient   client.h        Message               message.h         Limits      resource_limits.h
#pragma once

#include "endpoints/client.h"
#include "endpoints/server.h"
