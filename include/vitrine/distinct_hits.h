// SPDX-License-Identifier: MIT
#pragma once
/// Search results that are not flooded by one picture: of hits that are near duplicates of each other, by the
/// rule of duplicates.h, the first one stays. Paper: Visual Search at Alibaba (KDD 2018), item inventory.
#include <functional>
#include <memory>

#include "vitrine/catalog.h"
#include "vitrine/duplicates.h"
#include "vitrine/engine.h"

namespace vitrine {

/// All calls may run concurrently.
class DistinctHits {
 public:
  /// What counts as a duplicate are max_bit_share, min_cosine and min_correlation of the options. `catalog`
  /// must outlive it and be the state that is searched: that of Engine::snapshot. kInvalidArgument for
  /// options out of range.
  explicit DistinctHits(const Catalog& catalog, const DuplicateOptions& options = {});
  DistinctHits(DistinctHits&&) noexcept;
  DistinctHits& operator=(DistinctHits&&) noexcept;
  ~DistinctHits();

  /// Calls `search` for more hits than `options` wants, until so many remain without the duplicates or there
  /// are no more (kInvalidArgument if a hit is of another state of the catalogue), and ranks those that
  /// remain. In an order by quality, quality thus decides which one stays. Cost: mostly one search; pictures
  /// that may be duplicates are decoded, each mostly once.
  SearchResult search(const SearchOptions& options,
                      const std::function<SearchResult(const SearchOptions&)>& search) const;

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace vitrine
