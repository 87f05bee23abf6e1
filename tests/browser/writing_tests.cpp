// Writing: to all and to one, names completed, lines refused, and a log that follows.
#include "stage.h"

namespace {

std::string draft(Person& person) { return person.tab().evaluate("text.value").text(); }

void editing() {
  Room room;
  Person ada = room.person("Ada");
  ada.write("First line");
  ada.tab().press("Shift+Enter");
  ada.say("second line");
  ada.wait_for("First line\nsecond line");
  ada.tab().press("ArrowUp");
  check_equal<std::string>("what was said before", draft(ada), "First line\nsecond line");
  ada.tab().press("ArrowDown");
  check_equal<std::string>("and back", draft(ada), "");
}

// ---- To one alone ----

void to_one_alone() {
  Room room;
  Person bob = room.person("Bob");
  Person cleo = room.person("Cleo");
  Person ada = room.person("Ada");
  ada.tab().click("#members [data-name=Bob] button");
  ada.tab().wait_until("$('to').checkVisibility() && $('to-name').textContent === 'to Bob alone'");
  ada.say("Psst.");
  bob.wait_for("Psst.", ".private .text");
  ada.say("/me whispers");  // would be seen by all, without the chip
  bob.wait_for("/me whispers", ".private .text");
  check_equal<std::string>("it stays until it is taken back", ada.text_of("#to-name"), "to Bob alone");
  ada.tab().click("#to-all");
  ada.say("Hello, all.");
  cleo.wait_for("Hello, all.");
  ada.write("@cleo ");
  check_equal<std::string>("typed, it becomes the same", ada.text_of("#to-name"), "to Cleo alone");
  check_equal<std::string>("and leaves the text", draft(ada), "");
  ada.tab().press("Backspace");
  check(ada.tab().holds("$('to').hidden"), "Backspace takes it back");
  ada.write("@Bob x");
  ada.tab().press("Escape");
  check(ada.tab().holds("$('to').hidden"), "Escape, too");
  check_equal<std::string>("the text stays", draft(ada), "x");
  bob.say("/name Robert");
  ada.wait_for("Bob is now Robert.", ".notice");
  check_equal<std::string>("Cleo has heard nothing else", cleo.messages(), R"(["Hello, all."])");
}

void completion() {
  Room room;
  Person bob = room.person("Bob");
  Person ada = room.person("Ada");
  ada.write("bo");
  ada.tab().press("Tab");
  check_equal<std::string>("the first that fits", draft(ada), "Bob, ");
  ada.tab().press("Tab");
  check_equal<std::string>("the next", draft(ada), "Bot, ");
  ada.tab().press("Escape");
  check_equal<std::string>("as it was", draft(ada), "bo");
  ada.tab().evaluate("set_text('')");
  ada.write("Ask @bob");
  ada.tab().press("Tab");
  check_equal<std::string>("within a sentence", draft(ada), "Ask @Bob ");
  ada.tab().evaluate("set_text('')");
  ada.write("@Bob");
  ada.tab().press("Tab");
  ada.say("Psst.");
  bob.wait_for("Psst.", ".private .text");
  ada.tab().press("Escape");  // of the chip
  ada.write("xyz");
  ada.tab().press("Tab");
  check_equal<std::string>("nothing to complete: on to the button", draft(ada), "xyz");
  check(ada.tab().holds("document.activeElement.id === 'send'"), "Tab is no trap");
}

// ---- Refused ----

void refused() {
  Room room;
  Person ada = room.person("Ada");
  ada.say("/unknown");
  ada.wait_for("There is no such command; /help lists them.", ".notice.error[role=alert]");
  check_equal<std::string>("a refused line comes back", draft(ada), "/unknown");
  check_equal<std::size_t>("and is not pending", ada.count_all(".pending"), 0);
}

void many_refused() {
  Room room;
  Person ada = room.person("Ada");
  ada.tab().evaluate("for (let i = 1; i <= 303; ++i) say(`Line ${i}`)");
  ada.tab().wait_until("!pending.some(each => !each.failed)");
  check_equal<std::size_t>("one refusal", ada.count_all(".notice.error"), 1);
  check(ada.text_of(".notice.error").ends_with(" times)"), "with a number: " + ada.text_of(".notice.error"));
  const auto kept = ada.tab().evaluate("document.querySelectorAll('.message.own').length + pending.length");
  check_equal("each line was said, or is there to be sent again, or in the box", kept.number() + 1, 303.0);
}

// ---- The log follows ----

const char* const kAtEnd = "log.scrollHeight - log.scrollTop - log.clientHeight < 2";

void fill(Person& from, Person& until) {
  from.say("First of many.\n" + std::string(60, '\n') + "Last of many.");
  until.tab().wait_until("log.scrollHeight > 2 * log.clientHeight");
}

void log_follows() {
  Room room;
  Person bob = room.person("Bob");
  Person ada = room.person("Ada");
  ada.tab().resize(900, 600);
  fill(bob, ada);
  ada.tab().bring_to_front();
  for (int i = 0; i < 7; ++i) ada.tab().press("Shift+Enter");
  ada.tab().wait_until("text.clientHeight > 150");
  ada.tab().wait_until(kAtEnd);
  ada.tab().resize(900, 450);
  ada.tab().wait_until(std::string("innerHeight === 450 && ") + kAtEnd);
  ada.tab().resize(400, 700);
  ada.tab().wait_until(std::string("innerHeight === 700 && ") + kAtEnd);
  check(ada.tab().holds("$('jump').hidden"), "nothing new lies below");
}

void log_waits() {
  Room room;
  Person bob = room.person("Bob");
  Person ada = room.person("Ada");
  fill(bob, ada);
  ada.tab().bring_to_front();
  ada.tab().evaluate("log.scrollTop = 0");
  ada.tab().wait_until("!following");
  Person cleo = room.person("Cleo");
  ada.wait_for("Cleo has come in.", ".notice");
  check(ada.tab().holds("log.scrollTop === 0"), "who reads is not disturbed");
  check(ada.tab().holds("!$('jump').hidden"), "a notice is something new, too");
  ada.tab().bring_to_front();
  ada.tab().click("#jump");
  ada.tab().wait_until(kAtEnd);
  check(ada.tab().holds("$('jump').hidden"), "there it ends");
}

// ---- What is shown ----

void code() {
  Room room;
  Person ada = room.person("Ada");
  ada.tab().evaluate("say('Try `x < <b>1</b>` or\\n```cpp\\nint main() {}  // @Ada https://a.example\\n```\\nwell.')");
  ada.tab().wait_until("document.querySelector('.message.own pre')");
  check_equal<std::string>("within a line", ada.text_of(".message code"), "x < <b>1</b>");
  check_equal<std::string>("lines", ada.text_of(".message pre"), "int main() {}  // @Ada https://a.example");
  check_equal<std::size_t>("nothing in it is anything else", ada.count_all("pre *, code *, .message b, .message a"), 0);
  check(ada.tab().holds("getComputedStyle(document.querySelector('pre')).fontFamily.includes('monospace')"),
        "monospace");
  check_equal<std::string>("the rest", ada.text_of(".message.own .text"),
                           "Try x < <b>1</b> or\nint main() {}  // @Ada https://a.examplewell.");
}

void one_bad_message() {
  Room room;
  Person ada = room.person("Ada");
  ada.tab().evaluate(R"(
    delete URL.canParse;
    receive(JSON.stringify({type: 'welcome', room: 'Chat', epoch: 'other', you: 'Ada', bot: 'Bot', members: ['Ada', 'Bot'],
      seq: 3, missed: 0, history: [
        {type: 'message', seq: 1, time: '2026-01-31T09:26:53Z', from: 'Bob', text: 'Before https://a.example/ok'},
        {type: 'message', seq: 2, time: '2026-01-31T09:26:53Z', from: 'Bob', text: 17},
        {type: 'message', seq: 3, time: 'when?', from: 'Bob', text: 'After http://[ and https://%'}]}));
    receive('{');
    receive('{"type":"constructor"}');
  )");
  check_equal<std::string>("the others are shown", ada.messages("[data-from=Bob]"),
                           R"(["Before https://a.example/ok","After http://[ and https://%"])");
  check_equal<std::string>("a link is one in an older browser, too", ada.text_of(".message a"), "https://a.example/ok");
  ada.tab().evaluate("seq = 0");
  ada.say("Still here.");
  ada.tab().wait_until("pending.length === 0");
}

}  // namespace

const std::vector<Test> kWritingTests = {
    {"several lines, and lines said before", editing},
    {"to one alone, and back", to_one_alone},
    {"Tab completes names", completion},
    {"a refused line comes back", refused},
    {"three hundred refusals are one", many_refused},
    {"the log follows in a smaller window, and under a long draft", log_follows},
    {"who reads further up is not disturbed", log_waits},
    {"code is code", code},
    {"one message that cannot be shown costs no other", one_bad_message},
};
