// How long is a body? HTTP/1.1 has three answers:
//
//     Content-Length: 5              Hello
//     Transfer-Encoding: chunked     5 CRLF Hello CRLF 0 CRLF CRLF        sizes in hexadecimal; 0 is the end
//     Connection: close              Hello, and then the end of TCP
//
// And a response may keep it to itself. Then no program but the server knows, and we do not wait for more.
//
// All this is read for a person, who wants to know why there is no WebSocket. So nothing in here is an error: a body
// that is cut short, or makes no sense, is as much of it as came.
#include "endpoints/response_body.h"

#include <charconv>
#include <system_error>

namespace websock {
namespace {

// "1a" in base 16 is 26. Nothing: there is no number at the front.
std::optional<std::size_t> number_in(std::string_view text, int base) {
  std::size_t number = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number, base);
  // What stands behind the digits, such as a chunk's extension, is nobody's concern here.
  if (error != std::errc()) return std::nullopt;
  return number;
}

// RFC 9112 section 7.1, but for extensions of chunks, which we skip, and trailer fields, which nobody here would look
// at.
ResponseBody join_chunks(std::string_view received) {
  ResponseBody body;
  for (;;) {
    const std::size_t line = received.find("\r\n");
    // Cut off inside this line. The body is not complete, and the caller will come again with more.
    if (line == received.npos) return body;
    const std::optional<std::size_t> size = number_in(received.substr(0, line), 16);
    body.is_complete = !size || *size == 0;  // no size: what follows cannot be understood
    if (body.is_complete) return body;
    received.remove_prefix(line + 2);  // CR LF
    // As much of the chunk as is here: should nothing more come, it is better than nothing.
    body.text += received.substr(0, *size);
    // The CR LF behind the chunk is not here yet. Subtracted, since *size + 2 may overflow: the number is the server's.
    if (received.size() <= *size || received.size() - *size < 2) return body;
    received.remove_prefix(*size + 2);
  }
}

}  // namespace

// Transfer-Encoding goes before Content-Length, if some server sends both (RFC 9112 section 6.3). A coding that does
// not end with chunked lasts as long as the connection, and then we get the bytes as they are.
ResponseBody body_of(const Response& response, std::string_view received) {
  if (response.status == 204 || response.status == 304) return {{}, true};  // these never have one
  // The limit is on what has travelled, chunk sizes included, so that a server cannot make us read for ever.
  const bool is_full = received.size() >= kMaxBody;
  received = received.substr(0, kMaxBody);
  ResponseBody body;
  const std::vector<std::string_view> codings = list_elements(response.fields, "Transfer-Encoding");
  if (!codings.empty()) {
    const bool is_chunked = equal_ignoring_case(codings.back(), "chunked");
    body = is_chunked ? join_chunks(received) : ResponseBody{std::string(received), false};
  } else if (const std::string* length = find_field(response.fields, "Content-Length")) {
    // A length that is no number announces nothing that one could wait for.
    const std::size_t size = number_in(*length, 10).value_or(0);
    body = {std::string(received.substr(0, size)), received.size() >= size};
  } else {
    // No length. If the server has said that it will hang up, that is the end; otherwise what has come has to do.
    body = {std::string(received), !list_contains(response.fields, "Connection", "close")};
  }
  // A server that never stops is cut off: it is only the text of a refusal.
  body.is_complete = body.is_complete || is_full;
  return body;
}

// Each time from the beginning: it is 64 KiB at most, and happens once.
std::string receive_body(Socket& socket, ReceiveBuffer& received, const Response& response, Deadline deadline,
                         const ConnectStop* stop) {
  std::string bytes;
  for (;;) {
    bytes += text_of(received.unread());
    // Out of the buffer, so that the next piece finds all of its room.
    received.unread() = {};
    ResponseBody body = body_of(response, bytes);
    if (body.is_complete) return std::move(body.text);
    try {
      // No text for the exception: it is caught below, and nobody will read it.
      wait_to_read(socket.descriptor(), deadline, stop, "");
      const std::size_t count = socket.receive(received.make_room(), Milliseconds(0)).value_or(0);
      if (count == 0) return std::move(body.text);  // the end
      received.add(count);
    } catch (const std::system_error&) {
      return std::move(body.text);  // a reset, the deadline, or a stop
    }
  }
}

}  // namespace websock
