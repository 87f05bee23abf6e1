// Sec-WebSocket-Extensions: what is a list of extensions, and what is none.
#include "handshake/extension.h"

#include "check.h"

using namespace websock;

namespace {

// What the fields list, one extension a line: "name; parameter; parameter=value". "400" if it is refused.
std::string listed(const std::vector<std::string>& values) {
  HeaderFields fields;
  for (const std::string& value : values) fields.push_back({"Sec-WebSocket-Extensions", value});
  try {
    std::string text;
    for (const Extension& extension : parse_extensions(fields)) {
      text += extension.name;
      for (const ExtensionParameter& parameter : extension.parameters) {
        text += "; " + parameter.name + (parameter.value ? "=" + *parameter.value : "");
      }
      text += "\n";
    }
    return text;
  } catch (const HttpError& error) {
    return std::to_string(error.status());
  }
}
std::string listed(const char* value) { return listed(std::vector<std::string>{value}); }

}  // namespace

// ---- The RFCs' own examples ----

TEST("9.1-03 the examples of RFC 6455 section 9.1") {
  CHECK_EQ(listed("deflate-stream"), "deflate-stream\n");
  CHECK_EQ(listed("mux; max-channels=4; flow-control, deflate-stream"),
           "mux; max-channels=4; flow-control\n"
           "deflate-stream\n");
  CHECK_EQ(listed("private-extension"), "private-extension\n");
}

TEST("4.3-04 the examples of RFC 7692 section 7.1.3") {
  CHECK_EQ(listed("permessage-deflate"), "permessage-deflate\n");
  CHECK_EQ(listed("permessage-deflate; client_max_window_bits; server_max_window_bits=10"),
           "permessage-deflate; client_max_window_bits; server_max_window_bits=10\n");
  CHECK_EQ(listed("permessage-deflate; client_max_window_bits; server_max_window_bits=10, "
                  "permessage-deflate; client_max_window_bits"),
           "permessage-deflate; client_max_window_bits; server_max_window_bits=10\n"
           "permessage-deflate; client_max_window_bits\n");
}

// ---- Rules obeyed ----

TEST("4.3-05 a parameter is a name alone, or has a token or a quoted string as its value") {
  CHECK_EQ(listed("a; x"), "a; x\n");
  CHECK_EQ(listed("a; x=1"), "a; x=1\n");
  CHECK_EQ(listed("a; x=\"1\""), "a; x=1\n");
}

TEST("4.3-06 a backslash in a quoted value stands for the character behind it") {
  CHECK_EQ(listed(R"(a; x="f\ast")"), "a; x=fast\n");
  CHECK_EQ(listed(R"(a; x="\f\a\s\t")"), "a; x=fast\n");
}

TEST("4.3-01 white space may stand around commas, semicolons and equals signs") {
  CHECK_EQ(listed(" a ;\tx = 1 ; y=\t\"2\"\t,  b "), "a; x=1; y=2\nb\n");
  CHECK_EQ(listed("a;x=1;y=2,b"), "a; x=1; y=2\nb\n");
}

TEST("9.1-05 several fields mean the same as one with commas") {
  CHECK_EQ(listed("foo, bar; baz=2"), "foo\nbar; baz=2\n");
  CHECK_EQ(listed({"foo", "bar; baz=2"}), "foo\nbar; baz=2\n");
}

TEST("11.3.2-01 extensions of several fields are merged in the order of the fields") {
  CHECK_EQ(listed({"c, b", "a", "b; x"}), "c\nb\na\nb; x\n");
}

TEST("9.1-09 order is kept, and so is every repetition") {
  CHECK_EQ(listed("b, a, b"), "b\na\nb\n");
  CHECK_EQ(listed("a; y; x; y"), "a; y; x; y\n");
}

TEST("9.1-06 extensions and parameters that nobody has heard of are read like any other") {
  CHECK_EQ(listed("x-webkit-deflate-frame; no_context_takeover"), "x-webkit-deflate-frame; no_context_takeover\n");
  CHECK_EQ(listed("permessage-deflate; foo"), "permessage-deflate; foo\n");
  CHECK_EQ(listed("permessage-deflate; server_max_window_bits=99"), "permessage-deflate; server_max_window_bits=99\n");
}

TEST("4.2.1-11 the header is optional: without it there are no extensions") {
  CHECK_EQ(listed(std::vector<std::string>{}), "");
  CHECK(parse_extensions({{"Sec-WebSocket-Protocol", ";;;"}}).empty());
}

