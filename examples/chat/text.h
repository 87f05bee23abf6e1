// Text as people count it: in code points, not in bytes. And time as text.
#pragma once

#include <chrono>
#include <string>
#include <string_view>

// REQUIRES for both: `text` is UTF-8.
std::u32string code_points(std::string_view text);
std::size_t count_code_points(std::string_view text);

std::string to_utf8(char32_t c);

// Whether a character shows nothing and can do harm: it moves the cursor, or makes the text around it look
// like another one.
bool is_control(char32_t c);

// Whether `text` has such a character.
// REQUIRES: `text` is UTF-8.
bool has_controls(std::string_view text);

// "2026-01-31T09:26:53Z": each reader's own clock is set to a place of its own.
std::string utc_text(std::chrono::system_clock::time_point time);
