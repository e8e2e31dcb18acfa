// SPDX-License-Identifier: MIT
#include "vitrine/distinct_hits.h"

#include <algorithm>
#include <bit>
#include <optional>
#include <string>
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
  Impl(const Catalog& items, const DuplicateOptions& duplicate_options)
      : catalog(items),
        feature_dim(catalog.identity().feature_dim),
        options(duplicate_options),
        max_distance(options.max_bit_share * static_cast<double>(catalog.identity().code_bits)),
        pictures(catalog, options.min_correlation.value_or(1)) {
    options.validate();
  }

  Catalog::Row row(ItemId id) const {
    const std::optional<Catalog::Row> found = catalog.row(id);
    if (!found)
      throw Error(ErrorCode::kInvalidArgument, "cannot hide duplicates: the catalogue has no item " +
                                                   std::to_string(id) + ", of which there is a hit");
    return *found;
  }

  // Cheap tests first.
  bool are_duplicates(const Catalog::Row& one, const Catalog::Row& other) {
    int distance = 0;
    for (std::size_t i = 0; i < one.code.size(); ++i)
      distance += std::popcount(std::to_integer<unsigned>(one.code[i] ^ other.code[i]));
    if (distance > max_distance) return false;
    if (dot(to_float({one.feature, feature_dim}), other.feature) < options.min_cosine) return false;
    return !options.min_correlation || pictures.same_picture(one.id, other.id);
  }

  std::vector<Hit> distinct(std::vector<Hit> hits, std::size_t wanted) {
    std::vector<Hit> kept;
    std::vector<Catalog::Row> rows;  // of these
    for (Hit& hit : hits) {
      if (kept.size() == wanted) break;
      const Catalog::Row candidate = row(hit.id);
      const bool is_duplicate = std::any_of(rows.begin(), rows.end(), [&](const Catalog::Row& earlier) {
        return are_duplicates(earlier, candidate);
      });
      if (is_duplicate) continue;
      rows.push_back(candidate);
      kept.push_back(std::move(hit));
      kept.back().rank = kept.size();
    }
    return kept;
  }

  const Catalog& catalog;
  std::size_t feature_dim;
  DuplicateOptions options;
  double max_distance;
  inventory::PictureComparer pictures;
};

DistinctHits::DistinctHits(const Catalog& catalog, const DuplicateOptions& options)
    : impl_(std::make_unique<Impl>(catalog, options)) {}
DistinctHits::DistinctHits(DistinctHits&&) noexcept = default;
DistinctHits& DistinctHits::operator=(DistinctHits&&) noexcept = default;
DistinctHits::~DistinctHits() = default;

SearchResult DistinctHits::search(const SearchOptions& options,
                                  const std::function<SearchResult(const SearchOptions&)>& search) const {
  SearchOptions wider = options;
  while (true) {
    wider.k *= kGrowth;
    SearchResult result = search(wider);
    const bool is_all = result.hits.size() < wider.k;
    result.hits = impl_->distinct(std::move(result.hits), options.k);
    if (result.hits.size() == options.k || is_all) return result;
  }
}

}  // namespace vitrine
