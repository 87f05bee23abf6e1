// The keyboard, the screen reader, and what there is to see.
#include <filesystem>

#include "stage.h"

namespace {

void keyboard_only() {
  Room room;
  Person bob = room.person("Bob");
  Person ada = room.person("");
  ada.enter("Ada");  // the field has the focus, Enter does the rest
  ada.wait_until_inside();
  // Backwards from where one writes, to the first that can be reached, and forwards to the last.
  const auto focused = [&] {
    return ada.tab().evaluate("document.activeElement.id || document.activeElement.textContent").text();
  };
  for (const char* where : {"log", "Bot", "Bob", "bell"}) {
    ada.tab().press("Shift+Tab");
    check_equal<std::string>("Shift+Tab", focused(), where);
    check(ada.tab().holds("getComputedStyle(document.activeElement).outlineStyle !== 'none'"),
          std::string("one sees where the focus is: ") + where);
  }
  ada.tab().press("Tab");
  ada.tab().press("Enter");
  check_equal<std::string>("a member is written to", ada.text_of("#to-name"), "to Bob alone");
  ada.say("Only keys.");
  bob.wait_for("Only keys.", ".private .text");
  ada.tab().press("Tab");
  check_equal<std::string>("Tab", focused(), "send");
  ada.tab().press("Shift+Tab");
  ada.tab().press("Escape");  // of the address
  ada.tab().press("Escape");  // to the log
  check_equal<std::string>("Escape", focused(), "log");
  ada.tab().press("ArrowUp");
  check(ada.tab().holds("document.activeElement.matches('.message.private')"), "the last message");
  ada.tab().call("Browser.grantPermissions", {{"permissions", JsonArray{"clipboardReadWrite"}}});
  ada.tab().press("Tab");
  ada.tab().press("Enter");
  ada.tab().wait_until("$('told').textContent === 'Copied.'");
  check_equal<std::string>("copied", ada.tab().evaluate("navigator.clipboard.readText()").text(), "Only keys.");
  ada.tab().press("Escape");
  check_equal<std::string>("and back", focused(), "text");
}

void screen_reader() {
  Room room;
  Person ada = room.person("Ada");
  Person bob = room.person("Bob");
  ada.tab().wait_until("!document.querySelector('#log').hasAttribute('aria-live')");  // a role=log is live by itself
  for (const char* text : {"One `word`.", "Two."}) {
    bob.say(text);
    ada.tab().wait_until("document.querySelectorAll('.message[data-from=Bob]').length === " +
                         std::string(text == std::string("Two.") ? "2" : "1"));
  }
  ada.tab().bring_to_front();
  ada.tab().wait_until("document.activeElement.id === 'text'");
  ada.tab().evaluate("document.querySelector('.message.more').focus()");
  const Json tree = ada.tab().call("Accessibility.getFullAXTree");
  std::string parts;
  for (const Json& node : tree["nodes"].array()) {
    if (node["ignored"].boolean()) continue;
    parts += "\n" + node["role"]["value"].text() + " " + to_string(node["name"]["value"]);
  }
  for (const char* part :
       {"log \"Messages\"", "status", "textbox \"Message\"", "button \"Send\"", "heading \"Chat\"", "main",
        "complementary", "time \"\"", "code \"\"", "button \"Copy what Bob wrote\"", "button \"Notify me\""}) {
    check(parts.find(std::string("\n") + part) != parts.npos, std::string("it is announced as: ") + part + parts);
  }
}

// ---- How it looks ----

// A page's own arithmetic: WCAG 2.2, "relative luminance" and "contrast ratio". A canvas turns any notation of a colour
// into red, green and blue.
constexpr const char* kContrastScript = R"(
  function rgba(color) {
    const context = new OffscreenCanvas(1, 1).getContext('2d');
    context.fillStyle = color;
    context.fillRect(0, 0, 1, 1);
    return context.getImageData(0, 0, 1, 1).data;
  }
  function brightness(color) {
    const linear = c => c <= 0.04045 ? c / 12.92 : ((c + 0.055) / 1.055) ** 2.4;
    const [r, g, b] = [...rgba(color)].map(c => linear(c / 255));
    return 0.2126 * r + 0.7152 * g + 0.0722 * b;
  }
  function background(element) {
    const color = getComputedStyle(element).backgroundColor;
    return rgba(color)[3] === 255 || !element.parentElement ? color : background(element.parentElement);
  }
  function contrast(element) {
    const both = [getComputedStyle(element).color, background(element)].map(brightness).sort((a, b) => b - a);
    return (both[0] + 0.05) / (both[1] + 0.05);
  }
  const has_text = element => [...element.childNodes].some(node => node.nodeType === 3 && node.data.trim());
  const illegible = () => [...document.querySelectorAll('body *')]
      .filter(element => element.checkVisibility() && has_text(element) && contrast(element) < 4.5)
      .map(element => element.outerHTML + ' ' + contrast(element));
)";

