// Chapter 21: permessage-deflate, RFC 7692: the negotiation to the letter, the published frames through both roles at every
// split, what fails, windows, and what comes of two ends that speak with each other.
#include "compression/permessage_deflate.h"

#include "check.h"
#include "compression/blocks.h"
#include "compression/deflate.h"
#include "handshake/handshake.h"
#include "protocol/message_encoder.h"
#include "transcript.h"

using namespace websock;

namespace {

std::vector<Extension> list(const std::string& text) { return parse_extensions({{"Sec-WebSocket-Extensions", text}}); }

// What a server with these options answers to a client's header; "" if it declines.
std::string answer_to(const std::string& offers, const DeflateOptions& options = {}) {
  const auto chosen = choose_extensions(list(offers), {permessage_deflate(options)});
  return chosen.empty() ? "" : to_string(chosen[0].answer);
}

// What a client with these options offers.
std::string offer_of(const DeflateOptions& options = {}) { return to_string(permessage_deflate(options).offers.at(0)); }

// Whether it accepts this answer.
bool accepts(const std::string& answer, const DeflateOptions& options = {}) {
  return check_extensions(list(answer), {permessage_deflate(options)}).has_value();
}

const std::string kName = "permessage-deflate";

// The extension of a connection on which the server has answered `answer` to an offer that allows for it.
AgreedExtension agreed_by(Role role, const std::string& parameters, std::size_t compress_from = 0) {
  const DeflateOptions options{.compress_from = compress_from};
  if (role == Role::client) return check_extensions(list(kName + parameters), {permessage_deflate(options)})->at(0);
  // A server's: the offer that makes it answer so.
  return choose_extensions(list(kName + parameters), {permessage_deflate(options)}).at(0).agreed;
}

// Likewise, but a list that is malformed is declined, too.
std::string answer_or_refusal(const std::string& offers) {
  try {
    return answer_to(offers);
  } catch (const HttpError&) {
    return "";
  }
}
bool accepts_at_all(const std::string& answer) {
  try {
    return accepts(answer);
  } catch (const HttpError&) {
    return false;
  }
}

// The field of a server's response; "none" if it has none.
std::string field_of_response(const std::string& offers) {
  const Response response = make_response({}, std::nullopt, choose_extensions(list(offers), {permessage_deflate()}));
  const std::string* field = find_field(response.fields, "Sec-WebSocket-Extensions");
  return field == nullptr ? "none" : *field;
}

ProtocolOptions with_deflate(Role role, const std::string& parameters = "", std::size_t compress_from = 0) {
  return {.extensions = {agreed_by(role, parameters, compress_from)}};
}

// Frames from the peer of `role`: first byte and payload in hex.
struct Piece {
  std::uint8_t first_byte;
  const char* payload;
};
Bytes frames(Role sender, const std::vector<Piece>& pieces) {
  Bytes bytes;
  for (const Piece& piece : pieces) bytes = bytes + frame(sender, piece.first_byte, hex(piece.payload));
  return bytes;
}

// What an endpoint makes of frames, however they are cut.
void expect(const std::vector<Piece>& pieces, const Lines& wanted, const ProtocolOptions& more = {}) {
  for (const Role role : kBothRoles) {
    for_each_split(frames(peer_of(role), pieces), [&](const std::vector<ByteView>& split) {
      ProtocolOptions options = with_deflate(role);
      options.max_message = more.max_message;
      Endpoint endpoint(role, options);
      for (const ByteView piece : split) endpoint.receive(piece);
      CHECK_EQ(endpoint.lines, wanted);
    });
  }
}

// The first event of an endpoint that fails: "1007 "..."".
void expect_failure(const std::vector<Piece>& pieces, unsigned code, const ProtocolOptions& more = {}) {
  for (const Role role : kBothRoles) {
    for_each_split(frames(peer_of(role), pieces), [&](const std::vector<ByteView>& split) {
      ProtocolOptions options = with_deflate(role);
      options.max_message = more.max_message;
      Endpoint endpoint(role, options);
      for (const ByteView piece : split) endpoint.receive(piece);
      const std::string line = endpoint.lines.empty() ? "" : endpoint.lines.front();
      CHECK_EQ(line.substr(0, 11), "failed " + std::to_string(code));
    });
  }
}

// One end of a connection.
struct End {
  Protocol protocol;
  MessageEncoder encoder;

