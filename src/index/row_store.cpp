// SPDX-License-Identifier: MIT
#include "index/row_store.h"

#include <algorithm>
#include <bit>
#include <cstring>
#include <limits>
#include <new>
#include <string>

#include "vitrine/error.h"

namespace vitrine::index {
namespace {

using hamming::kRowsPerBlock;

// Blocks are cache lines, and kernels load them as such.
constexpr std::size_t kAlignment = 64;
// Codes of a chunk: large enough that the system's large pages serve it, small beside an index worth
// measuring.
constexpr std::size_t kChunkBytes = std::size_t{256} << 10;
constexpr std::uint32_t kNoBlock = std::numeric_limits<std::uint32_t>::max();
// The last slot stays unused: tables of slots need a value for "none".
constexpr std::size_t kMaxBlocks = (std::size_t{1} << 32) / kRowsPerBlock - 1;
constexpr std::uint8_t kFullBlock = 0xff;

struct FreeAligned {
  void operator()(std::uint64_t* words) const { ::operator delete[](words, std::align_val_t{kAlignment}); }
};

unsigned position(Slot slot) {
  return slot % kRowsPerBlock;
}

}  // namespace

struct RowStore::Chunk {
  Chunk(std::size_t num_blocks, std::size_t words)
      : codes(new (std::align_val_t{kAlignment}) std::uint64_t[num_blocks * words * kRowsPerBlock]()),
        ids(num_blocks * kRowsPerBlock),
        live(num_blocks),
        partitions(num_blocks),
        links(num_blocks) {}

