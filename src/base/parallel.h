// SPDX-License-Identifier: MIT
#pragma once
/// A loop over several threads, for work that comes in pieces of its own.
#include <algorithm>
#include <atomic>
#include <cstddef>
#include <exception>
#include <mutex>
#include <system_error>
#include <thread>
#include <vector>

namespace vitrine::base {

/// Calls step(i) once for every i < count, in no particular order, from up to `num_threads` threads (at least
/// 1) of which the calling one is the first. An exception ends the loop early and is thrown on; of several,
/// one. Where the system gives no further thread, fewer do the same work.
template <typename Step>
void parallel_for(std::size_t count, unsigned num_threads, const Step& step) {
  std::atomic<std::size_t> next = 0;
  std::mutex mutex;
  std::exception_ptr error;
  const auto work = [&]() noexcept {
    try {
      for (std::size_t i = next++; i < count; i = next++) step(i);
    } catch (...) {
      next = count;
      const std::lock_guard lock(mutex);
      if (!error) error = std::current_exception();
    }
  };
  {
    std::vector<std::jthread> threads;
    try {
      for (unsigned t = 1; t < num_threads && t < count; ++t) threads.emplace_back(work);
    } catch (const std::system_error&) {
      // Those that exist will do.
    }
    work();
  }
  if (error) std::rethrow_exception(error);
}

/// Calls step(begin, end) for consecutive parts, of at most `part_size` each, of 0 to `size` - 1; otherwise
/// as above.
template <typename Step>
void for_each_part(unsigned num_threads, std::size_t size, std::size_t part_size, const Step& step) {
  parallel_for((size + part_size - 1) / part_size, num_threads,
               [&](std::size_t part) { step(part * part_size, std::min(size, (part + 1) * part_size)); });
}

}  // namespace vitrine::base
