// Tokens, put back into text one by one, are the text, message after message; and no match leaves the window.
#include "compression/lz77.h"

#include "targets.h"

namespace fuzz {

void check_lz77(ByteView input) {
  for (const int bits : {8, 12, 15}) {
    websock::MatchFinder finder(bits);
    Bytes text;
    std::size_t reachable = 0;  // no match may reach back to before this
    for (const ByteView message : {input, input.first(input.size() / 2), input, input}) {
      const std::size_t before = text.size();
      ByteView left = message;
      while (const auto piece = finder.next_piece(left)) {
        for (const websock::Token token : piece->tokens) {
          if (token.distance == 0) {
            text.push_back(static_cast<std::uint8_t>(token.length));
            continue;
          }
          require(token.length >= websock::kMinMatch && token.length <= websock::kMaxMatch, "a match can be said");
          require(token.distance <= std::size_t{1} << bits, "no match leaves the window");
          require(token.distance <= text.size() - reachable, "no match reaches what is forgotten");
          for (int i = 0; i < token.length; ++i) text.push_back(text[text.size() - token.distance]);
        }
      }
      require(Bytes(text.begin() + static_cast<std::ptrdiff_t>(before), text.end()) ==
                  Bytes(message.begin(), message.end()),
              "put back, the tokens are the text");
      // Before the third message and the fourth all is forgotten, in either way.
      if (before == 0) continue;
      if (message.size() == input.size()) finder.release_memory();
      finder.forget();
      reachable = text.size();
    }
  }
}

}  // namespace fuzz
