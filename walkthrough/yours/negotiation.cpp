// Agreeing to extensions, yours: the server's choice, and the client's judgement of it (RFC 6455 section 9.1).
//
//     contract    src/handshake/negotiation.h
//     chapter     walkthrough/21-permessage-deflate.md
//     test        cmake -B mine -DWEBSOCK_MINE=walkthrough/yours/negotiation.cpp
//                 cmake --build mine --target negotiation_test && ./mine/bin/negotiation_test
#include "handshake/negotiation.h"

#include <stdexcept>

#pragma GCC diagnostic ignored "-Wunused-parameter"  // until you use them

namespace websock {

std::vector<AcceptedExtension> choose_extensions(const std::vector<Extension>& offered,
                                                 const std::vector<SupportedExtension>& supported) {
  throw std::logic_error("not written yet");
}

std::optional<std::vector<AgreedExtension>> check_extensions(const std::vector<Extension>& answers,
                                                             const std::vector<SupportedExtension>& supported) {
  throw std::logic_error("not written yet");
}

std::string to_string(const Extension& extension) { throw std::logic_error("not written yet"); }

}  // namespace websock
