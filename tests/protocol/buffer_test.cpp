// Memory that goes back: what a Buffer holds, and where it had it from.
#include "protocol/buffer.h"

#include <sys/mman.h>

#include <utility>

#include "check.h"
#include "memory.h"
#include "wire.h"

using namespace websock;

namespace {

// While it lives, counts the blocks that the system is asked for, and gives none when there is to be no memory.
struct Pages {
  inline static int taken = 0;
  inline static bool are_there = true;
  void* (*const before)(std::size_t) = map_pages;

  Pages() {
    taken = 0;
    are_there = true;
    map_pages = [](std::size_t size) -> void* {
      ++taken;
      if (!are_there) return nullptr;
      void* const pages = ::mmap(nullptr, size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
      return pages == MAP_FAILED ? nullptr : pages;
    };
  }
  ~Pages() { map_pages = before; }
};

}  // namespace

TEST("own-buffer-01 a new buffer holds no bytes and no memory") {
  const long before = allocations_held;
  const Buffer buffer;
  CHECK_EQ(buffer.size(), 0u);
  CHECK_EQ(buffer.capacity(), 0u);
  CHECK(buffer.empty());
  CHECK_EQ(allocations_held, before);
}

TEST("own-buffer-02 bytes are appended in order, as far as there is room, and the size says how many") {
  Buffer buffer;
  buffer.reserve(4);
  CHECK_EQ(buffer.room(), 4u);
  buffer.append(hex("01 02"));
  buffer.append({});
  buffer.append(hex("03"));
  CHECK_EQ(to_hex(buffer), "01 02 03");
  CHECK_EQ(buffer.room(), 1u);
  buffer.clear();
  CHECK_EQ(buffer.size(), 0u);
  CHECK_EQ(buffer.capacity(), 4u);
}

TEST("own-buffer-03 a larger block has what was in the smaller one, on either side of the border and across it") {
  for (const std::size_t size : {1u, 1000u, 16'383u, 16'384u, 100'000u}) {
    Bytes bytes(size);
    for (std::size_t i = 0; i < size; ++i) bytes[i] = static_cast<std::uint8_t>(i * 7 / 3);
    Buffer buffer;
    buffer.reserve(size);
    buffer.append(bytes);
    buffer.reserve(2 * size);
    CHECK(buffer.capacity() >= 2 * size);
    CHECK(Bytes(buffer.data(), buffer.data() + buffer.size()) == bytes);
    buffer.reserve(1);  // never smaller
    CHECK(buffer.capacity() >= 2 * size);
  }
}

TEST("own-buffer-04 from 16 KiB on a block is the system's, below it is operator new's") {
  const Pages pages;
  Buffer buffer;
  const long before = allocations_held;
  buffer.reserve(Buffer::kMapped - 1);
  CHECK_EQ(Pages::taken, 0);
  CHECK_EQ(allocations_held, before + 1);
  buffer.reserve(Buffer::kMapped);
  CHECK_EQ(Pages::taken, 1);
  CHECK_EQ(allocations_held, before);
}

TEST("own-buffer-05 what is released is the system's again, and the buffer may be used anew") {
  Buffer buffer;
  buffer.reserve(16 * Buffer::kMapped);
  std::uint8_t* const block = buffer.data();
  buffer.append(hex("01"));
  buffer.release();
  // Nothing is mapped there any more: msync(2) says so, and is the same on every system.
  CHECK(::msync(block, 1, MS_ASYNC) < 0);
  CHECK_EQ(buffer.capacity(), 0u);
  buffer.reserve(2);
  buffer.append(hex("02 03"));
  CHECK_EQ(to_hex(buffer), "02 03");
}

TEST("own-buffer-06 a buffer that moves takes its block along, and the other one is left empty") {
  for (const std::size_t size : {std::size_t{16}, 2 * Buffer::kMapped}) {
    Buffer one;
    one.reserve(size);
    one.append(hex("01 02"));
    const std::uint8_t* const block = one.data();
    Buffer two = std::move(one);
    CHECK(two.data() == block);
    CHECK_EQ(to_hex(two), "01 02");
    CHECK_EQ(one.capacity(), 0u);
    Buffer three;
    three.reserve(8);
    three = std::move(two);
    CHECK(three.data() == block);
    CHECK_EQ(to_hex(three), "01 02");
  }
}

TEST("own-buffer-07 when there is no memory, whichever source it is, what was there stays") {
  Buffer buffer;
  buffer.reserve(2);
  buffer.append(hex("01 02"));
  {
    const Pages pages;
    Pages::are_there = false;
    CHECK_THROWS(buffer.reserve(Buffer::kMapped), std::bad_alloc);
  }
  CHECK_THROWS(buffer.reserve(SIZE_MAX / 2), std::bad_alloc);  // more than any system has
  allocations_left = 0;
  CHECK_THROWS(buffer.reserve(1000), std::bad_alloc);
  allocations_left = -1;
  CHECK_EQ(to_hex(buffer), "01 02");
  CHECK_EQ(buffer.capacity(), 2u);
}
