// No link is dead: the file or folder that it names is there, and so is the heading behind its "#" (for a source file,
// the line: #L12). Links to other sites are not followed. Looks at README.md and the examples' pages, too.
//
//     links_test ROOT [--unfinished] [CHAPTER]...
//
//     --unfinished    pages of the walkthrough may be missing yet
#include <algorithm>
#include <cctype>
#include <cstdio>
#include <map>
#include <regex>
#include <set>

#include "prose.h"

using namespace book;
using std::filesystem::path;

namespace {

struct Link {
  std::size_t line = 0;
  std::string target;
};

// The text of a heading as a reader sees it.
std::string shown(const std::string& heading) {
  static const std::regex link(R"(\[([^\]]*)\]\([^)]*\))");
  std::string text = std::regex_replace(heading.substr(heading.find_first_not_of('#')), link, "$1");
  std::erase_if(text, [](char c) { return c == '`' || c == '*'; });
  return trimmed(text);
}

// The name that GitHub gives to a heading: lower case, a hyphen for each space, and no punctuation.
std::string anchor_of(const std::string& heading) {
  std::string anchor;
  for (const char c : shown(heading)) {
    const auto byte = static_cast<unsigned char>(c);
    if (c == ' ') anchor += '-';
    if (std::isalnum(byte) != 0 || c == '-' || c == '_' || byte >= 0x80)
      anchor += static_cast<char>(std::tolower(byte));
  }
  return anchor;
}

std::set<std::string> anchors_of(const path& page) {
  static const std::regex named(R"re(<[a-z]+ (?:id|name)="([^"]+)")re");
  std::set<std::string> anchors;
  std::map<std::string, int> seen;
  for (const std::string& line : read_chapter(page).prose) {
    std::smatch match;
    if (std::regex_search(line, match, named)) anchors.insert(match[1]);
    if (!line.starts_with("#")) continue;
    const std::string anchor = anchor_of(line);
    const int times = seen[anchor]++;
    anchors.insert(times == 0 ? anchor : anchor + "-" + std::to_string(times));
  }
  return anchors;
}

std::vector<Link> links_of(const Chapter& chapter) {
  static const std::regex link(R"re(\]\(([^)\s]+)[^)]*\)|(?:href|src)="([^"]+)"|^\[[^\]]+\]: (\S+))re");
  std::vector<Link> links;
  for (std::size_t i = 0; i < chapter.prose.size(); ++i) {
    const std::string line = without_code(chapter.prose[i], '.');
    for (std::sregex_iterator match(line.begin(), line.end(), link), end; match != end; ++match) {
      links.push_back({i + 1, (*match)[1].str() + (*match)[2].str() + (*match)[3].str()});
    }
  }
  return links;
}

bool is_elsewhere(const std::string& target) {
  static const std::regex scheme("[a-z]+:.*");
  return std::regex_match(target, scheme);
}

bool has_place(const path& file, const std::string& place) {
  if (file.extension() == ".md") return anchors_of(file).contains(place);
  return place.starts_with("L") && std::strtoul(place.c_str() + 1, nullptr, 10) - 1 < read_lines(file).size();
}

int check(const Chapter& chapter, const Link& link, bool unfinished) {
  if (is_elsewhere(link.target)) return 0;
  const std::size_t hash = link.target.find('#');
  const std::string name = link.target.substr(0, hash);
  const path folder = chapter.file.parent_path();
  const path file = name.empty() ? chapter.file : (folder / name).lexically_normal();
  if (!std::filesystem::exists(file)) {
    if (unfinished && file.parent_path().filename() == "walkthrough" && file.extension() == ".md") return 0;
    return complain(chapter.name, link.line, "leads nowhere: " + link.target);
  }
  if (hash == link.target.npos || has_place(file, link.target.substr(hash + 1))) return 0;
  return complain(chapter.name, link.line, "there is no such place: " + link.target);
}

void add_pages(const path& root, std::vector<Chapter>& pages) {
  pages.push_back(read_chapter(root / "README.md"));
  for (const auto& entry : std::filesystem::recursive_directory_iterator(root / "examples")) {
    if (entry.path().extension() == ".md") pages.push_back(read_chapter(entry.path()));
  }
}

int check_chapters(const Arguments& arguments) {
  std::vector<Chapter> pages = arguments.chapters;
  if (arguments.everything) add_pages(arguments.root, pages);
  int faults = 0;
  std::size_t count = 0;
  for (const Chapter& page : pages) {
    for (const Link& link : links_of(page)) {
      faults += check(page, link, arguments.has("--unfinished"));
      ++count;
    }
  }
  std::printf("%zu links\n", count);
  return faults;
}

}  // namespace

int main(int argc, char** argv) { return run_checker(argc, argv, {}, check_chapters); }
