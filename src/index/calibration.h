// SPDX-License-Identifier: MIT
#pragma once
/// How large a margin (list_search.h) a target recall needs: measured with rows of the index as queries,
/// against its own exact scan. A true neighbour x of a query q is certain to be found if its list is visited
/// before the search stops: if d(q, centroid of x) - d(q, k-th neighbour) <= margin. So the margin for recall
/// r is the r-quantile of the left side over all true neighbours of the sample.
///
/// One writer calibrates; readers may ask meanwhile.
#include <array>
#include <atomic>
#include <cstddef>
#include <cstdint>
#include <vector>

#include "hamming/kernel.h"
#include "index/row_lists.h"

namespace vitrine::index {

class Calibration {
 public:
  /// Target recalls and numbers of neighbours that margins are kept for.
  static constexpr std::array<double, 9> kTargets = {0.90, 0.92, 0.94, 0.95, 0.96, 0.97, 0.98, 0.99, 0.995};
  static constexpr std::array<std::size_t, 3> kNeighbors = {10, 60, 240};

  /// Measures with about `num_queries` rows. Cost: an exact search for each.
  void measure(const RowLists& rows, const hamming::Kernel& kernel, std::size_t num_queries,
               std::uint64_t seed);
  bool is_measured() const { return num_rows_.load(std::memory_order_acquire) != 0; }
  /// Rows that the index had then.
  std::size_t num_rows() const { return num_rows_.load(std::memory_order_acquire); }

  /// The margin for a target recall and k neighbours; nothing if the target is beyond all kept.
  std::optional<int> margin(double target_recall, std::size_t k) const;
  /// The share of true neighbours that searches of the sample for kNeighbors[1] found with a target's margin.
  double achieved_recall(std::size_t target_index) const {
    return achieved_[target_index].load(std::memory_order_relaxed);
  }

 private:
  std::array<std::array<std::atomic<int>, kTargets.size()>, kNeighbors.size()> margins_{};
  std::array<std::atomic<double>, kTargets.size()> achieved_{};
  std::atomic<std::size_t> num_rows_ = 0;
};

}  // namespace vitrine::index
