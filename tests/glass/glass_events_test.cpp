// What is heard of a conversation, however its bytes are cut; and what a page is told of it.
#include <fstream>
#include <sstream>

#include "check.h"
#include "talk.h"
#include "tap/rows.h"
#include "wire.h"

using namespace websock;

namespace {

// An event as a line. Bytes and payloads come as they come: they are gathered, and told when the next event comes.
class Account {
 public:
  void add(const std::vector<Heard>& all) {
    for (const Heard& heard : all) {
      std::visit([&](const auto& what) { note(heard.sender, what); }, heard.what);
    }
  }
  std::vector<std::string> lines;
  Bytes raw;      // of all BytesHeard, which have to be without a gap
  Bytes payload;  // of all PayloadHeard, what they repeat left out

 private:
  static std::string at(std::uint64_t at) { return " at " + std::to_string(at); }
  void line(Role sender, const std::string& text) {
    lines.push_back((sender == Role::client ? "client " : "server ") + text);
  }
  void note(Role sender, const HeadHeard& head) {
    line(sender, "head" + at(head.at) + ", " + std::to_string(head.text.size()));
  }
  void note(Role sender, const AcceptHeard& accept) { line(sender, "accept " + accept.key + " " + accept.accept); }
  void note(Role, const BytesHeard& bytes) {
    if (raw.empty()) first_ = bytes.at;
    CHECK_EQ(bytes.at, first_ + raw.size());
    raw.insert(raw.end(), bytes.bytes.begin(), bytes.bytes.end());
  }
  void note(Role sender, const FrameBegan& frame) {
    CHECK_EQ(to_hex(ByteView(raw).subspan(static_cast<std::size_t>(frame.at - first_), frame.wire.size())),
             to_hex(frame.wire));
    line(sender, std::to_string(frame.number) + at(frame.at) + " " + to_string(frame.header));
    in_frame_ = 0;
  }
  void note(Role, const PayloadHeard& heard) {
    CHECK_EQ(heard.offset % kRowBytes, 0u);
    CHECK(heard.offset <= in_frame_);
    const auto repeated = static_cast<std::size_t>(in_frame_ - heard.offset);
    CHECK(repeated < kRowBytes);
    payload.insert(payload.end(), heard.wire.begin() + static_cast<std::ptrdiff_t>(repeated), heard.wire.end());
    in_frame_ = heard.offset + heard.wire.size();
  }
  void note(Role sender, const CloseHeard& close) {
    line(sender, "close " + (close.body.code ? to_string(*close.body.code) : "none") + " " + close.body.reason);
  }
  void note(Role sender, const MessageHeard& message) {
    line(sender, "message " + std::to_string(message.nth) + " in " + std::to_string(message.frames) + ": " +
                     std::string(text_of(message.beginning)));
  }
  void note(Role sender, const StateChanged& state) {
    line(sender, to_string(state.edge.from) + " to " + to_string(state.edge.to));
  }
  void note(Role sender, const FaultHeard& fault) { line(sender, "fault" + at(fault.at) + ": " + fault.why); }
  void note(Role sender, const EndHeard& end) { line(sender, end.reset ? "reset" : "end"); }
  void note(Role sender, const Closed& closed) {
    line(sender, "closed " + number_of(closed.code) + (closed.clean ? " clean" : ""));
  }

  std::uint64_t first_ = 0;
  std::uint64_t in_frame_ = 0;
};

using Lines = std::vector<std::string>;

// What is heard of these bytes of one side, behind the handshake; at every split it has to be the same.
Lines heard(Role sender, const Bytes& bytes, const Bytes& payload) {
  std::optional<Lines> whole;
  for_each_split(bytes, [&](const std::vector<ByteView>& pieces) {
    Conversation conversation;
    conversation.hear(Role::client, bytes_of(kRequest));
    conversation.hear(Role::server, bytes_of(kAccepted));
    Account account;
    for (const ByteView piece : pieces) account.add(conversation.hear(sender, piece));
    if (!whole) whole = account.lines;
    CHECK_EQ(account.lines, *whole);
    CHECK_EQ(to_hex(account.raw), to_hex(bytes));
    CHECK_EQ(to_hex(account.payload), to_hex(payload));
  });
  return *whole;
}

std::string golden(const std::string& name) {
  std::ifstream file(WEBSOCK_GOLDEN + name);
  std::ostringstream text;
  text << file.rdbuf();
  return text.str();
}

const std::string kSaved = "{\"e\":\"saved\",\"v\":1}\n";

}  // namespace

// ---- At every split ----

TEST("own-glass-events-01 a masked frame is a frame, its payload and a message, each at its place in the stream") {
  const Lines wanted = {"client 1 at 160 text, fin, masked 37fa213d, 5 bytes", "client message 1 in 1: Hello"};
  CHECK_EQ(kRequest.size(), 160u);
  CHECK_EQ(heard(Role::client, hex("81 85 37fa213d 7f9f4d5158"), hex("7f9f4d5158")), wanted);
}

