// SPDX-License-Identifier: MIT
#pragma once
/// Keeps the k nearest of the rows offered to it. Candidates wait in a buffer that is thinned when it is
/// full. Ids decide between
/// equal distances only, so they are read late: they lie far from the codes. Order: distance, then id.
#include <cstddef>
#include <cstdint>
#include <vector>

#include "index/block_store.h"
#include "index/kth_distance.h"
#include "vitrine/hamming_index.h"

namespace vitrine::index {

/// The order of search results.
bool nearer(const Neighbor& left, const Neighbor& right);

class NearestSelection {
 public:
  /// Keeps the `k` nearest at most `max_distance` away (at most `code_bits`); with k = 0, all of them.
  NearestSelection(const BlockStore& rows, std::size_t k, std::uint32_t max_distance);

  /// Rows farther than this cannot be among the k nearest.
  std::uint16_t limit() const { return kth_.limit(); }
  /// Whether there is a k.
  bool has_k() const { return k_ != 0; }
  /// Whether k rows were found.
  bool is_full() const { return kth_.is_full(); }
  /// Whether the row can still be among the k nearest.
  bool accepts(Slot slot, std::uint16_t distance) const {
    if (distance != limit()) return distance < limit();
    return !has_tie_bound_ || rows_->id(slot) < tie_bound_;
  }
  /// Adds a row that is accepted.
  void add(Slot slot, std::uint16_t distance);

  /// The k nearest, in order.
  std::vector<Neighbor> take();

 private:
  struct Candidate {
    Slot slot;
    std::uint16_t distance;
  };
  void thin();

  const BlockStore* rows_;
  std::size_t k_;
  std::size_t capacity_;
  KthDistance kth_;
  bool has_tie_bound_ = false;
  RowId tie_bound_ = 0;  // of the rows as far as the limit, only those with smaller ids are wanted
  std::vector<Candidate> candidates_;
};

}  // namespace vitrine::index
