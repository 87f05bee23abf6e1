#include "svg.h"

#include <algorithm>
#include <cctype>
#include <regex>
#include <stdexcept>

namespace book {
namespace {

[[noreturn]] void fail(const std::string& why) { throw std::runtime_error(why); }

// The text before `end`, which is taken off the front of `rest` with it.
std::string_view take_until(std::string_view& rest, std::string_view end) {
  const std::size_t at = rest.find(end);
  if (at == rest.npos) fail("there is no " + std::string(end) + " to " + std::string(rest.substr(0, 20)));
  const std::string_view taken = rest.substr(0, at);
  rest.remove_prefix(at + end.size());
  return taken;
}

// &lt; and so on, as characters.
std::string unescaped(std::string_view text) {
  static const std::map<std::string, std::string> entities = {{"lt", "<"}, {"gt", ">"}, {"amp", "&"}, {"quot", "\""}};
  std::string plain;
  while (!text.empty()) {
    const std::size_t at = std::min(text.find('&'), text.size());
    plain += text.substr(0, at);
    text.remove_prefix(at);
    if (text.empty()) break;
    const std::string name(take_until(text, ";").substr(1));
    if (!entities.contains(name)) fail("there is no entity &" + name + ";");
    plain += entities.at(name);
  }
  return plain;
}

// `tag` is what stands between "<" and ">", without a "/" at its end.
Element parse_tag(const std::string& tag) {
  static const std::regex name(R"(^[a-zA-Z]+)");
  static const std::regex attribute(R"rx(^\s+([a-zA-Z:-]+)="([^"<]*)")rx");
  std::smatch match;
  if (!std::regex_search(tag, match, name)) fail("a bare < before " + tag.substr(0, 20));
  Element element;
  element.name = match.str();
  std::string rest = match.suffix().str();
  while (std::regex_search(rest, match, attribute)) {
    const bool is_new = element.attributes.emplace(match[1], unescaped(match[2].str())).second;
    if (!is_new) fail("<" + element.name + "> has " + match[1].str() + " twice");
    rest = match.suffix().str();
  }
  const bool ends = std::all_of(rest.begin(), rest.end(), [](unsigned char c) { return std::isspace(c) != 0; });
  if (!ends) fail("<" + element.name + "> has something that is no attribute: " + rest);
  return element;
}

struct Parser {
  std::vector<Element> elements;
  std::vector<std::size_t> open;

  void add_text(std::string_view text) {
    const std::string plain = unescaped(text);
    const bool blank = std::all_of(plain.begin(), plain.end(), [](unsigned char c) { return std::isspace(c) != 0; });
    if (open.empty() && !blank) fail("text outside the picture: " + plain);
    for (const std::size_t each : open) elements[each].text += plain;
  }

  void add_tag(std::string tag) {
    if (tag.starts_with("/")) {
      if (open.empty() || elements[open.back()].name != tag.substr(1)) fail("<" + tag + "> closes nothing");
      open.pop_back();
      return;
    }
    const bool is_whole = tag.ends_with("/");
    if (is_whole) tag.pop_back();
    if (open.empty() && !elements.empty()) fail("a second picture: <" + tag + ">");
    Element element = parse_tag(tag);
    element.inside = open;
    if (!is_whole) open.push_back(elements.size());
    elements.push_back(std::move(element));
  }
};

}  // namespace

std::string Element::attribute(const std::string& of_this_name) const {
  const auto found = attributes.find(of_this_name);
  return found == attributes.end() ? "" : found->second;
}

std::vector<Element> parse_svg(std::string_view text) {
  Parser parser;
  while (!text.empty()) {
    const std::size_t at = std::min(text.find('<'), text.size());
    parser.add_text(text.substr(0, at));
    text.remove_prefix(at);
    if (text.starts_with("<!--")) {
      take_until(text, "-->");
    } else if (!text.empty()) {
      parser.add_tag(std::string(take_until(text, ">").substr(1)));
    }
  }
  if (!parser.open.empty()) fail("<" + parser.elements[parser.open.back()].name + "> is not closed");
  if (parser.elements.empty()) fail("there is no picture");
  return parser.elements;
}

}  // namespace book
