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
// If more than one in so many blocks survives the coarse filter, all are compared, and those of some more
// tiles without trying it.
constexpr std::size_t kDenseShare = 3;
constexpr std::uint8_t kCoarsePause = 15;
// Hits of a block that are looked after one by one.
constexpr int kMaxSparseRows = 2;

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
  const bool is_coarse = coarse_z && context_.rows.blocks().tail_words() != 0;
  for (const BlockRun& run : wanted_runs()) {
    is_coarse ? scan_coarsely(run, *coarse_z) : scan_run(run, nullptr);
  }
  settle_candidates();
}

// The blocks that may hold rows of wanted partitions, in the order of memory: whole chunks, or what follows
// one another of the blocks of wanted lists.
std::vector<BlockRun> Scanner::wanted_runs() const {
  const BlockStore& blocks = context_.rows.blocks();
  const ListTable& lists = context_.rows.lists();
  std::vector<BlockRun> runs;
  if (context_.filter.any_partition()) {
    for (std::size_t i = 0; i < blocks.num_chunks(); ++i) {
      if (const BlockRun chunk = blocks.chunk(i); chunk.num_blocks != 0) runs.push_back(chunk);
    }
    return runs;
  }
  std::vector<ListIndex> wanted;
  for (std::size_t i = 0; i < lists.size(); ++i) {
    const auto list = static_cast<ListIndex>(i);
    if (!context_.filter.wants_partition(lists.partition(list))) continue;
    wanted.push_back(list);
    if (const ListVersion* newest = lists.newest(list)) __builtin_prefetch(newest);
  }
  std::vector<Extent> extents;
  for (const ListIndex list : wanted) {
    const ListVersion* version = lists.at(list, context_.version);
    if (version == nullptr) continue;
    extents.insert(extents.end(), version->extents().begin(), version->extents().end());
  }
  std::sort(extents.begin(), extents.end(),
            [](const Extent& left, const Extent& right) { return left.first < right.first; });
  for (const Extent& extent : extents) {
    const bool begins_chunk = extent.first % blocks.chunk_blocks() == 0;
    if (!runs.empty() && !begins_chunk && runs.back().first + runs.back().num_blocks == extent.first) {
      runs.back().num_blocks += extent.num_blocks;
    } else {
      runs.push_back(blocks.run(extent.first, extent.num_blocks));
    }
  }
  return runs;
}

void Scanner::scan_list(const ListVersion& list) {
  const std::uint8_t* live = list.live();
  for (const Extent& extent : list.extents()) {
    scan_run(context_.rows.blocks().run(extent.first, extent.num_blocks), live);
    live += extent.num_blocks;
  }
  settle_candidates();
}

// Calls `compare_tile(tile, begin)` for pieces of a run that fit the cache; `begin` is where it begins there.
template <typename Compare>
void Scanner::for_each_tile(const BlockRun& run, const Compare& compare_tile) {
  const BlockStore& blocks = context_.rows.blocks();
  for (std::size_t begin = 0; begin < run.num_blocks;) {
    const std::size_t count = std::min(next_tile_, run.num_blocks - begin);
    next_tile_ = std::min(2 * next_tile_, tile_blocks_);
    compare_tile(BlockRun{run.heads + begin * blocks.head_words() * kRowsPerBlock,
                          run.tails + begin * blocks.tail_words() * kRowsPerBlock,
                          run.first + static_cast<BlockIndex>(begin), count},
                 begin);
    begin += count;
  }
}

// Without masks of live rows, asks the lists for those of blocks with a hit.
void Scanner::scan_run(const BlockRun& run, const std::uint8_t* live) {
  for_each_tile(run, [&](const BlockRun& tile, std::size_t begin) {
    for (std::size_t query = 0; query < selections_.size(); query += kQueriesPerCall) {
      compare(tile, live == nullptr ? nullptr : live + begin, query,
              std::min(kQueriesPerCall, selections_.size() - query), {});
    }
  });
}

