// What Redis sends, and what a command looks like: bytes in, values out.
#include <string>
#include <vector>

#include "chat/redis_connection.h"
#include "chat/redis_entry.h"
#include "chat/redis_reply.h"
#include "chat/room_state.h"
#include "check.h"

namespace {

std::vector<Reply> parse(const std::vector<std::string_view>& pieces) {
  ReplyParser parser;
  std::vector<Reply> replies;
  for (const std::string_view piece : pieces) {
    parser.feed(piece);
    while (std::optional<Reply> reply = parser.next()) replies.push_back(*reply);
  }
  return replies;
}

// Whole, byte by byte, and in two parts at every place: the same each time.
std::vector<Reply> parse_in_all_ways(std::string_view bytes) {
  const std::vector<Reply> whole = parse({bytes});
  std::vector<std::string_view> single;
  for (std::size_t i = 0; i < bytes.size(); ++i) {
    single.push_back(bytes.substr(i, 1));
    CHECK(parse({bytes.substr(0, i), bytes.substr(i)}) == whole);
  }
  CHECK(parse(single) == whole);
  return whole;
}

Reply text(const std::string& string) { return {.kind = Reply::text, .string = string}; }
Reply list(std::vector<Reply> elements) { return {.kind = Reply::list, .elements = std::move(elements)}; }

std::string fault(std::string_view bytes) {
  for (std::size_t i = 0; i <= bytes.size(); ++i) {
    try {
      parse({bytes.substr(0, i), bytes.substr(i)});
      return "";
    } catch (const RedisError& error) {
      if (i == bytes.size()) return error.what();
    }
  }
  return "";
}

}  // namespace

TEST("own-redis-reply-01 the five kinds, and what is none") {
  const std::vector<Reply> replies = parse_in_all_ways(
      "+OK\r\n-ERR no\r\n:42\r\n:-7\r\n:0\r\n$5\r\nhello\r\n$0\r\n\r\n$-1\r\n*2\r\n:1\r\n$1\r\na\r\n*0\r\n*-1\r\n");
  const std::vector<Reply> wanted = {{.kind = Reply::status, .string = "OK"},
                                     {.kind = Reply::error, .string = "ERR no"},
                                     {.kind = Reply::number, .integer = 42},
                                     {.kind = Reply::number, .integer = -7},
                                     {.kind = Reply::number, .integer = 0},
                                     text("hello"),
                                     text(""),
                                     {},
                                     list({{.kind = Reply::number, .integer = 1}, text("a")}),
                                     list({}),
                                     {}};
  CHECK(replies == wanted);
}

TEST("own-redis-reply-02 the answer of XREAD: five lists, one in another") {
  const std::vector<Reply> replies = parse_in_all_ways(
      "*1\r\n*2\r\n$3\r\nlog\r\n*2\r\n*2\r\n$3\r\n7-0\r\n*2\r\n$1\r\ne\r\n$2\r\n{}\r\n*2\r\n$3\r\n7-1\r\n*2\r\n$"
      "1\r\ne\r\n"
      "$1\r\n1\r\n");
  CHECK_EQ(replies.size(), std::size_t{1});
  CHECK_EQ(replies.at(0)[0][0].as_text(), "log");
  CHECK_EQ(replies.at(0)[0][1][1][0].as_text(), "7-1");
  CHECK_EQ(replies.at(0)[0][1][0][1][1].as_text(), "{}");
}

TEST("own-redis-reply-03 a string may hold any bytes, the ends of lines too") {
  const std::string bytes("a\r\n$1\r\n\0\xff", 9);
  CHECK(parse_in_all_ways("$9\r\n" + bytes + "\r\n") == std::vector<Reply>{text(bytes)});
}

TEST("own-redis-reply-04 what is not RESP is refused, however it is cut") {
  for (const char* bytes : {"HTTP/1.1 400 Bad Request\r\n",
                            "\r\n",
                            "_\r\n",
                            "%1\r\n",
                            "(1\r\n",
                            "+a\n",
                            "+a\rb\r\n",
                            "\n",
                            "$5\r\nhelloxx",
                            "$5\r\nhello\n\n",
                            "$05\r\nhello\r\n",
                            "$+5\r\nhello\r\n",
                            "$ 5\r\nhello\r\n",
                            "$5 \r\nhello\r\n",
                            "$-2\r\n",
                            "$-01\r\n",
                            "$\r\n",
                            "$x\r\n",
                            "*-2\r\n",
                            "*+1\r\n:1\r\n",
                            "*01\r\n",
                            ":\r\n",
                            ":+1\r\n",
                            ":-\r\n",
                            ":-0\r\n",
                            ":01\r\n",
                            ":1.5\r\n",
                            ":9223372036854775808\r\n",
                            "$99999999999999999999\r\n",
                            "*1\r\n*1\r\n?\r\n"}) {
    CHECK(!fault(bytes).empty());
  }
}