  explicit End(Role role, const std::string& parameters = "", std::size_t compress_from = 0, std::size_t frame = 0)
      : End(role, agreed_by(role, parameters, compress_from), frame) {}
  End(Role role, const AgreedExtension& agreed, std::size_t frame)
      : protocol(role, {.max_frame_payload = frame, .extensions = {agreed}}), encoder({agreed}) {
    protocol.handshake_completed();
  }

  Message encode(std::string_view text) { return encoder.encode({Opcode::text, bytes_of(text)}); }
};

// Whether no match in what `sender` sends reaches back further than 2^bits bytes. The texts repeat at every distance.
bool stays_within(End& sender, int bits) {
  Bytes text;
  try {
    for (std::size_t distance = 100; distance < 40'000; distance = distance * 5 / 4) {
      std::string message = "a few words that come again";
      while (message.size() < distance) message += std::to_string(distance * message.size() * 7919);
      read_blocks(sender.encode(message + "a few words that come again").payload, std::size_t{1} << bits, text);
    }
    return true;
  } catch (const InflateError&) {
    return false;
  }
}

// What a text becomes. The encoder's own lasts only until its next message.
Bytes encoded_bytes(End& end, std::string_view text) {
  const ByteView payload = end.encode(text).payload;
  return Bytes(payload.begin(), payload.end());
}

// Whether a second message that is the same as the first has the same bytes.
bool repeats_itself(End& sender) {
  const std::string text(100, 'x');
  const Bytes first = encoded_bytes(sender, text);
  return encoded_bytes(sender, text) == first;
}

// What a text becomes, in hex.
std::string encoded(End& end, std::string_view text) { return to_hex(end.encode(text).payload); }

}  // namespace

// ---- Negotiation: the server ----

TEST("7692-5-06 what a server agrees to stands in its response") {
  CHECK_EQ(field_of_response(kName + "; client_max_window_bits"), kName);
}

TEST("7692-5-14 if it agrees to no offer, no such field does") {
  CHECK_EQ(field_of_response(kName + "; mode=fast"), "none");
  CHECK_EQ(field_of_response("x-other"), "none");
}

TEST("7692-5-07 whatever a server's answer names, it can do") {
  for (int server = 8; server <= 15; ++server) {
    for (int client = 8; client <= 15; ++client) {
      const std::string parameters =
          "; server_max_window_bits=" + std::to_string(server) + "; client_max_window_bits=" + std::to_string(client);
      const std::string granted = client == 15 ? parameters.substr(0, parameters.find("; client")) : parameters;
      CHECK_EQ(answer_to(kName + parameters), kName + granted);
    }
  }
}

TEST("7692-7.1.3-01 to an offer without parameters the answer has none") { CHECK_EQ(answer_to(kName), kName); }

TEST("7692-7.1.3-02 a server window that is asked for is in the answer") {
  CHECK_EQ(answer_to(kName + "; client_max_window_bits; server_max_window_bits=10"),
           kName + "; server_max_window_bits=10");
}

TEST("7692-7.1.3-03 of two offers the first that fits is answered") {
  CHECK_EQ(
      answer_to(kName + "; client_max_window_bits; server_max_window_bits=10, " + kName + "; client_max_window_bits"),
      kName + "; server_max_window_bits=10");
  CHECK_EQ(answer_to(kName + "; server_max_window_bits=99, " + kName), kName);
}

TEST("7692-7-04 an offer with a parameter that is unknown, wrong or repeated is declined") {
  for (const char* parameters :
       {"foo", "server_max_window_bits", "server_max_window_bits=7", "server_max_window_bits=16",
        "server_max_window_bits=08", "server_max_window_bits=1x",
        "server_max_window_bits=10; server_max_window_bits=10", "client_max_window_bits=7", "client_max_window_bits=16",
        "client_max_window_bits=08", "client_max_window_bits; client_max_window_bits", "server_no_context_takeover=1",
        "client_no_context_takeover=1", "server_no_context_takeover; server_no_context_takeover",
        "client_no_context_takeover; client_no_context_takeover", "Server_no_context_takeover"}) {
    CHECK_EQ(answer_to(kName + "; " + parameters), "");
    CHECK(!accepts(kName + "; " + parameters));  // 7-05: and in an answer, it fails the handshake
  }
}

