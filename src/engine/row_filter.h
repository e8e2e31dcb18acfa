// SPDX-License-Identifier: MIT
#pragma once
/// Which rows a search may return.
#include <cstddef>
#include <optional>
#include <vector>

#include "engine/search_table.h"
#include "vitrine/catalog.h"
#include "vitrine/engine.h"
#include "vitrine/hamming_index.h"

namespace vitrine::engine {

/// Built from the options of one search; must outlive it.
class RowFilter {
 public:
  /// ErrorCode::kInvalidArgument for unknown categories (naming similar ones) and bad `where` expressions.
  /// `excluded_row` never qualifies.
  RowFilter(const Catalog& catalog, const SearchTable& table, const SearchOptions& options,
            std::optional<std::size_t> excluded_row);

  /// Writes partitions and filter; both refer to this object.
  void restrict(HammingSearchOptions& search) const;

 private:
  std::vector<PartitionId> partitions_;
  std::vector<bool> allowed_;  ///< by row; empty: all
  std::optional<std::size_t> excluded_row_;
};

}  // namespace vitrine::engine
