// A chapter as a reader sees it: paragraphs, headings, pictures, code. And a paragraph as sentences, and as words.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include "chapter.h"

namespace book {

enum class Kind {
  heading,  // "# ..."
  box,      // "> ..."
  table,    // "| ..."
  picture,  // indented by four spaces
  fence,
  prose,  // everything else: paragraphs, items of lists, the lines of <details>
};

struct Block {
  Kind kind = Kind::prose;
  std::size_t line = 0;  // the first one's number in the chapter, from 1
  Lines lines;

  std::string text() const;  // on one line
};

std::vector<Block> blocks_of(const Chapter& chapter);

// What stands between backquotes is replaced by as many `filler`s.
std::string without_code(std::string text, char filler = ' ');

// Cut behind ".", "?", "!" and ":" if white space and no lower-case letter follow.
Lines sentences_of(const std::string& text);

// In lower case, without punctuation.
Lines words_of(std::string_view text);

// The text of the comments in a source file: one block for each run of lines that are nothing but a comment, and one
// for each comment behind code.
std::vector<Block> comments_of(const Lines& source);

}  // namespace book
