// A key is one byte, one character in UTF-8, or an escape sequence:
//
//     41          A                    c3 a9       é
//     7f          Backspace            1b 5b 44    the left arrow, ESC [ D
//     03          Ctrl-C: A is 1,      1b 5b 33 7e Delete, ESC [ 3 ~
//                 B is 2, C is 3 ...
//
// A terminal that was asked to (terminal.cpp) puts ESC [ 200 ~ before what is pasted, and ESC [ 201 ~ behind it.
// Between the two a CR is not Enter but the end of a line.
#include "line_editor.h"

#include <algorithm>

#include <websock/handshake/fields.h>
#include <websock/protocol/utf8.h>

#include "show.h"
#include "text.h"

namespace {

constexpr char control(char letter) { return static_cast<char>(letter - '@'); }  // '@' is the one before 'A'
constexpr char kEscape = '\x1b';

// Whether `text` begins like this, in capital letters or not.
bool begins_with(const std::string& text, const std::string& beginning) {
  return websock::equal_ignoring_case(std::string_view(text).substr(0, beginning.size()), beginning);
}

std::string utf8_of(std::u32string_view points) {
  std::string text;
  for (const char32_t c : points) text += to_utf8(c);
  return text;
}

}  // namespace

// Key by key: what is left in typed_ is the beginning of one, and waits for the rest.
std::vector<LineEditor::Request> LineEditor::type(std::string_view bytes) {
  std::vector<Request> requests;
  typed_ += bytes;
  for (std::size_t size = 0; (size = next_key(typed_)) > 0; typed_.erase(0, size)) {
    const std::string key = typed_.substr(0, size);
    // Before the reset: every other key ends a completion, and only Tab goes on with it.
    if (key == "\t" && !pasting_) {
      complete();
      continue;
    }
    completion_.reset();
    if (paste(key)) continue;
    // CR is what Enter sends in raw mode; LF comes with text that is pasted.
    if (key == "\r" || key == "\n") {
      requests.push_back({Request::submit, take_line()});
    } else if (key[0] == control('C') || (key[0] == control('D') && line_.empty())) {
      requests.push_back({Request::leave});
    } else if (key[0] == control('Z')) {
      requests.push_back({Request::suspend});
    } else {
      edit(key);
    }
  }
  return requests;
}

