// What a chapter quotes stands in the code. A fence
//
//     ```cpp src/mask.cpp
//
// holds whole lines that stand in that file, one behind the other, in exactly one place; a line of only `// ...` skips
// some. Code that stands nowhere, because a chapter makes a point with it, is fenced as `cpp sketch`. Any other fence
// that begins with `cpp` is an error.
//
//     snippets_test SOURCE_DIRECTORY WALKTHROUGH_DIRECTORY
#include <algorithm>
#include <cstdio>
#include <filesystem>
#include <fstream>
#include <string>
#include <vector>

namespace {

using Lines = std::vector<std::string>;

struct Fence {
  std::string chapter;
  std::size_t line = 0;  // of its first line of code, counted from 1
  std::string info;      // what stands behind the backquotes
  Lines code;
};

Lines read_lines(const std::filesystem::path& file) {
  std::ifstream stream(file);
  Lines lines;
  for (std::string line; std::getline(stream, line); lines.push_back(line)) {
    if (!line.empty() && line.back() == '\r') line.pop_back();
  }
  return lines;
}

std::vector<Fence> fences_of(const std::filesystem::path& chapter) {
  const Lines lines = read_lines(chapter);
  std::vector<Fence> fences;
  bool inside = false;
  for (std::size_t i = 0; i < lines.size(); ++i) {
    if (lines[i].starts_with("```")) {
      inside = !inside;
      if (inside) fences.push_back({chapter.filename().string(), i + 2, lines[i].substr(3), {}});
    } else if (inside) {
      fences.back().code.push_back(lines[i]);
    }
  }
  return fences;
}

bool is_ellipsis(const std::string& line) {
  const std::size_t begin = line.find_first_not_of(' ');
  return begin != std::string::npos && line.substr(begin) == "// ...";
}

// How many lines of `code`, from `from` on, stand in `source` at `at`; up to the next ellipsis.
std::size_t matching(const Lines& code, std::size_t from, const Lines& source, std::size_t at) {
  std::size_t count = 0;
  while (from + count < code.size() && !is_ellipsis(code[from + count]) && at + count < source.size() &&
         code[from + count] == source[at + count]) {
    ++count;
  }
  return count;
}

int complain(const Fence& fence, std::size_t line, const std::string& what) {
  std::printf("%s:%zu: %s\n", fence.chapter.c_str(), fence.line + line, what.c_str());
  return 1;
}

// Finds the run of code that begins at `from`, below `below` in the source. Returns the faults, and moves both on.
int check_run(const Fence& fence, const Lines& source, std::size_t& from, std::size_t& below) {
  const auto end = std::find_if(fence.code.begin() + static_cast<std::ptrdiff_t>(from), fence.code.end(), is_ellipsis);
  const std::size_t length = static_cast<std::size_t>(end - fence.code.begin()) - from;
  std::size_t places = 0;
  std::size_t best = 0;  // the most lines that fit anywhere
  std::size_t best_at = below;
  for (std::size_t at = below; at < source.size(); ++at) {
    const std::size_t count = matching(fence.code, from, source, at);
    places += count == length;
    if (count > best || (count == length && places == 1)) {
      best = count;
      best_at = at;
    }
  }
  if (places == 0) {
    const std::string theirs = best_at + best < source.size() ? source[best_at + best] : "(the end of the file)";
    return complain(fence, from + best,
                    "stands not in the source\n    chapter: " + fence.code[from + best] + "\n    source:  " + theirs);
  }
  if (places > 1 && below == 0) return complain(fence, from, "stands in more than one place");
  below = best_at + length;
  from += length + 1;  // and the ellipsis
  return 0;
}

int check(const Fence& fence, const std::filesystem::path& root) {
  if (!fence.info.starts_with("cpp") || fence.info == "cpp sketch") return 0;
  const std::string name = fence.info.substr(std::min<std::size_t>(4, fence.info.size()));
  if (name.empty() || !std::filesystem::exists(root / name)) {
    return complain(fence, 0, "the fence names no file: " + fence.info);
  }
  if (fence.code.empty()) return complain(fence, 0, "the fence is empty");
  const Lines source = read_lines(root / name);
  std::size_t below = 0;
  for (std::size_t from = 0; from < fence.code.size();) {
    if (check_run(fence, source, from, below) != 0) return 1;
  }
  return 0;
}

}  // namespace

int main(int argc, char** argv) {
  if (argc != 3) return 2;
  int quotes = 0;
  int faults = 0;
  for (const auto& entry : std::filesystem::directory_iterator(argv[2])) {
    if (entry.path().extension() != ".md") continue;
    for (const Fence& fence : fences_of(entry.path())) {
      quotes += fence.info.starts_with("cpp ") && fence.info != "cpp sketch";
      faults += check(fence, argv[1]);
    }
  }
  std::printf("%d quotes, %d faults\n", quotes, faults);
  return faults == 0 && quotes > 0 ? 0 : 1;
}
