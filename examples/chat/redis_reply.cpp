// An answer is read element by element: a line, or a line and as many bytes as it announces. A list is a line, and then
// its elements; while they come, it lies on a stack, open_, with the number of those still missing. So what was read
// once is not read again when more bytes arrive, and nesting is no recursion.
//
// Everything is taken literally. Redis writes lengths as plain decimal numbers, so a sign, a space or a leading zero
// means that this is not Redis, or that we have lost our place; either way, what follows would be misread.
#include "redis_reply.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <system_error>
#include <utility>

namespace {

// A decimal number without ornaments. A minus is allowed only in the answer of kind number; -1 as a length is its
// caller's business.
std::int64_t parse_integer(std::string_view digits) {
  // from_chars alone would read 007, and -0, and stop content at a space.
  const std::string_view bare = digits.substr(digits.starts_with('-') ? 1 : 0);
  const bool is_plain = !bare.empty() && bare[0] >= '0' && bare[0] <= '9' && (bare[0] != '0' || digits.size() == 1);
  std::int64_t number = 0;
  const auto [end, fault] = std::from_chars(digits.data(), digits.data() + digits.size(), number);
  if (!is_plain || fault != std::errc() || end != digits.data() + digits.size()) {
    throw RedisError("Redis sent something that is no number where one belongs");
  }
  return number;
}

// Nothing: -1, which says that there is no string, or no list.
std::optional<std::size_t> parse_length(std::string_view digits, std::size_t most) {
  const std::int64_t length = parse_integer(digits);
  if (length == -1) return std::nullopt;
  if (length < 0) throw RedisError("Redis announced a negative length");
  if (static_cast<std::uint64_t>(length) > most) throw RedisError("Redis sent a longer answer than we take");
  return static_cast<std::size_t>(length);
}

}  // namespace

// ---- Reading ----

// Element by element, until the outermost is complete. Bytes that are read are dropped only when we need more of them:
// once for each piece that arrives, not once for each element.
std::optional<Reply> ReplyParser::next() {
  for (;;) {
    const std::size_t begin = at_;
    std::optional<Reply> element = take_element();
    if (!element) {
      // What is read goes; what is not, the beginning of an element, stays for the next bytes.
      buffer_.erase(0, at_);
      searched_ -= std::min(searched_, at_);
      at_ = 0;
      return std::nullopt;
    }
    bytes_ += at_ - begin;
    // A string's length is checked before its bytes come; this adds up the many small elements of a large list.
    if (bytes_ > kMaxReply) throw RedisError("Redis sent a longer answer than we take");
    // A list of nothing waits for nothing, and is complete like any other element.
    if (element->kind == Reply::list && list_size_ > 0) {
      if (open_.size() == kMaxDepth) throw RedisError("Redis sent lists that are nested too deep");
      open_.push_back({std::move(*element), list_size_});
    } else if (!fits_into_open_list(*element)) {
      bytes_ = elements_ = 0;  // the limits are of one answer
      return element;
    }
  }
}

// Puts `element` into the innermost list. If that is complete now, it becomes an element itself, and so on outwards.
// False: there is no list (any more) that waits for something, so `element` is the answer.
bool ReplyParser::fits_into_open_list(Reply& element) {
  while (!open_.empty()) {
    OpenList& innermost = open_.back();
    innermost.list.elements.push_back(std::move(element));
    if (--innermost.missing > 0) return true;
    element = std::move(innermost.list);
    open_.pop_back();
  }
  return false;
}