// The size of the first key; 0 if it is not complete. Simplification: Escape alone is complete only when the next key
// comes. A production editor would wait for some milliseconds, and then take it for itself.
std::size_t LineEditor::next_key(std::string_view bytes) const {
  if (bytes.empty()) return 0;
  if (bytes[0] == kEscape) {
    if (bytes.size() < 2) return 0;
    if (bytes[1] == 'O') return bytes.size() < 3 ? 0 : 3;  // ESC O A: arrows, as some terminals send them
    if (bytes[1] != '[') return 1;  // Alt and a key, or Escape: it does nothing, and the key is one of its own
    // Numbers, and the character that ends them. Taken whole even if we do not know it, or "5~" would be typed.
    const std::size_t end = bytes.find_first_not_of("0123456789;", 2);
    return end == bytes.npos ? 0 : end + 1;
  }
  const auto first = static_cast<unsigned char>(bytes[0]);
  // 110xxxxx begins two bytes, 1110xxxx three, 11110xxx four. All others, a stray 10xxxxxx among them, go alone.
  const std::size_t size = first < 0xC0 || first >= 0xF8 ? 1 : first < 0xE0 ? 2 : first < 0xF0 ? 3 : 4;
  for (std::size_t i = 1; i < size; ++i) {
    if (i == bytes.size()) return 0;
    if ((bytes[i] & 0b1100'0000) != 0b1000'0000) return i;  // broken off, and no character
  }
  return size;
}

// Whether `key` was a mark of the terminal's around what is pasted, or a part of that. All that is pasted is text: no
// escape sequence in it moves anything. But for Ctrl-C, so that nobody is caught here by a terminal that forgets the
// end.
bool LineEditor::paste(std::string_view key) {
  const bool begins = key == "\x1b[200~";
  const bool is_mark = begins || key == "\x1b[201~";
  if (is_mark) pasting_ = begins;
  if (is_mark || !pasting_ || key[0] == control('C')) return is_mark;
  // Most terminals send CR for each line's end, some LF; in text it is LF.
  const bool is_space = key == "\r" || key == "\n" || key == "\t";
  if (is_space) line_.insert(cursor_++, 1, key == "\t" ? U'\t' : U'\n');
  if (!is_space && key[0] != kEscape) insert(key);
  return true;
}

// The keys of a shell's line. What is none of them is typed, if it is a character that can be seen.
void LineEditor::edit(std::string_view key) {
  const char first = key[0];
  if (first == kEscape) return escape(key);
  if (first == '\x7f' || first == '\b') return erase(cursor_ > 0 ? cursor_ - 1 : 0, cursor_);
  if (first == control('D')) return erase(cursor_, cursor_ + 1);
  if (first == control('A')) return move(0);
  if (first == control('E')) return move(line_.size());
  if (first == control('U')) return erase(0, cursor_);
  if (first == control('K')) return erase(cursor_, line_.size());
  if (first == control('W')) return erase(word_start(), cursor_);
  insert(key);
}

// Ctrl-G and the other control keys mean nothing here, and have no place in a text.
void LineEditor::insert(std::string_view key) {
  if (!websock::is_valid_utf8(key) || is_control(code_points(key)[0])) return;
  line_.insert(cursor_++, code_points(key));
}

// Told by its last byte: ESC [ A and ESC O A are both the arrow up. What we do not know does nothing.
void LineEditor::escape(std::string_view key) {
  switch (key.back()) {
    case 'A':
      return recall(recalled_ - 1);  // of 0 that is no number of any line, and does nothing
    case 'B':
      return recall(recalled_ + 1);
    case 'C':
      return move(std::min(cursor_ + 1, line_.size()));
    case 'D':
      return move(cursor_ > 0 ? cursor_ - 1 : 0);
    case 'H':
      return move(0);
    case 'F':
      return move(line_.size());
    case '~':
      if (key == "\x1b[1~" || key == "\x1b[7~") return move(0);             // Home, by two families of terminals
      if (key == "\x1b[4~" || key == "\x1b[8~") return move(line_.size());  // End
      if (key == "\x1b[3~") return erase(cursor_, cursor_ + 1);             // Delete
  }
}

// `to` may lie one behind the end: Delete there erases nothing.
void LineEditor::erase(std::size_t from, std::size_t to) {
  line_.erase(from, std::min(to, line_.size()) - from);
  cursor_ = from;
}

// For Ctrl-W: the spaces before the cursor go along with the word.
std::size_t LineEditor::word_start() const {
  std::size_t start = cursor_;
  while (start > 0 && line_[start - 1] == ' ') --start;
  while (start > 0 && line_[start - 1] != ' ') --start;
  return start;
}

// The arrows up and down walk through what was said. Behind the last line stands the draft, so nothing typed is lost.
// Simplification: what is changed in a recalled line is forgotten with the next arrow.
void LineEditor::recall(std::size_t which) {
  if (which > history_.size()) return;
  if (recalled_ == history_.size()) draft_ = line_;
  recalled_ = which;
  line_ = which == history_.size() ? draft_ : history_[which];
  cursor_ = line_.size();
}

// On Enter. What is said twice in a row is once in the history: the arrow up should bring something else.
std::string LineEditor::take_line() {
  std::string text = utf8_of(line_);
  if (!line_.empty() && (history_.empty() || history_.back() != line_)) history_.push_back(line_);
  recalled_ = history_.size();
  line_.clear();
  draft_.clear();
  cursor_ = 0;
  return text;
}

void LineEditor::give_back(const std::string& line) {
  std::u32string points = code_points(line);
  if (!line_.empty()) points += U' ';
  cursor_ += points.size();  // it stays where it was in what is being typed
  line_.insert(0, points);
}

// The first Tab takes the first choice, each further one the next. The choices are those of the first Tab: after it,
// the word before the cursor is a choice itself, and would complete only to that.
void LineEditor::complete() {
  if (!completion_) begin_completion();
  Completion& completion = *completion_;
  if (completion.choices.empty()) return;
  const std::u32string& choice = completion.choices[completion.next++ % completion.choices.size()];
  line_.replace(completion.start, cursor_ - completion.start, choice);
  cursor_ = completion.start + choice.size();
}

// As the page does it: "Bob, " at the beginning of a line, "@Bob " where it is to one alone, "Bob " anywhere else.
void LineEditor::begin_completion() {
  completion_ = Completion{};
  std::size_t start = cursor_;
  while (start > 0 && line_[start - 1] != ' ') --start;
  completion_->start = start;
  const std::string stem = utf8_of(std::u32string_view(line_).substr(start, cursor_ - start));
  const bool alone = stem.starts_with('@');
  for (const std::string& name : names_) {
    if (stem.empty() || !begins_with(name, stem.substr(alone ? 1 : 0))) continue;  // 1: behind the @
    // "@Ada Lovelace hello" would go to Ada: see commands.h.
    const bool quoted = alone && name.find(' ') != name.npos;
    const std::string mark = quoted ? "\"" : "";
    const std::string choice = (alone ? "@" : "") + mark + name + mark + (alone || start > 0 ? " " : ", ");
    completion_->choices.push_back(code_points(choice));
  }
}

// Simplification: a line longer than the terminal is wide is not wrapped but shown in part, so that there is
// never more than one row to clear when something comes in.
LineEditor::View LineEditor::view(std::size_t columns) const {
  // From the cursor to the left as far as it fits, and then to the right. Less than `columns`, not up to it: the cursor
  // needs a column, too, and a terminal that is written to its last one may go on to the next row.
  std::size_t begin = cursor_;
  std::size_t before = 0;
  while (begin > 0 && before + columns_of(line_[begin - 1]) < columns) before += columns_of(line_[--begin]);
  View view;
  std::size_t used = 0;
  for (std::size_t i = begin; i < line_.size() && used + columns_of(line_[i]) < columns; ++i) {
    used += columns_of(line_[i]);
    // Of a pasted text: there is one row, and a tab would leave it at a column that we do not know.
    view.text += line_[i] == U'\n' ? "\u23ce" : line_[i] == U'\t' ? " " : to_utf8(line_[i]);
  }
  view.cursor = before;
  return view;
}
