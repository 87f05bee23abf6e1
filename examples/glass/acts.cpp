#include "acts.h"

#include <algorithm>
#include <array>

#include "common/typed_bytes.h"
#include "explain.h"
#include "tap/rows.h"

using namespace websock;

namespace {

constexpr Milliseconds kPause(400);  // long enough for the eye, and for TCP to send what it has

// As in by_hand: hex(`81 05 "Hello"`).
Bytes typed(std::string_view text) {
  const std::string bytes = parse_bytes(text).value();
  return Bytes(bytes.begin(), bytes.end());
}

Step step(std::string_view text) { return {Milliseconds(0), typed(text), false}; }
Step later(std::string_view text) { return {kPause, typed(text), false}; }

// A text of `size` letters, its length written in the fewest bytes.
Step long_text(std::size_t size) {
  Bytes bytes;
  serialize_frame_header({.opcode = Opcode::text, .masking_key = {}, .payload_length = size}, bytes);
  for (std::size_t i = 0; i < size; ++i) bytes.push_back(static_cast<std::uint8_t>('a' + i % 26));
  return {Milliseconds(0), std::move(bytes), false};
}

constexpr Reaction kInvalidHeader = {"Invalid frame header", "Close 1002, \u201cWebSocket Protocol Error\u201d",
                                     "onerror, onclose 1006"};

std::vector<Act> right_acts() {
  return {
      {"hello", "Say \u201cHello\u201d", "right", {step("81 05 \"Hello\"")}, {"", "", "onmessage \u201cHello\u201d"}},
      {"fragments",
       "In fragments",
       "right",
       {step("01 03 \"Hel\""), later("80 02 \"lo\"")},
       {"", "", "one onmessage, \u201cHello\u201d, with the second"}},
      {"between",
       "A Ping between",
       "right",
       {step("01 02 f09f  89 02 \"hi\"  80 05"), later("9880 \" hi\"")},
       {"", "a Pong, at once", "one onmessage, \u201c\U0001f600 hi\u201d, with the rest"}},
      {"half",
       "Half a frame",
       "right",
       {step("81 05 \"He\""), later("\"llo\"")},
       {"", "", "nothing yet; onmessage with the rest"}},
      {"two", "Two in one send", "right", {step("81 03 \"one\" 81 03 \"two\"")}, {"", "", "onmessage, twice"}},
      {"close",
       "Close 1000",
       "right",
       {step("88 05 03e8 \"bye\"")},
       {"", "Close 1000, \u201cbye\u201d, the same", "onclose 1000, clean"}},
  };
}

std::vector<Act> wrong_acts() {
  return {
      {"masked",
       "Masked frame",
       "wrong",
       {step("81 85 37fa213d 7f9f4d5158")},
       {"A server must not mask any frames that it sends to the client.",
        "Close 1002, \u201cMasked frame from server\u201d", "onerror, onclose 1006"}},
      {"reserved",
       "Reserved bit",
       "wrong",
       {step("c1 05 \"Hello\"")},
       {"One or more reserved bits are on: reserved1 = 1, reserved2 = 0, reserved3 = 0",
        "Close 1002, \u201cInvalid reserved bit\u201d", "onerror, onclose 1006"}},
      {"opcode",
       "Opcode 3",
       "wrong",
       {step("83 05 \"Hello\"")},
       {"Unrecognized frame opcode: 3", "Close 1002, \u201cUnknown opcode\u201d", "onerror, onclose 1006"}},
      {"long_form", "Long form of 5", "wrong", {step("81 7e 0005 \"Hello\"")}, kInvalidHeader},
      {"long_ping", "Long Ping", "wrong", {step("89 7e 007e " + std::string(252, '6'))}, kInvalidHeader},
      {"not_utf8",
       "Not UTF-8",
       "wrong",
       {step("81 02 c328")},
       {"Could not decode a text frame as UTF-8.", "Close 1002, \u201cInvalid UTF-8 in text frame\u201d",
        "onerror, onclose 1006"}},
      {"drop",
       "Drop TCP",
       "wrong",
       {step("81 05 \"He\""), {kPause, {}, true}},
       {"", "nothing", "onclose 1006, and no onerror"}},
  };
}

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

JsonObject run(std::string_view kind, ByteView bytes) {
  constexpr std::size_t kShown = 16;
  const std::size_t shown = std::min(bytes.size(), kShown);
  return {{"kind", kind}, {"hex", hex_of(bytes.first(shown))}, {"more", bytes.size() - shown}};
}

// Bytes, cut where their kind changes. They begin with a frame, or with the rest of one, which is `plain`.
JsonArray runs_of(ByteView bytes, std::uint64_t& rest_of_frame) {
  JsonArray runs;
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
      take("raw", bytes.size());
      break;
    }
    take("flags", 2);
    take("length", frame->size - 2 - frame->key.size());
    take("key", frame->key.size());
    rest_of_frame = take(frame->masked ? "masked" : "plain", frame->length);
  }
  return runs;
}

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

const std::vector<Act>& acts() {
  static const std::vector<Act> all = [] {
    std::vector<Act> acts = right_acts();
    for (const std::vector<Act>& more : {wrong_acts(), long_acts()}) acts.insert(acts.end(), more.begin(), more.end());
    return acts;
  }();
  return all;
}

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
