// Nothing here is Redis' own but the first two commands: AUTH if there is a password, SELECT if there is a database.
#include "redis_connection.h"

#include <websock/handshake/fields.h>

#include <array>
#include <charconv>
#include <stdexcept>
#include <system_error>

namespace {

// Tries all addresses of the host, within one deadline. If none will have us, the last one's reason is thrown: the
// others are mostly the same.
websock::Socket dial(const RedisUrl& url, websock::Deadline deadline) {
  std::exception_ptr why;
  for (const websock::Address& address : websock::resolve(url.host, url.port)) {
    try {
      return websock::connect_to(address, deadline);
    } catch (const std::system_error&) {
      why = std::current_exception();
    }
  }
  std::rethrow_exception(why);  // resolve() gives one address at least
}

std::invalid_argument bad_url(const std::string& why) {
  return std::invalid_argument(why + "; such as redis://user:password@127.0.0.1:6379/0");
}

// %40 for an @, %3A for a colon: in a password they would be taken for the URL's own.
std::string percent_decoded(std::string_view text) {
  std::string decoded;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] != '%') {
      decoded += text[i];
      continue;
    }
    // Exactly two: from_chars would be content with one, and the text may end behind the %.
    std::uint8_t byte = 0;
    const char* begin = text.data() + i + 1;
    const char* end = text.data() + std::min(i + 3, text.size());
    if (end - begin != 2 || std::from_chars(begin, end, byte, 16).ptr != end) throw bad_url("a % without two digits");
    decoded += static_cast<char>(byte);
    i += 2;
  }
  return decoded;
}

// All of `digits`: from_chars stops at the first character that is none, and 63x9 would be the port 63.
template <class Number>
Number parse_whole(std::string_view digits, const char* what) {
  Number number = 0;
  const auto [end, fault] = std::from_chars(digits.data(), digits.data() + digits.size(), number);
  if (fault != std::errc() || end != digits.data() + digits.size()) throw bad_url(std::string(what) + " is no number");
  return number;
}

// Takes what stands before `mark` off the front of `text`; nothing, if there is no mark.
std::optional<std::string_view> take_before(std::string_view& text, std::size_t mark) {
  if (mark == text.npos) return std::nullopt;
  const std::string_view before = text.substr(0, mark);
  text.remove_prefix(mark + 1);
  return before;
}

// An IPv6 address has colons of its own, so it stands in brackets: [::1]:6379.
void read_host_and_port(std::string_view text, RedisUrl& url) {
  const bool is_ip6 = text.starts_with('[');
  const std::size_t end = is_ip6 ? text.find(']') : text.find(':');
  if (is_ip6 && end == text.npos) throw bad_url("a bracket does not end");
  url.host = is_ip6 ? text.substr(1, end - 1) : text.substr(0, end);
  const std::string_view rest = text.substr(std::min(text.size(), is_ip6 ? end + 1 : end));
  if (url.host.empty()) throw bad_url("there is no host");
  if (rest.empty()) return;  // the port is Redis' usual one
  if (rest[0] != ':') throw bad_url("something stands between host and port");
  url.port = parse_whole<std::uint16_t>(rest.substr(1), "the port");
}

}  // namespace

// Strict: what we do not know we refuse, and do not skip. An option that is dropped in silence may have been the one
// that kept the password secret.
RedisUrl parse_redis_url(std::string_view text) {
  constexpr std::string_view kScheme = "redis://";
  if (text.starts_with("rediss://")) {
    // Not spoken as plain TCP instead: the password would be on the wire for all to read.
    throw bad_url("TLS to Redis is not built in: put stunnel or the like between, and name its plain end");
  }
  if (!text.starts_with(kScheme)) throw bad_url("a Redis URL begins with redis://");
  text.remove_prefix(kScheme.size());
  if (text.find_first_of("?# ") != text.npos) throw bad_url("a Redis URL has neither query nor fragment nor spaces");
  RedisUrl url;
  // The last @, since a password may have one in it.
  if (const std::optional<std::string_view> login = take_before(text, text.rfind('@'))) {
    // Without a colon it could be a user or a password. We do not guess.
    const std::size_t colon = login->find(':');
    if (colon == login->npos) throw bad_url("a colon stands before the password");
    url.user = percent_decoded(login->substr(0, colon));
    url.password = percent_decoded(login->substr(colon + 1));
  }
  // The login is off, so the first slash ends the host: one in the password does no harm.
  const std::size_t slash = std::min(text.find('/'), text.size());
  read_host_and_port(text.substr(0, slash), url);
  const std::string_view database = text.substr(std::min(slash + 1, text.size()));
  if (!database.empty()) url.database = std::to_string(parse_whole<std::uint16_t>(database, "the database"));
  return url;
}

// In this order: a Redis with a password takes no other command before AUTH. An answer that is an error throws in
// as_text(). All of it shares one deadline with the connecting.
RedisConnection::RedisConnection(const RedisUrl& url, websock::Deadline deadline) : socket_(dial(url, deadline)) {
  const auto require_ok = [&](const std::vector<std::string>& words) { command(words, deadline).as_text(); };
  if (!url.password.empty()) {
    require_ok(url.user.empty() ? std::vector<std::string>{"AUTH", url.password}
                                : std::vector<std::string>{"AUTH", url.user, url.password});
  }
  // 0 is where a connection begins.
  if (url.database != "0") require_ok({"SELECT", url.database});
}

// One deadline for both halves: a Redis that takes the command slowly has less time for the answer.
Reply RedisConnection::command(const std::vector<std::string>& words, websock::Deadline deadline) {
  send(words, deadline);
  std::optional<Reply> reply = receive(deadline);
  if (!reply) throw std::system_error(std::make_error_code(std::errc::timed_out), "Redis did not answer");
  return std::move(*reply);
}

void RedisConnection::send(const std::vector<std::string>& words, websock::Deadline deadline) {
  const std::string bytes = serialize_command(words);
  if (!socket_.send_all(websock::bytes_of(bytes), deadline)) {
    // Half of the command may be gone. What follows it would be read as its rest, so this connection is done with.
    throw std::system_error(std::make_error_code(std::errc::timed_out), "Redis takes nothing");
  }
}

std::optional<Reply> RedisConnection::receive(websock::Deadline deadline) {
  std::array<std::uint8_t, 16 * 1024> piece;
  for (;;) {
    // Before anything is received: this reply may have come together with the last one.
    if (std::optional<Reply> reply = parser_.next()) return reply;
    const std::optional<std::size_t> count = socket_.receive(piece, websock::time_left(deadline));
    if (!count) return std::nullopt;  // what has come of the reply stays in the parser
    if (*count == 0) throw std::system_error(std::make_error_code(std::errc::connection_reset), "Redis hung up");
    parser_.feed(websock::text_of({piece.data(), *count}));
  }
}
