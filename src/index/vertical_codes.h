// SPDX-License-Identifier: MIT
#pragma once
/// A growing table of codes in vertical blocks, to find the nearest one of: centroids. Not synchronised.
#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "hamming/kernel.h"
#include "index/cache_line_allocator.h"

namespace vitrine::index {

class VerticalCodes {
 public:
  explicit VerticalCodes(std::size_t words) : words_(words) {}

  void push_back(const std::uint64_t* code);
  /// Removes a code; the last one takes its index.
  void remove(std::size_t index);
  void read(std::size_t index, std::uint64_t* code) const;

  /// The nearest code of each query, distance * 2^32 + index; there must be one. `queries` is `[n, words]`.
  void nearest(const hamming::Kernel& kernel, const std::uint64_t* queries, std::size_t num_queries,
               std::uint64_t* found) const;
  /// The indices of the `count` nearest codes, or all if there are fewer, nearest first.
  std::vector<std::uint32_t> nearest(const hamming::Kernel& kernel, const std::uint64_t* query,
                                     std::size_t count) const;

  std::size_t size() const { return size_; }
  std::size_t memory_bytes() const { return blocks_.capacity() * sizeof(std::uint64_t); }

 private:
  void write(std::size_t index, const std::uint64_t* code);

  std::size_t words_;
  std::size_t size_ = 0;
  // Rows of the last block behind the last code repeat its first row: of equally near codes a kernel names
  // the first.
  std::vector<std::uint64_t, CacheLineAllocator<std::uint64_t>> blocks_;
};

}  // namespace vitrine::index