// One element. Of a list, only its head: its size is in list_size_. Nothing, and nothing is taken: not all is there.
std::optional<Reply> ReplyParser::take_element() {
  const std::optional<std::string_view> line = peek_line();
  if (!line) return std::nullopt;
  const std::size_t head = line->size() + 2;  // CR LF
  if (line->empty()) throw RedisError("Redis sent an empty line");
  const std::string_view rest = line->substr(1);
  Reply reply;
  switch (line->front()) {
    case '+':
      reply = {.kind = Reply::status, .string = std::string(rest)};
      break;
    case '-':
      reply = {.kind = Reply::error, .string = std::string(rest)};
      break;
    case ':':
      reply = {.kind = Reply::number, .integer = parse_integer(rest)};
      break;
    case '$': {
      // At most what this answer may still have. Checked now: a length of 2 GB must not have us wait, and store, until
      // then.
      const std::optional<std::size_t> size = parse_length(rest, kMaxReply - std::min(kMaxReply, bytes_));
      if (size) return take_text(*size, head);  // else the kind is `nothing`, as it began
      break;
    }
    case '*': {
      const std::optional<std::size_t> size = parse_length(rest, kMaxElements - elements_);
      // Counted as announced. Lists of lists of lists could promise without end, at a few bytes each.
      list_size_ = size.value_or(0);
      elements_ += list_size_;
      if (size) reply.kind = Reply::list;
      break;
    }
    default:
      throw RedisError("This is not Redis, or it speaks another version of its protocol");
  }
  at_ += head;
  return reply;
}

// Nothing is taken until all of it is here. Its head is then read once more, which is a line.
std::optional<Reply> ReplyParser::take_text(std::size_t size, std::size_t head) {
  const std::string_view rest = std::string_view(buffer_).substr(at_ + head);
  if (rest.size() < size + 2) return std::nullopt;  // CR LF
  if (rest.substr(size, 2) != "\r\n") throw RedisError("Redis sent a string of another length than it announced");
  at_ += head + size + 2;
  return Reply{.kind = Reply::text, .string = std::string(rest.substr(0, size))};
}

// The line at at_, without its end. Where a search has ended without one, the next begins: a line that comes byte by
// byte would else be walked through as many times as it has bytes.
std::optional<std::string_view> ReplyParser::peek_line() {
  const std::string_view rest = std::string_view(buffer_).substr(at_);
  const std::size_t from = searched_ > at_ ? searched_ - at_ : 0;
  const std::size_t end = rest.find('\n', from);
  // Both a line that ends too late and one that has not ended yet: who never sends an LF would fill the memory.
  if (std::min(end, rest.size()) > kMaxLine) throw RedisError("Redis sent a longer line than we take");
  if (end == rest.npos) {
    searched_ = buffer_.size();
    return std::nullopt;
  }
  if (end == 0 || rest.find('\r') != end - 1) throw RedisError("Redis sent a line that does not end with CR LF");
  return rest.substr(0, end - 1);
}

// ---- Looking at an answer ----

namespace {

// Two kinds of exceptions, for two ways to go on: a system_error says try again later, as if Redis were not there; a
// RedisError says that this will not get better by itself.
[[noreturn]] void refuse(const Reply& reply) {
  if (reply.is_passing_error()) {
    throw std::system_error(std::make_error_code(std::errc::resource_unavailable_try_again),
                            "Redis answers: " + reply.string);
  }
  if (reply.kind == Reply::error) throw RedisError("Redis answers: " + reply.string);
  throw RedisError("Redis sent another kind of answer than belongs to the command");
}

}  // namespace

// It reads its file; a script runs too long; a replica has lost its master; a cluster moves the key; too many clients.
bool Reply::is_passing_error() const {
  constexpr std::array<std::string_view, 5> kPassing = {"LOADING", "BUSY", "MASTERDOWN", "TRYAGAIN", "ERR max number"};
  return kind == error &&
         std::any_of(kPassing.begin(), kPassing.end(), [&](std::string_view word) { return string.starts_with(word); });
}

const std::string& Reply::as_text() const {
  if (kind != text && kind != status) refuse(*this);
  return string;
}

std::int64_t Reply::as_number() const {
  if (kind != number) refuse(*this);
  return integer;
}

const std::vector<Reply>& Reply::as_list() const {
  if (kind != list) refuse(*this);
  return elements;
}

const Reply& Reply::operator[](std::size_t which) const {
  if (as_list().size() <= which) throw RedisError("Redis sent a shorter list than belongs to the command");
  return elements[which];
}

// Each word has its length in front, so it may have any bytes in it. A name with CR LF in it cannot begin a new
// command.
std::string serialize_command(const std::vector<std::string>& words) {
  std::string bytes = std::to_string(words.size()).insert(0, 1, '*') + "\r\n";
  for (const std::string& word : words) bytes += '$' + std::to_string(word.size()) + "\r\n" + word + "\r\n";
  return bytes;
}
