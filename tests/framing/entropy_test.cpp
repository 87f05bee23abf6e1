// Chapter 07: unpredictable bytes. No test can show that bytes are unpredictable. These catch a source that
// is stuck, that repeats itself, or that leaves some of the bytes as they were; where chance could make one
// fail, the odds are below 1 in 2^80.
#include "framing/entropy.h"

#include <cerrno>
#include <set>
#include <system_error>
#include <thread>

#include "check.h"
#include "wire.h"

using namespace websock;

#ifdef __linux__
#include <sys/random.h>
#else
#include <cstdlib>  // arc4random_buf
#endif

// Stands in for the system's, so that a test can take the entropy away. What it gives comes from the system all the same,
// by another way.
static bool no_entropy = false;
extern "C" int getentropy(void* buffer, std::size_t length) {
#ifdef __linux__
  if (!no_entropy) return ::getrandom(buffer, length, 0) == static_cast<ssize_t>(length) ? 0 : -1;
#else
  if (!no_entropy) return ::arc4random_buf(buffer, length), 0;
#endif
  errno = EIO;
  return -1;
}

TEST("4.1-30 two nonces of 16 bytes differ") {
  Bytes first(16);
  Bytes second(16);
  fill_random(first);
  fill_random(second);
  CHECK(first != second);
}

TEST("5.3-03 keys are fresh: of a thousand hardly two are alike") {
  std::set<std::array<std::uint8_t, 4>> keys;
  for (int i = 0; i < 1000; ++i) keys.insert(random_masking_key());
  CHECK(keys.size() > 990);
}

TEST("5.3-05 keys do not count: the step from one to the next is not always the same") {
  std::set<std::uint32_t> steps;
  std::uint32_t last = 0;
  for (int i = 0; i < 1000; ++i) {
    const std::uint32_t key = get_big_endian_32(random_masking_key().data());
    steps.insert(key - last);
    last = key;
  }
  CHECK(steps.size() > 990);
}

TEST("5.3-04 all 256 values of a byte come up") {
  Bytes bytes(16 * 1024);
  fill_random(bytes);
  CHECK_EQ(std::set<std::uint8_t>(bytes.begin(), bytes.end()).size(), 256u);
}

TEST("own-entropy-01 every byte asked for is written, and none besides") {
  for (const std::size_t size : {0u, 1u, 3u, 4u, 5u, 255u, 256u, 257u, 600u}) {
    std::vector<std::set<std::uint8_t>> seen(size);
    for (int round = 0; round < 13; ++round) {
      Bytes memory(size + 2, 0xee);
      fill_random(std::span(memory).subspan(1, size));
      CHECK_EQ(memory.front(), 0xee);
      CHECK_EQ(memory.back(), 0xee);
      for (std::size_t i = 0; i < size; ++i) seen[i].insert(memory[1 + i]);
    }
    for (const std::set<std::uint8_t>& values : seen) CHECK(values.size() > 1);
  }
}

TEST("own-entropy-02 no two runs of 16 bytes are alike, whichever threads ask") {
  constexpr std::size_t kThreads = 8;
  constexpr std::size_t kRuns = 250;
  std::vector<std::vector<std::array<std::uint8_t, 16>>> drawn(kThreads,
                                                               std::vector<std::array<std::uint8_t, 16>>(kRuns));
  std::vector<std::thread> threads;
  for (std::size_t i = 0; i < kThreads; ++i) {
    threads.emplace_back([&runs = drawn[i]] {
      for (auto& run : runs) fill_random(run);
    });
  }
  for (std::thread& thread : threads) thread.join();
  std::set<std::array<std::uint8_t, 16>> different;
  for (const auto& runs : drawn) different.insert(runs.begin(), runs.end());
  CHECK_EQ(different.size(), kThreads * kRuns);
}

TEST("own-entropy-03 where there is no entropy there are no keys, and later there may be") {
  Bytes bytes(1024);
  no_entropy = true;
  CHECK_THROWS(fill_random(bytes), std::system_error);
  no_entropy = false;
  fill_random(bytes);
  CHECK(bytes != Bytes(1024));
}
