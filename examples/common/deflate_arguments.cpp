#include "deflate_arguments.h"

#include <cstdint>
#include <memory>

void add_deflate_arguments(Arguments& arguments, std::vector<websock::SupportedExtension>& extensions) {
  const auto options = std::make_shared<websock::DeflateOptions>();  // what the options before have set
  // Each of these options makes the extension anew from all that is set by then: so their order does not matter, and
  // any one of them turns it on.
  const auto use = [options, &extensions] { extensions = {websock::permessage_deflate(*options)}; };
  arguments.flag("deflate", "compress messages, if the peer does, too (no)", use);
  arguments.option("deflate-window", "BITS", "of what may be referred to, 8 to 15 (15)", [=](const std::string& text) {
    options->window_bits = static_cast<int>(parse_number(text, 8, 15));
    use();
  });
  arguments.flag("no-context-takeover", "compress each message by itself", [=] {
    options->context_takeover = false;
    use();
  });
  arguments.option("deflate-from", "BYTES", "shorter messages are not compressed (32)", [=](const std::string& text) {
    options->compress_from = parse_number(text, 0, SIZE_MAX);
    use();
  });
}
