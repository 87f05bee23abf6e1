// Whatever a client offers, what our server answers is an answer to it: our client, which offers the same, accepts it.
#include "compression/permessage_deflate.h"
#include "targets.h"

namespace fuzz {

void check_deflate_offer(ByteView input) {
  std::vector<websock::Extension> offers;
  try {
    offers = websock::parse_extensions({{"Sec-WebSocket-Extensions", std::string(websock::text_of(input))}});
  } catch (const websock::HttpError&) {
    return;
  }
  for (const int bits : {8, 12, 15}) {
    for (const bool takeover : {false, true}) {
      const auto ours = websock::permessage_deflate({.window_bits = bits, .context_takeover = takeover});
      const auto chosen = websock::choose_extensions(offers, {ours});
      require(chosen.size() <= 1, "it is agreed to once");
      if (chosen.empty()) continue;
      const websock::Extension& answer = chosen[0].answer;
      require(websock::parse_extensions({{"Sec-WebSocket-Extensions", to_string(answer)}}) ==
                  std::vector<websock::Extension>{answer},
              "an answer reads back the same");
      require(websock::check_extensions({answer}, {websock::permessage_deflate()}).has_value(),
              "a client that can do all accepts it");
    }
  }
}

}  // namespace fuzz
