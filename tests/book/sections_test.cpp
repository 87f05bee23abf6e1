// Every section of RFC 6455 that a chapter, or a comment in src/, cites exists. "section 5.2", "sections 5.2 and 5.5" and
// "sections 1.2 to 1.4" are citations of RFC 6455, unless another RFC's number stands beside them.
//
//     sections_test ROOT [CHAPTER]...
//
// The RFC's table of contents is in sections.tsv beside this file.
#include <cstdio>
#include <regex>
#include <set>

#include "includes.h"
#include "prose.h"

using namespace book;

namespace {

std::set<std::string> sections_of_rfc(const std::filesystem::path& table) {
  std::set<std::string> sections;
  for (const std::string& line : read_lines(table)) sections.insert(line.substr(0, line.find('\t')));
  return sections;
}

// The numbers of the sections of RFC 6455 that `text` cites.
Lines citations_in(std::string text) {
  static const std::regex citation(
      R"((RFC (\d+)(,? and (RFC )?\d+)*[,:;]? )?[Ss]ection(s? )(\d+(\.\d+)*)((, and |, | and | to )\d+(\.\d+)*)*( (of|in) RFC (\d+))?)");
  static const std::regex number(R"(\d+(\.\d+)*)");
  std::erase(text, '*');
  std::erase(text, '`');
  Lines citations;
  for (std::sregex_iterator match(text.begin(), text.end(), citation), end; match != end; ++match) {
    const std::string before = (*match)[2];
    const std::string behind = (*match)[13];
    if ((!before.empty() && before != "6455") || (!behind.empty() && behind != "6455")) continue;
    const std::string first = (*match)[6];
    const std::string all = match->str().substr(static_cast<std::size_t>(match->position(6) - match->position()));
    if ((*match)[5] == " ") {  // "section 5.2, 16 bits"
      citations.push_back(first);
      continue;
    }
    const std::string list = all.substr(0, all.find(" of RFC"));
    for (std::sregex_iterator one(list.begin(), list.end(), number); one != end; ++one) citations.push_back(one->str());
  }
  return citations;
}

int check(const std::string& name, const std::vector<Block>& blocks, const std::set<std::string>& sections,
          std::size_t& count) {
  int faults = 0;
  for (const Block& block : blocks) {
    if (block.kind == Kind::fence || block.kind == Kind::picture) continue;
    for (const std::string& section : citations_in(block.text())) {
      ++count;
      if (!sections.contains(section)) faults += complain(name, block.line, "RFC 6455 has no section " + section);
    }
  }
  return faults;
}

int check_chapters(const Arguments& arguments) {
  const std::set<std::string> sections = sections_of_rfc(arguments.root / "tests" / "book" / "sections.tsv");
  int faults = 0;
  std::size_t count = 0;
  for (const Chapter& chapter : arguments.chapters) faults += check(chapter.name, blocks_of(chapter), sections, count);
  if (arguments.everything) {
    for (const std::string& source : source_names(arguments.root)) {
      const std::string name = "src/" + source;
      faults += check(name, comments_of(read_lines(arguments.root / name)), sections, count);
    }
    if (count == 0) faults += complain("walkthrough", 0, "no section is cited");
  }
  std::printf("%zu citations\n", count);
  return faults;
}

}  // namespace

int main(int argc, char** argv) { return run_checker(argc, argv, {}, check_chapters); }
