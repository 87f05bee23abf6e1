// The chat in a terminal: keys in, a line out; and messages as lines.
#include <cstdlib>
#include <string>

#include "chat/commands.h"
#include "chat/line_editor.h"
#include "chat/show.h"
#include "check.h"

namespace {

// The line as it is shown, with | where the cursor is.
std::string typed(std::string_view bytes, std::size_t columns = 40) {
  LineEditor editor;
  editor.type(bytes);
  const LineEditor::View view = editor.view(columns);
  return view.text.substr(0, view.cursor) + "|" + view.text.substr(view.cursor);
}

std::string sent(std::string_view bytes) {
  LineEditor editor;
  std::string all;
  for (const LineEditor::Request& request : editor.type(bytes)) {
    all += request.kind == LineEditor::Request::submit    ? "send " + request.line + "."
           : request.kind == LineEditor::Request::suspend ? "suspend."
                                                          : "leave.";
  }
  return all;
}

constexpr const char* kUp = "\x1b[A";
constexpr const char* kDown = "\x1b[B";
constexpr const char* kRight = "\x1b[C";
constexpr const char* kLeft = "\x1b[D";

}  // namespace

TEST("own-chat-line-01 characters, and where they go") {
  CHECK_EQ(typed("Hello"), "Hello|");
  CHECK_EQ(typed(std::string("Hllo") + kLeft + kLeft + kLeft + "e"), "He|llo");
  CHECK_EQ(typed(std::string("ab") + kLeft + kLeft + kLeft + kRight), "a|b");
}

TEST("own-chat-line-02 keys that erase") {
  CHECK_EQ(typed("abc\x7f"), "ab|");
  CHECK_EQ(typed("\x7f\x7f"), "|");
  CHECK_EQ(typed(std::string("abc") + kLeft + "\x1b[3~"), "ab|");
  CHECK_EQ(typed("abc\x01\x04"), "|bc");
  CHECK_EQ(typed(std::string("abc") + kLeft + "\x15"), "|c");
  CHECK_EQ(typed(std::string("abc") + kLeft + "\x0b"), "ab|");
  CHECK_EQ(typed("one two  \x17"), "one |");
}

TEST("own-chat-line-03 keys that move") {
  CHECK_EQ(typed("abc\x01"), "|abc");
  CHECK_EQ(typed("abc\x01\x05"), "abc|");
  CHECK_EQ(typed("abc\x1b[H"), "|abc");
  CHECK_EQ(typed("abc\x1b[1~"), "|abc");
  CHECK_EQ(typed("abc\x1b[H\x1b[F"), "abc|");
  CHECK_EQ(typed("abc\x1bOH"), "|abc");
}

TEST("own-chat-line-04 what a key asks for") {
  CHECK_EQ(sent("Hello\rBob\n"), "send Hello.send Bob.");
  CHECK_EQ(sent("\r"), "send .");
  CHECK_EQ(sent("abc\x03"), "leave.");
  CHECK_EQ(sent("\x04"), "leave.");
  CHECK_EQ(sent("a\x04"), "");
  CHECK_EQ(sent("\x1a"), "suspend.");
}

TEST("own-chat-line-05 the arrow keys bring back what was sent") {
  const std::string two = "one\rtwo\r";
  CHECK_EQ(typed(two + kUp), "two|");
  CHECK_EQ(typed(two + kUp + kUp), "one|");
  CHECK_EQ(typed(two + kUp + kUp + kUp), "one|");
  CHECK_EQ(typed(two + "dr" + kUp + kUp + kDown + kDown), "dr|");
  CHECK_EQ(typed(two + kDown), "|");
}

TEST("own-chat-line-06 characters of several bytes are one, and bytes that are none are nothing") {
  CHECK_EQ(sent("\xc3\xa9\xe2\x82\xac\x7f\r"), "send \xc3\xa9.");
  CHECK_EQ(sent("\xc3\xa9\xf0\x9f\x98\x80\r"), "send \xc3\xa9\xf0\x9f\x98\x80.");
  CHECK_EQ(sent("a\xff"
                "b\x80\r"),
           "send ab.");
  CHECK_EQ(sent("\x1b[99~\x1b[Z\r"), "send .");
}

TEST("own-chat-line-07 a key may arrive in pieces") {
  LineEditor editor;
  for (const char c : std::string("a\xe2\x82\xac") + kLeft + "b") editor.type({&c, 1});
  CHECK_EQ(editor.type("\r").at(0).line, "ab\xe2\x82\xac");
}

TEST("own-chat-line-08 of a long line the part round the cursor is shown") {
  CHECK_EQ(typed("0123456789", 5), "6789|");
  CHECK_EQ(typed("0123456789\x01", 5), "|0123");
}

