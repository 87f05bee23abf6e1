// One direction: the README's table has every file of src/ once, folder by folder in the order of kStoreys; a file includes
// only files above it in the table, and so only those of its own folder and of lower storeys. The table in
// walkthrough/README.md has the same chapters in the same order. If a row of that one names sources, they are the same too.
//
//     order_test ROOT [--all]
//
//     --all    every chapter is in the walkthrough's table
#include <algorithm>
#include <cstdio>
#include <map>
#include <regex>

#include "chapter.h"
#include "includes.h"

using namespace book;
using std::filesystem::path;

namespace {

// The folders of src/, from the ground up. What stands in src/ itself, bytes.h and websock.h, lies below and above them all.
const Lines kStoreys = {"handshake", "framing", "protocol", "transport", "endpoints", "compression"};

struct Row {
  std::size_t line = 0;
  Lines chapters;  // "11-living", "12-ending"
  Lines sources;   // "protocol/protocol.h", "protocol/protocol.cpp"
};

Lines all_matches(const std::string& text, const std::regex& pattern, const char* format) {
  Lines matches;
  for (std::sregex_iterator match(text.begin(), text.end(), pattern), end; match != end; ++match) {
    matches.push_back(match->format(format));
  }
  return matches;
}

// The rows that name chapters: as "| 06 frame |" in the README, as "| [06 Frame](06-frame.md) |" in the walkthrough.
std::vector<Row> read_table(const path& page) {
  static const std::regex named(R"((\d\d) ([a-z][a-z0-9-]+))");
  static const std::regex linked(R"(\]\((\d\d)-([a-z0-9-]+)\.md\))");
  static const std::regex source(R"(src/([a-z0-9_./]+)\))");
  std::vector<Row> rows;
  const Lines lines = read_lines(page);
  for (std::size_t i = 0; i < lines.size(); ++i) {
    if (!lines[i].starts_with("| ")) continue;
    const std::string cell = lines[i].substr(0, lines[i].find(" | ", 2));
    const bool has_links = std::regex_search(cell, linked);
    const Row row{i + 1, all_matches(cell, has_links ? linked : named, "$1-$2"), all_matches(lines[i], source, "$1")};
    if (!row.chapters.empty()) rows.push_back(row);
  }
  return rows;
}

int check_includes(const path& root, const std::vector<Row>& rows) {
  Lines order;
  for (const Row& row : rows) order.insert(order.end(), row.sources.begin(), row.sources.end());
  const auto place = [&](const std::string& name) {
    return std::find(order.begin(), order.end(), name) - order.begin();
  };
  int faults = order.empty() ? complain("README.md", 0, "the table names no file") : 0;
  for (const std::string& name : source_names(root)) {
    if (std::count(order.begin(), order.end(), name) != 1) {
      faults += complain("README.md", 0, name + " does not stand in the table once");
    }
    for (const path& file : included_by(root / "src" / name, root / "src")) {
      const std::string included = file.lexically_relative(root / "src").generic_string();
      if (place(included) > place(name)) {
        faults += complain("src/" + name, 0, "includes " + included + ", which is below it");
      }
    }
  }
  for (const std::string& name : order) {
    if (!std::filesystem::exists(root / "src" / name)) faults += complain("README.md", 0, "there is no src/" + name);
  }
  return faults;
}

// The folders come one after the other, each in one piece: what is above in the table is in the same storey or a lower one.
int check_storeys(const std::vector<Row>& rows) {
  int faults = 0;
  auto storey = kStoreys.begin();
  for (const Row& row : rows) {
    for (const std::string& name : row.sources) {
      const std::string folder = path(name).parent_path().generic_string();
      if (folder.empty()) continue;
      const auto found = std::find(kStoreys.begin(), kStoreys.end(), folder);
      if (found == kStoreys.end()) {
        faults += complain("README.md", row.line, "there is no storey " + folder);
      } else if (found < storey) {
        faults += complain("README.md", row.line, name + " stands below a file of " + *storey);
      } else {
        storey = found;
      }
    }
  }
  return faults;
}

int check_chapters(const std::vector<Row>& stages, const std::vector<Row>& chapters) {
  std::map<std::string, Lines> sources;  // by chapter
  for (const Row& row : stages) {
    for (const std::string& chapter : row.chapters) sources[chapter] = row.sources;
  }
  int faults = 0;
  std::string above;
  for (const Row& row : chapters) {
    const std::string& name = row.chapters[0];
    const bool has_stage = name >= "01" && name < "22";
    if (name <= above) faults += complain("walkthrough/README.md", row.line, name + " stands below " + above);
    above = name;
    if (has_stage && !sources.contains(name)) {
      faults += complain("walkthrough/README.md", row.line, "the README's table does not have " + name);
    } else if (has_stage && !row.sources.empty() && row.sources != sources[name]) {
      faults += complain("walkthrough/README.md", row.line, "other sources than in the README's table");
    }
  }
  return faults;
}

int check_complete(const std::vector<Row>& rows, const std::vector<Chapter>& chapters) {
  static const std::regex numbered(R"(\d\d-.*\.md)");
  int faults = 0;
  for (const Chapter& chapter : chapters) {
    const std::string stem = chapter.file.stem().string();
    const bool named = std::any_of(rows.begin(), rows.end(), [&](const Row& row) { return row.chapters[0] == stem; });
    if (!named && std::regex_match(chapter.name, numbered)) {
      faults += complain("walkthrough/README.md", 0, "the table does not have " + stem);
    }
  }
  return faults;
}

int check(const Arguments& arguments) {
  const std::vector<Row> stages = read_table(arguments.root / "README.md");
  const std::vector<Row> chapters = read_table(arguments.root / "walkthrough" / "README.md");
  const int missing = arguments.has("--all") ? check_complete(chapters, arguments.chapters) : 0;
  return check_includes(arguments.root, stages) + check_storeys(stages) + check_chapters(stages, chapters) + missing;
}

}  // namespace

int main(int argc, char** argv) { return run_checker(argc, argv, {}, check); }
