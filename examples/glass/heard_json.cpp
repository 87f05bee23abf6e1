// What is heard of a conversation as JSON: one overload for each kind of event, and one member for each thing that the
// page draws. Nothing is remembered from one event to the next: a watcher that missed some, as a slow one does,
// understands the rest. A frame and what belongs to it find each other by an id, "c17" or "s3".
//
//     81 85 37fa213d 7f9f4d5158     {"e":"frame","id":"c1",...}  {"e":"payload","frame":"c1","plain":"48 65 ..."}
//
// All that a peer has chosen goes out as hex, or through visible().
#include "event_json.h"

#include <algorithm>
#include <array>

#include <websock/framing/mask.h>
#include <websock/protocol/utf8.h>

#include "tap/rows.h"
#include "visible.h"

using namespace websock;

namespace {

// Unique on its connection. Frames are counted from 1; 0 is for the broken one, of which there is one a side at most.
std::string frame_id(Role role, std::uint64_t number) { return side_of(role)[0] + std::to_string(number); }

// An array for each of the two bytes, in it one for each of its fields.
JsonArray bits_json(const Anatomy& frame) {
  JsonArray octets;
  for (const std::vector<Bits>& octet : bits_of(frame)) {
    JsonArray parts;
    for (const Bits& bits : octet) {
      parts.push_back(JsonObject{{"field", bits.field}, {"name", bits.name}, {"digits", bits.digits}});
    }
    octets.push_back(std::move(parts));
  }
  return octets;
}

// A frame's payload that is all there, as text if it is any. Null: it is not UTF-8. It need not be: it may be binary,
// or a fragment that ends inside a character. Cut at kBeginning, perhaps in a character; visible() leaves that one out.
Json text_of_payload(ByteView plain) {
  const std::string_view text = text_of(plain);
  return is_valid_utf8(text) ? Json(visible(text.substr(0, kBeginning))) : Json();
}

// A frame's header, and all that is said about it. "len" is what it announces: the payload comes by itself.
JsonObject frame_json(const Anatomy& frame, const std::string& id, std::uint64_t at, Role sender, const View& view) {
  return {{"e", "frame"},
          {"id", id},
          {"from", side_of(sender)},
          {"at", at},
          {"head", frame.size},
          {"len", frame.length},
          {"kind", frame.opcode_name()},
          {"label", frame.label()},
          {"masked", frame.masked},
          {"key", hex_of(frame.key)},
          {"title", title_of(frame, sender, view)},
          {"bits", bits_json(frame)},
          {"fields", array_of(fields_of(frame, sender, view))}};
}

// The frame that breaks a rule is drawn like any other. What of its header has not come yet counts as zeros: a parser
// may complain as soon as it has two bytes. Nothing: there are fewer.
std::optional<Anatomy> dissect_broken(Bytes wire) {
  const std::size_t there = wire.size();
  if (there < 2) return std::nullopt;
  // Now there is enough of it for any header, and dissect() always finds one.
  wire.resize(std::max(there, kMaxFrameHeader));
  std::optional<Anatomy> frame = dissect(wire);
  // A length or a key that is cut would be partly our zeros: no payload is shown then.
  if (frame->size > there) frame->length = 0;
  frame->size = std::min(frame->size, there);
  return frame;
}

// Line by line, as view_of() lets it out; the head's own bytes go no further than here.
Objects objects_of(const HeadHeard& heard, Role sender, const View& view) {
  const HeadView head = view_of(heard, sender, view);
  JsonArray lines;
  for (const HeadLine& line : head.lines) {
    lines.push_back(
        JsonObject{{"at", heard.at + line.at}, {"len", line.size}, {"text", line.text}, {"field", line.field}});
  }
  return {{{"e", "head"},
           {"from", side_of(sender)},
           {"at", heard.at},
           {"len", heard.text.size()},
           {"title", head.title},
           {"lines", lines},
           {"fields", array_of(head.fields)}}};
}

Objects objects_of(const AcceptHeard& heard, Role, const View& view) {
  return {{{"e", "accept"}, {"from", "server"}, {"steps", array_of(accept_steps(heard, view))}}};
}

// Never a head's: those are told of as lines only.
Objects objects_of(const BytesHeard& heard, Role sender, const View&) {
  return {{{"e", "bytes"}, {"from", side_of(sender)}, {"at", heard.at}, {"hex", hex_of(heard.bytes)}}};
}

// value(): the parser has accepted this header, so it is all there.
Objects objects_of(const FrameBegan& heard, Role sender, const View& view) {
  return {frame_json(dissect(heard.wire).value(), frame_id(sender, heard.number), heard.at, sender, view)};
}

// What there is of a payload, as it came and unmasked. Half a frame is visible like this; the page puts the pieces
// together by their offset.
Objects objects_of(const PayloadHeard& heard, Role sender, const View&) {
  Bytes plain = heard.wire;
  // In a copy: the entry belongs to all watchers.
  if (heard.header.masking_key) apply_mask(plain, *heard.header.masking_key, heard.offset);
  JsonObject object = {{"e", "payload"}, {"frame", frame_id(sender, heard.number)}, {"offset", heard.offset}};
  // What is not masked the page has already: it is in the bytes.
  if (heard.header.masking_key) object.push_back({"plain", hex_of(plain)});
  // As text only if this event has all of it; what came in pieces is told as text with its message. A Close begins with
  // a number, not with text; with a reserved bit the bytes are an extension's, and say nothing.
  if (plain.size() == heard.header.payload_length && heard.header.opcode != Opcode::close && heard.header.rsv == 0) {
    object.push_back({"text", text_of_payload(plain)});
  }
  return {object};
}

// Only a correct one: another is a FaultHeard. The fields are told from the payload's beginning, hence the 0; the page
// adds the frame's header to them.
Objects objects_of(const CloseHeard& heard, Role sender, const View&) {
  const std::string code = heard.body.code ? std::to_string(static_cast<int>(*heard.body.code)) : "no code";
  return {{{"e", "close"},
           {"frame", frame_id(sender, heard.number)},
           {"code", code},
           {"reason", visible(heard.body.reason)},
           {"fields", array_of(fields_of(heard.body, 0))}}};
}

Objects objects_of(const MessageHeard& heard, Role sender, const View&) { return {message_json(heard, sender)}; }

// A step of the four states as the server sees it, with its reason. The sentences stand in the order of Trigger.
Objects objects_of(const StateChanged& heard, Role, const View& view) {
  const std::array<std::string, 4> why = {"the handshake is complete", "the server has sent a Close",
                                          "the " + view.name_of(Role::client) + " has sent a Close", "TCP has ended"};
  const std::string section(heard.edge.section);
  return {{{"e", "state"},
           {"from", to_string(heard.edge.from)},
           {"to", to_string(heard.edge.to)},
           {"why", why[static_cast<std::size_t>(heard.edge.trigger)] + " (RFC " + section + ")"}}};
}

// A broken rule. One with `last` set is a fault of the frame itself: its header was refused, so no FrameBegan has told
// of it. It is made up for here, in three objects: frame, payload, fault. In this order, since the page looks up the
// frame when it takes the fault. A head that is broken is told of by its sentence alone: its bytes may be a cookie.
Objects objects_of(const FaultHeard& heard, Role sender, const View& view) {
  Objects objects;
  JsonObject fault = {{"e", "fault"},
                      {"from", side_of(sender)},
                      {"at", heard.at},
                      {"last", heard.last},
                      {"rule", json_of(rule_of(heard.why, sender, view))}};
  if (heard.last && !heard.in_head) {
    const std::optional<Anatomy> frame = dissect_broken(heard.wire);
    if (frame) {
      const std::string id = frame_id(sender, 0);
      objects.push_back(frame_json(*frame, id, heard.at, sender, view));
      fault.push_back({"frame", id});
      // The payload, as far as it is among the bytes that came with the fault. It may be claimed to be longer, and what
      // is behind it belongs to the next frame.
      const ByteView rest = ByteView(heard.wire).subspan(std::min(frame->size, heard.wire.size()));
      Bytes plain(rest.begin(),
                  rest.begin() + static_cast<std::ptrdiff_t>(std::min<std::uint64_t>(rest.size(), frame->length)));
      // The page has the bytes as they came, from BytesHeard. What it cannot do is take off the mask.
      if (frame->masked) {
        MaskingKey key{};
        std::copy(frame->key.begin(), frame->key.end(), key.begin());
        apply_mask(plain, key);
        objects.push_back({{"e", "payload"},
                           {"frame", id},
                           {"offset", 0},
                           {"plain", hex_of(plain)},
                           {"text", text_of_payload(plain)}});
      }
    }
  }
  objects.push_back(std::move(fault));
  return objects;
}

// One side says no more. Its page draws the two ends as one row.
Objects objects_of(const EndHeard& heard, Role sender, const View& view) {
  const std::string who = "the " + view.name_of(sender);
  std::string say = who + (heard.reset ? " resets TCP" : " ends TCP");
  if (heard.in_the_middle) say += ", in the middle of something";
  return {
      {{"e", "end"}, {"from", side_of(sender)}, {"reset", heard.reset}, {"middle", heard.in_the_middle}, {"say", say}}};
}

// What `onclose` says (7.1.5): the code of the server's Close, or 1006.
Objects objects_of(const Closed& heard, Role, const View& view) {
  const std::string client = view.name_of(Role::client);
  const std::string say =
      heard.clean ? "Both sides had said goodbye, so the " + client + " calls this end clean."
                  : "An end without the server\u2019s goodbye has a number of its own, 1006. It never travels: the " +
                        client + " says it to itself.";
  const Field field = {"end",
                       0,
                       0,
                       "",
                       std::to_string(static_cast<int>(heard.code)),
                       heard.clean ? "clean" : "not clean",
                       say,
                       heard.clean ? "7.1.4" : "7.1.5",
                       "12-ending"};
  return {{{"e", "closed"},
           {"code", static_cast<int>(heard.code)},
           {"reason", visible(heard.reason)},
           {"clean", heard.clean},
           {"fields", array_of({field})}}};
}

}  // namespace

// A kind of event without an overload above does not compile.
Objects objects_of(const Heard& heard, const View& view) {
  return std::visit([&](const auto& what) { return objects_of(what, heard.sender, view); }, heard.what);
}
