// The test that lied: masking with `% 3` for `% 4` passes the two tests that one would write first. Both compare the
// mask with itself: whatever it does with the key, it does twice. A test needs bytes that somebody else has written
// down.
#include <cstdio>
#include <functional>

#include <websock/bytes.h>
#include <websock/framing/frame.h>

#include "common/arguments.h"

using namespace websock;

namespace {

using Mask = std::function<void(std::span<std::uint8_t> payload, std::size_t offset)>;

constexpr MaskingKey kKey = {0x37, 0xfa, 0x21, 0x3d};
const Bytes kHello = {'H', 'e', 'l', 'l', 'o'};

// The mask of 5.3, whose n is 4; and the mistake, whose n is 3: the fourth byte of the key is never used.
Mask modulo(std::size_t n) {
  return [n](std::span<std::uint8_t> payload, std::size_t offset) {
    for (std::size_t i = 0; i < payload.size(); ++i) payload[i] ^= kKey[(offset + i) % n];
  };
}

// XOR with the same byte twice is nothing: true of any key, and of any wrong choice of its bytes.
bool twice_is_nothing(const Mask& mask) {
  Bytes payload = kHello;
  mask(payload, 0);
  mask(payload, 0);
  return payload == kHello;
}

// The offset goes on where the last piece stopped. The wrong mask counts on, too.
bool pieces_are_the_whole(const Mask& mask) {
  Bytes whole = kHello;
  mask(whole, 0);
  Bytes pieces = kHello;
  mask(std::span(pieces).first(2), 0);
  mask(std::span(pieces).subspan(2), 2);
  return pieces == whole;
}

// Section 5.7: the example of the RFC.
bool hello_is_as_printed(const Mask& mask) {
  Bytes payload = kHello;
  mask(payload, 0);
  return payload == Bytes{0x7f, 0x9f, 0x4d, 0x51, 0x58};
}

void test(const char* name, const Mask& mask) {
  const auto verdict = [&](bool (*passes)(const Mask&)) { return passes(mask) ? "passes" : "FAILS"; };
  std::printf("%s    masked twice: %s    in two pieces: %s    the RFC's bytes: %s\n", name, verdict(twice_is_nothing),
              verdict(pieces_are_the_whole), verdict(hello_is_as_printed));
}

}  // namespace

int main(int argc, char** argv) {
  return run_program("test_that_lied", [&] {
    Arguments("test_that_lied      masking with % 3 for % 4 passes two tests").parse_options(argc, argv);
    test("key[i % 4]", modulo(4));
    test("key[i % 3]", modulo(3));
  });
}
