// Chapter 10: messages. Frames are given to the reader as their headers and payloads, unmasked.
#include "protocol/message.h"

#include <memory>

#include "check.h"
#include "utf8_vectors.h"
#include "wire.h"

using namespace websock;

namespace {

constexpr bool kFin = true;
constexpr bool kMore = false;

FrameHeader header_of(Opcode opcode, bool fin, std::uint64_t length) {
  FrameHeader header;
  header.opcode = opcode;
  header.fin = fin;
  header.payload_length = length;
  return header;
}

struct Frame {
  Opcode opcode;
  bool fin;
  std::string_view payload;
};

// What these frames amount to: each message in its order, then the failure, if there is one.
//
//     text "Hello", failed 1002
std::string read(MessageReader& reader, const std::vector<Frame>& frames) {
  std::string seen;
  const auto note = [&seen](const std::string& what) { seen += (seen.empty() ? "" : ", ") + what; };
  try {
    for (const Frame& frame : frames) {
      reader.begin_frame(header_of(frame.opcode, frame.fin, frame.payload.size()));
      if (const std::optional<Message> message = reader.add(bytes_of(frame.payload)))
        note(to_string(message->opcode) + ' ' + quoted(message->payload));
    }
  } catch (const ProtocolError& error) {
    note("failed " + std::to_string(static_cast<int>(error.code())));
  }
  return seen;
}

std::string read(const std::vector<Frame>& frames) {
  MessageReader reader;
  return read(reader, frames);
}

// The failure that `act` ends in:    1009 a message is longer than this endpoint accepts
template <class Act>
std::string failure(Act act) {
  try {
    act();
    return "none";
  } catch (const ProtocolError& error) {
    return std::to_string(static_cast<int>(error.code())) + ' ' + error.what();
  }
}

constexpr const char* kTooBig = "1009 a message is longer than this endpoint accepts";
constexpr const char* kNotUtf8 = "1007 a text message is not UTF-8";

// The header of a fragment, and its payload, in hex.
std::string fragment(const Message& message, std::size_t offset, std::size_t max_frame_payload) {
  const Fragment fragment = fragment_at(message, offset, max_frame_payload);
  return to_string(fragment.header) + ": " + to_hex(fragment.payload);
}

}  // namespace

// ---- The published frames ----

TEST("5.7-01 one text frame with FIN is the message Hello") {
  CHECK_EQ(read({{Opcode::text, kFin, "Hello"}}), "text \"Hello\"");
}

TEST("5.7-03 Hel and lo, in two fragments, are the message Hello") {
  CHECK_EQ(read({{Opcode::text, kMore, "Hel"}, {Opcode::continuation, kFin, "lo"}}), "text \"Hello\"");
}

// ---- Reassembly ----

TEST("5.4-03 an unfragmented message is one frame, of either type, and may be empty") {
  CHECK_EQ(read({{Opcode::binary, kFin, "ab"}}), "binary \"ab\"");
  CHECK_EQ(read({{Opcode::text, kFin, ""}}), "text \"\"");
  CHECK_EQ(read({{Opcode::binary, kFin, ""}}), "binary \"\"");
}

TEST("5.4-05 three fragments have the opcodes 1, 0, 0 and FIN 0, 0, 1") {
  CHECK_EQ(read({{Opcode::text, kMore, "a"}, {Opcode::continuation, kMore, "b"}, {Opcode::continuation, kFin, "c"}}),
           "text \"abc\"");
}

TEST("5.4-11 fragments may have any size, zero too, in every place") {
  CHECK_EQ(read({{Opcode::text, kMore, ""},
                 {Opcode::continuation, kMore, ""},
                 {Opcode::continuation, kMore, "middle"},
                 {Opcode::continuation, kMore, ""},
                 {Opcode::continuation, kFin, ""}}),
           "text \"middle\"");
  CHECK_EQ(read({{Opcode::binary, kMore, ""}, {Opcode::continuation, kFin, ""}}), "binary \"\"");
}

TEST(
    "5.4-17 every fragment is of the type of the first: so bytes that are no UTF-8 fail in text, in binary they do "
    "not") {
  CHECK_EQ(read({{Opcode::text, kMore, "a"}, {Opcode::continuation, kMore, "\xff"}}), "failed 1007");
  CHECK_EQ(read({{Opcode::text, kMore, "a"}, {Opcode::continuation, kFin, "\xff"}}), "failed 1007");
  CHECK_EQ(read({{Opcode::binary, kMore, "a"}, {Opcode::continuation, kFin, "\xff"}}), "binary 61 ff");
  CHECK_EQ(read({{Opcode::text, kMore, "a"}, {Opcode::binary, kFin, "b"}}), "failed 1002");
}