TEST("own-chat-line-09 Tab completes a name, again the next one, and a key ends it") {
  const auto completed = [](std::string_view bytes) {
    LineEditor editor;
    editor.complete_with({"Ada Lovelace", "Bob", "Bot"});
    editor.type(bytes);
    return editor.view(60).text;
  };
  CHECK_EQ(completed("bo\t"), "Bob, ");
  CHECK_EQ(completed("bo\t\t"), "Bot, ");
  CHECK_EQ(completed("bo\t\t\t"), "Bob, ");
  CHECK_EQ(completed("ask bo\t"), "ask Bob ");
  CHECK_EQ(completed("ask bo\tand bo\t"), "ask Bob and Bob ");
  CHECK_EQ(completed("@bo\tpsst"), "@Bob psst");
  CHECK_EQ(completed("@ad\tpsst"), "@\"Ada Lovelace\" psst");
  CHECK_EQ(completed("xyz\t"), "xyz");
  CHECK_EQ(completed("\t"), "");
  CHECK_EQ(completed("@\t"), "@\"Ada Lovelace\" ");
}

TEST("own-chat-line-10 a line that could not be sent comes back before what was typed since") {
  LineEditor editor;
  editor.type("first\rsec");
  editor.give_back("first");
  editor.type("ond");
  CHECK_EQ(editor.view(40).text, "first second");
}

TEST("own-chat-line-11 what is pasted is text: its lines are one message, for Enter to send, and no key is in it") {
  const std::string begin = "\x1b[200~";
  const std::string end = "\x1b[201~";
  CHECK_EQ(sent(begin + "one\rtwo\r" + end), "");
  CHECK_EQ(sent(begin + "one\rtwo" + end + "\r"), "send one\ntwo.");
  CHECK_EQ(sent(begin + "one\ntwo\r\r" + end + "!\r"), "send one\ntwo\n\n!.");
  CHECK_EQ(sent("x = " + begin + "{\r\t1\x04\x1a\x7f\x15\x1b[A\x1b[D}" + end + ";\r"), "send x = {\n\t1};.");
  CHECK_EQ(sent(begin + "never ends\x03"), "leave.");
  LineEditor editor;  // the marks, too, may arrive in pieces
  for (const char c : begin + "a\rb" + end) CHECK(editor.type({&c, 1}).empty());
  const LineEditor::View view = editor.view(40);
  CHECK_EQ(view.text, "a\u23ceb");
  CHECK_EQ(view.cursor, std::size_t{3});  // columns
  CHECK_EQ(editor.type("\r").at(0).line, "a\nb");
}

TEST("own-chat-show-01 each message of the room as a line") {
  ::setenv("TZ", "UTC", 1);
  struct Row {
    const char* message;
    const char* shown;
  };
  for (const Row& row : {
           Row{R"({"type":"message","seq":1,"time":"2026-01-31T09:26:53Z","from":"Ada","text":"Hello"})",
               "09:26 <Ada> Hello\n"},
           Row{R"({"type":"action","seq":1,"time":"2026-01-31T09:26:53Z","from":"Ada","text":"waves"})",
               "09:26 * <Ada> waves\n"},
           Row{R"({"type":"private","time":"2026-01-31T09:26:53Z","from":"Ada","to":"Bob","text":"psst"})",
               "09:26 [Ada -> Bob] psst\n"},
           Row{R"({"type":"joined","name":"Bob"})", "* <Bob> has come in.\n"},
           Row{R"({"type":"left","name":"Bob"})", "* <Bob> has left.\n"},
           Row{R"({"type":"renamed","from":"Bob","name":"Rob"})", "* <Bob> is now <Rob>.\n"},
           Row{R"({"type":"info","text":"x"})", "* x\n"},
           Row{R"({"type":"error","text":"x"})", "! x\n"},
           Row{R"({"type":"typing","name":"Bob"})", ""},
           Row{R"({"type":"welcome","room":"Tea","members":["Ada","Bob"],"missed":0,"history":[]})",
               "* Tea: <Ada> <Bob>\n"},
       }) {
    CHECK_EQ(show(parse_json(row.message), {}), row.shown);
  }
}

