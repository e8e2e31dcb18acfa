// SPDX-License-Identifier: MIT
#include "engine/row_filter.h"

#include <algorithm>
#include <span>
#include <string>

#include "engine/closest_names.h"
#include "vitrine/error.h"

namespace vitrine::engine {
namespace {

constexpr std::size_t kBits = 64;  // of a word of allowed ids

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
                     std::optional<ItemId> excluded)
    : num_ids_(table.size() == 0 ? 0 : table.largest_id() + 1) {
  for (const std::string& category : options.categories)
    partitions_.push_back(category_index(catalog.category_names(), category));
  std::sort(partitions_.begin(), partitions_.end());
  partitions_.erase(std::unique(partitions_.begin(), partitions_.end()), partitions_.end());
  if (!options.where.empty()) {
    any_row_ = false;
    allowed_ids_.resize((num_ids_ + kBits - 1) / kBits);
    for (const ItemId id : catalog.select(options.where)) {
      if (id < num_ids_) allowed_ids_[id / kBits] |= std::uint64_t{1} << (id % kBits);
    }
  }
  if (excluded) exclude(std::span(&*excluded, 1));
}

void RowFilter::exclude(std::span<const ItemId> ids) {
  if (any_row_) allowed_ids_.assign((num_ids_ + kBits - 1) / kBits, ~std::uint64_t{0});
  any_row_ = false;
  for (const ItemId id : ids) {
    if (id < num_ids_) allowed_ids_[id / kBits] &= ~(std::uint64_t{1} << (id % kBits));
  }
}

void RowFilter::restrict(HammingSearchOptions& search) const {
  search.partitions = partitions_;
  if (!any_row_) search.allowed_ids = allowed_ids_;
}

}  // namespace vitrine::engine
