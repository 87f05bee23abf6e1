// What is the same in every chapter. At the top its title, a box, the picture of all stages with its own in brackets, and
// "So far: ...". At the end, in this order: three questions, with their answers folded; exercises; what production code
// does; further reading; and the ids of the rules that it has met, which stand nowhere else in its prose. The chapters of
// the pure stages, from 02 on, say where to stop and write it oneself, and give two hints.
//
//     outline_test ROOT [CHAPTER]...
//
// The command in the box is one that ctest knows tests for.
#include <algorithm>
#include <cctype>
#include <cstdio>
#include <regex>
#include <set>

#include "programs/process.h"
#include "prose.h"

using namespace book;

namespace {

const Lines kPicture = {
    "    handshake   bytes > sha1 > base64 > http > handshake",
    "    framing     frame > mask",
    "    protocol    utf8 > close > message > living > ending",
    "    transport   socket > outbox > connection",
    "    endpoints   server > client",
};

const std::set<std::string> kNoHeadings = {"Introduction", "Implementation", "Overview", "Conclusion", "Summary"};

// The picture in the chapter of `stage`; as it is, if that is no stage.
Lines picture_of(const std::string& stage) {
  Lines lines = kPicture;
  for (std::string& line : lines) {
    line = std::regex_replace(line, std::regex("([ >] )" + stage + "( >|$)"), "$1[" + stage + "]$2");
  }
  return lines;
}

// A chapter, and the faults that were found in it.
class Check {
 public:
  explicit Check(const Chapter& chapter) : chapter_(chapter), blocks_(blocks_of(chapter)) {
    number_ = chapter.name.substr(0, 2);
    stage_ = chapter.name.substr(3, chapter.name.find('.') - 3);
  }

  int faults() {
    top();
    headings();
    questions();
    last_lines();
    if (number_ >= "02" && number_ <= "12") yours();
    return faults_;
  }

  // Each -DWEBSOCK_MINE=... names one shell. The folder of them would replace the stages before, too, and nobody need have
  // written those.
  int shells(const std::filesystem::path& root);

  int rules(const std::set<std::string>& all);
  int command();

 private:
  void require(bool condition, std::size_t line, const std::string& what) {
    if (!condition) faults_ += complain(chapter_.name, line, what);
  }
  const Block& block(std::size_t i) const { return blocks_[std::min(i, blocks_.size() - 1)]; }
  Lines section(const std::string& heading) const;
  void top();
  void headings();
  void questions();
  void last_lines();
  void yours();