TEST("own-glass-events-02 fragments with a Ping between are one message, and a payload of several rows is told once") {
  const Lines wanted = {"server 1 at 129 text, 2 bytes", "server 2 at 133 ping, fin, 2 bytes",
                        "server 3 at 137 continuation, fin, 18 bytes",
                        "server message 1 in 2: \U0001f600abcdefghijklmnop"};
  const Bytes end = hex("9880") + plain("abcdefghijklmnop");
  CHECK_EQ(heard(Role::server, hex("01 02 f09f 89 02 6869 80 12") + end, hex("f09f 6869") + end), wanted);
}

TEST("own-glass-events-03 a Close is told with its code, and changes the state; who sent it decides how") {
  CHECK_EQ(heard(Role::server, hex("88 05 03e8 627965"), hex("03e8627965")),
           (Lines{"server 1 at 129 close, fin, 5 bytes", "server close 1000 (normal closure) bye",
                  "server open to closing"}));
  CHECK_EQ(
      heard(Role::client, hex("88 80 37fa213d"), {}),
      (Lines{"client 1 at 160 close, fin, masked 37fa213d, 0 bytes", "client close none ", "client open to closing"}));
}

TEST("own-glass-events-04 messages that break a rule are faults, and the frames behind them are told all the same") {
  CHECK_EQ(heard(Role::server, hex("81 02 c328 81 01 61"), hex("c328 61")),
           (Lines{"server 1 at 129 text, fin, 2 bytes", "server fault at 133: a text message is not UTF-8",
                  "server 2 at 133 text, fin, 1 byte"}));
  CHECK_EQ(heard(Role::server, hex("80 00"), {}),
           (Lines{"server 1 at 129 continuation, fin, 0 bytes",
                  "server fault at 131: a continuation frame continues nothing"}));
  CHECK_EQ(heard(Role::server, hex("01 00 82 00"), {}),
           (Lines{"server 1 at 129 text, 0 bytes", "server 2 at 131 binary, fin, 0 bytes",
                  "server fault at 133: a new message begins inside another"}));
}

TEST("own-glass-events-05 whoever ends first closes the connection; without a Close that is 1006") {
  Conversation conversation;
  Account account;
  account.add(conversation.hear(Role::client, bytes_of(kRequest)));
  account.add(conversation.hear(Role::server, bytes_of(kAccepted)));
  account.lines.clear();
  account.add(conversation.hear_end(Role::client, false));
  account.add(conversation.hear_end(Role::server, false));
  CHECK_EQ(account.lines, (Lines{"client end", "client open to closed", "server end", "server closed 1006"}));
}

TEST("own-glass-events-06 a client that does not wait: its bytes are told when it is known what they are") {
  Conversation conversation;
  conversation.hear(Role::client, bytes_of(kRequest));
  Account early;
  early.add(conversation.hear(Role::client, hex("81 80 00000000")));
  CHECK_EQ(early.raw.size() + early.lines.size(), 0u);
  Account later;
  later.add(conversation.hear(Role::server, bytes_of(kAccepted)));
  CHECK_EQ(to_hex(later.raw), "81 80 00 00 00 00");
  CHECK_EQ(later.lines.back(), "client message 1 in 1: ");
}

// ---- What a page is told ----

TEST("own-glass-json-01 a whole conversation is what the saved file says, word for word") {
  const std::string lines = told(behind_handshake({{Role::client, hex("81 85 37fa213d 7f9f4d5158")},
                                                   {Role::server, hex("81 05 48656c6c6f")},
                                                   {Role::server, hex("01 02 f09f 89 02 6869 80 05")},
                                                   {Role::client, hex("8a 82 3c586757 5431")},
                                                   {Role::server, hex("9880 206869")},
                                                   {Role::client, hex("88 82 a3028f09 a0ea")},
                                                   {Role::server, hex("88 02 03e8")}}));
  CHECK_EQ(kSaved + lines, golden("hello.jsonl"));
}

TEST("own-glass-json-02 a frame that breaks a rule is dissected like any other, and the rule is named") {
  const std::string lines = told(behind_handshake({{Role::server, hex("81 85 37fa213d 7f9f4d5158")}}));
  CHECK_EQ(kSaved + lines, golden("masked.jsonl"));
  const Json fault = objects_in(lines, "fault").at(0);
  CHECK_EQ(fault["rule"]["rule"].text(), "5.1");
  CHECK_EQ(fault["frame"].text(), "s0");
  CHECK_EQ(objects_in(lines, "payload").at(0)["text"].text(), "Hello");
}