// What there is to see in the pictures.
void converse(Person& ada, Person& bob, Person& cleo) {
  const auto says = [&](Person& person, const std::string& text) {
    person.say(text);
    ada.wait_for(text);
  };
  says(bob, "Has anybody read section 5.3 yet?");
  says(cleo, "The masking one? Twice. I still think it is a spell against evil proxies.");
  says(ada, "So it hides nothing, it only makes the bytes unpredictable?");
  says(cleo, "Exactly. It is all here: https://www.rfc-editor.org/rfc/rfc6455#section-10.3");
  cleo.say("And this is all of it: `payload[i] ^= key[i % 4]`");
  ada.tab().wait_until("document.querySelector('.message code')");
  says(ada, "Bot, what is a websocket?");
  ada.tab().wait_until("document.querySelector('.message.bot:not(.private)')");
  bob.say("/me nods wisely");
  ada.tab().wait_until("document.querySelector('.message.action')");
  says(bob, "Ada, have you seen the picture in chapter 7?");
  cleo.say("@Ada Shall we have lunch, and not tell the bot?");
  ada.wait_for("Shall we have lunch, and not tell the bot?");
  says(ada, "Thank you both! I am off to write a test.");
}

void looks() {
  Room room;
  Person bob = room.person("Bob");
  Person cleo = room.person("Cleo");
  Person ada = room.person("Ada");
  Tab& page = ada.tab();
  page.resize(1200, 800);
  page.prefer_colors("light");
  page.call("Emulation.setLocaleOverride", {{"locale", "en-GB"}});
  converse(ada, bob, cleo);
  ada.watch_typing();
  bob.write("Good l");
  page.bring_to_front();
  ada.wait_for_typing("Bob is typing…");
  const std::string light_picture = stage.folder + "/light.png";
  page.save_screenshot(light_picture);
  check(std::filesystem::file_size(light_picture) < 200'000, "the picture is smaller than 200 kB");
  if (!stage.screenshot.empty()) {
    std::filesystem::copy_file(light_picture, stage.screenshot, std::filesystem::copy_options::overwrite_existing);
  }
  const std::string brightness = "brightness(getComputedStyle(document.body).backgroundColor)";
  page.evaluate(kContrastScript);
  check(page.holds(brightness + " > 0.8"), "light where the system is");
  check_equal<std::string>("all text is legible", to_string(page.evaluate("illegible()")), "[]");

  page.prefer_colors("dark");
  page.save_screenshot(stage.folder + "/dark.png");
  check(page.holds(brightness + " < 0.05"), "dark where the system is");
  check_equal<std::string>("all text is legible in the dark", to_string(page.evaluate("illegible()")), "[]");
}

// What is rarely there, in both themes.
void rare_looks() {
  Room room;
  Person bob = room.person("Bob");
  Person ada = room.person("Ada");
  Tab& page = ada.tab();
  ada.write("@Bob ");
  page.evaluate(
      "add_pending('Nobody hears me.', 'Bob'); fail(pending[0], 'Perhaps not delivered.'); draw_border();"
      "show_refusal('That was a little fast.'); show_state('waiting', 'No connection', 'Next try in 5 s.')");
  page.evaluate(kContrastScript);
  for (const char* scheme : {"light", "dark"}) {
    page.prefer_colors(scheme);
    page.save_screenshot(stage.folder + "/rare_" + scheme + ".png");
    check_equal<std::string>(std::string("legible: ") + scheme, to_string(page.evaluate("illegible()")), "[]");
  }
}

void narrow() {
  Room room;
  Person bob = room.person("Bob");
  Person cleo = room.person("Cleopatra the Seventh of Egypt");
  Person ada = room.person("");
  Tab& page = ada.tab();
  page.resize(360, 640);
  const auto check_width = [&](const std::string& when) {
    check(page.holds("document.scrollingElement.scrollWidth <= 360"), "no horizontal scrolling " + when);
    check(page.holds("$('log').scrollWidth <= $('log').clientWidth"), "none of the messages either " + when);
  };
  check_width("at the door");
  page.save_screenshot(stage.folder + "/door.png");
  const double top = page.evaluate("document.querySelector('header').clientHeight").number();
  ada.enter("Ada");
  ada.wait_until_inside();
  converse(ada, bob, cleo);
  cleo.say(std::string(200, 'w') + " https://example.com/" + std::string(200, 'x'));
  page.wait_until("document.getElementById('log').textContent.includes('wwwww')");
  page.bring_to_front();
  check_width("in the room");
  const char* const inside =
      "[...document.querySelectorAll('#text, #send, #state, .message')].every(e => {"
      "const box = e.getBoundingClientRect(); return box.left >= 0 && box.right <= 360; })";
  check(page.holds(inside), "nothing is cut off at a side");
  check(page.holds("document.getElementById('send').getBoundingClientRect().bottom <= 640"), "one can send");
  check_equal("the top stays as high", page.evaluate("document.querySelector('header').clientHeight").number(), top);
  check_equal<std::string>("how many are here", ada.text_of("#people-title"), "In the room:\u00a04");
  const char* const in_sight =
      "(() => { const title = $('people-title').getBoundingClientRect(), first = $('members').getBoundingClientRect();"
      "return $('people-title').checkVisibility() && title.left >= 0 && title.right <= first.left && "
      "title.height <= 44 && first.right <= 360 && $('people').clientHeight <= 48; })()";
  check(page.holds(in_sight), "and that is in sight, beside them");
  page.save_screenshot(stage.folder + "/narrow.png");
}

// From a telephone to a wide screen nothing is cut off, and what one reads begins where one writes.
void every_width() {
  Room room;
  Person bob = room.person("Bob");
  Person ada = room.person("Ada");
  Tab& page = ada.tab();
  bob.say(std::string(300, 'w') + "\n" + std::string(40, '\n'));
  page.wait_until("log.scrollHeight > log.clientHeight");
  page.evaluate("add_pending('Pending', 'Bob')");
  for (const int width : {360, 390, 600, 704, 705, 800, 850, 900, 1024, 1280, 1600}) {
    page.resize(width, 700);
    page.wait_until("innerWidth === " + std::to_string(width));
    const std::string at = " at " + std::to_string(width);
    check(page.holds("document.scrollingElement.scrollWidth <= innerWidth"), "no horizontal scrolling" + at);
    check(page.holds("log.scrollWidth <= log.clientWidth"), "none of the messages either" + at);
    const std::string left = "Math.round(document.querySelector('%').getBoundingClientRect().left)";
    const auto left_of = [&](const char* what) { return std::string(left).replace(left.find('%'), 1, what); };
    check_equal("both begin at the same place" + at, page.evaluate(left_of(".message")).number(),
                page.evaluate(left_of("#composer .row")).number());
  }
}

// A finger hits what is 44 pixels high and wide.
void fingers() {
  Room room;
  Person bob = room.person("Bob");
  Person ada = room.person("Ada");
  Tab& page = ada.tab();
  page.resize(390, 780);
  page.call("Emulation.setTouchEmulationEnabled", {{"enabled", true}});
  ada.say("Touch me.");
  ada.wait_for("Touch me.");
  page.bring_to_front();
  ada.write("@Bob ");
  page.wait_until("$('to').checkVisibility()");
  page.evaluate("document.querySelector('.message:last-of-type').focus()");
  page.evaluate("show_state('waiting', 'No connection')");
  const Json small = page.evaluate(
      "[...document.querySelectorAll('button, textarea, input')].filter(e => e.checkVisibility()).filter(e => {"
      "const box = e.getBoundingClientRect(); return box.height < 44 || box.width < 44; }).map(e => e.outerHTML)");
  check_equal<std::string>("none is smaller", to_string(small), "[]");
  check(page.holds("$('hint').checkVisibility() && $('hint').getBoundingClientRect().bottom <= 780"),
        "how to write to one alone is said");
  page.save_screenshot(stage.folder + "/phone.png");
}

}  // namespace

const std::vector<Test> kLookTests = {
    {"the keyboard is enough", keyboard_only},
    {"a screen reader finds its way", screen_reader},
    {"light and dark, both legible", looks},
    {"what is rarely there is legible, too", rare_looks},
    {"a screen of 360 pixels", narrow},
    {"from 360 to 1600 pixels", every_width},
    {"fingers", fingers},
};
