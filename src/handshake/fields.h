// Header fields, the lines of an HTTP head behind its first:
//
//     Connection: keep-alive, Upgrade        a name, a colon, and a value: here, a list of two tokens
//
// RFC 9110 section 5 says how such values are built. Nothing in this file knows what they mean.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace websock {

struct HeaderField {
  std::string name;   // compared without regard to case
  std::string value;  // without the white space around it

  // Exactly, case and all: to compare whole heads. One field is looked for with find_field().
  bool operator==(const HeaderField&) const = default;
};
using HeaderFields = std::vector<HeaderField>;

// A to Z become a to z, every other byte stays as it is. The functions of <cctype> would ask the locale, and
// are undefined for a char below zero, which every byte from 0x80 on is here.
char to_lower(char c);
bool is_digit(char c);      // 0 to 9
bool is_hex_digit(char c);  // and a to f, in either case

// The letters A to Z without regard to case, everything else exactly (RFC 6455 section 2.1).
bool equal_ignoring_case(std::string_view a, std::string_view b);

// Whether `text` is a token: what names, and words in values, are made of (RFC 9110 section 5.6.2).
bool is_token(std::string_view text);

// `text` without the spaces and tabs around it.
std::string_view trim(std::string_view text);

// The parts of `text` between the separators, trimmed. A separator inside a quoted string separates nothing.
std::vector<std::string_view> split(std::string_view text, char separator);

// The value of the first field of this name, or null; and how many there are.
const std::string* find_field(const HeaderFields& fields, std::string_view name);
std::size_t count_fields(const HeaderFields& fields, std::string_view name);

// The elements of a comma-separated list, which may be spread over several fields of the same name; empty elements are
// left out (RFC 9110 section 5.6.1). The views point into `fields`.
std::vector<std::string_view> list_elements(const HeaderFields& fields, std::string_view name);

// Whether that list has `token`, in any case.
bool list_contains(const HeaderFields& fields, std::string_view name, std::string_view token);

}  // namespace websock
