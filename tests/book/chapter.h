// A chapter as the checkers see it: lines, and fences of code among them.
//
// Every checker is called with the project's root and, if it is not to check the whole walkthrough, some chapters:
//
//     snippets_test . walkthrough/07-mask.md
//
// It prints one line, or a few, for each fault, and exits with 1 if there are any.
#pragma once

#include <cstddef>
#include <filesystem>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

namespace book {

using Lines = std::vector<std::string>;

struct Fence {
  std::string chapter;   // the file's name: "07-mask.md"
  std::size_t line = 0;  // of its first line of code, counted from 1
  std::string info;      // what stands behind the backquotes: "cpp sketch"
  std::string file;      // what its first line names, if that is a caption: "src/framing/mask.cpp"
  Lines code;            // without the caption

  // "cpp": the first word of the info string.
  std::string language() const { return info.substr(0, info.find(' ')); }
  bool contains(std::size_t line_of_chapter) const {
    return line_of_chapter + 1 >= line && line_of_chapter <= line + code.size();
  }
  // "sketch": the rest of it.
  std::string argument() const { return info.find(' ') == info.npos ? "" : info.substr(info.find(' ') + 1); }
};

struct Chapter {
  std::filesystem::path file;
  std::string name;  // "07-mask.md"
  Lines lines;       // with its fences, from "```" to "```", blanked in `prose`
  Lines prose;
  std::vector<Fence> fences;
};

// Without the end-of-line marks, be they LF or CRLF. Throws if there is no such file.
Lines read_lines(const std::filesystem::path& file);
void write_lines(const std::filesystem::path& file, const Lines& lines);

// Throws if a fence is not closed.
Chapter read_chapter(const std::filesystem::path& file);

// What a checker was asked to look at.
struct Arguments {
  std::filesystem::path root;
  std::vector<std::string> options;  // what begins with "--", and the values that `takes_value` says follow
  bool everything = false;           // no chapter was named
  std::vector<Chapter> chapters;     // those that were named; all of walkthrough/, by name, if none were

  bool has(std::string_view option) const;
  std::string value(std::string_view option) const;  // of `--option VALUE`; "" if it is not there
};

// Prints "07-mask.md:31: what". Returns 1, the number of faults.
int complain(const std::string& chapter, std::size_t line, const std::string& what);

// The main() of a checker: reads the arguments, calls `check`, which returns the number of faults, and turns what it
// throws into one. `options` are those that are followed by a value.
int run_checker(int argc, char** argv, const Lines& options, const std::function<int(const Arguments&)>& check);

// What `work` returns for each number from 0 to count - 1. It is called on several threads at once.
Lines on_all_processors(std::size_t count, const std::function<std::string(std::size_t)>& work);

// ---- Text ----

// Whether `text` is `pattern`, in which "..." stands for anything. White space at the end does not count.
bool matches(std::string_view pattern, std::string_view text);

std::string trimmed(std::string_view text);
Lines split(std::string_view text, std::string_view separator);
std::string joined(const Lines& lines, std::string_view separator);

}  // namespace book
