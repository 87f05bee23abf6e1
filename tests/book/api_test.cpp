// walkthrough/api.md has every public name of the classes that an application uses, and no other.
//
//     api_test ROOT [api.md]
//
// A section of the page is headed "## Limits, of src/transport/resource_limits.h", or "## Functions, of ..." for what is in
// no class. Each row of its table begins with a name in backquotes: | `max_head` | or | `send(text)` |, where what is in the
// parentheses is for people.
#include <cstdio>
#include <regex>
#include <set>

#include "chapter.h"

using namespace book;

namespace {

// Sections that there have to be: whatever <websock/websock.h> offers to an application.
const std::set<std::string> kSections = {
    "WebSocketServer", "ServerOptions", "HandshakeDecision", "WebSocketClient", "ClientOptions", "HandshakeError",
    "ConnectStop",     "Connection",    "Message",           "OwnedMessage",    "CloseInfo",     "Request",
    "Response",        "Error",         "DeflateOptions",    "Limits",          "CloseCode",     "State",
    "ErrorKind",       "Opcode",        "Functions"};

// Without what is between < and >, which may be nested.
std::string without_template_arguments(const std::string& line) {
  std::string text;
  int depth = 0;
  for (const char c : line) {
    if (c == '<') ++depth;
    if (depth == 0) text += c;
    if (c == '>') --depth;
  }
  return text;
}

// The name that a line of a header declares; nothing if it declares none that one could call or read.
std::string declared_name(const std::string& line, const std::string& class_name) {
  static const std::regex special("operator|~|= delete|^(using|friend|public|struct|enum|static_assert)\\b|^[{}#]");
  static const std::regex function(R"(\b([a-z_]\w*)\()");
  static const std::regex value(R"(\b([a-z_]\w*)(\[\w*\])?( = .*| \{.*|\{.*)?[;,]?$)");
  std::string text = without_template_arguments(line.substr(0, line.find("  //")));
  text = text.substr(0, text.find_last_not_of(' ') + 1);
  std::smatch match;
  if (std::regex_search(text, special) || text.find(class_name + "(") != text.npos) return "";
  if (std::regex_search(text, match, function)) return match[1];
  return std::regex_search(text, match, value) ? match[1].str() : "";
}

// What is public of a class, a struct or an enum: the declarations that begin two columns to the right of it.
std::set<std::string> members(const Lines& header, const std::string& name) {
  const std::regex head("^(class|struct|enum class) " + name + "\\b[^;]*\\{(.*)");
  std::set<std::string> names;
  bool inside = false;
  bool is_public = false;
  std::smatch match;
  for (const std::string& line : header) {
    if (!inside && std::regex_search(line, match, head)) {
      inside = true;
      is_public = match[1] != "class";
      static const std::regex word("[a-z_]+");  // enum class State { connecting, open, closing, closed };
      const std::string rest = match[2];
      for (auto at = std::sregex_iterator(rest.begin(), rest.end(), word); at != std::sregex_iterator(); ++at)
        names.insert(at->str());
      if (rest.find('}') != rest.npos) return names;
      continue;
    }
    if (!inside) continue;
    if (line.starts_with("}")) break;
    if (line == " public:") is_public = true;
    if (line == " private:") break;
    const bool is_declaration = line.size() > 2 && line.starts_with("  ") && line[2] != ' ' && line[2] != '/';
    if (is_public && is_declaration) names.insert(declared_name(line.substr(2), name));
  }
  names.erase("");
  return names;
}

// The functions of a header that are in no class.
std::set<std::string> functions(const Lines& header) {
  std::set<std::string> names;
  for (const std::string& line : header) {
    static const std::regex declaration(R"(^(inline |\[\[nodiscard\]\] )?[A-Za-z].*\).*[;{]$)");
    if (std::regex_search(line, declaration)) names.insert(declared_name(line, "(none)"));
  }
  names.erase("");
  return names;
}

struct Section {
  std::string name;
  std::string header;
  std::size_t line = 0;
  std::set<std::string> names = {};
};

std::vector<Section> read_sections(const Chapter& page) {
  static const std::regex head("^## (\\w+), of (src/[a-z_/]+\\.h)$");
  static const std::regex row("^\\| `(\\w+)");
  std::vector<Section> sections;
  std::smatch match;
  for (std::size_t i = 0; i < page.lines.size(); ++i) {
    if (std::regex_search(page.lines[i], match, head)) sections.push_back({match[1], match[2], i + 1});
    if (!sections.empty() && std::regex_search(page.lines[i], match, row)) sections.back().names.insert(match[1]);
  }
  return sections;
}

int check_section(const Section& section, const Arguments& arguments, const std::string& page) {
  const Lines header = read_lines(arguments.root / section.header);
  const std::set<std::string> declared =
      section.name == "Functions" ? functions(header) : members(header, section.name);
  int faults = declared.empty() ? complain(page, section.line, section.header + " has no " + section.name) : 0;
  for (const std::string& name : declared) {
    if (!section.names.contains(name)) faults += complain(page, section.line, "there is no row for `" + name + "`");
  }
  for (const std::string& name : section.names) {
    if (!declared.contains(name)) faults += complain(page, section.line, section.header + " does not declare " + name);
  }
  return faults;
}

int check_page(const Arguments& arguments) {
  const Chapter page =
      arguments.everything ? read_chapter(arguments.root / "walkthrough/api.md") : arguments.chapters.front();
  std::set<std::string> missing = kSections;
  int faults = 0;
  std::size_t names = 0;
  for (const Section& section : read_sections(page)) {
    missing.erase(section.name);
    faults += check_section(section, arguments, page.name);
    names += section.names.size();
  }
  for (const std::string& name : missing) faults += complain(page.name, 1, "there is no section on " + name);
  std::printf("%zu names\n", names);
  return faults;
}

}  // namespace

int main(int argc, char** argv) { return run_checker(argc, argv, {}, check_page); }
