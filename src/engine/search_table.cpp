// SPDX-License-Identifier: MIT
#include "engine/search_table.h"

#include <algorithm>
#include <limits>
#include <numeric>

namespace vitrine::engine {

SearchTable::SearchTable(const Catalog& catalog)
    // Lists are not stored with the catalogue: forming them at each opening would take longer than many
    // searches.
    : index_({.code_bits = catalog.identity().code_bits,
              .min_rows_for_lists = std::numeric_limits<std::size_t>::max()}) {
  constexpr std::size_t kBatchRows = 16384;  // one copy of the codes at a time is enough
  std::vector<std::byte> codes;
  std::size_t num_indexed = 0;
  const auto index_batch = [&] {
    std::vector<RowId> rows(ids_.size() - num_indexed);
    std::iota(rows.begin(), rows.end(), RowId{num_indexed});
    index_.upsert_batch(rows, codes, std::span(categories_).subspan(num_indexed));
    num_indexed = ids_.size();
    codes.clear();
  };
  const std::uint64_t num_items = catalog.stats().num_items;
  ids_.reserve(num_items);
  features_.reserve(num_items);
  categories_.reserve(num_items);
  catalog.for_each_row([&](const Catalog::Row& row) {
    ids_.push_back(row.id);
    features_.push_back(row.feature);
    categories_.push_back(row.category_index);
    codes.insert(codes.end(), row.code.begin(), row.code.end());
    if (ids_.size() - num_indexed == kBatchRows) index_batch();
  });
  if (num_indexed < ids_.size()) index_batch();
}

std::optional<std::size_t> SearchTable::row_of(ItemId id) const {
  const auto found = std::lower_bound(ids_.begin(), ids_.end(), id);
  if (found == ids_.end() || *found != id) return std::nullopt;
  return static_cast<std::size_t>(found - ids_.begin());
}

}  // namespace vitrine::engine
