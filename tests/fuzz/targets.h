// What has to hold for any input whatever. One function for each parser that a stranger can reach: it takes bytes, has
// them parsed, and throws Broken if a property does not hold. A property is something that can be said without knowing
// the right answer: what is written reads back the same, a slow and simple reference agrees, it does not matter how the
// input was cut.
//
// Two programs feed them: libfuzzer.cpp under clang, where coverage leads the search, and mutation_test.cpp everywhere.
// The inputs are bytes as they travel; those in corpus/ are where both begin.
#pragma once

#include <optional>
#include <stdexcept>
#include <string>
#include <string_view>
#include <vector>

#include "bytes.h"

namespace fuzz {

using websock::Bytes;
using websock::ByteView;

void check_base64(ByteView input);
void check_close_body(ByteView input);
void check_deflate(ByteView input);
void check_deflate_offer(ByteView input);
void check_frame(ByteView input);
void check_handshake_request(ByteView input);
void check_handshake_response(ByteView input);
void check_http_head(ByteView input);
void check_inflate(ByteView input);
void check_json(ByteView input);
void check_lz77(ByteView input);
void check_prefix_code(ByteView input);
void check_protocol(ByteView input);
void check_redis_reply(ByteView input);
void check_upgrade(ByteView input);
void check_uri(ByteView input);
void check_utf8(ByteView input);

// A property did not hold. Nothing here or in src/ catches it.
class Broken : public std::logic_error {
 public:
  using std::logic_error::logic_error;
};

inline void require(bool property_holds, const char* property) {
  if (!property_holds) throw Broken(property);
}

// The pieces of `bytes`, cut at places that depend on nothing but the bytes.
std::vector<ByteView> cut(ByteView bytes);

// The HTTP head at the front of `input`, if there is a whole one that find_head() accepts.
std::optional<std::string_view> head_of(ByteView input);

bool has_control_character(std::string_view text);  // a tab is one
bool is_token(std::string_view text);               // RFC 9110 section 5.6.2, letter by letter

}  // namespace fuzz
