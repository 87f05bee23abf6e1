// The grammar of 9.1, a function a line:
//
//     extension-list  =  1#extension                                    parse_extensions: commas
//     extension       =  extension-token *( ";" extension-param )       parse_extension: semicolons
//     extension-param =  token [ "=" (token | quoted-string) ]          parse_parameter, parse_value
//
// It is strict where HTTP is used to be lenient: 9.1 lets nobody shrug at a malformed list. An *unknown* extension is
// simply not agreed to; a *broken* list fails the connection.
#include "handshake/extension.h"

namespace websock {
namespace {

[[noreturn]] void fail_extensions() { throw HttpError(400, "The Sec-WebSocket-Extensions header is malformed."); }

// A token, or a quoted string: which "after quoted-string unescaping MUST conform to the 'token' ABNF".
std::string parse_value(std::string_view text) {
  std::string value(text);
  if (text.starts_with('"')) {
    if (text.size() < 2 || !text.ends_with('"')) fail_extensions();
    value.clear();
    for (std::size_t i = 1; i + 1 < text.size(); ++i) {
      if (text[i] == '\\') ++i;
      value += text[i];
    }
  }
  if (!is_token(value)) fail_extensions();
  return value;
}

ExtensionParameter parse_parameter(std::string_view text) {
  const std::size_t equals = text.find('=');
  const std::string_view name = trim(text.substr(0, equals));
  if (!is_token(name)) fail_extensions();
  if (equals == std::string_view::npos) return {std::string(name), std::nullopt};
  return {std::string(name), parse_value(trim(text.substr(equals + 1)))};
}

Extension parse_extension(std::string_view text) {
  const std::vector<std::string_view> parts = split(text, ';');
  if (!is_token(parts.front())) fail_extensions();
  Extension extension{std::string(parts.front()), {}};
  for (std::size_t i = 1; i < parts.size(); ++i) extension.parameters.push_back(parse_parameter(parts[i]));
  return extension;
}

}  // namespace

std::vector<Extension> parse_extensions(const HeaderFields& fields) {
  std::vector<Extension> extensions;
  for (const std::string_view element : list_elements(fields, "Sec-WebSocket-Extensions")) {
    extensions.push_back(parse_extension(element));
  }
  if (extensions.empty() && find_field(fields, "Sec-WebSocket-Extensions") != nullptr) fail_extensions();
  return extensions;
}

}  // namespace websock
