// What breaks when a line changes. A fence
//
//     ```diff
//     --- src/framing/mask.cpp
//     -  a line of the file
//     +  what it becomes
//     # mask_test fails: 5.3-04; 5.7-02 a single-frame masked text
//
// is a hunk of a unified diff. Its lines that begin with a space or a minus stand in that file, in exactly one place; a
// line of `@@` separates two hunks. It is applied to a copy, and exactly the tests named in its last lines fail in that
// program: a name is the test's own, or the first words of it (so 5.3-04 names all tests with that id).
// `# mask_test fails: hangs` is a test that does not end.
//
//     experiments_test ROOT [--all] [--line N] [CHAPTER]...
//
//     --all       there are to be 40 of them
//     --line N    only the fence that this line of the chapter stands in
//
// This tests our tests, too: a change that nothing notices is an error.
#include <algorithm>
#include <cstdio>
#include <regex>
#include <set>
#include <stdexcept>

#include "chapter.h"
#include "includes.h"
#include "programs/process.h"

using namespace book;
using std::filesystem::path;

namespace {

constexpr std::chrono::seconds kToCompile{300};
constexpr std::chrono::seconds kToRun{120};  // the slowest stage takes a few; a busy machine takes longer
constexpr std::chrono::seconds kToRunOne{120};

struct Experiment {
  const Fence* fence = nullptr;
  std::string file;   // "src/framing/mask.cpp"
  std::string stage;  // "mask"
  Lines fails;
};

struct Hunk {
  Lines before;
  Lines after;
};

struct Fault : std::runtime_error {
  using std::runtime_error::runtime_error;
};

Experiment parse(const Fence& fence) {
  static const std::regex grammar(R"( (\w+)_test fails: (\S.*))");
  std::string end;
  for (const std::string& line : fence.code) {
    if (line.starts_with('#')) end += line.substr(1);
  }
  std::smatch match;
  if (!std::regex_match(end, match, grammar)) throw Fault("does not end with a line `# STAGE_test fails: TEST; TEST`");
  return {&fence, fence.file, match[1], split(match[2].str(), "; ")};
}

std::vector<Hunk> hunks_of(const Lines& code) {
  std::vector<Hunk> hunks(1);
  for (const std::string& line : code) {
    const char kind = line.empty() ? ' ' : line[0];
    if (kind == '#') continue;
    const std::string text = line.empty() ? line : line.substr(1);
    if (line.starts_with("@@")) {
      hunks.emplace_back();
    } else if (kind != ' ' && kind != '-' && kind != '+') {
      throw Fault("a line begins with none of space, minus, plus and #: " + line);
    } else {
      if (kind != '+') hunks.back().before.push_back(text);
      if (kind != '-') hunks.back().after.push_back(text);
    }
  }
  std::erase_if(hunks, [](const Hunk& hunk) { return hunk.before.empty() && hunk.after.empty(); });
  return hunks;
}

void apply(const Hunk& hunk, Lines& source) {
  if (hunk.before.empty() || hunk.before == hunk.after) throw Fault("a hunk has no context, or changes nothing");
  const auto at = std::search(source.begin(), source.end(), hunk.before.begin(), hunk.before.end());
  if (at == source.end()) throw Fault("the lines are not in the file:\n" + joined(hunk.before, "\n"));
  if (std::search(at + 1, source.end(), hunk.before.begin(), hunk.before.end()) != source.end()) {
    throw Fault("the lines stand in more than one place:\n" + joined(hunk.before, "\n"));
  }
  const auto end = source.erase(at, at + static_cast<std::ptrdiff_t>(hunk.before.size()));
  source.insert(end, hunk.after.begin(), hunk.after.end());
}

// ---- One experiment ----

// The stage's test as the build has compiled it.
std::string object_of(const std::string& stage) {
  for (const std::string& object : split(WEBSOCK_TEST_OBJECTS, ":")) {
    if (path(object).filename().string().starts_with(stage + "_test.cpp")) return object;
  }
  throw Fault("the build has no object of " + stage + "_test.cpp");
}

// Compiles what sees the change: files that the test needs, and the test itself. The rest comes from the build.
std::string commands(const Experiment& experiment, const path& root) {
  const path test = find_below(root / "tests", experiment.stage + "_test.cpp");
  std::set<path> sources = needed_by(test, root / "src");
  std::erase_if(sources, [&](const path& file) {
    return file.extension() != ".cpp" || !included_by(file, root / "src").contains(root / experiment.file);
  });
  if (sources.empty()) throw Fault(experiment.stage + " does not need " + experiment.file);
  std::string script = "set -e\n";
  for (const path& file : sources) {
    script += std::string(WEBSOCK_COMPILER) + " -w -Og -c " + file.lexically_relative(root).string() + "\n";
  }
  // What was compiled here goes first, so that nobody asks the library for it.
  const std::string object = sources.contains(test) ? "" : shell_word(object_of(experiment.stage));
  return script + WEBSOCK_COMPILER + " -o broken *.o " + object + ' ' + WEBSOCK_LIBRARY + " -pthread\n";
}

void build(const Experiment& experiment, const path& root, const path& work) {
  if (!experiment.file.starts_with("src/") || !std::filesystem::exists(root / experiment.file)) {
    throw Fault("there is no " + experiment.file + " in src/");
  }
  if (find_below(root / "tests", experiment.stage + "_test.cpp").empty()) {
    throw Fault("there is no " + experiment.stage + "_test.cpp in tests/");
  }
  std::filesystem::copy(root / "src", work / "src", std::filesystem::copy_options::recursive);
  std::filesystem::copy(root / "tests", work / "tests", std::filesystem::copy_options::recursive);
  Lines source = read_lines(root / experiment.file);
  for (const Hunk& hunk : hunks_of(experiment.fence->code)) apply(hunk, source);
  write_lines(work / experiment.file, source);
  const Result result = run(commands(experiment, root), work, kToCompile);
  if (result.status != 0 || result.hangs) throw Fault("cannot be compiled:\n" + result.output);
}

void add_failures(const std::string& output, std::set<std::string>& failures) {
  for (const std::string& line : split(output, "\n")) {
    if (line.starts_with("FAILED  ")) failures.insert(line.substr(8));
  }
}

// The names of the tests that fail. A program that crashes loses its report, so then each test has a run of its own.
std::set<std::string> failing(const path& work, const Lines& tests) {
  std::set<std::string> failures;
  const Result all = run("./broken", work, kToRun);
  if (all.hangs) return {"hangs"};
  add_failures(all.output, failures);
  if (all.status <= 1) return failures;
  for (const std::string& test : tests) {
    const Result one = run("./broken " + shell_word(test), work, kToRunOne);
    add_failures(one.output, failures);
    if (one.hangs || one.status > 1) failures.insert(test);
  }
  return failures;
}

std::set<std::string> expected(const Experiment& experiment, const Lines& tests) {
  std::set<std::string> names;
  for (const std::string& name : experiment.fails) {
    if (name == "hangs") return {"hangs"};
    const std::size_t before = names.size();
    for (const std::string& test : tests) {
      if (test.starts_with(name) && std::string(" ,;:").find((test + ' ')[name.size()]) != std::string::npos) {
        names.insert(test);
      }
    }
    if (names.size() == before) throw Fault("there is no test \"" + name + "\" in " + experiment.stage);
  }
  return names;
}

// The names in `names` that are not in `others`, below `title`; "" if there are none.
std::string missing(const std::string& title, const std::set<std::string>& names, const std::set<std::string>& others) {
  std::string lines;
  for (const std::string& name : names) {
    if (!others.contains(name)) lines += "\n        " + name;
  }
  return lines.empty() ? "" : "\n    " + title + lines;
}

// What is wrong with the experiment, if anything.
std::string fault_of(const Fence& fence, const path& root) {
  try {
    const Experiment experiment = parse(fence);
    const Scratch work;
    build(experiment, root, work.path());
    const Lines tests = split(trimmed(run("./broken --list", work.path(), kToRunOne).output), "\n");
    const std::set<std::string> wanted = expected(experiment, tests);
    const std::set<std::string> got = failing(work.path(), tests);
    if (got.empty()) return "nothing fails";
    if (got == wanted) return "";
    return "other tests fail" + missing("named, and does not fail:", wanted, got) +
           missing("fails, and is not named:", got, wanted);
  } catch (const Fault& fault) {
    return fault.what();
  }
}

int check(const std::vector<const Fence*>& fences, const path& root) {
  const Lines faults = on_all_processors(fences.size(), [&](std::size_t i) { return fault_of(*fences[i], root); });
  int count = 0;
  for (std::size_t i = 0; i < fences.size(); ++i) {
    if (!faults[i].empty()) count += complain(fences[i]->chapter, fences[i]->line, faults[i]);
  }
  return count;
}

int check_chapters(const Arguments& arguments) {
  const std::string line = arguments.value("--line");
  std::vector<const Fence*> fences;
  for (const Chapter& chapter : arguments.chapters) {
    for (const Fence& fence : chapter.fences) {
      if (fence.language() != "diff") continue;
      if (line.empty() || fence.contains(std::stoul(line))) fences.push_back(&fence);
    }
  }
  std::printf("%zu experiments\n", fences.size());
  const bool too_few = arguments.has("--all") && fences.size() < 40;
  return check(fences, arguments.root) + (too_few ? complain("walkthrough", 0, "fewer than 40") : 0);
}

}  // namespace

int main(int argc, char** argv) { return run_checker(argc, argv, {"--line"}, check_chapters); }
