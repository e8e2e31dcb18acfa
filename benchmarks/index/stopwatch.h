// SPDX-License-Identifier: MIT
#pragma once
/// Time since construction, of the calling thread and of the wall. Bars are stated in the thread's own time:
/// other jobs of the machine do not count in it.
#include <time.h>

#include <algorithm>
#include <chrono>
#include <cmath>
#include <cstddef>
#include <numeric>
#include <vector>

namespace vitrine::benchmarks {

class Stopwatch {
 public:
  double cpu_seconds() const { return read(CLOCK_THREAD_CPUTIME_ID) - cpu_; }
  /// Of all threads of the process.
  double process_seconds() const { return read(CLOCK_PROCESS_CPUTIME_ID) - process_; }
  double wall_seconds() const { return read(CLOCK_MONOTONIC) - wall_; }

 private:
  static double read(clockid_t clock) {
    timespec now{};
    clock_gettime(clock, &now);
    return static_cast<double>(now.tv_sec) + 1e-9 * static_cast<double>(now.tv_nsec);
  }
  double cpu_ = read(CLOCK_THREAD_CPUTIME_ID);
  double process_ = read(CLOCK_PROCESS_CPUTIME_ID);
  double wall_ = read(CLOCK_MONOTONIC);
};

/// The wall alone, for events too short for the thread's clock, which costs a system call.
class WallWatch {
 public:
  double seconds() const {
    return std::chrono::duration<double>(std::chrono::steady_clock::now() - begin_).count();
  }

 private:
  std::chrono::steady_clock::time_point begin_ = std::chrono::steady_clock::now();
};

inline double mean(const std::vector<double>& values) {
  return std::accumulate(values.begin(), values.end(), 0.0) /
         static_cast<double>(std::max<std::size_t>(1, values.size()));
}

/// The smallest value that at least `share` of the values do not exceed; 0 of no values.
inline double percentile(std::vector<double> values, double share) {
  if (values.empty()) return 0;
  const auto rank = static_cast<std::size_t>(std::ceil(share * static_cast<double>(values.size())));
  const auto nth = values.begin() + static_cast<std::ptrdiff_t>(std::max<std::size_t>(rank, 1) - 1);
  std::nth_element(values.begin(), nth, values.end());
  return *nth;
}

inline double median(const std::vector<double>& values) {
  return percentile(values, 0.5);
}

}  // namespace vitrine::benchmarks
