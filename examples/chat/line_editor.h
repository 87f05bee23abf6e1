// The line that somebody types at a terminal: bytes of the keyboard in, a line on the screen out.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

class LineEditor {
 public:
  // What a key asks for, besides a change of the line.
  struct Request {
    enum Kind { submit, leave, suspend } kind;
    std::string line = {};
  };
  // Takes what was typed; a key's bytes, or a character's, may come in pieces. What the terminal marks as pasted, with
  // ESC [ 200 ~ before it and ESC [ 201 ~ behind it, asks for nothing: its lines become one message, for Enter to send.
  std::vector<Request> type(std::string_view bytes);

  // What Tab completes: the names of those who are there.
  void complete_with(std::vector<std::string> names) { names_ = std::move(names); }

  // A line that was sent in vain: it is back, in front of what was typed since.
  void give_back(const std::string& line);

  // The part of the line round the cursor that fits into so many columns.
  struct View {
    std::string text;
    std::size_t cursor = 0;  // columns from the left
  };
  View view(std::size_t columns) const;

 private:
  std::size_t next_key(std::string_view bytes) const;
  bool paste(std::string_view key);
  void edit(std::string_view key);
  void insert(std::string_view key);
  void escape(std::string_view key);
  void move(std::size_t to) { cursor_ = to; }
  void erase(std::size_t from, std::size_t to);
  std::size_t word_start() const;
  void recall(std::size_t which);
  std::string take_line();
  void complete();
  void begin_completion();

  std::string typed_;     // the beginning of a key
  bool pasting_ = false;  // what comes is no keys, but text
  std::u32string line_;
  std::size_t cursor_ = 0;  // in front of this character
  std::vector<std::u32string> history_;
  std::size_t recalled_ = 0;  // what of history_ the line shows; its size: none
  std::u32string draft_;
  std::vector<std::string> names_;

  // What Tab has begun, until another key ends it.
  struct Completion {
    std::size_t start = 0;                // of the word
    std::vector<std::u32string> choices;  // what may stand there instead
    std::size_t next = 0;
  };
  std::optional<Completion> completion_;
};