TEST("7692-5.2-01 a value may stand in quotation marks") {
  CHECK_EQ(answer_to(kName + "; server_max_window_bits=\"10\""), kName + "; server_max_window_bits=10");
}

TEST("7692-7.1.1.1-03 a server that is asked not to take over says that it will not") {
  CHECK_EQ(answer_to(kName + "; server_no_context_takeover"), kName + "; server_no_context_takeover");
}

TEST("7692-7.1.1.2-02 it may ask the client for the same, whether or not that was offered") {
  CHECK_EQ(answer_to(kName, {.context_takeover = false}),
           kName + "; server_no_context_takeover; client_no_context_takeover");
  CHECK_EQ(answer_to(kName + "; client_no_context_takeover"), kName + "; client_no_context_takeover");
}

TEST("7692-7.1.2.2-04 it asks for a smaller window of a client that knows the parameter") {
  CHECK_EQ(answer_to(kName + "; client_max_window_bits", {.window_bits = 10}),
           kName + "; server_max_window_bits=10; client_max_window_bits=10");
  CHECK_EQ(answer_to(kName + "; client_max_window_bits=9", {.window_bits = 10}),
           kName + "; server_max_window_bits=10; client_max_window_bits=9");
}

TEST("own-permessage-deflate-07 nor does a server ask for 8 bits by itself, but it takes them from who offers them") {
  CHECK_EQ(answer_to(kName + "; client_max_window_bits", {.window_bits = 8}),
           kName + "; server_max_window_bits=8; client_max_window_bits=9");
  CHECK_EQ(answer_to(kName + "; client_max_window_bits=8", {.window_bits = 8}),
           kName + "; server_max_window_bits=8; client_max_window_bits=8");
}

TEST("7692-7.1.2.2-08 and of no other") {
  CHECK_EQ(answer_to(kName, {.window_bits = 10}), kName + "; server_max_window_bits=10");
}

// ---- Negotiation: the client ----

// Values that are none: 7.1.2 wants a decimal number from 8 to 15, without a zero in front.
const Lines kNoWindows = {"=7", "=16", "=08", "=1x", "=x9", "=150", "=\"9 \""};

TEST("7692-5-04 a client that asks for smaller windows says so of the server's, too") {
  for (int bits = 9; bits < 15; ++bits) {
    CHECK(offer_of({.window_bits = bits}).find("; server_max_window_bits=" + std::to_string(bits) + ';') !=
          std::string::npos);
  }
  CHECK_EQ(offer_of().find("server_max_window_bits"), std::string::npos);  // it can take the largest
}

TEST("7692-7.1.2.1-02 what a client asks of the server's window is a number from 8 to 15") {
  for (int bits = 8; bits <= 15; ++bits) {
    const std::string asked = kName + "; server_max_window_bits=" + std::to_string(bits);
    CHECK_EQ(answer_to(asked), asked);
  }
  for (const std::string& value : kNoWindows)
    CHECK_EQ(answer_or_refusal(kName + "; server_max_window_bits" + value), "");
  CHECK_EQ(answer_to(kName + "; server_max_window_bits"), "");
}

TEST("7692-7.1.2.2-02 what it says of its own is one, too, or nothing") {
  CHECK_EQ(answer_to(kName + "; client_max_window_bits"), kName);
  for (int bits = 8; bits < 15; ++bits) {
    const std::string asked = kName + "; client_max_window_bits=" + std::to_string(bits);
    CHECK_EQ(answer_to(asked), asked);
  }
  CHECK_EQ(answer_to(kName + "; client_max_window_bits=15"), kName);
  for (const std::string& value : kNoWindows)
    CHECK_EQ(answer_or_refusal(kName + "; client_max_window_bits" + value), "");
}

TEST("7692-7.1.2.1-07 a server's answer about its own window is a number from 8 to 15") {
  for (int bits = 8; bits <= 15; ++bits) CHECK(accepts(kName + "; server_max_window_bits=" + std::to_string(bits)));
  for (const std::string& value : kNoWindows) CHECK(!accepts_at_all(kName + "; server_max_window_bits" + value));
  CHECK(!accepts(kName + "; server_max_window_bits"));
}

