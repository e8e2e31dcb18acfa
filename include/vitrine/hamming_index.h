// SPDX-License-Identifier: MIT
#pragma once
/// Nearest neighbours among binary codes by Hamming distance. docs/index.md explains the method and its
/// figures; paper: Visual Search at Alibaba (KDD 2018), section on the binary index engine.
#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "vitrine/hamming_search.h"

namespace vitrine {

struct HammingIndexOptions {
  /// Length of every code: a multiple of 64 from 64 to 4096.
  std::size_t code_bits = 512;

  /// Name of the distance kernel to use, one of `HammingIndex::available_kernels()`; empty takes the fastest.
  std::string kernel{};

  /// Rows from which the index forms lists of similar rows, so that a search with a target recall below 1
  /// need not compare all. With fewer rows comparing all is as fast.
  std::size_t min_rows_for_lists = 50'000;

  /// Rows of a list, on average, at least 8. More make searches compare more rows, fewer more centroids. 0:
  /// by the number of rows, an eighth of its square root, and at least 128.
  std::size_t rows_per_list = 0;

  /// Seed of everything random: the training of lists and the choice of bits that the coarse filter looks at.
  std::uint64_t seed = 1;
};

struct HammingIndexOpenOptions {
  /// As in HammingIndexOptions.
  std::string kernel{};
  /// Also compare codes and ids with their checksums, which reads the whole file: some 10 ms a million rows
  /// of 512 bits that are in the system's cache. Damage there would make results wrong but do no other harm;
  /// everything else is compared in any case.
  bool check_rows = false;
  /// Also look every row up in the map, some 0.07 microseconds each: a file that was written wrongly has the
  /// right checksums.
  bool check_map = false;
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

  /// Opens a file that `save` wrote. Rows are searched where they lie in the mapped file, so opening takes
  /// milliseconds and processes share the memory; changes stay in this object until it is saved. The first
  /// change takes some 50 ns a row, to find the lists' places. The file may be replaced meanwhile, but must
  /// not be written to. ErrorCode::kNotFound, kIo, kCorrupt with the
  /// offset for a truncated or changed file, kUnsupported for a newer format.
  static HammingIndex open(const std::filesystem::path& file, const HammingIndexOpenOptions& options = {});

  /// Writes the rows, their lists and what was calibrated, and `host_data`, which is the caller's (for
  /// example, which state of a database this is). The file appears or is replaced at once and durably, or, on
  /// an error (kIo, kResource for a full disk), stays as it was. Saves the state of the call's beginning;
  /// searches and changes go on. One caller at a time may save to a path. Format: docs/format.md.
  void save(const std::filesystem::path& file, std::span<const std::byte> host_data = {}) const;

  /// What `save` was given for the file that this index was opened from. Valid as long as the index.
  std::span<const std::byte> host_data() const;

  /// Adds a row or replaces the row of the same id, its code and its partition. O(1) amortised: now and then
  /// a call also forms lists (at `min_rows_for_lists`, a tenth of a second), splits one, or calibrates.
  void upsert(RowId id, std::span<const std::byte> code, PartitionId partition = 0);

  /// Adds or replaces `ids.size()` rows; `codes` is `[n, code_bits / 8]`, `partitions` is `[n]` or empty (all
  /// 0). Of an id given twice, the last one counts. Arguments are checked before anything changes. A batch
  /// that at least doubles the index is followed by `optimize`.
  void upsert_batch(std::span<const RowId> ids, std::span<const std::byte> codes,
                    std::span<const PartitionId> partitions = {});

  /// Removes a row; false if there is none of that id. O(1) amortised: now and then a call moves rows
  /// together.
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

  /// One state of the index, kept: searches of it see none of the changes that come later. What those
  /// replace stays in memory until the last snapshot that can see it is gone, so keep one for seconds, not
  /// for days. Calls may run concurrently with each other and with changes of the index, which must outlive
  /// the snapshot and must not be moved meanwhile.
  class Snapshot {
   public:
    Snapshot(Snapshot&&) noexcept;
    Snapshot& operator=(Snapshot&&) noexcept;
    ~Snapshot();
    /// As HammingIndex::search.
    std::vector<Neighbor> search(std::span<const std::byte> code,
                                 const HammingSearchOptions& options = {}) const;
    std::size_t size() const;

   private:
    friend class HammingIndex;
    struct Kept;
    explicit Snapshot(std::unique_ptr<Kept> kept);
    std::unique_ptr<Kept> kept_;
  };
  /// Waits for a change in progress.
  Snapshot snapshot() const;

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