TEST("4.1-52 the header's name has no case") {
  CHECK_EQ(parse_extensions({{"sec-websocket-extensions", "a"}}).size(), 1u);
  CHECK_EQ(parse_extensions({{"SEC-WEBSOCKET-EXTENSIONS", "a"}}).size(), 1u);
}

// ---- Rules broken ----

TEST("9.1-02 an extension without a name breaks the list") {
  CHECK_EQ(listed(";a"), "400");
  CHECK_EQ(listed(";permessage-deflate"), "400");
  CHECK_EQ(listed("a, ;b"), "400");
}

TEST("9.1-02 a parameter without a name breaks the list") {
  CHECK_EQ(listed("a;"), "400");
  CHECK_EQ(listed("permessage-deflate;"), "400");
  CHECK_EQ(listed("a;;b"), "400");
  CHECK_EQ(listed("permessage-deflate; =10"), "400");
  CHECK_EQ(listed("a; \"x\"=1"), "400");
}

TEST("9.1-02 an equals sign without a value breaks the list") {
  CHECK_EQ(listed("a; b="), "400");
  CHECK_EQ(listed("a; b= ; c"), "400");
  CHECK_EQ(listed("a; b=\"\""), "400");
  CHECK_EQ(listed("a; b=1=2"), "400");
}

TEST("9.1-02 an extension itself has no value") {
  CHECK_EQ(listed("a=b"), "400");
  CHECK_EQ(listed("a="), "400");
}

TEST("9.1-02 names and values are tokens") {
  CHECK_EQ(listed("a b"), "400");
  CHECK_EQ(listed("a/b"), "400");
  CHECK_EQ(listed("\"a\""), "400");
  CHECK_EQ(listed("a; b c"), "400");
  CHECK_EQ(listed("a; b=c d"), "400");
  CHECK_EQ(listed("a; b=(c)"), "400");
  CHECK_EQ(listed("a; b=\xc3\xa4"), "400");
}

TEST("9.1-02 a quoted string has an end, and nothing behind it") {
  CHECK_EQ(listed("a; b=\""), "400");
  CHECK_EQ(listed("a; b=\"c"), "400");
  CHECK_EQ(listed("a; b=\"cd"), "400");
  CHECK_EQ(listed("a; b=\"c, d"), "400");
  CHECK_EQ(listed("a; b=c\""), "400");
  CHECK_EQ(listed("a; b=\"c\"d"), "400");
  CHECK_EQ(listed("a; b=\"c\"\"d\""), "400");
  CHECK_EQ(listed(R"(a; b="c\")"), "400");
}

TEST("4.3-06 a quoted value is a token once its backslashes are gone") {
  CHECK_EQ(listed("a; b=\"c d\""), "400");
  CHECK_EQ(listed("a; b=\"c,d\""), "400");
  CHECK_EQ(listed("a; b=\"c;d\""), "400");
  CHECK_EQ(listed(R"(a; b="c\"d")"), "400");
  CHECK_EQ(listed(R"(a; b="c\\d")"), "400");
  CHECK_EQ(listed("permessage-deflate; server_max_window_bits=\"1 0\""), "400");
}

TEST("9.1-02 a good extension does not save a list with a broken one") {
  CHECK_EQ(listed("permessage-deflate, a;;b"), "400");
  CHECK_EQ(listed("a;;b, permessage-deflate"), "400");
  CHECK_EQ(listed({"permessage-deflate", "a;;b"}), "400");
}

// ---- Boundaries ----

TEST("4.3-04 a list has at least one extension; empty elements beside it do not matter") {
  CHECK_EQ(listed(""), "400");
  CHECK_EQ(listed(" , ,"), "400");
  CHECK_EQ(listed({"", ""}), "400");
  CHECK_EQ(listed(",a,, b,"), "a\nb\n");
  CHECK_EQ(listed({"", "a"}), "a\n");
}

TEST("own-extension-01 two extensions are the same if their names, and their parameters in order, are") {
  const Extension extension{"a", {{"b", "c"}, {"d", std::nullopt}}};
  CHECK(extension == (Extension{"a", {{"b", "c"}, {"d", std::nullopt}}}));
  CHECK(extension != (Extension{"A", {{"b", "c"}, {"d", std::nullopt}}}));
  CHECK(extension != (Extension{"a", {{"b", "c"}}}));
  CHECK(extension != (Extension{"a", {{"d", std::nullopt}, {"b", "c"}}}));
  CHECK(extension != (Extension{"a", {{"b", "c"}, {"d", ""}}}));
}
