// UTF-8: RFC 3629, which RFC 6455 demands of every text message and every close reason (sections 5.6 and 8.1).
#pragma once

#include "../bytes.h"

namespace websock {

// Where in a text we are: all that one has to know of it to judge the next byte. utf8.cpp tells why these values.
// Reading the chapter, or writing a validator of your own, you need only the names.
enum class Utf8Place : std::uint8_t {
  invalid = 0,  // no text begins like this
  between_characters = 6,
  one_left = 12,  // bytes of a character
  two_left = 18,
  three_left = 24,
  after_e0 = 30,  // two are left (after f0 and f4: three), and only some continuation bytes may be the next
  after_ed = 36,
  after_f0 = 42,
  after_f4 = 48,
};

// Checks a text that arrives in pieces; a piece may end inside a character.
//
//     Utf8Validator text;
//     text.feed(first) && text.feed(second) && text.complete()
class Utf8Validator {
 public:
  // False if no valid text begins with what was fed so far.
  bool feed(ByteView bytes);

  // Whether the text so far ends between two characters, as a whole text must.
  bool complete() const { return place_ == Utf8Place::between_characters; }

 private:
  Utf8Place place_ = Utf8Place::between_characters;
};

// Whether `text` is valid and complete.
bool is_valid_utf8(std::string_view text);

}  // namespace websock
