// Chapter 00: the server whose protocol is a person. Here the person is this test.
#include "endpoints/client.h"
#include "handshake/handshake.h"
#include "program.h"

#include "check.h"

using namespace websock;

TEST("own-by-hand-01 what arrives is shown as text and as bytes, line by line") {
  Program by_hand("by_hand");
  Socket client = by_hand.connect();
  put(client, "GET / HTTP/1.1\r\n\r\n\x81\x02hi");
  for (const char* line : {"< GET / HTTP/1.1", "  47 45 54 20 2f 20 48 54 54 50 2f 31 2e 31 0d 0a", "< ", "  0d 0a",
                           "< ..hi", "  81 02 68 69"}) {
    CHECK_EQ(by_hand->read_line(), line);
  }
  put(client, std::string(33, 'x'));
  CHECK_EQ(by_hand->read_line(), "< " + std::string(33, 'x'));
  CHECK_EQ(by_hand->read_line().size(), 1 + 3 * 32u);
  CHECK_EQ(by_hand->read_line(), "  78");
}

TEST("own-by-hand-02 a line of text is sent with its end, hex as the bytes it stands for") {
  Program by_hand("by_hand");
  Socket client = by_hand.connect();
  put(client, "x");
  by_hand->read_line();
  by_hand.type("HTTP/1.1 101 Switching Protocols");
  by_hand.type("");
  by_hand.type("hex 81 05 \"Hello\"");
  by_hand.type("hex 8a00 89 02\"a \"");
  by_hand.type("end");
  CHECK_EQ(take_to_end(client),
           to_hex(bytes_of("HTTP/1.1 101 Switching Protocols\r\n\r\n")) + " 81 05 48 65 6c 6c 6f 8a 00 89 02 61 20");
}

TEST("1.3-04 101 and a key: the answer to the handshake that has it") {
  Program by_hand("by_hand");
  Socket client = by_hand.connect();
  put(client, "x");
  by_hand->read_line();
  by_hand.type("101 dGhlIHNhbXBsZSBub25jZQ==");
  by_hand.type("end");
  CHECK_EQ(take_to_end(client), to_hex(bytes_of("HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\n"
                                                "Connection: Upgrade\r\n"
                                                "Sec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=\r\n\r\n")));
}

TEST("own-by-hand-03 what is not hex is not sent") {
  Program by_hand("by_hand");
  Socket client = by_hand.connect();
  put(client, "x\r\n");
  by_hand->read_line();
  by_hand->read_line();
  for (const char* line : {"hex 8", "hex 8g", "hex 8 1", "hex -1", "hex \"Hello", "hex 81 0"}) {
    by_hand.type(line);
    CHECK(by_hand->read_line().starts_with("(not sent"));
  }
  by_hand.type("end");
  CHECK_EQ(take_to_end(client), "");
}

TEST("own-by-hand-04 one client at a time, and then the next") {
  Program by_hand("by_hand");
  Socket first = by_hand.connect();
  put(first, "first");
  CHECK_EQ(by_hand->read_line(), "< first");
  by_hand->read_line();
  Socket second = by_hand.connect();
  put(second, "second");
  first.shut_down_sending();
  CHECK_EQ(by_hand->read_line(), "(the client has ended the connection)");
  CHECK_EQ(by_hand->read_line(), "< second");
  by_hand->read_line();
  second.reset_on_close();
  second.close();
  CHECK_EQ(by_hand->read_line(), "(the client has reset the connection)");
  by_hand.type("Hello?");
  CHECK_EQ(by_hand->read_line(), "(nobody is here to get that)");
  by_hand->end_input();
  CHECK_EQ(by_hand->wait(), 0);
}

TEST("own-by-hand-05 a WebSocket client is satisfied with what a person types") {
  Program by_hand("by_hand");
  auto client = in_thread([&] {
    WebSocketClient socket(by_hand.url());
    const std::string hello(socket.receive().value().text());
    socket.send("Hello, server");
    const CloseCode code = socket.receive() ? CloseCode::internal_error : socket.close_info().code;
    return hello + " " + to_string(code);
  });
  std::string key;
  for (std::string line = by_hand->read_line(); line != "< "; line = by_hand->read_line()) {
    if (line.starts_with("< Sec-WebSocket-Key: ")) key = line.substr(21);
  }
  by_hand->read_line();
  for (const std::string& line : {std::string("HTTP/1.1 101 Switching Protocols"), std::string("Upgrade: websocket"),
                                  std::string("Connection: Upgrade"), "Sec-WebSocket-Accept: " + make_accept(key),
                                  std::string(), std::string("hex 81 05 \"Hello\"")}) {
    by_hand.type(line);
  }
  CHECK(by_hand->read_line().starts_with("< "));
  CHECK(by_hand->read_line().starts_with("  81 8d "));
  by_hand.type("hex 88 05 03 e8 \"bye\"");
  // Behind a frame's head the bytes are random: with a 0d 0a among them, by_hand has begun another line.
  const auto skip_to = [&](std::string_view beginning) {
    while (!by_hand->read_line().starts_with(beginning)) continue;
  };
  skip_to("  88 82 ");
  by_hand.type("end");
  skip_to("(the client has ended the connection)");
  CHECK_EQ(client.get(), "Hello 1000 (normal closure)");
}

TEST("own-by-hand-06 --help, and options that do not exist") {
  Process help({WEBSOCK_BIN "by_hand", "--help"}, "/dev/null");
  CHECK(help.read_line().starts_with("usage: by_hand"));
  CHECK_EQ(help.wait(), 0);
  CHECK_EQ(Process({WEBSOCK_BIN "by_hand", "--prot", "1"}, "/dev/null").wait(), 2);
  for (const char* port : {"65536", "-1", "80x", ""}) {
    CHECK_EQ(Process({WEBSOCK_BIN "by_hand", "--port", port}, "/dev/null").wait(), 2);
  }
}
