// The words of the glossary. walkthrough/glossary.md has one row for each, such as
//
//     | frame | a header and ... | `FrameHeader` in [frame.h](../src/framing/frame.h) | [06](06-frame.md) |
//
// Then src/framing/frame.h has the name FrameHeader; chapter 06 has **frame** in bold, once, and no other chapter has; and where
// an earlier chapter (00 aside) says "frame" for the first time, it is a link to chapter 06, or to the glossary.
//
//     terms_test ROOT [CHAPTER]...
//
// A term with a capital letter, such as Ping, is written with it; the others may be capitalised, too. Code, pictures, the
// box at the top and the summaries of <details>, which cannot hold a link, do not count.
#include <algorithm>
#include <cctype>
#include <cstdio>
#include <regex>

#include "prose.h"

using namespace book;
using std::filesystem::path;

namespace {

struct Term {
  std::size_t line = 0;  // in the glossary
  std::string word;
  std::string name;     // FrameHeader
  std::string file;     // "../src/framing/frame.h"
  std::string chapter;  // "06-frame.md"
};

struct Paragraph {
  std::size_t line = 0;  // of the chapter
  std::string text;
};

struct Page {
  std::string name;  // "06-frame.md"
  std::vector<Paragraph> paragraphs;
};

std::vector<Term> read_terms(const path& glossary, int& faults) {
  static const std::regex row(R"(\| ([^|]+) \| [^|]+ \| `(\w+)` in \[[^\]]+\]\(([^)]+)\) \| \[\d\d\]\(([^)]+)\) \|)");
  std::vector<Term> terms;
  const Lines lines = read_lines(glossary);
  for (std::size_t i = 0; i < lines.size(); ++i) {
    std::smatch match;
    if (!lines[i].starts_with("| ") || lines[i].starts_with("| term ")) continue;
    if (std::regex_match(lines[i], match, row)) {
      terms.push_back({i + 1, match[1], match[2], match[3], match[4]});
    } else {
      faults += complain("glossary.md", i + 1, "is no row of term, meaning, `name` in [file](...), [chapter](...)");
    }
  }
  return terms;
}

std::string lower(std::string text) {
  std::transform(text.begin(), text.end(), text.begin(),
                 [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
  return text;
}

bool is_letter(const std::string& text, std::size_t at) {
  return at < text.size() && std::isalpha(static_cast<unsigned char>(text[at])) != 0;
}

// Where `word`, or its plural, stands in `text` as a word, from `from` on.
std::size_t find_word(const std::string& text, const std::string& word, std::size_t from = 0) {
  const std::string& searched = lower(word) == word ? lower(text) : text;
  for (std::size_t at = from; (at = searched.find(word, at)) != searched.npos; ++at) {
    const std::size_t end = at + word.size();
    const bool ends = !is_letter(text, end) || (text[end] == 's' && !is_letter(text, end + 1));
    if (ends && (at == 0 || !is_letter(text, at - 1))) return at;
  }
  return text.npos;
}

// The paragraphs of a chapter that a reader reads as words. Code in them is blanked.
std::vector<Paragraph> paragraphs_of(const Chapter& chapter) {
  std::vector<Paragraph> paragraphs;
  for (const Block& block : blocks_of(chapter)) {
    if (block.kind == Kind::fence || block.kind == Kind::picture || block.kind == Kind::box) continue;
    const std::string text = block.text();
    const std::size_t summary = text.find("</summary>");
    paragraphs.push_back({block.line, without_code(summary == text.npos ? text : text.substr(summary))});
  }
  return paragraphs;
}

int definitions_in(const Page& page, const std::string& word) {
  static const std::regex bold(R"(\*\*([^*]+)\*\*)");
  int count = 0;
  for (const Paragraph& paragraph : page.paragraphs) {
    const std::string& text = paragraph.text;
    for (std::sregex_iterator match(text.begin(), text.end(), bold), end; match != end; ++match) {
      const std::string marked = (*match)[1];
      count += find_word(marked, word) == 0 && marked.size() <= word.size() + 1;
    }
  }
  return count;
}

// Whether what stands at `at` is the text of a link to the term's chapter or to the glossary.
bool is_linked(const std::string& text, std::size_t at, const Term& term) {
  static const std::regex link(R"(\[([^\]]*)\]\(([^)]*)\))");
  for (std::sregex_iterator match(text.begin(), text.end(), link), end; match != end; ++match) {
    const auto begin = static_cast<std::size_t>(match->position(1));
    const std::string target = (*match)[2];
    if (at >= begin && at < begin + (*match)[1].str().size()) {
      return target.starts_with(term.chapter) || target.starts_with("glossary.md");
    }
  }
  return false;
}

// Blanks longer terms: "masking key" is no use of "masking".
std::string without_longer(std::string text, const std::string& word, const std::vector<Term>& terms) {
  for (const Term& other : terms) {
    if (other.word == word || find_word(other.word, word) == other.word.npos) continue;
    for (std::size_t at = 0; (at = find_word(text, other.word, at)) != text.npos;) {
      text.replace(at, other.word.size(), other.word.size(), '.');
    }
  }
  return text;
}

int check_use(const Page& page, const Term& term, const std::vector<Term>& terms) {
  for (const Paragraph& paragraph : page.paragraphs) {
    if (find_word(paragraph.text, term.word) == std::string::npos) continue;
    const std::size_t at = find_word(without_longer(paragraph.text, term.word, terms), term.word);
    if (at == std::string::npos) continue;
    if (is_linked(paragraph.text, at, term)) return 0;
    const std::size_t begin = at < 40 ? 0 : at - 40;
    return complain(page.name, paragraph.line,
                    "\"" + term.word + "\" is used before " + term.chapter + " defines it, and is no link: ..." +
                        paragraph.text.substr(begin, 80) + "...");
  }
  return 0;
}

int check_code(const Term& term, const path& glossary) {
  const path file = glossary.parent_path() / term.file;
  if (!std::filesystem::exists(file)) return complain("glossary.md", term.line, "there is no " + term.file);
  const std::string source = joined(read_lines(file), "\n");
  if (std::regex_search(source, std::regex("\\b" + term.name + "\\b"))) return 0;
  return complain("glossary.md", term.line, "there is no " + term.name + " in " + term.file);
}

int check_term(const Term& term, const std::vector<Page>& pages, const std::vector<Term>& terms) {
  int faults = 0;
  for (const Page& page : pages) {
    const int count = definitions_in(page, term.word);
    const int wanted = page.name == term.chapter ? 1 : 0;
    if (count != wanted) {
      faults += complain(
          page.name, 0, "has **" + term.word + "** " + std::to_string(count) + " times, not " + std::to_string(wanted));
    }
    if (page.name < term.chapter && !page.name.starts_with("00")) faults += check_use(page, term, terms);
  }
  return faults;
}

int check_chapters(const Arguments& arguments) {
  const path glossary = arguments.root / "walkthrough" / "glossary.md";
  int faults = 0;
  const std::vector<Term> terms = read_terms(glossary, faults);
  std::vector<Page> pages;
  for (const Chapter& chapter : arguments.chapters) {
    if (std::isdigit(static_cast<unsigned char>(chapter.name[0])) == 0) continue;
    pages.push_back({chapter.name, paragraphs_of(chapter)});
  }
  for (const Term& term : terms) faults += check_code(term, glossary) + check_term(term, pages, terms);
  if (terms.empty()) faults += complain("glossary.md", 0, "has no terms");
  std::printf("%zu terms\n", terms.size());
  return faults;
}

}  // namespace

int main(int argc, char** argv) { return run_checker(argc, argv, {}, check_chapters); }
