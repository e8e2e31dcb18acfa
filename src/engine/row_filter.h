// SPDX-License-Identifier: MIT
#pragma once
/// Which rows a search may return.
#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <utility>
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
  /// `excluded` never qualifies.
  RowFilter(const Catalog& catalog, const SearchTable& table, const SearchOptions& options,
            std::optional<ItemId> excluded);

  /// Writes partitions and allowed ids; both refer to this object.
  void restrict(HammingSearchOptions& search) const;

  /// The same rows, but only those of these categories; takes the place of the categories of the options.
  void set_partitions(std::vector<PartitionId> partitions) { partitions_ = std::move(partitions); }

  /// These no longer qualify.
  void exclude(std::span<const ItemId> ids);

 private:
  std::size_t num_ids_;
  std::vector<PartitionId> partitions_;
  std::vector<std::uint64_t> allowed_ids_;  ///< a bit an item id
  bool any_row_ = true;
};

}  // namespace vitrine::engine