TEST("7692-7.1.2.2-06 and about the client's likewise") {
  for (int bits = 8; bits <= 15; ++bits) CHECK(accepts(kName + "; client_max_window_bits=" + std::to_string(bits)));
  for (const std::string& value : kNoWindows) CHECK(!accepts_at_all(kName + "; client_max_window_bits" + value));
  CHECK(!accepts(kName + "; client_max_window_bits"));
}

TEST("7692-5-01 what a client would like stands in its request") {
  const Request request = make_request("a", "/", "", {.extensions = {permessage_deflate()}});
  const std::string* field = find_field(request.fields, "Sec-WebSocket-Extensions");
  CHECK_EQ(field == nullptr ? "" : *field, kName + "; client_max_window_bits");
}

TEST("7692-7.1.2.2-01 a client offers client_max_window_bits, and what it demands of the server") {
  CHECK_EQ(offer_of(), kName + "; client_max_window_bits");
  CHECK_EQ(offer_of({.window_bits = 10}), kName + "; server_max_window_bits=10; client_max_window_bits=10");
  CHECK_EQ(offer_of({.context_takeover = false}),
           kName + "; server_no_context_takeover; client_no_context_takeover; client_max_window_bits");
}

TEST("own-permessage-deflate-01 8 bits are never offered, as zlib does not have them") {
  CHECK_EQ(offer_of({.window_bits = 8}), kName + "; server_max_window_bits=9; client_max_window_bits=9");
  CHECK_THROWS(permessage_deflate({.window_bits = 7}), std::invalid_argument);
  CHECK_THROWS(permessage_deflate({.window_bits = 16}), std::invalid_argument);
}

TEST("7692-7-05 the client accepts what it can do, and fails for anything else") {
  CHECK(accepts(kName));
  CHECK(accepts(kName + "; server_no_context_takeover; client_no_context_takeover"));
  CHECK(accepts(kName + "; server_max_window_bits=8; client_max_window_bits=8"));
  CHECK(!accepts(kName + "; client_max_window_bits"));  // 7.1.2.2-06: without a value in an offer only
}

TEST("7692-7.1.2.1-06 a demand for a smaller window has to be granted, or bettered") {
  CHECK(accepts(kName + "; server_max_window_bits=10", {.window_bits = 10}));
  CHECK(accepts(kName + "; server_max_window_bits=9", {.window_bits = 10}));
  CHECK(!accepts(kName + "; server_max_window_bits=11", {.window_bits = 10}));
  CHECK(!accepts(kName, {.window_bits = 10}));
  CHECK(!accepts(kName, {.context_takeover = false}));
}

// ---- Receiving ----

TEST("7692-7.2.3 the RFC's frames say Hello, in either role and however they are cut") {
  expect({{0xc1, "f2 48 cd c9 c9 07 00"}}, {"text \"Hello\""});
  expect({{0x41, "f2 48 cd"}, {0x80, "c9 c9 07 00"}}, {"text \"Hello\""});
  expect({{0xc1, "f2 48 cd c9 c9 07 00"}, {0xc1, "f2 00 11 00 00"}}, {"text \"Hello\"", "text \"Hello\""});
  expect({{0xc1, "00 05 00 fa ff 48 65 6c 6c 6f 00"}}, {"text \"Hello\""});
  expect({{0xc1, "f3 48 cd c9 c9 07 00 00"}}, {"text \"Hello\""});
  expect({{0xc1, "f2 48 05 00 00 00 ff ff ca c9 c9 07 00"}}, {"text \"Hello\""});
  expect({{0xc1, "00"}}, {"text \"\""});
  expect({{0x41, "f2 48 cd c9 c9 07"}, {0x00, ""}, {0x80, "00"}}, {"text \"Hello\""});
}

TEST("7692-6.1-05 the opcode is the message's own") { expect({{0xc2, "f2 48 cd c9 c9 07 00"}}, {"binary \"Hello\""}); }

TEST("7692-7.2.3.2-03 a message that is not compressed passes, and leaves the window alone") {
  expect({{0xc1, "f2 48 cd c9 c9 07 00"}, {0x81, "61"}, {0xc1, "f2 00 11 00 00"}},
         {"text \"Hello\"", "text \"a\"", "text \"Hello\""});
}

TEST("7692-6.2-02 a message without RSV1 is delivered as it is, even if it could be inflated") {
  expect({{0x82, "f2 48 cd c9 c9 07 00"}, {0x02, "f2 48"}, {0x80, "00"}},
         {"binary f2 48 cd c9 c9 07 00", "binary f2 48 00"});
}

