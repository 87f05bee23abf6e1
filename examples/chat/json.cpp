// RFC 8259 has a grammar of one page, and this parser is that page: a function for each rule, named as there.
// Each takes its characters from the front of rest_, or throws.
//
// Strict means: what the grammar does not have is an error. No comments, no trailing comma, no leading zero,
// no NaN, no tab inside a string, and nothing behind the value. The one thing that the grammar has and we
// refuse is half of a surrogate pair (section 8.2): no UTF-8 can say that.
#include "json.h"

#include <algorithm>
#include <cmath>
#include <cstdlib>

#include <websock/protocol/utf8.h>

#include "text.h"

namespace {

bool is_digit(char c) { return c >= '0' && c <= '9'; }

class Parser {
 public:
  explicit Parser(std::string_view text) : rest_(text) {}

  // One value, and nothing behind it: two in one message would be read differently by two parsers.
  Json whole() {
    Json value = this->value(0);
    if (!rest_.empty()) throw JsonError("something follows the JSON value");
    return value;
  }

 private:
  // Section 2. Every value, and every structural character, may have white space on both sides.
  void white_space() { rest_.remove_prefix(std::min(rest_.find_first_not_of(" \t\n\r"), rest_.size())); }

  // Whether it stood there. Where the grammar leaves a choice, the result is not looked at.
  bool take(std::string_view expected) {
    if (!rest_.starts_with(expected)) return false;
    rest_.remove_prefix(expected.size());
    return true;
  }
  bool take_structural(char c) {
    white_space();
    const bool taken = take({&c, 1});
    if (taken) white_space();
    return taken;
  }
  char next() const { return rest_.empty() ? '\0' : rest_[0]; }  // at the end a NUL, which begins nothing in JSON

  // Section 3.
  Json value(int depth) {
    // Nesting is recursion here, and a stack has an end: a thousand brackets must not reach it.
    if (depth > kMaxJsonDepth) throw JsonError("the JSON is nested too deep");
    white_space();
    Json found;
    if (next() == '{') {
      found = object(depth);
    } else if (next() == '[') {
      found = array(depth);
    } else if (next() == '"') {
      found = string();
    } else if (take("true")) {
      found = true;
    } else if (take("false")) {
      found = false;
    } else if (!take("null")) {  // null is what `found` is already; what is left can only be a number
      found = number();
    }
    white_space();
    return found;
  }

  // Section 4.
  Json object(int depth) {
    take_structural('{');
    JsonObject members;
    if (take_structural('}')) return members;
    do {
      if (next() != '"') throw JsonError("an object's member has no name");  // a trailing comma ends here, too
      std::string name = string();
      if (!take_structural(':')) throw JsonError("a colon is missing");
      members.push_back({std::move(name), value(depth + 1)});
    } while (take_structural(','));
    if (!take_structural('}')) throw JsonError("an object does not end");
    return members;
  }

  // Section 5.
  Json array(int depth) {
    take_structural('[');
    JsonArray elements;
    if (take_structural(']')) return elements;
    do elements.push_back(value(depth + 1));
    while (take_structural(','));
    if (!take_structural(']')) throw JsonError("an array does not end");
    return elements;
  }

  // Section 6: number = [ minus ] int [ frac ] [ exp ]
  Json number() {
    const std::string_view begin = rest_;
    take("-");
    if (!take("0")) digits();  // so that 012 is a 0 with something behind it
    if (take(".")) digits();
    if (take("e") || take("E")) {
      if (!take("+")) take("-");
      digits();
    }
    // The grammar has been checked, so strtod reads all of it. It goes by LC_NUMERIC, which none of our programs sets:
    // the point is a point. In a copy, as it wants a NUL at the end.
    const std::string text(begin.substr(0, begin.size() - rest_.size()));
    const double number = std::strtod(text.c_str(), nullptr);
    if (!std::isfinite(number)) throw JsonError("a number is too large");  // 1e999
    return number;
  }
  void digits() {
    if (!is_digit(next())) throw JsonError("there is no JSON value where one belongs");
    while (is_digit(next())) rest_.remove_prefix(1);
  }

  // Section 7. Stretches of plain characters are taken at once; each is ended by the string's end, or an escape, or a
  // fault.
  std::string string() {
    take("\"");
    std::string text;
    for (;;) {
      const auto is_plain = [](char c) { return c != '"' && c != '\\' && static_cast<unsigned char>(c) >= 0x20; };
      const std::size_t size =
          static_cast<std::size_t>(std::find_if_not(rest_.begin(), rest_.end(), is_plain) - rest_.begin());
      text += rest_.substr(0, size);
      rest_.remove_prefix(size);
      if (take("\"")) return text;
      if (rest_.empty()) throw JsonError("a string does not end");
      if (!take("\\")) throw JsonError("a control character in a string is not escaped");
      text += escape();
    }
  }

  // Behind the backslash. The two tables go together, letter by letter.
  std::string escape() {
    constexpr std::string_view kNames = "\"\\/bfnrt";
    constexpr std::string_view kMeanings = "\"\\/\b\f\n\r\t";
    const std::size_t which = rest_.empty() ? kNames.npos : kNames.find(next());
    if (which != kNames.npos) {
      rest_.remove_prefix(1);
      return {kMeanings[which]};
    }
    if (!take("u")) throw JsonError("an escape sequence is unknown");
    return to_utf8(code_point());
  }

  // A character beyond U+FFFF is two escapes, a surrogate pair: \ud83d\ude00 is U+1F600.
  char32_t code_point() {
    const char32_t high = four_hex_digits();
    if (high < 0xD800 || high > 0xDFFF) return high;  // no half of anything
    if (high > 0xDBFF || !take("\\u")) throw JsonError("half of a surrogate pair is missing");
    const char32_t low = four_hex_digits();
    if (low < 0xDC00 || low > 0xDFFF) throw JsonError("half of a surrogate pair is missing");
    // Ten bits from each half, counted from U+10000.
    return 0x1'0000 + ((high - 0xD800) << 10) + (low - 0xDC00);
  }
  char32_t four_hex_digits() {
    char32_t number = 0;
    for (int i = 0; i < 4; ++i) {
      const std::string_view hex = "0123456789abcdef";
      const char c = next() >= 'A' && next() <= 'F' ? static_cast<char>(next() + 32) : next();
      const std::size_t digit = hex.find(c);
      if (digit == hex.npos) throw JsonError("an escape needs four hexadecimal digits");
      number = number << 4 | static_cast<char32_t>(digit);
      rest_.remove_prefix(1);
    }
    return number;
  }

  std::string_view rest_;
};

}  // namespace

Json parse_json(std::string_view text) {
  if (!websock::is_valid_utf8(text)) throw JsonError("the JSON is not UTF-8");  // 8.1
  return Parser(text).whole();
}

// A reference to something in any case: so message["a"]["b"] throws where a is missing, and needs no test in between.
const Json& Json::operator[](std::string_view name) const {
  static const Json null;
  const Json* found = &null;
  for (const auto& [key, value] : object()) {
    if (key == name) found = &value;
  }
  return *found;
}
