// Frame headers, yours: two bytes that are always there, up to twelve that they announce, and the rules of RFC 6455
// section 5.2. Half a header is no error.
//
//     contract    src/framing/frame.h
//     chapter     walkthrough/06-frame.md
//     test        cmake -B mine -DWEBSOCK_MINE=walkthrough/yours/frame.cpp
//                 cmake --build mine --target frame_test && ./mine/bin/frame_test
#include "framing/frame.h"

#pragma GCC diagnostic ignored "-Wunused-parameter"  // until you use them

namespace websock {

std::size_t frame_header_size(const FrameHeader& header) { return 0; }

std::optional<FrameHeader> parse_frame_header(ByteView bytes, const FrameRules& rules) { return std::nullopt; }

void serialize_frame_header(const FrameHeader& header, Bytes& out) {}

std::string to_string(Opcode opcode) { return {}; }

std::string to_string(const FrameHeader& header) { return {}; }

}  // namespace websock
