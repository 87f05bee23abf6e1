// One client's opening, yours: wait for the whole request, decide who may come in, and write the answer. The handshake
// of chapter 05 does the checking.
//
//     contract    src/endpoints/upgrade.h
//     chapter     walkthrough/16-server.md
//     test        cmake -B mine -DWEBSOCK_MINE=walkthrough/yours/upgrade.cpp
//                 cmake --build mine --target upgrade_test && ./mine/bin/upgrade_test
#include "endpoints/upgrade.h"

#pragma GCC diagnostic ignored "-Wunused-parameter"  // until you use them

namespace websock {

void check_rules(const UpgradeRules& rules) {}

std::optional<Opening> open_websocket(std::string_view received, const UpgradeRules& rules) { return std::nullopt; }

std::string refuse_unread(int status, std::string_view sentence) { return {}; }

}  // namespace websock
