// SPDX-License-Identifier: MIT
#pragma once
/// What a search of the Hamming index asks for and what it returns.
#include <cstddef>
#include <cstdint>
#include <functional>
#include <optional>
#include <span>

namespace vitrine {

/// The caller's name of a row. Any value.
using RowId = std::uint64_t;

/// A number by which a search can be restricted cheaply, for example a category. Rows are stored in blocks of
/// eight of one partition, so partitions of fewer rows each than that cost memory; and a partition of fewer
/// than 3 x rows_per_list rows is compared in full by every search that wants it.
using PartitionId = std::uint32_t;

/// One search result. Results are ordered by distance, then by id, so equal inputs give equal outputs.
struct Neighbor {
  RowId id = 0;
  std::uint32_t distance = 0;
  friend bool operator==(const Neighbor&, const Neighbor&) = default;
};

struct HammingSearchOptions {
  /// How many neighbours to return, at least 1; fewer come back only if fewer rows qualify.
  std::size_t k = 10;

  /// Only rows at most this far from the query qualify; unset: any distance.
  std::optional<std::uint32_t> max_distance{};

  /// Share of the true neighbours that must be found on average, 0.9 to 1.0. At 1.0 the search is exact.
  /// Below, the index visits as few lists as its own rows, taken as queries, needed for that share; beyond
  /// 0.995 it compares all rows. It never returns fewer than k neighbours while k rows qualify.
  double target_recall = 1.0;

  /// Only rows of these partitions qualify; empty: all rows.
  std::span<const PartitionId> partitions{};

  /// Only rows for which this returns true qualify; unset: all rows. Called from the searching thread,
  /// possibly for any row and more than once; must be pure and must not call the index.
  std::function<bool(RowId)> filter{};

  /// Only rows whose bit is set qualify; unset: all rows. Bit i % 64 of word i / 64 stands for id i; ids
  /// behind the last word do not qualify. Faster than `filter`, above all if few rows qualify.
  std::optional<std::span<const std::uint64_t>> allowed_ids{};

  /// If set, rows are compared by 128 of their bits first, and in full only if these alone would be no more
  /// surprising than this many standard deviations for a row at the distance of the k-th neighbour. That
  /// loses a neighbour with a chance of at most 1 - Phi(z): 0.0014 for 3 (most neighbours are nearer than the
  /// k-th and much less likely to be lost). Takes the place of `target_recall`; codes of fewer than 384 bits
  /// are compared in full.
  std::optional<double> coarse_z{};
};

}  // namespace vitrine