TEST("6.2-05 the message has the type of its first fragment") {
  CHECK_EQ(read({{Opcode::binary, kMore, "a"}, {Opcode::continuation, kFin, "b"}}), "binary \"ab\"");
}

TEST("6.2-06 after the last fragment a new message begins") {
  CHECK_EQ(read({{Opcode::text, kMore, "a"},
                 {Opcode::continuation, kFin, "b"},
                 {Opcode::binary, kMore, "c"},
                 {Opcode::continuation, kFin, "d"},
                 {Opcode::text, kFin, "e"}}),
           "text \"ab\", binary \"cd\", text \"e\"");
}

TEST("5.4-02 a message is the same in one frame, in two, and in one for every byte") {
  const std::string text = "a message of thirty-three bytes!!";
  for_each_split(bytes_of(text), [&](const std::vector<ByteView>& pieces) {
    std::vector<Frame> frames;
    for (const ByteView piece : pieces) frames.push_back({Opcode::continuation, kMore, text_of(piece)});
    frames.front().opcode = Opcode::text;
    frames.back().fin = true;
    CHECK_EQ(read(frames), "text \"" + text + '"');
  });
}

TEST("5.4-18 a frame may come in pieces, and is the same however it is cut") {
  const std::string text = "a message of thirty-three bytes!!";
  for_each_split(bytes_of(text), [&](const std::vector<ByteView>& pieces) {
    MessageReader reader;
    reader.begin_frame(header_of(Opcode::text, kFin, text.size()));
    std::uint64_t left = text.size();
    for (const ByteView piece : pieces) {
      CHECK_EQ(reader.frame_left(), left);
      left -= piece.size();
      const std::optional<Message> message = reader.add(piece);
      CHECK_EQ(message.has_value(), left == 0);
      if (message) CHECK_EQ(message->text(), text);
    }
    CHECK_EQ(reader.frame_left(), 0u);
  });
}

TEST("5.6-04 a binary payload is opaque") {
  for (const InvalidText& row : kInvalidTexts) {
    const Bytes payload = hex(row.bytes);
    CHECK_EQ(read({{Opcode::binary, kFin, text_of(payload)}}), "binary " + quoted(payload));
  }
}

// ---- Order broken ----

TEST("5.4-04 a continuation frame that continues nothing fails with 1002") {
  CHECK_EQ(read({{Opcode::continuation, kFin, "a"}}), "failed 1002");
  CHECK_EQ(read({{Opcode::continuation, kMore, "a"}}), "failed 1002");
  CHECK_EQ(read({{Opcode::text, kFin, "a"}, {Opcode::continuation, kFin, "b"}}), "text \"a\", failed 1002");
  CHECK_EQ(read({{Opcode::text, kMore, "a"}, {Opcode::continuation, kFin, "b"}, {Opcode::continuation, kFin, "c"}}),
           "text \"ab\", failed 1002");
}

TEST("5.4-09 a message that begins inside another fails with 1002") {
  for (const Opcode opcode : {Opcode::text, Opcode::binary}) {
    for (const bool fin : {kFin, kMore}) {
      CHECK_EQ(read({{Opcode::text, kMore, "a"}, {opcode, fin, "b"}}), "failed 1002");
      CHECK_EQ(read({{Opcode::binary, kMore, ""}, {Opcode::continuation, kMore, ""}, {opcode, fin, ""}}),
               "failed 1002");
    }
  }
}

TEST("own-message-01 a frame that has no place is told by its header, before any payload") {
  MessageReader reader;
  CHECK_EQ(failure([&] { reader.begin_frame(header_of(Opcode::continuation, kFin, 1000)); }),
           "1002 a continuation frame continues nothing");
  reader.begin_frame(header_of(Opcode::text, kMore, 0));
  reader.add({});
  CHECK_EQ(failure([&] { reader.begin_frame(header_of(Opcode::text, kFin, 1000)); }),
           "1002 a new message begins inside another");
}

// ---- Limits ----

