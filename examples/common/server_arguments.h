// The options that every example server has: where to listen, and each of the Limits.
#pragma once

#include <websock/websock.h>

#include "arguments.h"

// --host, --port, one option for each of the Limits, those about compression, and --no-timeouts. `options` must outlive
// the parsing.
void add_server_arguments(Arguments& arguments, websock::ServerOptions& options);

// Prints an error of the server's as one line on standard error: for on_error.
void print_error(const websock::Error& error);

// Prints "listening on ws://127.0.0.1:8467/" with the port that the server really has. It is a URL to open: nobody can
// connect to 0.0.0.0, so a server on all addresses is called localhost.
void print_address(const char* scheme, const std::string& host, std::uint16_t port);
