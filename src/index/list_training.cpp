// SPDX-License-Identifier: MIT
// The parts of ListKeeper that touch many lists: training and compaction.
#include <algorithm>
#include <random>
#include <set>

#include "base/parallel.h"
#include "index/clustering.h"
#include "index/list_keeper.h"

namespace vitrine::index {
namespace {

using hamming::kRowsPerBlock;

// Codes that a centroid is trained on.
constexpr std::size_t kSamplePerCentroid = 64;
constexpr std::size_t kRowsPerPart = 4096;
// Memory is wasted if, beside two chunks, more than one place in so many holds no row.
constexpr std::size_t kWorthwhileWaste = 16;

// Finds the nearest centroid for each row by way of a router over centroid numbers.
std::vector<std::uint32_t> assign(const Router& router, const BlockStore& blocks, std::span<const Slot> slots,
                                  std::size_t num_threads) {
  std::vector<std::uint32_t> assigned(slots.size());
  base::for_each_part(static_cast<unsigned>(num_threads), slots.size(), kRowsPerPart,
                      [&](std::size_t begin, std::size_t end) {
                        std::uint64_t code[kMaxWords];
                        for (std::size_t i = begin; i < end; ++i) {
                          blocks.read_code(slots[i], code);
                          assigned[i] = router.nearest(code);
                        }
                      });
  return assigned;
}

Router number_router(const hamming::Kernel& kernel, std::span<const std::uint64_t> centroids,
                     std::size_t words) {
  Router router(kernel, words);
  for (std::size_t i = 0; i < centroids.size(); i += words) {
    router.add(static_cast<ListIndex>(i / words), centroids.data() + i);
  }
  router.regroup();
  return router;
}

// Keeps the chunks that there are, or one of them, from being filled.
class ClosedChunks {
 public:
  explicit ClosedChunks(BlockStore& blocks) : blocks_(blocks) {
    for (std::size_t i = 0; i < blocks.num_chunks(); ++i) blocks.close(i);
  }
  ClosedChunks(BlockStore& blocks, std::size_t chunk_index) : blocks_(blocks) { blocks.close(chunk_index); }
  ~ClosedChunks() { blocks_.reopen_all(); }
  ClosedChunks(const ClosedChunks&) = delete;
  ClosedChunks& operator=(const ClosedChunks&) = delete;

