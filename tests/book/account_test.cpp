// Every rule of RFC 6455 is accounted for, and every one of RFC 7692. walkthrough/rfc6455.md has one row for each, such as
//
//     | 5.2-19 | MUST | ... | [frame.cpp](../src/framing/frame.cpp) `parse_payload_length` | `frame`, `ending` ×2 | 06 |
//
// which is true if src/framing/frame.cpp has that function, one test of frame_test and two of ending_test bear the id 5.2-19,
// and no other test does. So a test that is taken away, and one that is added, show here. `mask 5.3-07` in the place of
// tests points to one that bears another id. A row that has no code to show begins with one of kReasons.
//
//     account_test ROOT [ACCOUNT]
//
// Which rules there are says requirements.tsv beside this file; for walkthrough/rfc7692.md it is requirements-7692.tsv.
#include <algorithm>
#include <array>
#include <cctype>
#include <cstdio>
#include <map>
#include <regex>
#include <set>

#include "chapter.h"

using namespace book;

namespace {

constexpr std::array<std::string_view, 5> kReasons = {
    "application: ",     // the application's duty; the API that lets it do so is named
    "TLS: ",             // done by a proxy in front
    "IDN: ",             // names in other alphabets are refused
    "not observable: ",  // nobody could tell
    "not done: ",        // a SHOULD or a MAY that we leave; never a MUST
};
constexpr const char* kNone = "–";

// ---- The rules ----

struct Rule {
  std::string section;
  std::string level;
  std::string role;

  bool is_ours() const { return role == "server" || role == "client" || role == "both"; }
  bool is_must() const { return level == "MUST" || level == "MUST NOT"; }
};
using Rules = std::map<std::string, Rule>;  // by id

Rules read_rules(const std::filesystem::path& table) {
  Rules rules;
  for (const std::string& line : read_lines(table)) {
    const Lines columns = split(line, "\t");
    if (columns[0] != "id") rules[columns[0]] = {columns.at(1), columns.at(2), columns.at(3)};
  }
  return rules;
}

// ---- The tests ----

struct Test {
  std::string program;  // "frame": it is in frame_test.cpp
  std::size_t line = 0;
  std::string name;

  std::string id() const { return name.substr(0, name.find(' ')); }
};

// How many tests of each program bear an id: counts["5.2-19"]["frame"].
using Counts = std::map<std::string, std::map<std::string, int>>;

std::vector<Test> read_tests(const std::filesystem::path& folder) {
  constexpr std::string_view kSuffix = "_test.cpp";
  std::vector<Test> tests;
  for (const auto& entry : std::filesystem::recursive_directory_iterator(folder)) {
    const std::string file = entry.path().filename().string();
    if (!file.ends_with(kSuffix)) continue;
    const Lines lines = read_lines(entry.path());
    for (std::size_t i = 0; i < lines.size(); ++i) {
      if (!lines[i].starts_with("TEST(")) continue;
      const std::string& line = lines[i] == "TEST(" ? lines.at(i + 1) : lines[i];
      const std::size_t begin = line.find('"') + 1;
      tests.push_back(
          {file.substr(0, file.size() - kSuffix.size()), i + 1, line.substr(begin, line.find('"', begin) - begin)});
    }
  }
  return tests;
}

// A test's name begins with one of the RFC's ids, with one of our own, or with one that says another RFC's number.
int check_ids(const std::vector<Test>& tests, const Rules& rules) {
  static const std::regex other(R"((own-[a-z0-9-]+-\d\d)|(\d{4}(-[0-9.]+)?))");
  int faults = 0;
  for (const Test& test : tests) {
    if (rules.count(test.id()) == 0 && !std::regex_match(test.id(), other))
      faults += complain(test.program + "_test.cpp", test.line, "there is no such id: " + test.id());
  }
  return faults;
}

// ---- The account ----

struct Row {
  std::string account;  // the file's name
  std::size_t line = 0;
  std::string section;
  std::string id, level, asked, code, tests, chapter;