TEST("10.4-01 a frame that announces more than the limit fails with 1009, before any payload") {
  for (const std::uint64_t length :
       {std::uint64_t{11}, std::uint64_t{1} << 32, std::uint64_t{1} << 62, (std::uint64_t{1} << 63) - 1}) {
    MessageReader reader(10);
    CHECK_EQ(failure([&] { reader.begin_frame(header_of(Opcode::binary, kFin, length)); }), kTooBig);
  }
}

TEST("10.4-02 the limit holds for the sum of the fragments, and starts afresh with every message") {
  MessageReader reader(5);
  CHECK_EQ(read(reader, {{Opcode::binary, kFin, "12345"},
                         {Opcode::binary, kMore, "123"},
                         {Opcode::continuation, kFin, "45"},
                         {Opcode::text, kMore, "12"},
                         {Opcode::continuation, kMore, "345"},
                         {Opcode::continuation, kFin, ""},
                         {Opcode::text, kMore, "12345"},
                         {Opcode::continuation, kFin, "6"}}),
           "binary \"12345\", binary \"12345\", text \"12345\", failed 1009");
}

TEST("own-message-02 there is a limit unless one asks for another: 16 MiB") {
  MessageReader reader;
  CHECK_EQ(failure([&] { reader.begin_frame(header_of(Opcode::binary, kFin, 16777217)); }), kTooBig);
  MessageReader another;
  another.begin_frame(header_of(Opcode::binary, kFin, 16777216));
  CHECK_EQ(another.frame_left(), 16777216u);
}

TEST("own-message-03 lengths whose sum passes 2^64 do not slip through") {
  constexpr std::uint64_t kLargest = (std::uint64_t{1} << 63) - 1;
  MessageReader reader(10);
  reader.begin_frame(header_of(Opcode::binary, kMore, 3));
  reader.add(hex("01 02 03"));
  CHECK_EQ(failure([&] { reader.begin_frame(header_of(Opcode::continuation, kFin, kLargest)); }), kTooBig);

  MessageReader sum(10);
  sum.begin_frame(header_of(Opcode::binary, kMore, 3));
  sum.add(hex("01 02 03"));
  // 3 + (2^64 - 1) is 2. No parsed header says 2^64 - 1; the comparison holds without that.
  CHECK_EQ(failure([&] { sum.begin_frame(header_of(Opcode::continuation, kFin, ~std::uint64_t{0})); }), kTooBig);
}

TEST("own-message-04 without a limit to speak of, all of a machine's memory can be announced, and costs nothing") {
  MessageReader reader(SIZE_MAX);
  reader.begin_frame(header_of(Opcode::binary, kFin, SIZE_MAX / 2));
  CHECK(!reader.add(hex("01 02 03")));
  CHECK_EQ(reader.frame_left(), SIZE_MAX / 2 - 3);
}

TEST("own-message-05 with a limit of 0 only empty messages pass") {
  MessageReader reader(0);
  CHECK_EQ(read(reader, {{Opcode::text, kFin, ""}, {Opcode::text, kFin, "a"}}), "text \"\", failed 1009");
}

// ---- Text ----

TEST("5.6-02 a character may be divided among fragments, at every byte") {
  const Bytes text = hex("61 f0 90 8d 88 62");  // a, U+10348, b
  for_each_split(text, [&](const std::vector<ByteView>& pieces) {
    std::vector<Frame> frames;
    for (const ByteView piece : pieces) frames.push_back({Opcode::continuation, kMore, text_of(piece)});
    frames.front().opcode = Opcode::text;
    frames.back().fin = true;
    CHECK_EQ(read(frames), "text " + quoted(text));
  });
}

TEST("5.6-03 a message that ends inside a character fails with 1007, whichever frame ends it") {
  CHECK_EQ(read({{Opcode::text, kFin, "\xce"}}), "failed 1007");
  CHECK_EQ(read({{Opcode::text, kMore, "\xce"}, {Opcode::continuation, kFin, ""}}), "failed 1007");
  CHECK_EQ(read({{Opcode::text, kMore, "\xf0\x90"}, {Opcode::continuation, kFin, "\x8d"}}), "failed 1007");
}

TEST("8.1-01 text that is not UTF-8 fails with 1007") {
  for (const ValidText& row : kValidTexts) {
    const Bytes text = hex(row.bytes);
    CHECK_EQ(read({{Opcode::text, kFin, text_of(text)}}), "text " + quoted(text));
  }
  for (const InvalidText& row : kInvalidTexts)
    CHECK_EQ(read({{Opcode::text, kFin, text_of(hex(row.bytes))}}), "failed 1007");
}

