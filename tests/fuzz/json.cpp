// The chat's JSON: what is read is written, and what is written is read.
#include "../../examples/chat/json.h"

#include <algorithm>

#include "protocol/slow_utf8.h"
#include "targets.h"

namespace fuzz {

void check_json(ByteView input) {
  Json value;
  try {
    value = parse_json(websock::text_of(input));
  } catch (const JsonError& error) {
    require(!has_control_character(error.what()), "the error's sentence is printable");
    return;
  }
  require(slowly_valid_utf8(input), "JSON is UTF-8");
  const std::string written = to_string(value);
  require(slowly_valid_utf8(websock::bytes_of(written)), "what is written is UTF-8");
  require(std::none_of(written.begin(), written.end(), [](char c) { return static_cast<unsigned char>(c) < ' '; }),
          "what is written is one line");
  const Json again = parse_json(written);
  require(again == value, "what is written reads back the same");
  require(to_string(again) == written, "and is written the same again");
  require(parse_json(" " + written + "\n") == value, "white space around it does not matter");
}

}  // namespace fuzz
