// A whole message as JSON: its text, and its characters one by one, with their bits. A fragment may end inside a
// character; a message may not.
//
//     01 02 f09f   80 02 9880      U+1F600     f0 11110|000   9f 10|011111   98 10|011000   80 10|000000
//                                                                            cut: the second fragment begins here
#include <algorithm>
#include <cstdio>

#include "event_json.h"
#include "tap/rows.h"
#include "visible.h"

using namespace websock;

namespace {

constexpr std::size_t kCharacters = 48;  // of a message that are shown one by one

// The bits of a byte of UTF-8: those that say how it is written, and those of the number. `cut`: a fragment begins
// here. How many lead bits: 0, 10, 110, 1110 or 11110 is what a byte may begin with (RFC 3629 section 3).
JsonObject byte_json(std::uint8_t byte, bool cut) {
  const std::size_t lead = byte < 0x80 ? 1 : byte < 0xc0 ? 2 : byte < 0xe0 ? 3 : byte < 0xf0 ? 4 : 5;
  std::string bits;
  for (int bit = 7; bit >= 0; --bit) bits += (byte >> bit & 1) != 0 ? '1' : '0';
  return {{"hex", hex_of({&byte, 1})}, {"lead", bits.substr(0, lead)}, {"bits", bits.substr(lead)}, {"cut", cut}};
}

// The first characters, not all: each is some hundred bytes of JSON, and nobody reads more. The stage has checked the
// text. What is kept of it may end inside a character, which characters_of() leaves out. REQUIRES: not compressed, or
// the fragments' sizes would not be places in the text.
JsonArray characters_json(const MessageHeard& heard) {
  JsonArray array;
  const std::string_view all = text_of(heard.beginning);
  for (const Character& character : characters_of(all)) {
    if (array.size() == kCharacters) break;
    JsonArray bytes;
    for (std::size_t i = 0; i < character.bytes.size(); ++i) {
      // Where in the message the byte stands: the views point into `all`.
      const auto at = static_cast<std::uint64_t>(character.bytes.data() - all.data()) + i;
      // They are in order, and none is missing: what is kept of a text ends where the cuts end.
      const bool cut = std::binary_search(heard.cuts.begin(), heard.cuts.end(), at);
      bytes.push_back(byte_json(static_cast<std::uint8_t>(character.bytes[i]), cut));
    }
    // "U+10FFFF" and a NUL are nine.
    char code_point[16];
    std::snprintf(code_point, sizeof code_point, "U+%04X", static_cast<unsigned>(character.code_point));
    // A space is drawn as an open box: one would not see it.
    array.push_back(JsonObject{
        {"glyph", character.code_point == ' ' ? "\u2423" : character.glyph}, {"cp", code_point}, {"bytes", bytes}});
  }
  return array;
}

}  // namespace

// "nth" is how the page knows which onmessage this was: it counts its own, and clocks could not tell. "whole" is false
// where the message is longer than what was kept. A text that is compressed by an extension we do not know is null,
// like binary.
JsonObject message_json(const MessageHeard& heard, Role sender) {
  const bool is_text = heard.opcode == Opcode::text && (!heard.compressed || heard.inflated);
  // Bytes of what it says, not of what it took.
  const std::uint64_t said = heard.inflated ? heard.inflated->bytes : heard.length;
  return {{"e", "message"},
          {"from", side_of(sender)},
          {"nth", heard.nth},
          {"kind", to_string(heard.opcode)},
          {"first", heard.first_frame},
          {"frames", heard.frames},
          {"len", heard.length},
          {"compressed", heard.compressed},
          {"text", is_text ? Json(visible(text_of(heard.beginning))) : Json()},
          {"whole", heard.beginning.size() == said},
          {"chars", is_text && !heard.compressed ? characters_json(heard) : JsonArray()}};
}
