// Whatever is deflated comes out again, with every window, message after message.
#include "compression/deflate.h"

#include "compression/inflate.h"
#include "targets.h"

namespace fuzz {

void check_deflate(ByteView input) {
  for (const int bits : {8, 9, 15}) {
    websock::Deflater deflater(bits);
    websock::Inflater inflater(bits);
    for (const ByteView message : {input, input.first(input.size() / 2), input}) {
      Bytes deflated;
      deflater.deflate(message, deflated);
      require(deflated.size() <= message.size() + 1 + 5 * (message.size() / 16000 + 1), "it hardly grows");
      Bytes text;
      const auto append = [&](ByteView out) { text.insert(text.end(), out.begin(), out.end()); };
      inflater.add(deflated, append);
      inflater.end_message(append);
      require(text == Bytes(message.begin(), message.end()), "it comes out as it went in");
    }
  }
}

}  // namespace fuzz
