// The chat's page over HTTP.
#pragma once

#include <string_view>

#include <websock/handshake/http.h>

// chat.html, compiled in: the build makes chat_page.cpp of it, see embed.cmake.
extern const std::string_view kChatPage;

// The page, with a fresh nonce; 404 for what a browser asks for on the side, such as favicon.ico.
websock::Response serve_page(const websock::Request& request);
