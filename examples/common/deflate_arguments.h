// The options about compression, for servers and clients.
#pragma once

#include <vector>

#include <websock/websock.h>

#include "arguments.h"

// --deflate, --deflate-window, --no-context-takeover and --deflate-from. Any of them puts permessage-deflate into
// `extensions`, which must outlive the parsing. Without them, nothing is compressed.
void add_deflate_arguments(Arguments& arguments, std::vector<websock::SupportedExtension>& extensions);
