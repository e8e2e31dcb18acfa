// SPDX-License-Identifier: MIT
#include "index/scan.h"

#include <algorithm>
#include <bit>
#include <cstring>

namespace vitrine::index {
namespace {

using hamming::kRowsPerBlock;

// A tile's codes stay in the second-level cache while all queries pass over them, and its results in the
// first.
constexpr std::size_t kTileBytes = std::size_t{128} << 10;
constexpr std::size_t kMaxTileBlocks = 256;
// Queries that one call of a kernel serves: enough to share loads, few enough for their results to stay in
// the cache.
constexpr std::size_t kQueriesPerCall = 4;
// Queries that pass over a tile: beyond, their own state would push the tile out of the cache.
constexpr std::size_t kQueriesPerPass = 256;

class PartitionSet {
 public:
  explicit PartitionSet(std::span<const PartitionId> partitions)
      : sorted_(partitions.begin(), partitions.end()) {
    std::sort(sorted_.begin(), sorted_.end());
  }

  bool holds_all() const { return sorted_.empty(); }
  bool contains(PartitionId partition) const {
    // One partition is the usual case, and this is asked of every block.
    if (sorted_.size() == 1) return sorted_.front() == partition;
    return std::binary_search(sorted_.begin(), sorted_.end(), partition);
  }

 private:
  std::vector<PartitionId> sorted_;
};

class Scanner {
 public:
  Scanner(const RowStore& rows, const hamming::Kernel& kernel, std::span<const std::uint64_t> queries,
          const std::function<bool(RowId)>& row_filter, std::span<NearestSelection> selections)
      : words_(rows.words()),
        kernel_(kernel),
        queries_(queries),
        row_filter_(row_filter),
        selections_(selections),
        tile_blocks_(std::min(kMaxTileBlocks, kTileBytes / (words_ * kRowsPerBlock * sizeof(std::uint64_t)))),
        distances_(kQueriesPerCall * tile_blocks_ * kRowsPerBlock),
        within_(kQueriesPerCall * tile_blocks_) {}

  // Cuts a chunk into runs of wanted blocks, at most a tile long.
  void scan_chunk(const BlockRun& chunk, const PartitionSet& partitions) {
    std::size_t begin = 0;
    while (begin < chunk.num_blocks) {
      const std::size_t last = std::min(begin + tile_blocks_, chunk.num_blocks);
      std::size_t end = last;
      if (!partitions.holds_all()) {
        const auto wanted = [&](PartitionId partition) { return partitions.contains(partition); };
        begin = static_cast<std::size_t>(
            std::find_if(chunk.partitions + begin, chunk.partitions + last, wanted) - chunk.partitions);
        end = static_cast<std::size_t>(
            std::find_if_not(chunk.partitions + begin, chunk.partitions + last, wanted) - chunk.partitions);
      }
      if (begin < end) scan_tile(chunk.part(begin, end, words_));
      begin = end;
    }
  }

 private:
  void scan_tile(const BlockRun& tile) {
    for (std::size_t first = 0; first < selections_.size(); first += kQueriesPerCall) {
      const std::size_t num_queries = std::min(kQueriesPerCall, selections_.size() - first);
      std::uint16_t limits[kQueriesPerCall];
      for (std::size_t q = 0; q < num_queries; ++q) {
        limits[q] = static_cast<std::uint16_t>(selections_[first + q].limit());
      }
      kernel_.scan({tile.codes, tile.num_blocks, words_, queries_.data() + first * words_, num_queries,
                    limits, distances_.data(), within_.data()});
      for (std::size_t q = 0; q < num_queries; ++q) {
        offer_tile(tile, distances_.data() + q * tile.num_blocks * kRowsPerBlock,
                   within_.data() + q * tile.num_blocks, selections_[first + q]);
      }
    }
  }

  // Soon hardly any row is within the limit, so eight blocks are dismissed at a time.
  void offer_tile(const BlockRun& tile, const std::uint16_t* distances, const std::uint8_t* within,
                  NearestSelection& selection) const {
    std::size_t block = 0;
    for (; block + sizeof(std::uint64_t) <= tile.num_blocks; block += sizeof(std::uint64_t)) {
      std::uint64_t within_masks;
      std::uint64_t live_masks;
      std::memcpy(&within_masks, within + block, sizeof within_masks);
      std::memcpy(&live_masks, tile.live + block, sizeof live_masks);
      if ((within_masks & live_masks) == 0) continue;
      for (std::size_t b = block; b < block + sizeof(std::uint64_t); ++b) {
        offer_block(tile, b, distances, within[b], selection);
      }
    }
    for (; block < tile.num_blocks; ++block) offer_block(tile, block, distances, within[block], selection);
  }

  void offer_block(const BlockRun& tile, std::size_t block, const std::uint16_t* distances, unsigned within,
                   NearestSelection& selection) const {
    for (unsigned rows = within & tile.live[block]; rows != 0; rows &= rows - 1) {
      const std::size_t row = block * kRowsPerBlock + static_cast<unsigned>(std::countr_zero(rows));
      const Neighbor neighbor{tile.ids[row], distances[row]};
      if (!selection.accepts(neighbor)) continue;
      if (row_filter_ && !row_filter_(neighbor.id)) continue;
      selection.add(neighbor);
    }
  }

  std::size_t words_;
  const hamming::Kernel& kernel_;
  std::span<const std::uint64_t> queries_;
  const std::function<bool(RowId)>& row_filter_;
  std::span<NearestSelection> selections_;
  std::size_t tile_blocks_;
  std::vector<std::uint16_t> distances_;
  std::vector<std::uint8_t> within_;
};

}  // namespace

void scan_rows(const RowStore& rows, const hamming::Kernel& kernel, std::span<const std::uint64_t> queries,
               const ScanFilter& filter, std::span<NearestSelection> selections) {
  const PartitionSet partitions(filter.partitions);
  for (std::size_t first = 0; first < selections.size(); first += kQueriesPerPass) {
    const std::size_t num_queries = std::min(kQueriesPerPass, selections.size() - first);
    Scanner scanner(rows, kernel, queries.subspan(first * rows.words()), filter.row_filter,
                    selections.subspan(first, num_queries));
    for (std::size_t chunk = 0; chunk < rows.num_chunks(); ++chunk) {
      scanner.scan_chunk(rows.chunk(chunk), partitions);
    }
  }
}

}  // namespace vitrine::index
