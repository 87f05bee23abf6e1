// Milestone 2: the browser's words, unmasked.
//
// Its faults: it believes that one recv brings one frame. If three arrive together, it prints only the first; if one
// arrives in pieces, only the beginning. It never sees a frame that comes together with the handshake's request. It
// prints fragments and Pings as if they were messages, and leaves a Close without an answer. A broken rule ends it, and
// so does its only client, by leaving.
#include <algorithm>

#include <websock/framing/frame.h>
#include <websock/framing/mask.h>

#include "common/loopback.h"
#include "common/printable.h"
#include "shake_hands.h"

using namespace websock;

namespace {

// Prints the frame at the front of `bytes`, or as much of it as is there, and ignores what follows.
void print_frame(std::span<std::uint8_t> bytes) {
  const std::optional<FrameHeader> header = parse_frame_header(bytes, {.sender = Role::client});
  if (!header) return;  // and what there was of it is lost
  std::span<std::uint8_t> payload = bytes.subspan(frame_header_size(*header));
  const std::uint64_t length = std::min<std::uint64_t>(payload.size(), header->payload_length);
  payload = payload.first(static_cast<std::size_t>(length));
  apply_mask(payload, *header->masking_key);  // there is one: the parser refuses a client's frame without it
  std::printf("%s: \"%s\"\n", to_string(*header).c_str(), printable(text_of(payload)).c_str());
}

}  // namespace

int main(int argc, char** argv) {
  std::setvbuf(stdout, nullptr, _IOLBF, BUFSIZ);  // each line at once, into a pipe too
  const int listener = listen_on_loopback(argc, argv, "unmasked [--port PORT]      the browser's words, unmasked");
  const int client = ::accept(listener, nullptr, nullptr);
  if (!shake_hands(client)) return 1;

  Bytes bytes(64 * 1024);
  for (ssize_t count; (count = ::recv(client, bytes.data(), bytes.size(), 0)) > 0;) {
    print_frame(std::span(bytes).first(static_cast<std::size_t>(count)));
  }
  std::printf("the client has gone\n");
}
