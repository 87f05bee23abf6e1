// Messages: RFC 6455 sections 5.4 and 5.6. A message is what an application sends; frames are how it travels. It
// travels whole, or as a first fragment, any number of continuations and a last one with FIN set:
//
//     81 05 48656c6c6f                 text, fin                     "Hello"
//     01 03 48656c   80 02 6c6f        text; continuation, fin       "Hel" "lo"
//
// Control frames may come between fragments; they never reach this file.
#pragma once

#include <optional>
#include <string_view>

#include "../bytes.h"
#include "../framing/frame.h"
#include "../handshake/negotiation.h"
#include "buffer.h"
#include "utf8.h"

namespace websock {

inline constexpr std::size_t kDefaultMaxMessage = 16 * 1024 * 1024;  // bytes

// One message, in memory that belongs to something else. A function that hands one out says how long it lives.
struct Message {
  Opcode opcode = Opcode::binary;  // text or binary
  ByteView payload;
  std::uint8_t rsv = 0;  // bits of the extensions that have encoded it; 0: it is as it was written

  bool is_text() const { return opcode == Opcode::text; }
  std::string_view text() const { return text_of(payload); }  // the payload as characters
};

// One message with memory of its own.
struct OwnedMessage {
  Opcode opcode = Opcode::binary;
  Bytes payload;

  explicit OwnedMessage(const Message& message)
      : opcode(message.opcode), payload(message.payload.begin(), message.payload.end()) {}
  operator Message() const { return {opcode, payload}; }
  bool is_text() const { return opcode == Opcode::text; }
  std::string_view text() const { return text_of(payload); }
};

// Receiving: data frames in, messages out. The payload of a frame may come in any number of pieces; text is checked as
// each piece arrives (8.1). After it has thrown, a reader is good for nothing any more.
//
//     begin_frame(header), then add(piece) until frame_left() is 0, at least once; then the next frame
class MessageReader {
 public:
  // `max_message`: the most bytes that the fragments of one message may add up to. `extensions`: those that were agreed
  // to, in the order in which the sender's messages pass through them.
  explicit MessageReader(std::size_t max_message = kDefaultMaxMessage, std::vector<AgreedExtension> extensions = {})
      : max_message_(max_message), extensions_(std::move(extensions)) {}

  // Takes note of a data frame that begins. Throws ProtocolError: protocol_error if the frame has no place here (a
  // continuation of nothing, a new message inside another, a reserved bit on a continuation), message_too_big if the
  // lengths announced so far pass max_message (for what an extension has encoded, a little more). Nothing is allocated
  // on the strength of an announcement.
  // REQUIRES: the frame before was added to its end.
  void begin_frame(const FrameHeader& header);

  // Adds the next bytes of the frame's unmasked payload. Returns the message, if they were its last bytes: a view of
  // `piece` where that holds the whole message, else of memory that lasts until the next begin_frame(). Throws
  // ProtocolError(invalid_payload) at the first byte that makes a text message invalid UTF-8. What extensions have
  // encoded is decoded as it comes, and what becomes of it has to be UTF-8 and no more than max_message.
  // REQUIRES: piece.size() <= frame_left().
  std::optional<Message> add(ByteView piece);

  std::uint64_t frame_left() const { return frame_left_; }                 // payload bytes of this frame yet to come
  bool inside_message() const { return opcode_ != Opcode::continuation; }  // after a first frame, before the last ends

  // Frees the memory that is kept for the next fragmented message, and what extensions can do without.
  // REQUIRES: !inside_message().
  void release_memory();

  // The end, perhaps inside a message: frees everything. Afterwards this reader is good for nothing any more.
  void stop();

 private:
  void decode(std::size_t extensions, ByteView piece, bool ends);
  void check_text(ByteView piece);
  void hold(ByteView piece);

  std::size_t max_message_;
  std::vector<AgreedExtension> extensions_;
  Opcode opcode_ = Opcode::continuation;  // of the message that is open; continuation: none is
  std::uint8_t rsv_ = 0;                  // its reserved bits: which extensions have encoded it
  bool last_frame_ = false;
  std::uint64_t frame_left_ = 0;
  std::uint64_t announced_ = 0;  // the payload lengths of the message's frames so far
  Buffer held_;                  // the message so far; its memory is kept for the next one, since new memory costs time
  Utf8Validator utf8_;
};

// Sending: the frame that carries `message` from byte `offset` on, and the piece of payload that goes with it.
// `max_frame_payload` is in bytes; 0: the whole message is one frame. The header is without a masking key.
// REQUIRES: offset <= message.payload.size().
struct Fragment {
  FrameHeader header;
  ByteView payload;
};
Fragment fragment_at(const Message& message, std::size_t offset, std::size_t max_frame_payload);

// All frames of a message, without masks: what a server sends to many. In one block, so that a long message is a single
// chunk in each outbox that has to queue it.
Buffer frames_of(const Message& message, std::size_t max_frame_payload);

// Appends a frame to `out`, its payload masked if the header has a key.
// REQUIRES: header.payload_length == payload.size(); the payload does not lie in `out`.
void append_frame(Bytes& out, const FrameHeader& header, ByteView payload);

}  // namespace websock
