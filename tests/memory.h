// Memory as a test wants it. Every allocation of the program goes through here, so a program includes this file once.
#pragma once

#include <cstdint>
#include <cstdlib>
#include <new>

#include "check.h"

inline std::size_t largest_allocation = SIZE_MAX;  // bytes; a larger one fails
inline long allocations_left = -1;                 // the one behind so many fails; below 0: none does
inline long allocations_held = 0;

// Not inlined, or g++ sees a malloc and a delete meet, and warns.
[[gnu::noinline]] void* operator new(std::size_t size) {
  const bool refused = size > largest_allocation || allocations_left-- == 0;
  void* const memory = refused ? nullptr : std::malloc(size == 0 ? 1 : size);
  if (memory == nullptr) throw std::bad_alloc();
  ++allocations_held;
  return memory;
}
[[gnu::noinline]] void operator delete(void* memory) noexcept {
  if (memory != nullptr) --allocations_held;
  std::free(memory);
}
[[gnu::noinline]] void operator delete(void* memory, std::size_t) noexcept { operator delete(memory); }

// Runs `action` again and again: the first time its first allocation fails, the second time its second, and so on, until
// it needs no more than there are. However far it came, it has to give back whatever it took.
template <class Action>
void check_nothing_lost(const Action& action) {
  for (long allocations = 0;; ++allocations) {
    const long held_before = allocations_held;
    allocations_left = allocations;
    bool all_were_there = false;
    try {
      action();
      all_were_there = allocations_left >= 0;
    } catch (const std::bad_alloc&) {
    } catch (...) {  // there is memory again for whoever reports it
      allocations_left = -1;
      throw;
    }
    allocations_left = -1;
    CHECK_EQ(allocations_held, held_before);
    if (all_were_there) return;
  }
}
