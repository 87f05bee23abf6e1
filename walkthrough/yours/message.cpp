// Messages, yours: put fragments together as they arrive, and take messages apart (RFC 6455 section 5.4). The members
// that the header declares remember enough; the private hold() is a suggestion.
//
//     contract    src/protocol/message.h
//     chapter     walkthrough/10-message.md
//     test        cmake -B mine -DWEBSOCK_MINE=walkthrough/yours/message.cpp
//                 cmake --build mine --target message_test && ./mine/bin/message_test
#include "protocol/message.h"

#pragma GCC diagnostic ignored "-Wunused-parameter"  // until you use them

namespace websock {

// ---- Receiving ----

void MessageReader::begin_frame(const FrameHeader& header) {}

std::optional<Message> MessageReader::add(ByteView piece) { return std::nullopt; }

void MessageReader::release_memory() {}

void MessageReader::stop() {}

// ---- Sending ----

Fragment fragment_at(const Message& message, std::size_t offset, std::size_t max_frame_payload) { return {}; }

Buffer frames_of(const Message& message, std::size_t max_frame_payload) { return {}; }

void append_frame(Bytes& out, const FrameHeader& header, ByteView payload) {}

}  // namespace websock
