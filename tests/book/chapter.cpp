#include "chapter.h"

#include <algorithm>
#include <atomic>
#include <cstdio>
#include <fstream>
#include <regex>
#include <stdexcept>
#include <thread>

namespace book {
namespace {

// The number of backquotes that a fence begins or ends with, if `line` is such a line.
std::size_t backquotes(const std::string& line) {
  const std::size_t count = std::min(line.find_first_not_of('`'), line.size());
  return count >= 3 ? count : 0;
}

// A first line `// src/framing/mask.cpp`, or the same behind another mark, says where the code is from. It stands there and not
// behind the backquotes because a page that is displayed does not show what stands there.
void take_caption(Fence& fence) {
  static const std::regex caption("(?://|#|<!--|---) ((?:src|tests|examples)/\\S+)(?: -->)?");
  std::smatch match;
  if (fence.code.empty() || !std::regex_match(fence.code[0], match, caption)) return;
  fence.file = match[1];
  fence.code.erase(fence.code.begin());
  ++fence.line;
}

std::vector<Chapter> all_chapters(const std::filesystem::path& folder) {
  std::vector<std::filesystem::path> files;
  for (const auto& entry : std::filesystem::directory_iterator(folder)) {
    if (entry.path().extension() == ".md") files.push_back(entry.path());
  }
  std::sort(files.begin(), files.end());
  std::vector<Chapter> chapters;
  for (const auto& file : files) chapters.push_back(read_chapter(file));
  return chapters;
}

Arguments read_arguments(int argc, char** argv, const Lines& options) {
  if (argc < 2) throw std::runtime_error("usage: ROOT [OPTION]... [CHAPTER]...");
  Arguments arguments{std::filesystem::canonical(argv[1]), {}, false, {}};
  for (int i = 2; i < argc; ++i) {
    const std::string word = argv[i];
    if (!word.starts_with("--")) {
      arguments.chapters.push_back(read_chapter(word));
      continue;
    }
    arguments.options.push_back(word);
    if (std::count(options.begin(), options.end(), word) > 0 && i + 1 < argc) arguments.options.push_back(argv[++i]);
  }
  arguments.everything = arguments.chapters.empty();
  if (arguments.everything) arguments.chapters = all_chapters(arguments.root / "walkthrough");
  return arguments;
}

}  // namespace

Lines read_lines(const std::filesystem::path& file) {
  std::ifstream stream(file);
  if (!stream) throw std::runtime_error("cannot read " + file.string());
  Lines lines;
  for (std::string line; std::getline(stream, line); lines.push_back(line)) {
    if (!line.empty() && line.back() == '\r') line.pop_back();
  }
  return lines;
}

void write_lines(const std::filesystem::path& file, const Lines& lines) {
  std::ofstream stream(file);
  for (const std::string& line : lines) stream << line << '\n';
}

Chapter read_chapter(const std::filesystem::path& file) {
  Chapter chapter{file, file.filename().string(), read_lines(file), {}, {}};
  std::size_t open = 0;  // backquotes of the fence that we are in
  for (std::size_t i = 0; i < chapter.lines.size(); ++i) {
    const std::string& line = chapter.lines[i];
    const std::size_t count = backquotes(line);
    const bool was_open = open != 0;
    if (!was_open && count != 0) {
      open = count;
      chapter.fences.push_back({chapter.name, i + 2, trimmed(line.substr(count)), {}, {}});
    } else if (was_open && count >= open && trimmed(line).size() == count) {
      open = 0;
      take_caption(chapter.fences.back());
    } else if (was_open) {
      chapter.fences.back().code.push_back(line);
    }
    chapter.prose.push_back(was_open || open != 0 ? "" : line);
  }
  if (open != 0) {
    throw std::runtime_error(chapter.name + ":" + std::to_string(chapter.fences.back().line - 1) + ": is not closed");
  }
  return chapter;
}

bool Arguments::has(std::string_view option) const { return std::count(options.begin(), options.end(), option) > 0; }

std::string Arguments::value(std::string_view option) const {
  const auto place = std::find(options.begin(), options.end(), option);
  return place == options.end() || place + 1 == options.end() ? "" : place[1];
}

int complain(const std::string& chapter, std::size_t line, const std::string& what) {
  std::printf("%s:%zu: %s\n", chapter.c_str(), line, what.c_str());
  return 1;
}

int run_checker(int argc, char** argv, const Lines& options, const std::function<int(const Arguments&)>& check) {
  try {
    const Arguments arguments = read_arguments(argc, argv, options);
    const int faults =
        arguments.chapters.empty() ? complain("walkthrough", 0, "there is no chapter") : check(arguments);
    std::printf("%d faults\n", faults);
    return faults == 0 ? 0 : 1;
  } catch (const std::exception& error) {
    std::printf("%s\n", error.what());
    return 1;
  }
}

Lines on_all_processors(std::size_t count, const std::function<std::string(std::size_t)>& work) {
  Lines results(count);
  std::atomic<std::size_t> next = 0;
  std::vector<std::thread> threads;
  for (unsigned i = 0; i < std::max(1U, std::thread::hardware_concurrency()); ++i) {
    threads.emplace_back([&] {
      for (std::size_t j; (j = next++) < count;) results[j] = work(j);
    });
  }
  for (std::thread& thread : threads) thread.join();
  return results;
}

bool matches(std::string_view pattern, std::string_view text) {
  const Lines parts = split(pattern.substr(0, pattern.find_last_not_of(' ') + 1), "...");
  std::string rest(text.substr(0, text.find_last_not_of(" \r") + 1));
  if (parts.size() == 1) return parts[0] == rest;
  if (!rest.starts_with(parts.front())) return false;
  rest.erase(0, parts.front().size());
  for (std::size_t i = 1; i + 1 < parts.size(); ++i) {
    const std::size_t at = rest.find(parts[i]);
    if (at == rest.npos) return false;
    rest.erase(0, at + parts[i].size());
  }
  return rest.ends_with(parts.back());
}

std::string trimmed(std::string_view text) {
  const std::size_t begin = text.find_first_not_of(" \t\r\n");
  if (begin == text.npos) return "";
  return std::string(text.substr(begin, text.find_last_not_of(" \t\r\n") + 1 - begin));
}

Lines split(std::string_view text, std::string_view separator) {
  Lines parts;
  while (true) {
    const std::size_t at = text.find(separator);
    parts.emplace_back(text.substr(0, at));
    if (at == text.npos) return parts;
    text.remove_prefix(at + separator.size());
  }
}

std::string joined(const Lines& lines, std::string_view separator) {
  std::string text;
  for (const std::string& line : lines) text.append(line).append(separator);
  return text.substr(0, lines.empty() ? 0 : text.size() - separator.size());
}

}  // namespace book