TEST("own-chat-show-02 a stranger's text does nothing to the terminal, and passes for nobody else's") {
  CHECK_EQ(show(parse_json(R"({"type":"info","text":"a\u001b[2J\u0007\u009b31mb"})"), {}), "* a [2J  31mb\n");
  CHECK_EQ(show(parse_json(R"({"type":"info","text":"a\n09:26 <Ada> b"})"), {}), "* a\n      09:26 <Ada> b\n");
}

TEST("own-chat-show-03 a name passes for no line of another kind, and for no other name") {
  ::setenv("TZ", "UTC", 1);
  const auto line = [](const char* type, const char* from, const char* text) {
    return show(
        JsonObject{{"type", type}, {"time", "2026-01-31T09:26:53Z"}, {"from", from}, {"to", "Carl"}, {"text", text}},
        {});
  };
  CHECK_EQ(line("message", "Ada: I confirm", "x"), "09:26 <Ada: I confirm> x\n");
  CHECK_EQ(line("message", "Bob to Carl alone", "x"), "09:26 <Bob to Carl alone> x\n");
  CHECK_EQ(line("message", "Ada> I confirm. <Eve", "x"), "09:26 <Ada? I confirm. ?Eve> x\n");
  CHECK_EQ(line("message", "[Bob -> Carl]", "x"), "09:26 <?Bob -? Carl?> x\n");
  CHECK_EQ(line("private", "Bob -> Ada", "x"), "09:26 [Bob -? Ada -> Carl] x\n");
  CHECK_EQ(line("action", "Ada", "> waves"), "09:26 * <Ada> > waves\n");
  CHECK_EQ(line("message", "\u202eadA\n\x1b[2J", "x"), "09:26 <?adA???2J> x\n");
  CHECK_EQ(line("message", "Eve", "* <Bob> has left."), "09:26 <Eve> * <Bob> has left.\n");
  CHECK_EQ(show(JsonObject{{"type", "left"}, {"name", "Bob> has left. * <Ada"}}, {}),
           "* <Bob? has left. * ?Ada> has left.\n");
}

TEST("own-chat-show-04 lines are broken between words, and indented") {
  const auto shown = [](const char* text, std::size_t columns) {
    return show(JsonObject{{"type", "info"}, {"text", text}}, {.columns = columns});
  };
  CHECK_EQ(shown("one two three four", 14), "* one two\n      three\n      four\n");
  CHECK_EQ(shown("one  two", 14), "* one  two\n");
  CHECK_EQ(shown("0123456789012345", 14), "* 01234567890\n      12345\n");
  CHECK_EQ(shown("one\ntwo", 80), "* one\n      two\n");
  CHECK_EQ(shown("{\n\tone\ttwo three\n}", 22), "* {\n          one    two\n      three\n      }\n");
  CHECK_EQ(shown("one two three four", 0), "* one two three four\n");
  CHECK_EQ(shown("any width that is too small to do anything with", 1),
           shown("any width that is too small to do anything with", 1));
}

TEST("own-chat-show-05 colours: of a name always the same, around nothing else, and none unless asked for") {
  ::setenv("TZ", "UTC", 1);
  const Json hello = parse_json(R"({"type":"message","time":"2026-01-31T09:26:53Z","from":"Ada","text":"Hello Bob"})");
  CHECK_EQ(show(hello, {}).find('\x1b'), std::string::npos);
  const std::string painted = show(hello, {.colors = true});
  const std::size_t name = painted.find("Ada");
  CHECK_EQ(painted.substr(0, 14), "\x1b[2m09:26\x1b[0m ");
  CHECK_EQ(painted.substr(name + 3), "\x1b[0m> Hello Bob\n");
  CHECK_EQ(show(hello, {.colors = true, .me = "bob"}).substr(name + 3), "\x1b[0m> \x1b[1mHello Bob\x1b[0m\n");
  const std::string alone =
      show(parse_json(R"({"type":"private","time":"2026-01-31T09:26:53Z","from":"Ada","to":"Bob","text":"x"})"),
           {.colors = true});
  CHECK(alone.find("\x1b[1;35m[") != std::string::npos);
  CHECK(alone.find(painted.substr(painted.find('<') + 1, name + 7 - painted.find('<') - 1)) != std::string::npos);
}

TEST("own-chat-show-06 of the history, a newcomer gets the end") {
  JsonArray past;
  for (int i = 1; i <= 30; ++i) {
    past.push_back(
        JsonObject{{"type", "message"}, {"seq", i}, {"time", "x"}, {"from", "Ada"}, {"text", std::to_string(i)}});
  }
  const Json welcome = JsonObject{
      {"type", "welcome"}, {"room", "Tea"}, {"members", JsonArray{"Ada"}}, {"missed", 4}, {"history", std::move(past)}};
  const std::string shown = show(welcome, {});
  CHECK(
      shown.starts_with("* Tea: <Ada>\n* 4 messages in between are no longer kept.\n* 10 earlier messages are not "
                        "shown.\n--:-- <Ada> 11\n"));
  CHECK(shown.ends_with("--:-- <Ada> 30\n"));
}

TEST("own-chat-show-07 /help is a list in a terminal, too") {
  const std::string shown = show(JsonObject{{"type", "info"}, {"text", kHelp}}, {.columns = 80});
  CHECK(shown.starts_with("* What you write goes to everybody, unless it is one of these:\n      @Ada hello  "));
  CHECK(shown.find("\n      /quit               leaves the room\n") != shown.npos);
}