TEST("7692-7.2.1-06 behind a block that says it is the last, the next one begins on a byte") {
  expect({{0xc1, "f3 48 cd c9 c9 07 00 f2 48 cd c9 c9 07 00"}}, {"text \"HelloHello\""});
  expect({{0xc1, "f3 48 cd c9 c9 07 00"}, {0xc1, "f2 00 11 00 00"}}, {"text \"Hello\"", "text \"Hello\""});
}

// A message of 32,768 bytes, and one that is three bytes from 32,768 back: as far as RFC 1951 lets a match reach.
Lines far_back(Role role, const std::string& parameters = "") {
  const std::string first = "abc" + std::string(32765, '.');
  Endpoint endpoint(role, with_deflate(role, parameters));
  const Bytes stored = hex("00 00 80 ff 7f") + bytes_of(first) + hex("00");
  endpoint.receive(frame(peer_of(role), 0xc1, stored) + frame(peer_of(role), 0xc1, hex("02 de ff 0f 00")));
  endpoint.lines.at(0).clear();
  return endpoint.lines;
}

TEST("7692-7.2.2-03 a client remembers the messages before") {
  Endpoint client(Role::client, with_deflate(Role::client, "; client_no_context_takeover"));
  client.receive(frames(Role::server, {{0xc1, "f2 48 cd c9 c9 07 00"}, {0xc1, "f2 00 11 00 00"}}));
  CHECK_EQ(client.lines, (Lines{"text \"Hello\"", "text \"Hello\""}));
}

TEST("7692-7.2.2-05 a server remembers the messages before") {
  Endpoint server(Role::server, with_deflate(Role::server, "; server_no_context_takeover"));
  server.receive(frames(Role::client, {{0xc1, "f2 48 cd c9 c9 07 00"}, {0xc1, "f2 00 11 00 00"}}));
  CHECK_EQ(server.lines, (Lines{"text \"Hello\"", "text \"Hello\""}));
}

TEST("7692-7.2.2-08 a client that has not asked for less looks back 32,768 bytes") {
  CHECK_EQ(far_back(Role::client), (Lines{"", "text \"abc\""}));
  CHECK_EQ(far_back(Role::client, "; client_max_window_bits=8"), (Lines{"", "text \"abc\""}));
}

TEST("7692-7.2.2-10 a server that has not asked for less looks back 32,768 bytes") {
  CHECK_EQ(far_back(Role::server), (Lines{"", "text \"abc\""}));
  CHECK_EQ(far_back(Role::server, "; server_max_window_bits=8"), (Lines{"", "text \"abc\""}));
}

TEST("7692-6-01 control frames pass between the fragments of a compressed message") {
  for (const Role role : kBothRoles) {
    Endpoint endpoint(role, with_deflate(role));
    endpoint.receive(frames(peer_of(role), {{0x41, "f2 48 cd"}, {0x8a, "61"}, {0x80, "c9 c9 07 00"}}));
    CHECK_EQ(endpoint.lines, (Lines{"pong \"a\"", "text \"Hello\""}));
  }
}

// ---- What fails ----

TEST("7692-6.1-04 RSV1 on a control frame or on a continuation fails the connection with 1002") {
  expect_failure({{0xc9, ""}}, 1002);
  expect_failure({{0x41, "f2 48 cd"}, {0xc9, ""}}, 1002);
  expect_failure({{0x41, "f2 48 cd"}, {0xc0, "c9 c9 07 00"}}, 1002);
  expect_failure({{0xa1, "61"}}, 1002);  // RSV2 means nothing here
}

TEST("7692-5-15 RSV1 without the extension fails it, too") {
  Endpoint endpoint(Role::server);
  endpoint.receive(frame(Role::client, 0xc1, hex("f2 48 cd c9 c9 07 00")));
  CHECK_EQ(endpoint.lines.front().substr(0, 11), "failed 1002");
}

TEST("7692-7.2.2-01 what cannot be inflated fails the connection with 1007") {
  expect_failure({{0xc1, "06"}}, 1007);
  expect_failure({{0xc1, "f2 00 11 00 00"}}, 1007);                    // nothing was sent that far back
  expect_failure({{0xc1, "f2 48 cd c9 c9 07 00 00 00 ff ff"}}, 1007);  // the tail is not cut off
  expect_failure({{0xc1, "f2 48 cd c9"}}, 1007);
  expect_failure({{0xc1, ""}}, 1007);  // RSV1, and nothing at all
}

