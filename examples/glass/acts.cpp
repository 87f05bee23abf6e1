// What a learner can send as the server, byte for byte. The acts are typed as one would type them into by_hand, since
// the bytes are the lesson: the page shows them before they go.
//
//     01 03 "Hel"   80 02 "lo"       a text in two fragments: 01 is text without FIN, 80 continuation with it
//
// No stage could write the wrong ones. What stands beside each act, as Chromium's answer, was measured with Chromium
// 156.
#include "acts.h"

#include <algorithm>
#include <array>

#include "common/typed_bytes.h"
#include "explain.h"
#include "tap/rows.h"

using namespace websock;

namespace {

constexpr Milliseconds kPause(400);  // long enough for the eye, and for TCP to send what it has

// The bytes of an act, written as in by_hand: `81 05 "Hello"`. A mistake in one of them throws here when glass starts,
// since the page's list is made then: value() of nothing.
Bytes typed(std::string_view text) {
  const std::string bytes = parse_bytes(text).value();
  return Bytes(bytes.begin(), bytes.end());
}

// A step that goes at once, and one that goes after the pause: so far apart, the two come in a recv each.
Step step(std::string_view text) { return {Milliseconds(0), typed(text), false}; }
Step later(std::string_view text) { return {kPause, typed(text), false}; }

// A text of `size` letters, its length written in the fewest bytes: by the stage, since these acts are right. The
// alphabet goes round, so that one sees where a row cuts it.
Step long_text(std::size_t size) {
  Bytes bytes;
  serialize_frame_header({.opcode = Opcode::text, .masking_key = {}, .payload_length = size}, bytes);
  for (std::size_t i = 0; i < size; ++i) bytes.push_back(static_cast<std::uint8_t>('a' + i % 26));
  return {Milliseconds(0), std::move(bytes), false};
}

// Chromium has one sentence for several broken rules: its console does not say which. The page hears less still. What
// it sends to the server is the most that one learns.
constexpr Reaction kInvalidHeader = {"Invalid frame header", "Close 1002, \u201cWebSocket Protocol Error\u201d",
                                     "onerror, onclose 1006"};

// What the RFC allows, and a naive receiver stumbles over. An act is one lesson: the name on its button says which.
std::vector<Act> right_acts() {
  return {
      {"hello", "Say \u201cHello\u201d", "right", {step("81 05 \"Hello\"")}, {"", "", "onmessage \u201cHello\u201d"}},
      // Only the last fragment makes a message (5.4): until then JavaScript is told nothing.
      {"fragments",
       "In fragments",
       "right",
       {step("01 03 \"Hel\""), later("80 02 \"lo\"")},
       {"", "", "one onmessage, \u201cHello\u201d, with the second"}},
      // A Ping inside a message (5.5), and an emoji cut in two: f0 9f | 98 80. Neither fragment is UTF-8 by itself; the
      // message is.
      {"between",
       "A Ping between",
       "right",
       {step("01 02 f09f  89 02 \"hi\"  80 05"), later("9880 \" hi\"")},
       {"", "a Pong, at once", "one onmessage, \u201c\U0001f600 hi\u201d, with the rest"}},
      // The header says 5, and 2 bytes come with it. TCP cuts where it likes; the rest has no header of its own.
      {"half",
       "Half a frame",
       "right",
       {step("81 05 \"He\""), later("\"llo\"")},
       {"", "", "nothing yet; onmessage with the rest"}},
      // And the other way round: one recv may hold two frames.
      {"two", "Two in one send", "right", {step("81 03 \"one\" 81 03 \"two\"")}, {"", "", "onmessage, twice"}},
      // 5.5.1: the other side answers with a Close of its own. 03e8 is 1000.
      {"close",
       "Close 1000",
       "right",
       {step("88 05 03e8 \"bye\"")},
       {"", "Close 1000, \u201cbye\u201d, the same", "onclose 1000, clean"}},
  };
}

// What the RFC forbids, one broken rule an act. All of it is what a hostile server could send, and a browser has to
// survive. After each, the page's script is told 1006, and not why.
std::vector<Act> wrong_acts() {
  return {
      // 5.1. The very bytes of the RFC's example (5.7): from a client they would be right.
      {"masked",
       "Masked frame",
       "wrong",
       {step("81 85 37fa213d 7f9f4d5158")},
       {"A server must not mask any frames that it sends to the client.",
        "Close 1002, \u201cMasked frame from server\u201d", "onerror, onclose 1006"}},
      // 5.2. c1 = 1100 0001: FIN, RSV1, text. No extension was agreed on that would give RSV1 a meaning.
      {"reserved",
       "Reserved bit",
       "wrong",
       {step("c1 05 \"Hello\"")},
       {"One or more reserved bits are on: reserved1 = 1, reserved2 = 0, reserved3 = 0",
        "Close 1002, \u201cInvalid reserved bit\u201d", "onerror, onclose 1006"}},
      // 5.2. 3 to 7 are kept for data frames that nobody has invented yet.
      {"opcode",
       "Opcode 3",
       "wrong",
       {step("83 05 \"Hello\"")},
       {"Unrecognized frame opcode: 3", "Close 1002, \u201cUnknown opcode\u201d", "onerror, onclose 1006"}},
      // 5.2. 7e (126) announces two bytes of length, and 5 would have fitted into the seven bits.
      {"long_form", "Long form of 5", "wrong", {step("81 7e 0005 \"Hello\"")}, kInvalidHeader},
      // 5.5. A control frame has 125 bytes at most. This one has 007e = 126: 252 hex digits.
      {"long_ping", "Long Ping", "wrong", {step("89 7e 007e " + std::string(252, '6'))}, kInvalidHeader},
      // 8.1. c3 begins a character of two bytes, and 28, a "(", cannot be its second.
      {"not_utf8",
       "Not UTF-8",
       "wrong",
       {step("81 02 c328")},
       {"Could not decode a text frame as UTF-8.", "Close 1002, \u201cInvalid UTF-8 in text frame\u201d",
        "onerror, onclose 1006"}},
      // A reset in the middle of a frame. The step sends nothing (`{}`); `true` is the reset.
      {"drop",
       "Drop TCP",
       "wrong",
       {step("81 05 \"He\""), {kPause, {}, true}},
       {"", "nothing", "onclose 1006, and no onerror"}},
  };
}

// The border of each of the three length forms (5.2): the last length of seven bits and the first of sixteen, the last
// of sixteen and the first of sixty-four.
std::vector<Act> long_acts() {
  const Reaction reaction = {"", "", "one onmessage"};
  return {
      {"125", "125 bytes", "long", {long_text(125)}, reaction},
      {"126", "126 bytes", "long", {long_text(126)}, reaction},
      {"65535", "65,535 bytes", "long", {long_text(65'535)}, reaction},
      {"65536", "65,536 bytes", "long", {long_text(65'536)}, reaction},
  };
}

// ---- For the page ----

// Some bytes of one kind, as the page draws them. Only the first 16 in hex: the list of acts is in the greeting of
// every page, and one act has 65,536 bytes.
JsonObject run(std::string_view kind, ByteView bytes) {
  constexpr std::size_t kShown = 16;
  const std::size_t shown = std::min(bytes.size(), kShown);
  return {{"kind", kind}, {"hex", hex_of(bytes.first(shown))}, {"more", bytes.size() - shown}};
}

// The bytes of one step, cut where their kind changes. They begin with a frame, or with the rest of one, which is
// `plain`: `rest_of_frame` bytes, which the step before had announced and not sent. It is set to what this step leaves
// over. Read by dissect(), not by the parser: that one would throw at the acts that matter.
JsonArray runs_of(ByteView bytes, std::uint64_t& rest_of_frame) {
  JsonArray runs;
  // Takes up to `most` bytes off the front. Returns how many of them were missing.
  const auto take = [&](std::string_view kind, std::uint64_t most) {
    const auto size = static_cast<std::size_t>(std::min<std::uint64_t>(most, bytes.size()));
    if (size > 0) runs.push_back(run(kind, bytes.first(size)));
    bytes = bytes.subspan(size);
    return most - size;
  };
  rest_of_frame = take("plain", rest_of_frame);
  while (!bytes.empty()) {
    const std::optional<Anatomy> frame = dissect(bytes);
    if (!frame) {
      // A header that is cut. None of our acts has one; a new one may.
      take("raw", bytes.size());
      break;
    }
    // The fields of a frame, in the order of 5.2. A field of no bytes makes no run: a short length has none of its own,
    // and an unmasked frame no key.
    take("flags", 2);
    take("length", frame->size - 2 - frame->key.size());
    take("key", frame->key.size());
    rest_of_frame = take(frame->masked ? "masked" : "plain", frame->length);
  }
  return runs;
}

// The steps of an act. What a frame still lacks is carried from each to the next: "Half a frame" has its end in the
// second.
JsonArray steps_json(const Act& act) {
  JsonArray steps;
  std::uint64_t rest_of_frame = 0;
  for (const Step& step : act.steps) {
    steps.push_back(JsonObject{
        {"pause", step.pause.count()}, {"runs", runs_of(step.bytes, rest_of_frame)}, {"drops", step.drops_tcp}});
  }
  return steps;
}

}  // namespace

// In the order in which the page draws its buttons. Made once, on the first call, and never changed: any thread may
// read it, and pointers into it stay good.
const std::vector<Act>& acts() {
  static const std::vector<Act> all = [] {
    std::vector<Act> acts = right_acts();
    for (const std::vector<Act>& more : {wrong_acts(), long_acts()}) acts.insert(acts.end(), more.begin(), more.end());
    return acts;
  }();
  return all;
}

// For a wish of a page. Null: the id came from outside, and may be anything.
const Act* find_act(std::string_view id) {
  const auto found = std::find_if(acts().begin(), acts().end(), [&](const Act& act) { return act.id == id; });
  return found == acts().end() ? nullptr : &*found;
}

Json acts_json() {
  JsonArray array;
  for (const Act& act : acts()) {
    array.push_back(JsonObject{{"id", act.id},
                               {"name", act.name},
                               {"group", act.group},
                               {"steps", steps_json(act)},
                               {"console", act.reaction.console},
                               {"server", act.reaction.to_server},
                               {"page", act.reaction.to_page}});
  }
  return array;
}
