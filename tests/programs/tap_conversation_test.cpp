// What the tap tells of a conversation.
#include "tap/conversation.h"

#include "check.h"
#include "endpoints/server_fixture.h"
#include "tap/lines.h"

using namespace websock;

namespace {

using Lines = std::vector<std::string>;

// A conversation after its handshake. `accepted` is the server's half.
struct Talk {
  explicit Talk(std::string_view accepted = kAccepted) {
    conversation.hear(Role::client, bytes_of(kRequest));
    conversation.hear(Role::server, bytes_of(accepted));
  }

  Lines hear(Role sender, ByteView piece) {
    Lines lines;
    for (const Line& line : lines_of(conversation.hear(sender, piece))) {
      CHECK(line.sender == sender);
      lines.push_back(line.text);
    }
    return lines;
  }
  Lines end(Role sender, bool reset = false) {
    Lines lines;
    for (const Line& line : lines_of(conversation.hear_end(sender, reset))) lines.push_back(line.text);
    return lines;
  }

  Conversation conversation;
};

// What is told of these bytes, after a check that it is the same at every split.
Lines told(Role sender, const Bytes& all, std::string_view accepted = kAccepted) {
  const Lines whole = Talk(accepted).hear(sender, all);
  for_each_split(all, [&](const std::vector<ByteView>& pieces) {
    Talk opened(accepted);
    Lines lines;
    for (const ByteView piece : pieces) {
      for (const std::string& line : opened.hear(sender, piece)) lines.push_back(line);
    }
    CHECK_EQ(lines, whole);
  });
  return whole;
}

}  // namespace

TEST("own-tap-conversation-01 the handshake, line by line") {
  Conversation conversation;
  Lines lines;
  for (const Line& line : lines_of(conversation.hear(Role::client, bytes_of(kRequest)))) lines.push_back(line.text);
  CHECK_EQ(lines.size(), 7u);
  CHECK_EQ(lines.front(), "GET /path?query HTTP/1.1");
  CHECK_EQ(lines[4], "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==");
  CHECK_EQ(lines.back(), "");
  CHECK_EQ(lines_of(conversation.hear(Role::server, bytes_of(kAccepted))).front().text,
           "HTTP/1.1 101 Switching Protocols");
}

TEST("own-tap-conversation-02 a masked frame: its header in bits, its payload before and after") {
  const Lines wanted = {
      "text, fin, masked 37fa213d, 5 bytes",
      "    1000 0001                FIN, opcode 1: text",
      "    1000 0101                MASK, length 5",
      "    37 fa 21 3d              masking key",
      "    7f 9f 4d 51 58           48 65 6c 6c 6f           Hello",
  };
  CHECK_EQ(told(Role::client, hex("81 85 37fa213d 7f9f4d5158")), wanted);
}

TEST("own-tap-conversation-03 the server's frames, fragments, and those without a payload") {
  const Lines wanted = {
      "text, 2 bytes",
      "    0000 0001                opcode 1: text",
      "    0000 0010                length 2",
      "    48 65                    He",
      "ping, fin, 0 bytes",
      "    1000 1001                FIN, opcode 9: ping",
      "    0000 0000                length 0",
      "continuation, fin, 3 bytes",
      "    1000 0000                FIN, opcode 0: continuation",
      "    0000 0011                length 3",
      "    6c 6c 6f                 llo",
  };
  CHECK_EQ(told(Role::server, hex("01 02 4865 89 00 80 03 6c6c6f")), wanted);
}

TEST("own-tap-conversation-04 lengths of sixteen and of sixty-four bits, and only the beginning of a long payload") {
  const Lines lines = told(Role::server, hex("82 7e 0083") + Bytes(131, 'x') + hex("8a 00"));
  CHECK_EQ(lines.size(), 4u + 16 + 1 + 3);
  CHECK_EQ(lines[1], "    1000 0010                FIN, opcode 2: binary");
  CHECK_EQ(lines[2], "    0111 1110                126: 2 bytes of length");
  CHECK_EQ(lines[3], "    0000 0000 1000 0011      length 131");
  CHECK_EQ(lines[19], "    78 78 78 78 78 78 78 78  xxxxxxxx");
  CHECK_EQ(lines[20], "    and 3 bytes more");
  CHECK_EQ(lines[21], "pong, fin, 0 bytes");
}

TEST("own-tap-conversation-05 ten bytes that claim 2^62") {
  const Lines wanted = {
      "binary, fin, masked 00000000, 4611686018427387904 bytes",
      "    1000 0010                FIN, opcode 2: binary",
      "    1111 1111                MASK, 127: 8 bytes of length",
      "    0100 0000 0000 0000",
      "    0000 0000 0000 0000",
      "    0000 0000 0000 0000",
      "    0000 0000 0000 0000      length 4611686018427387904",
      "    00 00 00 00              masking key",
  };
  CHECK_EQ(told(Role::client, hex("82 ff 4000000000000000 00000000")), wanted);
}

