// Extensions: RFC 6455 section 9.1. A client may offer to change how frames are used, and the server may agree, in the
// header field Sec-WebSocket-Extensions of the opening handshake:
//
//     permessage-deflate; client_max_window_bits, x-other; mode="fast"
//
// Here that list is only read. Which extensions are agreed to is for negotiation.h to say.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "fields.h"
#include "http.h"

namespace websock {

struct ExtensionParameter {
  std::string name;
  std::optional<std::string> value;

  bool operator==(const ExtensionParameter&) const = default;
};
struct Extension {
  std::string name;
  std::vector<ExtensionParameter> parameters;

  bool operator==(const Extension&) const = default;
};

// All extensions that the fields list, in order; none if there is no such field. Throws HttpError(400) if it breaks the
// grammar: a broken list is not a list of unknown extensions, it fails the handshake (9.1).
std::vector<Extension> parse_extensions(const HeaderFields& fields);

}  // namespace websock
