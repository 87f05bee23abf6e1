// A line is made of parts: its mark, its names, its text. Each is cleaned first, then measured, and coloured last, as a
// colour takes bytes and no columns.
#include "show.h"

#include <array>
#include <ctime>
#include <cwchar>
#include <utility>

#include <websock/handshake/fields.h>
#include "names.h"
#include "text.h"

namespace {

constexpr std::size_t kIndent = 6;  // as wide as "09:26 "

// In columns, not in characters. REQUIRES: `text` has no colours in it yet.
std::size_t width(const std::string& text) {
  std::size_t columns = 0;
  for (const char32_t c : code_points(text)) columns += columns_of(c);
  return columns;
}

// ---- Colours ----

// Select Graphic Rendition, ECMA-48 section 8.3.117.
std::string paint(const std::string& text, const char* code, const Style& style) {
  return style.colors && *code != 0 ? std::string("\x1b[") + code + "m" + text + "\x1b[0m" : text;
}
constexpr const char* kDim = "2";
constexpr const char* kBold = "1";
constexpr const char* kRed = "31";
constexpr const char* kPrivate = "1;35";

// The same name has the same colour everywhere. Red is for refusals.
const char* color_of(const std::string& name) {
  constexpr std::array kColors = {"32", "33", "34", "36", "92", "93", "94", "96"};
  // Any hash would do that is the same in every program and on every day, which std::hash does not promise.
  std::size_t hash = 7;
  for (const char c : name) hash = hash * 31 + static_cast<unsigned char>(c);
  return kColors[hash % kColors.size()];
}

// ---- What strangers wrote ----

// What is around a name must not be in it. The room lets no hidden character into a name either; but who says that it
// is our room that is talking?
std::string clean_name(const std::string& name) {
  std::string clean;
  for (const char32_t c : code_points(name)) {
    const bool is_bracket = c == '<' || c == '>' || c == '[' || c == ']';
    clean += is_hidden(c) || is_bracket ? "?" : to_utf8(c);
  }
  return clean;
}

std::string painted_name(const std::string& name, const Style& style) {
  const bool is_me = !style.me.empty() && name == style.me;
  return paint(clean_name(name), is_me ? kBold : color_of(name), style);
}

// Simplification: in the middle of a word, too, so "planning" mentions Ann. A production client would look for words.
bool mentions(const std::string& text, const std::string& name) {
  for (std::size_t at = 0; !name.empty() && at + name.size() <= text.size(); ++at) {
    if (websock::equal_ignoring_case(std::string_view(text).substr(at, name.size()), name)) return true;
  }
  return false;
}

// The text with its lines broken between words, and indented from the second on. `used`: the columns before it.
std::string wrapped(const std::string& text, std::size_t used, const Style& style) {
  const std::string next_line = '\n' + std::string(kIndent, ' ');
  std::string lines;
  std::string word;
  std::size_t column = used;
  const auto add_word = [&] {
    // Less than the width: a terminal may go on to the next row as soon as the last column is written.
    const bool fits = style.columns == 0 || column + width(word) < style.columns;
    if (!fits && column > kIndent) {  // at the indent already, another line would help nobody
      while (!lines.empty() && lines.back() == ' ') lines.pop_back();
      lines += next_line;
      column = kIndent;
    }
    for (const char32_t c :
         code_points(std::exchange(word, ""))) {  // one that is longer than a line is broken in itself
      // + 2: on a narrower terminal, not even one wide character fits behind the indent, and we leave the breaking to
      // it.
      if (style.columns > kIndent + 2 && column + columns_of(c) >= style.columns) {
        lines += next_line;
        column = kIndent;
      }
      lines += to_utf8(c);
      column += columns_of(c);
    }
  };
  for (const char32_t c : code_points(text)) {
    // A control character comes out as a space: a terminal would obey it. A tab as four, for pasted code.
    if (c != '\n' && c != ' ' && !is_control(c)) {
      word += to_utf8(c);
      continue;
    }
    add_word();
    const std::string gap = c == '\n' ? next_line : c == '\t' ? "    " : " ";
    lines += gap;
    column = c == '\n' ? kIndent : column + gap.size();
  }
  add_word();
  return lines;
}

// ---- Lines ----

// "2026-01-31T09:26:53Z" as hours and minutes of here.
std::string local_time(const std::string& utc) {
  std::tm parts{};
  if (::strptime(utc.c_str(), "%Y-%m-%dT%H:%M:%SZ", &parts) == nullptr) return "--:--";
  const std::time_t time = ::timegm(&parts);
  ::localtime_r(&time, &parts);
  char text[8];  // 09:26 and the NUL
  return {text, std::strftime(text, sizeof text, "%H:%M", &parts)};
}

std::string show_talk(const Json& message, const Style& style) {
  const std::string& type = message["type"].text();
  const std::string& from = message["from"].text();
  std::string head = paint(local_time(message["time"].text()), kDim, style) + " ";
  // Counted beside the head, and not from it: the head has colours in it. 3: < and > and a space.
  std::size_t used = kIndent + 3 + width(clean_name(from));
  if (type == "private") {
    const std::string& to = message["to"].text();
    head += paint("[", kPrivate, style) + painted_name(from, style) + paint(" -> ", kPrivate, style) +
            painted_name(to, style) + paint("]", kPrivate, style) + " ";
    used += 4 + width(clean_name(to));  // the arrow
  } else {
    head += (type == "action" ? "* <" : "<") + painted_name(from, style) + "> ";
    used += type == "action" ? 2U : 0U;
  }
  const std::string& text = message["text"].text();
  const bool called = from != style.me && mentions(text, style.me);
  return head + paint(wrapped(text, used, style), called ? kBold : "", style) + "\n";
}

std::string show_notice(const std::string& words, const Style& style) {
  return paint("* ", kDim, style) + wrapped(words, 2, style) + "\n";
}

std::string show_welcome(const Json& message, const Style& style) {
  std::string names;
  for (const Json& name : message["members"].array()) names += " <" + clean_name(name.text()) + ">";
  std::string text = show_notice(clean_name(message["room"].text()) + ":" + names, style);
  const JsonArray& past = message["history"].array();
  // The newest are shown: people read a chat from its end.
  const std::size_t skipped = past.size() - std::min(past.size(), style.most_of_past);
  const double lost = message["missed"].number();
  if (lost > 0) text += show_notice(to_string(Json(lost)) + " messages in between are no longer kept.", style);
  if (skipped > 0) text += show_notice(std::to_string(skipped) + " earlier messages are not shown.", style);
  for (std::size_t i = skipped; i < past.size(); ++i) text += show(past[i], style);
  return text;
}

}  // namespace

// East Asian characters and emoji take two, accents none. Below 0: the system does not know it, so we guess.
std::size_t columns_of(char32_t c) {
  const int columns = ::wcwidth(static_cast<wchar_t>(c));
  return columns < 0 ? 1 : static_cast<std::size_t>(columns);
}

std::string show(const Json& message, const Style& style) {
  const std::string& type = message["type"].text();
  const auto name = [&](const char* part) { return clean_name(message[part].text()).insert(0, 1, '<') + ">"; };
  if (type == "welcome") return show_welcome(message, style);
  if (type == "message" || type == "action" || type == "private") return show_talk(message, style);
  if (type == "joined") return show_notice(name("name") + " has come in.", style);
  if (type == "left") return show_notice(name("name") + " has left.", style);
  if (type == "renamed") return show_notice(name("from") + " is now " + name("name") + ".", style);
  if (type == "info") return show_notice(message["text"].text(), style);
  if (type == "error") return paint("! " + wrapped(message["text"].text(), 2, style), kRed, style) + "\n";
  return "";  // typing, pong, and whatever a later room may say
}
