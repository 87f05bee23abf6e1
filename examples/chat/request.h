// What a client asks of the room: one JSON object, read and checked before anything is locked or changed. So a request
// that is wrong in its last member has no effect at all, and a long one holds up nobody but its sender.
#pragma once

#include <stdexcept>
#include <string>
#include <string_view>

// What a client asked for is not possible. what() tells the person why.
class Refusal : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
};

inline constexpr std::size_t kMaxCharacters = 4000;  // of a text: code points

struct Request {
  enum Kind { join, say, typing, ping };
  Kind kind = ping;
  std::string name = {};   // join: the name that is wanted
  std::string key = {};    // join: the client's secret; empty: it has none
  std::string epoch = {};  // join: which epoch `after` counts in; empty: the client has not been here before
  double after = 0;        // join: the last message that the client has seen
  std::string text = {};   // say: what was typed
  std::string to = {};     // say: for this member alone; empty: the text itself tells
};

// Throws JsonError if `text` is not JSON or a member is of another type, and Refusal if its type is not known.
Request parse_request(std::string_view text);
