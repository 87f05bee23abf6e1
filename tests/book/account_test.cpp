// Every rule of RFC 6455 is accounted for. walkthrough/rfc6455.md has one row for each, such as
//
//     | 5.2-19 | MUST | ... | [frame.cpp](../src/frame.cpp) `parse_payload_length` | `frame`, `ending` ×2 | 06 |
//
// which is true if src/frame.cpp has that function, one test of frame_test and two of ending_test bear the id 5.2-19,
// and no other test does. So a test that is taken away, and one that is added, show here. `mask 5.3-07` in the place of
// tests points to one that bears another id. A row that has no code to show begins with one of kReasons.
//
//     account_test SOURCE_DIRECTORY
#include <algorithm>
#include <array>
#include <cstdio>
#include <filesystem>
#include <fstream>
#include <map>
#include <regex>
#include <set>
#include <string>
#include <string_view>
#include <vector>

namespace {

using Lines = std::vector<std::string>;

constexpr std::array<std::string_view, 5> kReasons = {
    "application: ",     // the application's duty; the API that lets it do so is named
    "TLS: ",             // done by a proxy in front
    "IDN: ",             // names in other alphabets are refused
    "not observable: ",  // nobody could tell
    "not done: ",        // a SHOULD or a MAY that we leave; never a MUST
};

constexpr std::array<std::string_view, 6> kFollowers = {"(", ";", ",", " =", " {", " :"};

int faults = 0;

void complain(const std::string& where, const std::string& what) {
  ++faults;
  std::printf("%s: %s\n", where.c_str(), what.c_str());
}

Lines read_lines(const std::filesystem::path& file) {
  Lines lines;
  std::ifstream stream(file);
  for (std::string line; std::getline(stream, line);) lines.push_back(line);
  return lines;
}

Lines split(const std::string& text, std::string_view separator) {
  Lines parts;
  std::size_t begin = 0;
  for (std::size_t end = 0; end != std::string::npos; begin = end + separator.size()) {
    end = text.find(separator, begin);
    parts.push_back(text.substr(begin, end == std::string::npos ? end : end - begin));
  }
  return parts;
}

// ---- The rules ----

struct Rule {
  std::string section;
  std::string level;
  std::string role;

