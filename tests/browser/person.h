// Somebody at the chat's page: what a person does there, and what a person sees.
#pragma once

#include <string>

#include "devtools.h"

class Person {
 public:
  // Opens the page in a tab of its own, and enters under that name. Empty: stays outside.
  Person(Browser& browser, const std::string& url, const std::string& name);

  Tab& tab() { return tab_; }

  void enter(const std::string& name);  // does not wait for the room's answer
  void write(const std::string& text);  // into the input line, which has the focus
  void say(const std::string& text);    // and Enter

  // Until an element of the log has exactly that text. `kind` is its selector.
  void wait_for(const std::string& text, const std::string& kind = ".message .text");
  std::size_t count(const std::string& text, const std::string& kind = ".message .text");
  std::size_t count_all(const std::string& selector);
  std::string messages(const std::string& kind = ".message");  // their texts, as a JSON array
  std::string members();                                       // the names of all
  // Whether "Bob is typing" was to be seen since watch_typing(): it is for a few seconds only.
  void watch_typing();
  void wait_for_typing(const std::string& text);

  std::string text_of(const std::string& selector);
  void wait_until_inside();

 private:
  Tab tab_;
};
