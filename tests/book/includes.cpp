#include "includes.h"

#include <algorithm>
#include <regex>
#include <string>

#include "chapter.h"

namespace book {
namespace {

using std::filesystem::path;

void add_included(const path& file, const path& src, std::set<path>& files) {
  static const std::regex include(R"rx(^#include "([^"]+)")rx");
  if (!files.insert(file).second) return;
  for (const std::string& line : read_lines(file)) {
    std::smatch match;
    if (!std::regex_search(line, match, include)) continue;
    for (const path& folder : {file.parent_path(), src, src.parent_path() / "tests"}) {
      const path included = (folder / match[1].str()).lexically_normal();
      if (!std::filesystem::exists(included)) continue;
      add_included(included, src, files);
      break;
    }
  }
}

bool belongs_to(const path& source, const path& header) {
  const std::string stem = source.stem().string();
  const std::string name = header.stem().string();
  if (source.parent_path() != header.parent_path()) return false;
  return header.extension() == ".h" && (stem == name || stem.starts_with(name + '_'));
}

}  // namespace

std::vector<std::string> source_names(const path& root) {
  std::vector<std::string> names;
  for (const auto& entry : std::filesystem::recursive_directory_iterator(root / "src")) {
    if (entry.is_regular_file()) names.push_back(entry.path().lexically_relative(root / "src").generic_string());
  }
  std::sort(names.begin(), names.end());
  return names;
}

path find_below(const path& folder, const std::string& name) {
  for (const auto& entry : std::filesystem::recursive_directory_iterator(folder)) {
    if (entry.path().filename() == name) return entry.path();
  }
  return {};
}

std::set<path> included_by(const path& file, const path& src) {
  std::set<path> files;
  add_included(file, src, files);
  return files;
}

std::set<path> needed_by(const path& test, const path& src) {
  std::set<path> files = included_by(test, src);
  for (std::size_t before = 0; before < files.size();) {
    before = files.size();
    for (const std::string& name : source_names(src.parent_path())) {
      const path source = src / name;
      const bool needed =
          std::any_of(files.begin(), files.end(), [&](const path& file) { return belongs_to(source, file); });
      if (needed) add_included(source, src, files);
    }
  }
  return files;
}

}  // namespace book
