// What Redis and its clients say to each other: RESP, version 2, of redis.io/docs/reference/protocol-spec. A command is
// a list of strings. An answer is one of five kinds, told by its first byte:
//
//     +OK\r\n                         a status
//     -OOM command not allowed\r\n    an error
//     :42\r\n                         a number
//     $5\r\nhello\r\n                 a string, with its length: any bytes;     $-1\r\n is none
//     *2\r\n:1\r\n$1\r\na\r\n         a list of answers, with their number;     *-1\r\n is none
//
// Pure: bytes in, values out.
#pragma once

#include <cstdint>
#include <optional>
#include <stdexcept>
#include <string>
#include <string_view>
#include <vector>

// What came is not RESP, or more than we take, or not the answer that belongs to the command; or Redis says that it
// will not. what() is one sentence.
class RedisError : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
};

struct Reply {
  enum Kind { nothing, status, error, number, text, list };
  Kind kind = nothing;
  std::string string = {};  // of a status, an error, a text
  std::int64_t integer = 0;
  std::vector<Reply> elements = {};

  // An error that passes by itself: Redis has just started, or is busy with something else. It has done nothing.
  bool is_passing_error() const;

  // Each throws RedisError if the answer is of another kind, or the list is shorter; and std::system_error, as if Redis
  // could not be reached, if it is an error that passes by itself.
  const std::string& as_text() const;  // a status, too
  std::int64_t as_number() const;
  const std::vector<Reply>& as_list() const;
  const Reply& operator[](std::size_t which) const;

  bool operator==(const Reply&) const = default;
};

// The answers in a stream of bytes, which may arrive in any pieces.
class ReplyParser {
 public:
  // The limits. Redis is trusted with our data, but a wrong port, or a key that somebody else wrote, must cost us no
  // more than an error.
  static constexpr std::size_t kMaxLine = 64 * 1024;         // bytes of a status, an error, a number or a length
  static constexpr std::size_t kMaxReply = 8 * 1024 * 1024;  // bytes of one answer, all of it
  static constexpr std::size_t kMaxElements = 100'000;       // of one answer, in all its lists together
  static constexpr std::size_t kMaxDepth = 7;                // lists within lists; XREAD's answer has five

  void feed(std::string_view bytes) { buffer_ += bytes; }

  // The next answer; nothing: not all of it has arrived. Throws RedisError if this is not RESP. Then the stream cannot
  // be read any further, and the connection is of no more use.
  std::optional<Reply> next();

 private:
  struct OpenList {
    Reply list;
    std::size_t missing;
  };
  std::optional<Reply> take_element();
  std::optional<Reply> take_text(std::size_t size, std::size_t head);
  std::optional<std::string_view> peek_line();
  bool fits_into_open_list(Reply& element);

  std::string buffer_;
  std::size_t at_ = 0;        // up to here, buffer_ is read
  std::size_t searched_ = 0;  // up to here, it has no line end behind at_
  std::vector<OpenList> open_;
  std::size_t list_size_ = 0;  // of the list that take_element() has just begun
  std::size_t bytes_ = 0;      // of the answer under way
  std::size_t elements_ = 0;   // likewise, announced
};

// A command as it travels:    serialize_command({"GET", "a"}) is *2\r\n$3\r\nGET\r\n$1\r\na\r\n
std::string serialize_command(const std::vector<std::string>& words);