TEST("own-tap-conversation-06 a Close is named, whether masked or not, and so is what is wrong with it") {
  CHECK_EQ(told(Role::server, hex("88 05 03e8 627965")).back(), "    1000 (normal closure), \"bye\"");
  CHECK_EQ(told(Role::client, hex("88 82 37fa213d 3413")).back(), "    1001 (going away), \"\"");
  CHECK_EQ(told(Role::server, hex("88 00")).back(), "    no code, \"\"");
  CHECK_EQ(told(Role::server, hex("88 01 03")).back(), "! a Close body has one byte");
  CHECK_EQ(told(Role::server, hex("88 02 03ee 89 00")).at(4), "! a close code that may not be sent");
}

TEST("own-tap-conversation-07 a broken frame: what the parser says, and from there on silence") {
  Talk opened;
  const Bytes broken = hex("81 80 00000000 c1 80 00000000");
  const Lines lines = opened.hear(Role::client, broken);
  CHECK_EQ(lines[4], "! a reserved bit is set");
  CHECK_EQ(lines[5], "    c1 80 00 00 00 00");
  CHECK_EQ(lines[6], "(from here on nothing is looked at, only passed on)");
  CHECK_EQ(opened.hear(Role::client, hex("81 80 00000000")), Lines{});
  CHECK_EQ(opened.end(Role::client), (Lines{"(12 bytes were not looked at)", "(end)"}));
  CHECK_EQ(opened.hear(Role::server, hex("8a 00")).front(),
           "pong, fin, 0 bytes");  // the other side is still understood
}

TEST("own-tap-conversation-08 where an extension was agreed on, reserved bits are none of our business") {
  std::string accepted(kAccepted);
  accepted.insert(accepted.size() - 2, "Sec-WebSocket-Extensions: permessage-deflate\r\n");
  const Lines lines = told(Role::client, hex("c1 81 00000000 61"), accepted);
  CHECK_EQ(lines[0], "text, fin, rsv1, masked 00000000, 1 byte");
  CHECK_EQ(lines[1], "    1100 0001                FIN, RSV1, opcode 1: text");
}

TEST("own-tap-conversation-13 what permessage-deflate has made is shown as what it says, the second time, too") {
  std::string accepted(kAccepted);
  accepted.insert(accepted.size() - 2, "Sec-WebSocket-Extensions: permessage-deflate\r\n");
  const Lines lines = told(Role::server, hex("c1 07 f248cdc9c90700 c1 05 f200110000"), accepted);
  CHECK_EQ(lines[3], "    f2 48 cd c9 c9 07 00     .H.....");
  CHECK_EQ(lines[4], "    deflated: 7 bytes say 5 in blocks: fixed 50 bits, stored 38 bits");
  CHECK_EQ(lines[5], "    = Hello");
  CHECK_EQ(lines.back(), "    = Hello");
  const Lines binary = told(Role::server, hex("c2 07 f248cdc9c90700"), accepted);
  CHECK_EQ(binary.back(), "    = 48 65 6c 6c 6f");
}

TEST("own-tap-conversation-14 what cannot be inflated is complained of, and the frames go on") {
  std::string accepted(kAccepted);
  accepted.insert(accepted.size() - 2, "Sec-WebSocket-Extensions: permessage-deflate\r\n");
  const Lines lines = told(Role::server, hex("c1 01 06 89 00"), accepted);
  CHECK_EQ(lines[4], "! a compressed block is of a type that does not exist");
  CHECK_EQ(lines[5], "ping, fin, 0 bytes");
  CHECK_EQ(Talk(accepted).hear(Role::server, hex("c1 08 000200fdffc32800"))[4], "! a text message is not UTF-8");
}

TEST("own-tap-conversation-15 another extension's messages are left alone") {
  std::string accepted(kAccepted);
  accepted.insert(accepted.size() - 2, "Sec-WebSocket-Extensions: x-other\r\n");
  CHECK_EQ(told(Role::server, hex("c1 01 06"), accepted).size(), 4u);
}

TEST("own-tap-conversation-16 a long message is not taken apart, but read, and so is what refers to it") {
  std::string accepted(kAccepted);
  accepted.insert(accepted.size() - 2, "Sec-WebSocket-Extensions: permessage-deflate\r\n");
  Bytes stored = hex("00 88 13 77 ec");  // 5,000 bytes as they are
  stored.insert(stored.end(), 5000, 'a');
  stored.push_back(0);
  Talk talk(accepted);
  Lines lines = talk.hear(Role::server, hex("c1 7e 13 8e") + stored);
  CHECK_EQ(lines[lines.size() - 3], "    deflated: 5006 bytes say 5000");
  CHECK_EQ(lines.back(), "    and 4872 bytes more");
  lines = talk.hear(Role::server, hex("c1 04 02 13 00 00"));  // a match of 5, from 4 back
  CHECK_EQ(lines.back(), "    = aaaaa");
}

