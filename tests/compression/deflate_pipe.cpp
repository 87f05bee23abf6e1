// Deflates and inflates for somebody at the other end of a pipe: tests/compression/zlib_stranger.py.
//
//     deflate_pipe WINDOW_BITS
//
// A request is "d" or "i", a length of four bytes, big-endian, and so many bytes: a text to deflate or a message to
// inflate. The answer is a length and the bytes. Windows are kept from message to message.
#include <cstdio>
#include <cstdlib>

#include "compression/deflate.h"
#include "compression/inflated.h"

using namespace websock;

namespace {

bool read_all(std::span<std::uint8_t> bytes) {
  return std::fread(bytes.data(), 1, bytes.size(), stdin) == bytes.size();
}

void answer(ByteView bytes) {
  std::uint8_t length[4];
  put_big_endian_32(length, static_cast<std::uint32_t>(bytes.size()));
  std::fwrite(length, 1, 4, stdout);
  std::fwrite(bytes.data(), 1, bytes.size(), stdout);
  std::fflush(stdout);
}

}  // namespace

int main(int argc, char** argv) {
  const int bits = argc > 1 ? std::atoi(argv[1]) : 15;
  Deflater deflater(bits);
  Inflater inflater(bits);
  std::uint8_t head[5];
  while (read_all(head)) {
    Bytes bytes(get_big_endian_32(head + 1));
    if (!read_all(bytes)) return 1;
    Bytes out;
    if (head[0] == 'd') {
      deflater.deflate(bytes, out);
    } else if (const std::string fault = inflate(inflater, {bytes}, out); !fault.empty()) {
      std::fprintf(stderr, "deflate_pipe: %s\n", fault.c_str());
      return 1;
    }
    answer(out);
  }
  return 0;
}
