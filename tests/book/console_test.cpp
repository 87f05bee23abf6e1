// What a shell says is what a chapter shows. A fence
//
//     ```console
//     $ printf Hello | base64
//     SGVsbG8=
//     ```
//
// is typed into bash, in a copy of the project whose `build` is the build that this checker belongs to. All fences of a
// chapter go to the same bash, one after the other. Every line of the output stands there; a line of only `...` stands for any
// lines, and `...` within a line for any text. A line that begins with "> " goes on with the command above. A fence
// `console sketch` is not run: it needs a person, or time.
//
//     console_test ROOT [CHAPTER]...
#include <algorithm>
#include <cstdio>

#include "chapter.h"
#include "programs/process.h"

using namespace book;
using std::filesystem::path;

namespace {

constexpr std::chrono::seconds kLimit{120};
constexpr int kNotFound = 127;  // bash: no such command

struct Command {
  std::size_t line = 0;  // of the chapter
  std::string text;
  Lines expected;
};

std::vector<Command> commands_of(const Fence& fence) {
  std::vector<Command> commands;
  for (std::size_t i = 0; i < fence.code.size(); ++i) {
    const std::string& line = fence.code[i];
    if (line.starts_with("$ ")) {
      commands.push_back({fence.line + i, line.substr(2), {}});
    } else if (commands.empty()) {
      commands.push_back({fence.line + i, "", {}});
    } else if (line.starts_with("> ") && commands.back().expected.empty()) {
      commands.back().text += '\n' + line.substr(2);
    } else {
      commands.back().expected.push_back(line);
    }
  }
  return commands;
}

void copy_project(const path& root, const path& to) {
  for (const char* name : {"CMakeLists.txt", "README.md", "src", "tests", "walkthrough", "examples"}) {
    if (std::filesystem::exists(root / name)) {
      std::filesystem::copy(root / name, to / name, std::filesystem::copy_options::recursive);
    }
  }
  std::filesystem::create_directory_symlink(WEBSOCK_BUILD, to / "build");
}

// Whether the lines of `got` are those of `expected`, in which "..." stands for any number of lines.
bool same(const Lines& expected, const Lines& got, std::size_t i = 0, std::size_t j = 0) {
  if (i == expected.size()) return j == got.size();
  if (trimmed(expected[i]) == "...") {
    for (std::size_t k = j; k <= got.size(); ++k) {
      if (same(expected, got, i + 1, k)) return true;
    }
    return false;
  }
  return j < got.size() && matches(expected[i], got[j]) && same(expected, got, i + 1, j + 1);
}

Lines without_empty_end(Lines lines) {
  while (!lines.empty() && trimmed(lines.back()).empty()) lines.pop_back();
  return lines;
}

int check(const std::string& chapter, const Command& command, Process& shell) {
  if (command.text.empty()) return complain(chapter, command.line, "a console fence begins with a `$ ` line");
  shell.write("{ " + command.text + "\n} </dev/null; echo \"@end $?\"\n");
  const auto output = shell.read_until("@end ", kLimit);
  const auto status = shell.read_until("\n", kLimit);
  if (!output || !status) throw std::runtime_error("`" + command.text + "` does not end");
  const Lines expected = without_empty_end(command.expected);
  const Lines got = without_empty_end(split(*output, "\n"));
  if (same(expected, got) && *status != std::to_string(kNotFound)) return 0;
  return complain(chapter, command.line,
                  "`" + command.text + "` prints something else\n    expected\n" + joined(expected, "\n") +
                      "\n    got\n" + joined(got, "\n"));
}

bool is_run(const Fence& fence) { return fence.language() == "console" && fence.info != "console sketch"; }

int check(const Chapter& chapter, const path& root, std::size_t& count) {
  if (std::none_of(chapter.fences.begin(), chapter.fences.end(), is_run)) return 0;
  const Scratch copy;
  copy_project(root, copy.path());
  Process shell(
      in_shell("export PATH=\"$PWD/build/bin:$PATH\" LC_ALL=C.UTF-8; unset CDPATH; exec bash --norc", copy.path()));
  int faults = 0;
  for (const Fence& fence : chapter.fences) {
    if (!is_run(fence)) continue;
    for (const Command& command : commands_of(fence)) {
      faults += check(chapter.name, command, shell);
      ++count;
    }
  }
  return faults;
}

int check_chapters(const Arguments& arguments) {
  int faults = 0;
  std::size_t commands = 0;
  for (const Chapter& chapter : arguments.chapters) {
    try {
      faults += check(chapter, arguments.root, commands);
    } catch (const std::runtime_error& error) {
      faults += complain(chapter.name, 0, error.what());
    }
  }
  std::printf("%zu commands\n", commands);
  return faults;
}

}  // namespace

int main(int argc, char** argv) { return run_checker(argc, argv, {}, check_chapters); }
