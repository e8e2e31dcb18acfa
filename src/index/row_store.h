// SPDX-License-Identifier: MIT
#pragma once
/// Rows of codes in vertical blocks of eight (hamming/scan.h), each block with a mask of its live rows. All
/// rows of a block belong to one partition, so a search restricted to partitions never touches the blocks of
/// others. Storage grows by chunks and rows never move, so growth copies nothing and wastes at most one
/// chunk; freed rows and blocks are used again. Not synchronised.
#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <unordered_map>
#include <vector>

#include "hamming/scan.h"
#include "vitrine/hamming_index.h"

namespace vitrine::index {

/// Where a row lies: block * 8 + position in the block.
using Slot = std::uint32_t;

/// Consecutive blocks; arrays have one entry per block, `ids` eight.
struct BlockRun {
  const std::uint64_t* codes;  ///< `[num_blocks, words, 8]`
  const RowId* ids;            ///< `[num_blocks, 8]`
  const std::uint8_t* live;    ///< bit r set: row r of the block holds a code
  const PartitionId* partitions;
  std::size_t num_blocks;

  /// Blocks `begin` to `end`.
  BlockRun part(std::size_t begin, std::size_t end, std::size_t words) const;
};

class RowStore {
 public:
  explicit RowStore(std::size_t words);
  ~RowStore();

  /// Makes sure that the next `num_blocks` blocks can be taken without an allocation. Throws kResource beyond
  /// 2^32 rows.
  void reserve_blocks(std::size_t num_blocks);
  /// Makes sure that rows can be added to this partition without an allocation, until
  /// `forget_empty_partitions`.
  void reserve_partition(PartitionId partition);
  /// Frees what partitions without a row hold, once they are the majority: amortised O(1) a change.
  void forget_empty_partitions() noexcept;

  /// Adds a row; the partition and, in case it has no free row, a block must have been reserved.
  Slot add(RowId id, std::span<const std::byte> code, PartitionId partition) noexcept;
  /// Frees a row.
  void remove(Slot slot) noexcept;
  void replace_code(Slot slot, std::span<const std::byte> code) noexcept;

  RowId id(Slot slot) const;
  PartitionId partition(Slot slot) const;
  void read_code(Slot slot, std::span<std::byte> code) const;

  std::size_t words() const { return words_; }
  std::size_t num_chunks() const { return chunks_.size(); }
  /// All blocks of a chunk that were ever used; blocks without a live row may be among them.
  BlockRun chunk(std::size_t chunk_index) const;
  std::size_t memory_bytes() const;

 private:
  struct Chunk;
  using BlockIndex = std::uint32_t;
  // Neighbours in the list of a partition's blocks with a free row, or in the list of blocks of no partition.
  struct Links {
    BlockIndex previous;
    BlockIndex next;
  };
  struct Partition {
    BlockIndex first_open;
    std::size_t num_blocks;
  };

  Chunk& chunk_of(BlockIndex block) const { return *chunks_[block >> chunk_shift_]; }
  std::size_t index_in_chunk(BlockIndex block) const {
    return block & ((std::size_t{1} << chunk_shift_) - 1);
  }
  std::uint8_t& live(BlockIndex block) const;
  Links& links(BlockIndex block) const;
  void link(BlockIndex& first, BlockIndex block) noexcept;
  void unlink(BlockIndex& first, BlockIndex block) noexcept;
  BlockIndex take_block(PartitionId partition) noexcept;

  std::size_t words_;
  unsigned chunk_shift_;  // log2 of the blocks in a chunk
  std::vector<std::unique_ptr<Chunk>> chunks_;
  std::size_t num_used_blocks_ = 0;  // blocks that were ever taken; the rest of the chunks is untouched
  BlockIndex first_free_;            // blocks taken once, without a row now
  std::size_t num_free_ = 0;
  std::unordered_map<PartitionId, Partition> partitions_;
  std::size_t num_empty_partitions_ = 0;
};

}  // namespace vitrine::index
