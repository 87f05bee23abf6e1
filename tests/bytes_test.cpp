// Chapter 01: numbers in network byte order, and views.
#include "bytes.h"

#include "check.h"
#include "wire.h"

using namespace websock;

TEST("5.2-20 multi-byte lengths are in network byte order: 256 is 01 00") {
  Bytes out(2);
  put_big_endian_16(out.data(), 256);
  CHECK_EQ(to_hex(out), "01 00");
  CHECK_EQ(get_big_endian_16(hex("01 00").data()), 256);
}

TEST("own-bytes-01 the most significant byte comes first, in all three sizes") {
  Bytes out(8);
  put_big_endian_16(out.data(), 0x0123);
  CHECK_EQ(to_hex(ByteView(out).first(2)), "01 23");
  put_big_endian_32(out.data(), 0x89abcdef);
  CHECK_EQ(to_hex(ByteView(out).first(4)), "89 ab cd ef");
  put_big_endian_64(out.data(), 0x0123456789abcdef);
  CHECK_EQ(to_hex(out), "01 23 45 67 89 ab cd ef");
}

TEST("own-bytes-02 bytes above 7f are not negative when they are read") {
  const Bytes ones = hex("ff fe fd fc fb fa f9 f8");
  CHECK_EQ(get_big_endian_16(ones.data()), 0xfffe);
  CHECK_EQ(get_big_endian_32(ones.data()), 0xfffefdfcu);
  CHECK_EQ(get_big_endian_64(ones.data()), 0xfffefdfcfbfaf9f8u);
}

TEST("own-bytes-03 text and bytes are two views of the same memory") {
  const std::string_view text = "Hello";
  const ByteView bytes = bytes_of(text);
  CHECK_EQ(to_hex(bytes), "48 65 6c 6c 6f");
  CHECK_EQ(text_of(bytes), "Hello");
  CHECK(static_cast<const void*>(bytes.data()) == static_cast<const void*>(text.data()));
}
