// SPDX-License-Identifier: MIT
#pragma once
/// Search through inverted lists: lists are visited in ascending distance of their centroid from the query,
/// until that exceeds the distance of the k-th row found so far by a margin. So an easy query visits few
/// lists and a hard one many, and one margin means about the same recall for both.
#include <cstddef>
#include <cstdint>
#include <vector>

#include "index/nearest_selection.h"
#include "index/scan.h"
#include "index/stop_rule.h"

namespace vitrine::index {

struct ListDistance {
  std::uint16_t distance;  ///< of the centroid
  ListIndex list;
  friend auto operator<=>(const ListDistance&, const ListDistance&) = default;
};

class ListSearch {
 public:
  /// `query` and `selection` must outlive the search.
  ListSearch(const SearchContext& context, std::span<const std::uint64_t> query, NearestSelection& selection);

  /// Visits lists until the rule stops it. A selection that is not full is never stopped, so k rows are
  /// found if there are k; unless it takes any number of rows: then its limit stops the search.
  void visit_near(const StopRule& rule);
  /// Visits this many of the nearest lists.
  void visit_nearest(std::size_t num_lists);
  /// Visits some of the nearest lists, as long as that lowers the k-th distance: a quick upper bound of it.
  void probe(std::size_t max_lists);
  /// The lists with a centroid, in no order.
  std::vector<ListDistance> all_lists();

 private:
  void visit_loose();
  void find_lists(std::size_t count, std::uint16_t max_distance);
  void find_nearest(std::size_t count, std::uint16_t max_distance);
  void add_lists(const hamming::BlockHit& hit, ListIndex first, KthDistance& kth);
  void visit(std::size_t index);
  void prefetch(std::size_t index) const;
  void prefetch_rows(const ListVersion& list) const;

  const SearchContext& context_;
  std::span<const std::uint64_t> query_;
  NearestSelection& selection_;
  Scanner scanner_;
  std::vector<CentroidRun> centroids_;
  std::vector<hamming::BlockHit> hits_;
  std::vector<ListDistance> lists_;  // ascending: the next ones to visit
  std::optional<ListDistance> last_found_;
};

}  // namespace vitrine::index
