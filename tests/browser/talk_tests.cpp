// Who is there, who hears what, and what becomes of what strangers write.
#include <thread>

#include "stage.h"
#include "websock.h"

namespace {

// ---- People ----

void names() {
  Room room;
  Person ada = room.person("Ada");
  Person bob = room.person("Bob");
  ada.wait_for("Bob has come in.", ".notice");
  check_equal<std::string>("Ada sees who is there", ada.members(), R"(["Ada","Bob","Bot"])");
  check_equal<std::string>("Bob sees who is there", bob.members(), R"(["Bob","Ada","Bot"])");

  Person third = room.person("");
  third.enter("ada");
  third.tab().wait_until("document.getElementById('join-error').textContent === 'That name is taken.'");
  third.enter(std::string(33, 'x'));
  third.tab().wait_until("document.getElementById('join-error').textContent.includes('1 to 32')");
  third.enter("Cleo Ωmega");
  third.wait_until_inside();
  ada.wait_for("Bob and Cleo Ωmega have come in.", ".notice");

  bob.say("/name Robert");
  ada.wait_for("Bob is now Robert.", ".notice");
  bob.wait_for("Bob is now Robert.", ".notice");
  third.say("/quit");
  ada.wait_for("Cleo Ωmega has left.", ".notice");
  third.tab().wait_until("document.getElementById('state').dataset.state === 'closed'");
  check(third.tab().holds("!document.getElementById('join').hidden"), "who has left may come in again");
  check_equal<std::string>("Ada sees who is left", ada.members(), R"(["Ada","Robert","Bot"])");
  ada.say("/who");
  ada.wait_for("In the room: Bot, Ada, Robert", ".notice");
}

void messages() {
  Room room;
  Person ada = room.person("Ada");
  Person bob = room.person("Bob");
  for (const char* text : {"One.", "Two: ä€𐍈 👋", "Three."}) {
    ada.say(text);
    bob.wait_for(text);
    bob.say(std::string("Re: ") + text);
    ada.wait_for(std::string("Re: ") + text);
  }
  bob.say("/me waves");
  ada.tab().wait_until("document.querySelector('.message.action[data-from=Bob]')");
  bob.tab().wait_until("document.querySelector('.message.action[data-from=Bob]')");
  check_equal("everybody sees one order", ada.messages("[data-seq]"), bob.messages("[data-seq]"));
  check_equal<std::size_t>("of Ada's own", ada.count_all(".message.own"), 3);
  check_equal<std::size_t>("with the time of day", ada.count_all("[data-seq] time[datetime$=Z]"), 7);
}

void private_messages() {
  Room room;
  Person ada = room.person("Ada");
  Person bob = room.person("Bob");
  Person cleo = room.person("Cleo");
  ada.say("@Bob This is between us.");
  ada.tab().press("Escape");  // from here on to everybody, but for what says otherwise
  ada.say("/msg bob And this.");
  for (Person* each : {&ada, &bob}) {
    each->wait_for("This is between us.", ".message.private .text");
    each->wait_for("And this.", ".message.private .text");
  }
  // Cleo sees everything in the room's order: with this, she has seen all that came before.
  ada.say("This is for everybody.");
  cleo.wait_for("This is for everybody.");
  check_equal<std::string>("Cleo sees nothing else", cleo.messages(), R"(["This is for everybody."])");
  ada.say("@Nobody Are you there?");
  ada.wait_for("There is nobody of that name in the room.", ".notice.error");
}

void bot() {
  Room room;
  Person ada = room.person("Ada");
  ada.tab().wait_until("document.querySelector('.message.private[data-from=Bot]')");  // who is alone gets a greeting
  ada.say("ping");
  ada.wait_for("Pong.", ".message.bot .text");
  Person bob = room.person("Bob");
  bob.wait_for("Pong.", ".message.bot .text");
  bob.say("@Bot I remember the sea");
  bob.tab().wait_until(
      "[...document.querySelectorAll('.message.private.bot')].some("
      "e => e.textContent.includes('the sea'))");
  bob.tab().press("Escape");
  bob.say("Now we are two.");
  bob.say("Bot, ping");
  ada.tab().wait_until("document.querySelectorAll('.message.bot:not(.private)').length === 2");
  check(!ada.tab().holds("document.getElementById('log').textContent.includes('the sea')"),
        "what Bob told the bot alone stays between them");
}

// ---- What strangers write ----

void html_is_text() {
  Room room;
  Person ada = room.person("Ada");
  Person bob = room.person("<b>Bob</b>");
  const std::string html = "<img src=x onerror=\"document.title='broken'\"><b>bold</b> &amp; <script>alert(1)</script>";
  bob.say(html);
  ada.wait_for(html);
  check_equal<std::size_t>("nothing became markup", ada.count_all("#log :is(b, img, script), #members b"), 0);
  check_equal<std::string>("nor did the name", ada.text_of("#members li:nth-child(2)"), "<b>Bob</b>");
}

void links() {
  Room room;
  Person ada = room.person("Ada");
  ada.tab().evaluate("say('(see https://en.wikipedia.org/wiki/C_(language)), https://a.example/[x]], https://')");
  ada.tab().wait_until("document.querySelector('.message .text a')");
  check_equal<std::string>("brackets",
                           to_string(ada.tab().evaluate("[...document.links].map(link => link.textContent)")),
                           R"x(["https://en.wikipedia.org/wiki/C_(language)","https://a.example/[x]"])x");
  ada.tab().evaluate("document.querySelectorAll('.message').forEach(each => each.remove())");
  const std::string url = room.server.url() + "linked?a=1&b=2";
  ada.say("See " + url + ". Not javascript:alert(1) nor data:text/html,x");
  ada.tab().wait_until("document.querySelector('.message .text a')");
  check_equal<std::size_t>("one link", ada.count_all(".message a"), 1);
  check_equal("its text, without the full stop", ada.text_of(".message .text a"), url);
  check(ada.tab().holds("document.querySelector('.message a').relList.contains('noopener')"),
        "the page cannot reach us");
  ada.tab().click(".message .text a");
  Tab other(*stage.browser, url);  // there is one, else this waits in vain
  other.wait_until("window.opener === null");
}

// Another server with a page of its own.
class OtherSite {
 public:
  explicit OtherSite(const std::string& page)
      : server_({.on_http_request =
                     [page](const websock::Request&) {
                       return websock::Response{200, "", {{"Content-Type", "text/html"}}, page};
                     }}),
        serving_([this] { server_.serve_forever(); }) {}
  ~OtherSite() {
    server_.close_server();
    serving_.join();
  }

  std::string url() const { return "http://127.0.0.1:" + std::to_string(server_.port()) + "/"; }

 private:
  websock::WebSocketServer server_;
  std::thread serving_;
};

void other_pages() {
  Room room;
  const OtherSite site("<!DOCTYPE html><iframe src='" + room.server.url() + "'></iframe>");
  Tab page(*stage.browser);
  page.go_to(site.url());
  const Json tree = page.call("Page.getFrameTree");
  const Json& frame = tree["frameTree"]["childFrames"].array().at(0)["frame"];
  check_equal<std::string>("it is not framed", frame["url"].text(), "chrome-error://chromewebdata/");
  stage.browser->take_complaints();  // it says so, too
  const Json outcome = page.evaluate(
      "new Promise(resolve => { const socket = new WebSocket(" + literal("ws" + room.server.url().substr(4)) +
      "); socket.onopen = () => resolve('in'); socket.onerror = () => resolve('out'); })");
  check_equal<std::string>("a socket of another site's page stays", outcome.text(), "out");
}

}  // namespace

const std::vector<Test> kTalkTests = {
    {"names are unique, and all see who comes, goes and is renamed", names},
    {"messages reach everybody in one order", messages},
    {"private messages are seen by two, and not by a third", private_messages},
    {"the bot answers who is alone, and who speaks to it", bot},
    {"HTML is text", html_is_text},
    {"a link can be clicked, and only a link", links},
    {"another site's page can neither connect nor frame the chat", other_pages},
};
