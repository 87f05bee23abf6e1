// A terminal as the chat uses it: the room's lines, and below them the one being typed.
#pragma once

#include <mutex>
#include <string>
#include <string_view>
#include <vector>

#include "line_editor.h"
#include "show.h"

// Any thread may call any member.
class Screen {
 public:
  Screen();

  // How the room's lines are to look now; the name is up to us.
  Style style(const std::string& me) const;

  // From now on, until stop(), there is a line being typed.
  void start();
  void stop();

  // What comes in is printed above the line being typed, which is then drawn again.
  void print(const std::string& lines);

  // What we have to say ourselves. It looks as if the room had said it, with that type: "info" or "error".
  void tell(const char* type, const std::string& words);

  // What stands before the line being typed.
  void prompt(const std::string& text);

  // The keys that were typed; what they ask for.
  std::vector<LineEditor::Request> type(std::string_view bytes);
  void give_back(const std::string& line);
  void complete_with(std::vector<std::string> names);

 private:
  void draw();

  const bool is_terminal_;
  const bool colors_;

  std::mutex mutex_;  // guards all below, and standard output
  bool editing_ = false;
  std::string prompt_ = "> ";
  LineEditor editor_;
};
