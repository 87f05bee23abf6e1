// One overload for each kind of event. They are pure: what a line needs, its event has. A kind that is missing does not
// compile.
//
// Everything of a peer's goes through printable() or hex_of(): an ESC among it would command the terminal. A line of
// ours that tells of a fault begins with "! ", and is coloured for that.
#include "lines.h"

#include <algorithm>

#include <websock/framing/mask.h>

#include "common/printable.h"
#include "rows.h"

using namespace websock;

namespace {

constexpr std::uint64_t kShown = 128;  // bytes of a payload

using Texts = std::vector<std::string>;

// A head's own lines, without their ends.
Texts texts_of(const HeadHeard& head) {
  Texts lines;
  for (std::size_t at = 0, end; (end = head.text.find("\r\n", at)) != head.text.npos; at = end + 2) {
    lines.push_back(printable(std::string_view(head.text).substr(at, end - at)));
  }
  return lines;
}

// The frame in one line, then its header in bits.
Texts texts_of(const FrameBegan& frame) {
  Texts lines = header_rows(frame.header, frame.wire);
  lines.insert(lines.begin(), to_string(frame.header));
  return lines;
}

// The rows that are complete. What is left of the last one comes again, in the next event or in the end.
Texts texts_of(const PayloadHeard& payload) {
  // REQUIRES: the event begins at a row, which heard.h promises. So each row is printed once, by the event that has the
  // end of it.
  const std::uint64_t length = payload.header.payload_length;
  Texts lines;
  for (std::uint64_t at = payload.offset; at < std::min(length, kShown); at += kRowBytes) {
    const ByteView rest = ByteView(payload.wire).subspan(static_cast<std::size_t>(at - payload.offset));
    const auto size = static_cast<std::size_t>(std::min<std::uint64_t>(length - at, kRowBytes));
    // Less than a row, and not the frame's last one: the rest has not come.
    if (rest.size() < size) break;
    lines.push_back(payload_row(payload.header, at, rest.first(size)));
    // Behind the last row that is shown, and so once a frame.
    if (at + size == kShown && length > kShown)
      lines.push_back("    and " + std::to_string(length - kShown) + " bytes more");
  }
  return lines;
}

// Behind the rows of its payload, in words.
Texts texts_of(const CloseHeard& close) {
  return {"    " + (close.body.code ? to_string(*close.body.code) : "no code") + ", \"" + printable(close.body.reason) +
          "\""};
}

// The last fault of a side comes with the bytes that were not understood: enough of them for a header.
Texts texts_of(const FaultHeard& fault) {
  Texts lines = {"! " + fault.why};
  if (!fault.last) return lines;
  lines.push_back("    " + hex_of(ByteView(fault.wire).first(std::min(fault.wire.size(), kMaxFrameHeader))));
  lines.push_back("(from here on nothing is looked at, only passed on)");
  return lines;
}

// What had come of a row that was never completed is shown now.
Texts texts_of(const EndHeard& end) {
  Texts lines;
  // Beyond kShown nothing is shown of a payload, a cut row included.
  if (end.unfinished && end.unfinished->offset < kShown) {
    lines.push_back(payload_row(end.unfinished->header, end.unfinished->offset, end.unfinished->wire));
  }
  if (end.in_the_middle) lines.push_back("! the end comes in the middle");
  if (end.not_looked_at > 0) lines.push_back('(' + std::to_string(end.not_looked_at) + " bytes were not looked at)");
  lines.push_back(end.reset ? "(reset)" : "(end)");
  return lines;
}

// In which kinds of blocks: "fixed 6, stored 1", each with its bytes of the message, rounded up.
std::string blocks_of(const Inflated& inflated) {
  std::string text;
  for (const BlockHeard& block : inflated.blocks) {
    const char* type = block.type == BlockType::stored  ? "stored"
                       : block.type == BlockType::fixed ? "fixed"
                                                        : "dynamic";
    text += (text.empty() ? " in blocks: " : ", ") + std::string(type) + ' ' + std::to_string(block.bits) + " bits";
  }
  return text;
}

// A message whose bytes did not show what they stand for: that was compressed, or whose letters are more than ASCII.
Texts texts_of(const MessageHeard& message) {
  const ByteView shown = ByteView(message.beginning).first(std::min<std::size_t>(message.beginning.size(), kShown));
  const bool is_text = message.opcode == Opcode::text;
  const std::string said = is_text ? printable(text_of(shown)) : hex_of(shown);
  if (!message.inflated && (!is_text || said == dotted(text_of(shown)))) return {};
  Texts lines;
  if (message.inflated) {
    lines.push_back("    deflated: " + std::to_string(message.length) + " bytes say " +
                    std::to_string(message.inflated->bytes) + blocks_of(*message.inflated));
  }
  lines.push_back("    = " + said);
  const std::uint64_t bytes = message.inflated ? message.inflated->bytes : message.length;
  if (bytes > shown.size()) lines.push_back("    and " + std::to_string(bytes - shown.size()) + " bytes more");
  return lines;
}

// What a terminal need not show: it says nothing that another line does not say.
Texts texts_of(const AcceptHeard&) { return {}; }
Texts texts_of(const BytesHeard&) { return {}; }
Texts texts_of(const StateChanged&) { return {}; }
Texts texts_of(const Closed&) { return {}; }

}  // namespace

std::vector<Line> lines_of(const Heard& heard) {
  const bool is_head = std::holds_alternative<HeadHeard>(heard.what);  // whose lines are the peer's own words
  std::vector<Line> lines;
  for (std::string& text : std::visit([](const auto& what) { return texts_of(what); }, heard.what)) {
    // Else a server could send a header "! ...", and have it printed in red, as if we had said so.
    const bool fault = !is_head && text.starts_with("! ");
    lines.push_back({heard.sender, fault, std::move(text)});
  }
  return lines;
}

std::vector<Line> lines_of(const std::vector<Heard>& all) {
  std::vector<Line> lines;
  for (const Heard& heard : all) {
    for (Line& line : lines_of(heard)) lines.push_back(std::move(line));
  }
  return lines;
}
