// The page of glass as one looks at it: what stands where on which screen, and small words.
// What needs no connection is a saved file, opened from the disk.
#include <cmath>

#include "look.h"
#include "talk.h"

using namespace websock;

namespace {

// The page without a server, and a saved file in it: what was said, and what the page's script was told.
Tab open_saved(const std::vector<Said>& all, const std::string& more = "") {
  Tab tab(browser());
  tab.resize(1440, 900);
  tab.go_to("file://" WEBSOCK_PAGE);
  const std::string file = "{\"e\":\"saved\",\"v\":1}\n" + (all.empty() ? "" : told(all)) + more;
  tab.evaluate("open_saved(" + literal(file) + ")");
  tab.wait_until("document.querySelector('#reader h2')");
  return tab;
}

std::string text(Tab& tab, const std::string& selector) {
  return tab
      .evaluate("[...document.querySelectorAll(" + literal(selector) +
                ")].map(element => element.textContent).join(' ')")
      .text();
}

// "top", "bottom", "left" or "right" of an element, in pixels of the window.
double edge(Tab& tab, const std::string& selector, const std::string& side) {
  return tab.evaluate("document.querySelector(" + literal(selector) + ").getBoundingClientRect()." + side).number();
}

std::string style(Tab& tab, const std::string& selector, const std::string& property, const std::string& part = "") {
  return tab
      .evaluate("getComputedStyle(document.querySelector(" + literal(selector) + "), " + literal(part) + ")." +
                property)
      .text();
}

}  // namespace

TEST("own-glass-look-01 on a telephone the forecast and its button stand in sight, below the acts") {
  Look look;
  look.tab.resize(390, 844);
  look.tab.evaluate("document.querySelector('details').open = true");
  for (const std::string act : {"hello", "masked", "reserved", "drop"}) {
    look.tab.evaluate("document.querySelector('[data-act=" + act + "]').click()");
    CHECK(edge(look.tab, "#preview", "bottom") <= 844);
    CHECK(edge(look.tab, "#preview", "top") >= edge(look.tab, ".doing", "bottom") - 4);
    CHECK(edge(look.tab, "#do", "top") >= edge(look.tab, "[data-act=hello]", "bottom"));
  }
  CHECK(edge(look.tab, ".doing", "bottom") - edge(look.tab, ".doing", "top") >= 200);
}

TEST("own-glass-look-02 on a telephone what was sent is shown from its beginning") {
  Look look;
  look.tab.resize(390, 844);
  // At the end of the tape, where whoever is there stays.
  look.tab.evaluate("scrollTo(0, document.scrollingElement.scrollHeight)");
  look.act("hello");
  look.wait_for_row("onmessage");
  look.tab.wait_until("document.querySelector('.row.on').textContent.includes('onmessage')");
  // Two frames of the screen: the one that draws, and the one that it plans.
  look.tab.evaluate("new Promise(done => requestAnimationFrame(() => requestAnimationFrame(done)))");
  const double top = edge(look.tab, ".row.on", "top");
  CHECK(top >= 0 && top < 100);
}

TEST("own-glass-look-03 from a second on, times are seconds") {
  const std::string piece = R"({"e":"piece","c":1,"from":"client","call":"recv","len":1,)";
  Tab tab = open_saved({}, piece + R"("t":999.9,"at":0})" + "\n" + piece + R"("t":1063.3,"at":1})" + "\n" + piece +
                               R"("t":34549.3,"at":2})" + "\n");
  CHECK_EQ(text(tab, ".rail time"), "999.9 ms 1.06 s 34.5 s");
  CHECK_EQ(text(tab, ".call .t2"), "999.9 ms 1.06 s 34.5 s");
}

TEST("own-glass-look-04 a compressed message shows its text") {
  Tab tab = open_saved(behind_handshake({{Role::server, hex("c1 07 f248cdc9c90700")}}, kDeflates));
  CHECK_EQ(text(tab, ".row.server .cap"), "text, fin, rsv1, decompressed \u201cHello\u201d");
  tab.evaluate("select(shown.rows[2])");
  CHECK(holds(text(tab, "#reader"), "The message, decompressed from 7 bytes in 1 frame\u201cHello\u201d"));
}

