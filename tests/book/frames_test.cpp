// What a chapter says of bytes is what our parser says. Each line of a fence
//
//     ```bytes
//     81 85 37fa213d 7f9f4d5158       = text, fin, masked, "Hello"
//     01 03 48656c | 80 02 6c6f       = text, "Hel" | continuation, fin, "lo"
//     82 7e 01 00                     = binary, fin, 256 bytes
//     88 02 03ea                      = close, fin, 1002
//     81 85 37fa                      = incomplete
//     83 05                           = refused: the opcode is reserved
//     ```
//
// has one frame to the left of the "=", or several with "|" between them, and as many descriptions to the right. White
// space between hexadecimal digits is free. A description is to_string(FrameHeader), as it is if the payload is not there;
// if it is, without the key, and with the payload in place of its length: "text" if it is printable, hexadecimal if not,
// of a Close the code and then the reason, if any, in the same way.
//
// The MASK bit says who has sent the frame, except that a "refused" may be what either end says. If "rsv" stands on the
// right, an extension has given the reserved bits a meaning.
//
//     frames_test ROOT [CHAPTER]...
#include <algorithm>
#include <cstdio>
#include <stdexcept>

#include "chapter.h"
#include "framing/frame.h"
#include "framing/mask.h"
#include "wire.h"

using namespace book;
using namespace websock;

namespace {

std::string shown(ByteView bytes) {
  const bool printable = std::all_of(bytes.begin(), bytes.end(), [](std::uint8_t byte) {
    return byte >= ' ' && byte != 0x7F;  // what is not ASCII is taken for UTF-8
  });
  return printable ? '"' + std::string(text_of(bytes)) + '"' : to_hex(bytes);
}

std::string shown_payload(Opcode opcode, ByteView payload) {
  if (opcode != Opcode::close || payload.size() < 2) return shown(payload);
  const std::string code = std::to_string(get_big_endian_16(payload.data()));
  return payload.size() == 2 ? code : code + ' ' + shown(payload.subspan(2));
}

// "text, fin, masked 37fa213d, 5 bytes" becomes "text, fin, masked, ".
std::string without_key_and_length(std::string text) {
  const std::size_t key = text.find("masked ");
  if (key != text.npos) text.erase(key + 6, 1 + 8);
  return text.substr(0, text.rfind(", ") + 2);
}

// What our code says of the frame in `bytes`, if `rules` are its sender's.
std::string description(Bytes bytes, const FrameRules& rules) {
  try {
    const std::optional<FrameHeader> header = parse_frame_header(bytes, rules);
    if (!header) return "incomplete";
    const std::span<std::uint8_t> payload = std::span(bytes).subspan(frame_header_size(*header));
    if (payload.empty() && header->payload_length > 0) return to_string(*header);
    if (payload.size() < header->payload_length) return "incomplete";
    if (payload.size() > header->payload_length) return "too long for one frame";
    if (header->masking_key) apply_mask(payload, *header->masking_key);
    return without_key_and_length(to_string(*header)) + shown_payload(header->opcode, payload);
  } catch (const ProtocolError& error) {
    return std::string("refused: ") + error.what();
  }
}

bool has_mask_bit(const Bytes& bytes) { return bytes.size() > 1 && (bytes[1] & 0b1000'0000) != 0; }

int check_frame(const Fence& fence, std::size_t line, const std::string& left, const std::string& right) {
  const Bytes bytes = hex(left);
  FrameRules rules{has_mask_bit(bytes) ? Role::client : Role::server, 0};
  if (right.find("rsv") != right.npos) rules.allowed_rsv = kAllRsvBits;
  const std::string ours = description(bytes, rules);
  rules.sender = rules.sender == Role::client ? Role::server : Role::client;
  if (right == ours || (right.starts_with("refused: ") && right == description(bytes, rules))) return 0;
  return complain(fence.chapter, line,
                  "the bytes " + trimmed(left) + "\n    chapter: " + right + "\n    code:    " + ours);
}

int check_line(const Fence& fence, std::size_t i) {
  const std::string& text = fence.code[i];
  if (trimmed(text).empty()) return 0;
  const std::size_t equals = text.find('=');
  if (equals == text.npos) return complain(fence.chapter, fence.line + i, "there is no \"=\": " + text);
  const Lines frames = split(text.substr(0, equals), "|");
  const Lines descriptions = split(text.substr(equals + 1), " | ");
  if (frames.size() != descriptions.size()) {
    return complain(fence.chapter, fence.line + i, "there are not as many descriptions as frames: " + text);
  }
  int faults = 0;
  for (std::size_t j = 0; j < frames.size(); ++j) {
    try {
      faults += check_frame(fence, fence.line + i, frames[j], trimmed(descriptions[j]));
    } catch (const std::logic_error& error) {
      faults += complain(fence.chapter, fence.line + i, std::string(error.what()) + ": " + frames[j]);
    }
  }
  return faults;
}

int check_chapters(const Arguments& arguments) {
  int faults = 0;
  std::size_t lines = 0;
  for (const Chapter& chapter : arguments.chapters) {
    for (const Fence& fence : chapter.fences) {
      if (fence.language() != "bytes") continue;
      for (std::size_t i = 0; i < fence.code.size(); ++i) faults += check_line(fence, i);
      lines += fence.code.size();
    }
  }
  std::printf("%zu lines of bytes\n", lines);
  return faults;
}

}  // namespace

int main(int argc, char** argv) { return run_checker(argc, argv, {}, check_chapters); }