  int complain(const std::string& what) const { return book::complain(account, line, what); }
};

std::vector<Row> rows_of(const Chapter& account) {
  std::vector<Row> rows;
  std::string section;
  for (std::size_t i = 0; i < account.prose.size(); ++i) {
    const std::string& line = account.prose[i];
    if (line.starts_with("## ")) section = split(line, " ")[1];
    if (!line.starts_with("| ") || line.starts_with("| id ")) continue;
    Lines cells = split(line, "|");
    for (std::string& cell : cells) cell = trimmed(cell);
    cells.resize(8);  // an empty one on either side
    rows.push_back({account.name, i + 1, section, cells[1], cells[2], cells[3], cells[4], cells[5], cells[6]});
  }
  return rows;
}

// Whether `line` has `name`, followed by what may follow the name of something that is declared.
bool declares(std::string_view line, std::string_view name) {
  constexpr std::array<std::string_view, 6> kFollowers = {"(", ";", ",", " =", " {", " :"};
  const auto is_letter = [](char c) { return std::isalnum(static_cast<unsigned char>(c)) != 0 || c == '_'; };
  for (std::size_t at = line.find(name); at != line.npos; at = line.find(name, at + 1)) {
    const std::string_view rest = line.substr(at + name.size());
    const bool followed =
        std::any_of(kFollowers.begin(), kFollowers.end(), [&](auto what) { return rest.starts_with(what); });
    if (followed && (at == 0 || !is_letter(line[at - 1]))) return true;
  }
  return false;
}

// The same for any line of the file that is no comment and does not stand inside a function.
bool file_declares(const std::filesystem::path& file, std::string_view name) {
  static std::map<std::filesystem::path, Lines> files;  // each is read once, for many rows
  const auto [read, is_new] = files.try_emplace(file);
  if (is_new) read->second = read_lines(file);
  const std::size_t deepest = file.extension() == ".h" ? 2 : 0;  // members of a class are indented by two
  for (const std::string& line : read->second) {
    const std::size_t indent = line.find_first_not_of(' ');
    if (indent <= deepest && line.compare(indent, 2, "//") != 0 && declares(line, name)) return true;
  }
  return false;
}

// What the cell points to, as in [frame.h](../src/framing/frame.h) `is_control`, is there; and it points to something if it has to.
int check_code(const Row& row, bool has_to, const std::filesystem::path& root) {
  static const std::regex part(R"(\[([^\]]+)\]\(\.\./([^)]+)\)|`([^`]+)`)");
  int faults = 0;
  std::filesystem::path file;
  for (std::sregex_iterator match(row.code.begin(), row.code.end(), part), end; match != end; ++match) {
    const std::string name = (*match)[3];
    if (name.empty()) file = root / (*match)[2].str();
    if (file.empty() || !std::filesystem::exists(file)) return row.complain("there is no such file: " + match->str());
    if (!name.empty() && !file_declares(file, name))
      faults += row.complain(file.filename().string() + " has no " + name);
    has_to = has_to && name.empty();
  }
  return has_to ? row.complain("which function?") : faults;
}

// What the cell points to is there, and all tests that bear the row's id are counted.
int check_tests(const Row& row, const Counts& counts) {
  static const std::regex item(R"(`([a-z0-9_]+)( [a-z0-9.-]+)?`( ×(\d+))?)");
  const auto bearing = [&](const std::string& id) {
    const auto found = counts.find(id);
    return found == counts.end() ? std::map<std::string, int>() : found->second;
  };
  std::map<std::string, int> uncounted = bearing(row.id);
  int faults = 0;
  for (const std::string& text : row.tests == kNone ? Lines() : split(row.tests, ", ")) {
    std::smatch match;
    if (!std::regex_match(text, match, item)) return row.complain("this names no test: " + text);
    const std::string program = match[1];
    if (match[2].matched) {
      if (bearing(trimmed(match[2].str())).count(program) == 0) faults += row.complain("there is no test " + text);
      continue;
    }
    const std::string said = match[4].matched ? match[4].str() : "1";
    const std::string there = std::to_string(uncounted[program]);
    if (said != there) faults += row.complain(program + " has " + there + " tests " + row.id + ", not " + said);
    uncounted.erase(program);
  }
  for (const auto& [program, count] : uncounted) faults += row.complain(program + " has a test " + row.id + ", too");
  return faults;
}

int check_row(const Row& row, const Rule& rule, const Counts& counts, const std::filesystem::path& root) {
  static const std::regex chapters(R"([0-2]\d(, [0-2]\d)*)");
  int faults = 0;
  if (row.section != rule.section) faults += row.complain("it belongs to section " + rule.section);
  if (row.level != rule.level) faults += row.complain("its level is " + rule.level);
  if (row.asked.empty()) faults += row.complain("what is asked?");
  if (!std::regex_match(row.chapter, chapters)) faults += row.complain("which chapter?");

  const auto is_given = [&](std::string_view reason) { return row.code.starts_with(reason); };
  const bool has_reason = std::any_of(kReasons.begin(), kReasons.end(), is_given);
  if (!has_reason && row.tests == kNone) faults += row.complain("no test, and no reason");
  if (!has_reason && rule.is_must() && counts.count(row.id) == 0)
    faults += row.complain("a MUST without a test of its own");
  if (is_given("not done: ") && rule.is_must()) faults += row.complain("a MUST that is not done");
  return faults + check_code(row, !has_reason || is_given("application: "), root) + check_tests(row, counts);
}

// The rules of one RFC against its account.
int check(const Chapter& account, const Rules& rules, const std::vector<Test>& tests,
          const std::filesystem::path& root) {
  int faults = 0;
  Counts counts;
  for (const Test& test : tests) ++counts[test.id()][test.program];

  std::set<std::string> accounted;
  for (const Row& row : rows_of(account)) {
    const auto rule = rules.find(row.id);
    if (rule == rules.end() || !rule->second.is_ours())
      faults += row.complain("there is no such rule: " + row.id);
    else if (!accounted.insert(row.id).second)
      faults += row.complain("a second time: " + row.id);
    else
      faults += check_row(row, rule->second, counts, root);
  }
  for (const auto& [id, rule] : rules) {
    if (rule.is_ours() && accounted.count(id) == 0) faults += complain(account.name, 0, "not accounted for: " + id);
  }
  std::printf("%zu rules\n", accounted.size());
  return faults;
}

// A page that is named on the command line is taken for an account of RFC 6455, unless its name says otherwise.
int check_account(const Arguments& arguments) {
  const std::filesystem::path tables = arguments.root / "tests" / "book";
  const Rules websocket = read_rules(tables / "requirements.tsv");
  const Rules deflate = read_rules(tables / "requirements-7692.tsv");
  const std::vector<Test> tests = read_tests(arguments.root / "tests");
  Rules all = websocket;
  all.insert(deflate.begin(), deflate.end());
  int faults = check_ids(tests, all);
  int accounts = 0;
  for (const Chapter& page : arguments.chapters) {
    const bool is_deflate = page.name == "rfc7692.md";
    if (arguments.everything && page.name != "rfc6455.md" && !is_deflate) continue;
    faults += check(page, is_deflate ? deflate : websocket, tests, arguments.root);
    ++accounts;
  }
  if (accounts == 0 || (arguments.everything && accounts != 2))
    faults += complain("walkthrough", 0, "an account is not there");
  return faults;
}

}  // namespace

int main(int argc, char** argv) { return run_checker(argc, argv, {}, check_account); }