TEST("own-tap-conversation-18 letters beyond ASCII are dots in the rows of bytes, and letters in the line below") {
  CHECK_EQ(told(Role::server, hex("81 08 5a6fc3ab20e282ac")).back(), "    = Zo\xC3\xAB \xE2\x82\xAC");
  CHECK(told(Role::server, hex("81 02 6869")).back().ends_with("68 69                    hi"));  // the row has said all
  CHECK_EQ(told(Role::server, hex("88 05 03e8 c3ab21")).back(), "    1000 (normal closure), \"\xC3\xAB!\"");
  Bytes many = hex("81 7e 0082");
  std::string shown = "    = ";
  for (int i = 0; i < 65; ++i) many = std::move(many) + hex("c3ab");
  for (int i = 0; i < 64; ++i) shown += "\xC3\xAB";
  const Lines lines = told(Role::server, many);
  CHECK_EQ(lines.at(lines.size() - 2), shown);
  CHECK_EQ(lines.back(), "    and 2 bytes more");
}

TEST("own-tap-conversation-09 the frames of a client that does not wait for the answer are told behind it") {
  Conversation conversation;
  conversation.hear(Role::client, bytes_of(kRequest));
  CHECK(conversation.hear(Role::client, hex("81 80 00000000")).empty());
  const std::vector<Line> lines = lines_of(conversation.hear(Role::server, bytes_of(kAccepted)));
  CHECK_EQ(lines.size(), 5u + 4);
  CHECK_EQ(lines[5].text, "text, fin, masked 00000000, 0 bytes");
  CHECK(lines[5].sender == Role::client);
}

TEST("own-tap-conversation-10 what is no WebSocket is not looked at, and what is no HTTP is complained of") {
  Talk refused("HTTP/1.1 403 Forbidden\r\nContent-Length: 2\r\n\r\nno");
  CHECK_EQ(refused.hear(Role::client, hex("81 80 00000000")), Lines{});
  CHECK_EQ(refused.end(Role::server), (Lines{"(2 bytes were not looked at)", "(end)"}));
  Conversation noise;
  CHECK_EQ(lines_of(noise.hear(Role::client, hex("00 01 02"))).front().text,
           "! The head contains a control character.");
}

TEST("own-tap-conversation-11 an end in the middle of something, and a reset") {
  Talk opened;
  opened.hear(Role::client, hex("81 85 37fa213d 7f9f"));
  const Lines wanted = {"    7f 9f                    48 65                    He", "! the end comes in the middle",
                        "(end)"};
  CHECK_EQ(opened.end(Role::client), wanted);
  CHECK_EQ(opened.end(Role::server, true), Lines{"(reset)"});
}

TEST("own-tap-conversation-12 nothing that a peer sends does anything to the terminal") {
  const std::string evil = "\x1b[2J\x07\xff";
  for (const Role sender : {Role::client, Role::server}) {
    Talk opened;
    const Bytes frame = sender == Role::client ? masked_text(evil) : hex("81 06") + bytes_of(evil);
    for (const std::string& line : opened.hear(sender, frame)) {
      for (const char c : line) CHECK(c >= ' ' && c <= '~');
    }
  }
  CHECK_EQ(told(Role::server, hex("88 06 03e8") + bytes_of("\x1b[2J")).back(), "    1000 (normal closure), \".[2J\"");
}

TEST("own-tap-conversation-17 interim answers before the 101 are told, and skipped") {
  const std::string interim = "HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 103 Early Hints\r\nLink: </a>\r\n\r\n";
  for_each_split(bytes_of(interim), [](const std::vector<ByteView>& pieces) {
    Conversation conversation;
    conversation.hear(Role::client, bytes_of(kRequest));
    Lines lines;
    for (const ByteView piece : pieces) {
      for (const Line& line : lines_of(conversation.hear(Role::server, piece))) lines.push_back(line.text);
    }
    CHECK_EQ(lines, (Lines{"HTTP/1.1 100 Continue", "", "HTTP/1.1 103 Early Hints", "Link: </a>", ""}));
    conversation.hear(Role::server, bytes_of(kAccepted));
    CHECK_EQ(lines_of(conversation.hear(Role::server, hex("89 00"))).front().text, "ping, fin, 0 bytes");
    CHECK_EQ(lines_of(conversation.hear(Role::client, hex("8a 80 00000000"))).front().text,
             "pong, fin, masked 00000000, 0 bytes");
  });
}
