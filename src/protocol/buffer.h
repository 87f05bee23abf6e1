// Bytes in memory that goes back to the system when it is given up.
//
// What free() takes, the C library keeps: for the thread that had it, and, of blocks up to 32 MiB, ever more of it. A
// program with one client does not notice. A server that echoed ten messages of 16 MiB, for ten threads that have long
// ended, was seen to hold 322 MB, of which it used 148 KB. So what a peer can make us hold lies in blocks of our own
// here, and a large block comes from the system itself: mmap(2) takes pages, munmap(2) gives them back at once.
#pragma once

#include <cstddef>

#include "../bytes.h"

namespace websock {

// A growing row of bytes, like Bytes, with three differences. Large ones go back to the system. Room that nothing was
// written to is not zeroed, so it costs no memory yet: the system finds a page when it is first touched. And it moves
// but cannot be copied, so that nobody copies 16 MiB by accident.
//
// One thread at a time. What throws, throws std::bad_alloc, and changes nothing.
class Buffer {
 public:
  Buffer() = default;  // holds no memory
  Buffer(Buffer&& other) noexcept;
  Buffer& operator=(Buffer&& other) noexcept;
  ~Buffer() { release(); }

  std::uint8_t* data() { return data_; }
  const std::uint8_t* data() const { return data_; }
  std::size_t size() const { return size_; }          // bytes that count
  std::size_t capacity() const { return capacity_; }  // bytes that there is memory for
  std::size_t room() const { return capacity_ - size_; }
  bool empty() const { return size_ == 0; }
  operator ByteView() const { return {data_, size_}; }

  // Makes room for `capacity` bytes in all; what is there moves along. Views into it are void.
  void reserve(std::size_t capacity);

  // REQUIRES: bytes.size() <= room(); they do not lie in this buffer.
  void append(ByteView bytes);

  // The first `size` bytes count, whatever they are.
  // REQUIRES: size <= capacity().
  void resize(std::size_t size) { size_ = size; }
  void clear() { size_ = 0; }  // keeps the memory

  // Gives the memory back. The buffer may be used again.
  void release();

  // From this size on, in bytes, a block is the system's. Smaller ones are operator new's, which has them ready.
  static constexpr std::size_t kMapped = 16 * 1024;

 private:
  std::uint8_t* data_ = nullptr;
  std::size_t size_ = 0;
  std::size_t capacity_ = 0;
};

// Where large blocks come from: mmap(2); null if there are no more. A test that wants to see memory run out puts a
// function of its own here.
extern void* (*map_pages)(std::size_t size);

}  // namespace websock
