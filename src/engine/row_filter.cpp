// SPDX-License-Identifier: MIT
#include "engine/row_filter.h"

#include <algorithm>
#include <span>
#include <string>

#include "engine/closest_names.h"
#include "vitrine/error.h"

namespace vitrine::engine {
namespace {

PartitionId category_index(std::span<const std::string> names, const std::string& wanted) {
  const auto found = std::find(names.begin(), names.end(), wanted);
  if (found != names.end()) return static_cast<PartitionId>(found - names.begin());
  std::string message = "cannot search in category '" + wanted + "': the catalogue has no such category";
  constexpr std::size_t kNumSuggestions = 3;
  const std::vector<std::string> similar = closest_names(wanted, names, kNumSuggestions);
  for (std::size_t i = 0; i < similar.size(); ++i)
    message += (i == 0 ? "; similar ones: '" : ", '") + similar[i] + "'";
  throw Error(ErrorCode::kInvalidArgument, message);
}

}  // namespace

RowFilter::RowFilter(const Catalog& catalog, const SearchTable& table, const SearchOptions& options,
                     std::optional<std::size_t> excluded_row)
    : excluded_row_(excluded_row) {
  for (const std::string& category : options.categories)
    partitions_.push_back(category_index(catalog.category_names(), category));
  std::sort(partitions_.begin(), partitions_.end());
  partitions_.erase(std::unique(partitions_.begin(), partitions_.end()), partitions_.end());
  if (options.where.empty()) return;

  allowed_.resize(table.size());
  const std::vector<ItemId> selected = catalog.select(options.where);
  // Both lists ascend.
  std::size_t row = 0;
  for (const ItemId id : selected) {
    while (row < table.size() && table.id(row) < id) ++row;
    if (row < table.size() && table.id(row) == id) allowed_[row] = true;
  }
}

void RowFilter::restrict(HammingSearchOptions& search) const {
  search.partitions = partitions_;
  if (allowed_.empty() && !excluded_row_) return;
  search.filter = [this](RowId row) { return (allowed_.empty() || allowed_[row]) && row != excluded_row_; };
}

}  // namespace vitrine::engine
