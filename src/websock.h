// websock: WebSocket (RFC 6455) from scratch. The one header to include:
//
//     WebSocketServer   server.h        Connection, Client    connection.h      CloseCode   protocol_error.h
//     WebSocketClient   client.h        Message               message.h         Limits      resource_limits.h
//     stop_on_signals   stop_signals.h
#pragma once

#include "compression/permessage_deflate.h"
#include "endpoints/client.h"
#include "endpoints/convenience.h"
#include "endpoints/server.h"
#include "endpoints/stop_signals.h"
