// A server's first three system calls, for programs that come before chapter 13: socket, bind, listen.
#pragma once

#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>

#include <cstdint>
#include <cstdio>
#include <string>

// A socket that listens on this machine only, at `port`; 0: at one that the system chooses. Says where. Throws
// std::system_error.
int listen_on_loopback(std::uint16_t port);

// The same for a program whose only option is --port, to begin its main() with: 8467 without it. `usage` and `more` are
// for its --help, as in Arguments. If there is nothing to listen on, the program ends here, and says why.
int listen_on_loopback(int argc, char** argv, const std::string& usage, const std::string& more = "");
