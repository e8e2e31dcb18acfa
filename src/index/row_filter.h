// SPDX-License-Identifier: MIT
#pragma once
/// Which rows and lists qualify for a search; as in HammingSearchOptions.
#include <algorithm>
#include <functional>
#include <span>
#include <vector>

#include "index/block_store.h"
#include "vitrine/hamming_index.h"

namespace vitrine::index {

class RowFilter {
 public:
  explicit RowFilter(const HammingSearchOptions& options)
      : partitions_(options.partitions.begin(), options.partitions.end()),
        predicate_(options.filter ? &options.filter : nullptr),
        allowed_(options.allowed_ids) {
    std::sort(partitions_.begin(), partitions_.end());
  }

  bool any_partition() const { return partitions_.empty(); }
  bool wants_partition(PartitionId partition) const {
    // One partition is the usual case, and this is asked of every list.
    if (partitions_.size() == 1) return partitions_.front() == partition;
    return partitions_.empty() || std::binary_search(partitions_.begin(), partitions_.end(), partition);
  }

  bool any_row() const { return predicate_ == nullptr && !allowed_; }
  /// Whether a row of a wanted partition qualifies.
  bool wants_row(const BlockStore& rows, Slot slot) const {
    if (any_row()) return true;
    const RowId id = rows.id(slot);
    return is_allowed(id) && (predicate_ == nullptr || (*predicate_)(id));
  }

  /// The bitmap, if the search has one.
  const std::optional<std::span<const std::uint64_t>>& allowed_ids() const { return allowed_; }

 private:
  bool is_allowed(RowId id) const {
    return !allowed_ || (id / 64 < allowed_->size() && ((*allowed_)[id / 64] >> (id % 64) & 1) != 0);
  }

  std::vector<PartitionId> partitions_;
  const std::function<bool(RowId)>* predicate_;
  std::optional<std::span<const std::uint64_t>> allowed_;
};

}  // namespace vitrine::index
