// SPDX-License-Identifier: MIT
#pragma once
/// From a query to the rows that may be hits: nearest codes, then the order of their features.
#include <cstddef>
#include <vector>

#include "engine/row_filter.h"
#include "engine/search_table.h"
#include "vitrine/catalog.h"
#include "vitrine/category.h"
#include "vitrine/embedder.h"

namespace vitrine::engine {

/// A row on its way to becoming a hit.
struct Candidate {
  std::size_t row = 0;
  unsigned hamming = 0;
  double cosine = 0;
};

/// Refers to catalogue and table. All calls may run concurrently.
class CandidateSearch {
 public:
  CandidateSearch(const Catalog& catalog, const SearchTable& table) : catalog_(catalog), table_(table) {}

  /// The `count` rows of nearest codes that the filter lets through, with their cosines still unknown.
  std::vector<Candidate> nearest(const Embedding& query, std::size_t count, double target_recall,
                                 const RowFilter& filter) const;
  /// Fills in the cosines, in the order as it is.
  void add_cosines(const Embedding& query, std::vector<Candidate>& found) const;
  /// Fills in the cosines and orders by them, keeping the best `count`.
  void rank_by_cosine(const Embedding& query, std::size_t count, std::vector<Candidate>& found) const;

  /// What the candidates say about the category, by index into Catalog::category_names().
  std::vector<CategoryNeighbor> votes(const std::vector<Candidate>& ranked) const;

 private:
  const Catalog& catalog_;
  const SearchTable& table_;
};

}  // namespace vitrine::engine
