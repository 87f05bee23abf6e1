// The demonstrations that need a browser, as walkthrough/demos.md tells them: what the page says, and the console.
#include "../browser/devtools.h"
#include "check.h"
#include "endpoints/client.h"
#include "handshake/handshake.h"
#include "program.h"

using namespace websock;

namespace {

Browser& browser() {
  if (std::string_view(WEBSOCK_CHROMIUM).empty()) skip_without("Chromium");
  static Browser only(WEBSOCK_CHROMIUM, WEBSOCK_PROFILE);
  return only;
}

// examples/by_hand/page.html, opened as a file.
class Page {
 public:
  explicit Page(const Program& server) {
    tab_.go_to("file://" WEBSOCK_PAGE);
    tab_.evaluate("opening.url.value = " + literal(server.url()));
    tab_.click("#opening button");
  }

  void wait_for(const std::string& line) { tab_.wait_until("log.textContent.includes(" + literal(line + "\n") + ")"); }
  void wait_for_close() { tab_.wait_until("log.textContent.includes('onclose')"); }
  void send(const std::string& script) { tab_.evaluate("socket.send(" + script + ")"); }
  std::string log() { return tab_.evaluate("log.textContent").text(); }

  // Waits until the browser has written that to its console.
  bool console_says(const std::string& sentence) {
    for (int attempt = 0; attempt < 3000; ++attempt) {
      for (const std::string& text : browser().take_console()) {
        if (text.starts_with("WebSocket connection to ") && text.ends_with(" failed: " + sentence)) return true;
      }
      tab_.evaluate("new Promise(resolve => setTimeout(resolve, 10))");
    }
    return false;
  }

 private:
  Tab tab_{browser()};
};

const std::string kAbnormal = "onclose   code 1006, reason \"\", wasClean false";

// Up to the end of the request. Returns the key.
std::string read_request(Program& by_hand) {
  std::string key;
  for (std::string line = by_hand->read_line(); line != "< "; line = by_hand->read_line()) {
    if (line.starts_with("< Sec-WebSocket-Key: ")) key = line.substr(21);
  }
  CHECK_EQ(by_hand->read_line(), "  0d 0a");
  return key;
}

void answer(Program& by_hand, const std::string& accept) {
  for (const std::string line : {"HTTP/1.1 101 Switching Protocols", "Upgrade: websocket", "Connection: Upgrade"}) {
    by_hand.type(line);
  }
  by_hand.type("Sec-WebSocket-Accept: " + accept);
  by_hand.type("");
}

}  // namespace

TEST("own-demo-01 you are the server: a wrong accept is a 1006, the right one an onopen, and 81 05 Hello a message") {
  Program by_hand("by_hand");
  {
    Page page(by_hand);
    read_request(by_hand);
    answer(by_hand, "AAAAAAAAAAAAAAAAAAAAAAAAAAA=");
    page.wait_for(kAbnormal);
    CHECK_EQ(page.log(), "onerror\n" + kAbnormal + "\n");
    CHECK(page.console_says("Error during WebSocket handshake: Incorrect 'Sec-WebSocket-Accept' header value"));
    CHECK_EQ(by_hand->read_line(), "(the client has ended the connection)");
  }
  Page page(by_hand);
  answer(by_hand, make_accept(read_request(by_hand)));
  page.wait_for("onopen");
  by_hand.type("hex 81 05 \"Hello\"");
  page.wait_for("onmessage \"Hello\"");
  page.send("'Hello'");
  by_hand->read_line();
  CHECK(by_hand->read_line().starts_with("  81 85 "));
  by_hand.type("hex 88 02 03e8");
  page.wait_for("onclose   code 1000, reason \"\", wasClean true");
}

TEST("own-demo-02 the browser marks your homework") {
  struct Row {
    const char* bytes;
    const char* complaint;
  };
  for (const Row& row :
       {Row{"hex 81 85 37fa213d 7f9f4d5158", "A server must not mask any frames that it sends to the client."},
        Row{"hex c1 05 \"Hello\"", "One or more reserved bits are on: reserved1 = 1, reserved2 = 0, reserved3 = 0"},
        Row{"hex 80 05 \"Hello\"", "Received unexpected continuation frame."}}) {
    Program by_hand("by_hand");
    Page page(by_hand);
    answer(by_hand, make_accept(read_request(by_hand)));
    page.wait_for("onopen");
    by_hand.type(row.bytes);
    page.wait_for(kAbnormal);
    CHECK(page.console_says(row.complaint));
    by_hand->read_line();
    CHECK(by_hand->read_line().starts_with("  88 "));  // it says so to the server, too
    // Not always the next line: the bytes behind the frame's head are random, and a 0d 0a among them ends a line.
    std::string line;
    while (line != "(the client has ended the connection)") line = by_hand->read_line();
  }
}

TEST("own-demo-06 a Close vanishes if the server ends with bytes unread, and arrives if it ends politely") {
  Program server("vanished_close");
  const auto log_of_a_long_message = [&] {
    Page page(server);
    page.wait_for("onopen");
    page.send("'x'.repeat(1e6)");
    page.wait_for_close();
    return page.log();
  };
  // A server that is interrupted between its Close and its end is late with the reset, and the Close gets through.
  bool vanishes = false;
  for (int i = 0; i < 10 && !vanishes; ++i) {
    vanishes = log_of_a_long_message().ends_with(kAbnormal + "\n");
    CHECK(log_of_a_long_message().find("onclose   code 1002, reason \"that breaks a rule\"") != std::string::npos);
  }
  CHECK(vanishes);
}

TEST(
    "own-demo-10 another site's page reads what is said in a room that lets it in, and gets 403 from one that does "
    "not") {
  Program everybody("everybody");
  Page spy(everybody);
  spy.wait_for("onopen");
  spy.send("'here'");
  spy.wait_for("onmessage \"here\"");
  WebSocketClient ada(everybody.url());
  ada.send("a secret");
  spy.wait_for("onmessage \"a secret\"");

  Program chat("chat_server");
  Page outsider(chat);
  outsider.wait_for(kAbnormal);
  CHECK(outsider.console_says("Error during WebSocket handshake: Unexpected response code: 403"));
}