  const Chapter& chapter_;
  std::vector<Block> blocks_;
  std::string number_;  // "06"
  std::string stage_;   // "frame"
  int faults_ = 0;
};

void Check::top() {
  require(block(0).text().starts_with("# " + number_ + ' '), block(0).line, "the title is not # " + number_ + " ...");
  const std::string before = number_ == "00" ? "You need .*" : "You have read \\d\\d .*";
  const std::regex box(R"(\*\*Source\*\* \[.* · \*\*Test\*\* `.*` · \*\*RFC 6455\*\* .* · \d+ minutes.* · )" + before);
  require(block(1).kind == Kind::box && std::regex_match(block(1).text(), box), block(1).line,
          "the box is not **Source** ... · **Test** `...` · **RFC 6455** ... · 25 minutes · You have read ...");
  const Lines picture = picture_of(stage_);
  require(block(2).lines == picture, block(2).line, "the picture is not\n" + joined(picture, "\n"));
  require(block(3).text().starts_with("So far: "), block(3).line, "below the picture there is no \"So far: ...\"");
}

void Check::headings() {
  Lines names;
  for (const Block& each : blocks_) {
    if (each.kind != Kind::heading) continue;
    const std::string name = trimmed(each.text().substr(each.text().find(' ')));
    require(!kNoHeadings.contains(name), each.line, "a heading says what its section discovers, not " + name);
    if (each.text().starts_with("## ")) names.push_back(name);
  }
  const Lines wanted = {"Questions", "Exercises", "What production code does"};
  const bool ends = names.size() >= wanted.size() && std::equal(wanted.rbegin(), wanted.rend(), names.rbegin());
  require(ends, 0, "the last headings are not " + joined(wanted, ", "));
}

// The lines below `heading`, up to the next one.
Lines Check::section(const std::string& heading) const {
  const auto begin = std::find(chapter_.prose.begin(), chapter_.prose.end(), "## " + heading);
  if (begin == chapter_.prose.end()) return {};
  return Lines(begin + 1, std::find_if(begin + 1, chapter_.prose.end(),
                                       [](const std::string& line) { return line.starts_with("## "); }));
}

void Check::questions() {
  Lines begins;
  for (const std::string& line : section("Questions")) {
    if (line.starts_with("<details>")) begins.push_back(line.substr(0, std::string("<details><summary>1.").size()));
  }
  const Lines wanted = {"<details><summary>1.", "<details><summary>2.", "<details><summary>3."};
  require(begins == wanted, 0, "there are not three questions that begin with " + wanted[0] + " and so on");
  for (const Block& each : blocks_) {
    if (!each.text().starts_with("<details>")) continue;
    const std::string summary = each.text().substr(0, each.text().find("</summary>"));
    const bool is_html = summary.find('`') == summary.npos && summary.find("](") == summary.npos;
    require(is_html, each.line, "a summary is HTML: write <code>, and no link");
  }
  const Lines exercises = section("Exercises");
  const bool any =
      std::any_of(exercises.begin(), exercises.end(), [](const std::string& line) { return line.starts_with("1. "); });
  require(any, 0, "there are no exercises");
}

void Check::last_lines() {
  const std::string rules = blocks_.back().text();
  require(rules.starts_with("**Rules met here**: "), blocks_.back().line,
          "the last line is not **Rules met here**: ...");
  const auto reading = std::find_if(blocks_.begin(), blocks_.end(),
                                    [](const Block& each) { return each.text().starts_with("**Further reading**"); });
  require(reading != blocks_.end() && blocks_.end() - reading <= 4, blocks_.back().line,
          "above it there is no **Further reading**");
}

void Check::yours() {
  const std::string text = joined(chapter_.prose, "\n");
  require(text.find("walkthrough/yours/") != text.npos, 0, "does not say where to stop and write it oneself");
  require(split(text, " hint</summary>").size() >= 3, 0, "does not give two hints");
}

int Check::shells(const std::filesystem::path& root) {
  static const std::regex option(R"(-DWEBSOCK_MINE=([\w/.]+))");
  int faults = 0;
  for (std::size_t i = 0; i < chapter_.lines.size(); ++i) {
    std::smatch match;
    if (!std::regex_search(chapter_.lines[i], match, option) || is_regular_file(root / match[1].str())) continue;
    faults += complain(chapter_.name, i + 1, "no such shell: " + match[1].str());
  }
  return faults;
}

// The ids exist, and stand in the last paragraph only.
int Check::rules(const std::set<std::string>& all) {
  static const std::regex id(R"((\d{4}-)?\d+(\.\d+)*-\d\d\b)");
  int faults = 0;
  for (const Block& each : blocks_) {
    if (each.kind == Kind::fence || each.kind == Kind::picture) continue;
    const bool last = &each == &blocks_.back();
    const std::string text = without_code(each.text());
    for (std::sregex_iterator match(text.begin(), text.end(), id), end; match != end; ++match) {
      if (!last) faults += complain(chapter_.name, each.line, "the id " + match->str() + " in running prose");
      if (last && !all.contains(match->str())) faults += complain(chapter_.name, each.line, "no rule " + match->str());
    }
  }
  return faults;
}

int Check::command() {
  static const std::regex test(R"(`ctest --test-dir build -R '([^']+)'`)");
  const std::string box = block(1).text();
  std::smatch match;
  if (!std::regex_search(box, match, test))
    return complain(chapter_.name, block(1).line, "has no command for its test");
  const auto names = split(match[1].str(), "|").size();
  const std::string command = "ctest --test-dir " + shell_word(WEBSOCK_BUILD) + " -N -R " + shell_word(match[1].str());
  const std::string output = run(command, ".", std::chrono::seconds(60)).output;
  if (output.find("Total Tests: " + std::to_string(names) + "\n") != output.npos) return 0;
  return complain(chapter_.name, block(1).line, "ctest does not know one test for each name of " + match[1].str());
}

int check_chapters(const Arguments& arguments) {
  std::set<std::string> rules;
  for (const std::string& line : read_lines(arguments.root / "tests" / "book" / "requirements.tsv")) {
    rules.insert(line.substr(0, line.find('\t')));
  }
  int faults = 0;
  int count = 0;
  for (const Chapter& chapter : arguments.chapters) {
    if (std::isdigit(static_cast<unsigned char>(chapter.name[0])) == 0) continue;
    Check check(chapter);
    faults += check.faults() + check.rules(rules) + check.command() + check.shells(arguments.root);
    ++count;
  }
  if (count == 0) faults += complain("walkthrough", 0, "there is no chapter");
  std::printf("%d chapters\n", count);
  return faults;
}

}  // namespace

int main(int argc, char** argv) { return run_checker(argc, argv, {}, check_chapters); }
