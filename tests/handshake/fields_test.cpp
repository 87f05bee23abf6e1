// Header fields: names without case, tokens, quoted strings, and lists over commas and lines.
#include "handshake/fields.h"

#include "check.h"

using namespace websock;

namespace {

std::string joined(const std::vector<std::string_view>& parts) {
  std::string text;
  for (const std::string_view part : parts) text.append(text.empty() ? "" : "|").append(part);
  return text;
}

// The elements of a list that stands in one field, as "a|b".
std::string elements(const std::string& value) {
  const HeaderFields fields = {{"List", value}};
  return joined(list_elements(fields, "List"));
}

// The value of the first field of this name.
std::string value_of(const HeaderFields& fields, std::string_view name) {
  const std::string* const value = find_field(fields, name);
  return value ? *value : "no such field";
}

const HeaderFields kFields = {
    {"Host", "server.example.com"},
    {"Connection", "keep-alive"},
    {"X-Other", "1"},
    {"connection", "Upgrade"},
};

}  // namespace

// ---- Names ----

TEST("2.1-02 letters are compared without case, everything else exactly") {
  CHECK(equal_ignoring_case("websocket", "WebSocket"));
  CHECK(equal_ignoring_case("ABCXYZ", "abcxyz"));
  CHECK(equal_ignoring_case("", ""));
  CHECK(!equal_ignoring_case("websocket", "websockets"));
  CHECK(!equal_ignoring_case("websockets", "websocket"));
  CHECK(!equal_ignoring_case("web-socket", "web_socket"));
}

TEST("2.1-01 A to Z have a lower case, their neighbours and other alphabets have none") {
  CHECK(!equal_ignoring_case("@", "`"));  // 40 60: one before A and a
  CHECK(!equal_ignoring_case("[", "{"));  // 5b 7b: one behind Z and z
  CHECK(!equal_ignoring_case("\xc3\x84", "\xc3\xa4"));
  CHECK(!equal_ignoring_case("\xc4", "\xe4"));
  CHECK(!equal_ignoring_case("K", "\xe2\x84\xaa"));  // the Kelvin sign lower-cases to k in Unicode
}

TEST("4.1-52 a field is found by its name in any case") {
  CHECK_EQ(value_of(kFields, "HOST"), "server.example.com");
  CHECK_EQ(value_of(kFields, "x-other"), "1");
  CHECK_EQ(count_fields(kFields, "CONNECTION"), 2u);
}

TEST("own-fields-01 find_field gives the first of several, and nothing if there is none") {
  CHECK_EQ(value_of(kFields, "Connection"), "keep-alive");
  CHECK(find_field(kFields, "Upgrade") == nullptr);
  CHECK(find_field(kFields, "Connection2") == nullptr);
  CHECK_EQ(count_fields(kFields, "Upgrade"), 0u);
}

// ---- Tokens ----

TEST("9110-5.6.2 of all 256 byte values exactly these make a token") {
  const std::string_view token_characters =
      "!#$%&'*+-.^_`|~0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";
  for (int value = 0; value < 256; ++value) {
    const char c = static_cast<char>(value);
    const std::string name = "is_token of the byte " + std::to_string(value);
    const bool wanted = token_characters.find(c) != std::string_view::npos;
    check::equal(__FILE__, __LINE__, name.c_str(), is_token(std::string(1, c)), wanted);
  }
}

TEST("9110-5.6.2 a token is not empty, and every character of it counts") {
  CHECK(!is_token(""));
  CHECK(is_token("permessage-deflate"));
  CHECK(!is_token("chat "));
  CHECK(!is_token(" chat"));
  CHECK(!is_token("a/b"));
  CHECK(!is_token("a,b"));
}

// ---- White space ----

TEST("9110-5.6.3 optional white space is spaces and tabs, and only around the text") {
  CHECK_EQ(trim("a"), "a");
  CHECK_EQ(trim(" \t a \t "), "a");
  CHECK_EQ(trim(" a \t b "), "a \t b");
  CHECK_EQ(trim(" \t "), "");
  CHECK_EQ(trim(""), "");
}

TEST("9110-5.6.3 line ends, form feeds and no-break spaces are no white space") {
  CHECK_EQ(trim("\r\na\v\f"), "\r\na\v\f");
  CHECK_EQ(trim("\xa0-\xa0"), "\xa0-\xa0");
}

