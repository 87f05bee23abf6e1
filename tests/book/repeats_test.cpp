// Nothing is said twice: no sentence of ten words or more stands in two places of the chapters and the comments in src/.
// Case, punctuation and line breaks do not count.
//
//     repeats_test ROOT [CHAPTER]...
#include <cstdio>
#include <map>
#include <regex>

#include "includes.h"
#include "prose.h"

using namespace book;

namespace {

constexpr std::size_t kLong = 10;  // words

struct Place {
  std::string name;
  std::size_t line = 0;
};

struct Sentences {
  std::map<std::string, Place> first;
  int faults = 0;

  void add(const std::string& name, const Block& block) {
    static const std::regex target(R"(\]\([^)]*\))");
    for (const std::string& sentence : sentences_of(std::regex_replace(block.text(), target, "]"))) {
      const Lines words = words_of(sentence);
      if (words.size() < kLong) continue;
      const auto [place, is_new] = first.try_emplace(joined(words, " "), Place{name, block.line});
      if (is_new) continue;
      faults += complain(
          name, block.line,
          "stands in " + place->second.name + ":" + std::to_string(place->second.line) + ", too: " + trimmed(sentence));
    }
  }
};

int check_chapters(const Arguments& arguments) {
  Sentences sentences;
  for (const std::string& source : source_names(arguments.root)) {
    const std::string name = "src/" + source;
    for (const Block& comment : comments_of(read_lines(arguments.root / name))) sentences.add(name, comment);
  }
  for (const Chapter& chapter : arguments.chapters) {
    for (const Block& block : blocks_of(chapter)) {
      if (block.kind == Kind::prose || block.kind == Kind::box) sentences.add(chapter.name, block);
    }
  }
  std::printf("%zu sentences\n", sentences.first.size());
  return sentences.faults;
}

}  // namespace

int main(int argc, char** argv) { return run_checker(argc, argv, {}, check_chapters); }
