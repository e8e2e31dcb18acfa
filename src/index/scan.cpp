// SPDX-License-Identifier: MIT
#include "index/scan.h"

#include <algorithm>
#include <bit>
#include <cmath>

namespace vitrine::index {
namespace {

using hamming::BlockHit;
using hamming::kRowsPerBlock;

// A tile's codes stay in the second-level cache while all queries pass over them.
constexpr std::size_t kTileBytes = std::size_t{128} << 10;
constexpr std::size_t kMaxTileBlocks = 256;
// At first nothing is known of the limit and every row is a hit, so the first tiles are small.
constexpr std::size_t kFirstTileBlocks = 8;
// Queries that one call of a kernel serves: enough to share loads, few enough for their hits to stay in the
// cache.
constexpr std::size_t kQueriesPerCall = 8;

}  // namespace

std::uint16_t coarse_limit(std::size_t distance, std::size_t head_bits, std::size_t code_bits, double z) {
  const auto bits = static_cast<double>(code_bits);
  const auto head = static_cast<double>(head_bits);
  const double share = static_cast<double>(distance) / bits;
  const double variance = head * share * (1 - share) * (bits - head) / (bits - 1);
  const double limit = std::floor(head * share + z * std::sqrt(variance));
  return static_cast<std::uint16_t>(std::clamp(limit, 0.0, head));
}

Scanner::Scanner(const SearchContext& context, std::span<const std::uint64_t> queries,
                 std::span<NearestSelection> selections)
    : context_(context),
      queries_(queries),
      selections_(selections),
      tile_blocks_(std::clamp<std::size_t>(
          kTileBytes / (context.rows.blocks().words() * kRowsPerBlock * sizeof(std::uint64_t)), 1,
          kMaxTileBlocks)),
      next_tile_(std::min(kFirstTileBlocks, tile_blocks_)),
      hits_(std::min(kQueriesPerCall, selections.size()) * tile_blocks_) {}

void Scanner::scan_all(std::optional<double> coarse_z) {
  const RowLists& rows = context_.rows;
  if (!context_.filter.any_partition()) {
    const std::size_t num_lists = rows.lists().size();
    for (std::size_t i = 0; i < num_lists; ++i) {
      const auto list = static_cast<ListIndex>(i);
      if (!context_.filter.wants_partition(rows.lists().partition(list))) continue;
      if (const ListVersion* version = rows.lists().at(list, context_.version)) scan_list(*version);
    }
    return;
  }
  const bool is_coarse = coarse_z && rows.blocks().tail_words() != 0;
  for (std::size_t i = 0; i < rows.blocks().num_chunks(); ++i) {
    const BlockRun chunk = rows.blocks().chunk(i);
    if (chunk.num_blocks == 0) continue;
    is_coarse ? scan_coarsely(chunk, *coarse_z) : scan_run(chunk, nullptr);
  }
}

void Scanner::scan_list(const ListVersion& list) {
  const std::uint8_t* live = list.live();
  for (const Extent& extent : list.extents()) {
    scan_run(context_.rows.blocks().run(extent.first, extent.num_blocks), live);
    live += extent.num_blocks;
  }
}

// Without masks of live rows, asks the lists for those of blocks with a hit.
void Scanner::scan_run(const BlockRun& run, const std::uint8_t* live) {
  const BlockStore& blocks = context_.rows.blocks();
  for (std::size_t begin = 0; begin < run.num_blocks;) {
    const std::size_t count = std::min(next_tile_, run.num_blocks - begin);
    next_tile_ = std::min(2 * next_tile_, tile_blocks_);
    const BlockRun tile{run.heads + begin * blocks.head_words() * kRowsPerBlock,
                        run.tails + begin * blocks.tail_words() * kRowsPerBlock,
                        run.first + static_cast<BlockIndex>(begin), count};
    for (std::size_t query = 0; query < selections_.size(); query += kQueriesPerCall) {
      compare(tile, live == nullptr ? nullptr : live + begin, query,
              std::min(kQueriesPerCall, selections_.size() - query), {});
    }
    begin += count;
  }
}

void Scanner::scan_coarsely(const BlockRun& run, double z) {
  const BlockStore& blocks = context_.rows.blocks();
  const std::size_t head_bits = blocks.head_words() * 64;
  const std::size_t code_bits = blocks.words() * 64;
  for (std::size_t begin = 0; begin < run.num_blocks;) {
    const std::size_t count = std::min(next_tile_, run.num_blocks - begin);
    next_tile_ = std::min(2 * next_tile_, tile_blocks_);
    const BlockRun tile{run.heads + begin * blocks.head_words() * kRowsPerBlock,
                        run.tails + begin * blocks.tail_words() * kRowsPerBlock,
                        run.first + static_cast<BlockIndex>(begin), count};
    for (std::size_t query = 0; query < selections_.size(); ++query) {
      const std::uint16_t limit = coarse_limit(selections_[query].limit(), head_bits, code_bits, z);
      std::uint32_t num_hits = 0;
      context_.kernel.find({tile.heads, tile.tails, blocks.head_words(), 0, count, nullptr,
                            queries_.data() + query * blocks.words(), blocks.words(), 1, &limit, hits_.data(),
                            &num_hits});
      survivors_.clear();
      for (std::size_t i = 0; i < num_hits; ++i) {
        const std::uint32_t block = hits_[i].block;
        const std::uint64_t* tail = tile.tails + block * blocks.tail_words() * kRowsPerBlock;
        for (std::size_t word = 0; word < blocks.tail_words(); ++word) {
          __builtin_prefetch(tail + word * kRowsPerBlock);
        }
        survivors_.push_back(block);
      }
      if (num_hits != 0) compare(tile, nullptr, query, 1, survivors_);
    }
    begin += count;
  }
}

void Scanner::compare(const BlockRun& tile, const std::uint8_t* live, std::size_t first_query,
                      std::size_t num_queries, std::span<const std::uint32_t> selected) {
  const BlockStore& blocks = context_.rows.blocks();
  const std::size_t num_blocks = selected.empty() ? tile.num_blocks : selected.size();
  std::uint16_t limits[kQueriesPerCall];
  std::uint32_t num_hits[kQueriesPerCall];
  for (std::size_t q = 0; q < num_queries; ++q) limits[q] = selections_[first_query + q].limit();
  context_.kernel.find({tile.heads, tile.tails, blocks.head_words(), blocks.tail_words(), num_blocks,
                        selected.empty() ? nullptr : selected.data(),
                        queries_.data() + first_query * blocks.words(), blocks.words(), num_queries, limits,
                        hits_.data(), num_hits});
  for (std::size_t q = 0; q < num_queries; ++q) {
    NearestSelection& selection = selections_[first_query + q];
    for (std::size_t i = 0; i < num_hits[q]; ++i) {
      const BlockHit& hit = hits_[q * num_blocks + i];
      const BlockIndex block = tile.first + hit.block;
      unsigned rows = hit.rows & (live == nullptr ? live_rows(block) : live[hit.block]);
      for (; rows != 0; rows &= rows - 1) {
        const auto row = static_cast<unsigned>(std::countr_zero(rows));
        const Slot slot = block * static_cast<Slot>(kRowsPerBlock) + row;
        if (!selection.accepts(slot, hit.distances[row])) continue;
        if (!context_.filter.wants_row(blocks, slot)) continue;
        selection.add(slot, hit.distances[row]);
      }
    }
  }
}

unsigned Scanner::live_rows(BlockIndex block) {
  const ListIndex list = context_.rows.blocks().owner(block);
  if (list == kNoList) return 0;
  if (list != last_list_) {
    last_list_ = list;
    last_version_ = context_.rows.lists().at(list, context_.version);
  }
  if (last_version_ == nullptr) return 0;
  const auto position = last_version_->position(block);
  return position ? last_version_->live()[*position] : 0;
}

}  // namespace vitrine::index
