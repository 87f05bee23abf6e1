// The milestones: what each can do, and the faults that its first comment names, which are the plot of the next part.
#include "endpoints/client.h"
#include "endpoints/server_fixture.h"
#include "program.h"

#include "check.h"

using namespace websock;

namespace {

const Bytes kHello = hex("81 85 37fa213d 7f9f4d5158");
const std::string kHelloLine = "text, fin, masked 37fa213d, 5 bytes: \"Hello\"";

// "one", "two" and "three", as they leave a client that sends them at once. The key is 00000000.
const Bytes kThree = masked_text("one") + masked_text("two") + masked_text("three");

}  // namespace

// ---- 1: onopen fires ----

TEST("own-milestone-1-01 the handshake is answered, and what comes behind it is printed as it came") {
  Program onopen("onopen");
  RawClient client(onopen.port());
  client.upgrade();
  CHECK_EQ(onopen->read_line(), "the handshake is done");
  client.send(kHello);
  CHECK_EQ(onopen->read_line(), "81 85 37 fa 21 3d 7f 9f 4d 51 58 ");
  client.socket.close();
  CHECK_EQ(onopen->read_line(), "the client has gone");
  CHECK_EQ(onopen->wait(), 0);
}

TEST("own-milestone-1-02 a frame that comes along with the request is not lost") {
  Program onopen("onopen");
  RawClient client(onopen.port());
  client.send(Bytes() + bytes_of(kRequest) + kHello);
  CHECK_EQ(onopen->read_line(), "the handshake is done");
  CHECK_EQ(onopen->read_line(), "81 85 37 fa 21 3d 7f 9f 4d 51 58 ");
}

TEST("own-milestone-1-03 a request that asks for no WebSocket is refused with a reason") {
  Program onopen("onopen");
  RawClient client(onopen.port());
  client.send("GET / HTTP/1.1\r\nHost: x\r\n\r\n");
  const std::string answer = client.take_text_to_end();
  CHECK(answer.starts_with("HTTP/1.1 400 Bad Request\r\n"));
  CHECK(answer.ends_with(
      "\r\n\r\nThe Upgrade header does not list websocket: a proxy on the way may have removed it.\n"));
  CHECK_EQ(onopen->read_line(), "this will not be a WebSocket");
  CHECK_EQ(onopen->wait(), 1);
}

TEST("own-milestone-1-04 its fault: a second client waits in vain") {
  Program onopen("onopen");
  RawClient first(onopen.port());
  RawClient second(onopen.port());
  second.send(kRequest);
  first.upgrade().socket.close();
  CHECK_EQ(onopen->wait(), 0);
  CHECK(second.ends_with_reset());
}

// ---- 2: the browser's words, unmasked ----

TEST("own-milestone-2-01 frames that come one by one are printed, unmasked") {
  Program unmasked("unmasked");
  RawClient client(unmasked.port());
  client.upgrade().send(kHello);
  CHECK_EQ(unmasked->read_line(), kHelloLine);
  client.send(masked(0x82, "abc"));
  CHECK_EQ(unmasked->read_line(), "binary, fin, masked 00000000, 3 bytes: \"abc\"");
}

TEST("own-milestone-2-02 its fault: of three frames in one segment it prints one") {
  Program unmasked("unmasked");
  RawClient client(unmasked.port());
  client.upgrade().send(kThree);
  CHECK_EQ(unmasked->read_line(), "text, fin, masked 00000000, 3 bytes: \"one\"");
  client.socket.close();
  CHECK_EQ(unmasked->read_line(), "the client has gone");
}

TEST("own-milestone-2-03 its fault: a frame in two pieces is a word and a broken rule, which ends it") {
  Program unmasked("unmasked");
  RawClient client(unmasked.port());
  client.upgrade().send(hex("81 85 37fa213d 7f9f"));
  CHECK_EQ(unmasked->read_line(), "text, fin, masked 37fa213d, 5 bytes: \"He\"");
  client.send(hex("4d5158"));
  CHECK_EQ(unmasked->wait(), 128 + SIGABRT);
}

