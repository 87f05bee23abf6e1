// Header fields, yours: what tokens and lists are, and how one looks names up without regard to case. Not a word about
// WebSocket. std::tolower asks a locale; you must not.
//
//     contract    src/handshake/fields.h
//     chapter     walkthrough/04-http.md
//     test        cmake -B mine -DWEBSOCK_MINE=walkthrough/yours/fields.cpp
//                 cmake --build mine --target fields_test && ./mine/bin/fields_test
#include "handshake/fields.h"

#pragma GCC diagnostic ignored "-Wunused-parameter"  // until you use them

namespace websock {

char to_lower(char c) { return c; }

bool is_digit(char c) { return false; }

bool is_hex_digit(char c) { return false; }

bool equal_ignoring_case(std::string_view a, std::string_view b) { return false; }

bool is_token(std::string_view text) { return false; }

std::string_view trim(std::string_view text) { return {}; }

std::vector<std::string_view> split(std::string_view text, char separator) { return {}; }

const std::string* find_field(const HeaderFields& fields, std::string_view name) { return nullptr; }

std::size_t count_fields(const HeaderFields& fields, std::string_view name) { return 0; }

std::vector<std::string_view> list_elements(const HeaderFields& fields, std::string_view name) { return {}; }

bool list_contains(const HeaderFields& fields, std::string_view name, std::string_view token) { return false; }

}  // namespace websock
