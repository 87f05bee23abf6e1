// What a reader is to write is missing, and nothing else is: each file of walkthrough/yours/, linked in front of our
// library, makes its stage's test fail in good order, and our own file in the same place lets it pass.
//
//     yours_test ROOT STAGE=OBJECT...
//
// OBJECT is a compiled test of that stage. A stub that lacks a function does not link: the linker then takes our file,
// too, and finds everything else twice.
#include <algorithm>
#include <cstdio>
#include <set>
#include <stdexcept>

#include "chapter.h"
#include "includes.h"
#include "programs/process.h"

using namespace book;
using std::filesystem::path;

namespace {

constexpr std::chrono::seconds kToCompile{300};
constexpr std::chrono::seconds kToRun{300};
constexpr const char* kWarnings = " -Wall -Wextra -Wpedantic -Wshadow -Wconversion -Wsign-conversion -Werror";

struct Stage {
  std::string name;
  std::string object;  // of a test
};

// The test's run, with `source` in place of what the library has.
Result run_with(const path& source, const Stage& stage, const path& root) {
  const Scratch work;
  const std::string program = shell_word((work.path() / "program").string());
  const std::string object = shell_word((work.path() / "mine.o").string());
  const std::string compile =
      WEBSOCK_COMPILER " -O0" + std::string(kWarnings) + " -c -o " + object + ' ' + shell_word(source.string());
  const std::string link = WEBSOCK_COMPILER " -o " + program + ' ' + object + ' ' + shell_word(stage.object) + ' ' +
                           shell_word(WEBSOCK_LIBRARY) + " -pthread";
  const Result built = run(compile + " && " + link, root, kToCompile);
  if (built.status != 0 || built.hangs) throw std::runtime_error("cannot be built:\n" + built.output);
  return run(program, root, kToRun);
}

std::string end_of(const std::string& output) {
  return output.substr(output.size() - std::min<std::size_t>(output.size(), 500));
}

// What is wrong with the stub, if anything.
std::string fault_of(const Stage& stage, const path& root) {
  try {
    const path file = stage.name + ".cpp";
    const Result stub = run_with(root / "walkthrough/yours" / file, stage, root);
    if (stub.hangs) return "hangs its test";
    if (stub.status == 0) return "passes its test";
    if (stub.status != 1 || stub.output.find("FAILED  ") == stub.output.npos)
      return "breaks its test:\n" + end_of(stub.output);
    const Result ours = run_with(find_below(root / "src", file.string()), stage, root);
    if (ours.status != 0 || ours.hangs) return "is not all that is missing, ours fails:\n" + end_of(ours.output);
    return "";
  } catch (const std::runtime_error& error) {
    return error.what();
  }
}

int check(const std::vector<Stage>& stages, const path& root) {
  const Lines faults = on_all_processors(stages.size(), [&](std::size_t i) { return fault_of(stages[i], root); });
  int count = 0;
  for (std::size_t i = 0; i < stages.size(); ++i) {
    if (!faults[i].empty()) count += complain("yours/" + stages[i].name + ".cpp", 0, faults[i]);
  }
  return count;
}

// A stub without a test would prove nothing.
int check_untested(const std::vector<Stage>& stages, const path& root) {
  std::set<std::string> untested;
  for (const auto& entry : std::filesystem::directory_iterator(root / "walkthrough/yours")) {
    untested.insert(entry.path().filename().string());
  }
  for (const Stage& stage : stages) untested.erase(stage.name + ".cpp");
  for (const std::string& file : untested) complain("yours/" + file, 0, "is not tested");
  return static_cast<int>(untested.size());
}

}  // namespace

int main(int argc, char** argv) {
  const Lines arguments(argv + 1, argv + argc);
  std::vector<Stage> stages;
  for (std::size_t i = 1; i < arguments.size(); ++i) {
    const std::size_t equals = arguments[i].find('=');
    stages.push_back({arguments[i].substr(0, equals), arguments[i].substr(equals + 1)});
  }
  if (stages.empty()) return complain("yours_test", 0, "no stage is named");
  const int faults = check(stages, arguments[0]) + check_untested(stages, arguments[0]);
  std::printf("%zu tests, %d faults\n", stages.size(), faults);
  return faults == 0 ? 0 : 1;
}
