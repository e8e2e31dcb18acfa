// SPDX-License-Identifier: MIT
#pragma once
/// Nearest neighbours among binary codes by Hamming distance. See docs/architecture.md for the data
/// structure; paper: Visual Search at Alibaba (KDD 2018), section on the binary index engine.
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
/// eight of one partition, so partitions of fewer rows each than that cost memory.
using PartitionId = std::uint32_t;

struct HammingIndexOptions {
  /// Length of every code: a multiple of 64 from 64 to 4096.
  std::size_t code_bits = 512;

  /// Name of the distance kernel to use, one of `HammingIndex::available_kernels()`; empty takes the fastest.
  std::string kernel{};
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
  /// Below, the index may visit fewer rows; it never returns fewer than k neighbours while k rows qualify.
  double target_recall = 1.0;

  /// Only rows of these partitions qualify; empty: all rows.
  std::span<const PartitionId> partitions{};

  /// Only rows for which this returns true qualify; unset: all rows. Called from the searching thread,
  /// possibly for any row and more than once; must be pure and must not call the index.
  std::function<bool(RowId)> filter{};
};

/// A mutable set of (id, code, partition) rows with exact k-nearest-neighbour search.
///
/// Codes are `code_bits / 8` bytes; bit i of a code is bit (i % 8) of byte i / 8.
/// Thread-safety: any number of threads may search while one thread changes the index; a search sees every
/// change that had returned before it began, and each change either wholly or not at all. Changes from
/// several threads must be serialised by the caller. Errors: ErrorCode::kInvalidArgument for codes of the
/// wrong length, k = 0, or target_recall outside [0.9, 1].
class HammingIndex {
 public:
  explicit HammingIndex(const HammingIndexOptions& options = {});
  ~HammingIndex();
  HammingIndex(HammingIndex&&) noexcept;
  HammingIndex& operator=(HammingIndex&&) noexcept;

  /// Adds a row or replaces the row of the same id, its code and its partition. O(1) amortised.
  void upsert(RowId id, std::span<const std::byte> code, PartitionId partition = 0);

  /// Adds or replaces `ids.size()` rows; `codes` is `[n, code_bits / 8]`, `partitions` is `[n]` or empty (all
  /// 0). Of an id given twice, the last one counts. Arguments are checked before anything changes.
  void upsert_batch(std::span<const RowId> ids, std::span<const std::byte> codes,
                    std::span<const PartitionId> partitions = {});

  /// Removes a row; false if there is none of that id. O(1).
  bool remove(RowId id);

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
  /// Memory held for rows and their ids.
  std::size_t memory_bytes() const;
  std::string_view kernel() const;

  /// Kernels this machine can run, fastest first; "scalar" is always the last.
  static std::vector<std::string_view> available_kernels();

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace vitrine
