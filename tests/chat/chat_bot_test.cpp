// The bot: conversations as they must go, word for word.
#include <string>
#include <string_view>
#include <vector>

#include "chat/bot.h"
#include "check.h"

namespace {

struct Exchange {
  std::string_view said;
  std::string_view answer;
};

void converse(const std::vector<Exchange>& conversation) {
  Bot bot(bot_script());
  for (const Exchange& exchange : conversation) CHECK_EQ(bot.answer(exchange.said), exchange.answer);
}

std::string first_answer(std::string_view said) { return Bot(bot_script()).answer(said); }

}  // namespace

TEST("own-chat-bot-01 a conversation") {
  converse({
      {"Hello", "Hello. What is on your mind?"},
      {"Well, my boyfriend made me come here.", "Your boyfriend made you come here?"},
      {"He says I'm depressed much of the time.", "I am sorry to hear that you are depressed."},
      {"It's true. I am unhappy.", "How long have you been unhappy?"},
      {"I need some help, that much seems certain.", "Why do you need some help?"},
      {"Perhaps I could learn to get along with my mother.", "You do not seem quite certain."},
      {"My mother takes care of me.", "Tell me more about your family."},
      {"You are like my father in some ways.", "Who else in your family comes to mind?"},
      {"You don't argue with me.", "Why do you think that I don't argue with you?"},
      {"Bullies.", "Earlier you said: your boyfriend made you come here."},
  });
}

TEST("own-chat-bot-02 a conversation of a technical nature") {
  converse({
      {"ping", "Pong."},
      {"ping", "Pong again. Section 5.5.3 leaves me no choice."},
      {"What is a WebSocket?", "A conversation that begins as HTTP and thinks better of it."},
      {"Are you a bot?", "Would it matter to you if I were?"},
      {"My computer hates me!", "Do computers worry you?"},
      {"thanks", "You are welcome."},
      {"Why don't you sing?", "Do you think that I should sing?"},
  });
}

TEST("own-chat-bot-03 pronouns are turned round") {
  CHECK_EQ(first_answer("I remember that you were kind to me"), "Do you often think of that I was kind to you?");
  CHECK_EQ(first_answer("I want you to give me your money"),
           "What would it mean to you if you got I to give you my money?");  // it has no grammar
  CHECK_EQ(first_answer("I think I love you"), "Do you really think so?");
  CHECK_EQ(first_answer("I dreamed I was yours"), "Really, you were mine?");
}

TEST("own-chat-bot-04 a keyword of a higher rank wins, wherever it stands") {
  CHECK_EQ(first_answer("I am sad because my computer is slow"), "Do computers worry you?");
  CHECK_EQ(first_answer("no, hello"), "Hello. What is on your mind?");
}

TEST("own-chat-bot-05 what nothing fits is answered all the same") {
  converse({
      {"Zwölf Boxkämpfer jagen Viktor", "Please go on."},
      {"", "I am not sure I understand. Say it another way?"},
      {"?!", "What does that suggest to you?"},
      {"\xf0\x9f\x98\x80", "That is quite interesting."},
  });
}

TEST("own-chat-bot-06 it comes back to what was said before") {
  Bot bot(bot_script());
  bot.answer("My bicycle is broken");
  bot.answer("My train is late");
  CHECK_EQ(bot.answer("Hm"), "Earlier you said: your bicycle is broken.");
  CHECK_EQ(bot.answer("Hm"), "I am still thinking of this: your train is late.");
  CHECK_EQ(bot.answer("Hm"), "Please go on.");
}

TEST("own-chat-bot-07 it never says the same twice in a row, whatever it hears") {
  for (const char* said : {"hello", "ping", "yes", "I am sad", "what", "my dog", "x", "sorry", "Are you a bot?",
                           "I dreamed", "thanks", "why don't you sing", "you", "I"}) {
    Bot bot(bot_script());
    std::string last = bot.greet();
    for (int i = 0; i < 20; ++i) {
      const std::string answer = bot.answer(said);
      CHECK(!answer.empty());
      CHECK(answer != last);
      last = answer;
    }
  }
}

TEST("own-chat-bot-08 every answer of the script refers to parts that its pattern has") {
  for (const BotKeyword& keyword : bot_script().keywords) {
    for (const BotPattern& pattern : keyword.patterns) {
      int parts = 0;
      for (const char c : pattern.pattern) parts += c == '*' || c == '@';
      for (const std::string_view answer : pattern.answers) {
        for (std::size_t at = 0; (at = answer.find('(', at)) != answer.npos; ++at) CHECK(answer[at + 1] - '0' <= parts);
      }
      CHECK(!pattern.answers.empty());
    }
  }
}

TEST("own-chat-bot-09 a long and hostile sentence is answered at once") {
  std::string said;
  for (int i = 0; i < 2'000; ++i) said += "i you ";
  CHECK(!first_answer(said).empty());
  CHECK(!first_answer(std::string(4'000, 'a')).empty());
  CHECK(!first_answer(std::string(4'000, '(')).empty());
}

TEST("own-chat-bot-10 the apostrophe that phones type is one") {
  CHECK_EQ(first_answer("I\u2019m sad"), "I am sorry to hear that you are sad.");
}
