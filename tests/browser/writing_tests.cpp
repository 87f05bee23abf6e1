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
  ada.tab().press("Tab");
  ada.tab().press("Escape");
  check_equal<std::string>("again", draft(ada), "bo");
  ada.tab().press("Tab");
  ada.tab().press("Enter");
  ada.wait_for("Bob,");
  ada.tab().press("Escape");
  check_equal<std::string>("what was sent is not undone", draft(ada), "");
  ada.tab().press("Escape");  // it had led to the log
  ada.write("Ask bo");
  ada.tab().press("Tab");
  ada.tab().evaluate("text.setSelectionRange(0, 0)");
  ada.tab().press("Tab");
  check_equal<std::string>("elsewhere in the line nothing goes on", draft(ada), "Ask Bob ");
  ada.tab().evaluate("text.focus(); set_text('')");
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

void help() {
  Room room;
  Person ada = room.person("Ada");
  ada.say("/help");
  ada.tab().wait_until("document.querySelector('.notice dl')");
  check_equal<std::string>("what one types", ada.text_of(".notice dt:nth-of-type(2)"), "@\"Ada Byron\" hello");
  check_equal<std::string>("what it does", ada.text_of(".notice dd:nth-of-type(2)"),
                           "the same: a name of several words");
  const char* const beside =
      "[...document.querySelectorAll('.notice dt')].every(each => each.getBoundingClientRect().top < "
      "each.nextElementSibling.getBoundingClientRect().bottom && each.nextElementSibling.matches('dd'))";
  check(ada.tab().holds(beside), "each command has its meaning beside it");
  for (const int width : {360, 390, 1440}) {
    ada.tab().resize(width, 700);
    ada.tab().wait_until("innerWidth === " + std::to_string(width));
    check(ada.tab().holds("log.scrollWidth <= log.clientWidth"), "it fits");
  }
  ada.tab().wait_until("log.scrollHeight - log.scrollTop - log.clientHeight < 2");
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

// What is larger than the server takes as a message would end the connection, and never be answered.
void too_long() {
  Room room;
  Person ada = room.person("Ada");
  const std::string text = "A" + std::string(69'998, '.') + "Z";
  ada.say(text);
  ada.wait_for("A message has at most 4,000 characters; this one has 70,000.", ".notice.error[role=alert]");
  check_equal("it stays where it can be shortened", draft(ada), text);
  check_equal<std::size_t>("and is not pending", ada.count_all(".pending"), 0);
  check(ada.tab().holds("inside && $('state').dataset.state === 'open'"), "the connection is none the worse");
  const char* const longest = "set_text('\\u{1F44B}'.repeat(3999) + '!')";
  ada.tab().evaluate(longest);
  ada.tab().press("Enter");
  ada.tab().wait_until("document.querySelector('.message.own') && pending.length === 0");
  check_equal<std::size_t>("4,000 are not too many, however many bytes", ada.count_all(".notice.error"), 1);
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

// "Sending..." comes a second later, and below all that is there.
void log_follows_fate() {
  Room room;
  Person bob = room.person("Bob");
  Person ada = room.person("Ada");
  fill(bob, ada);
  room.server.freeze();
  ada.say("Is anybody there?");
  // In one step: soon other things move the log as well.
  check(ada.tab()
            .evaluate("new Promise(done => { const timer = setInterval(() => { "
                      "if (!pending[0].item.matches('.late')) return; clearInterval(timer); done(" +
                      std::string(kAtEnd) + "); }, 20); })")
            .boolean(),
        "one sees that it is still on its way");
  room.server.thaw();
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

// Who has walked off into the log and types means the box.
void typing_in_the_log() {
  Room room;
  Person ada = room.person("Ada");
  ada.say("One.");
  ada.wait_for("One.");
  ada.tab().press("Escape");
  ada.tab().press("ArrowUp");
  check(ada.tab().holds("document.activeElement.matches('.message')"), "in the log");
  ada.tab().press("p");
  check_equal<std::string>("no letter is lost", draft(ada), "p");
  check(ada.tab().holds("document.activeElement.id === 'text'"), "and the next one follows it");
}

// ---- What is shown ----

// To me alone, and with my name in it: it must not look like what all can read.
void called_in_private() {
  Room room;
  Person bob = room.person("Bob");
  Person ada = room.person("Ada");
  bob.say("Ada, for all.");
  bob.say("@Ada And this, Ada, for you.");
  ada.wait_for("And this, Ada, for you.", ".private.mention .text");
  const auto color_of = [&](const std::string& kind) {
    return ada.tab().evaluate("getComputedStyle(document.querySelector('" + kind + " .text')).backgroundColor").text();
  };
  ada.tab().evaluate("add_message({type: 'private', from: 'Bob', to: 'Ada', text: 'Psst.', time: Date.now()})");
  check_equal("as any private one", color_of(".private.mention"), color_of(".private:not(.mention)"));
  check(color_of(".private.mention") != color_of(".mention:not(.private)"), "unlike one that all can read");
}

// The longest name, on a telephone: all of it is to be read, before one writes to it alone.
void longest_name() {
  Room room;
  const std::string name = "Wolfeschlegelsteinhausenbergerdo";
  Person bob = room.person(name);
  Person ada = room.person("Ada");
  ada.tab().evaluate("address_to(" + literal(name) + ")");
  ada.tab().resize(390, 700);
  ada.tab().wait_until("innerWidth === 390");
  // A corner as round as the chip is high would cut off its first letters.
  check(ada.tab().holds("parseFloat(getComputedStyle($('to')).borderTopLeftRadius) <= 16"), "no corner is cut off");
  check(ada.tab().holds("$('to-name').scrollWidth <= $('to-name').clientWidth"), "nothing of it is hidden");
  const char* const within =
      "(() => { const chip = $('to').getBoundingClientRect(), box = $('to').parentNode.getBoundingClientRect();"
      "return chip.left >= box.left && chip.right <= box.right && chip.top >= box.top; })()";
  check(ada.tab().holds(within), "the chip stays in the box");
  ada.tab().resize(1000, 700);
  ada.tab().wait_until("innerWidth === 1000");
  const char* const beside =
      "(() => { const who = document.querySelector('#members [data-name^=Wolf] .who'), range = document.createRange();"
      "range.selectNodeContents(who.lastChild); const letters = range.getClientRects()[0];"
      "const shape = who.firstChild.getBoundingClientRect();"
      "return letters.left >= shape.right && letters.top < shape.bottom && shape.width > 0.9 * shape.height; })()";
  check(ada.tab().holds(beside), "in the list it begins beside its shape, not below it");
}

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

// Of a message that goes on, time and Copy are there for who points at it.
void pointing() {
  Room room;
  Person bob = room.person("Bob");
  Person ada = room.person("Ada");
  for (const char* text : {"One.", "Two."}) {
    bob.say(text);
    ada.wait_for(text);
  }
  ada.tab().bring_to_front();
  const auto shows = [](const std::string& what, const std::string& opacity) {
    return "getComputedStyle(document.querySelector('.message.more " + what + "')).opacity === '" + opacity + "'";
  };
  check(ada.tab().holds(shows("time", "0")), "nothing is in the way");
  ada.tab().point_at(".message.more .text");
  ada.tab().wait_until(shows("time", "1"));
  ada.tab().wait_until(shows(".copy", "1"));
  ada.tab().point_at("#text");
  ada.tab().wait_until(shows("time", "0"));
  ada.tab().wait_until(shows(".copy", "0"));
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
    {"/help is a list", help},
    {"a refused line comes back", refused},
    {"three hundred refusals are one", many_refused},
    {"what is too long stays in the box", too_long},
    {"the log follows in a smaller window, and under a long draft", log_follows},
    {"the log follows what becomes of a message", log_follows_fate},
    {"who reads further up is not disturbed", log_waits},
    {"a letter typed in the log arrives in the box", typing_in_the_log},
    {"what is private looks private, with my name in it, too", called_in_private},
    {"the longest name", longest_name},
    {"time and Copy for who points at a message", pointing},
    {"code is code", code},
    {"one message that cannot be shown costs no other", one_bad_message},
};
