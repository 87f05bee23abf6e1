// Connections that come and go, and windows.
#include "stage.h"

namespace {

// ---- A connection that comes and goes ----

void history() {
  Room room;
  Person ada = room.person("Ada");
  ada.say("Before Bob was there.");
  Person bob = room.person("Bob");
  bob.wait_for("Before Bob was there.");
  ada.say("And now he is.");
  ada.wait_for("And now he is.");
  ada.tab().bring_to_front();
  ada.tab().reload();
  ada.wait_until_inside();
  check_equal<std::string>("the name was kept", ada.text_of("#members li"), "Ada you");
  bob.wait_for("And now he is.");
  for (const char* text : {"Before Bob was there.", "And now he is."}) {
    check_equal<std::size_t>("once after a reload: " + std::string(text), ada.count(text), 1);
  }
}

void missed_messages() {
  Room room;
  Person ada = room.person("Ada");
  Person bob = room.person("Bob");
  ada.say("Seen.");
  bob.wait_for("Seen.");
  // The connection breaks. The page would soon come back by itself: we hold its timer, to talk behind Ada's back.
  ada.tab().bring_to_front();
  // In one step: our listener runs right behind the page's own.
  ada.tab().evaluate(
      "new Promise(done => { socket.addEventListener('close', () => { clearInterval(timer); done(); }); "
      "socket.close(4000); })");
  ada.tab().wait_until("document.getElementById('state').dataset.state === 'waiting'");
  ada.write("Written while away.");
  ada.tab().press("Enter");
  check_equal<std::string>("what cannot be sent stays", ada.tab().evaluate("text.value").text(), "Written while away.");
  bob.wait_for("Ada has left.", ".notice");
  for (const char* text : {"Missed one.", "Missed two."}) {
    bob.say(text);
    bob.wait_for(text);
  }
  ada.tab().bring_to_front();  // who looks at the page does not wait for the timer
  ada.wait_for("Missed two.");
  ada.wait_until_inside();
  ada.tab().press("Enter");
  for (Person* each : {&ada, &bob}) each->wait_for("Written while away.");
  check_equal("nothing is missing, and nothing doubled", ada.messages("[data-seq]"), bob.messages("[data-seq]"));
  const std::string numbers = "[...document.querySelectorAll('[data-seq]')].map(e => e.dataset.seq)";
  check(ada.tab().holds("new Set(" + numbers + ").size === " + numbers + ".length"), "each number occurs once");
}

void restarted_server() {
  Room room;
  Person ada = room.person("Ada");
  Person bob = room.person("Bob");
  ada.say("Before.");
  bob.wait_for("Before.");
  room.server.kill();
  for (Person* each : {&ada, &bob}) {
    each->tab().wait_until("['waiting', 'connecting'].includes(document.getElementById('state').dataset.state)");
  }
  room.server.start_again();
  ada.wait_until_inside();
  bob.tab().wait_until("document.getElementById('state').dataset.state === 'open'");
  ada.wait_for("The server has started anew.", ".notice");
  ada.say("After.");
  bob.wait_for("After.");
  bob.say("Indeed.");
  for (Person* each : {&ada, &bob}) {
    each->wait_for("Indeed.");
    for (const char* text : {"Before.", "After.", "Indeed."}) {
      check_equal<std::size_t>("once after a restart: " + std::string(text), each->count(text), 1);
    }
  }
  check_equal<std::string>("Ada is Ada again", ada.members(), R"(["Ada","Bob","Bot"])");

  // A new epoch that still has the messages of the last one: Redis has started again, with its file.
  ada.tab().evaluate(
      "receive(JSON.stringify({type: 'welcome', room, epoch: 'another', you: me, bot, members: [...members], seq: 3, "
      "missed: 0, history: [...log.querySelectorAll('[data-seq]')].slice(-2).map(e => ({type: 'message', "
      "seq: Number(e.dataset.seq), from: e.dataset.from, time: e.querySelector('time').dateTime, text: e.raw})).concat("
      "{type: 'message', seq: 3, from: 'Bob', time: '2026-01-31T09:26:53Z', text: 'New.'})}))");
  for (const char* text : {"After.", "Indeed.", "New."}) {
    check_equal<std::size_t>("once in a new epoch: " + std::string(text), ada.count(text), 1);
  }
}

// What is sent into a dead connection neither vanishes nor is said twice.
void frozen_server() {
  Room room;
  Person bob = room.person("Bob");
  Person ada = room.person("Ada");
  room.server.freeze();
  ada.say("Is anybody there?");
  ada.wait_for("Is anybody there?", ".pending .text");
  ada.tab().wait_until("document.querySelector('.pending .fate').checkVisibility()");
  ada.tab().wait_until("$('state').dataset.state === 'slow' && $('banner').checkVisibility()");
  room.server.thaw();
  ada.wait_for("Is anybody there?");
  ada.tab().wait_until("$('state').dataset.state === 'open' && $('banner').hidden");
  check_equal<std::size_t>("nothing is pending any more", ada.count_all(".pending"), 0);

  room.server.freeze();
  ada.say("And now?");
  ada.say("@Bob Psst.");
  ada.tab().wait_until("$('state').dataset.state === 'waiting'");  // after a quarter of a minute of silence
  check_equal<std::string>("both are marked", ada.messages(".pending.failed"), R"(["And now?","Psst."])");
  room.server.kill();
  room.server.start_again();
  ada.wait_until_inside();
  bob.tab().wait_until("$('state').dataset.state === 'open'");
  check_equal<std::size_t>("nothing is sent again by itself", bob.count("And now?"), 0);
  ada.tab().evaluate("document.querySelector('.pending button').click()");  // notices may still move it about
  bob.wait_for("And now?");
  ada.tab().wait_until("document.querySelectorAll('.pending').length === 1");
  ada.tab().evaluate("document.querySelector('.pending button + button').click()");
  check_equal<std::size_t>("discarded", ada.count_all(".pending"), 0);
  check_equal<std::size_t>("said once", bob.count("And now?"), 1);
}

// It arrived, but its author could not hear so.
void lost_answer() {
  Room room;
  Person bob = room.person("Bob");
  Person ada = room.person("Ada");
  ada.tab().evaluate("socket.onmessage = null");
  ada.say("Heard by all but me.");
  bob.wait_for("Heard by all but me.");
  // In one step: the page comes back by itself, and then there is no doubt any more.
  const Json doubtful = ada.tab().evaluate("give_up(); document.querySelectorAll('.pending.failed').length");
  check_equal("in doubt", doubtful.number(), 1.0);
  ada.wait_for("Heard by all but me.");
  check_equal<std::size_t>("no doubt is left", ada.count_all(".pending"), 0);
}

void offline_and_back() {
  Room room;
  Person ada = room.person("Ada");
  Tab& page = ada.tab();
  page.resize(360, 640);
  page.call("Network.enable");
  const auto set_offline = [&](bool offline) {
    page.call("Network.emulateNetworkConditions",
              {{"offline", offline}, {"latency", 0}, {"downloadThroughput", -1}, {"uploadThroughput", -1}});
  };
  set_offline(true);
  page.evaluate("give_up()");
  page.wait_until("document.getElementById('banner-text').textContent.startsWith('You are offline.')");
  const char* const just_above =
      "$('banner').getBoundingClientRect().bottom <= $('text').getBoundingClientRect().top && "
      "$('banner').getBoundingClientRect().bottom > 400";
  check(page.holds(just_above), "it is said just above where one writes");
  page.save_screenshot(stage.folder + "/offline.png");
  set_offline(false);
  ada.wait_until_inside();
  check(page.holds("$('banner').hidden"), "and no longer than it lasts");
}

// A server whose room is elsewhere, and cannot be reached: what is written waits with its author.
void room_away() {
  Room room;
  Person ada = room.person("Ada");
  ada.tab().evaluate("receive('{\"type\":\"away\"}')");
  ada.say("Kept.");
  check_equal<std::string>("it is not sent", ada.tab().evaluate("text.value").text(), "Kept.");
  check(ada.tab().holds("$('state').dataset.state === 'slow' && $('banner').checkVisibility()"), "one sees why");
  ada.tab().evaluate("receive('{\"type\":\"back\"}')");
  ada.tab().press("Enter");
  ada.wait_for("Kept.");
  check(ada.tab().holds("$('state').dataset.state === 'open' && $('banner').hidden"), "all is well again");
  // What was on its way when the room went comes back to its author, who is not asked for a name.
  ada.tab().evaluate(
      "add_pending('On its way.', ''); receive('{\"type\":\"away\"}'); "
      "receive('{\"type\":\"error\",\"text\":\"The room cannot be reached: that was not said.\"}')");
  check(ada.tab().holds("$('join').hidden && text.value === 'On its way.'"), "what was not said is in the box again");
  ada.tab().evaluate("receive('{\"type\":\"back\"}')");
  ada.tab().press("Enter");
  ada.wait_for("On its way.");
}

// ---- Windows ----

void another_window() {
  Room room;
  Person first = room.person("Ada");
  Person bob = room.person("Bob");
  // A new one knows what all windows share: name and key.
  Tab second(*stage.browser);
  second.go_to(room.server.url_for(1));
  second.wait_until("document.getElementById('name').value === 'Ada'");  // a new window knows the name
  second.bring_to_front();
  second.wait_until("document.activeElement.id === 'name'");
  second.press("Enter");
  second.wait_until("inside");
  first.tab().wait_until("$('state').dataset.state === 'closed'");
  check_equal<std::string>("the first one says why", first.text_of("#join-error"),
                           "You came in from another window. Enter again to be here instead.");
  check_equal<std::string>("and keeps the name", first.tab().evaluate("$('name').value").text(), "Ada");
  check_equal<std::size_t>("nobody else is bothered", bob.count_all(".notice"), 0);
  first.tab().bring_to_front();
  first.tab().press("Enter");
  first.wait_until_inside();
  second.wait_until("$('state').dataset.state === 'closed'");
  check_equal<std::string>("there is one Ada", first.members(), R"(["Ada","Bob","Bot"])");
}

// A copy that has what the tab has, as the browser's "Duplicate" makes it: it comes in by itself.
void duplicated_tab() {
  Room room;
  Person first = room.person("Ada");
  first.tab().evaluate(
      "document.body.append(Object.assign(element('a', '', 'copy'), {href: '?copy', target: '_blank', rel: "
      "'opener'}))");
  first.tab().click("body > a");
  Tab copy(*stage.browser, room.server.url_for(1) + "?copy");
  copy.wait_until("inside && me === 'Ada'");
  first.tab().wait_until("$('state').dataset.state === 'closed'");
  check_equal<std::string>("the first one says why", first.text_of("#join-error"),
                           "You came in from another window. Enter again to be here instead.");
  check_equal<std::string>("and is not called an error", first.text_of("#state"), "Open in another window");
  check(copy.holds("members.size === 2 && inside"), "the copy stays");
}

void draft_outlives_reload() {
  Room room;
  Person bob = room.person("Bob");
  Person ada = room.person("Ada");
  ada.write("@Bob ");
  ada.write("half a sen");
  ada.tab().reload();
  ada.wait_until_inside();
  ada.tab().wait_until("to === 'Bob'");
  check_equal<std::string>("the draft is back", ada.tab().evaluate("text.value").text(), "half a sen");
}

}  // namespace

const std::vector<Test> kConnectionTests = {
    {"history after a reload, and for a newcomer", history},
    {"missed messages arrive when the connection is back", missed_messages},
    {"a server that was killed and started again", restarted_server},
    {"what is sent to a frozen server is marked, and lost only if its author wants", frozen_server},
    {"what arrived unheard is not in doubt for long", lost_answer},
    {"offline, and back", offline_and_back},
    {"the room cannot be reached for a while", room_away},
    {"one person in two windows", another_window},
    {"a duplicated tab", duplicated_tab},
    {"a draft outlives a reload", draft_outlives_reload},
};
