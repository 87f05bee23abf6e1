// Connections that come and go, and pages that nobody looks at.
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
  ada.tab().evaluate("socket.close(4000)");
  ada.tab().wait_until("document.getElementById('state').dataset.state === 'waiting'");
  ada.tab().evaluate("clearInterval(timer)");
  bob.wait_for("Ada has left.", ".notice");
  for (const char* text : {"Missed one.", "Missed two."}) {
    bob.say(text);
    bob.wait_for(text);
  }
  ada.write("Written while away.");
  ada.tab().press("Enter");
  check_equal<std::string>("what cannot be sent stays", ada.tab().evaluate("text.value").text(), "Written while away.");
  ada.tab().click("#retry");
  ada.wait_for("Missed two.");
  ada.tab().click("#text");
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
}

// ---- What happens elsewhere ----

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

}  // namespace

const std::vector<Test> kConnectionTests = {
    {"history after a reload, and for a newcomer", history},
    {"missed messages arrive when the connection is back", missed_messages},
    {"a server that was killed and started again", restarted_server},
    {"UTC becomes the reader's time", local_time},
    {"one sees who is typing", typing},
    {"unread messages are counted in the title", unread},
};
