// One endpoint, yours: bytes in, events and bytes out. Chapter 11 lets it live, chapter 12 (walkthrough/12-ending.md) lets
// it end, and there is a test for either. The header's private functions are how we cut it up; you need not.
//
//     contract    src/protocol/protocol.h
//     chapter     walkthrough/11-living.md
//     test        cmake -B mine -DWEBSOCK_MINE=walkthrough/yours/protocol.cpp
//                 cmake --build mine --target protocol_test && ./mine/bin/protocol_test
//                 cmake --build mine --target ending_test && ./mine/bin/ending_test
#include "protocol/protocol.h"

#pragma GCC diagnostic ignored "-Wunused-parameter"  // until you use them

namespace websock {

State next_state(State from, Trigger trigger) { return from; }

std::string to_string(State state) { return {}; }

Protocol::Protocol(Role role, const ProtocolOptions& options)
    : role_(role),
      options_(options),
      rules_{.sender = role == Role::server ? Role::client : Role::server},
      message_(options.max_message) {}

// ---- The reading half ----

const Event* Protocol::next_event(std::span<std::uint8_t>& input) { return nullptr; }

bool Protocol::message_waits(ByteView input) const { return false; }

void Protocol::release_memory() {}

void Protocol::stop_reading() {}

// ---- The writing half ----

bool Protocol::send_message(const Message& message, Bytes& out, ByteView* rest) { return false; }

bool Protocol::send_ping(ByteView payload, Bytes& out) { return false; }

bool Protocol::send_close(const CloseBody& body, Bytes& out) { return false; }

void Protocol::respond(const Event& event, Bytes& out) {}

void Protocol::transport_closed(bool all_sent) {}

}  // namespace websock
