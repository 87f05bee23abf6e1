// The grammar of 9.1, a function a line:
//
//     extension-list  =  1#extension                                    parse_extensions: commas
//     extension       =  extension-token *( ";" extension-param )       parse_extension: semicolons
//     extension-param =  token [ "=" (token | quoted-string) ]          parse_parameter, parse_value
//
// It is strict where HTTP is used to be lenient: 9.1 lets nobody shrug at a malformed list. An *unknown* extension is
// simply not agreed to; a *broken* list fails the connection.
//
//     permessage-deflate; client_max_window_bits      one that a browser offers
//     frobnicate; size="12"                           unknown, and well-formed: the same as size=12
//     permessage-deflate; ; x                         broken: something has to be between two semicolons
#include "handshake/extension.h"

namespace websock {
namespace {

// One sentence for all: a list is broken by a program, not by a typing error, and that program's author has the list.
[[noreturn]] void fail_extensions() { throw HttpError(400, "The Sec-WebSocket-Extensions header is malformed."); }

// What is behind the "=": a token, or a quoted string, which "after quoted-string unescaping MUST conform to the
// 'token' ABNF". So what comes out is a token in either case, and the quotation marks are gone.
std::string parse_value(std::string_view text) {
  std::string value(text);
  if (text.starts_with('"')) {
    if (text.size() < 2 || !text.ends_with('"')) fail_extensions();  // size 1: one mark is not both begin and end
    value.clear();
    for (std::size_t i = 1; i + 1 < text.size(); ++i) {  // without the marks
      // A backslash stands for the character behind it. Behind the last one that is the closing mark, which is no
      // character of a token: such a text never had an end, and is_token() refuses it.
      if (text[i] == '\\') ++i;
      value += text[i];
    }
  }
  if (!is_token(value)) fail_extensions();
  return value;
}

// "name", or "name=value". A '=' inside quotation marks is behind the first one, and so never the one that is found.
ExtensionParameter parse_parameter(std::string_view text) {
  const std::size_t equals = text.find('=');
  const std::string_view name = trim(text.substr(0, equals));  // npos, no '=': all of it
  if (!is_token(name)) fail_extensions();
  if (equals == std::string_view::npos) return {std::string(name), std::nullopt};
  return {std::string(name), parse_value(trim(text.substr(equals + 1)))};
}

// One element of the list. split() gives one part at least, and keeps empty ones: "x;" has a second, which is no token.
Extension parse_extension(std::string_view text) {
  const std::vector<std::string_view> parts = split(text, ';');
  if (!is_token(parts.front())) fail_extensions();
  Extension extension{std::string(parts.front()), {}};
  for (std::size_t i = 1; i < parts.size(); ++i) extension.parameters.push_back(parse_parameter(parts[i]));
  return extension;
}

}  // namespace

// 1# is "one at least, with commas between them". Empty elements beside it are ignored, as in any list of HTTP's, so
// only a header with nothing else in it is left to refuse.
std::vector<Extension> parse_extensions(const HeaderFields& fields) {
  std::vector<Extension> extensions;
  for (const std::string_view element : list_elements(fields, "Sec-WebSocket-Extensions")) {
    extensions.push_back(parse_extension(element));
  }
  if (extensions.empty() && find_field(fields, "Sec-WebSocket-Extensions") != nullptr) fail_extensions();
  return extensions;
}

}  // namespace websock
