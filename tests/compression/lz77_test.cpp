// Chapter 20: Finding what has been said before. Tokens, put back into text one by one, are the text; and no match
// reaches further than it may.
#include "compression/lz77.h"

#include <random>

#include "check.h"
#include "memory.h"
#include "wire.h"

using namespace websock;

namespace {

// "t o _ (5,13)": the tokens of a text.
std::string tokens_of(MatchFinder& finder, std::string_view text) {
  ByteView left = bytes_of(text);
  std::string shown;
  while (const auto piece = finder.next_piece(left)) {
    for (const Token token : piece->tokens) {
      if (!shown.empty()) shown += ' ';
      if (token.distance == 0) {
        shown += static_cast<char>(token.length);
      } else {
        shown += '(' + std::to_string(token.length) + ',' + std::to_string(token.distance) + ')';
      }
    }
  }
  return shown;
}

// Appends what the tokens of `message` stand for to `text`; how far back the furthest match reaches.
std::size_t put_back(MatchFinder& finder, ByteView message, Bytes& text, std::size_t& pieces) {
  std::size_t furthest = 0;
  while (const auto piece = finder.next_piece(message)) {
    const std::size_t before = text.size();
    for (const Token token : piece->tokens) {
      if (token.distance == 0) text.push_back(static_cast<std::uint8_t>(token.length));
      for (int i = 0; token.distance > 0 && i < token.length; ++i) text.push_back(text[text.size() - token.distance]);
      furthest = std::max<std::size_t>(furthest, token.distance);
    }
    pieces += text.size() - before == piece->bytes.size() ? 1u : 1000u;
  }
  return furthest;
}

}  // namespace

TEST("own-lz77-01 what has been said before is a match, and a match may overlap itself") {
  MatchFinder finder;
  CHECK_EQ(tokens_of(finder, "to be or not to be"), "t o   b e   o r   n o t   (5,13)");
  finder.forget();
  CHECK_EQ(tokens_of(finder, "aaaaaaaa"), "a (7,1)");
  finder.forget();
  CHECK_EQ(tokens_of(finder, "abcabcabcab"), "a b c (8,3)");
}

TEST("own-lz77-02 a longer match that begins a byte later is preferred") {
  MatchFinder finder;
  CHECK_EQ(tokens_of(finder, "abc.bcdef.abcdef"), "a b c . b c d e f . a (5,7)");
}

TEST("own-lz77-03 a match may reach into an earlier text, and across its end; not after forget()") {
  MatchFinder finder;
  CHECK_EQ(tokens_of(finder, "Hello"), "H e l l o");
  CHECK_EQ(tokens_of(finder, "Hello"), "(5,5)");
  CHECK_EQ(tokens_of(finder, "oHello"), "(6,6)");
  finder.forget();
  CHECK_EQ(tokens_of(finder, "Hello"), "H e l l o");
  finder.release_memory();
  CHECK_EQ(tokens_of(finder, "Hello"), "H e l l o");
  CHECK_EQ(tokens_of(finder, "Hello"), "(5,5)");
}

TEST("own-lz77-04 put back, the tokens are the text, and no match leaves the window") {
  std::mt19937 random(1977);
  for (int bits = 8; bits <= kMaxWindowBits; ++bits) {
    const std::size_t window = std::size_t{1} << bits;
    MatchFinder finder(bits);
    Bytes text;
    std::size_t furthest = 0;
    bool same = true;
    for (int round = 0; round < 150; ++round) {
      Bytes message;
      const std::size_t size = random() % 10 == 0 ? random() % 200000 : random() % 400;
      while (message.size() < size) {
        const std::size_t back = 1 + random() % (2 * window);
        const Bytes& source = random() % 2 == 0 ? message : text;
        if (back > source.size() || random() % 4 == 0) {
          message.push_back(static_cast<std::uint8_t>(random() % 7));
        } else {
          const auto from = source.end() - static_cast<std::ptrdiff_t>(back);
          const Bytes again(from, from + static_cast<std::ptrdiff_t>(std::min<std::size_t>(back, 3 + random() % 300)));
          message.insert(message.end(), again.begin(), again.end());
        }
      }
      if (round % 40 == 39) finder.release_memory();
      const std::size_t before = text.size();
      std::size_t pieces = 0;
      furthest = std::max(furthest, put_back(finder, message, text, pieces));
      same = same && Bytes(text.begin() + static_cast<std::ptrdiff_t>(before), text.end()) == message && pieces < 1000;
      if (text.size() > 300000) text.erase(text.begin(), text.end() - 100000);
    }
    CHECK(same);
    CHECK(furthest <= window);
    CHECK(furthest > window * 3 / 4);
  }
}

TEST("own-lz77-06 from 12 bits on all memory of a finder is the system's, which takes it back at once") {
  static int mapped = 0;
  static void* (*const usual)(std::size_t) = map_pages;
  for (const int bits : {12, 13, 14, 15}) {
    mapped = 0;
    map_pages = [](std::size_t size) {
      ++mapped;
      return usual(size);
    };
    const long before = allocations_held;
    MatchFinder finder(bits);
    ByteView text = bytes_of("Hello, Hello");
    finder.next_piece(text);
    const Bytes longer(40'000);
    text = longer;
    finder.next_piece(text);
    map_pages = usual;
    CHECK_EQ(mapped, 2);                     // the block, and a larger one instead of it
    CHECK_EQ(allocations_held, before + 1);  // ours, `longer`
  }
}

TEST("own-lz77-05 after forget() no match reaches back past it, whatever the chains still hold") {
  MatchFinder finder(9);
  const std::string text = "the same words every time, and again the same words";
  const std::string first = tokens_of(finder, text);
  for (int round = 0; round < 2000; ++round) {  // the places of 16 bits come round more than once
    finder.forget();
    CHECK_EQ(tokens_of(finder, text), first);
  }
}
