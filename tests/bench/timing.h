// What both benchmarks need to make numbers of times.
#pragma once

#include <algorithm>
#include <chrono>
#include <cmath>
#include <cstdio>
#include <stdexcept>
#include <vector>

// A loop whose result nobody looks at is no loop: the optimizer removes it. This claims to look.
template <class T>
inline void keep(const T& value) {
  asm volatile("" : : "r"(&value) : "memory");
}

inline double seconds_of(std::chrono::nanoseconds time) { return static_cast<double>(time.count()) / 1e9; }

// The value that `part` (0 to 1) of all values do not pass; 0.5 is the median. Not a number if there is none. Reorders
// `values`.
template <class T>
T quantile(std::vector<T>& values, double part) {
  if (values.empty()) return static_cast<T>(NAN);
  const auto nth = values.begin() + static_cast<std::ptrdiff_t>(part * static_cast<double>(values.size() - 1));
  std::nth_element(values.begin(), nth, values.end());
  return *nth;
}

inline double median(std::vector<double> values) { return quantile(values, 0.5); }

// Without NDEBUG the optimizer is most likely off, and every assert is on. Such numbers say nothing about the code.
inline void refuse_debug_build(bool smoke) {
#ifndef NDEBUG
  std::printf("This is a Debug build: its numbers are no results. Use -DCMAKE_BUILD_TYPE=Release.\n");
  if (!smoke) throw std::runtime_error("a Debug build is not measured");
#else
  if (smoke) std::printf("A smoke test: these numbers are no results.\n");
#endif
}
