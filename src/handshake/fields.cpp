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

// What may not be in a token (RFC 9110 section 5.6.2), white space and control characters aside.
constexpr std::string_view kDelimiters = "\"(),/:;<=>?@[\\]{}";

}  // namespace

char to_lower(char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c + ('a' - 'A')) : c; }
bool is_digit(char c) { return c >= '0' && c <= '9'; }
bool is_hex_digit(char c) { return is_digit(c) || (to_lower(c) >= 'a' && to_lower(c) <= 'f'); }

// The form of std::equal with two ends compares the lengths as well: "Upgrade" is not the beginning of "Upgrade2".
bool equal_ignoring_case(std::string_view a, std::string_view b) {
  return std::equal(a.begin(), a.end(), b.begin(), b.end(), [](char x, char y) { return to_lower(x) == to_lower(y); });
}

// The comparison with 0x20 also keeps out all bytes from 0x80 on, where `char` is signed: they are below zero. Where it
// is not, the one with 0x7F does.
bool is_token(std::string_view text) {
  return !text.empty() && std::all_of(text.begin(), text.end(), [](char c) {
    return c > 0x20 && c < 0x7F && kDelimiters.find(c) == std::string_view::npos;
  });
}

// RFC 9110 section 5.6.3: optional white space is the space and the tab. A form feed or a no-break space belongs to the
// text.
std::string_view trim(std::string_view text) {
  const std::size_t begin = text.find_first_not_of(" \t");
  if (begin == std::string_view::npos) return {};  // nothing but white space; the search from the end would fail, too
  return text.substr(begin,
                     text.find_last_not_of(" \t") - begin + 1);  // + 1: from the first to the last, both included
}

// One pass, with two things in mind: where the current part began, and whether we are inside quotation marks. A quoted
// string that never ends takes the rest of the text with it. The function that reads that part finds the fault: here
// it is not known yet whether the text may have quotation marks at all.
std::vector<std::string_view> split(std::string_view text, char separator) {
  std::vector<std::string_view> parts;
  std::size_t begin = 0;
  bool quoted = false;
  for (std::size_t i = 0; i < text.size(); ++i) {
    // A toggle is enough. A mark that is part of the quoted text has a backslash before it, and the next line steps
    // over both.
    if (text[i] == '"') quoted = !quoted;
    if (text[i] == '\\' && quoted) ++i;  // in a quoted string a backslash takes the next character along
    // After a backslash as the last character, i is behind the end: that text ends inside its quotation marks.
    if (i >= text.size() || text[i] != separator || quoted) continue;
    parts.push_back(trim(text.substr(begin, i - begin)));
    begin = i + 1;
  }
  parts.push_back(trim(text.substr(begin)));  // what follows the last separator is a part, even if it is empty
  return parts;
}

// A search from the front: a head has a dozen fields, and no map of them would keep their order.
const std::string* find_field(const HeaderFields& fields, std::string_view name) {
  const auto found = std::find_if(fields.begin(), fields.end(),
                                  [&](const HeaderField& field) { return equal_ignoring_case(field.name, name); });
  // The first of that name. Where a second one would be a fault, as with Host, the caller counts them beforehand.
  return found == fields.end() ? nullptr : &found->value;
}

// count_if counts with a sign; a count has none.
std::size_t count_fields(const HeaderFields& fields, std::string_view name) {
  return static_cast<std::size_t>(std::count_if(
      fields.begin(), fields.end(), [&](const HeaderField& field) { return equal_ignoring_case(field.name, name); }));
}

// RFC 9110 section 5.6.1: a sender may have written ", a,, b": the empty elements are to be read, and to be ignored.
std::vector<std::string_view> list_elements(const HeaderFields& fields, std::string_view name) {
  std::vector<std::string_view> elements;
  for (const HeaderField& field : fields) {
    // No stop at the first field that fits: two fields of one name are one list.
    if (!equal_ignoring_case(field.name, name)) continue;
    for (const std::string_view element : split(field.value, ',')) {
      if (!element.empty()) elements.push_back(element);
    }
  }
  return elements;
}

// Whole elements only: "keep-alive-upgrade" does not contain "upgrade".
bool list_contains(const HeaderFields& fields, std::string_view name, std::string_view token) {
  const std::vector<std::string_view> elements = list_elements(fields, name);
  return std::any_of(elements.begin(), elements.end(),
                     [&](std::string_view element) { return equal_ignoring_case(element, token); });
}

}  // namespace websock