TEST("own-message-06 a bad byte fails when it arrives, not when the frame or the message ends") {
  for (const InvalidText& row : kInvalidTexts) {
    if (row.at == kEnd) continue;
    const Bytes text = hex(row.bytes);
    MessageReader reader;
    reader.begin_frame(header_of(Opcode::text, kMore, 1000));
    CHECK_EQ(failure([&] { reader.add(ByteView(text).first(row.at)); }), "none");
    CHECK_EQ(failure([&] { reader.add(ByteView(text).subspan(row.at, 1)); }), kNotUtf8);
  }
}

TEST("own-message-07 each message is checked on its own: nothing of the last one is left over") {
  CHECK_EQ(read({{Opcode::text, kFin, "a"}, {Opcode::text, kFin, "\x80"}}), "text \"a\", failed 1007");
  CHECK_EQ(read({{Opcode::binary, kFin, "\xce"}, {Opcode::text, kFin, "a"}}), "binary ce, text \"a\"");
}

// ---- Memory ----

TEST("own-message-08 a message that lies whole in a piece is handed out where it lies") {
  const Bytes piece = hex("48 65 6c 6c 6f");
  MessageReader reader;
  reader.begin_frame(header_of(Opcode::text, kFin, 5));
  CHECK(reader.add(piece).value().payload.data() == piece.data());
  reader.begin_frame(header_of(Opcode::text, kMore, 0));  // an empty fragment before it changes nothing
  reader.add({});
  reader.begin_frame(header_of(Opcode::continuation, kFin, 5));
  CHECK(reader.add(piece).value().payload.data() == piece.data());
}

TEST("own-message-09 any other message lasts until the next frame begins, whatever becomes of its pieces") {
  MessageReader reader;
  Bytes piece = hex("48 65 6c");
  reader.begin_frame(header_of(Opcode::text, kMore, 3));
  reader.add(piece);
  piece = hex("6c 6f");
  reader.begin_frame(header_of(Opcode::continuation, kFin, 2));
  const Message message = *reader.add(piece);
  piece = hex("00 00");
  CHECK_EQ(message.text(), "Hello");
}

TEST("own-message-10 inside_message() holds from the first frame's header to the last frame's end") {
  MessageReader reader;
  CHECK(!reader.inside_message());
  reader.begin_frame(header_of(Opcode::text, kMore, 1));
  CHECK(reader.inside_message());
  reader.add(hex("61"));
  CHECK(reader.inside_message());
  reader.begin_frame(header_of(Opcode::continuation, kFin, 1));
  CHECK(reader.inside_message());
  reader.add(hex("62"));
  CHECK(!reader.inside_message());
}

TEST("own-message-11 after its memory was given back a reader reads on") {
  MessageReader reader;
  CHECK_EQ(read(reader, {{Opcode::text, kMore, "a"}, {Opcode::continuation, kFin, "b"}}), "text \"ab\"");
  reader.release_memory();
  CHECK_EQ(read(reader, {{Opcode::text, kMore, "c"}, {Opcode::continuation, kFin, "d"}}), "text \"cd\"");
}

TEST("own-message-12 an owned message is a copy, and can be sent like any other") {
  Bytes memory = hex("48 65 6c 6c 6f");
  const OwnedMessage owned(Message{Opcode::text, memory});
  memory.assign(5, 0);
  CHECK(owned.is_text());
  CHECK_EQ(owned.text(), "Hello");
  const Message again = owned;
  CHECK(again.opcode == Opcode::text);
  CHECK_EQ(again.text(), "Hello");
  CHECK(!Message{}.is_text());
}

// ---- Sending ----

TEST("6.1-06 the first frame says text or binary, fragmented or not") {
  const Bytes payload = hex("61 62 63");
  CHECK_EQ(fragment({Opcode::text, payload}, 0, 0), "text, fin, 3 bytes: 61 62 63");
  CHECK_EQ(fragment({Opcode::binary, payload}, 0, 0), "binary, fin, 3 bytes: 61 62 63");
  CHECK_EQ(fragment({Opcode::text, payload}, 0, 2), "text, 2 bytes: 61 62");
  CHECK_EQ(fragment({Opcode::binary, payload}, 0, 2), "binary, 2 bytes: 61 62");
}

