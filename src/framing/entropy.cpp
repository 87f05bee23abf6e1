// We ask the operating system. std::mt19937 must not stand in for it: it is fast, but 624 of its outputs
// are enough to compute all that follow, and every server that a client talks to sees its masking keys.
//
// Asking takes most of a microsecond, so a client that sends many small frames would pay more for its keys than for its
// frames. We ask for 64 keys at once, in three times the time of one, and give each byte away once. std::random_device
// would give four bytes at a time, and a pool that is filled from it saves nothing.
//
// Simplification: after fork() the child would hand out the rest of its parent's pool. A production library would
// notice the fork and throw the pool away.
#include "framing/entropy.h"

#include <sys/random.h>  // getentropy on macOS
#include <unistd.h>      // and on musl and the BSDs; glibc has it in both

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <mutex>
#include <system_error>

namespace websock {
namespace {

struct Pool {
  std::mutex mutex;                       // guards all below
  std::array<std::uint8_t, 256> bytes{};  // as many as getentropy gives at once
  std::size_t used = sizeof bytes;        // bytes[used] is the next to give away

  // All 256 anew, over those that were handed out.
  // REQUIRES: the caller holds the mutex.
  void refill() {
    if (::getentropy(bytes.data(), bytes.size()) != 0) {
      throw std::system_error(errno, std::generic_category(), "getentropy");
    }
    used = 0;
  }
};

// One for all threads of the process. constinit: it is there before any code runs, or this does not compile. So the
// constructor of a global object may open a connection.
constinit Pool pool;

}  // namespace

// The lock is held while the system is asked: microseconds, every 64th time. A thread that waits for it needs the same
// bytes.
void fill_random(std::span<std::uint8_t> out) {
  const std::lock_guard lock(pool.mutex);
  while (!out.empty()) {
    // If this throws, no byte was handed out twice: `used` still says that all are gone.
    if (pool.used == pool.bytes.size()) pool.refill();
    const std::size_t count = std::min(out.size(), pool.bytes.size() - pool.used);
    std::memcpy(out.data(), &pool.bytes[pool.used], count);
    pool.used += count;
    out = out.subspan(count);
  }
}

// The one that Protocol is given unless a test wants to know the keys beforehand.
std::array<std::uint8_t, 4> random_masking_key() {
  std::array<std::uint8_t, 4> key{};
  fill_random(key);
  return key;
}

}  // namespace websock
