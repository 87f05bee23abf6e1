// 9.1: "foo, bar" in the response means bar(foo(data)): the first extension gets what the application wrote, the next
// what the first has made of it. Any of them may leave a message alone; then its bit is not set, and the peer's does
// likewise.
#include "protocol/message_encoder.h"

namespace websock {

// The decoding half belongs to the reader, and what it keeps in memory is not kept alive from here.
MessageEncoder::MessageEncoder(std::vector<AgreedExtension> extensions) : extensions_(std::move(extensions)) {
  for (AgreedExtension& extension : extensions_) {
    extension.decode = nullptr;
    extension.release_decoder = nullptr;
  }
}

// In the response's order. The peer's reader begins with the last of them.
Message MessageEncoder::encode(const Message& message) {
  Message encoded = message;  // a view: the payload stays the caller's until an extension has made another one
  for (const AgreedExtension& extension : extensions_) {
    const std::optional<ByteView> payload = extension.encode(encoded.payload);
    // This extension leaves the message alone, and its bit stays 0: the peer's then does not touch it either.
    if (!payload) continue;
    // A view of the extension's own memory: good until it is asked again.
    encoded.payload = *payload;
    encoded.rsv |= extension.rsv;
  }
  return encoded;
}

// With more than one extension, each would have to encode what the one before it has made of the message.
std::string_view MessageEncoder::sharing() const {
  return extensions_.size() == 1 ? std::string_view(extensions_[0].sharing) : std::string_view();
}

// The encoder of this one connection is not asked: what it remembers, the others have not seen.
std::optional<MessageEncoder::Shared> MessageEncoder::encode_for_all(ByteView payload) const {
  // From here on there is exactly one extension, or sharing() would be empty.
  if (sharing().empty()) return std::nullopt;
  std::optional<Bytes> encoded = extensions_[0].encode_for_all(payload);
  // The extension would rather leave it alone; nobody's history depends on it, so it goes as it is.
  if (!encoded) return std::nullopt;
  return Shared{std::move(*encoded), extensions_[0].rsv};
}

// All of them: it does no harm, and only one of them can have shared anything.
void MessageEncoder::forget() {
  for (const AgreedExtension& extension : extensions_) {
    if (extension.forget) extension.forget();
  }
}

// Some have nothing to give.
void MessageEncoder::release_memory() {
  for (const AgreedExtension& extension : extensions_) {
    if (extension.release_encoder) extension.release_encoder();
  }
}

}  // namespace websock
