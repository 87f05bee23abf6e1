// JSON: RFC 8259, the section first in each name.
#include <string>

#include "chat/json.h"
#include "check.h"

namespace {

// Read and written again, or what was wrong.
std::string read(std::string_view text) {
  try {
    return to_string(parse_json(text));
  } catch (const JsonError& error) {
    return std::string("error: ") + error.what();
  }
}

bool is_json(std::string_view text) { return !read(text).starts_with("error"); }

}  // namespace

// ---- What is JSON ----

TEST("8259-2 a value of each kind is a text of its own") {
  for (const char* text : {"null", "true", "false", "0", "\"\"", "[]", "{}"}) CHECK_EQ(read(text), text);
}

TEST("8259-2 white space may stand around every value and every structural character") {
  CHECK_EQ(read(" \t\r\n { \"a\" : [ 1 , 2 ] , \"b\" : null } \n"), R"({"a":[1,2],"b":null})");
}

TEST("8259-4 an object keeps its members in their order") {
  CHECK_EQ(read(R"({"b":1,"a":2})"), R"({"b":1,"a":2})");
  CHECK_EQ(parse_json(R"({"b":1,"a":2})")["a"].number(), 2.0);
}

TEST("8259-4 of two members with one name the last counts") {
  CHECK_EQ(parse_json(R"({"a":1,"a":2})")["a"].number(), 2.0);
}

TEST("8259-6 numbers") {
  struct Row {
    const char* text;
    double number;
  };
  for (const Row& row : {Row{"0", 0}, Row{"-0", 0}, Row{"7", 7}, Row{"-12", -12}, Row{"0.5", 0.5}, Row{"1e3", 1000},
                         Row{"1E+3", 1000}, Row{"25e-2", 0.25}, Row{"9007199254740991", 9007199254740991.0}}) {
    CHECK_EQ(parse_json(row.text).number(), row.number);
  }
}

TEST("8259-6 a number is written as it was read") {
  for (const char* text : {"0", "-7", "1234567890123", "0.5", "-0.25", "1e+300"}) CHECK_EQ(read(text), text);
}

TEST("8259-7 each two-character escape") {
  CHECK_EQ(parse_json(R"("\"\\\/\b\f\n\r\t")").text(), std::string("\"\\/\b\f\n\r\t"));
}

TEST("8259-7 \\u escapes, in either case, become UTF-8") {
  CHECK_EQ(parse_json(R"("\u0041\u00e9\u20AC")").text(), "A\xc3\xa9\xe2\x82\xac");
  CHECK_EQ(parse_json(R"("\u0000")").text(), std::string(1, '\0'));
}

TEST("8259-7 a surrogate pair is one character") {
  CHECK_EQ(parse_json(R"("\ud83d\ude00")").text(), "\xf0\x9f\x98\x80");  // U+1F600
  CHECK_EQ(parse_json(R"("\uDBFF\uDFFF")").text(), "\xf4\x8f\xbf\xbf");  // U+10FFFF
}

TEST("8259-7 control characters, quotes and backslashes are written escaped, all else as it is") {
  CHECK_EQ(to_string(Json("a\"b\\c\nd\x01\x1f\x7f\xc3\xa9/")), "\"a\\\"b\\\\c\\nd\\u0001\\u001f\x7f\xc3\xa9/\"");
}

// ---- What is not ----

TEST("8259-2 nothing, or more than one value, is no JSON") {
  for (const char* text : {"", " ", "1 2", "{} {}", "[]]", "null,", "truefalse"}) CHECK(!is_json(text));
}

TEST("8259-3 the literal names are in lower case, and whole") {
  for (const char* text : {"True", "NULL", "nul", "tru", "undefined", "NaN", "Infinity"}) CHECK(!is_json(text));
}

TEST("8259-4 objects that are broken") {
  for (const char* text : {"{", "{\"a\"", "{\"a\":", "{\"a\":1", "{\"a\":1,", "{\"a\":1,}", "{,}", "{a:1}", "{'a':1}",
                           "{\"a\" 1}", "{\"a\":1 \"b\":2}", "{1:2}", "{\"a\":1]"}) {
    CHECK(!is_json(text));
  }
}

TEST("8259-5 arrays that are broken") {
  for (const char* text : {"[", "[1", "[1,", "[1,]", "[,]", "[1 2]", "[1}", "]"}) CHECK(!is_json(text));
}

TEST("8259-6 numbers that are broken") {
  for (const char* text : {"01", "-", "+1", "1.", ".5", "1e", "1e+", "0x1", "1_000", "--1", "-01", "1e400"}) {
    CHECK(!is_json(text));
  }
}

TEST("8259-7 strings that are broken") {
  for (const char* text : {"\"", "\"a", "\"\\\"", "\"\\x\"", "\"\\u12\"", "\"\\u12g4\"", "\"\\U0041\"", "'a'",
                           "\"a\nb\"", "\"a\tb\"", "\"\\\n\""}) {
    CHECK(!is_json(text));
  }
  CHECK(!is_json(std::string_view("\"\0\"", 3)));
}

TEST("8259-8.1 a text is UTF-8, without a byte order mark") {
  CHECK(!is_json("\"\xff\""));
  CHECK(!is_json("\"\xc3\""));
  CHECK(!is_json("\"\xed\xa0\x80\""));  // U+D800
  CHECK(!is_json("\xef\xbb\xbf{}"));
}

TEST("8259-8.2 half of a surrogate pair is refused") {
  for (const char* text :
       {R"("\ud83d")", R"("\ude00")", R"("\ud83dx")", R"("\ud83d\n")", R"("\ud83d\u0041")", R"("\ude00\ud83d")"}) {
    CHECK_EQ(read(text), "error: half of a surrogate pair is missing");
  }
}

TEST("8259-9 nesting has a limit, and ten thousand brackets do not hurt") {
  const auto nested = [](std::size_t depth) { return std::string(depth, '[') + std::string(depth, ']'); };
  CHECK(is_json(nested(kMaxJsonDepth + 1)));
  CHECK(!is_json(nested(kMaxJsonDepth + 2)));
  CHECK(!is_json(std::string(10'000, '[')));
  std::string objects;
  for (int i = 0; i < 10'000; ++i) objects += "{\"a\":";
  CHECK(!is_json(objects));
}

TEST("8259-9 a text that is cut short is an error at every length") {
  const std::string_view whole = R"({"type":"say","text":"\u20ac \ud83d\ude00","list":[1.5e3,true,null]})";
  CHECK(is_json(whole));
  for (std::size_t size = 0; size < whole.size(); ++size) CHECK(!is_json(whole.substr(0, size)));
}

// ---- Our own ----

TEST("own-chat-json-01 a value of another type than the one asked for is an error") {
  const Json message = parse_json(R"({"text":5})");
  CHECK_THROWS(message["text"].text(), JsonError);
  CHECK_THROWS(message["none"].number(), JsonError);
  CHECK_THROWS(Json("text")["type"], JsonError);
  CHECK(message["none"].is_null());
}

TEST("own-chat-json-02 what a program writes, it reads again") {
  const Json message = JsonObject{{"type", "welcome"}, {"seq", 12}, {"all", JsonArray{"Ada", true, Json(), 1.25}}};
  CHECK_EQ(to_string(message), R"({"type":"welcome","seq":12,"all":["Ada",true,null,1.25]})");
  CHECK(parse_json(to_string(message)) == message);
}
