// std::random_device asks the operating system or the processor. std::mt19937 must not stand in for it: it is fast, but
// whoever has seen 624 of its outputs can compute all that follow, and a client's masking keys are there for everybody
// to see.
//
// Asking costs up to a microsecond, so a client that sends many small frames would pay more for its keys than for its
// frames. We ask for a whole pool at a time, and give each byte of it away once.
//
// Simplification: after fork() the child would hand out the rest of its parent's pool. A production library would
// notice the fork and throw the pool away.
#include "entropy.h"

#include <algorithm>
#include <cstring>
#include <mutex>
#include <random>

namespace websock {
namespace {

struct Pool {
  std::mutex mutex;  // guards all below
  std::array<std::uint8_t, 512> bytes{};
  std::size_t used = sizeof bytes;  // bytes[used] is the next to give away

  void refill() {
    std::random_device device;
    for (std::size_t i = 0; i < bytes.size(); i += 4) put_big_endian_32(&bytes[i], device());
    used = 0;
  }
};

constinit Pool pool;  // there before anybody can ask, and until the last has asked

}  // namespace

void fill_random(std::span<std::uint8_t> out) {
  const std::lock_guard lock(pool.mutex);
  while (!out.empty()) {
    if (pool.used == pool.bytes.size()) pool.refill();
    const std::size_t count = std::min(out.size(), pool.bytes.size() - pool.used);
    std::memcpy(out.data(), &pool.bytes[pool.used], count);
    pool.used += count;
    out = out.subspan(count);
  }
}

std::array<std::uint8_t, 4> random_masking_key() {
  std::array<std::uint8_t, 4> key{};
  fill_random(key);
  return key;
}

}  // namespace websock
