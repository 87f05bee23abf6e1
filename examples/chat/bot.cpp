// The engine: it knows no word of any language, all of those are in the script.
//
//     said          "Well, I think my boss hates me."
//     sentences     [Well] [I think my boss hates me]
//     keyword       my, the highest rank of all
//     pattern       * my *         (1) = I think, (2) = boss hates me
//     answer        Your (2)?
//     turned round  Your boss hates you?
//
// Keywords are tried from the highest rank down, until a pattern of one fits. If none does, the bot comes
// back to something it has put by in its memory, and if there is nothing, it says something that always fits.
#include "bot.h"

#include <algorithm>
#include <cctype>

namespace {

constexpr std::size_t kMaxWords = 60;  // of what was said: matching a pattern with n stars takes words^n steps
constexpr std::size_t kMaxMemory = 5;  // sentences; an answer in the script says so

std::string lower_case(std::string_view text) {
  std::string lower(text);
  for (char& c : lower) c = c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c;
  return lower;
}

// Views of `text`, which has to last.
std::vector<std::string_view> split_words(std::string_view text) {
  std::vector<std::string_view> words;
  for (std::size_t begin = 0; (begin = text.find_first_not_of(' ', begin)) != text.npos;) {
    const std::size_t end = std::min(text.find(' ', begin), text.size());
    words.push_back(text.substr(begin, end - begin));
    begin = end;
  }
  return words;
}

// Letters, digits, apostrophes and hyphens make words, as does everything beyond ASCII.
bool is_word_character(char c) {
  const auto byte = static_cast<unsigned char>(c);
  return byte >= 0x80 || std::isalnum(byte) != 0 || c == '\'' || c == '-';
}

}  // namespace

// There are two greetings at least, so one of them is not the last answer, and next_answer() finds it.
std::string Bot::greet() { return last_ = *next_answer(script_->greetings, {}, {}); }

std::string Bot::answer(std::string_view said) {
  struct Candidate {
    const BotKeyword* keyword;
    const Words* sentence;
  };
  // Every keyword of every sentence, the weightiest first. Stable: of two that weigh the same, the one that was said
  // first.
  const std::vector<Words> all = sentences(said);
  std::vector<Candidate> candidates;
  for (const Words& sentence : all) {
    for (const std::string& word : sentence) {
      if (const BotKeyword* keyword = find_keyword(word)) candidates.push_back({keyword, &sentence});
    }
  }
  std::stable_sort(candidates.begin(), candidates.end(),
                   [](const Candidate& a, const Candidate& b) { return a.keyword->rank > b.keyword->rank; });
  for (const Candidate& candidate : candidates) {
    if (const auto answer = answer_to(*candidate.keyword, *candidate.sentence)) return last_ = *answer;
  }
  // Not the memory if it would repeat the last answer: it stays for later.
  if (memory_.empty() || memory_.front() == last_) return last_ = *next_answer(script_->otherwise, {}, {});
  last_ = memory_.front();
  memory_.pop_front();
  return last_;
}

// Nothing: no pattern fits, or what fits would be the last answer again.
std::optional<std::string> Bot::answer_to(const BotKeyword& keyword, const Words& sentence) {
  for (const BotPattern& pattern : keyword.patterns) {
    Parts parts;
    if (!matches(split_words(pattern.pattern), 0, sentence, 0, parts)) continue;
    std::optional<std::string> answer = next_answer(pattern.answers, parts, sentence);
    if (!answer) continue;
    if (!pattern.remember) return answer;
    // Put by, and not said: the next pattern may have something for now.
    memory_.push_back(*answer);
    if (memory_.size() > kMaxMemory) memory_.pop_front();
  }
  return std::nullopt;
}

// Where the list was left, and on from there, past what would be the last answer again. Nothing: there is no other one.
std::optional<std::string> Bot::next_answer(const std::vector<std::string_view>& answers, const Parts& parts,
                                            const Words& sentence) {
  std::size_t& turn = turn_[&answers];
  for (std::size_t i = 0; i < answers.size(); ++i) {
    const std::string_view chosen = answers[turn++ % answers.size()];
    // Every word behind an = is a keyword of the script.
    if (chosen.starts_with('=')) return answer_to(*find_keyword(chosen.substr(1)), sentence);
    std::string answer = fill_in(chosen, parts);
    if (answer != last_) return answer;
  }
  return std::nullopt;
}

