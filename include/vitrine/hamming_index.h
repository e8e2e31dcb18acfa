// SPDX-License-Identifier: MIT
#pragma once
/// Nearest neighbours among binary codes by Hamming distance. docs/index.md explains the method and its
/// figures; paper: Visual Search at Alibaba (KDD 2018), section on the binary index engine.
#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace vitrine {

/// The caller's name of a row. Any value.
using RowId = std::uint64_t;

/// A number by which a search can be restricted cheaply, for example a category. Rows are stored in blocks of
/// eight of one partition, so partitions of fewer rows each than that cost memory; and a partition of fewer
/// than 3 x rows_per_list rows is compared in full by every search that wants it.
using PartitionId = std::uint32_t;

struct HammingIndexOptions {
  /// Length of every code: a multiple of 64 from 64 to 4096.
  std::size_t code_bits = 512;

  /// Name of the distance kernel to use, one of `HammingIndex::available_kernels()`; empty takes the fastest.
  std::string kernel{};

  /// Rows from which the index forms lists of similar rows, so that a search with a target recall below 1
  /// need not compare all. With fewer rows comparing all is as fast.
  std::size_t min_rows_for_lists = 50'000;

  /// Rows of a list, on average, at least 8. More make searches compare more rows, fewer more centroids.
  std::size_t rows_per_list = 128;

  /// Seed of everything random: the training of lists and the choice of bits that the coarse filter looks at.
  std::uint64_t seed = 1;
};

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

/// What an index measured of itself; see HammingIndex::stats().
struct HammingIndexStats {
  std::size_t num_rows = 0;
  std::size_t num_lists = 0;  ///< with rows
  std::size_t memory_bytes = 0;

  /// The share of true neighbours that searches with a target recall found when rows of the index were the
  /// queries, for k = 60.
  struct Calibrated {
    double target_recall = 0;
    double achieved_recall = 0;
  };
  std::vector<Calibrated> calibrated;  ///< ascending; empty while searches compare all rows
};

/// A mutable set of (id, code, partition) rows with exact or approximate k-nearest-neighbour search.
///
/// Codes are `code_bits / 8` bytes; bit i of a code is bit (i % 8) of byte i / 8.
/// Thread-safety: any number of threads may search while others change the index. A search sees one state:
/// every change that had returned before it began, and each change either wholly or not at all. It never
/// waits for a change; changes wait for each other. Errors: ErrorCode::kInvalidArgument for codes of the
/// wrong length, k = 0, target_recall outside [0.9, 1], coarse_z that is negative or no number; after an
/// error of a change, none of it has happened.
class HammingIndex {
 public:
  explicit HammingIndex(const HammingIndexOptions& options = {});
  ~HammingIndex();
  HammingIndex(HammingIndex&&) noexcept;
  HammingIndex& operator=(HammingIndex&&) noexcept;

  /// Adds a row or replaces the row of the same id, its code and its partition. O(1) amortised: now and then
  /// a call also forms lists (at `min_rows_for_lists`, a tenth of a second), splits one, or calibrates.
  void upsert(RowId id, std::span<const std::byte> code, PartitionId partition = 0);

  /// Adds or replaces `ids.size()` rows; `codes` is `[n, code_bits / 8]`, `partitions` is `[n]` or empty (all
  /// 0). Of an id given twice, the last one counts. Arguments are checked before anything changes. A batch
  /// that at least doubles the index is followed by `optimize`.
  void upsert_batch(std::span<const RowId> ids, std::span<const std::byte> codes,
                    std::span<const PartitionId> partitions = {});

  /// Removes a row; false if there is none of that id. O(1).
  bool remove(RowId id);

  /// Forms all lists anew for the rows there are, on so many threads, and calibrates. Worth its time after
  /// the kind of rows has changed; otherwise lists keep themselves in shape. Cost: a few microseconds a row;
  /// memory for the rows once more while it runs. Searches go on, other changes wait.
  void optimize(std::size_t num_threads = 1);

  /// Gives memory back that removed rows left, moving about `max_moved_rows` rows, and calibrates if many
  /// rows have changed; returns whether more is left to do. Searches go on, other changes wait.
  bool maintain(std::size_t max_moved_rows = 100'000);

  /// The k nearest rows to `code`.
  std::vector<Neighbor> search(std::span<const std::byte> code,
                               const HammingSearchOptions& options = {}) const;

  /// Searches for `n` codes at once (`[n, code_bits / 8]`); faster than n single searches because a batch
  /// shares every load of a row. Uses the calling thread only.
  std::vector<std::vector<Neighbor>> search_batch(std::span<const std::byte> codes,
                                                  const HammingSearchOptions& options = {}) const;

  /// All rows within `radius`, ascending; `options.k` and `options.max_distance` are ignored.
  std::vector<Neighbor> search_radius(std::span<const std::byte> code, std::uint32_t radius,
                                      const HammingSearchOptions& options = {}) const;

  std::size_t size() const;
  bool contains(RowId id) const;
  /// The stored code, or nothing if there is no such row.
  std::optional<std::vector<std::byte>> code(RowId id) const;
  std::size_t code_bits() const;
  /// Memory held for rows, ids and lists. Waits for a change in progress.
  std::size_t memory_bytes() const;
  /// Sizes and calibration. Waits for a change in progress.
  HammingIndexStats stats() const;
  std::string_view kernel() const;

  /// Kernels this machine can run, fastest first; "scalar" is always the last.
  static std::vector<std::string_view> available_kernels();

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace vitrine