  bool is_ours() const { return role == "server" || role == "client" || role == "both"; }
  bool is_must() const { return level == "MUST" || level == "MUST NOT"; }
};
using Rules = std::map<std::string, Rule>;  // by id

Rules read_rules(const std::filesystem::path& file) {
  Rules rules;
  for (const std::string& line : read_lines(file)) {
    const Lines columns = split(line, "\t");
    if (columns.size() == 4 && columns[0] != "id") rules[columns[0]] = {columns[1], columns[2], columns[3]};
  }
  return rules;
}

// ---- The tests ----

// How many tests of each program bear an id: counts["5.2-19"]["frame"].
using Counts = std::map<std::string, std::map<std::string, int>>;

// A test's name begins with one id. Besides the RFC's there are our own, and those of other RFCs.
void count_test(const std::string& program, const std::string& name, const Rules& rules, Counts& counts) {
  static const std::regex other(R"((own-[a-z0-9-]+-\d\d)|(\d{4}(-[0-9.]+)?))");
  const std::string id = name.substr(0, name.find(' '));
  ++counts[id][program];
  if (rules.count(id) == 0 && !std::regex_match(id, other))
    complain(program + "_test", "a test begins with an id that there is not: " + name);
}

Counts count_tests(const std::filesystem::path& folder, const Rules& rules) {
  constexpr std::string_view kSuffix = "_test.cpp";
  Counts counts;
  for (const auto& entry : std::filesystem::directory_iterator(folder)) {
    std::string program = entry.path().filename().string();
    if (!program.ends_with(kSuffix)) continue;
    program.resize(program.size() - kSuffix.size());
    std::string text;
    for (const std::string& line : read_lines(entry.path())) text += "\n" + line;
    for (std::size_t at = text.find("\nTEST("); at != std::string::npos; at = text.find("\nTEST(", at + 1)) {
      const std::size_t begin = text.find('"', at) + 1;
      count_test(program, text.substr(begin, text.find('"', begin) - begin), rules, counts);
    }
  }
  return counts;
}

// ---- The account ----

struct Row {
  std::string where;  // file and line
  std::string section, id, level, asked, code, tests, chapter;
};

std::vector<Row> read_account(const std::filesystem::path& file) {
  std::vector<Row> rows;
  std::string section;
  const Lines lines = read_lines(file);
  for (std::size_t i = 0; i < lines.size(); ++i) {
    if (lines[i].starts_with("## ")) section = split(lines[i], " ")[1];
    const Lines cells = split(lines[i], "|");
    const bool is_row = cells.size() > 1 && cells[0].empty() && cells[1] != " id " && cells[1] != "---";
    if (!is_row) continue;
    const std::string where = file.filename().string() + ":" + std::to_string(i + 1);
    if (cells.size() != 8) {
      complain(where, "a row has six cells");
      continue;
    }
    const auto cell = [&](std::size_t number) {
      const std::string& text = cells[number];
      return text.size() < 2 ? text : text.substr(1, text.size() - 2);
    };
    rows.push_back({where, section, cell(1), cell(2), cell(3), cell(4), cell(5), cell(6)});
  }
  return rows;
}

// Whether `line` has `name`, followed by what may follow the name of something that is declared.
bool declares(std::string_view line, std::string_view name) {
  const auto is_letter = [](char c) { return std::isalnum(static_cast<unsigned char>(c)) != 0 || c == '_'; };
  for (std::size_t at = line.find(name); at != std::string::npos; at = line.find(name, at + 1)) {
    const std::string_view rest = line.substr(at + name.size());
    const auto follows = [&](std::string_view what) { return rest.starts_with(what); };
    const bool begins_a_word = at == 0 || !is_letter(line[at - 1]);
    if (begins_a_word && std::any_of(kFollowers.begin(), kFollowers.end(), follows)) return true;
  }
  return false;
}

// The same for a line of the file that is no comment and does not stand inside a function.
bool declares(const std::filesystem::path& file, std::string_view name) {
  const std::size_t deepest = file.extension() == ".h" ? 2 : 0;  // members of a class are indented by two
  for (const std::string& line : read_lines(file)) {
    const std::size_t indent = line.find_first_not_of(' ');
    const bool inside = indent == std::string::npos || indent > deepest || line.compare(indent, 2, "//") == 0;
    if (!inside && declares(std::string_view(line), name)) return true;
  }
  return false;
}

// Checks all that the cell points to:    [frame.h](../src/frame.h) `is_control`    Returns how many names there are.
int check_code(const Row& row, const std::filesystem::path& root) {
  static const std::regex part(R"(\[([^\]]+)\]\(\.\./([^)]+)\)|`([^`]+)`)");
  int names = 0;
  std::filesystem::path file;
  for (std::sregex_iterator match(row.code.begin(), row.code.end(), part), end; match != end; ++match) {
    if ((*match)[2].matched) {
      file = root / (*match)[2].str();
      if (!std::filesystem::exists(file)) complain(row.where, "there is no " + (*match)[2].str());
      if (file.filename() != (*match)[1].str()) complain(row.where, "a link says one file and leads to another");
    } else {
      ++names;
      const std::string name = (*match)[3];
      if (file.empty())
        complain(row.where, name + ": in which file?");
      else if (!declares(file, name))
        complain(row.where, file.filename().string() + " declares no " + name);
    }
  }
  return names;
}

// Checks the tests that the cell points to, and that it counts all that bear the row's id. Returns whether any do.
bool check_tests(const Row& row, const Counts& counts) {
  static const std::regex item(R"(`([a-z0-9_]+)( [a-z0-9.-]+)?`( ×(\d+))?)");
  const auto found = counts.find(row.id);
  std::map<std::string, int> bearing = found == counts.end() ? std::map<std::string, int>() : found->second;
  const bool any = !bearing.empty();
  for (const std::string& text : split(row.tests, ", ")) {
    std::smatch match;
    if (!std::regex_match(text, match, item)) {
      complain(row.where, "this names no test: " + text);
    } else if (match[2].matched) {
      const auto other = counts.find(match[2].str().substr(1));
      if (other == counts.end() || other->second.count(match[1]) == 0) complain(row.where, "there is no test " + text);
    } else {
      const int said = match[4].matched ? std::stoi(match[4]) : 1;
      const int there = bearing[match[1]];
      if (said != there) {
        const std::string tests =
            std::to_string(there) + " of its tests bear " + row.id + ", not " + std::to_string(said);
        complain(row.where, match[1].str() + ": " + tests);
      }
      bearing.erase(match[1]);
    }
  }
  for (const auto& [program, count] : bearing) complain(row.where, program + " has a test of " + row.id + " as well");
  return any;
}

void check_row(const Row& row, const Rule& rule, const Counts& counts, const std::filesystem::path& root) {
  static const std::regex chapters(R"([01]\d(, [01]\d)*)");
  if (row.section != rule.section) complain(row.where, "a rule of section " + rule.section + " does not stand here");
  if (row.level != rule.level) complain(row.where, "its level is " + rule.level);
  if (row.asked.empty()) complain(row.where, "what is asked?");
  if (!std::regex_match(row.chapter, chapters)) complain(row.where, "a chapter is a number of two digits");

  const auto is_given = [&](std::string_view reason) { return row.code.starts_with(reason); };
  const auto reason = std::find_if(kReasons.begin(), kReasons.end(), is_given);
  const bool has_reason = reason != kReasons.end();
  const bool names_code = check_code(row, root) > 0;
  const bool has_test = row.tests == "–" ? counts.count(row.id) == 1 : check_tests(row, counts);
  if (row.tests == "–" && has_test) complain(row.where, "there is a test, which is not named");
  if (row.tests == "–" && !has_reason) complain(row.where, "no test, and no reason");
  if (rule.is_must() && !has_test && !has_reason) complain(row.where, "a MUST, and no test bears its id");
  if (rule.is_must() && has_reason && is_given("not done: ")) complain(row.where, "a MUST is not left undone");
  if (!names_code && (!has_reason || is_given("application: "))) complain(row.where, "which function?");
}

void check(const std::filesystem::path& root) {
  const Rules rules = read_rules(root / "tests/book/requirements.tsv");
  const Counts counts = count_tests(root / "tests", rules);
  const std::vector<Row> rows = read_account(root / "walkthrough/rfc6455.md");
  std::set<std::string> accounted;
  for (const Row& row : rows) {
    const auto rule = rules.find(row.id);
    if (rule == rules.end() || !rule->second.is_ours())
      complain(row.where, "there is no such rule: " + row.id);
    else if (!accounted.insert(row.id).second)
      complain(row.where, row.id + " stands here a second time");
    else
      check_row(row, rule->second, counts, root);
  }
  for (const auto& [id, rule] : rules) {
    if (rule.is_ours() && accounted.count(id) == 0) complain("rfc6455.md", id + " is not accounted for");
  }
  if (accounted.empty()) complain("rfc6455.md", "nothing is accounted for");
  std::printf("%zu rules accounted for, %d faults\n", accounted.size(), faults);
}

}  // namespace

int main(int argc, char** argv) {
  if (argc != 2) return 2;
  check(argv[1]);
  return faults == 0 ? 0 : 1;
}
