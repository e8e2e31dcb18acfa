// SPDX-License-Identifier: MIT
#pragma once
/// What a search through lists would find under any stop rule, told without searching: the nearest rows of
/// the query and the lists that hold them are known. A search reaches a list if, at that moment, the list is
/// not too far for the k-th row so far; between lists that hold near rows that row does not change.
#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "index/block_store.h"
#include "index/stop_rule.h"

namespace vitrine::index {

/// One of the rows nearest to a query.
struct NearRow {
  std::uint16_t distance;
  std::uint16_t centroid_distance;  ///< of its list; 0 for a list without a centroid, which is always visited
  ListIndex list;
};

class SearchReplay {
 public:
  /// A search for the `k` nearest; `rows` are more of the nearest rows than k, in any order.
  SearchReplay(std::span<const NearRow> rows, std::size_t k);

  /// The distance of the k-th row; there must be a row.
  std::uint16_t kth_distance() const { return kth_distance_; }
  /// The share of the k nearest that the search finds; rows as near as the k-th are as good as that.
  double recall(const StopRule& rule) const;

 private:
  struct Step {  // a list that holds near rows
    std::uint16_t centroid_distance;
    std::uint16_t kth_distance;  // after it
    std::uint32_t num_found;     // of the k nearest, after it
    bool is_full;                // after it there are k rows
  };
  std::size_t k_;
  std::uint16_t kth_distance_ = 0;
  std::vector<Step> steps_;
};

}  // namespace vitrine::index
