// The properties of targets.h, on the seeds in corpus/ and on a fixed number of mutations of them. Every run tries the
// same inputs, with any compiler: a failure can be had again, in a debugger, by running the one test.
#include <algorithm>
#include <array>
#include <csignal>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <random>

#include "check.h"
#include "targets.h"
#include "wire.h"

namespace {

using fuzz::Bytes;

Bytes current;  // what is being tried: it is printed if an assertion or a sanitizer ends the program

void print_current(int signal) {
  std::printf("the input was: %s\n", to_hex(current).c_str());
  std::fflush(stdout);
  std::signal(signal, SIG_DFL);
  std::raise(signal);
}

std::vector<Bytes> read_seeds(const std::string& target) {
  std::vector<std::filesystem::path> files;
  for (const auto& entry : std::filesystem::directory_iterator(FUZZ_CORPUS "/" + target)) files.push_back(entry.path());
  std::sort(files.begin(), files.end());  // a directory has no order of its own
  std::vector<Bytes> seeds;
  for (const std::filesystem::path& file : files) {
    std::ifstream stream(file, std::ios::binary);
    seeds.emplace_back(std::istreambuf_iterator<char>(stream), std::istreambuf_iterator<char>());
  }
  return seeds;
}

// Makes inputs out of seeds by changing a few bytes, or whole stretches.
class Mutator {
 public:
  explicit Mutator(std::vector<Bytes> seeds) : seeds_(std::move(seeds)) {}

  Bytes next() {
    Bytes input = any_seed();
    for (std::size_t changes = 1 + below(6); changes > 0; --changes) change(input);
    input.resize(std::min<std::size_t>(input.size(), 4096));
    return input;
  }

 private:
  // Not std::uniform_int_distribution, which each standard library does in its own way.
  std::size_t below(std::size_t bound) { return random_() % bound; }
  const Bytes& any_seed() { return seeds_[below(seeds_.size())]; }

  void change(Bytes& input) {
    constexpr std::array<std::uint8_t, 16> kEdges = {0,    1,    ' ',  '\r', '\n', '"',  ',',  ';',
                                                     0x7d, 0x7e, 0x7f, 0x80, 0xc2, 0xed, 0xf4, 0xff};
    const std::size_t at = below(input.size() + 1);
    const auto place = input.begin() + static_cast<std::ptrdiff_t>(at);
    const auto end = place + static_cast<std::ptrdiff_t>(below(input.size() - at + 1));
    const Bytes stretch(place, end);
    const Bytes& other = any_seed();
    switch (below(7)) {
      case 0:  // one bit
        if (at < input.size()) input[at] ^= static_cast<std::uint8_t>(1 << below(8));
        break;
      case 1:  // one byte
        if (at < input.size()) input[at] = kEdges[below(kEdges.size())];
        break;
      case 2:  // one byte more
        input.insert(place, kEdges[below(kEdges.size())]);
        break;
      case 3:  // a few bytes less
        input.erase(place, place + std::min<std::ptrdiff_t>(end - place, 1 + static_cast<std::ptrdiff_t>(below(4))));
        break;
      case 4:  // a stretch twice
        input.insert(place, stretch.begin(), stretch.end());
        break;
      case 5:  // an end that is missing
        input.resize(at);
        break;
      default:  // the end of another seed
        input.resize(at);
        input.insert(input.end(), other.begin() + static_cast<std::ptrdiff_t>(below(other.size() + 1)), other.end());
    }
  }

  std::vector<Bytes> seeds_;
  std::mt19937 random_;  // its default seed
};

void try_one(void (*check)(fuzz::ByteView), Bytes input) {
  current = std::move(input);
  try {
    check(current);
  } catch (const std::exception& error) {
    CHECK_EQ(to_hex(current) + ": " + error.what(), "");
  }
}

void try_seeds_and_mutations(const std::string& target, void (*check)(fuzz::ByteView), int mutations) {
  std::signal(SIGABRT, print_current);
  const std::vector<Bytes> seeds = read_seeds(target);
  CHECK(!seeds.empty());
  for (const Bytes& seed : seeds) try_one(check, seed);
  Mutator mutator(seeds);
  for (int i = 0; i < mutations && check::failures < 10; ++i) try_one(check, mutator.next());
}

}  // namespace

TEST("own-fuzz-01 base64") { try_seeds_and_mutations("base64", fuzz::check_base64, 20'000); }
TEST("own-fuzz-02 the body of a Close") { try_seeds_and_mutations("close_body", fuzz::check_close_body, 20'000); }
TEST("own-fuzz-03 a frame's header") { try_seeds_and_mutations("frame", fuzz::check_frame, 20'000); }
TEST("own-fuzz-04 a client's handshake") {
  try_seeds_and_mutations("handshake_request", fuzz::check_handshake_request, 20'000);
}
TEST("own-fuzz-05 a server's handshake") {
  try_seeds_and_mutations("handshake_response", fuzz::check_handshake_response, 20'000);
}
TEST("own-fuzz-06 HTTP heads") { try_seeds_and_mutations("http_head", fuzz::check_http_head, 20'000); }
TEST("own-fuzz-07 JSON") { try_seeds_and_mutations("json", fuzz::check_json, 20'000); }
TEST("own-fuzz-08 an endpoint") { try_seeds_and_mutations("protocol", fuzz::check_protocol, 8'000); }
TEST("own-fuzz-09 a connection's opening") { try_seeds_and_mutations("upgrade", fuzz::check_upgrade, 20'000); }
TEST("own-fuzz-10 URIs") { try_seeds_and_mutations("uri", fuzz::check_uri, 20'000); }
TEST("own-fuzz-11 UTF-8") { try_seeds_and_mutations("utf8", fuzz::check_utf8, 20'000); }
TEST("own-fuzz-12 Redis' answers") { try_seeds_and_mutations("redis_reply", fuzz::check_redis_reply, 20'000); }
TEST("own-fuzz-13 inflating") { try_seeds_and_mutations("inflate", fuzz::check_inflate, 8'000); }
TEST("own-fuzz-14 deflating") { try_seeds_and_mutations("deflate", fuzz::check_deflate, 300); }
TEST("own-fuzz-15 offers of permessage-deflate") {
  try_seeds_and_mutations("deflate_offer", fuzz::check_deflate_offer, 5'000);
}
TEST("own-fuzz-16 codes out of lengths and out of frequencies") {
  try_seeds_and_mutations("prefix_code", fuzz::check_prefix_code, 2'000);
}
TEST("own-fuzz-17 finding matches") { try_seeds_and_mutations("lz77", fuzz::check_lz77, 1'000); }