 private:
  BlockStore& blocks_;
};

}  // namespace

void ListKeeper::train(std::size_t num_threads) {
  is_bulk_ = false;
  overfull_.clear();
  std::vector<PartitionId> partitions;
  for (const auto& entry : partitions_) partitions.push_back(entry.first);
  std::sort(partitions.begin(), partitions.end());
  // Into new chunks, so that whole old ones become empty.
  const ClosedChunks closed(rows_.blocks());
  for (const PartitionId partition : partitions) train(partition, num_threads);
  has_centroids_ = true;
  // Or the next changes would find them all at once.
  for (std::size_t list = 0; list < rows_.lists().size(); ++list) {
    if (must_split(static_cast<ListIndex>(list))) overfull_.push_back(static_cast<ListIndex>(list));
  }
  split_overfull();
  rows_.reclaim();
}

// Rows move list by list, each a change of its own, so that what they leave can be reclaimed meanwhile.
void ListKeeper::train(PartitionId partition, std::size_t num_threads) {
  const std::size_t words = rows_.blocks().words();
  std::vector<ListIndex> old = partitions_[partition].loose;
  if (partitions_[partition].router) {
    const auto routed = partitions_[partition].router->lists();
    old.insert(old.end(), routed.begin(), routed.end());
  }
  std::vector<Slot> slots;
  for (const ListIndex list : old) {
    const auto rows = rows_.slots(list);
    slots.insert(slots.end(), rows.begin(), rows.end());
  }
  if (slots.size() < 2 * rows_per_list()) return;

  const std::size_t num_centroids = slots.size() / rows_per_list();
  std::mt19937_64 random(policy_.seed + partition);
  std::vector<Slot> sample = slots;
  const std::size_t sample_size = std::min(slots.size(), kSamplePerCentroid * num_centroids);
  for (std::size_t i = 0; i < sample_size; ++i)
    std::swap(sample[i], sample[i + random() % (slots.size() - i)]);
  sample.resize(sample_size);
  const std::vector<std::uint64_t> codes = read_codes(sample);
  std::vector<std::uint64_t> centroids = train_centroids(
      kernel_, codes, words, {.num_centroids = num_centroids, .seed = random(), .num_threads = num_threads});
  // Groups were trained apart; one more step looks beyond their borders.
  const Router rough = number_router(kernel_, centroids, words);
  update_centroids(codes, assign(rough, rows_.blocks(), sample, num_threads), words, centroids);

  const auto assigned = assign(number_router(kernel_, centroids, words), rows_.blocks(), slots, num_threads);
  auto router = std::make_unique<Router>(kernel_, words);
  const auto lists = create_lists(partition, centroids, assigned, *router);
  router->regroup();
  std::size_t row = 0;
  for (const ListIndex list : old) {
    const std::size_t end = row + rows_.num_rows(list);
    for (std::size_t i = row; i < end; ++i) rows_.prefetch(rows_.blocks().id(slots[i]));
    for (; row < end; ++row) rows_.move(slots[row], lists[assigned[row]]);
    rows_.drop_list(list);
    unsplittable_.erase(list);
    rows_.commit();
  }
  partitions_[partition] = {{}, std::move(router)};
}

bool ListKeeper::wastes_memory() const {
  const BlockStore& blocks = rows_.blocks();
  const std::size_t num_places = blocks.num_mapped_chunks() * blocks.chunk_blocks() * kRowsPerBlock;
  return num_places > num_rows_ + num_rows_ / kWorthwhileWaste + 2 * blocks.chunk_blocks() * kRowsPerBlock;
}

bool ListKeeper::compact(std::size_t max_moved_rows) {
  std::size_t num_moved = 0;
  const std::size_t num_lists = rows_.lists().size();
  for (std::size_t seen = 0; seen < num_lists && num_moved < max_moved_rows; ++seen) {
    const auto list = static_cast<ListIndex>(next_compacted_ < num_lists ? next_compacted_ : 0);
    next_compacted_ = list + 1;
    const ListVersion* newest = rows_.newest(list);
    if (newest == nullptr || newest->num_rows == 0) continue;
    const std::size_t num_places = newest->num_blocks * kRowsPerBlock;
    if (newest->num_rows + kRowsPerBlock >= num_places - num_places / 16 && newest->num_extents <= 2)
      continue;
    num_moved += newest->num_rows;
    rows_.repack(list);
    rows_.commit();
  }
  rows_.reclaim();
  while (num_moved < max_moved_rows) {
    const std::size_t moved = compact_chunk();
    if (moved == 0) return false;
    num_moved += moved;
  }
  return true;
}

// Empties the chunk with the fewest rows, if its rows have room elsewhere; returns how many moved.
std::size_t ListKeeper::compact_chunk() {
  BlockStore& blocks = rows_.blocks();
  std::size_t sparsest = blocks.num_chunks();
  for (std::size_t i = 0; i < blocks.num_chunks(); ++i) {
    const std::size_t used = blocks.num_used_blocks(i);
    if (used == 0) continue;
    if (sparsest == blocks.num_chunks() || used < blocks.num_used_blocks(sparsest)) sparsest = i;
  }
  if (sparsest == blocks.num_chunks()) return 0;
  const std::size_t used = blocks.num_used_blocks(sparsest);
  // What others have free is in pieces, so more than needed; and some must remain free.
  if (blocks.num_free_blocks() < blocks.chunk_blocks() + blocks.chunk_blocks() / 8 + used / 8) return 0;
  const std::size_t num_chunks_before = blocks.num_mapped_chunks();
  std::set<ListIndex> lists;
  const BlockRun chunk = blocks.chunk(sparsest);
  for (BlockIndex block = chunk.first; block < chunk.first + chunk.num_blocks; ++block) {
    const ListIndex list = blocks.owner(block);
    const ListVersion* newest = list == kNoList ? nullptr : rows_.newest(list);
    if (newest != nullptr && newest->position(block)) lists.insert(list);
  }
  const ClosedChunks closed(blocks, sparsest);
  std::size_t num_moved = 0;
  for (const ListIndex list : lists) {
    num_moved += rows_.num_rows(list);
    rows_.repack(list);
    rows_.commit();
  }
  rows_.reclaim();
  // The pieces may have been too small after all, or a search still needs the chunk: trying again would move
  // the same rows to and fro.
  return blocks.num_mapped_chunks() < num_chunks_before ? num_moved : 0;
}

}  // namespace vitrine::index
