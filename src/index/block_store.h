// SPDX-License-Identifier: MIT
#pragma once
/// Memory for rows: vertical blocks of eight codes (hamming/scan.h) and their ids, in chunks of a few
/// megabytes. Codes are kept in two parts, so that the coarse filter reads the memory of the first 128 bits
/// alone. Which rows are live is not known here but in ListVersion.
///
/// One writer allocates, writes and releases. Readers may read rows that a version they pinned calls live,
/// and may compare whole chunks: what they read of other rows is meaningless, but never unmapped while they
/// are pinned.
#include <atomic>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <memory>
#include <vector>

#include "hamming/scan.h"
#include "index/segmented_array.h"
#include "vitrine/hamming_index.h"

namespace vitrine::index {

using BlockIndex = std::uint32_t;
using ListIndex = std::uint32_t;
/// Where a row lies: block * 8 + position in the block.
using Slot = std::uint32_t;

inline constexpr std::size_t kMaxWords = 64;  // of a code
/// The last two slots stay unused: tables of slots need values for "none" and "was here".
inline constexpr std::size_t kMaxBlocks = (std::size_t{1} << 32) / hamming::kRowsPerBlock - 1;
inline constexpr ListIndex kNoList = std::numeric_limits<ListIndex>::max();
inline constexpr Slot kNoSlot = std::numeric_limits<Slot>::max();

/// Consecutive blocks of one chunk.
struct BlockRun {
  const std::uint64_t* heads;  ///< `[num_blocks, head_words, 8]`
  const std::uint64_t* tails;  ///< `[num_blocks, tail_words, 8]`
  BlockIndex first;
  std::size_t num_blocks;
};

/// Blocks that lie in memory of others, without gaps.
struct PackedBlocks {
  RowId* ids;            ///< `[num_blocks, 8]`
  std::uint64_t* heads;  ///< `[num_blocks, head_words, 8]`
  std::uint64_t* tails;  ///< `[num_blocks, tail_words, 8]`
  std::size_t num_blocks;
};

class BlockStore {
 public:
  struct Chunk;
  struct Unmap {
    void operator()(Chunk* chunk) const;
  };
  using ChunkPointer = std::unique_ptr<Chunk, Unmap>;

  explicit BlockStore(std::size_t words);
  ~BlockStore();
  BlockStore(const BlockStore&) = delete;
  BlockStore& operator=(const BlockStore&) = delete;

  /// Words of a code that are kept apart for the coarse filter, or all if the code is too short for that.
  static std::size_t head_words_of(std::size_t words);

  // For the writer.

  /// Begins with blocks that are all in use; they must outlive the store, which writes to them. The store
  /// must be new. Cut into chunks, they have the numbers 0, 1, ... in the order of memory.
  void attach(const PackedBlocks& blocks);
  /// Takes `num_blocks` consecutive blocks, at most `chunk_blocks()`. Throws kResource beyond 2^32 rows.
  BlockIndex allocate(std::size_t num_blocks);
  /// Takes the `num_blocks` blocks from `end` on if they are free and follow their predecessor in memory.
  bool extend(BlockIndex end, std::size_t num_blocks) noexcept;
  /// Gives blocks back that no reader may need.
  void release(BlockIndex first, std::size_t num_blocks) noexcept;
  /// Takes an empty chunk out of the store, to be destroyed once no reader can see it; null if there is none
  /// or only one.
  ChunkPointer take_empty_chunk() noexcept;
  /// No block of this chunk is allocated any more until `reopen_all`.
  void close(std::size_t chunk_index) noexcept;
  void reopen_all() noexcept;

  void write_row(Slot slot, RowId id, const std::uint64_t* code) noexcept;
  void set_owner(BlockIndex block, ListIndex list) noexcept;
  /// Bit r set: row r of the block can be written. The writer's own note.
  std::uint8_t& reusable(BlockIndex block) const;

  std::size_t num_free_blocks() const { return num_free_; }
  std::size_t num_used_blocks(std::size_t chunk_index) const;
  std::size_t num_mapped_chunks() const { return num_mapped_; }
  /// Memory of all blocks that were ever used and are still mapped.
  std::size_t memory_bytes() const;

  // For everybody.

  std::size_t words() const { return head_words_ + tail_words_; }
  std::size_t head_words() const { return head_words_; }
  std::size_t tail_words() const { return tail_words_; }
  std::size_t chunk_blocks() const { return std::size_t{1} << chunk_shift_; }
  std::size_t num_chunks() const { return num_chunks_.load(std::memory_order_acquire); }
  /// All blocks of a chunk that were ever used; none if the chunk is gone.
  BlockRun chunk(std::size_t chunk_index) const;
  BlockRun run(BlockIndex first, std::size_t num_blocks) const;
  /// The list that a block belongs, belonged or will belong to, or kNoList.
  ListIndex owner(BlockIndex block) const;
  /// Asks for the id of a row and the owner of its block.
  void prefetch(Slot slot) const;
  RowId id(Slot slot) const;
  const RowId* id_address(Slot slot) const;
  void read_code(Slot slot, std::uint64_t* code) const;

 private:
  struct Room {  // of a chunk
    std::size_t num_free;
    std::size_t longest_run;  // upper bound of consecutive free blocks
    bool closed;
  };
  Chunk* chunk_of(BlockIndex block) const {
    return chunks_[block >> chunk_shift_].load(std::memory_order_acquire);
  }
  std::size_t index_in_chunk(BlockIndex block) const { return block & (chunk_blocks() - 1); }
  void add_chunk();
  void publish(std::size_t chunk_index, std::unique_ptr<Chunk> chunk);
  BlockIndex take(std::size_t chunk_index, std::size_t first, std::size_t num_blocks) noexcept;

  std::size_t head_words_;
  std::size_t tail_words_;
  unsigned chunk_shift_;  // log2 of the blocks in a chunk
  SegmentedArray<std::atomic<Chunk*>> chunks_;
  std::atomic<std::size_t> num_chunks_ = 0;
  std::vector<Room> rooms_;
  std::size_t num_free_ = 0;
  std::size_t num_mapped_ = 0;
};

}  // namespace vitrine::index
