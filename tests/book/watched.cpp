// What commands.md shows to the debugger.
#include "framing/frame.h"
#include "wire.h"

using namespace websock;

static void look(const FrameHeader& reference) { static_cast<void>(to_string(reference)); }

static volatile int written = 0;  // by the first line of main: do watchpoints work here?

int main() {
  written = 1;
  Bytes hello = hex("81 85 37fa213d 7f9f4d5158");
  const ByteView all = hello;
  [[maybe_unused]] const std::span<std::uint8_t> masked = std::span(hello).subspan(6);
  [[maybe_unused]] const ByteView cut_short = all.first(9);
  [[maybe_unused]] const ByteView half = all.first(5);
  [[maybe_unused]] const ByteView one = all.first(1);
  [[maybe_unused]] const ByteView none = all.first(0);
  [[maybe_unused]] const Bytes three = hex("01 03 48656c  8a 00  80 02 6c6f");
  [[maybe_unused]] const Bytes reserved = hex("f3 01 2a");
  [[maybe_unused]] const Bytes long_16 = hex("82 7e 0100") + Bytes(256, 0xfe);
  [[maybe_unused]] const Bytes long_64 = hex("82 ff 0000000000010000 37fa213d");

  [[maybe_unused]] const auto header = parse_frame_header(all, {.sender = Role::client});
  [[maybe_unused]] const auto no_header = parse_frame_header(half, {.sender = Role::client});
  const FrameHeader odd = {
      .fin = false, .rsv = 0b0101'0000, .opcode = Opcode{0xB}, .masking_key = {}, .payload_length = 1};
  look(odd);
}
