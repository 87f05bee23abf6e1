// The page of glass in a real browser: what it shows, what it hides, and that it needs no mouse.
#include <fstream>
#include <sstream>

#include "look.h"

TEST("own-glass-page-01 the handshake: what was asked, and how the answer is made, in four steps") {
  Look look;
  CHECK(look.tape().starts_with("new WebSocket(\u2026) | recv "));
  CHECK(holds(look.tape(), "\nonopen | send 129 |"));
  CHECK(!holds(look.tab.evaluate("document.body.textContent").text(), look.url.substr(look.url.find('=') + 1)));
  look.select_last_with("101 Switching");
  CHECK_EQ(look.tab.evaluate("document.querySelectorAll('#reader .steps li').length").number(), 4.0);
  CHECK_EQ(look.text("#reader .steps li:last-child .val"),
           look.tab.evaluate("document.querySelector('#reader .head.whole .line:last-child').textContent.split(' ')[1]")
               .text());
  CHECK_EQ(look.text("#states .now"), "open");
}

TEST("own-glass-page-02 Hello: the frame, its key, its letters, and what the script was told") {
  Look look;
  look.tab.click("#send");
  look.wait_for_row("onmessage \u201cHello\u201d");
  const std::string tape = look.tape();
  CHECK(holds(tape, "send(\u201cHello\u201d) | recv 11 | 81 85 "));
  CHECK(holds(tape, "onmessage \u201cHello\u201d | send 7 | 81 05 48 65 6c 6c 6f | text, fin \u201cHello\u201d"));
  CHECK_EQ(look.text("#reader h2"), "A text frame from the browser");
  CHECK_EQ(
      look.tab.evaluate("[...document.querySelectorAll('#reader .bit')].map(bit => bit.textContent).join(' ')").text(),
      "1FIN 000RSV1\u20133 0001opcode 1MASK 0000101length");
  const std::string rows =
      look.tab
          .evaluate(
              "[...document.querySelectorAll('#reader .xor:not(.inbits) tr')].map(row => "
              "[...row.querySelectorAll('td')].map(cell => cell.textContent).join(' ')).join('\\n')")
          .text();
  CHECK(rows.ends_with("\n48 65 6c 6c 6f\nH e l l o"));
  CHECK(
      look.tab.holds("[0, 1, 2, 3, 4].every(i => { const [wire, key, plain] = [...document.querySelectorAll('#reader "
                     ".xor:not(.inbits) tr')].map(row => parseInt(row.querySelectorAll('td')[i].textContent, 16)); "
                     "return (wire ^ key) === plain; })"));
}

TEST("own-glass-page-03 fragments with a Ping between, a torn edge, and one message in the end") {
  Look look;
  look.act("between");
  look.wait_for_row("onmessage");
  CHECK(eventually([&] { return holds(look.tape(), "is not told | recv 8 | 8a 82 "); }));
  const std::string tape = look.tape();
  CHECK(holds(tape,
              "is not told | send 10 | 01 02 f0 9f 89 02 68 69 80 05 | text part of a character / ping, fin "
              "\u201chi\u201d / continuation, fin \u2026 5 bytes still to come"));
  CHECK(holds(tape,
              "onmessage \u201c\U0001f600 hi\u201d | send 5 | 98 80 20 68 69 | the rest of the continuation "
              "\u201c\U0001f600 hi\u201d"));
  CHECK_EQ(look.tab.evaluate("document.querySelectorAll('.torn-right, .torn-left').length").number(), 2.0);
  look.select_last_with("the rest of");
  CHECK_EQ(look.text("#reader .char .cp"), "U+1F600");
  CHECK_EQ(look.tab.evaluate("document.querySelectorAll('#reader .char .cut').length").number(), 1.0);
}

TEST("own-glass-page-04 half a frame is seen, and what JavaScript is told of it: nothing until the rest comes") {
  Look look;
  look.act("half");
  look.wait_for_row("3 bytes still to come");
  CHECK(holds(look.tape(), "is not told | send 4 | 81 05 48 65"));
  look.wait_for_row("onmessage \u201cHello\u201d");
}

TEST("own-glass-page-06 lengths of seven, sixteen and sixty-four bits") {
  Look look;
  for (const auto& [id, bytes] :
       std::vector<std::pair<std::string, std::string>>{{"0", "81 7d 61"},
                                                        {"1", "81 7e 00 7e 61"},
                                                        {"2", "81 7e ff ff 61"},
                                                        {"3", "81 7f 00 00 00 00 00 01 00 00 61"}}) {
    look.tab.evaluate(
        "document.getElementById('long').value = " + id +
        "; document.getElementById('long').dispatchEvent(new Event('input')); document.getElementById('do').click()");
    look.tab.wait_until(
        "[...document.querySelectorAll('#tape > li')].some(row => [...row.querySelectorAll('.piece .byte')].map(byte "
        "=> byte.textContent).join(' ').startsWith(" +
        literal(bytes) + "))");
  }
  CHECK(holds(look.tape(), "and 65,488 bytes more"));
}

