// UTF-8: RFC 3629, which RFC 6455 demands of every text message and every close reason (sections 5.6 and 8.1).
#pragma once

#include "bytes.h"

namespace websock {

// Checks a text that arrives in pieces; a piece may end inside a character.
//
//     Utf8Validator text;
//     text.feed(first) && text.feed(second) && text.complete()
class Utf8Validator {
 public:
  // False at the first byte that no valid text can have in this place. After that the validator is spent.
  bool feed(ByteView bytes);

  // Whether the text so far ends between two characters, as a whole text must.
  bool complete() const { return needed_ == 0; }

 private:
  bool step(std::uint8_t byte);

  // Between characters needed_ is 0. Inside one, the next byte has to lie between lowest_ and highest_.
  std::uint8_t needed_ = 0;
  std::uint8_t lowest_ = 0;
  std::uint8_t highest_ = 0;
};

// Whether `text` is valid and complete.
bool is_valid_utf8(std::string_view text);

}  // namespace websock
