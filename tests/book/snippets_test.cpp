// What a chapter quotes stands in the code. A fence
//
//     ```cpp
//     // src/framing/mask.cpp
//
// holds whole lines that stand in that file, one behind the other, in exactly one place; a line of only `// ...` (or
// `# ...`) skips some. Code that stands nowhere, because a chapter makes a point with it, is fenced as `cpp sketch`. It is the
// same with other languages. A fence that names no file is an error, unless another checker or nobody looks at it.
//
//     snippets_test ROOT [--all] [CHAPTER]...
//
//     --all    every file of src/ has to be quoted somewhere
#include <algorithm>
#include <cstdio>
#include <set>

#include "chapter.h"
#include "includes.h"

using namespace book;

namespace {

// These fences belong to other checkers.
const std::set<std::string> kNotQuotes = {"diff", "console", "bytes", "gdb", "mermaid", "text", ""};

bool is_quote(const Fence& fence) { return !kNotQuotes.contains(fence.language()) && fence.argument() != "sketch"; }

bool is_ellipsis(const std::string& line) {
  const std::string text = trimmed(line);
  return text == "// ..." || text == "# ...";
}

// How many lines of `run` stand in `source` at `at`.
std::size_t matching(const Lines& run, const Lines& source, std::size_t at) {
  std::size_t count = 0;
  while (count < run.size() && at + count < source.size() && run[count] == source[at + count]) ++count;
  return count;
}

struct Search {
  std::size_t places = 0;  // where all of the run stands
  std::size_t best = 0;    // the most lines of it that stand anywhere
  std::size_t best_at = 0;
};

Search find_run(const Lines& run, const Lines& source, std::size_t below) {
  Search search;
  search.best_at = below;
  for (std::size_t at = below; at < source.size(); ++at) {
    const std::size_t count = matching(run, source, at);
    search.places += count == run.size();
    if (count <= search.best) continue;
    search.best = count;
    search.best_at = at;
  }
  return search;
}

// If no line fits, the source's line is the one that shares the longest beginning with ours: most likely it is meant.
std::size_t most_alike(const std::string& line, const Lines& source) {
  const auto shared = [&](const std::string& other) {
    return std::mismatch(line.begin(), line.end(), other.begin(), other.end()).first - line.begin();
  };
  const auto best = std::max_element(source.begin(), source.end(),
                                     [&](const auto& a, const auto& b) { return shared(a) < shared(b); });
  return static_cast<std::size_t>(best - source.begin());
}

int complain_of_difference(const Fence& fence, std::size_t line, const Lines& source, std::size_t at) {
  const std::string theirs = at < source.size() ? source[at] : "(the end of the file)";
  return complain(fence.chapter, fence.line + line,
                  "is not in " + fence.file + "\n    chapter:     " + fence.code[line] + "\n    source " +
                      std::to_string(at + 1) + ": " + theirs);
}

// The lines from `from` to the next ellipsis. They stand below `below`, which moves on.
int check_run(const Fence& fence, const Lines& source, std::size_t from, const Lines& run, std::size_t& below) {
  const Search search = find_run(run, source, below);
  if (search.places == 0) {
    const std::size_t at = search.best > 0 ? search.best_at + search.best : most_alike(run[0], source);
    return complain_of_difference(fence, from + search.best, source, at);
  }
  if (search.places > 1 && from == 0) {
    return complain(fence.chapter, fence.line, "stands in more than one place of " + fence.file);
  }
  below = search.best_at + run.size();
  return 0;
}

int check(const Fence& fence, const std::filesystem::path& root) {
  if (fence.file.empty() || !std::filesystem::is_regular_file(root / fence.file)) {
    return complain(fence.chapter, fence.line - 1, "the fence names no file: " + fence.info);
  }
  if (fence.code.empty()) return complain(fence.chapter, fence.line, "the fence is empty");
  const Lines source = read_lines(root / fence.file);
  std::size_t below = 0;
  for (auto from = fence.code.begin(); from < fence.code.end();) {
    const auto end = std::find_if(from, fence.code.end(), is_ellipsis);
    const auto line = static_cast<std::size_t>(from - fence.code.begin());
    if (from != end && check_run(fence, source, line, Lines(from, end), below) != 0) return 1;
    from = end == fence.code.end() ? end : end + 1;
  }
  return 0;
}

int check_all_quoted(const std::filesystem::path& root, const std::set<std::string>& quoted) {
  int faults = 0;
  for (const std::string& source : source_names(root)) {
    const std::string name = "src/" + source;
    if (!quoted.contains(name)) faults += complain(name, 1, "no chapter quotes this file");
  }
  return faults;
}

int check_chapters(const Arguments& arguments) {
  int faults = 0;
  std::set<std::string> quoted;
  for (const Chapter& chapter : arguments.chapters) {
    for (const Fence& fence : chapter.fences) {
      if (!is_quote(fence)) continue;
      quoted.insert(fence.file);
      faults += check(fence, arguments.root);
    }
  }
  if (quoted.empty()) faults += complain(arguments.chapters[0].name, 0, "nothing is quoted");
  if (arguments.has("--all")) faults += check_all_quoted(arguments.root, quoted);
  std::printf("%zu files are quoted\n", quoted.size());
  return faults;
}

}  // namespace

int main(int argc, char** argv) { return run_checker(argc, argv, {}, check_chapters); }