TEST("own-glass-page-07 the keyboard is enough: rows, fields, finding, pausing") {
  Look look;
  look.tab.click("#send");
  look.wait_for_row("onmessage");
  look.tab.evaluate("document.querySelector('#tape .piece').focus(); document.querySelector('#tape .piece').click()");
  look.tab.press("ArrowDown");
  look.tab.press("ArrowDown");
  CHECK(
      look.tab.holds("document.activeElement === document.querySelector('#tape > li:nth-child(3) .piece') && "
                     "document.activeElement.getAttribute('aria-pressed') === 'true'"));
  CHECK(holds(look.text("#status"),
              "A text frame from the browser. text, fin, masked, 5 bytes. JavaScript: send(\u201cHello\u201d)"));
  look.tab.press("ArrowRight");
  CHECK(
      look.tab.holds("document.activeElement.matches('.say') && document.activeElement.textContent.startsWith('FIN')"));
  CHECK(
      look.tab.holds("document.querySelector('#tape .byte.lit') && document.querySelector('#reader .bit.lit "
                     "em').textContent === 'FIN'"));
  CHECK(look.tab.holds("getComputedStyle(document.activeElement).outlineStyle !== 'none'"));
  look.tab.press("Escape");
  CHECK(look.tab.holds("!document.querySelector('.lit') && document.activeElement.matches('.piece')"));
  look.tab.press("/");
  CHECK(look.tab.holds("document.activeElement.id === 'find'"));
  look.tab.type("6c 6c 6f");
  look.tab.wait_until("document.getElementById('found').textContent.startsWith('1 of ')");
  look.tab.evaluate("document.activeElement.blur()");
  look.tab.press("p");
  CHECK(look.tab.holds("document.getElementById('pause').getAttribute('aria-pressed') === 'true'"));
  const double rows = look.tab.evaluate("document.querySelectorAll('#tape > li').length").number();
  look.act("hello");
  look.tab.wait_until("mine.js.filter(event => event.what === 'message').length === 2");
  CHECK_EQ(look.tab.evaluate("document.querySelectorAll('#tape > li').length").number(), rows);
  look.tab.press("p");
  look.tab.wait_until("document.querySelectorAll('#tape > li').length === " +
                      std::to_string(static_cast<int>(rows) + 1));
}

TEST("own-glass-page-11 Tab stops once in each group, and the arrow keys go on from there") {
  Look look;
  int presses = 0;
  const auto tab_to = [&](const std::string& selector) {
    do look.tab.press("Tab");
    while (++presses < 40 && !look.tab.holds("document.activeElement.matches(" + literal(selector) + ")"));
    return presses;
  };
  CHECK_EQ(tab_to("#tape .piece"), 4);
  CHECK_EQ(tab_to("#reader .say"), 5);
  CHECK_EQ(tab_to("#say"), 7);
  CHECK_EQ(tab_to("[data-act=hello]"), 9);
  for (int i = 0; i < 6; ++i) look.tab.press(i % 2 == 0 ? "ArrowRight" : "ArrowDown");
  CHECK(look.tab.holds("document.activeElement.matches('[data-act=masked][aria-checked=true]')"));
  CHECK(holds(look.text("#preview"), "Masked frame from server"));
  CHECK_EQ(tab_to("#do"), 12);
  look.tab.press("Enter");
  look.wait_for_row("a frame from a server is masked");
  look.tab.press("Escape");
  // The fault is a sentence like the others, and its chapter is reached, too.
  look.tab.press("ArrowRight");
  CHECK(look.tab.holds("document.activeElement.matches('#reader .fault')"));
  look.tab.press("Tab");
  CHECK(look.tab.holds("document.activeElement.matches('#reader .fault a')"));
}

TEST("own-glass-page-09 a saved file is the same again without a server, and one that is none is refused") {
  Look look;
  look.tab.click("#send");
  look.wait_for_row("onmessage");
  const std::string before = look.tape();
  const std::string file = look.tab.evaluate("saved()").text();
  Tab alone(browser());
  alone.go_to("file://" WEBSOCK_PAGE);
  alone.evaluate("open_saved(" + literal(file) + ")");
  alone.wait_until("document.querySelectorAll('#tape > li').length === 4");
  look.tab.evaluate("open_saved(" + literal(file) + ")");
  CHECK_EQ(look.tape(), before);
  alone.evaluate("open_saved('GIF89a')");
  CHECK_EQ(alone.evaluate("document.getElementById('found').textContent").text(), "That is no file of glass.");
  std::ifstream golden(WEBSOCK_GOLDEN "hello.jsonl");
  std::ostringstream text;
  text << golden.rdbuf();
  alone.evaluate("open_saved(" + literal(text.str()) + ")");
  alone.wait_until("document.querySelectorAll('#tape > li').length === 10");
  CHECK(holds(alone.evaluate("document.getElementById('tape').textContent").text(), "\U0001f600 hi"));
}

TEST("own-glass-page-10 hostile bytes are text: in the path, in messages, in a reason") {
  Look look;
  const std::string evil = "<img src=x onerror=\"document.title='evil'\">";
  look.tab.evaluate("document.getElementById('say').value = " + literal(evil));
  look.tab.click("#send");
  look.wait_for_row("onmessage \u201c<img");
  look.tab.evaluate(
      "document.getElementById('typed').value = '88 1f 03e8 \"<b id=evil>bold</b><script>1</script>'.slice(0, 39) + "
      "'\"'; tell({e: 'bytes', typed: '88 15 03e8 \"<b id=evil>bold</b>\"'})");
  look.wait_for_row("<b id=evil>bold</b>");
  CHECK(
      look.tab.holds("!document.getElementById('evil') && !document.querySelector('#tape img, #reader img') && "
                     "document.title.startsWith('glass')"));
  CHECK(holds(look.text("#reader"), "<b id=evil>"));
  for (const std::string& complaint : browser().take_complaints()) CHECK_EQ(complaint, "");
}
