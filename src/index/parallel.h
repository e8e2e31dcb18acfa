// SPDX-License-Identifier: MIT
#pragma once
/// A loop over independent parts on a few threads.
#include <algorithm>
#include <atomic>
#include <cstddef>
#include <exception>
#include <mutex>
#include <thread>
#include <vector>

namespace vitrine::index {

/// Calls `body(begin, end)` for consecutive parts of 0 to `size` - 1, of at most `part_size` each. The first
/// exception that a call throws is thrown again when all threads have ended.
template <typename Body>
void for_each_part(std::size_t num_threads, std::size_t size, std::size_t part_size, const Body& body) {
  std::atomic<std::size_t> next = 0;
  std::mutex mutex;
  std::exception_ptr failure;
  const auto work = [&] {
    try {
      for (;;) {
        const std::size_t begin = next.fetch_add(part_size);
        if (begin >= size) return;
        body(begin, std::min(size, begin + part_size));
      }
    } catch (...) {
      const std::lock_guard lock(mutex);
      if (!failure) failure = std::current_exception();
      next = size;
    }
  };
  const std::size_t num_parts = (size + part_size - 1) / part_size;
  std::vector<std::thread> threads;
  try {
    for (std::size_t i = 1; i < std::min(num_threads, num_parts); ++i) threads.emplace_back(work);
  } catch (...) {
    // Fewer threads do the same work.
  }
  work();
  for (std::thread& thread : threads) thread.join();
  if (failure) std::rethrow_exception(failure);
}

}  // namespace vitrine::index