TEST("6.1-07 the last frame, and only that, has FIN") {
  const Bytes payload = hex("61 62 63 64 65");
  const Message message{Opcode::text, payload};
  CHECK_EQ(fragment(message, 0, 2), "text, 2 bytes: 61 62");
  CHECK_EQ(fragment(message, 2, 2), "continuation, 2 bytes: 63 64");
  CHECK_EQ(fragment(message, 4, 2), "continuation, fin, 1 byte: 65");
}

TEST("6.1-05 for every max_frame_payload: as few fragments as it takes, none of them empty") {
  const Bytes payload = hex("00 01 02 03 04 05 06");
  constexpr std::array<std::size_t, 10> frames = {1, 7, 4, 3, 2, 2, 2, 1, 1, 1};  // by max_frame_payload
  for (std::size_t max = 0; max < frames.size(); ++max) {
    Bytes sent;
    std::size_t count = 0;
    for (bool last = false; !last; ++count) {
      const Fragment fragment = fragment_at({Opcode::binary, payload}, sent.size(), max);
      CHECK(max == 0 || fragment.payload.size() <= max);
      CHECK_EQ(fragment.header.payload_length, fragment.payload.size());
      CHECK(fragment.header.opcode == (sent.empty() ? Opcode::binary : Opcode::continuation));
      CHECK(fragment.payload.data() == payload.data() + sent.size());
      sent.insert(sent.end(), fragment.payload.begin(), fragment.payload.end());
      last = fragment.header.fin;
      CHECK_EQ(last, sent.size() == payload.size());
    }
    CHECK_EQ(to_hex(sent), to_hex(payload));
    CHECK_EQ(count, frames[max]);
  }
}

TEST("6.2-04 an empty message is one frame, with FIN, whatever max_frame_payload is") {
  CHECK_EQ(fragment({Opcode::text, {}}, 0, 0), "text, fin, 0 bytes: ");
  CHECK_EQ(fragment({Opcode::text, {}}, 0, 1), "text, fin, 0 bytes: ");
}

TEST("6.1-04 a frame is its header and its payload, masked if the header has a key") {
  const Bytes hello = hex("48 65 6c 6c 6f");
  Bytes out = hex("aa bb");
  FrameHeader header = header_of(Opcode::text, kFin, 5);
  append_frame(out, header, hello);
  CHECK_EQ(to_hex(out), "aa bb 81 05 48 65 6c 6c 6f");
  out.clear();
  header.masking_key = MaskingKey{0x37, 0xfa, 0x21, 0x3d};
  append_frame(out, header, hello);
  append_frame(out, header_of(Opcode::ping, kFin, 0), {});
  CHECK_EQ(to_hex(out), "81 85 37 fa 21 3d 7f 9f 4d 51 58 89 00");
  CHECK_EQ(to_hex(hello), "48 65 6c 6c 6f");  // the caller's bytes stay as they are
}

TEST("5.7-05 a frame of 256 bytes") {
  Bytes out;
  append_frame(out, header_of(Opcode::binary, kFin, 256), Bytes(256, 0xab));
  CHECK_EQ(to_hex(out), to_hex(hex("82 7e 01 00") + Bytes(256, 0xab)));
}

TEST("6.1-01 frames_of() makes every frame of a message, without masks") {
  const Bytes payload = hex("61 62 63 64 65");
  CHECK_EQ(to_hex(frames_of({Opcode::text, payload}, 0)), "81 05 61 62 63 64 65");
  CHECK_EQ(to_hex(frames_of({Opcode::binary, payload}, 2)), "02 02 61 62 00 02 63 64 80 01 65");
  CHECK_EQ(to_hex(frames_of({Opcode::text, {}}, 2)), "81 00");
}

TEST("own-message-13 who stops lets go of what extensions hold, in the middle of a message, too") {
  const auto memory = std::make_shared<int>(0);
  AgreedExtension holding;
  holding.decode = [memory](ByteView, bool, const PieceOutput&) {};
  MessageReader reader(kDefaultMaxMessage, {holding});
  holding = {};
  CHECK_EQ(memory.use_count(), 2);
  reader.begin_frame(header_of(Opcode::text, kMore, 5));
  reader.stop();
  CHECK_EQ(memory.use_count(), 1);
}