TEST("own-redis-reply-05 limits: what is announced counts, not what comes") {
  CHECK_EQ(fault("$8388609\r\n"), "Redis sent a longer answer than we take");
  CHECK_EQ(fault("*100001\r\n"), "Redis sent a longer answer than we take");
  CHECK_EQ(fault("*2\r\n*60000\r\n" + std::string(1, ':')), "");  // not yet
  ReplyParser many;
  many.feed("*2\r\n*99998\r\n");
  CHECK(!many.next());
  std::string elements;
  for (int i = 0; i < 99'998; ++i) elements += "*0\r\n";
  many.feed(elements + "*1\r\n");
  CHECK_THROWS(many.next(), RedisError);
  std::string nested;
  for (int i = 0; i < 8; ++i) nested += "*1\r\n";
  CHECK_EQ(fault(nested), "Redis sent lists that are nested too deep");
  ReplyParser line;
  line.feed("+" + std::string(ReplyParser::kMaxLine, 'x'));
  CHECK_THROWS(line.next(), RedisError);
  ReplyParser sum;
  sum.feed("*3\r\n$4194304\r\n" + std::string(4'194'304, 'x') + "\r\n$4194304\r\n");
  CHECK_THROWS(sum.next(), RedisError);
}

TEST("own-redis-reply-06 an answer of another kind than was asked for is an error, and says so") {
  const Reply error = {.kind = Reply::error, .string = "NOAUTH Authentication required."};
  CHECK_THROWS(error.as_text(), RedisError);
  try {
    error.as_list();
  } catch (const RedisError& why) {
    CHECK_EQ(why.what(), std::string("Redis answers: NOAUTH Authentication required."));
  }
  CHECK_THROWS(text("a").as_number(), RedisError);
  CHECK_THROWS(text("a")[0], RedisError);
  CHECK_THROWS(list({})[0], RedisError);
  CHECK_THROWS(Reply{}.as_text(), RedisError);
}

TEST("own-redis-reply-07 a command is a list of strings") {
  CHECK_EQ(serialize_command({"GET", "a\r\n"}), "*2\r\n$3\r\nGET\r\n$3\r\na\r\n\r\n");
  CHECK_EQ(serialize_command({"SET", ""}), "*2\r\n$3\r\nSET\r\n$0\r\n\r\n");
}

TEST("own-redis-url-01 host, port, login and database") {
  CHECK(parse_redis_url("redis://localhost") == (RedisUrl{.host = "localhost"}));
  CHECK(parse_redis_url("redis://127.0.0.1:7000/") == (RedisUrl{.host = "127.0.0.1", .port = 7000}));
  CHECK(parse_redis_url("redis://:secret@r:1/3") ==
        (RedisUrl{.host = "r", .port = 1, .password = "secret", .database = "3"}));
  CHECK(parse_redis_url("redis://ada:p%40s%3as@[::1]:1") ==
        (RedisUrl{.host = "::1", .port = 1, .user = "ada", .password = "p@s:s"}));
}

TEST("own-redis-url-02 what is none says why") {
  for (const char* url :
       {"", "localhost", "http://localhost", "rediss://localhost", "redis://", "redis://:6379", "redis://h:x",
        "redis://h:70000", "redis://h:", "redis://h/x", "redis://h/1/2", "redis://a@h", "redis://:%4@h",
        "redis://:%zz@h", "redis://[::1", "redis://[::1]x", "redis://h?db=1", "redis://a b"}) {
    CHECK_THROWS(parse_redis_url(url), std::invalid_argument);
  }
}

// ---- Entries of the log ----

TEST("own-redis-entry-01 an entry of the log is read as it was written") {
  for (const Entry& entry : {Entry{.type = "message", .name = "Ada", .text = "Hi", .time = "2026", .at = {7, 0}},
                             Entry{.type = "joined", .name = "Bob", .owner = {"s1", 3, "key"}, .at = {7, 1}},
                             Entry{.type = "renamed", .name = "Bob", .text = "Rob", .at = {7, 2}},
                             Entry{.type = "left", .name = "Rob", .at = {7, 3}}}) {
    const auto [read, fault] =
        read_entry(list({text(to_string(entry.at)), list({text("e"), text(serialize_entry(entry))})}));
    CHECK_EQ(fault, "");
    CHECK_EQ(serialize_entry(read), serialize_entry(entry));
    CHECK_EQ(to_string(read.at), to_string(entry.at));
    CHECK(read.owner == entry.owner);
  }
}

TEST("own-redis-entry-02 an entry that cannot be read keeps its place, and a message's number has a message") {
  const std::vector<Reply> bad_fields = {
      list({text("e"), text("no JSON")}),
      list({text("e"), text("[]")}),
      list({text("e"), text("{}")}),
      list({text("e"), text(R"({"type":1,"name":"Ada","text":"Hi"})")}),
      list({text("e"), text(R"({"type":"message","name":"Ada"})")}),
      list({text("e"), text(R"({"type":"message","name":["Ada"],"text":"Hi"})")}),
      list({text("e"), text(R"({"type":"message","text":"Hi"})")}),
      list({text("e"), text(R"({"type":"joined","name":"Eve"})")}),
      list({text("e"), text(R"({"type":"joined","name":"Eve","owner":"s1"})")}),
      list({text("e"), text(R"({"type":"renamed","name":"Eve"})")}),
      list({text("e"), text(R"({"type":"reaction","name":"Eve","text":"!"})")}),
      list({text("e")}),
      list({}),
      text("no list"),
      Reply{},
  };
  for (const Reply& fields : bad_fields) {
    const auto [message, fault] = read_entry(list({text("8-0"), fields}));
    CHECK(fault.starts_with("the log's entry 8-0 cannot be read: "));
    CHECK(message.is_numbered());
    CHECK_EQ(to_string(message.at), "8-0");
    const auto [other, its_fault] = read_entry(list({text("8-1"), fields}));
    CHECK(its_fault.starts_with("the log's entry 8-1 cannot be read: "));
    CHECK(!other.is_numbered());
    CHECK_EQ(wire_text(other), "");
    CHECK_EQ(to_string(other.at), "8-1");
  }
  // Right in itself, and in the wrong place.
  const std::string said = R"({"type":"message","name":"Ada","text":"Hi"})";
  CHECK(!read_entry(list({text("8-1"), list({text("e"), text(said)})})).entry.is_numbered());
  CHECK_THROWS(read_entry(list({})), RedisError);
}
