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
                     std::optional<ItemId> excluded) {
  for (const std::string& category : options.categories)
    partitions_.push_back(category_index(catalog.category_names(), category));
  std::sort(partitions_.begin(), partitions_.end());
  partitions_.erase(std::unique(partitions_.begin(), partitions_.end()), partitions_.end());
  if (options.where.empty() && !excluded) return;

  any_row_ = false;
  constexpr std::size_t kBits = 64;
  const std::size_t num_ids = table.size() == 0 ? 0 : table.id(table.size() - 1) + 1;
  allowed_ids_.resize((num_ids + kBits - 1) / kBits, options.where.empty() ? ~std::uint64_t{0} : 0);
  if (!options.where.empty()) {
    for (const ItemId id : catalog.select(options.where)) {
      if (id < num_ids) allowed_ids_[id / kBits] |= std::uint64_t{1} << (id % kBits);
    }
  }
  if (excluded && *excluded < num_ids)
    allowed_ids_[*excluded / kBits] &= ~(std::uint64_t{1} << (*excluded % kBits));
}

void RowFilter::restrict(HammingSearchOptions& search) const {
  search.partitions = partitions_;
  if (!any_row_) search.allowed_ids = allowed_ids_;
}

}  // namespace vitrine::engine
