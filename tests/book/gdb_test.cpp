// What a debugger shows is what a chapter shows. A fence
//
//     ```gdb
//     $ gdb --args ./build/bin/mask_test 5.3-01
//     (gdb) break apply_mask
//     (gdb) run
//     Breakpoint 1, websock::apply_mask (...) at ...mask.cpp:...
//     ```
//
// is a transcript. The first line names a program of this build and its arguments, and perhaps `-x FILE` before that. What
// stands behind "(gdb) " is typed; so are lines below it that begin with ">". The others have to be printed, in this
// order, though other lines may stand between them, and `...` stands for any text. `gdb sketch` is not typed.
//
//     gdb_test ROOT [CHAPTER]...
#include <cstdio>
#include <regex>

#include "chapter.h"
#include "programs/process.h"

using namespace book;
using std::filesystem::path;

namespace {

constexpr std::chrono::seconds kLimit{120};

struct Command {
  std::size_t line = 0;  // of the chapter
  std::string typed;
  Lines expected;
};

std::vector<Command> commands_of(const Fence& fence) {
  std::vector<Command> commands;
  for (std::size_t i = 1; i < fence.code.size(); ++i) {
    const std::string& line = fence.code[i];
    if (line.starts_with("(gdb)")) {
      commands.push_back({fence.line + i, trimmed(line.substr(5)), {}});
    } else if (commands.empty()) {
      throw std::runtime_error("behind its first line a gdb fence begins with (gdb)");
    } else if (line.starts_with(">")) {
      commands.back().typed += '\n' + line.substr(1);
    } else if (!trimmed(line).empty()) {
      commands.back().expected.push_back(line);
    }
  }
  return commands;
}

// Prompts stand before what is printed, since nobody has pressed return behind them.
std::string without_prompts(std::string line) {
  while (line.starts_with("(gdb) ") || line.starts_with(">")) line.erase(0, line[0] == '>' ? 1 : 6);
  return line;
}

// The first expected line that does not follow, if any.
const std::string* missing(const Lines& expected, const Lines& got) {
  std::size_t found = 0;
  for (std::size_t i = 0; i < got.size() && found < expected.size(); ++i) {
    found += matches(trimmed(expected[found]), trimmed(without_prompts(got[i])));
  }
  return found < expected.size() ? &expected[found] : nullptr;
}

// What gdb says to a command that it cannot obey. A transcript may show that, but not hide it.
bool is_complaint(const std::string& line) {
  return line.find("No symbol ") != line.npos || line.find("Undefined command") != line.npos ||
         line.ends_with(" not defined.") || line.find("A syntax error") != line.npos;
}

int check(const std::string& chapter, const Command& command, Process& gdb) {
  gdb.write(command.typed + "\necho @end\\n\n");
  const auto output = gdb.read_until("@end\n", kLimit);
  if (!output) {
    complain(chapter, command.line, "does not end: " + command.typed);
    throw std::runtime_error("the debugger is stuck");
  }
  const Lines got = split(*output, "\n");
  Lines surprises;
  for (const std::string& line : got) {
    if (is_complaint(line) && missing({"..." + trimmed(without_prompts(line))}, command.expected)) {
      surprises.push_back(line);
    }
  }
  const std::string* line = missing(command.expected, got);
  if (line == nullptr && surprises.empty()) return 0;
  return complain(chapter, command.line,
                  command.typed + "\n    does not print: " + (line ? *line : "nothing but what is shown") +
                      "\n    it prints\n" + *output);
}

// How this build's gdb is called, if the first line says how the reader's is.
std::string call_of_gdb(const Fence& fence) {
  static const std::regex grammar(R"(\$ gdb ((?:-x \S+ )?)--args \./build/bin/((\S+).*))");
  std::smatch match;
  if (fence.code.empty() || !std::regex_match(fence.code[0], match, grammar)) {
    throw std::runtime_error("a gdb fence begins with `$ gdb [-x FILE] --args ./build/bin/PROGRAM`");
  }
  const path bin = WEBSOCK_BIN;
  if (!std::filesystem::exists(bin / match[3].str())) throw std::runtime_error("there is no program " + match[3].str());
  return "gdb -q -nx " + match[1].str() + "--args " + (bin / match[2].str()).string();
}

// Whether this machine's debug registers work: some virtual ones take a watchpoint, and never report it. The program writes
// what is watched within a few instructions.
bool has_watchpoints() {
  const std::string watched = (path(WEBSOCK_BIN) / "watched").string();
  const std::string commands = " -ex 'break main' -ex run -ex 'watch -l written' -ex continue";
  const Result probe = run("gdb -q -nx -batch" + commands + " --args " + shell_word(watched), ".", kLimit);
  return probe.output.find("New value = 1") != std::string::npos;
}

// What makes gdb look after every instruction instead, where it has to: slowly, but surely.
std::string watching() {
  static const bool in_hardware = has_watchpoints();
  return in_hardware ? "" : "set can-use-hw-watchpoints 0\n";
}

int check(const Fence& fence, const path& root) {
  const std::vector<Command> commands = commands_of(fence);
  Process gdb(in_shell("export LC_ALL=C.UTF-8; exec " + call_of_gdb(fence), root));
  gdb.write("set pagination off\nset confirm off\nset width 0\n" + watching() + "echo @end\\n\n");
  gdb.read_until("@end\n", kLimit);
  int faults = 0;
  for (const Command& command : commands) faults += check(fence.chapter, command, gdb);
  return faults;
}

int check_chapters(const Arguments& arguments) {
  int faults = 0;
  std::size_t transcripts = 0;
  for (const Chapter& chapter : arguments.chapters) {
    for (const Fence& fence : chapter.fences) {
      if (fence.language() != "gdb" || fence.info == "gdb sketch") continue;
      try {
        faults += check(fence, arguments.root);
      } catch (const std::runtime_error& error) {
        faults += complain(chapter.name, fence.line, error.what());
      }
      ++transcripts;
    }
  }
  std::printf("%zu transcripts\n", transcripts);
  return faults;
}

}  // namespace

int main(int argc, char** argv) {
  const Result probe = run("gdb -q -nx -batch -ex run --args true", ".", kLimit);
  if (probe.output.find("exited normally") == std::string::npos) {
    std::printf("skipped: there is no gdb here that can run a program\n%s\n", probe.output.c_str());
    return 77;
  }
  return run_checker(argc, argv, {}, check_chapters);
}