TEST("7692-6.1-06 what comes out has to be UTF-8, and a bad byte is found before the message ends") {
  expect_failure({{0xc1, "00 02 00 fd ff c3 28 00"}}, 1007);
  for (const Role role : kBothRoles) {
    Endpoint endpoint(role, with_deflate(role));
    endpoint.receive(frames(peer_of(role), {{0x41, "00 02 00 fd ff c3 28"}}));
    CHECK_EQ(endpoint.lines.front().substr(0, 11), "failed 1007");
  }
  expect({{0xc2, "00 02 00 fd ff c3 28 00"}}, {"binary c3 28"});
}

TEST("7692-6.2-01 max_message holds for what comes out: exactly so much passes, one byte more is 1009") {
  expect({{0xc1, "f2 48 cd c9 c9 07 00"}}, {"text \"Hello\""}, {.max_message = 5});
  expect_failure({{0xc1, "f2 48 cd c9 c9 07 00"}}, 1009, {.max_message = 4});
  expect({{0xc2, "4a 4c 1c e9 00 00"}}, {"binary " + quoted(bytes_of(std::string(258, 'a')))}, {.max_message = 258});
  expect_failure({{0xc2, "4a 4c 1c e9 00 00"}}, 1009, {.max_message = 257});
}

TEST("own-permessage-deflate-02 what comes in has a limit, too: an eighth more than max_message, and 256 bytes") {
  for (const Role role : kBothRoles) {
    const auto first_line = [&](std::uint64_t length) {
      ProtocolOptions options = with_deflate(role);
      options.max_message = 800;
      Endpoint endpoint(role, options);
      Bytes head;
      serialize_frame_header({.rsv = 0b0100'0000,
                              .masking_key = role == Role::server ? std::optional(kKey) : std::nullopt,
                              .payload_length = length},
                             head);
      endpoint.receive(head);
      return endpoint.lines.empty() ? "" : endpoint.lines.front().substr(0, 11);
    };
    CHECK_EQ(first_line(800 + 100 + 256), "");
    CHECK_EQ(first_line(800 + 100 + 257), "failed 1009");
    CHECK_EQ(first_line(std::uint64_t{1} << 62), "failed 1009");
  }
}

TEST("own-permessage-deflate-03 17 KB that stand for 16 MiB are refused at 64 KiB") {
  Deflater deflater;
  Bytes bomb;
  deflater.deflate(Bytes(16 * 1024 * 1024), bomb);
  CHECK(bomb.size() < 32 * 1024);
  Protocol server(Role::server, {.max_message = 64 * 1024, .extensions = {agreed_by(Role::server, "")}});
  Bytes input = frame(Role::client, 0xc2, bomb);
  std::span<std::uint8_t> unread(input);
  const Event* event = server.next_event(unread);
  CHECK(event != nullptr && event->type == EventType::failed);
  CHECK(event->close.code == CloseCode::message_too_big);
}

// ---- Sending ----

TEST("7692-7.2.3.1-02 Hello as a frame: c1 07, and the RFC's seven bytes") {
  End server(Role::server);
  Bytes out;
  CHECK(server.protocol.send_message(server.encode("Hello"), out));
  CHECK_EQ(to_hex(out), "c1 07 f2 48 cd c9 c9 07 00");
}

TEST("7692-6.1-01 in fragments, only the first has RSV1") {
  End server(Role::server, "", 0, 3);
  Bytes out;
  CHECK(server.protocol.send_message(server.encode("Hello"), out));
  CHECK_EQ(to_hex(out), "41 03 f2 48 cd 00 03 c9 c9 07 80 01 00");
}