void Scanner::scan_coarsely(const BlockRun& run, double z) {
  const BlockStore& blocks = context_.rows.blocks();
  coarse_pauses_.resize(selections_.size());
  for_each_tile(run, [&](const BlockRun& tile, std::size_t) {
    for (std::size_t query = 0; query < selections_.size(); ++query) {
      if (coarse_pauses_[query] != 0) {
        --coarse_pauses_[query];
        compare(tile, nullptr, query, 1, {});
        continue;
      }
      const std::uint16_t limit =
          coarse_limit(selections_[query].limit(), blocks.head_words() * 64, blocks.words() * 64, z);
      std::uint32_t num_hits = 0;
      context_.kernel.find({tile.heads, tile.tails, blocks.head_words(), 0, tile.num_blocks, nullptr,
                            queries_.data() + query * blocks.words(), blocks.words(), 1, &limit, hits_.data(),
                            &num_hits});
      if (num_hits == 0) continue;
      // Many blocks are read faster in one go than one here and one there.
      if (num_hits > tile.num_blocks / kDenseShare) {
        coarse_pauses_[query] = kCoarsePause;
        compare(tile, nullptr, query, 1, {});
        continue;
      }
      survivors_.clear();
      for (std::size_t i = 0; i < num_hits; ++i) {
        const std::uint64_t* tail = tile.tails + hits_[i].block * blocks.tail_words() * kRowsPerBlock;
        for (std::size_t word = 0; word < blocks.tail_words(); ++word) {
          __builtin_prefetch(tail + word * kRowsPerBlock);
        }
        survivors_.push_back(hits_[i].block);
      }
      compare(tile, nullptr, query, 1, survivors_);
    }
  });
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
    for (std::size_t i = 0; i < num_hits[q]; ++i) {
      offer(hits_[q * num_blocks + i], tile, live, first_query + q);
    }
  }
}

void Scanner::offer(const hamming::BlockHit& hit, const BlockRun& tile, const std::uint8_t* live,
                    std::size_t query) {
  NearestSelection& selection = selections_[query];
  const BlockIndex block = tile.first + hit.block;
  // Where most rows are hits, as at first, those of a block find out together.
  const bool is_dense = live == nullptr && std::popcount(hit.rows) > kMaxSparseRows;
  const bool is_known = is_dense || (live != nullptr && context_.filter.any_row());
  unsigned rows = hit.rows;
  if (is_dense) rows &= live_rows(block);
  if (live != nullptr) rows &= live[hit.block];
  for (; rows != 0; rows &= rows - 1) {
    const auto row = static_cast<unsigned>(std::countr_zero(rows));
    const std::uint16_t distance = hit.distances[row];
    if (distance > selection.limit()) continue;
    const Slot slot = block * static_cast<Slot>(kRowsPerBlock) + row;
    if (!is_known) {
      context_.rows.blocks().prefetch(slot);
      candidates_[num_candidates_++] = {slot, distance, static_cast<std::uint16_t>(query)};
      if (num_candidates_ == kMaxCandidates) settle_candidates();
      continue;
    }
    if (!selection.accepts(slot, distance)) continue;
    if (context_.filter.wants_row(context_.rows.blocks(), slot)) selection.add(slot, distance);
  }
}

void Scanner::settle_candidates() {
  const BlockStore& blocks = context_.rows.blocks();
  const ListTable& lists = context_.rows.lists();
  const std::span candidates = std::span(candidates_).first(num_candidates_);
  num_candidates_ = 0;
  for (const Candidate& row : candidates) {
    const ListIndex list = blocks.owner(row.slot / kRowsPerBlock);
    if (list != kNoList) lists.prefetch(list);
  }
  for (const Candidate& row : candidates) {
    const ListIndex list = blocks.owner(row.slot / kRowsPerBlock);
    if (list != kNoList) __builtin_prefetch(lists.newest(list));
  }
  for (const Candidate& row : candidates) {
    NearestSelection& selection = selections_[row.query];
    if (row.distance > selection.limit()) continue;
    if ((live_rows(row.slot / kRowsPerBlock) >> (row.slot % kRowsPerBlock) & 1) == 0) continue;
    if (!selection.accepts(row.slot, row.distance)) continue;
    if (context_.filter.wants_row(blocks, row.slot)) selection.add(row.slot, row.distance);
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
