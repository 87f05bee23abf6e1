// Chapter 08: UTF-8. The validator follows a table byte by byte, and passes over long ASCII in blocks. Both have to
// agree with the published texts, and with a decoder that works quite differently.
#include "protocol/utf8.h"

#include <array>
#include <optional>

#include "check.h"
#include "slow_utf8.h"
#include "utf8_vectors.h"
#include "wire.h"

using namespace websock;

namespace {

// The index of the first byte that `Checker` refuses; kEnd if it refuses none, but the text is not complete;
// nothing if all is in order.
template <class Checker>
std::optional<std::size_t> fails_at(ByteView text) {
  Checker checker;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (!checker.feed(text.subspan(i, 1))) return i;
  }
  if (!checker.complete()) return kEnd;
  return std::nullopt;
}

// Two of each kind of byte that the grammar tells apart, or one where there is but one.
const Bytes kEdgeBytes = hex("00 7f 80 8f 90 9f a0 bf c0 c1 c2 df e0 e1 ec ed ee ef f0 f1 f3 f4 f5 f8 fc fe ff");

// Counts, since a check for each of 16 million texts would take its time.
struct Disagreements {
  int count = 0;
  std::string first;

  void note(bool agree, ByteView text) {
    if (!agree && count++ == 0) first = to_hex(text);
  }
};
std::string to_string(const Disagreements& d) {
  return d.count == 0 ? "none" : std::to_string(d.count) + ", the first at " + d.first;
}

}  // namespace

// ---- The published texts ----

TEST("5.6-03 valid texts up to U+10FFFF are accepted") {
  for (const ValidText& row : kValidTexts) {
    const std::string name = std::string(row.bytes) + " (" + row.meaning + "): ";
    const bool valid = is_valid_utf8(text_of(hex(row.bytes)));
    CHECK_EQ(name + (valid ? "valid" : "invalid"), name + "valid");
    CHECK(!fails_at<Utf8Validator>(hex(row.bytes)));
  }
}

TEST("8.1-01 invalid texts are refused, at the first byte that cannot be right") {
  for (const InvalidText& row : kInvalidTexts) {
    const std::string name = std::string(row.bytes) + " (" + row.why + "): ";
    const Bytes text = hex(row.bytes);
    const bool valid = is_valid_utf8(text_of(text));
    CHECK_EQ(name + (valid ? "valid" : "invalid"), name + "invalid");
    CHECK_EQ(fails_at<Utf8Validator>(text), std::optional(row.at));
  }
}

TEST("5.6-02 a piece may end inside a character, the whole text may not") {
  Utf8Validator text;
  CHECK(text.feed(hex("f0 90")));  // U+10348 is f0 90 8d 88
  CHECK(!text.complete());
  CHECK(text.feed(hex("8d")));
  CHECK(!text.complete());
  CHECK(text.feed({}));
  CHECK(!text.complete());
  CHECK(text.feed(hex("88")));
  CHECK(text.complete());
}

// ---- Promises of our own ----

TEST("own-utf8-01 an empty text is valid") {
  CHECK(is_valid_utf8(""));
  CHECK(Utf8Validator().complete());
}

TEST("own-utf8-02 a piece with a bad byte is refused, whatever comes before and after it in the piece") {
  for (const InvalidText& row : kInvalidTexts) {
    if (row.at == kEnd) continue;
    Utf8Validator text;
    CHECK(!text.feed(Bytes(50, 'a') + hex(row.bytes) + Bytes(50, 'a')));
  }
}

TEST("own-utf8-03 the slow decoder, too, gives the published answers") {
  for (const ValidText& row : kValidTexts) CHECK(!fails_at<SlowUtf8Decoder>(hex(row.bytes)));
  for (const InvalidText& row : kInvalidTexts)
    CHECK_EQ(fails_at<SlowUtf8Decoder>(hex(row.bytes)), std::optional(row.at));
}

TEST("own-utf8-04 byte by byte, all texts up to three bytes and all characters of four agree") {
  Disagreements found;
  Bytes text;
  const auto try_every_next_byte = [&](const Utf8Validator& validator, const SlowUtf8Decoder& decoder,
                                       const auto& self) -> void {
    for (unsigned byte = 0; byte <= 0xff; ++byte) {
      text.push_back(static_cast<std::uint8_t>(byte));
      Utf8Validator next_validator = validator;
      SlowUtf8Decoder next_decoder = decoder;
      const bool accepted = next_decoder.feed(ByteView(text).last(1));
      found.note(next_validator.feed(ByteView(text).last(1)) == accepted, text);
      if (accepted) {
        found.note(next_validator.complete() == next_decoder.complete(), text);
        if (text.size() < 3 || (text.size() == 3 && text[0] >= 0xf0)) self(next_validator, next_decoder, self);
      }
      text.pop_back();
    }
  };
  try_every_next_byte(Utf8Validator(), SlowUtf8Decoder(), try_every_next_byte);
  CHECK_EQ(to_string(found), "none");
}

