// A frame's header, field by field, with the sentence that glass shows beside each. It is read here once more, without
// the rules: a frame that breaks one is exactly what a reader wants to see dissected.
//
//     81 85 37fa213d 7f9f4d5158
//     |  |  |        payload     at 6, 5 bytes, masked
//     |  |  key                  at 2, 4 bytes
//     |  MASK, length            both at 1, in one byte: their bits tell them apart
//     FIN, RSV, opcode           all at 0
//
// A Field is written here as {id, at, size, kind, name, value, say, section, chapter}. Each function picks the sentence
// of a frame that is right first, and a broken rule replaces it. What came before the frame is not known here, so no
// sentence depends on that.
#include "explain.h"

#include "tap/rows.h"

using namespace websock;

namespace {

// The index is the opcode (5.2).
constexpr std::array<const char*, 16> kNames = {
    "continuation", "text", "binary", "reserved", "reserved", "reserved", "reserved", "reserved",
    "close",        "ping", "pong",   "reserved", "reserved", "reserved", "reserved", "reserved"};

// The low `count` bits, the most significant first: as the RFC draws a byte.
std::string digits_of(unsigned value, int count) {
  std::string digits;
  for (int bit = count - 1; bit >= 0; --bit) digits += (value >> bit & 1) != 0 ? '1' : '0';
  return digits;
}

// "65,536"
std::string counted(std::uint64_t number) {
  std::string text = std::to_string(number);
  for (std::size_t at = text.size(); at > 3;) text.insert(at -= 3, 1, ',');
  return text;
}

// 5.5: the top bit of the four. So it is told even of an opcode that is reserved.
bool is_control(const Anatomy& frame) { return frame.opcode >= 8; }

// Whether the message ends here. Of a control frame it says something else: it may not be split at all (5.5).
Field fin_field(const Anatomy& frame) {
  std::string say = "This frame ends its message, and begins it, too: the message is whole.";
  if (!frame.fin) say = "More of this message follows, in continuation frames.";
  if (frame.fin && frame.opcode == 0) say = "The message ends with this frame.";
  if (is_control(frame)) {
    say = frame.fin ? "A control frame is never split, so this bit is always 1."
                    : "A control frame may not be split: this bit has to be 1.";
    return {"fin", 0, 1, "flags", "FIN", frame.fin ? "1" : "0", say, "5.5", "06-frame"};
  }
  return {"fin", 0, 1, "flags", "FIN", frame.fin ? "1" : "0", say, "5.4", "10-message"};
}

// Three bits for extensions. Which of them were agreed on is not known here, so RSV1 gets both readings.
Field rsv_field(const Anatomy& frame) {
  std::string say = "Reserved for extensions. None of the three is in use here, so all are 0.";
  if (frame.rsv == 0b100)
    say =
        "RSV1 is set: with permessage-deflate that says \u201cthis message is compressed\u201d. Without it, this "
        "breaks a rule.";
  if ((frame.rsv & 0b011) != 0) say = "A reserved bit is set. Only an extension that both sides agreed on may do that.";
  return {"rsv", 0, 1, "flags", "RSV1\u20133", digits_of(frame.rsv, 3), say, "5.2", "06-frame"};
}

// What kind of frame it is. The default stands for the ten numbers that are reserved: a stranger may send any of them,
// and no receiver may guess what it means.
Field opcode_field(const Anatomy& frame) {
  constexpr std::string_view kReserved =
      "Nobody knows what this means: the number is reserved. A receiver has to hang up.";
  std::string_view say = kReserved;
  std::string chapter = "06-frame";
  std::string rule = "5.2";
  switch (frame.opcode) {
    case 0:
      say = "This frame goes on with the message that an earlier frame began.", rule = "5.4", chapter = "10-message";
      break;
    case 1:
      say = "The message is text: its bytes have to be UTF-8, and are checked as they arrive.", rule = "5.6",
      chapter = "08-utf8";
      break;
    case 2:
      say = "The message is binary: any bytes at all, and nobody checks them.", rule = "5.6";
      break;
    case 8:
      say = "Goodbye. It is the last frame that its sender sends; the other side answers with a Close of its own.",
      rule = "5.5.1", chapter = "12-ending";
      break;
    case 9:
      say = "\u201cAre you there?\u201d The other side answers with a Pong. No script is ever told.", rule = "5.5.2",
      chapter = "11-living";
      break;
    case 10:
      say = "The answer to a Ping. The browser or the library sends it by itself: no script asked for it.",
      rule = "5.5.3", chapter = "11-living";
      break;
    default:
      break;
  }
  std::string value = {"0123456789abcdef"[frame.opcode], ' '};
  return {"opcode", 0, 1, "flags", "opcode", value + frame.opcode_name(), std::string(say), rule, chapter};
}

// 5.1: a client masks, a server does not; and a receiver that sees it the other way round has to end the connection.
// Who has to do that depends on who sent it, and is called by its name: browser or client.
Field mask_field(const Anatomy& frame, Role sender, const View& view) {
  const bool client = sender == Role::client;
  const std::string name = view.name_of(Role::client);
  std::string say =
      client ? "The payload is masked, and the four bytes of the key come first. A " + name +
                   " has to mask; a server must not."
             : "Not masked, so no key follows. If a server set this bit to 1, the " + name + " would have to hang up.";
  // The rule is broken: one of the two, by either side.
  if (client != frame.masked) {
    say = client ? "Not masked. A client has to mask every frame, so the server has to hang up."
                 : "Masked, by a server. It must not do that: the " + name + " has to hang up.";
  }
  return {"mask", 1, 1, "flags", "MASK", frame.masked ? "1" : "0", say, "5.1", "07-mask"};
}

// The seven bits, and not the length: 126 and 127 would be wrong as lengths.
Field length_field(const Anatomy& frame) {
  const std::string value = std::to_string(frame.short_length);
  std::string say =
      "The payload's length. Up to 125 it stands in these seven bits; 126 and 127 are signs that a longer number "
      "follows.";
  if (frame.short_length == 126) say = "126 is not a length. It says: the length is in the next two bytes.";
  if (frame.short_length == 127) say = "127 is not a length. It says: the length is in the next eight bytes.";
  return {"length", 1, 1, "flags", "length", value, say, "5.2", "06-frame"};
}

// The length in the bytes behind the first two. REQUIRES: there are any, short_length is 126 or 127.
Field long_length_field(const Anatomy& frame) {
  const std::size_t size = frame.short_length == 126 ? 2 : 8;
  // 5.2: "the minimal number of bytes MUST be used". 7e 0005 is as wrong as 7f ... 0005.
  const bool fits = frame.length < 126 || (size == 8 && frame.length < 65'536);
  const std::string say =
      fits ? "This length would have fitted into fewer bytes. There is one way to write each length: the shortest."
           : "The length itself, most significant byte first. " +
                 std::string(size == 2 ? "Two bytes reach up to 65,535." : "Eight bytes reach further than any disk.");
  return {"long", 2, size, "length", "length", counted(frame.length), say, "5.2", "06-frame"};
}

// The payload that the header announces. It need not be there yet, and 2^63 bytes never will be. What to say of a
// missing mask depends on who sent the frame: a client is not excused with what a server does.
Field payload_field(const Anatomy& frame, Role sender, const View& view) {
  const std::string bytes = counted(frame.length) + (frame.length == 1 ? " byte" : " bytes");
  std::string say = "As it is: what the " + view.name_of(Role::server) + " sends is never masked.";
  if (sender == Role::client) say = "As it is. It should have been XORed with a key: what a client sends is masked.";
  if (frame.masked)
    say =
        "Each byte is XORed with a byte of the key, in turn. XOR it with the same byte again, and it is back: the key "
        "travels along, so anybody can.";
  return {"payload",
          frame.size,
          frame.length,
          frame.masked ? "masked" : "plain",
          "payload",
          bytes,
          say,
          frame.masked ? "5.3" : "5.2",
          frame.masked ? "07-mask" : "06-frame"};
}

}  // namespace

std::string Anatomy::opcode_name() const { return kNames[opcode]; }

// In the order and the words of to_string(FrameHeader), which the tap prints; 0b100 is RSV1, the leftmost of the three.
std::string Anatomy::label() const {
  std::string text = opcode_name() + (fin ? ", fin" : "");
  for (unsigned bit = 0; bit < 3; ++bit) {
    if ((rsv & 0b100 >> bit) != 0) text += ", rsv" + std::to_string(bit + 1);
  }
  return text + (masked ? ", masked" : "");
}

// Takes the header apart as it stands there, and refuses nothing. Nothing: it is not complete. It need not be a header
// at all: whatever two bytes are, they can be read like one.
std::optional<Anatomy> dissect(ByteView bytes) {
  if (bytes.size() < 2) return std::nullopt;
  Anatomy frame;
  frame.fin = (bytes[0] & 0b1000'0000) != 0;
  // Moved down to 0 to 7, to be drawn as three digits. In a FrameHeader they stay where they stand.
  frame.rsv = bytes[0] >> 4 & 0b111;
  frame.opcode = bytes[0] & 0b1111;
  frame.masked = (bytes[1] & 0b1000'0000) != 0;
  frame.short_length = bytes[1] & 0b0111'1111;
  // The first two bytes say how long the header is: 2, 4 or 10, and 4 more with a key.
  const std::size_t extended = frame.short_length == 126 ? 2 : frame.short_length == 127 ? 8 : 0;
  frame.size = 2 + extended + (frame.masked ? 4 : 0);
  if (bytes.size() < frame.size) return std::nullopt;
  frame.length = frame.short_length;
  if (extended == 2) frame.length = get_big_endian_16(bytes.data() + 2);
  if (extended == 8) frame.length = get_big_endian_64(bytes.data() + 2);
  if (frame.masked)
    frame.key.assign(bytes.begin() + 2 + static_cast<std::ptrdiff_t>(extended),
                     bytes.begin() + static_cast<std::ptrdiff_t>(frame.size));
  return frame;
}

// What the page writes above the frame.
std::string title_of(const Anatomy& frame, Role sender, const View& view) {
  const std::string who = "the " + view.name_of(sender);
  switch (frame.opcode) {
    case 0:
      return frame.fin ? "The last part of a message, from " + who : "A further part of a message, from " + who;
    case 1:
    case 2:
      return (frame.fin ? "A " : "The first part of a ") + frame.opcode_name() +
             (frame.fin ? " frame from " : " message, from ") + who;
    case 8:
      return "Goodbye, says " + who;
    case 9:
      return "A Ping from " + who;
    case 10:
      return "A Pong from " + who;
    default:
      return "A frame with a reserved opcode, from " + who;
  }
}

// As they stand in the frame, from the first bit on; this is the order of the list beside it.
std::vector<Field> fields_of(const Anatomy& frame, Role sender, const View& view) {
  std::vector<Field> fields = {fin_field(frame), rsv_field(frame), opcode_field(frame), mask_field(frame, sender, view),
                               length_field(frame)};
  if (frame.short_length > 125) fields.push_back(long_length_field(frame));
  // The last four bytes of the header (5.3): whatever the length took, the key follows it.
  if (frame.masked) {
    fields.push_back({"key", frame.size - 4, 4, "key", "key", hex_of(frame.key),
                      "Four bytes, new for each frame. They hide nothing, since they travel along: they keep a script "
                      "from choosing the bytes on the wire, which once fooled proxies.",
                      "5.3", "07-mask"});
  }
  if (frame.length > 0) fields.push_back(payload_field(frame, sender, view));
  return fields;
}

// The first two bytes, bit by bit: from the third on there are no bits with names.
std::vector<std::vector<Bits>> bits_of(const Anatomy& frame) {
  return {{{"fin", "FIN", frame.fin ? "1" : "0"},
           {"rsv", "RSV1\u20133", digits_of(frame.rsv, 3)},
           {"opcode", "opcode", digits_of(frame.opcode, 4)}},
          {{"mask", "MASK", frame.masked ? "1" : "0"}, {"length", "length", digits_of(frame.short_length, 7)}}};
}
