// One direction: a file in src/ includes only files that stand above it in the README's table.
//
//     order_test ROOT
#include <algorithm>
#include <cstdio>
#include <filesystem>
#include <fstream>
#include <regex>
#include <string>
#include <vector>

namespace {

// The files that `readme` links to as src/..., in order.
std::vector<std::string> files_in_table(const std::filesystem::path& readme) {
  const std::regex link(R"(\(src/([a-z0-9_.]+)\))");
  std::vector<std::string> files;
  std::ifstream stream(readme);
  for (std::string line; std::getline(stream, line);) {
    if (!line.starts_with("| ")) continue;
    for (std::sregex_iterator match(line.begin(), line.end(), link), end; match != end; ++match)
      files.push_back((*match)[1]);
  }
  return files;
}

std::vector<std::string> includes_of(const std::filesystem::path& file) {
  const std::regex include(R"rx(^#include "([^"]+)")rx");
  std::vector<std::string> includes;
  std::ifstream stream(file);
  for (std::string line; std::getline(stream, line);) {
    std::smatch match;
    if (std::regex_search(line, match, include)) includes.push_back(match[1]);
  }
  return includes;
}

int complain(const std::string& what) {
  std::printf("%s\n", what.c_str());
  return 1;
}

int check(const std::filesystem::path& root) {
  const std::vector<std::string> order = files_in_table(root / "README.md");
  const auto place = [&](const std::string& name) {
    return std::find(order.begin(), order.end(), name) - order.begin();
  };
  int faults = order.empty() ? complain("the README's table names no file") : 0;
  for (const auto& entry : std::filesystem::directory_iterator(root / "src")) {
    const std::string name = entry.path().filename().string();
    if (std::count(order.begin(), order.end(), name) != 1)
      faults += complain(name + " does not stand in the table once");
    for (const std::string& included : includes_of(entry.path())) {
      if (place(included) > place(name)) faults += complain(name + " includes " + included + ", which is below it");
    }
  }
  for (const std::string& name : order) {
    if (!std::filesystem::exists(root / "src" / name)) faults += complain("there is no src/" + name);
  }
  return faults;
}

}  // namespace

int main(int argc, char** argv) {
  if (argc < 2) return complain("usage: order_test ROOT");
  const int faults = check(argv[1]);
  std::printf("%d faults\n", faults);
  return faults == 0 ? 0 : 1;
}
