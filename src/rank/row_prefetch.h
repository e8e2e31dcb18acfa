// SPDX-License-Identifier: MIT
#pragma once
#include <cstddef>
#include <span>

namespace vitrine::rank {

/// Fetches rows that lie anywhere in memory, each of which would cost a wait for it, ahead of their use. Null
/// rows are passed over.
template <typename Number>
class RowPrefetch {
 public:
  RowPrefetch(std::span<const Number* const> rows, std::size_t dim)
      : rows_(rows), row_bytes_(dim * sizeof(Number)) {
    for (std::size_t i = 0; i < kFetchedRows; ++i) fetch(i);
  }

  /// To be called before row i is read, for i in ascending order.
  void advance(std::size_t i) const { fetch(i + kFetchedRows); }

 private:
  static constexpr std::size_t kFetchedRows = 4;
  static constexpr std::size_t kCacheLineBytes = 64;

  void fetch(std::size_t i) const {
    if (i >= rows_.size() || rows_[i] == nullptr) return;
    const char* const first = reinterpret_cast<const char*>(rows_[i]);
    for (std::size_t offset = 0; offset < row_bytes_; offset += kCacheLineBytes)
      __builtin_prefetch(first + offset);
  }

  std::span<const Number* const> rows_;
  std::size_t row_bytes_;
};

}  // namespace vitrine::rank
