// The chat's page over HTTP.
#pragma once

#include <string>
#include <string_view>

#include <websock/handshake/http.h>

// chat.html, compiled in: the build makes chat_page.cpp of it, see embed.cmake.
extern const std::string_view kChatPage;

// A page under a policy that lets in what carries this response's nonce, and connections to `connects_to`: sources as
// the policy has them, such as 'self'. The page has the word NONCE where the nonce goes.
websock::Response respond_with_page(std::string_view page, const std::string& connects_to);

// The page, with a fresh nonce; 404 for what a browser asks for on the side, such as favicon.ico.
websock::Response serve_page(const websock::Request& request);
