// Two rules of HTTP make this file longer than a search for a comma. A comma inside a quoted string separates nothing:
//
//     a, b; title="x, y", c          three elements
//
// And a list may be cut into several fields of the same name, which mean the same as one (RFC 9110 section 5.3):
//
//     Connection: keep-alive
//     Connection: Upgrade            keep-alive, Upgrade
#include "handshake/fields.h"

#include <algorithm>

namespace websock {
namespace {

// What may not stand in a token (RFC 9110 section 5.6.2), white space and control characters aside.
constexpr std::string_view kDelimiters = "\"(),/:;<=>?@[\\]{}";

char to_lower(char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c + ('a' - 'A')) : c; }

}  // namespace

bool equal_ignoring_case(std::string_view a, std::string_view b) {
  return std::equal(a.begin(), a.end(), b.begin(), b.end(), [](char x, char y) { return to_lower(x) == to_lower(y); });
}

bool is_token(std::string_view text) {
  return !text.empty() && std::all_of(text.begin(), text.end(), [](char c) {
    return c > 0x20 && c < 0x7F && kDelimiters.find(c) == std::string_view::npos;
  });
}

std::string_view trim(std::string_view text) {
  const std::size_t begin = text.find_first_not_of(" \t");
  if (begin == std::string_view::npos) return {};
  return text.substr(begin, text.find_last_not_of(" \t") - begin + 1);
}

std::vector<std::string_view> split(std::string_view text, char separator) {
  std::vector<std::string_view> parts;
  std::size_t begin = 0;
  bool quoted = false;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] == '"') quoted = !quoted;
    if (text[i] == '\\' && quoted) ++i;  // in a quoted string a backslash takes the next character along
    if (i >= text.size() || text[i] != separator || quoted) continue;
    parts.push_back(trim(text.substr(begin, i - begin)));
    begin = i + 1;
  }
  parts.push_back(trim(text.substr(begin)));
  return parts;
}

const std::string* find_field(const HeaderFields& fields, std::string_view name) {
  const auto found = std::find_if(fields.begin(), fields.end(),
                                  [&](const HeaderField& field) { return equal_ignoring_case(field.name, name); });
  return found == fields.end() ? nullptr : &found->value;
}

std::size_t count_fields(const HeaderFields& fields, std::string_view name) {
  return static_cast<std::size_t>(std::count_if(
      fields.begin(), fields.end(), [&](const HeaderField& field) { return equal_ignoring_case(field.name, name); }));
}

std::vector<std::string_view> list_elements(const HeaderFields& fields, std::string_view name) {
  std::vector<std::string_view> elements;
  for (const HeaderField& field : fields) {
    if (!equal_ignoring_case(field.name, name)) continue;
    for (const std::string_view element : split(field.value, ',')) {
      if (!element.empty()) elements.push_back(element);
    }
  }
  return elements;
}

bool list_contains(const HeaderFields& fields, std::string_view name, std::string_view token) {
  const std::vector<std::string_view> elements = list_elements(fields, name);
  return std::any_of(elements.begin(), elements.end(),
                     [&](std::string_view element) { return equal_ignoring_case(element, token); });
}

}  // namespace websock
