#include "prose.h"

#include <cctype>

namespace book {
namespace {

Kind kind_of(const std::string& line, bool in_prose) {
  if (line.starts_with("#")) return Kind::heading;
  if (line.starts_with(">")) return Kind::box;
  if (line.starts_with("|")) return Kind::table;
  // Indented lines directly below a paragraph or an item belong to it.
  return line.starts_with("    ") && !in_prose ? Kind::picture : Kind::prose;
}

bool begins_an_item(const std::string& line) {
  const std::size_t digits = line.find_first_not_of("0123456789");
  return line.starts_with("- ") || (digits != 0 && digits != line.npos && line.compare(digits, 2, ". ") == 0);
}

// Whether `line` goes on with what `block` holds.
bool continues(const Block& block, Kind kind, const std::string& line) {
  return block.kind == kind && kind != Kind::heading && !(kind == Kind::prose && begins_an_item(line));
}

bool is_word(char c) { return std::isalnum(static_cast<unsigned char>(c)) != 0 || (c & 0x80) != 0; }

}  // namespace

std::string Block::text() const {
  std::string text;
  for (const std::string& each : lines) {
    std::string words = trimmed(each);
    if (kind == Kind::box) words = trimmed(words.substr(1));
    text += (text.empty() ? "" : " ") + words;
  }
  return text;
}

std::vector<Block> blocks_of(const Chapter& chapter) {
  std::vector<Block> blocks;
  std::size_t fence = 0;
  bool is_new = true;  // the next line begins a block
  for (std::size_t i = 0; i < chapter.prose.size(); ++i) {
    const std::string& line = chapter.prose[i];
    if (fence < chapter.fences.size() && i + 2 == chapter.fences[fence].line) {
      blocks.push_back({Kind::fence, i + 2, chapter.fences[fence].code});
      i += chapter.fences[fence++].code.size() + 1;
      is_new = true;
      continue;
    }
    if (trimmed(line).empty()) {
      is_new = true;
      continue;
    }
    const Kind kind = kind_of(line, !is_new && blocks.back().kind == Kind::prose);
    if (is_new || !continues(blocks.back(), kind, line)) blocks.push_back({kind, i + 1, {}});
    blocks.back().lines.push_back(line);
    is_new = false;
  }
  return blocks;
}

std::string without_code(std::string text, char filler) {
  bool inside = false;
  for (char& c : text) {
    if (c == '`') inside = !inside;
    if (inside || c == '`') c = filler;
  }
  return text;
}

Lines sentences_of(const std::string& text) {
  Lines sentences(1);
  for (std::size_t i = 0; i < text.size(); ++i) {
    sentences.back() += text[i];
    const std::size_t next = text.find_first_not_of("*_)\"'", i + 1);
    const bool ends = std::string_view(".?!:").find(text[i]) != std::string_view::npos && next != text.npos &&
                      text[next] == ' ' && next + 1 < text.size() &&
                      std::islower(static_cast<unsigned char>(text[next + 1])) == 0;
    if (!ends) continue;
    sentences.back() += text.substr(i + 1, next - i - 1);
    i = next;
    sentences.emplace_back();
  }
  return sentences;
}

Lines words_of(std::string_view text) {
  Lines words;
  bool inside = false;
  for (const char c : text) {
    if (is_word(c)) {
      if (!inside) words.emplace_back();
      words.back() += static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
    }
    inside = is_word(c) || (inside && c == '\'');
  }
  return words;
}

std::vector<Block> comments_of(const Lines& source) {
  std::vector<Block> comments;
  bool is_new = true;
  for (std::size_t i = 0; i < source.size(); ++i) {
    const std::size_t at = source[i].find("//");
    const bool alone = at != std::string::npos && at == source[i].find_first_not_of(' ');
    if (at == std::string::npos || trimmed(source[i].substr(at)) == "//") {
      is_new = true;
      continue;
    }
    if (is_new || !alone) comments.push_back({Kind::prose, i + 1, {}});
    comments.back().lines.push_back(trimmed(source[i].substr(at + 2)));
    is_new = !alone;
  }
  return comments;
}

}  // namespace book