// ---- Taking apart ----

// The sentences of what was said, as words in the script's spelling.
std::vector<Bot::Words> Bot::sentences(std::string_view said) const {
  std::vector<Words> all(1);
  std::string word;
  std::size_t count = 0;
  const auto end_word = [&] {
    const auto spelling = script_->spellings.find(lower_case(word));
    const bool respelled = spelling != script_->spellings.end();
    for (const std::string_view part : split_words(respelled ? spelling->second : word)) {
      if (++count <= kMaxWords) all.back().emplace_back(part);
    }
    word.clear();
  };
  // Anything but a word character ends a word; anything but a space ends the sentence, too, a comma for instance.
  for (std::size_t i = 0; i < said.size(); ++i) {
    const bool curly = said.substr(i).starts_with("\u2019");  // the apostrophe that phones type
    const char c = curly ? '\'' : said[i];
    if (curly) i += 2;  // it has three bytes
    if (is_word_character(c)) {
      word += c;
    } else {
      end_word();
      if (c != ' ' && !all.back().empty()) all.emplace_back();
    }
  }
  end_word();
  return all;
}

// Whether pattern[p...] fits words[w...]. Each star and group appends a part; a star takes as few words as it
// can.
bool Bot::matches(const BotWords& pattern, std::size_t p, const Words& words, std::size_t w, Parts& parts) const {
  if (p == pattern.size()) return w == words.size();
  const std::size_t held = parts.size();
  if (pattern[p] == "*") {
    for (std::size_t end = w; end <= words.size(); ++end) {
      // What a try that failed has left behind goes.
      parts.resize(held);
      parts.emplace_back(words.begin() + static_cast<std::ptrdiff_t>(w),
                         words.begin() + static_cast<std::ptrdiff_t>(end));
      if (matches(pattern, p + 1, words, end, parts)) return true;
    }
    return false;
  }
  if (w == words.size()) return false;
  const std::string word = lower_case(words[w]);
  if (pattern[p].starts_with('@')) {
    const BotWords& group = script_->groups.at(pattern[p].substr(1));
    if (std::find(group.begin(), group.end(), word) == group.end()) return false;
    parts.push_back({words[w]});
  } else if (word != pattern[p]) {
    return false;
  }
  return matches(pattern, p + 1, words, w + 1, parts);
}

const BotKeyword* Bot::find_keyword(std::string_view word) const {
  const std::string lower = lower_case(word);
  const auto& keywords = script_->keywords;
  const auto found =
      std::find_if(keywords.begin(), keywords.end(), [&](const auto& keyword) { return keyword.word == lower; });
  return found == keywords.end() ? nullptr : &*found;
}

// ---- Putting together ----

// "Why (2)?" with the second part in its place.
std::string Bot::fill_in(std::string_view answer, const Parts& parts) const {
  std::string filled;
  for (std::size_t i = 0; i < answer.size(); ++i) {
    const bool is_part = answer[i] == '(' && i + 2 < answer.size() && answer[i + 2] == ')';
    if (!is_part) {
      filled += answer[i];
      continue;
    }
    filled += turn_round(parts.at(static_cast<std::size_t>(answer[i + 1] - '1')));
    i += 2;
  }
  return filled;
}

// "I hate my job" becomes "you hate your job". Two words are looked up before one: "you are" becomes "I am".
std::string Bot::turn_round(const Words& words) const {
  const auto reflect = [&](const std::string& phrase) {
    const auto found = script_->reflections.find(lower_case(phrase));
    return found == script_->reflections.end() ? std::string_view() : found->second;
  };
  std::string turned;
  for (std::size_t i = 0; i < words.size(); ++i) {
    const bool last = i + 1 == words.size();
    if (i > 0) turned += ' ';
    if (const std::string_view pair = reflect(words[i] + ' ' + (last ? "." : words[i + 1])); !pair.empty()) {
      turned += pair;
      ++i;
    } else {
      const std::string_view single = reflect(words[i]);
      turned += single.empty() ? words[i] : single;
    }
  }
  return turned;
}