TEST("7692-6.1-02 a message below the threshold goes as it is, and is not remembered") {
  End server(Role::server, "", 6);
  CHECK_EQ(encoded(server, "Hello"), "48 65 6c 6c 6f");
  CHECK_EQ(server.encode("Hello").rsv, 0);
  End other(Role::server, "", 6);
  CHECK_EQ(encoded(server, "Hello!"), encoded(other, "Hello!"));  // which has never had a "Hello"
  CHECK_EQ(other.encode("Hello!").rsv, 0b0100'0000);
  CHECK_EQ(encoded(server, "Hello!"), "82 90 00 00");  // 6 from 6 back: only that one was compressed
}

TEST("7692-7.2.1-10 with client_no_context_takeover a client compresses each message as if it were the first") {
  End client(Role::client, "; client_no_context_takeover");
  CHECK(repeats_itself(client));
}

TEST("7692-7.2.1-11 without, a client's second message refers to the first") {
  End client(Role::client, "; server_no_context_takeover");
  CHECK(!repeats_itself(client));
}

TEST("7692-7.2.1-13 with server_no_context_takeover a server compresses each message as if it were the first") {
  End server(Role::server, "; server_no_context_takeover");
  CHECK(repeats_itself(server));
}

TEST("7692-7.2.1-14 without, a server's second message refers to the first") {
  End server(Role::server, "; client_no_context_takeover");
  CHECK(!repeats_itself(server));
}

TEST("7692-7.1.1.2-05 a client does not take over if the server says so, though nobody asked") {
  const auto agreed = check_extensions(list(kName + "; client_no_context_takeover"), {permessage_deflate()});
  CHECK(agreed.has_value());
  End client(Role::client, agreed->at(0), 0);
  CHECK(repeats_itself(client));
}

TEST("7692-7.2.1-15 a client's matches stay in the window that client_max_window_bits names") {
  for (int bits = 8; bits < 15; ++bits) {
    End client(Role::client, "; client_max_window_bits=" + std::to_string(bits));
    CHECK(stays_within(client, bits));
    End wider(Role::client, "; client_max_window_bits=" + std::to_string(bits + 1));
    CHECK(!stays_within(wider, bits));
  }
}

TEST("7692-7.2.1-17 a server's matches stay in the window that server_max_window_bits names") {
  for (int bits = 8; bits < 15; ++bits) {
    End server(Role::server, "; server_max_window_bits=" + std::to_string(bits));
    CHECK(stays_within(server, bits));
    End wider(Role::server, "; server_max_window_bits=" + std::to_string(bits + 1));
    CHECK(!stays_within(wider, bits));
  }
}

TEST("7692-7.2.1-09 no match reaches back further than 32,768 bytes, whatever was agreed") {
  for (const Role role : kBothRoles) {
    End end(role);
    CHECK(stays_within(end, 15));
  }
}

TEST("7692-7.2.2-11 a client that has offered less than was agreed keeps to what it has offered") {
  const DeflateOptions options{.window_bits = 9, .compress_from = 0};
  const auto agreed = check_extensions(list(kName + "; server_max_window_bits=9"), {permessage_deflate(options)});
  CHECK(agreed.has_value());
  End client(Role::client, agreed->at(0), 0);
  CHECK(stays_within(client, 9));
}

TEST("7692-7.2.1-08 a fragment that happens to end in 00 00 ff ff keeps it") {
  std::string noise;  // 40 bytes of which each has nine bits in the fixed code, so that the block is a stored one
  for (int i = 0x90; i < 0xb8; ++i) noise += static_cast<char>(i);
  noise.insert(16, std::string("\0\0\xff\xff", 4));
  End server(Role::server, "", 0, 5 + 16 + 4);
  Bytes out;
  CHECK(server.protocol.send_message(server.encoder.encode({Opcode::binary, bytes_of(noise)}), out));
  CHECK_EQ(to_hex(ByteView(out).first(2 + 5)), "42 19 00 2c 00 d3 ff");
  CHECK_EQ(to_hex(ByteView(out).subspan(2 + 5 + 14, 6)), "9e 9f 00 00 ff ff");
  CHECK_EQ(to_hex(ByteView(out).subspan(2 + 25, 4)), "80 19 a0 a1");
}

TEST("7692-6.1-03 neither a control frame nor a continuation that we send has a reserved bit") {
  End server(Role::server, "", 0, 4);
  Bytes out;
  CHECK(server.protocol.send_message(server.encode("Hello"), out));
  CHECK(server.protocol.send_ping({}, out));
  CHECK(server.protocol.send_close({CloseCode::normal_closure, ""}, out));
  CHECK_EQ(to_hex(out), "41 04 f2 48 cd c9 80 03 c9 07 00 89 00 88 02 03 e8");
}

TEST("7692-7.3-03 without takeover, what compression makes longer goes as it is") {
  End server(Role::server, "; server_no_context_takeover");
  CHECK_EQ(server.encode("\x91\x92\x93\x94\x95\x96").rsv, 0);
}

TEST("7692-7-03 server_ parameters are for what the server sends, client_ ones for what the client sends") {
  const std::string far = std::string("once upon a time") + std::string(600, '.');
  for (const Role role : kBothRoles) {
    for (const char* parameter : {"; server_max_window_bits=8", "; client_max_window_bits=8"}) {
      const bool limited = (role == Role::server) == (parameter[2] == 's');
      End end(role, parameter);
      end.encode(far);
      // A match of 16 from 616 back is a few bytes. If it is not allowed: the words again.
      CHECK_EQ(end.encode("once upon a time").payload.size() > 10, limited);
    }
  }
}

// ---- Two ends ----

TEST(
    "7692-5-17 what one end sends the other receives, whatever was agreed, and after memory was "
    "released") {
  for (const char* parameters :
       {"", "; server_no_context_takeover", "; client_no_context_takeover; server_max_window_bits=9",
        "; server_max_window_bits=8; client_max_window_bits=8", "; client_max_window_bits=12"}) {
    for (const Role role : kBothRoles) {
      End sender(role, parameters);
      End receiver(peer_of(role), parameters);
      std::string text;
      int received = 0;
      for (int i = 0; i < 300; ++i) {
        text = "{\"id\":" + std::to_string(i * 7919) + ",\"text\":\"" +
               text.substr(0, static_cast<std::size_t>(i * 37 % 400)) + "\"}";
        if (i % 90 == 89) text += std::string(70000, static_cast<char>('a' + i % 26));
        Bytes wire;
        CHECK(sender.protocol.send_message(sender.encode(text), wire));
        std::span<std::uint8_t> unread(wire);
        const Event* event = receiver.protocol.next_event(unread);
        received += event != nullptr && event->type == EventType::message && text_of(event->payload) == text ? 1 : 0;
        if (i % 50 == 49) sender.encoder.release_memory();
        if (i % 70 == 69) receiver.protocol.release_memory();
      }
      CHECK_EQ(received, 300);
    }
  }
}

TEST("own-permessage-deflate-04 a shared message may come between others: whoever sends it forgets what was before") {
  End server(Role::server);
  End client(Role::client);
  const auto receives = [&](const Message& message) {
    Bytes wire;
    server.protocol.send_message(message, wire);
    std::span<std::uint8_t> unread(wire);
    const Event* event = client.protocol.next_event(unread);
    return event == nullptr ? "" : std::string(text_of(event->payload));
  };
  const std::string mine = "words that only this client has had from us, more than once";
  const std::string all = "words that go to all of them, to all of them, to all of them";
  CHECK_EQ(receives(server.encode(mine)), mine);
  const std::optional<MessageEncoder::Shared> shared = server.encoder.encode_for_all(bytes_of(all));
  CHECK(shared.has_value());
  server.encoder.forget();
  CHECK_EQ(receives({Opcode::text, shared->payload, shared->rsv}), all);
  CHECK_EQ(receives(server.encode(mine)), mine);
  CHECK_EQ(receives(server.encode(mine)), mine);
}

TEST("own-permessage-deflate-05 connections with the same window share a broadcast, others do not") {
  CHECK(End(Role::server).encoder.sharing() == End(Role::server).encoder.sharing());
  CHECK(!End(Role::server).encoder.sharing().empty());
  CHECK(End(Role::server, "; server_max_window_bits=9").encoder.sharing() != End(Role::server).encoder.sharing());
  CHECK(MessageEncoder({}).sharing().empty());
}

TEST(
    "own-permessage-deflate-06 an extension may have nothing to share, to forget or to give back, and leave messages "
    "alone") {
  AgreedExtension bare;
  bare.encode = [](ByteView) { return std::optional<ByteView>(); };
  MessageEncoder encoder({bare, bare});
  const Bytes hello = {'H', 'e', 'l', 'l', 'o'};
  const Message encoded = encoder.encode({Opcode::text, hello});
  CHECK_EQ(encoded.text(), "Hello");
  CHECK_EQ(int{encoded.rsv}, 0);
  encoder.forget();
  encoder.release_memory();
  CHECK(encoder.sharing().empty());
  CHECK(!encoder.encode_for_all(hello));
}