// ---- Lists ----

TEST("9110-5.6.1 a list's elements stand between commas, with white space around them") {
  CHECK_EQ(elements("chat"), "chat");
  CHECK_EQ(elements("chat,superchat"), "chat|superchat");
  CHECK_EQ(elements("chat, superchat"), "chat|superchat");
  CHECK_EQ(elements(" chat \t,\t superchat "), "chat|superchat");
  CHECK_EQ(elements("two words, one"), "two words|one");
}

TEST("9110-5.6.1-01 empty elements do not count") {
  CHECK_EQ(elements("chat,,superchat"), "chat|superchat");
  CHECK_EQ(elements(", chat, ,superchat,"), "chat|superchat");
  CHECK_EQ(elements(""), "");
  CHECK_EQ(elements(" , ,, "), "");
}

TEST("9110-5.3-01 a list may be spread over several fields: their order is its order") {
  const HeaderFields fields = {{"List", "a, b"}, {"Other", "x"}, {"LIST", ""}, {"list", "c"}, {"Lists", "y"}};
  CHECK_EQ(joined(list_elements(fields, "List")), "a|b|c");
  CHECK_EQ(joined(list_elements(fields, "Missing")), "");
}

TEST("4.1-28 a token is found anywhere in a list, in any case") {
  CHECK(list_contains(kFields, "Connection", "upgrade"));
  CHECK(list_contains(kFields, "Connection", "KEEP-ALIVE"));
  CHECK(list_contains({{"Connection", "keep-alive,\tUPGRADE"}}, "connection", "upgrade"));
}

TEST("4.1-28 a token is found as a whole element or not at all") {
  CHECK(!list_contains({{"Connection", "upgrade2"}}, "Connection", "upgrade"));
  CHECK(!list_contains({{"Connection", "x-upgrade"}}, "Connection", "upgrade"));
  CHECK(!list_contains({{"Connection", "keep-alive upgrade"}}, "Connection", "upgrade"));
  CHECK(!list_contains({{"Connection", "keep-alive; upgrade"}}, "Connection", "upgrade"));
  CHECK(!list_contains({{"Connection", "\"upgrade\""}}, "Connection", "upgrade"));
  CHECK(!list_contains({{"Connections", "upgrade"}}, "Connection", "upgrade"));
  CHECK(!list_contains({}, "Connection", "upgrade"));
}

// ---- Quoted strings ----

TEST("9110-5.6.4 a comma in a quoted string separates nothing") {
  CHECK_EQ(elements("a, b; title=\"x, y\", c"), "a|b; title=\"x, y\"|c");
  CHECK_EQ(elements("\"a,b\",\"c,d\""), "\"a,b\"|\"c,d\"");
  CHECK_EQ(elements("\"\",a"), "\"\"|a");
}

TEST("9110-5.6.4-01 a quotation mark behind a backslash does not end the string") {
  CHECK_EQ(elements(R"("a\",b", c)"), R"("a\",b"|c)");
  CHECK_EQ(elements(R"("a\\", b)"), R"("a\\"|b)");  // the backslash itself is escaped: here the string ends
}

TEST("9110-5.6.4 outside of a quoted string a backslash means nothing") {
  CHECK_EQ(elements(R"(a\,b)"), R"(a\|b)");
  CHECK_EQ(elements(R"(a\"b,c",d)"), R"(a\"b,c"|d)");  // the string begins at the first mark
}

TEST("own-fields-02 a quoted string that never ends takes the rest of the line") {
  CHECK_EQ(elements("a, \"b, c"), "a|\"b, c");
  CHECK_EQ(elements("a, \"b, c\\"), "a|\"b, c\\");
  const std::vector<char> exact = {'"', 'a', '\\'};  // no NUL behind it: a sanitizer would see one byte too many
  CHECK_EQ(joined(split(std::string_view(exact.data(), exact.size()), ',')), "\"a\\");
}

TEST("own-fields-03 split keeps empty parts, for whom they are an error") {
  CHECK_EQ(split("a;", ';').size(), 2u);
  CHECK_EQ(split(";", ';').size(), 2u);
  CHECK_EQ(split("", ';').size(), 1u);
  CHECK_EQ(joined(split("a ; b=\"x;y\" ;c", ';')), "a|b=\"x;y\"|c");
}
