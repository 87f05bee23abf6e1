// Extensions as data: RFC 6455 section 9. This library knows that there may be extensions, and knows none of them.
// Whoever has one describes it in the two structures below, and puts it into ServerOptions or ClientOptions.
// compression/ does so.
//
//     offered      permessage-deflate; client_max_window_bits, x-other        what a client would like
//     agreed       permessage-deflate                                         what the server answers
#pragma once

#include <functional>
#include <string>
#include <vector>

#include "../bytes.h"
#include "extension.h"

namespace websock {

// Takes what a piece of a message has become. The view is good until it returns. It may throw, and then so does whoever
// called it.
using PieceOutput = std::function<void(ByteView)>;

// An extension that both ends of one connection have agreed to: a reserved bit of a message's first frame (5.2), and
// what it means for the message. It has a memory of its own for each connection, and two halves that share nothing: one
// that decodes, on the connection's thread, and one that encodes, on one thread at a time.
struct AgreedExtension {
  std::uint8_t rsv = 0;  // the one bit, where it stands in the first byte: 0b0100'0000 is RSV1

  // The next piece of the payload of a message that has the bit. Calls `output` for what it becomes, as often as it
  // likes; with `ends` for the last time. It throws a ProtocolError (framing/protocol_error.h) if there is something
  // wrong.
  std::function<void(ByteView piece, bool ends, const PieceOutput& output)> decode;

  // A message that is to be sent. Returns what is sent in its place, with the bit: a view that lasts until the next
  // call. Nothing: the message goes as it is, without the bit. Messages come in the order in which they are sent.
  std::function<std::optional<ByteView>(ByteView payload)> encode;

  // Give back memory that can be done without, between two messages. May be empty.
  std::function<void()> release_decoder = {};
  std::function<void()> release_encoder = {};

  // A broadcast is encoded once for all connections whose `sharing` is the same. encode_for_all does it with nothing
  // but the message; forget tells each connection's encoder that a message has gone by that it does not know. Where
  // `sharing` is empty, broadcasts go without the bit.
  std::string sharing = {};
  std::function<std::optional<Bytes>(ByteView payload)> encode_for_all = {};
  std::function<void()> forget = {};
};

// What a server says to one offer.
struct AcceptedExtension {
  Extension answer;  // for the response: its name, and the parameters that were agreed
  AgreedExtension agreed;
};

// An extension that an endpoint would use, if the other end did, too.
struct SupportedExtension {
  std::string name;  // a token, such as "permessage-deflate"

  // A server's: looks at one offer of this name. Nothing: declined.
  std::function<std::optional<AcceptedExtension>(const Extension& offer)> accept;

  // A client's: what it offers, the most preferred first; and a look at the server's answer. Nothing: it does not
  // answer any of our offers, and the handshake fails.
  std::vector<Extension> offers = {};
  std::function<std::optional<AgreedExtension>(const Extension& answer)> check_answer;
};

// The server's choice: of each extension the first offer that is accepted, in the client's order. What would use a bit
// that is in use already is declined, and so is an extension that is agreed to already.
std::vector<AcceptedExtension> choose_extensions(const std::vector<Extension>& offered,
                                                 const std::vector<SupportedExtension>& supported);

// The client's judgement. Nothing: the server has named one that was not offered, or named one twice, or what it says
// of one is not acceptable (4.1, step 5).
std::optional<std::vector<AgreedExtension>> check_extensions(const std::vector<Extension>& answers,
                                                             const std::vector<SupportedExtension>& supported);

// As a header field says it: "permessage-deflate; client_max_window_bits=10". What parse_extensions reads.
std::string to_string(const Extension& extension);

}  // namespace websock
