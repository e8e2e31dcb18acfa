// SPDX-License-Identifier: MIT
#pragma once
/// How many of the nearest codes a search has to compare by their features, so that it misses few of the
/// items whose features are most alike: measured on the catalogue itself and kept in it, where every Engine
/// finds it. Too few lose hits, too many cost time.
#include <cstddef>
#include <cstdint>
#include <functional>
#include <optional>
#include <span>
#include <vector>

#include "vitrine/catalog.h"

namespace vitrine {

struct CandidateFitOptions {
  /// Share of the `num_neighbors` items of highest cosine to have among the candidates, above 0, below 1.
  double target_share = 0.99;
  std::size_t num_neighbors = 10;
  /// Most items to search with, spread evenly over the catalogue. Every other one is held back to judge.
  std::size_t max_queries = 400;
  /// The answer is at most this, even if the target is then missed.
  std::size_t max_candidates = 2000;
  /// Worker threads; 0: one per core.
  unsigned num_threads = 0;
  /// Polled now and then, from one thread at a time; true ends the work with ErrorCode::kResource.
  std::function<bool()> should_stop{};
};

/// What was measured.
struct CandidateCount {
  std::uint64_t count = 0;  ///< of candidates, at least 1
  double target_share = 0;
  double share = 0;  ///< of the neighbours of queries held back, reached by `count`
  std::uint32_t num_neighbors = 0;
  std::uint64_t num_queries = 0;  ///< those held back included
  std::uint64_t num_items = 0;    ///< of the catalogue when it was measured

  /// A catalogue that has become much larger or smaller since then wants another count.
  bool fits(std::uint64_t num_items_now) const {
    return num_items_now <= 2 * num_items && num_items <= 2 * num_items_now;
  }

  /// 64 bytes, see docs/format.md.
  std::vector<std::byte> to_bytes() const;
  /// kCorrupt, with the offset, for bytes that `to_bytes` did not write; kUnsupported for a newer version.
  static CandidateCount from_bytes(std::span<const std::byte> bytes);
};

/// Searches with items of the committed catalogue, each of which leaves itself out: by comparing all
/// features, and by comparing all codes. The count is the smallest with which the target is reached. Nothing
/// if there are fewer than two items, or no features. Equal catalogues give equal counts. Cost: number of
/// queries x items x dim, some 30 ns for 512 numbers. ErrorCode::kInvalidArgument for options out of range.
std::optional<CandidateCount> fit_candidate_count(const Catalog& catalog,
                                                  const CandidateFitOptions& options = {});

/// Keeps the count in the catalogue, with the next commit, in place of an earlier one.
void store_candidate_count(Catalog& catalog, const CandidateCount& count);

/// The count that was stored; nothing if none was. Errors: those of CandidateCount::from_bytes.
std::optional<CandidateCount> stored_candidate_count(const Catalog& catalog);

}  // namespace vitrine
