// Chapter 09: close codes and the body of a Close frame.
#include "protocol/close.h"

#include <stdexcept>

#include "check.h"
#include "utf8_vectors.h"
#include "wire.h"

using namespace websock;

namespace {

// What a Close frame's payload says, the reason in hex, or the failure:    1000: 62 79 65
std::string parsed(ByteView payload) {
  try {
    const CloseBody body = parse_close_body(payload);
    const std::string code = body.code ? std::to_string(static_cast<int>(*body.code)) : "no code";
    return code + ": " + to_hex(bytes_of(body.reason));
  } catch (const ProtocolError& error) {
    return "failed " + std::to_string(static_cast<int>(error.code())) + ", " + error.what();
  }
}

// Why a caller may not send `body`; nothing if he may.
std::string refusal(const CloseBody& body) {
  try {
    check_close_body(body);
    return "";
  } catch (const std::invalid_argument& error) {
    return error.what();
  }
}

constexpr const char* kBadCode = "failed 1002, a close code that may not be sent";
constexpr const char* kBadReason = "failed 1007, a close reason is not UTF-8";

void check_codes(unsigned first, unsigned last, bool valid) {
  for (unsigned number = first; number <= last; ++number) {
    const auto code = static_cast<CloseCode>(number);
    const Bytes payload = {static_cast<std::uint8_t>(number >> 8), static_cast<std::uint8_t>(number)};
    CHECK_EQ(parsed(payload), valid ? std::to_string(number) + ": " : kBadCode);
    CHECK_EQ(may_travel(code), valid);
    CHECK_EQ(refusal({code, ""}).empty(), valid);
  }
}

}  // namespace

// ---- Bodies ----

TEST("7.1.2-01 code and reason are the body of a Close: 03 e8 62 79 65") {
  CHECK_EQ(to_hex(serialize_close_body({CloseCode::normal_closure, "bye"})), "03 e8 62 79 65");
  CHECK_EQ(parsed(hex("03 e8 62 79 65")), "1000: 62 79 65");
}

TEST("5.5.1-02 a body of no bytes is in order: there is no code") {
  CHECK_EQ(parsed({}), "no code: ");
  CHECK_EQ(to_hex(serialize_close_body({})), "");
  CHECK_EQ(refusal({}), "");
}

TEST("5.5.1-03 two bytes are a code in network byte order, a body of one byte fails with 1002") {
  CHECK_EQ(parsed(hex("03 e9")), "1001: ");
  CHECK_EQ(to_hex(serialize_close_body({CloseCode::going_away, ""})), "03 e9");
  CHECK_EQ(parsed(hex("03")), "failed 1002, a Close body has one byte");
  CHECK_EQ(parsed(hex("00")), "failed 1002, a Close body has one byte");
}

TEST("5.5.1-04 a reason of 123 bytes is the longest: 125 bytes in all") {
  const std::string longest(123, '*');
  CHECK_EQ(kMaxCloseReason, 123u);
  CHECK_EQ(parsed(hex("0f a0") + Bytes(123, '*')), "4000: " + to_hex(bytes_of(longest)));
  CHECK_EQ(refusal({CloseCode{4000}, longest}), "");
  CHECK_EQ(serialize_close_body({CloseCode{4000}, longest}).size(), 125u);
}

TEST("8.1-01 a reason that is not UTF-8 fails with 1007") {
  CHECK_EQ(parsed(hex("03 e8 c3 28")), kBadReason);
  for (const InvalidText& row : kInvalidTexts) CHECK_EQ(parsed(hex("03 e8") + hex(row.bytes)), kBadReason);
}

TEST("7.1.6-01 the reason is the UTF-8 that follows the code") {
  for (const ValidText& row : kValidTexts) {
    const Bytes reason = hex(row.bytes);
    CHECK_EQ(parsed(hex("03 e8") + reason), "1000: " + to_hex(reason));
  }
}

TEST("10.7-01 a code that may not travel is told before a reason that is not UTF-8") {
  CHECK_EQ(parsed(hex("03 ed ff")), kBadCode);  // 1005
}

// ---- Codes ----

TEST("7.4.2-01 codes 0 to 999 are not used") { check_codes(0, 999, false); }

TEST("7.4.1-01 codes 1000 to 1003 and 1007 to 1014 may travel") {
  check_codes(1000, 1003, true);
  check_codes(1007, 1014, true);
}

