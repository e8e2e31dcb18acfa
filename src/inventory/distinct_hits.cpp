// SPDX-License-Identifier: MIT
#include "vitrine/distinct_hits.h"

#include <algorithm>
#include <bit>
#include <span>
#include <unordered_map>
#include <utility>
#include <vector>

#include "inventory/picture_comparer.h"
#include "vitrine/error.h"
#include "vitrine/rerank.h"

namespace vitrine {
namespace {

/// So many times the wanted hits are searched for at first, and again where that was too few.
constexpr std::size_t kGrowth = 3;

}  // namespace

struct DistinctHits::Impl {
  struct Row {
    std::span<const std::byte> code;
    const Half* feature = nullptr;
  };

  Impl(const Catalog& catalog, const DuplicateOptions& duplicate_options)
      : feature_dim(catalog.identity().feature_dim),
        options(duplicate_options),
        max_distance(options.max_bit_share * static_cast<double>(catalog.identity().code_bits)),
        pictures(catalog, options.min_correlation.value_or(1)) {
    options.validate();
    catalog.for_each_row([&](const Catalog::Row& row) { rows[row.id] = {row.code, row.feature}; });
  }

  const Row& row(ItemId id) const {
    const auto found = rows.find(id);
    if (found == rows.end())
      throw Error(ErrorCode::kInvalidArgument, "cannot hide duplicates: the catalogue has no item " +
                                                   std::to_string(id) + ", of which there is a hit");
    return found->second;
  }

  // Cheap tests first.
  bool are_duplicates(ItemId left, ItemId right) {
    const Row& one = row(left);
    const Row& other = row(right);
    int distance = 0;
    for (std::size_t i = 0; i < one.code.size(); ++i)
      distance += std::popcount(std::to_integer<unsigned>(one.code[i] ^ other.code[i]));
    if (distance > max_distance) return false;
    if (dot(to_float({one.feature, feature_dim}), other.feature) < options.min_cosine) return false;
    return !options.min_correlation || pictures.same_picture(left, right);
  }

  std::vector<Hit> distinct(std::vector<Hit> hits, std::size_t wanted) {
    std::vector<Hit> kept;
    for (Hit& hit : hits) {
      if (kept.size() == wanted) break;
      const bool is_duplicate = std::any_of(
          kept.begin(), kept.end(), [&](const Hit& earlier) { return are_duplicates(earlier.id, hit.id); });
      if (is_duplicate) continue;
      kept.push_back(std::move(hit));
      kept.back().rank = kept.size();
    }
    return kept;
  }

  std::size_t feature_dim;
  DuplicateOptions options;
  double max_distance;
  inventory::PictureComparer pictures;
  std::unordered_map<ItemId, Row> rows;
};

DistinctHits::DistinctHits(const Catalog& catalog, const DuplicateOptions& options)
    : impl_(std::make_unique<Impl>(catalog, options)) {}
DistinctHits::DistinctHits(DistinctHits&&) noexcept = default;
DistinctHits& DistinctHits::operator=(DistinctHits&&) noexcept = default;
DistinctHits::~DistinctHits() = default;

SearchResult DistinctHits::search(const SearchOptions& options,
                                  const std::function<SearchResult(const SearchOptions&)>& search) const {
  const std::size_t num_rows = impl_->rows.size();
  SearchOptions wider = options;
  while (true) {
    wider.k = std::max(options.k, std::min(kGrowth * wider.k, num_rows));
    SearchResult result = search(wider);
    const bool is_all = result.hits.size() < wider.k || wider.k >= num_rows;
    result.hits = impl_->distinct(std::move(result.hits), options.k);
    if (result.hits.size() == options.k || is_all) return result;
  }
}

}  // namespace vitrine