TEST("own-glass-json-03 each rule that the stages know has a sentence, a section and a chapter that exists") {
  const std::vector<Said> broken = {
      {Role::server, hex("c1 00")},
      {Role::server, hex("83 00")},
      {Role::server, hex("81 7e 0005")},
      {Role::server, hex("81 7f 0000000000000005")},
      {Role::client, hex("81 00")},
      {Role::server, hex("81 80")},
      {Role::server, hex("09 00")},
      {Role::server, hex("89 7e")},
      {Role::server, hex("80 00")},
      {Role::server, hex("01 00 81 00")},
      {Role::server, hex("81 01 ff")},
      {Role::server, hex("88 01 03")},
      {Role::server, hex("88 02 03ed")},
      {Role::server, hex("88 03 03e8 ff")},
      {Role::server, hex("82 7f 8000000000000000")},
  };
  for (const Said& said : broken) {
    const Json fault = objects_in(told(behind_handshake({said})), "fault").at(0);
    CHECK(fault["rule"]["say"].text() != fault["rule"]["name"].text());
    CHECK(!fault["rule"]["rule"].text().empty());
    CHECK(std::ifstream(WEBSOCK_BOOK + fault["rule"]["chapter"].text() + ".md").is_open());
  }
}

TEST("own-glass-json-04 it says browser on one's own connection, and client in a relay") {
  const std::vector<Said> all = behind_handshake({{Role::client, hex("81 80 00000000")}});
  CHECK_EQ(objects_in(told(all, true), "frame").at(0)["title"].text(), "A text frame from the browser");
  CHECK_EQ(objects_in(told(all, false), "frame").at(0)["title"].text(), "A text frame from the client");
  CHECK_EQ(told(all, false).find("browser"), std::string::npos);
}

TEST("own-glass-json-05 an accept value that does not fit its key is said to be wrong") {
  const std::string wrong = edited(std::string(kAccepted), "s3pP", "AAAA");
  const Json accept = objects_in(told({{Role::client, plain(kRequest)}, {Role::server, plain(wrong)}}), "accept").at(0);
  const JsonArray& steps = accept["steps"].array();
  CHECK_EQ(steps.size(), 4u);
  CHECK_EQ(steps[2]["value"].text(), "b3 7a 4f 2c c0 62 4f 16 90 f6 46 06 cf 38 59 45 b2 be c4 ea");
  CHECK(steps[3]["say"].text().find("AAAALMBi") != std::string::npos);
}

TEST("own-glass-json-06 compressed messages are told as what they say, but not character by character") {
  const std::string lines = told(behind_handshake({{Role::server, hex("c1 07 f248cdc9c90700")}}, kDeflates));
  const Json message = objects_in(lines, "message").at(0);
  CHECK(message["compressed"].boolean());
  CHECK_EQ(message["text"].text(), "Hello");
  CHECK_EQ(message["chars"].array().size(), 0u);
  CHECK_EQ(objects_in(lines, "fault").size(), 0u);
}

TEST("own-glass-json-07 a client's frame that is not masked is not explained with what a server does") {
  const std::vector<Said> broken = behind_handshake({{Role::client, hex("81 05 48656c6c6f")}});
  const JsonArray fields = objects_in(told(broken), "frame").at(0)["fields"].array();
  CHECK_EQ(fields.back()["id"].text(), "payload");
  CHECK_EQ(fields.back()["say"].text().find("server"), std::string::npos);
  const std::vector<Said> right = behind_handshake({{Role::server, hex("81 05 48656c6c6f")}});
  CHECK(objects_in(told(right), "frame").at(0)["fields"].array().back()["say"].text().find("server") !=
        std::string::npos);
}

TEST("own-glass-json-08 where fragments cut a character is shown once, empty fragments between them or not") {
  const std::vector<Said> cut =
      behind_handshake({{Role::server, hex("01 00 00 01 61 00 02 f09f 00 00 00 00 80 02 9880")}});
  const Json message = objects_in(told(cut), "message").at(0);
  CHECK_EQ(message["frames"].number(), 6.0);
  CHECK_EQ(message["len"].number(), 5.0);
  std::string cuts;
  for (const Json& character : message["chars"].array()) {
    for (const Json& byte : character["bytes"].array()) cuts += byte["cut"].boolean() ? '|' : '.';
  }
  CHECK_EQ(cuts, ".|.|.");
}

TEST("own-glass-json-09 a response is what its status says, wherever else in its first line 101 may stand") {
  const auto title = [](std::string_view line) {
    const std::string head = std::string(line) + "\r\nContent-Length: 0\r\n\r\n";
    const Json told_of = objects_in(told({{Role::client, plain(kRequest)}, {Role::server, plain(head)}}), "head").at(1);
    return told_of["title"].text() + " " + told_of["fields"].array().at(0)["name"].text();
  };
  CHECK_EQ(title("HTTP/1.1 404 Error 101"), "The server answers, and it is no WebSocket status");
  CHECK_EQ(title("HTTP/1.1 1011 What"), "The server answers, and it is no WebSocket status");
  CHECK_EQ(title("HTTP/1.1 101 Switching Protocols"), "The server proves that it does 101");
  CHECK_EQ(title("HTTP/1.1 103 Early Hints"), "The server has something to say before it answers 1xx");
}
