// Deflated messages for tests: good ones with what they stand for, bad ones with what is wrong, and inflating in a line.
#pragma once

#include <optional>
#include <vector>

#include "compression/inflate.h"
#include "wire.h"

// Messages as permessage-deflate has them: the tail 00 00 FF FF is cut off (RFC 7692 section 7.2.1).
struct GoodMessage {
  const char* bytes;
  std::string text;
  const char* what;
};
inline const std::vector<GoodMessage> kGoodMessages = {
    {"f2 48 cd c9 c9 07 00", "Hello", "RFC 7692 section 7.2.3.1: one fixed block"},
    {"00 05 00 fa ff 48 65 6c 6c 6f 00", "Hello", "7.2.3.3: a stored block"},
    {"f3 48 cd c9 c9 07 00 00", "Hello", "7.2.3.4: a block that says it is the last"},
    {"f2 48 05 00 00 00 ff ff ca c9 c9 07 00", "Hello", "7.2.3.5: two blocks, an empty one between them"},
    {"00", "", "7.2.3.6: nothing"},
    {"03 00", "", "a final block, and nothing behind it"},
    {"f3 48 cd c9 c9 07 00", "Hello", "a final block with a text, and nothing behind it"},
    {"4a 4c 1c e9 00 00", std::string(258, 'a'), "the longest match"},
    {"4a 4c 1c f1 00 00", std::string(259, 'a'), "a literal, and the longest match"},
    {"4a 4c 1c 05 a3 80 fa 00 00", std::string(600, 'a'), "several matches that overlap themselves"},
    {"04 c0 81 08 00 00 00 00 a0 fd a9 8f 00", std::string(2, '\0'), "a dynamic block without a distance code"},
};

struct BadMessage {
  const char* bytes;
  const char* what;
};
inline const std::vector<BadMessage> kBadMessages = {
    {"06", "a compressed block is of a type that does not exist"},
    {"1a 03", "a length is one of the two symbols that do not exist"},
    {"4a 04 3e", "a distance is one of the two symbols that do not exist"},
    {"f4 00 00 00", "a dynamic block has more than 286 literals and lengths"},
    {"04 1e 00 00", "a dynamic block has more than 30 distances"},
    {"04 40 00 24 01", "the code of the code lengths is not a complete one"},  // too many
    {"04 20 00 28 00", "the code of the code lengths is not a complete one"},  // too few
    {"04 00 02 24 00", "a dynamic block repeats a length before there is one"},
    {"04 00 80 e4 ff 1f 00", "a dynamic block has more code lengths than it said"},
    {"04 c0 81 08 00 00 00 00 a0 fd a9 1b 00 00", "a dynamic block has no code for its end"},
    {"f2 00 11 00 00", "a match reaches back further than anything that was sent"},
    {"00 05 00 fa fe 48 65 6c 6c 6f 00", "a stored block's length and its complement do not agree"},
    {"f2 48 cd c9 c9 07 00 00 00 ff ff", "a compressed message ends in the middle of a block"},  // the tail not cut off
    {"f2 48 cd c9", "a compressed message ends in the middle of a block"},
    {"", "a compressed message ends in the middle of a block"},
};

// A whole message, given in these pieces; appends what comes out to `text`. What was wrong, or "".
inline std::string inflate(websock::Inflater& inflater, const std::vector<websock::ByteView>& pieces,
                           websock::Bytes& text) {
  const websock::Inflater::Output append = [&](websock::ByteView out) {
    text.insert(text.end(), out.begin(), out.end());
  };
  try {
    for (const websock::ByteView piece : pieces) inflater.add(piece, append);
    inflater.end_message(append);
    return "";
  } catch (const websock::InflateError& error) {
    return error.what();
  }
}
