// A picture as the checker of pictures sees it: elements, with their attributes and what is written in them.
#pragma once

#include <map>
#include <string>
#include <string_view>
#include <vector>

namespace book {

struct Element {
  std::string name;
  std::map<std::string, std::string> attributes;
  std::vector<std::size_t> inside;  // the elements around it, outermost first, by their position in the list
  std::string text;                 // of it and of what is in it

  std::string attribute(const std::string& of_this_name) const;
};

// The elements of an SVG file in the order in which they begin. Comments are left out. Throws std::runtime_error, with a
// sentence, for what is not well-formed: a tag that is not closed or closes another, an attribute that is there twice or
// not in quotation marks, a bare "<" or "&", text outside the outermost element.
std::vector<Element> parse_svg(std::string_view text);

}  // namespace book
