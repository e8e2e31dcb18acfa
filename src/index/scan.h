// SPDX-License-Identifier: MIT
#pragma once
/// Compares rows with queries: all rows in the order of memory, or the rows of one list. A tile of rows is
/// read from memory once and from the cache for the other queries of a batch.
#include <array>
#include <cstdint>
#include <optional>
#include <span>
#include <vector>

#include "hamming/kernel.h"
#include "index/nearest_selection.h"
#include "index/row_filter.h"
#include "index/row_lists.h"

namespace vitrine::index {

/// What all steps of one search share.
struct SearchContext {
  const RowLists& rows;
  const hamming::Kernel& kernel;
  std::uint64_t version;  ///< pinned by the caller
  const RowFilter& filter;
};

/// The largest distance of their first `head_bits` bits that two codes have which differ in `distance` of
/// `code_bits` bits, but for a chance of 1 - Phi(z). The first bits being drawn at random, their distance is
/// hypergeometric: mean p d and variance head_bits (d / b) (1 - d / b) (b - head_bits) / (b - 1), with
/// p = head_bits / b; the normal approximation is used.
std::uint16_t coarse_limit(std::size_t distance, std::size_t head_bits, std::size_t code_bits, double z);

class Scanner {
 public:
  /// `queries` is `[selections.size(), words]`; all arguments must outlive the scanner.
  Scanner(const SearchContext& context, std::span<const std::uint64_t> queries,
          std::span<NearestSelection> selections);

  /// Offers every qualifying row of all lists of the wanted partitions. With `coarse_z`, rows are judged by
  /// their first bits and compared in full only if these are near enough (see coarse_limit).
  void scan_all(std::optional<double> coarse_z = std::nullopt);
  /// Offers every qualifying row of a list.
  void scan_list(const ListVersion& list);

 private:
  // A row within the limit, of which is not known yet whether it lives and qualifies: to find out takes
  // several reads from memory, each of which leads to the next, so that many rows find out together.
  struct Candidate {
    Slot slot;
    std::uint16_t distance;
    std::uint16_t query;
  };
  static constexpr std::size_t kMaxCandidates = 64;

  std::vector<BlockRun> wanted_runs() const;
  template <typename Compare>
  void for_each_tile(const BlockRun& run, const Compare& compare_tile);
  void scan_run(const BlockRun& run, const std::uint8_t* live);
  void scan_coarsely(const BlockRun& run, double z);
  void compare(const BlockRun& tile, const std::uint8_t* live, std::size_t first_query,
               std::size_t num_queries, std::span<const std::uint32_t> selected);
  void offer(const hamming::BlockHit& hit, const BlockRun& tile, const std::uint8_t* live, std::size_t query);
  void settle_candidates();
  unsigned live_rows(BlockIndex block);

  const SearchContext& context_;
  std::span<const std::uint64_t> queries_;
  std::span<NearestSelection> selections_;
  std::size_t tile_blocks_;
  std::size_t next_tile_ = 0;
  std::vector<hamming::BlockHit> hits_;
  std::vector<std::uint32_t> survivors_;
  std::vector<std::uint8_t> coarse_pauses_;  // by query: tiles to compare without the coarse filter
  std::array<Candidate, kMaxCandidates> candidates_;
  std::size_t num_candidates_ = 0;
  ListIndex last_list_ = kNoList;  // of the last block that live_rows() was asked for
  const ListVersion* last_version_ = nullptr;
};

}  // namespace vitrine::index
