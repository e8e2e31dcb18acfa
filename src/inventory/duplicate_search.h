// SPDX-License-Identifier: MIT
#pragma once
/// Groups of rows whose codes and features are nearly the same, found through an index: no pass over all
/// pairs, and no list of them.
#include <cstddef>
#include <cstdint>
#include <functional>
#include <span>
#include <vector>

#include "vitrine/hamming_index.h"
#include "vitrine/rerank.h"

namespace vitrine::inventory {

struct DuplicateLimits {
  std::uint32_t max_distance = 0;  ///< bits
  double min_cosine = 0;
  double target_recall = 1;
};

/// What is searched; must outlive the search unchanged.
struct DuplicateRows {
  const HammingIndex& index;
  std::span<const RowId> ids;  ///< ascending; those of the index
  std::size_t feature_dim = 0;
  /// `[feature_dim]`, of norm 1. Called from several threads.
  std::function<const Half*(std::size_t position)> feature;
  /// Whether two rows within the limits are duplicates indeed. Asked once for each pair of a group's centre
  /// and a row that is in no group yet, from several threads; null: they are.
  std::function<bool(std::size_t, std::size_t)> confirm = nullptr;
};

/// Calls `on_group` with two or more positions in `ids`: the first row that is in no group yet, its centre,
/// and then, ascending, the rows within the limits from it that are in none. The groups are the same for any
/// number of threads. Ends early, returning false, if `on_progress(done)` does.
bool group_duplicates(const DuplicateRows& rows, const DuplicateLimits& limits, unsigned num_threads,
                      const std::function<void(std::span<const std::size_t>)>& on_group,
                      const std::function<bool(std::size_t done)>& on_progress);

}  // namespace vitrine::inventory
