// Base64: three bytes to four characters and back, and what a decoder must not let through.
#include "handshake/base64.h"

#include "check.h"
#include "wire.h"

using namespace websock;

namespace {

std::string encoded(std::string_view text) { return base64_encode(bytes_of(text)); }

// The decoded bytes in hex, or "refused".
std::string decoded(std::string_view text) {
  const std::optional<Bytes> bytes = base64_decode(text);
  return bytes ? to_hex(*bytes) : "refused";
}

}  // namespace

TEST("4648-10 the published vectors, encoded") {
  CHECK_EQ(encoded(""), "");
  CHECK_EQ(encoded("f"), "Zg==");
  CHECK_EQ(encoded("fo"), "Zm8=");
  CHECK_EQ(encoded("foo"), "Zm9v");
  CHECK_EQ(encoded("foob"), "Zm9vYg==");
  CHECK_EQ(encoded("fooba"), "Zm9vYmE=");
  CHECK_EQ(encoded("foobar"), "Zm9vYmFy");
}

TEST("4648-10 the published vectors, decoded") {
  CHECK_EQ(decoded(""), "");
  CHECK_EQ(decoded("Zg=="), "66");
  CHECK_EQ(decoded("Zm8="), "66 6f");
  CHECK_EQ(decoded("Zm9v"), "66 6f 6f");
  CHECK_EQ(decoded("Zm9vYg=="), "66 6f 6f 62");
  CHECK_EQ(decoded("Zm9vYmE="), "66 6f 6f 62 61");
  CHECK_EQ(decoded("Zm9vYmFy"), "66 6f 6f 62 61 72");
}

TEST("1.3-04 the nonce and the digest of RFC 6455") {
  CHECK_EQ(encoded("the sample nonce"), "dGhlIHNhbXBsZSBub25jZQ==");
  CHECK_EQ(base64_encode(hex("b3 7a 4f 2c c0 62 4f 16 90 f6 46 06 cf 38 59 45 b2 be c4 ea")),
           "s3pPLMBiTxaQ9kYGzzhZRbK+xOo=");
}

TEST("4648-4 the alphabet is A-Z, a-z, 0-9, + and /, in this order") {
  const char* const alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
  const char* const bytes =
      "00 10 83 10 51 87 20 92 8b 30 d3 8f 41 14 93 51 55 97 61 96 9b 71 d7 9f "
      "82 18 a3 92 59 a7 a2 9a ab b2 db af c3 1c b3 d3 5d b7 e3 9e bb f3 df bf";
  CHECK_EQ(base64_encode(hex(bytes)), alphabet);
  CHECK_EQ(decoded(alphabet), bytes);
}

TEST("4648-4 the first and the last byte value, alone and in threes") {
  CHECK_EQ(base64_encode(hex("00")), "AA==");
  CHECK_EQ(base64_encode(hex("ff")), "/w==");
  CHECK_EQ(base64_encode(hex("00 00 00")), "AAAA");
  CHECK_EQ(base64_encode(hex("ff ff ff")), "////");
  CHECK_EQ(base64_encode(hex("ff ef")), "/+8=");
  CHECK_EQ(base64_encode(hex("fb ff bf")), "+/+/");
  CHECK_EQ(decoded("AA=="), "00");
  CHECK_EQ(decoded("/w=="), "ff");
  CHECK_EQ(decoded("AAAA"), "00 00 00");
  CHECK_EQ(decoded("////"), "ff ff ff");
  CHECK_EQ(decoded("/+8="), "ff ef");
  CHECK_EQ(decoded("+/+/"), "fb ff bf");
}

TEST("4648-3.1 long texts have no line breaks") {
  CHECK_EQ(base64_encode(Bytes(60, 0)), std::string(80, 'A'));  // MIME would break the line at 76
}

TEST("4648-3.5 bits that the padding leaves unused may have any value") {
  CHECK_EQ(decoded("Zg=="), "66");  // 011001 10(0000): the proper one
  CHECK_EQ(decoded("Zh=="), "66");  // 011001 10(0001)
  CHECK_EQ(decoded("Zv=="), "66");  // 011001 10(1111)
  CHECK_EQ(decoded("Zm/="), "66 6f");
}

TEST("4.1-32 the key that RFC 6455 prints, and its erratum 3150, are the same 16 bytes") {
  const char* const nonce = "01 02 03 04 05 06 07 08 09 0a 0b 0c 0d 0e 0f 10";
  CHECK_EQ(decoded("AQIDBAUGBwgJCgsMDQ4PEC=="), nonce);
  CHECK_EQ(decoded("AQIDBAUGBwgJCgsMDQ4PEA=="), nonce);
  CHECK_EQ(base64_encode(hex(nonce)), "AQIDBAUGBwgJCgsMDQ4PEA==");
}

TEST("4648-3.2 padding that is missing is refused") {
  CHECK_EQ(decoded("Z"), "refused");
  CHECK_EQ(decoded("Zg"), "refused");
  CHECK_EQ(decoded("Zg="), "refused");
  CHECK_EQ(decoded("Zm8"), "refused");
  CHECK_EQ(decoded("Zm9vY"), "refused");
}

TEST("4648-3.2 padding that is too long, or comes too early, is refused") {
  CHECK_EQ(decoded("Zg==="), "refused");
  CHECK_EQ(decoded("Zm9v===="), "refused");
  CHECK_EQ(decoded("Z==="), "refused");
  CHECK_EQ(decoded("===="), "refused");
  CHECK_EQ(decoded("="), "refused");
  CHECK_EQ(decoded("=Zg="), "refused");
  CHECK_EQ(decoded("Z=g="), "refused");
  CHECK_EQ(decoded("Zg=g"), "refused");
  CHECK_EQ(decoded("Zg==Zg=="), "refused");
}

TEST("4648-3.3 white space and line breaks are refused") {
  CHECK_EQ(decoded("Zm9v Zg=="), "refused");
  CHECK_EQ(decoded(" Zg=="), "refused");
  CHECK_EQ(decoded("Zg== "), "refused");
  CHECK_EQ(decoded("Zm9 "), "refused");
  CHECK_EQ(decoded("Zm\r\n"), "refused");
  CHECK_EQ(decoded("Zm9v\r\nZg=="), "refused");
}

TEST("4648-5 the other alphabet, with - and _, is refused") {
  CHECK_EQ(decoded("Zm-_"), "refused");
  CHECK_EQ(decoded("-w=="), "refused");
}

TEST("4648-3.3 of all 256 byte values the 64 of the alphabet are accepted") {
  int accepted = 0;
  for (int value = 0; value < 256; ++value) {
    const std::string text = {static_cast<char>(value), 'A', 'A', 'A'};
    if (base64_decode(text)) ++accepted;
  }
  CHECK_EQ(accepted, 64);
}
