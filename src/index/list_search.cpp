// SPDX-License-Identifier: MIT
#include "index/list_search.h"

#include <algorithm>
#include <bit>
#include <utility>

namespace vitrine::index {
namespace {

using hamming::kRowsPerBlock;

// Lists looked for at first; if these have no k rows, several times as many each time.
constexpr std::size_t kFirstLists = 32;
constexpr std::size_t kListsGrowth = 4;
constexpr std::size_t kMaxTileBlocks = 256;
constexpr std::size_t kFirstTileBlocks = 8;
// Blocks of the next list that are asked for while the current one is compared.
constexpr std::size_t kMaxPrefetchBlocks = 64;

// Lists visited at first to learn the k-th distance; then twice as many each time while it falls by at least
// so much.
constexpr std::size_t kFirstProbes = 4;
constexpr std::uint16_t kWorthwhileFall = 2;

// Into the second-level cache: a list would push the one under way out of the first, and what waits for the
// first keeps a place among the few loads that may be under way at a time.
void prefetch_line(const std::uint64_t* line) {
  __builtin_prefetch(line, 0, 2);
}

}  // namespace

ListSearch::ListSearch(const SearchContext& context, std::span<const std::uint64_t> query,
                       NearestSelection& selection)
    : context_(context),
      query_(query),
      selection_(selection),
      scanner_(context, query, {&selection, 1}),
      hits_(kMaxTileBlocks) {
  context.rows.lists().append_centroids(centroids_);
}

// Puts lists behind those found before into `lists_`: the `count` nearest (0: all) at most `max_distance`
// away.
void ListSearch::find_lists(std::size_t count, std::uint16_t max_distance) {
  const ListTable& table = context_.rows.lists();
  lists_.clear();
  KthDistance kth(count, max_distance);
  std::size_t tile = kFirstTileBlocks;
  for (const CentroidRun& run : centroids_) {
    for (std::size_t begin = 0; begin < run.num_blocks;) {
      const std::size_t num_blocks = std::min(tile, run.num_blocks - begin);
      const std::uint64_t* codes = run.codes + begin * table.words() * kRowsPerBlock;
      const std::uint16_t limit = kth.limit();
      std::uint32_t num_hits;
      context_.kernel.find({codes, nullptr, table.words(), 0, num_blocks, nullptr, query_.data(),
                            table.words(), 1, &limit, hits_.data(), &num_hits});
      for (std::size_t i = 0; i < num_hits; ++i) {
        const ListIndex first = run.first + static_cast<ListIndex>((begin + hits_[i].block) * kRowsPerBlock);
        add_lists(hits_[i], first, kth);
      }
      begin += num_blocks;
      tile = std::min(2 * tile, kMaxTileBlocks);
    }
  }
  std::erase_if(lists_, [&](const ListDistance& found) { return found.distance > kth.limit(); });
}

// The same, nearest first.
void ListSearch::find_nearest(std::size_t count, std::uint16_t max_distance) {
  find_lists(count, max_distance);
  std::sort(lists_.begin(), lists_.end());
  if (!lists_.empty()) last_found_ = lists_.back();
}

// Adds those of the eight lists from `first` on that a search may visit.
void ListSearch::add_lists(const hamming::BlockHit& hit, ListIndex first, KthDistance& kth) {
  const ListTable& table = context_.rows.lists();
  for (unsigned rows = hit.rows; rows != 0; rows &= rows - 1) {
    const auto row = static_cast<unsigned>(std::countr_zero(rows));
    const ListDistance found{hit.distances[row], first + row};
    if (found.distance > kth.limit() || (last_found_ && found <= *last_found_)) continue;
    // Rows of the last block behind the last list.
    if (found.list >= table.size() || !table.has_centroid(found.list)) continue;
    if (!context_.filter.wants_partition(table.partition(found.list))) continue;
    kth.add(found.distance);
    lists_.push_back(found);
  }
}

void ListSearch::visit_loose() {
  std::vector<ListIndex> loose;
  context_.rows.lists().append_loose(loose);
  for (const ListIndex list : loose) {
    if (!context_.filter.wants_partition(context_.rows.lists().partition(list))) continue;
    if (const ListVersion* version = context_.rows.lists().at(list, context_.version)) {
      scanner_.scan_list(*version);
    }
  }
}

void ListSearch::visit_near(const StopRule& rule) {
  visit_loose();
  const auto code_bits = static_cast<std::uint16_t>(context_.rows.lists().words() * 64);
  const auto bound = [&] {
    const bool may_stop = selection_.is_full() || !selection_.has_k();
    return may_stop ? rule.max_distance(selection_.limit()) : code_bits;
  };
  last_found_.reset();
  std::size_t count = kFirstLists;
  for (;;) {
    find_nearest(count, bound());
    for (std::size_t i = 0; i < lists_.size(); ++i) {
      if (lists_[i].distance > bound()) return;
      visit(i);
    }
    if (lists_.size() < count || count == 0) return;
    // Now the k-th distance is known well enough to look for all others that will be visited.
    count = selection_.is_full() || !selection_.has_k() ? 0 : count * kListsGrowth;
  }
}

std::vector<ListDistance> ListSearch::all_lists() {
  last_found_.reset();
  find_lists(0, static_cast<std::uint16_t>(context_.rows.lists().words() * 64));
  return std::move(lists_);
}

void ListSearch::visit_nearest(std::size_t num_lists) {
  last_found_.reset();
  find_nearest(num_lists, static_cast<std::uint16_t>(context_.rows.lists().words() * 64));
  for (std::size_t i = 0; i < std::min(num_lists, lists_.size()); ++i) visit(i);
}

void ListSearch::probe(std::size_t max_lists) {
  last_found_.reset();
  find_nearest(max_lists, static_cast<std::uint16_t>(context_.rows.lists().words() * 64));
  const std::size_t count = std::min(max_lists, lists_.size());
  std::uint16_t limit = selection_.limit();
  for (std::size_t i = 0, round_end = kFirstProbes; i < count; ++i) {
    visit(i);
    if (i + 1 != round_end) continue;
    if (selection_.is_full() && limit - selection_.limit() < kWorthwhileFall) return;
    limit = selection_.limit();
    round_end *= 2;
  }
}

// Three lists are under way at a time: of the next one the rows, of the one after it the version, and of the
// third the table's entry are asked for.
void ListSearch::visit(std::size_t index) {
  const ListTable& table = context_.rows.lists();
  if (index == 0) {
    for (std::size_t i = 0; i < 4; ++i) prefetch(i);
  }
  prefetch(index + 4);
  if (index + 2 < lists_.size()) {
    if (const ListVersion* version = table.newest(lists_[index + 2].list)) {
      __builtin_prefetch(version);
      __builtin_prefetch(reinterpret_cast<const char*>(version) + 64);
    }
  }
  if (index + 1 < lists_.size()) {
    if (const ListVersion* version = table.at(lists_[index + 1].list, context_.version))
      prefetch_rows(*version);
  }
  if (const ListVersion* version = table.at(lists_[index].list, context_.version))
    scanner_.scan_list(*version);
}

void ListSearch::prefetch(std::size_t index) const {
  if (index < lists_.size()) context_.rows.lists().prefetch(lists_[index].list);
}

void ListSearch::prefetch_rows(const ListVersion& list) const {
  const BlockStore& blocks = context_.rows.blocks();
  std::size_t left = kMaxPrefetchBlocks;
  for (const Extent& extent : list.extents()) {
    const std::size_t count = std::min<std::size_t>(left, extent.num_blocks);
    const BlockRun run = blocks.run(extent.first, count);
    for (std::size_t line = 0; line < count * blocks.head_words(); ++line) {
      prefetch_line(run.heads + line * kRowsPerBlock);
    }
    for (std::size_t line = 0; line < count * blocks.tail_words(); ++line) {
      prefetch_line(run.tails + line * kRowsPerBlock);
    }
    left -= count;
  }
}

}  // namespace vitrine::index