TEST("own-utf8-05 whole, all texts of three bytes with ASCII behind them get the same answer") {
  Disagreements found;
  std::array<std::uint8_t, 7> text = {0, 0, 0, 'a', 'b', 'c', 'd'};
  for (unsigned a = 0; a <= 0xff; ++a) {
    text[0] = static_cast<std::uint8_t>(a);
    for (unsigned b = 0; b <= 0xff; ++b) {
      text[1] = static_cast<std::uint8_t>(b);
      SlowUtf8Decoder two;
      const bool two_accepted = two.feed(ByteView(text).first(2));
      for (unsigned c = 0; c <= 0xff; ++c) {
        text[2] = static_cast<std::uint8_t>(c);
        SlowUtf8Decoder three = two;
        const bool valid = two_accepted && three.feed(ByteView(text).subspan(2, 1)) && three.complete();
        if (is_valid_utf8(text_of(text)) != valid) found.note(false, text);
      }
    }
  }
  CHECK_EQ(to_string(found), "none");
}

TEST("own-utf8-06 whole, one to four bytes at the edges of the grammar get the same answer") {
  Disagreements found;
  for (const std::uint8_t a : kEdgeBytes)
    for (const std::uint8_t b : kEdgeBytes)
      for (const std::uint8_t c : kEdgeBytes)
        for (const std::uint8_t d : kEdgeBytes) {
          const std::array<std::uint8_t, 4> text = {a, b, c, d};
          for (std::size_t size = 1; size <= 4; ++size) {
            const ByteView start = ByteView(text).first(size);
            found.note(is_valid_utf8(text_of(start)) == slowly_valid_utf8(start), start);
          }
        }
  CHECK_EQ(to_string(found), "none");
}

// ---- Every place, every split ----

TEST("own-utf8-07 three bytes at the edges of the grammar get the same answer in any place of a long text") {
  Disagreements found;
  const Bytes ascii(72, 'a');
  const Bytes mixed = hex("61 c3 a9 e6 bc a2 62 f0 9f 98 80 63");  // characters of 1 2 3 1 4 1 bytes
  for (const Bytes& around : {ascii, mixed + mixed + mixed + Bytes(33, 'a') + mixed}) {
    for (std::size_t place = 0; place <= around.size(); ++place) {
      if (!slowly_valid_utf8(ByteView(around).first(place))) continue;  // inside a character
      Bytes text = around;
      text.insert(text.begin() + static_cast<std::ptrdiff_t>(place), 3, 0);
      for (const std::uint8_t a : kEdgeBytes)
        for (const std::uint8_t b : kEdgeBytes)
          for (const std::uint8_t c : kEdgeBytes) {
            text[place] = a;
            text[place + 1] = b;
            text[place + 2] = c;
            const bool valid = slowly_valid_utf8(ByteView(text).subspan(place, 3));
            found.note(is_valid_utf8(text_of(text)) == valid, text);
          }
    }
  }
  CHECK_EQ(to_string(found), "none");
}

TEST("own-utf8-08 every published text gets its answer in any place of a long text") {
  for (std::size_t place = 0; place <= 70; ++place) {
    const Bytes before(place, 'a');
    const Bytes after(70 - place, 'z');
    for (const ValidText& row : kValidTexts) CHECK(is_valid_utf8(text_of(before + hex(row.bytes) + after)));
    for (const InvalidText& row : kInvalidTexts) CHECK(!is_valid_utf8(text_of(before + hex(row.bytes) + after)));
  }
}

TEST("own-utf8-09 every published text gets its answer however it is cut") {
  const auto valid_in_pieces = [](const std::vector<ByteView>& pieces) {
    Utf8Validator text;
    for (const ByteView piece : pieces) {
      if (!text.feed(piece)) return false;
    }
    return text.complete();
  };
  for (const ValidText& row : kValidTexts)
    for_each_split(hex(row.bytes), [&](const auto& pieces) { CHECK(valid_in_pieces(pieces)); });
  for (const InvalidText& row : kInvalidTexts)
    for_each_split(hex(row.bytes), [&](const auto& pieces) { CHECK(!valid_in_pieces(pieces)); });
}

TEST("own-utf8-10 what lies in memory behind a piece is not looked at, though it would complete a character") {
  for (const ValidText& row : kValidTexts) {
    const Bytes text = Bytes(40, 'a') + hex(row.bytes);
    for (std::size_t start = 0; start <= 40; ++start) {
      for (std::size_t end = 40; end <= text.size(); ++end) {
        const ByteView cut = ByteView(text).subspan(start, end - start);
        CHECK_EQ(is_valid_utf8(text_of(cut)), slowly_valid_utf8(cut));
      }
    }
  }
}

// ---- The blocks of ASCII that are passed over ----

TEST("own-utf8-11 a character that is open does not end behind ASCII, however much of it there is") {
  for (std::size_t place = 0; place <= 70; ++place) {
    for (const std::size_t count : {1u, 31u, 32u, 33u, 64u, 96u}) {
      const Bytes begin = Bytes(place, 'a') + hex("c3");
      const Bytes end = Bytes(count, 'a') + hex("a9");
      CHECK(!is_valid_utf8(text_of(begin + end)));
      Utf8Validator text;
      CHECK(text.feed(begin));
      CHECK(!text.feed(end));
    }
  }
}

TEST("own-utf8-12 a continuation byte among zeros is no ASCII") {
  for (std::size_t place = 0; place < 64; ++place) {
    Bytes text(64);
    text[place] = 0x80;
    CHECK(!is_valid_utf8(text_of(text)));
  }
}
