// The UTF-8 validator and its fast paths, against the slow decoder.
#include "protocol/utf8.h"

#include "protocol/slow_utf8.h"
#include "targets.h"

namespace fuzz {
namespace {

// How many pieces `Checker` accepts; one more if after all of them the text is complete.
template <class Checker>
std::size_t accepted(const std::vector<ByteView>& pieces) {
  Checker checker;
  std::size_t count = 0;
  for (; count < pieces.size(); ++count) {
    if (!checker.feed(pieces[count])) return count;
  }
  return checker.complete() ? count + 1 : count;
}

}  // namespace

void check_utf8(ByteView input) {
  std::vector<ByteView> single;
  for (std::size_t i = 0; i < input.size(); ++i) single.push_back(input.subspan(i, 1));
  for (const std::vector<ByteView>& pieces : {std::vector<ByteView>{input}, single, cut(input)}) {
    require(accepted<websock::Utf8Validator>(pieces) == accepted<SlowUtf8Decoder>(pieces),
            "the validator refuses the same piece as the slow decoder");
  }
  const bool valid = websock::is_valid_utf8(websock::text_of(input));
  require(valid == (accepted<SlowUtf8Decoder>(single) == input.size() + 1), "the whole text gets the same answer");
}

}  // namespace fuzz
