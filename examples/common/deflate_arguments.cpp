// RFC 7692 in four options, for servers and clients alike: each offers what it can, or agrees to it.
#include "deflate_arguments.h"

#include <cstdint>
#include <memory>

// Off by default: compression costs memory for each connection, and a reader of the book should see a payload in `tap`
// that can be read.
void add_deflate_arguments(Arguments& arguments, std::vector<websock::SupportedExtension>& extensions) {
  // What the options before have set. Shared by the setters, which run when this function has long returned.
  const auto options = std::make_shared<websock::DeflateOptions>();
  // Each of these options makes the extension anew from all that is set by then: so their order does not matter, and
  // any one of them turns it on.
  const auto use = [options, &extensions] { extensions = {websock::permessage_deflate(*options)}; };
  arguments.flag("deflate", "compress messages, if the peer does, too (no)", use);
  // RFC 7692 section 7.1.2.1: a power of two from 256 bytes to 32 KiB. The smaller it is, the less memory a connection
  // takes, and the less there is to refer to.
  arguments.option("deflate-window", "BITS", "of what may be referred to, 8 to 15 (15)", [=](const std::string& text) {
    options->window_bits = static_cast<int>(parse_number(text, 8, 15));
    use();
  });
  // Then no message refers to the one before. It costs most of the gain, and saves a window for each connection.
  arguments.flag("no-context-takeover", "compress each message by itself", [=] {
    options->context_takeover = false;
    use();
  });
  // A short message comes out longer than it was: a block has a header, too.
  arguments.option("deflate-from", "BYTES", "shorter messages are not compressed (32)", [=](const std::string& text) {
    options->compress_from = parse_number(text, 0, SIZE_MAX);
    use();
  });
}