  std::unique_ptr<std::uint64_t[], FreeAligned> codes;
  std::vector<RowId> ids;
  std::vector<std::uint8_t> live;
  std::vector<PartitionId> partitions;
  std::vector<Links> links;
};

BlockRun BlockRun::part(std::size_t begin, std::size_t end, std::size_t words) const {
  return {codes + begin * words * kRowsPerBlock, ids + begin * kRowsPerBlock, live + begin,
          partitions + begin, end - begin};
}

RowStore::RowStore(std::size_t words)
    : words_(words),
      chunk_shift_(std::bit_width(kChunkBytes / (words * kRowsPerBlock * sizeof(std::uint64_t))) - 1),
      first_free_(kNoBlock) {}

RowStore::~RowStore() = default;

void RowStore::reserve_blocks(std::size_t num_blocks) {
  const std::size_t chunk_blocks = std::size_t{1} << chunk_shift_;
  const std::size_t untouched = num_blocks > num_free_ ? num_blocks - num_free_ : 0;
  if (untouched > kMaxBlocks - num_used_blocks_) {
    throw Error(ErrorCode::kResource, "adding rows to a Hamming index: it holds at most " +
                                          std::to_string(kMaxBlocks * kRowsPerBlock) +
                                          " rows; split the rows among several indexes");
  }
  while (chunks_.size() * chunk_blocks < num_used_blocks_ + untouched) {
    chunks_.push_back(std::make_unique<Chunk>(chunk_blocks, words_));
  }
}

void RowStore::reserve_partition(PartitionId partition) {
  if (partitions_.try_emplace(partition, Partition{kNoBlock, 0}).second) ++num_empty_partitions_;
}

void RowStore::forget_empty_partitions() noexcept {
  if (num_empty_partitions_ <= partitions_.size() / 2) return;
  std::erase_if(partitions_, [](const auto& entry) { return entry.second.num_blocks == 0; });
  num_empty_partitions_ = 0;
}

Slot RowStore::add(RowId id, std::span<const std::byte> code, PartitionId partition) noexcept {
  Partition& rows = partitions_.find(partition)->second;
  if (rows.first_open == kNoBlock) {
    if (rows.num_blocks++ == 0) --num_empty_partitions_;
    link(rows.first_open, take_block(partition));
  }
  const BlockIndex block = rows.first_open;
  std::uint8_t& mask = live(block);
  const auto row = static_cast<unsigned>(std::countr_one(mask));
  mask = static_cast<std::uint8_t>(mask | (1u << row));
  if (mask == kFullBlock) unlink(rows.first_open, block);
  const Slot slot = block * static_cast<Slot>(kRowsPerBlock) + row;
  chunk_of(block).ids[index_in_chunk(block) * kRowsPerBlock + row] = id;
  replace_code(slot, code);
  return slot;
}

void RowStore::remove(Slot slot) noexcept {
  const BlockIndex block = slot / kRowsPerBlock;
  Partition& rows = partitions_.find(partition(slot))->second;
  std::uint8_t& mask = live(block);
  if (mask == kFullBlock) link(rows.first_open, block);
  mask = static_cast<std::uint8_t>(mask & ~(1u << position(slot)));
  if (mask != 0) return;
  unlink(rows.first_open, block);
  if (--rows.num_blocks == 0) ++num_empty_partitions_;
  link(first_free_, block);
  ++num_free_;
}

void RowStore::replace_code(Slot slot, std::span<const std::byte> code) noexcept {
  const BlockIndex block = slot / kRowsPerBlock;
  std::uint64_t* words = chunk_of(block).codes.get() + index_in_chunk(block) * words_ * kRowsPerBlock;
  for (std::size_t word = 0; word < words_; ++word) {
    std::memcpy(words + word * kRowsPerBlock + position(slot), code.data() + word * sizeof(std::uint64_t),
                sizeof(std::uint64_t));
  }
}

RowId RowStore::id(Slot slot) const {
  const BlockIndex block = slot / kRowsPerBlock;
  return chunk_of(block).ids[index_in_chunk(block) * kRowsPerBlock + position(slot)];
}

PartitionId RowStore::partition(Slot slot) const {
  const BlockIndex block = slot / kRowsPerBlock;
  return chunk_of(block).partitions[index_in_chunk(block)];
}

void RowStore::read_code(Slot slot, std::span<std::byte> code) const {
  const BlockIndex block = slot / kRowsPerBlock;
  const std::uint64_t* words = chunk_of(block).codes.get() + index_in_chunk(block) * words_ * kRowsPerBlock;
  for (std::size_t word = 0; word < words_; ++word) {
    std::memcpy(code.data() + word * sizeof(std::uint64_t), words + word * kRowsPerBlock + position(slot),
                sizeof(std::uint64_t));
  }
}

BlockRun RowStore::chunk(std::size_t chunk_index) const {
  const Chunk& chunk = *chunks_[chunk_index];
  const std::size_t first = chunk_index << chunk_shift_;
  const std::size_t used = num_used_blocks_ > first ? num_used_blocks_ - first : 0;
  return {chunk.codes.get(), chunk.ids.data(), chunk.live.data(), chunk.partitions.data(),
          std::min(used, std::size_t{1} << chunk_shift_)};
}

std::size_t RowStore::memory_bytes() const {
  const std::size_t block_bytes = kRowsPerBlock * (words_ * sizeof(std::uint64_t) + sizeof(RowId)) +
                                  sizeof(std::uint8_t) + sizeof(PartitionId) + sizeof(Links);
  // A node of the map holds the entry, the link to the next node and the allocator's own word.
  const std::size_t partition_bytes = sizeof(decltype(partitions_)::value_type) + 2 * sizeof(void*);
  return (chunks_.size() << chunk_shift_) * block_bytes + chunks_.size() * sizeof(Chunk) +
         chunks_.capacity() * sizeof(void*) + partitions_.size() * partition_bytes +
         partitions_.bucket_count() * sizeof(void*);
}

std::uint8_t& RowStore::live(BlockIndex block) const {
  return chunk_of(block).live[index_in_chunk(block)];
}

RowStore::Links& RowStore::links(BlockIndex block) const {
  return chunk_of(block).links[index_in_chunk(block)];
}

void RowStore::link(BlockIndex& first, BlockIndex block) noexcept {
  links(block) = {kNoBlock, first};
  if (first != kNoBlock) links(first).previous = block;
  first = block;
}

void RowStore::unlink(BlockIndex& first, BlockIndex block) noexcept {
  const auto [previous, next] = links(block);
  if (next != kNoBlock) links(next).previous = previous;
  (previous == kNoBlock ? first : links(previous).next) = next;
}

RowStore::BlockIndex RowStore::take_block(PartitionId partition) noexcept {
  BlockIndex block = first_free_;
  if (block != kNoBlock) {
    unlink(first_free_, block);
    --num_free_;
  } else {
    block = static_cast<BlockIndex>(num_used_blocks_++);
  }
  chunk_of(block).partitions[index_in_chunk(block)] = partition;
  return block;
}

}  // namespace vitrine::index