TEST("own-glass-look-05 a Close's code is no letters, and a key breaks its line") {
  Tab tab = open_saved(behind_handshake({{Role::server, hex("88 05 03e8 627965")}}));
  tab.evaluate("select(shown.rows[2])");
  CHECK_EQ(text(tab, "#reader .xor tr:last-child > *"), "it says 1000 b y e");
  tab.evaluate("select(shown.rows[0])");
  const std::string key = "#reader .say[data-f='h.key'] .name";
  CHECK(edge(tab, key + " small", "right") <= edge(tab, key, "right"));
  CHECK(tab.holds("(name => name.scrollWidth <= name.clientWidth)(document.querySelector(" + literal(key) + "))"));
}

TEST("own-glass-look-06 \"is not told\" stands only where JavaScript can no longer be told") {
  Tab tab = open_saved(behind_handshake({}), "{\"e\":\"js\",\"c\":1,\"what\":\"error\"}\n");
  CHECK_EQ(text(tab, ".row.server:not(.end) .told"), "");
  tab.evaluate("take({e: 'js', c: 1, what: 'close', code: 1006, clean: false}); draw()");
  CHECK_EQ(text(tab, ".row.server:not(.end) .told"), "is not told");
}

TEST("own-glass-look-07 the names of the columns and the reader's top stay in sight below a header of any height") {
  std::vector<Said> much = behind_handshake({});
  for (int i = 0; i < 30; ++i) much.push_back({Role::server, hex("81 05 48656c6c6f")});
  std::string others;
  for (int i = 2; i <= 12; ++i)
    others +=
        "{\"e\":\"open\",\"c\":" + std::to_string(i) + ",\"own\":true,\"peer\":\"127.0.0.1:51514\",\"to\":\"\"}\n";
  Tab tab = open_saved(much, others);
  CHECK(edge(tab, "header", "bottom") > 110);  // of more lines than one
  tab.evaluate("scrollTo(0, 900)");
  tab.wait_until("scrollY > 400");
  // Within a pixel: the page takes the header's height as a whole number.
  CHECK(std::abs(edge(tab, ".heads", "top") - edge(tab, "header", "bottom")) < 1);
  CHECK(std::abs(edge(tab, "#reader", "top") - edge(tab, "header", "bottom")) < 1);
  // Nor does a row that is chosen come to stand below them.
  tab.evaluate("select(shown.rows[3], {focus: true})");
  tab.wait_until(
      "document.querySelector('.row.on').getBoundingClientRect().top >= "
      "document.querySelector('.heads').getBoundingClientRect().bottom");
}

TEST("own-glass-look-08 what is what can be told without colours, and what is empty draws no box") {
  Tab tab = open_saved(behind_handshake({}));
  const auto line = [&](const std::string& kind) { return style(tab, ".keyed ." + kind, "borderBottomStyle"); };
  CHECK_EQ(line("flags") + " " + line("length") + " " + line("key"), "solid dashed dotted");
  CHECK_EQ(style(tab, "#states", "display", "::before"), "block");
  CHECK(holds(style(tab, "#states", "content", "::before"), "at the selected row"));
  tab.resize(800, 900);
  CHECK_EQ(style(tab, "#states", "display", "::before"), "none");
  tab.evaluate("show(null)");
  CHECK_EQ(style(tab, "#reader", "display"), "none");
}

TEST("own-glass-look-09 with --to the page begins with the relay, and without its own connection") {
  Look look({"--to", "127.0.0.1:9"});
  look.tab.wait_until("mine.conn && mine.js.some(event => event.what === 'open')");
  look.tab.evaluate("draw()");
  CHECK(look.tab.holds("document.getElementById('relayed').getAttribute('aria-pressed') === 'true'"));
  CHECK_EQ(look.text("#conns") + look.text("#tape"), "");
  CHECK(holds(look.text("#empty"), "Send a client to 127.0.0.1:" + std::to_string(look.relay)));
  CHECK_EQ(look.text(".heads .client"), "client");
  CHECK_EQ(style(look.tab, ".tag", "display"), "none");
}
