// What extensions make of a message that is sent, yours.
//
//     contract    src/protocol/message_encoder.h
//     chapter     walkthrough/21-permessage-deflate.md
//     test        cmake -B mine -DWEBSOCK_MINE=walkthrough/yours/message_encoder.cpp
//                 cmake --build mine --target permessage_deflate_test && ./mine/bin/permessage_deflate_test
#include "protocol/message_encoder.h"

#include <stdexcept>

#pragma GCC diagnostic ignored "-Wunused-parameter"  // until you use them

namespace websock {

MessageEncoder::MessageEncoder(std::vector<AgreedExtension> extensions) {}

Message MessageEncoder::encode(const Message& message) { return message; }

std::string_view MessageEncoder::sharing() const { return ""; }

std::optional<MessageEncoder::Shared> MessageEncoder::encode_for_all(ByteView payload) const {
  throw std::logic_error("not written yet");
}

void MessageEncoder::forget() {}

void MessageEncoder::release_memory() {}

}  // namespace websock
