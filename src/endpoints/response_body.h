// What a server says that opens no WebSocket: the body of its response. Often it is all that tells a person why.
#pragma once

#include <string>
#include <string_view>

#include "../handshake/http.h"
#include "../transport/deadline.h"
#include "../transport/receive_buffer.h"
#include "../transport/socket.h"
#include "connect.h"

namespace websock {

inline constexpr std::size_t kMaxBody = 64 * 1024;  // bytes, as they travel

struct ResponseBody {
  std::string text = {};
  bool is_complete = false;  // nothing that is still to come belongs to it, or would be kept
};

// The body among the bytes that have come behind the head of `response`: as long as Content-Length says, or put
// together from its chunks, or all that comes before the end of a connection that the response closes (RFC 9112 section
// 6.3). Of any other response, which does not say how long it is, it is what is here by now.
ResponseBody body_of(const Response& response, std::string_view received);

// The same from a socket, behind what `received` has of it already. Throws nothing but std::bad_alloc: if the server is
// slower than the deadline, or is gone, or `stop` is stopped, what has come will do.
std::string receive_body(Socket& socket, ReceiveBuffer& received, const Response& response, Deadline deadline,
                         const ConnectStop* stop);

}  // namespace websock
