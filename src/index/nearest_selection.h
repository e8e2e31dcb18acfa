// SPDX-License-Identifier: MIT
#pragma once
/// Keeps the k nearest of the rows offered to it, in a buffer of 2k that is halved when it is full: amortised
/// O(1) a row, where a heap costs O(log k). Order: distance, then id.
#include <cstddef>
#include <cstdint>
#include <vector>

#include "vitrine/hamming_index.h"

namespace vitrine::index {

/// The order of search results.
bool nearer(const Neighbor& left, const Neighbor& right);

class NearestSelection {
 public:
  /// Keeps the `k` nearest at most `max_distance` away; with k = 0, all of them.
  NearestSelection(std::size_t k, std::uint32_t max_distance);

  /// Rows farther than this cannot be among the k nearest; rows this far away can, by their id.
  std::uint32_t limit() const { return worst_.distance; }
  /// Whether the row can still be among the k nearest.
  bool accepts(const Neighbor& row) const { return !nearer(worst_, row); }
  /// Adds a row that is accepted.
  void add(const Neighbor& row);

  /// The k nearest, in order.
  std::vector<Neighbor> take();

 private:
  void halve();

  std::size_t k_;
  std::size_t capacity_;
  Neighbor worst_;  // no row behind this one is wanted
  std::vector<Neighbor> kept_;
};

}  // namespace vitrine::index
