// What an author should look at again. This judges nothing.
//
//     build/bin/report ROOT [CHAPTER]...
//
// It prints the ten longest sentences; the longest stretch of each chapter without picture, code or command; and the
// paragraphs that share most of their words with the code above them. Questions and what follows them are left out.
#include <algorithm>
#include <cctype>
#include <cstdio>
#include <set>

#include "prose.h"

using namespace book;

namespace {

constexpr std::size_t kShown = 10;

struct Finding {
  std::size_t measure = 0;
  std::string place;
  std::string text;
};

void print(const char* title, std::vector<Finding> findings) {
  std::stable_sort(findings.begin(), findings.end(),
                   [](const Finding& a, const Finding& b) { return a.measure > b.measure; });
  std::printf("\n%s\n\n", title);
  for (std::size_t i = 0; i < std::min(kShown, findings.size()); ++i) {
    const Finding& finding = findings[i];
    std::printf("%4zu  %s  %s\n", finding.measure, finding.place.c_str(), finding.text.c_str());
  }
}

std::string place_of(const Chapter& chapter, const Block& block) {
  return chapter.name + ':' + std::to_string(block.line);
}

// What stands above the questions.
std::vector<Block> body_of(const Chapter& chapter) {
  std::vector<Block> blocks = blocks_of(chapter);
  blocks.erase(
      std::find_if(blocks.begin(), blocks.end(), [](const Block& block) { return block.text() == "## Questions"; }),
      blocks.end());
  return blocks;
}

void add_sentences(const Chapter& chapter, std::vector<Finding>& findings) {
  for (const Block& block : body_of(chapter)) {
    if (block.kind != Kind::prose) continue;
    for (const std::string& sentence : sentences_of(block.text())) {
      findings.push_back({words_of(sentence).size(), place_of(chapter, block), trimmed(sentence)});
    }
  }
}

// Where the reader sees nothing but words for longest.
Finding longest_stretch(const Chapter& chapter) {
  Finding longest;
  Finding stretch;
  for (const Block& block : body_of(chapter)) {
    if (block.kind != Kind::prose && block.kind != Kind::heading) {
      stretch = {};
      continue;
    }
    if (stretch.measure == 0) stretch.place = place_of(chapter, block);
    stretch.measure += words_of(block.text()).size();
    stretch.text = "to line " + std::to_string(block.line + block.lines.size() - 1);
    if (stretch.measure > longest.measure) longest = stretch;
  }
  return longest;
}

// The words that say something: "payload_length" is two of them.
std::set<std::string> long_words(const std::string& text) {
  std::set<std::string> words;
  for (const std::string& word : words_of(text)) {
    if (word.size() > 3) words.insert(word);
  }
  return words;
}

// How much of a paragraph stands in the code above it, in percent.
void add_echoes(const Chapter& chapter, std::vector<Finding>& findings) {
  const std::vector<Block> blocks = blocks_of(chapter);
  for (std::size_t i = 1; i < blocks.size(); ++i) {
    if (blocks[i].kind != Kind::prose || blocks[i - 1].kind != Kind::fence) continue;
    const std::set<std::string> code = long_words(blocks[i - 1].text());
    const std::set<std::string> words = long_words(blocks[i].text());
    const auto shared =
        std::count_if(words.begin(), words.end(), [&](const auto& word) { return code.contains(word); });
    if (words.size() < 5) continue;
    findings.push_back({static_cast<std::size_t>(shared) * 100 / words.size(), place_of(chapter, blocks[i]),
                        blocks[i].text().substr(0, 100)});
  }
}

int report(const Arguments& arguments) {
  std::vector<Finding> sentences;
  std::vector<Finding> stretches;
  std::vector<Finding> echoes;
  for (const Chapter& chapter : arguments.chapters) {
    if (std::isdigit(static_cast<unsigned char>(chapter.name[0])) == 0) continue;
    add_sentences(chapter, sentences);
    stretches.push_back(longest_stretch(chapter));
    add_echoes(chapter, echoes);
  }
  print("The longest sentences, in words", sentences);
  print("The longest stretches without picture, code or command, in words", stretches);
  print("Paragraphs whose words stand in the code above them, in percent", echoes);
  std::printf("\n");
  return 0;
}

}  // namespace

int main(int argc, char** argv) { return run_checker(argc, argv, {}, report); }
