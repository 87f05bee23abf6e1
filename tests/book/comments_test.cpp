// Every function that is defined in src/ says what it is for, in a comment directly above it. A definition on a single line
// needs none; definitions without a blank line between them share the comment of the first.
//
// And what a comment refers to exists: an id such as 5.2-19 is one of the rules, and "5.5.1:" or "(5.5.1, 6.1)" are sections
// of RFC 6455. (A file that names another RFC, too, may mean one of that.)
//
//     comments_test ROOT
#include <algorithm>
#include <cctype>
#include <regex>
#include <set>

#include "includes.h"
#include "prose.h"

using namespace book;

namespace {

bool is_comment(const std::string& line) { return trimmed(line).starts_with("//"); }

// The statement or head that begins at `at`, on one line: as far as the first line that ends with ";", "{" or "}".
std::string statement_at(const Lines& source, std::size_t at) {
  std::string text;
  for (; at < source.size(); ++at) {
    const std::string line = trimmed(source[at].substr(0, source[at].find("  //")));
    text += (text.empty() ? "" : " ") + line;
    if (line.empty() || std::string_view(";{}").find(line.back()) != std::string_view::npos) break;
  }
  return text;
}

// "class Outbox {" and the like: what is inside is declared two columns further to the right.
bool opens_a_class(const std::string& statement) {
  static const std::regex head(R"(^(class|struct) [A-Za-z0-9_ ]+\{$)");
  return std::regex_match(statement, head);
}

// Whether `statement` is the head of a function whose body follows on further lines.
bool opens_a_function(const std::string& statement) {
  static const std::regex head(R"(^(?!namespace|enum|class|struct|using|extern "C" \{)[A-Za-z_~:].*\(.*\{$)");
  static const std::regex value(R"(^[^()]*= )");  // of a variable
  return std::regex_search(statement, head) && !std::regex_search(statement, value);
}

// The lines, counted from 0, at which functions begin that have no comment above them.
std::vector<std::size_t> bare_functions(const Lines& source) {
  std::vector<std::size_t> bare;
  std::size_t indent = 0;         // of the declarations of the scope that we are in: 0, or 2 inside a class
  bool continues = false;         // the line above belongs to the same declaration
  bool above_is_covered = false;  // a comment, or the end of a function that has one
  bool inside_has_comment = false;
  for (std::size_t i = 0; i < source.size(); ++i) {
    const std::string& line = source[i];
    const std::size_t column = line.find_first_not_of(' ');
    if (column == std::string::npos) {
      above_is_covered = false;
      continue;
    }
    if (indent == 2 && line.starts_with("};")) indent = 0;
    if (column != indent) continue;
    const bool closes = line[column] == '}';
    if (is_comment(line)) {
      above_is_covered = true;
    } else if (closes) {
      above_is_covered = inside_has_comment;
    } else if (!continues) {
      const std::string statement = statement_at(source, i);
      inside_has_comment = above_is_covered;
      if (opens_a_function(statement) && !above_is_covered) bare.push_back(i);
      if (opens_a_class(statement)) {
        indent = 2;
        above_is_covered = false;
      }
    }
    continues = !closes && !is_comment(line) &&
                std::string_view(";{}").find(trimmed(line).back()) == std::string_view::npos &&
                line.find("  //") == line.npos && !line.starts_with("#") && !trimmed(line).ends_with(":");
  }
  return bare;
}

int check_heads(const std::string& name, const Lines& source) {
  const std::vector<std::size_t> bare = bare_functions(source);
  for (const std::size_t line : bare) complain(name, line + 1, "has no comment above it: " + trimmed(source[line]));
  return static_cast<int>(bare.size());
}

std::set<std::string> first_column(const std::filesystem::path& table) {
  std::set<std::string> cells;
  for (const std::string& line : read_lines(table)) cells.insert(line.substr(0, line.find('\t')));
  return cells;
}

struct Known {
  std::set<std::string> rules;
  std::set<std::string> sections;
};

int check_references(const std::string& name, const std::vector<Block>& comments, const Known& known) {
  static const std::regex id(R"(\b(\d{4}-)?\d+(\.\d+)*-\d\d\b)");
  static const std::regex brief(R"((^|\()(\d+\.\d+(\.\d+)*)((, | and | to )\d+\.\d+(\.\d+)*)*(:|\)))");
  static const std::regex number(R"(\d+(\.\d+)+)");
  static const std::regex other_rfc(R"(RFC (?!6455)\d{4})");
  const bool may_mean_another = std::any_of(
      comments.begin(), comments.end(), [&](const Block& block) { return std::regex_search(block.text(), other_rfc); });
  int faults = 0;
  for (const Block& block : comments) {
    const std::string text = block.text();
    for (std::sregex_iterator match(text.begin(), text.end(), id), end; match != end; ++match) {
      if (!known.rules.contains(match->str())) faults += complain(name, block.line, "there is no rule " + match->str());
    }
    for (std::sregex_iterator match(text.begin(), text.end(), brief), end; match != end && !may_mean_another; ++match) {
      const std::string list = match->str();
      for (std::sregex_iterator one(list.begin(), list.end(), number); one != end; ++one) {
        if (!known.sections.contains(one->str()))
          faults += complain(name, block.line, "RFC 6455 has no section " + one->str());
      }
    }
  }
  return faults;
}

int check_sources(const Arguments& arguments) {
  const std::filesystem::path tests = arguments.root / "tests" / "book";
  const Known known = {first_column(tests / "requirements.tsv"), first_column(tests / "sections.tsv")};
  int faults = 0;
  for (const std::string& source : source_names(arguments.root)) {
    const std::string name = "src/" + source;
    const Lines lines = read_lines(arguments.root / name);
    faults += check_heads(name, lines) + check_references(name, comments_of(lines), known);
  }
  return faults;
}

}  // namespace

int main(int argc, char** argv) { return run_checker(argc, argv, {}, check_sources); }
