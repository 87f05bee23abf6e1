// Two sources of memory, by size:
//
//     below 16 KiB     operator new        quick, and kept by the C library for the next one
//     from 16 KiB      mmap, munmap        two system calls, some microseconds, and a fault for each page touched
//
// The border is not a matter of speed: where it was 64 KiB, clients that had sent a message of 40 KB each left 40 KiB
// behind for as long as they were connected. A large block is taken rarely: whoever needs one keeps it for the next
// message, and gives it up when it has been quiet.
//
// Simplification: a block that grows is copied to a larger one. Linux could move the pages instead (mremap), in half
// the time; no other system can. A production server would.
#include "protocol/buffer.h"

#include <sys/mman.h>

#include <cassert>
#include <cstring>
#include <new>
#include <utility>

namespace websock {
namespace {

// Pages that belong to no file (so -1, and from 0 on), all zero. MAP_FAILED is not null, so it is translated.
void* map_anonymous(std::size_t size) {
  void* const pages = ::mmap(nullptr, size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  return pages == MAP_FAILED ? nullptr : pages;
}

// Memory for `capacity` bytes. Throws std::bad_alloc, whichever source has run dry.
std::uint8_t* allocate(std::size_t capacity) {
  if (capacity < Buffer::kMapped) return static_cast<std::uint8_t*>(::operator new(capacity));
  void* const pages = map_pages(capacity);
  if (pages == nullptr) throw std::bad_alloc();
  return static_cast<std::uint8_t*>(pages);
}

}  // namespace

// A pointer to a function costs nothing beside the system call behind it, and lets a test play a system without memory.
// It has no lock, since only a test changes it, while nothing else runs.
void* (*map_pages)(std::size_t size) = map_anonymous;

// The other one is left empty and may be used again. Were its pointer only copied, both would give the block back.
Buffer::Buffer(Buffer&& other) noexcept
    : data_(std::exchange(other.data_, nullptr)),
      size_(std::exchange(other.size_, 0)),
      capacity_(std::exchange(other.capacity_, 0)) {}

// A swap: what this one had goes away with the other one.
Buffer& Buffer::operator=(Buffer&& other) noexcept {
  std::swap(data_, other.data_);
  std::swap(size_, other.size_);
  std::swap(capacity_, other.capacity_);
  return *this;
}

// A new block, and what was in the old one.
void Buffer::reserve(std::size_t capacity) {
  if (capacity <= capacity_) return;
  std::uint8_t* const larger = allocate(capacity);  // throws before anything has changed
  // The first time data_ is null, which memcpy must not be given.
  if (size_ > 0) std::memcpy(larger, data_, size_);
  // Kept aside, since release() forgets it. It has to be release() that frees the old block: only its capacity, which
  // is about to change, tells where it came from.
  const std::size_t size = size_;
  release();
  data_ = larger;
  size_ = size;
  capacity_ = capacity;
}

// Copies behind what is there. Making room is the business of the caller, who knows how much more will come.
void Buffer::append(ByteView bytes) {
  assert(bytes.size() <= room());
  // An empty view may be null, and memcpy must not be given null, not even for nothing.
  if (!bytes.empty()) std::memcpy(data_ + size_, bytes.data(), bytes.size());
  size_ += bytes.size();
}

// The destructor calls it, too, so nothing in here may throw.
void Buffer::release() {
  // The capacity tells where the block came from. munmap rounds up to whole pages, as mmap did.
  if (capacity_ >= kMapped) {
    static_cast<void>(::munmap(data_, capacity_));  // fails for no address that mmap gave
  } else {
    ::operator delete(data_);  // null is allowed
  }
  data_ = nullptr;
  // Or the next release() would give back what belongs to somebody else by then.
  size_ = capacity_ = 0;
}

}  // namespace websock