TEST("7.4.1-07 1004 is reserved and may not travel") { check_codes(1004, 1004, false); }

TEST("7.4.1-08 1005 may not travel") { check_codes(1005, 1005, false); }

TEST("7.4.1-10 1006 may not travel") { check_codes(1006, 1006, false); }

TEST("7.4.1-18 1015 may not travel") { check_codes(1015, 1015, false); }

TEST("7.4.2-02 codes up to 2999 that have no meaning so far may not travel") { check_codes(1016, 2999, false); }

TEST("7.4.2-03 codes 3000 to 3999, of libraries, may travel") { check_codes(3000, 3999, true); }

TEST("7.4.2-04 codes 4000 to 4999, of applications, may travel, and none above") {
  check_codes(4000, 4999, true);
  check_codes(5000, 65535, false);
}

TEST("11.7-01 of the 65536 codes 2012 may travel") {
  int valid = 0;
  for (unsigned code = 0; code <= 0xffff; ++code) valid += may_travel(static_cast<CloseCode>(code)) ? 1 : 0;
  CHECK_EQ(valid, 4 + 8 + 1000 + 1000);
}

TEST("7.4.1-02 the codes have the numbers and names of the registry") {
  CHECK_EQ(to_string(CloseCode::normal_closure), "1000 (normal closure)");
  CHECK_EQ(to_string(CloseCode::going_away), "1001 (going away)");
  CHECK_EQ(to_string(CloseCode::protocol_error), "1002 (protocol error)");
  CHECK_EQ(to_string(CloseCode::unsupported_data), "1003 (unsupported data)");
  CHECK_EQ(to_string(CloseCode::no_status_received), "1005 (no status received)");
  CHECK_EQ(to_string(CloseCode::abnormal_closure), "1006 (abnormal closure)");
  CHECK_EQ(to_string(CloseCode::invalid_payload), "1007 (invalid payload)");
  CHECK_EQ(to_string(CloseCode::policy_violation), "1008 (policy violation)");
  CHECK_EQ(to_string(CloseCode::message_too_big), "1009 (message too big)");
  CHECK_EQ(to_string(CloseCode::mandatory_extension), "1010 (mandatory extension)");
  CHECK_EQ(to_string(CloseCode::internal_error), "1011 (internal error)");
  CHECK_EQ(to_string(CloseCode::service_restart), "1012 (service restart)");
  CHECK_EQ(to_string(CloseCode::try_again_later), "1013 (try again later)");
  CHECK_EQ(to_string(CloseCode::bad_gateway), "1014 (bad gateway)");
  CHECK_EQ(to_string(CloseCode::tls_handshake), "1015 (TLS handshake)");
}

TEST("own-close-01 a code without a name is printed with what its range is for") {
  CHECK_EQ(to_string(CloseCode{0}), "0 (unassigned)");
  CHECK_EQ(to_string(CloseCode{2999}), "2999 (unassigned)");
  CHECK_EQ(to_string(CloseCode{3000}), "3000 (registered)");
  CHECK_EQ(to_string(CloseCode{3999}), "3999 (registered)");
  CHECK_EQ(to_string(CloseCode{4000}), "4000 (private use)");
  CHECK_EQ(to_string(CloseCode{4999}), "4999 (private use)");
  CHECK_EQ(to_string(CloseCode{5000}), "5000 (unassigned)");
}

// ---- What a caller may not ask for ----

TEST("own-close-02 a reason without a code cannot be sent") {
  CHECK_EQ(refusal({std::nullopt, "bye"}), "a close reason needs a close code");
}

TEST("own-close-03 a reason of 124 bytes cannot be sent") {
  CHECK_EQ(refusal({CloseCode::normal_closure, std::string(124, '*')}), "a close reason is longer than 123 bytes");
}

TEST("own-close-04 a reason that is not UTF-8 cannot be sent") {
  for (const InvalidText& row : kInvalidTexts) {
    CHECK_EQ(refusal({CloseCode::normal_closure, std::string(text_of(hex(row.bytes)))}), "a close reason is not UTF-8");
  }
}

TEST("own-close-05 a code that may not travel is refused by its name") {
  CHECK_EQ(refusal({CloseCode::abnormal_closure, ""}), "the close code 1006 (abnormal closure) may not be sent");
}
