// Who comes and goes, what happens while nobody looks, and what calls one back.
#include <websock/websock.h>
#include "stage.h"

namespace {

void local_time() {
  Room room;
  Person ada = room.person("Ada");
  ada.say("What time is it?");
  ada.wait_for("What time is it?");
  ada.tab().call("Emulation.setTimezoneOverride", {{"timezoneId", "Asia/Kathmandu"}});  // UTC and 5:45 hours
  ada.tab().call("Emulation.setLocaleOverride", {{"locale", "en-GB"}});
  ada.tab().reload();
  ada.wait_until_inside();
  const Json shown = ada.tab().evaluate("document.querySelector('[data-seq] time').textContent");
  const Json there = ada.tab().evaluate(
      "new Date(Date.parse(document.querySelector('[data-seq] time').dateTime) + 345 * 60000).toISOString().slice(11, "
      "16)");
  check_equal("the reader's time of day", shown.text(), there.text());
}

void typing() {
  Room room;
  Person ada = room.person("Ada");
  Person bob = room.person("Bob");
  bob.watch_typing();
  ada.write("Let me th");
  bob.wait_for_typing("Ada is typing…");
  check_equal<std::string>("not told to Ada herself", ada.text_of("#typing"), "");
  ada.say("ink.");
  bob.wait_for("Let me think.");
  check_equal<std::string>("over with the message", bob.text_of("#typing"), "");
}

void unread() {
  Room room;
  Person bob = room.person("Bob");
  Person ada = room.person("Ada");  // in front, and so Bob looks at something else
  bob.tab().wait_until("document.hidden");
  ada.say("One.");
  ada.say("Two.");
  bob.tab().wait_until("document.title === '(2) Chat'");
  check_equal<std::string>("who is looking has read it", ada.tab().evaluate("document.title").text(), "Chat");
  bob.tab().bring_to_front();
  bob.tab().wait_until("document.title === 'Chat'");
}

// ---- Coming and going ----

// Forty people, each over a connection of their own.
std::vector<std::unique_ptr<websock::WebSocketClient>> crowd(const Room& room, int size) {
  std::vector<std::unique_ptr<websock::WebSocketClient>> people;
  for (int i = 1; i <= size; ++i) {
    people.push_back(std::make_unique<websock::WebSocketClient>("ws" + room.server.url().substr(4)));
    people.back()->connection()->send(to_string(JsonObject{{"type", "join"}, {"name", "P" + std::to_string(i)}}));
    people.back()->connection()->receive();  // the welcome: they come in order
  }
  return people;
}

void forty_come_and_go() {
  Room room({"--no-bot"});
  Person ada = room.person("Ada");
  {
    const auto people = crowd(room, 40);
    ada.tab().wait_until("members.size === 41");
    ada.wait_for("P1, P2, P3 and 37 others have come in.", ".notice");
    check_equal<std::string>("P2 stands before P10",
                             to_string(ada.tab().evaluate("[...document.querySelectorAll('#members li')].map("
                                                          "e => e.dataset.name).slice(0, 4)")),
                             R"(["Ada","P1","P2","P3"])");
  }
  ada.tab().wait_until("members.size === 1");
  ada.wait_for("P1, P2, P3 and 37 others have come in and left.", ".notice");
  check_equal<std::size_t>("that is one notice", ada.count_all(".notice"), 1);
  ada.say("What was that?");
  ada.wait_for("What was that?");
  Person bob = room.person("Bob");
  ada.wait_for("Bob has come in.", ".notice");
  check_equal<std::size_t>("what is said in between ends it", ada.count_all(".notice"), 2);
}

// Nobody's colour and shape are the same as another's, as long as there are enough.
void colours_differ() {
  Room room;
  Person ada = room.person("Ada");
  const auto people = crowd(room, 5);
  ada.tab().wait_until("members.size === 7");  // with the bot, as many as there are hues
  const std::string colours =
      "new Set([...document.querySelectorAll('#members .shape')].map(e => getComputedStyle(e).backgroundColor)).size";
  check(ada.tab().holds(colours + " === 7"), "seven people, seven colours");
  const std::string shapes = "new Set([...document.querySelectorAll('#members .shape')].map(e => e.className)).size";
  check(ada.tab().holds(shapes + " === 6"), "and all six shapes");
}

// ---- Away ----

void since_you_left() {
  Room room;
  Person bob = room.person("Bob");
  Person ada = room.person("Ada");
  bob.say("Seen.");
  ada.tab().bring_to_front();
  ada.wait_for("Seen.");
  bob.say("New one.");
  bob.say("New two.");
  ada.wait_for("New two.");
  const auto below_border = [&] {
    return ada.tab().evaluate("document.querySelector('.new + .message .text').textContent").text();
  };
  check_equal<std::string>("the new begins here", below_border(), "New one.");
  ada.tab().bring_to_front();
  bob.say("New three.");
  ada.wait_for("New three.");
  check_equal<std::string>("it moves when one has been back", below_border(), "New three.");
  check_equal<std::size_t>("there is one", ada.count_all(".new"), 1);

  ada.tab().bring_to_front();
  ada.tab().wait_until("!document.hidden && document.hasFocus()");
  ada.tab().go_to("about:blank");
  bob.say("While Ada was out.");
  bob.wait_for("While Ada was out.");
  ada.tab().go_to(room.server.url_for(2));
  ada.wait_for("While Ada was out.");
  check_equal<std::string>("a new page knows, too", below_border(), "While Ada was out.");
}

void earlier_is_not_kept() {
  Room room({"--max-history", "2"});
  Person ada = room.person("Ada");
  for (const char* text : {"One.", "Two.", "Three."}) {
    ada.say(text);
    ada.wait_for(text);
  }
  Person bob = room.person("Bob");
  bob.wait_for("What was said earlier is no longer kept.", ".notice:first-child");
  check_equal<std::string>("the first has something before it", bob.messages("[data-seq]:first-of-type"),
                           to_string(bob.tab().evaluate("[document.querySelector('[data-seq] .text').textContent]")));
  check_equal<std::size_t>("who was there from the beginning lacks nothing",
                           ada.count("What was said earlier is no longer kept.", ".notice"), 0);
}

void mentions() {
  Room room;
  Person bob = room.person("Bob");
  Person ada = room.person("Ada");
  // What the browser would ask its user, and show outside the page.
  ada.tab().evaluate(R"(
    window.shown = [];
    class FakeNotification { constructor(title, options) { shown.push(title + ': ' + options.body); } close() {} }
    FakeNotification.permission = 'default';
    FakeNotification.requestPermission = async () => FakeNotification.permission = 'granted';
    window.Notification = FakeNotification;
  )");
  ada.tab().click("#bell");
  ada.tab().wait_until("$('bell').getAttribute('aria-pressed') === 'true'");
  for (const char* text : {"Adam is here.", "What says ada?", "Hey @Ada!", "canada"}) {
    bob.say(text);
    ada.wait_for(text);
  }
  check_equal<std::string>("her name as a word", ada.messages(".mention"), R"(["What says ada?","Hey @Ada!"])");
  check_equal<std::string>("only that is marked", ada.text_of("mark"), "ada");
  bob.say("@Ada Psst.");
  ada.wait_for("Psst.");
  check_equal<std::string>("notified of these", to_string(ada.tab().evaluate("shown")),
                           R"(["Bob in Chat: What says ada?","Bob in Chat: Hey @Ada!","Bob to you alone: Psst."])");
  check(ada.tab().holds("document.querySelector('link[rel=icon]').href.includes('circle')"), "the icon has a dot");
  ada.tab().bring_to_front();
  ada.tab().wait_until("!document.querySelector('link[rel=icon]').href.includes('circle')");
  bob.tab().bring_to_front();
  bob.tab().wait_until("document.activeElement.id === 'text'");
  ada.tab().evaluate("$('bell').click()");
  ada.tab().wait_until("$('bell').getAttribute('aria-pressed') === 'false'");
  bob.say("Ada?");
  ada.wait_for("Ada?");
  check_equal("not when it is no longer wanted", ada.tab().evaluate("shown.length").number(), 3.0);
}

}  // namespace

const std::vector<Test> kPresenceTests = {
    {"UTC becomes the reader's time", local_time},
    {"one sees who is typing", typing},
    {"unread messages are counted in the title", unread},
    {"forty people who come and go are one notice", forty_come_and_go},
    {"colours that differ, and shapes", colours_differ},
    {"where the new begins", since_you_left},
    {"that earlier messages are not kept is said", earlier_is_not_kept},
    {"mentions are marked, and call back who asked for it", mentions},
};
