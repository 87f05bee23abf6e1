// What happens in a conversation, as values. The tap prints them as lines (lines.h), glass draws them.
//
//     81 85 37fa213d 7f9f4d5158, in one recv, is:
//         BytesHeard    the eleven bytes as they came
//         FrameBegan    text, fin, masked 37fa213d, 5 bytes
//         PayloadHeard  7f 9f 4d 51 58, from byte 0 of the payload
//         MessageHeard  the client's first, "Hello"
//
// `at` counts bytes of the sender's stream, its handshake included, from 0. So whoever draws the events need not know
// the protocol: a frame is an interval of the stream, what one recv brought is another, and they cut each other as they
// like.
//
// Each event can be understood by itself, whatever came before it, and the same bytes make the same events however they
// are cut into pieces, but for these two: BytesHeard and PayloadHeard tell what there is, as soon as it is there.
#pragma once

#include <optional>
#include <string>
#include <variant>
#include <vector>

#include <websock/framing/frame.h>
#include <websock/protocol/protocol.h>

#include "deflated.h"

// A whole request or response, its empty line included.
struct HeadHeard {
  std::uint64_t at = 0;
  std::string text;
};

// The server has answered 101: what it was asked, and what it says to that.
struct AcceptHeard {
  std::string key;     // of the request; empty: it has none
  std::string accept;  // of the response; likewise
};

// Bytes that belong to no head. (A head's would be secrets: it is told when it is whole, and can be looked through.)
struct BytesHeard {
  std::uint64_t at = 0;
  websock::Bytes bytes;
};

// A frame's header is there. Its payload follows at `at` + wire.size().
struct FrameBegan {
  std::uint64_t number = 0;  // of the sender's frames, from 1
  std::uint64_t at = 0;
  websock::FrameHeader header;
  websock::Bytes wire;  // the header's own bytes
};

// Further bytes of a frame's payload. They begin at a multiple of kRowBytes: where an event ends inside a row of bytes
// the next one repeats what it had of that row.
struct PayloadHeard {
  std::uint64_t number = 0;  // the frame's
  websock::FrameHeader header;
  std::uint64_t offset = 0;  // in the payload
  websock::Bytes wire;       // as they came
};

// The payload of a Close frame, whole and correct.
struct CloseHeard {
  std::uint64_t number = 0;  // the frame's
  websock::CloseBody body;
};

// What a message says that was compressed with permessage-deflate.
struct Inflated {
  std::uint64_t bytes = 0;
  std::vector<BlockHeard> blocks;  // empty: there was too much to look at
};

struct MessageHeard {
  std::uint64_t nth = 0;  // of the sender's messages, from 1
  websock::Opcode opcode = websock::Opcode::text;
  std::uint64_t first_frame = 0;          // its number
  std::uint64_t frames = 0;               // so many it has
  std::uint64_t length = 0;               // of all their payloads, in bytes
  std::vector<std::uint64_t> cuts;        // bytes of these at which a further frame begins: see kBeginning
  websock::Bytes beginning;               // of what it says, at most kBeginning bytes; empty if we cannot tell
  bool compressed = false;                // an extension has made something else of it
  std::optional<Inflated> inflated = {};  // it was permessage-deflate
};
// How much of a message is remembered, however long it is: bytes of it, and cuts, each of which is below this number
// and told once. So an endless message in fragments, empty ones too, costs us no more than a long one.
inline constexpr std::size_t kBeginning = 4096;

// The connection, as its server sees it, was in `from`, and now is in `to`.
struct StateChanged {
  websock::Edge edge;
};

// A rule was broken.
struct FaultHeard {
  std::uint64_t at = 0;
  std::string why;
  bool in_head = false;  // so that the bytes may be secrets
  bool last = false;     // from here on nothing of this sender is looked at
  websock::Bytes wire;   // if it is the last: what stands there, at most kFaultBytes
};
inline constexpr std::size_t kFaultBytes = 256;

// The sender says no more.
struct EndHeard {
  bool reset = false;
  bool in_the_middle = false;              // of a frame, or of a head
  std::optional<PayloadHeard> unfinished;  // the row that the end cuts
  std::uint64_t not_looked_at = 0;         // bytes
};

// Both have ended.
struct Closed {
  websock::CloseCode code = websock::CloseCode::abnormal_closure;  // as the client is told (7.1.5)
  std::string reason;
  bool clean = false;
};

struct Heard {
  websock::Role sender = websock::Role::client;
  std::variant<HeadHeard, AcceptHeard, BytesHeard, FrameBegan, PayloadHeard, CloseHeard, MessageHeard, StateChanged,
               FaultHeard, EndHeard, Closed>
      what;
};
