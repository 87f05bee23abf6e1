// A conversationalist without a mind, in the spirit of Joseph Weizenbaum's ELIZA (1966): it finds the most
// interesting word you said, turns the sentence round it into a question, and gives it back to you.
//
//     Bot bot(bot_script());
//     bot.answer("My mother remembers me")    "Tell me more about your family."
//
// It makes no system call and rolls no dice: the same sentences get the same answers.
#pragma once

#include <deque>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

// How to take a sentence apart, and what to make of the parts.
//
//     "* i am *"           matches "you know I am happy": (1) is "you know", (2) is "happy"
//     "* my @family *"     @ matches any one word of a group: (1), the word as (2), (3)
//     "Why are you (2)?"   a part in an answer: pronouns are turned round, so that "my" becomes "your"
//     "=sorry"             as an answer: go on as if this keyword had been said
struct BotPattern {
  std::string_view pattern;
  std::vector<std::string_view> answers;  // in turn
  bool remember = false;                  // not for now: for when nothing else can be said
};

struct BotKeyword {
  std::string_view word;
  int rank;  // the highest in a sentence is what it is about
  std::vector<BotPattern> patterns;
};

using BotWords = std::vector<std::string_view>;

struct BotScript {
  std::map<std::string_view, std::string_view> spellings;    // "i'm" is "i am"
  std::map<std::string_view, std::string_view> reflections;  // "my" becomes "your"
  std::map<std::string_view, BotWords> groups;
  std::vector<BotKeyword> keywords;
  std::vector<std::string_view> greetings;  // to somebody who is alone with it
  std::vector<std::string_view> otherwise;  // when nothing fits: two at least, all different
};

const BotScript& bot_script();

// One conversation. It never says the same twice in a row.
class Bot {
 public:
  explicit Bot(const BotScript& script) : script_(&script) {}

  std::string greet();
  std::string answer(std::string_view said);

 private:
  using Words = std::vector<std::string>;
  using Parts = std::vector<Words>;

  std::vector<Words> sentences(std::string_view said) const;
  std::optional<std::string> answer_to(const BotKeyword& keyword, const Words& sentence);
  std::optional<std::string> next_answer(const std::vector<std::string_view>& answers, const Parts& parts,
                                         const Words& sentence);
  std::string fill_in(std::string_view answer, const Parts& parts) const;
  std::string turn_round(const Words& words) const;
  bool matches(const BotWords& pattern, std::size_t p, const Words& words, std::size_t w, Parts& parts) const;
  const BotKeyword* find_keyword(std::string_view word) const;

  const BotScript* script_;
  std::map<const void*, std::size_t> turn_;  // of each list of answers: which one is next
  std::deque<std::string> memory_;
  std::string last_;
};
