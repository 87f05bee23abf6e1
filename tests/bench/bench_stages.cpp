// The pure stages, one row each: ours, the version that one would write first, and memcpy of as many bytes, which is as
// fast as touching them can be.
//
// All versions in a row take turns, round after round. What else happens on the machine then hurts them alike, so that
// their ratio holds although the times do not. A row shows medians: of the times, and of the rounds' ratios.
#include <cstring>
#include <ctime>
#include <functional>
#include <memory>
#include <random>
#include <string>

#include "common/arguments.h"
#include "framing/mask.h"
#include "handshake/handshake.h"
#include "naive.h"
#include "protocol/protocol.h"
#include "protocol/utf8.h"
#include "timing.h"

using namespace websock;

namespace {

constexpr MaskingKey kKey = {0x37, 0xfa, 0x21, 0x3d};

// ---- The texts ----

// At most `size` bytes: the words in random order. Of a text that is repeated a processor learns some ten thousand
// branches by heart; this has to be longer.
std::string text_of_words(const std::vector<std::string>& words, std::size_t size) {
  std::minstd_rand random(6455);
  std::string text;
  for (;;) {
    const std::string& word = words[random() % words.size()];
    if (text.size() + word.size() > size) return text;
    text += word;
  }
}

const std::vector<std::string> kAscii = {"a masked ", "frame ", "of text ", "travels "};
const std::vector<std::string> kProse = {"Zwölf ", "Boxkämpfer ", "jagen ",  "Viktor ", "quer ",
                                         "über ",  "den ",        "großen ", "Deich ",  "– und zurück. "};
const std::vector<std::string> kWords = {"широкая ", "электрификация ", "южных ", "губерний ",
                                         "天地玄黃", "宇宙洪荒",        "😀😀"};
// The worst case: whatever comes next, the processor has guessed wrong.
const std::vector<std::string> kDense = {"é", "ж", "ß", "中", "€", "語", "😀", "𝄞"};

// ---- Measuring ----

using Work = std::function<void(std::size_t times)>;

template <class Body>
Work repeated(Body body) {
  return [body](std::size_t times) mutable {
    for (; times > 0; --times) body();
  };
}

Work copying(std::size_t size) {
  return repeated([from = Bytes(size, 1), to = Bytes(size)]() mutable {
    keep(*from.data());
    std::memcpy(to.data(), from.data(), from.size());
    keep(*to.data());
  });
}

enum Version { ours, naive, copied, kVersions };

struct Row {
  std::string name;
  std::size_t bytes;         // that one call works on; 0: the row is in time, not in bytes a second
  Work version[kVersions];   // those but the first may be empty
  std::size_t messages = 1;  // that one call works on
};

// In seconds of CPU time: what other processes take is not in it.
double time_of(const Work& work, std::size_t times) {
  const std::clock_t begin = std::clock();
  work(times);
  return static_cast<double>(std::clock() - begin) / CLOCKS_PER_SEC;
}

// How many calls take as long as `slice` seconds.
std::size_t calls_in(const Work& work, double slice) {
  std::size_t times = 1;
  while (time_of(work, times) < slice) times *= 2;
  return times;
}

struct Times {
  std::vector<double> of[kVersions];  // seconds a call, one of each round
};

Times measure(const Row& row, int rounds, double slice) {
  std::size_t calls[kVersions] = {};
  for (int v = 0; v < kVersions; ++v) calls[v] = row.version[v] ? calls_in(row.version[v], slice) : 0;
  Times times;
  for (int round = 0; round < rounds; ++round) {
    for (int v = 0; v < kVersions; ++v) {
      if (calls[v] > 0) times.of[v].push_back(time_of(row.version[v], calls[v]) / static_cast<double>(calls[v]));
    }
  }
  return times;
}

// ---- The table ----

void print_cell(const std::vector<double>& times, const Row& row) {
  if (times.empty()) {
    std::printf(" %12s", "-");
  } else if (row.bytes > 0) {
    std::printf(" %7.2f GB/s", static_cast<double>(row.bytes) / median(times) / 1e9);
  } else {
    std::printf(" %9.1f ns", median(times) / static_cast<double>(row.messages) * 1e9);
  }
}

// How many times as fast as the other version ours is.
void print_ratio(const std::vector<double>& our_times, const std::vector<double>& other_times) {
  std::vector<double> ratios;
  for (std::size_t i = 0; i < other_times.size(); ++i) ratios.push_back(other_times[i] / our_times[i]);
  if (ratios.empty()) {
    std::printf(" %10s", "-");
  } else {
    std::printf(" %9.2fx", median(ratios));
  }
}

void print_row(const Row& row, const Times& times) {
  std::printf("%-36s", row.name.c_str());
  for (int v = 0; v < kVersions; ++v) print_cell(times.of[v], row);
  for (int v = ours + 1; v < kVersions; ++v) print_ratio(times.of[ours], times.of[v]);
  std::printf("\n");
}

// ---- The rows ----

Row unmask_row(std::size_t size) {
  Bytes payload(size, 'a');
  return {"unmask 64 KiB",
          size,
          {repeated([payload]() mutable {
             apply_mask(payload, kKey);
             keep(*payload.data());
           }),
           repeated([payload]() mutable {
             naive_unmask(payload, kKey);
             keep(*payload.data());
           }),
           copying(size)}};
}

Row utf8_row(const std::string& name, const std::vector<std::string>& words) {
  const std::string text = text_of_words(words, 1024 * 1024);
  return {name,
          text.size(),
          {repeated([text] { keep(is_valid_utf8(text)); }),
           repeated([text] { keep(naive_is_valid_utf8(bytes_of(text))); }), copying(text.size())}};
}

const std::string kText = "thirty-two bytes make a message.";

Bytes masked_frame() {
  Protocol client(Role::client, {.masking_key = [] { return kKey; }});
  client.handshake_completed();
  Bytes frame;
  client.send_message({Opcode::text, bytes_of(kText)}, frame);
  return frame;
}

Row header_row() {
  return {"frame header parsed",
          0,
          {repeated([frame = masked_frame(), rules = FrameRules{.sender = Role::client}] {
             keep(*frame.data());
             keep(parse_frame_header(frame, rules));
           }),
           {},
           {}}};
}

// As they come when a client is quick: many in one piece. Receiving unmasks in place, so every call begins with a copy.
Row receive_row() {
  constexpr std::size_t kMessages = 100;
  const Bytes frame = masked_frame();
  Bytes frames;
  for (std::size_t i = 0; i < kMessages; ++i) frames.insert(frames.end(), frame.begin(), frame.end());
  // A Protocol cannot be copied, and a std::function can.
  const auto server = std::make_shared<Protocol>(Role::server);
  const Work ours_works = repeated([frames, input = frames, server]() mutable {
    std::memcpy(input.data(), frames.data(), frames.size());
    std::span<std::uint8_t> unread(input);
    while (const Event* event = server->next_event(unread)) keep(event->payload);
  });
  const Work naive_works = repeated([frames, size = frame.size()] {
    for (std::size_t at = 0; at < frames.size(); at += size) {
      keep(naive_receive(ByteView(frames).subspan(at, size), kKey));
    }
  });
  return {"32 bytes of text, received", 0, {ours_works, naive_works, copying(frames.size())}, kMessages};
}

Row send_row() {
  const auto server = std::make_shared<Protocol>(Role::server);
  server->handshake_completed();
  return {"32 bytes of text, sent",
          0,
          {repeated([server, out = Bytes()]() mutable {
             out.clear();
             server->send_message({Opcode::text, bytes_of(kText)}, out);
             keep(*out.data());
           }),
           repeated([] { keep(naive_send(bytes_of(kText))); }), copying(2 + kText.size())}};
}

Row accept_row() {
  return {"SHA-1 and base64 of a key", 0, {repeated([] { keep(make_accept("dGhlIHNhbXBsZSBub25jZQ==")); }), {}, {}}};
}

void run(int argc, char** argv) {
  bool smoke = false;
  Arguments arguments("bench_stages [OPTION]...      the pure stages against naive versions and memcpy");
  arguments.flag("smoke", "only see that it works; takes no time", [&] { smoke = true; });
  arguments.parse_options(argc, argv);
  refuse_debug_build(smoke);

  std::printf("%-36s %12s %12s %12s %10s %10s\n", "", "ours", "naive", "memcpy", "of naive", "of memcpy");
  for (const Row& row :
       {unmask_row(64 * 1024), utf8_row("UTF-8 1 MiB, ASCII", kAscii), utf8_row("UTF-8 1 MiB, prose", kProse),
        utf8_row("UTF-8 1 MiB, words of 2 to 4 bytes", kWords), utf8_row("UTF-8 1 MiB, 2 to 4 bytes, random", kDense),
        header_row(), receive_row(), send_row(), accept_row()}) {
    print_row(row, measure(row, smoke ? 3 : 101, smoke ? 0.0005 : 0.002));
  }
}

}  // namespace

int main(int argc, char** argv) {
  return run_program("bench_stages", [&] { run(argc, argv); });
}
