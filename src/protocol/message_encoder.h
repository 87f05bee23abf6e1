// What extensions make of messages that are sent: RFC 6455 section 9. The other half of what MessageReader does.
//
//     Message encoded = encoder.encode(message);      // as it is, if no extension wants it
//     protocol.send_message(encoded, out);            // in the same order
//
// It is no part of Protocol, because it may take its time: compressing 16 MiB takes half a second. Pongs and Closes do
// not come by here, and need not wait.
#pragma once

#include <optional>
#include <string_view>
#include <vector>

#include "../handshake/negotiation.h"
#include "message.h"

namespace websock {

// One thread at a time, in the order in which the messages are sent; but sharing(), encode_for_all() and is_empty() on
// any thread, at any time.
class MessageEncoder {
 public:
  // `extensions`: those that the handshake has agreed to, in the response's order.
  explicit MessageEncoder(std::vector<AgreedExtension> extensions);

  bool is_empty() const { return extensions_.empty(); }

  // What to send in place of `message`. It lasts until the next call.
  Message encode(const Message& message);

  // A broadcast is encoded once for all connections with the same sharing(). Empty: what this one has agreed to cannot
  // be shared, and its broadcasts go as they are. encode_for_all() does not touch what belongs to this connection.
  // If it returns nothing, the message goes as it is. Before its result is sent, forget() tells the extension that a
  // message goes by.
  struct Shared {
    Bytes payload;
    std::uint8_t rsv;
  };
  std::string_view sharing() const;
  std::optional<Shared> encode_for_all(ByteView payload) const;
  void forget();

  // Gives back memory that can be done without. Between two messages.
  void release_memory();

 private:
  std::vector<AgreedExtension> extensions_;
};

}  // namespace websock
