// Request::header() and Request::query() are declared in http.h, where users look for them. They stand here because the
// handshake has no use for them: it asks for one field at a time, and must know how many there are. start() and stop()
// of the server are here because serve_forever() is all that a server needs, and these are what one builds of it.
#include "endpoints/convenience.h"

#include <algorithm>
#include <charconv>
#include <ostream>
#include <stdexcept>

#include "endpoints/server.h"
#include "handshake/http.h"
#include "protocol/close.h"

namespace websock {
namespace {

// What a form or encodeURIComponent() made of a text, undone: '+' was a space, and %41 an 'A'. A '%' without two hex
// digits behind it stays what it is, as in browsers.
std::string decoded(std::string_view text) {
  std::string result;
  for (std::size_t i = 0; i < text.size(); ++i) {
    unsigned char byte = 0;
    const char* digits = text.data() + i + 1;
    // from_chars takes no sign and no space here, and the bound of the second argument keeps it to two digits.
    if (text[i] == '%' && i + 2 < text.size() && std::from_chars(digits, digits + 2, byte, 16).ptr == digits + 2) {
      result += static_cast<char>(byte);
      i += 2;  // the digits
    } else {
      result += text[i] == '+' ? ' ' : text[i];
    }
  }
  return result;
}

}  // namespace

// RFC 9110 section 5.3: lines of the same name are one list.
std::optional<std::string> Request::header(std::string_view name) const {
  // No such field, and a field that is empty, are two answers.
  std::optional<std::string> value;
  for (const HeaderField& field : fields) {
    if (!equal_ignoring_case(field.name, name)) continue;
    value = value ? *value + ", " + field.value : field.value;
  }
  return value;
}

// What URLSearchParams in a browser makes of a query: pairs with & between them, each with a = or without.
std::optional<std::string> Request::query(std::string_view name) const {
  // Decoded anew at each call, pair by pair: a handshake asks once or twice, and a map would be kept for the whole
  // connection.
  std::string_view rest = query_of(target);
  while (!rest.empty()) {
    const std::string_view pair = rest.substr(0, rest.find('&'));
    rest.remove_prefix(std::min(rest.size(), pair.size() + 1));  // 1: the &, which the last one has not
    const std::size_t equals = pair.find('=');
    // Both halves are decoded after the cut: an & or a = that was encoded belongs to a name or a value.
    // Without a = the name is the whole pair: substr() takes npos for "to the end".
    if (decoded(pair.substr(0, equals)) != name) continue;
    // The first of that name counts, as with URLSearchParams.get().
    return equals == pair.npos ? "" : decoded(pair.substr(equals + 1));
  }
  return std::nullopt;
}

// ---- A server in the background ----

// Nobody could catch what leaves the bottom of that thread's stack, so what on_server_destruct throws is told instead.
void WebSocketServer::start() {
  // Joinable even if the server has ended by itself meanwhile: only stop() joins, and only then may it be started
  // again.
  if (background_.joinable()) throw std::logic_error("the server has been started already");
  background_ = std::thread([this] {
    try {
      // What leaves this is on_server_destruct's: the accept loop catches its own exceptions.
      serve_forever();
    } catch (const std::exception& thrown) {
      // The two {}: report() puts the text together, and no client is concerned.
      report(callbacks_, {ErrorKind::callback, {}, {}, std::current_exception()},
             {"on_server_destruct failed: ", thrown.what()});
    } catch (...) {
      report(callbacks_, {ErrorKind::callback, {}, {}, std::current_exception()},
             {"on_server_destruct failed with something that is no std::exception"});
    }
  });
}

// Also the destructor's, so that a server that was started cannot outlive what its callbacks refer to. A second call
// finds nothing to join.
void WebSocketServer::stop() {
  if (!background_.joinable()) return;
  // This only asks. It is the join that waits, for every client's thread.
  close_server();
  background_.join();
}

// ---- What can be printed ----

std::ostream& operator<<(std::ostream& out, CloseCode code) { return out << to_string(code); }
std::ostream& operator<<(std::ostream& out, Opcode opcode) { return out << to_string(opcode); }
std::ostream& operator<<(std::ostream& out, State state) { return out << to_string(state); }

// Not inline: a program that was compiled with other headers than the library that it runs with can tell.
const char* version() { return "1.0.0"; }

}  // namespace websock
