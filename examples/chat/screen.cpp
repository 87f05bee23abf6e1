#include "screen.h"

#include <unistd.h>

#include <cstdio>
#include <cstdlib>
#include <utility>

#include "terminal.h"

namespace {

constexpr const char* kClearRow = "\r\x1b[K";  // to the first column, then clear to the end

bool is_set(const char* variable) {
  const char* value = std::getenv(variable);
  return value != nullptr && *value != '\0';
}

// At once: there is no line end behind the line being typed. If it fails, there is nobody to tell.
void write(const std::string& text) {
  std::fwrite(text.data(), 1, text.size(), stdout);
  std::fflush(stdout);
}

}  // namespace

// Colours are for people who look at a terminal and have not asked to be spared them (no-color.org).
Screen::Screen()
    : is_terminal_(::isatty(STDOUT_FILENO) == 1), colors_(is_terminal_ && !is_set("NO_COLOR") && is_set("TERM")) {}

// No lock: nothing in here changes. The width is asked each time, as windows do.
Style Screen::style(const std::string& me) const {
  return {.colors = colors_, .columns = is_terminal_ ? RawTerminal::columns() : 0, .me = me};
}

void Screen::start() {
  const std::lock_guard lock(mutex_);
  editing_ = true;
  draw();
}

void Screen::stop() {
  const std::lock_guard lock(mutex_);
  if (std::exchange(editing_, false)) write(kClearRow);  // the shell's prompt comes there
}

void Screen::print(const std::string& lines) {
  const std::lock_guard lock(mutex_);
  if (lines.empty()) return;
  // In place of the line that is being typed, which is drawn anew below.
  write((editing_ ? kClearRow : "") + lines);
  draw();
}

// Through show(), so that it is broken between words as well.
void Screen::tell(const char* type, const std::string& words) {
  print(show(JsonObject{{"type", type}, {"text", words}}, style("")));
}

void Screen::prompt(const std::string& text) {
  const std::lock_guard lock(mutex_);
  prompt_ = text;
  draw();
}

std::vector<LineEditor::Request> Screen::type(std::string_view bytes) {
  const std::lock_guard lock(mutex_);
  std::vector<LineEditor::Request> requests = editor_.type(bytes);
  draw();
  return requests;
}

void Screen::give_back(const std::string& line) {
  const std::lock_guard lock(mutex_);
  editor_.give_back(line);
  draw();
}

void Screen::complete_with(std::vector<std::string> names) {
  const std::lock_guard lock(mutex_);
  editor_.complete_with(std::move(names));
}

// REQUIRES: the lock is held.
void Screen::draw() {
  if (!editing_) return;
  const std::size_t columns = RawTerminal::columns();
  // 1: a terminal may be narrower than the prompt.
  const LineEditor::View view = editor_.view(columns > prompt_.size() ? columns - prompt_.size() : 1);
  // Our prompts are ASCII, so bytes are columns. And none is empty: ESC [ 0 C would go one column, not none.
  const std::size_t column = prompt_.size() + view.cursor;
  // At the end the cursor goes to the first column, and from there to the right, to where the next key acts.
  write(kClearRow + prompt_ + view.text + "\r\x1b[" + std::to_string(column) + "C");
}