TEST("own-milestone-2-04 its faults: no Ping and no Close is answered") {
  Program unmasked("unmasked");
  RawClient client(unmasked.port());
  client.upgrade().send(masked(0x89, "are you there?"));
  CHECK_EQ(unmasked->read_line(), "ping, fin, masked 00000000, 14 bytes: \"are you there?\"");
  client.send(masked_close(1000));
  CHECK(unmasked->read_line().starts_with("close, fin, masked 00000000, 2 bytes: "));
  client.socket.shut_down_sending();
  CHECK_EQ(take_to_end(client.socket), "");
}

// ---- 3: a correct echo ----

TEST("own-milestone-3-01 three frames in one segment are three messages, and so is one in pieces") {
  Program echo("correct_echo");
  RawClient client(echo.port());
  client.upgrade().send(kThree);
  for (const char* text : {"one", "two", "three"}) CHECK_EQ(client.take_payload(), text);
  for (const std::uint8_t byte : kHello) client.send(Bytes{byte});
  CHECK_EQ(client.take_payload(), "Hello");
}

TEST("own-milestone-3-02 fragments, Pings, and a Close") {
  Program echo("correct_echo");
  RawClient client(echo.port());
  client.upgrade().send(masked(0x01, "Hel") + masked(0x89, "?") + masked(0x80, "lo") + masked_close(1000));
  CHECK_EQ(take_to_end(client.socket), "8a 01 3f 81 05 48 65 6c 6c 6f 88 02 03 e8");
}

TEST("own-milestone-3-03 a broken rule is answered with 1002 and a reason, although more lies unread") {
  Program echo("correct_echo");
  RawClient client(echo.port());
  client.upgrade().send(masked(0xc1, "x") + Bytes(100'000, 0));
  const RawFrame frame = take_frame(client.socket);
  CHECK_EQ(frame.first, 0x88);
  CHECK_EQ(text_of(frame.payload),
           "\x03\xea"
           "a reserved bit is set");
  client.socket.shut_down_sending();
  CHECK_EQ(take_to_end(client.socket), "");
}

TEST("own-milestone-3-04 a client of ours, and a message of a megabyte") {
  Program echo("correct_echo");
  WebSocketClient client(echo.url());
  const std::string text(1 << 20, 'x');
  client.send(text);
  CHECK(client.receive().value().text() == text);
  client.close();
  CHECK(client.close_info().clean);
}

TEST("own-milestone-3-05 its fault: a second client gets no answer until the first has left") {
  Program echo("correct_echo");
  RawClient first(echo.port());
  first.upgrade();
  RawClient second(echo.port());
  second.send(kRequest);
  CHECK(first.echoes("still here"));  // so the server is well, and has nothing else to do
  Bytes byte(1);
  CHECK(!second.socket.receive(byte, Milliseconds(0)));
  first.socket.close();
  CHECK_EQ(second.take_head(), kAccepted);
  CHECK(second.echoes("at last"));
}

// ---- 4: everybody at once ----

TEST("own-milestone-4-01 what one says, all hear") {
  Program room("everybody");
  WebSocketClient ada(room.url());
  ada.send("Ada is here");  // and when she hears it she is in
  CHECK_EQ(ada.receive().value().text(), "Ada is here");
  WebSocketClient bob(room.url());
  bob.send("Bob is here");
  CHECK_EQ(ada.receive().value().text(), "Bob is here");
  CHECK_EQ(bob.receive().value().text(), "Bob is here");
  ada.send("Hello, Bob");
  CHECK_EQ(bob.receive().value().text(), "Hello, Bob");
}

TEST("own-milestone-4-02 one who stops listening holds up nobody") {
  Program room("everybody");
  RawClient deaf(room.port(), 4096);
  CHECK(deaf.upgrade().echoes("deaf from now on"));
  WebSocketClient ada(room.url());
  const std::string text(64 * 1024, 'x');
  for (int i = 0; i < 200; ++i) {  // 13 MB: more than any socket buffers
    ada.send(text);
    CHECK(ada.receive().value().text() == text);
  }
}
