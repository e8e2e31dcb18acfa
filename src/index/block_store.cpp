// SPDX-License-Identifier: MIT
#include "index/block_store.h"

#include <sys/mman.h>
#include <unistd.h>

#include <algorithm>
#include <bit>
#include <cstring>
#include <new>
#include <string>
#include <utility>

#include "vitrine/error.h"

namespace vitrine::index {
namespace {

using hamming::kRowsPerBlock;

// Codes of a chunk: two of the system's large pages.
constexpr std::size_t kChunkBytes = std::size_t{4} << 20;
constexpr std::size_t kLargePage = std::size_t{2} << 20;
constexpr std::size_t kCacheLine = hamming::kRowsPerBlock * sizeof(std::uint64_t);
// The coarse filter compares this much of codes that are at least three times as long.
constexpr std::size_t kHeadWords = 2;

unsigned position(Slot slot) {
  return slot % kRowsPerBlock;
}

void* map_memory(std::size_t bytes) {
  void* const mapping = mmap(nullptr, bytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  if (mapping == MAP_FAILED) throw std::bad_alloc();
  return mapping;
}

// Drops what was written to a private copy of a file; the memory shows the file again.
void forget_writes(void* begin, std::size_t bytes) {
  const auto page = static_cast<std::uintptr_t>(sysconf(_SC_PAGESIZE));
  const std::uintptr_t first = (reinterpret_cast<std::uintptr_t>(begin) + page - 1) / page * page;
  const std::uintptr_t last = (reinterpret_cast<std::uintptr_t>(begin) + bytes) / page * page;
  if (first < last) madvise(reinterpret_cast<void*>(first), last - first, MADV_DONTNEED);
}

}  // namespace

struct BlockStore::Chunk {
  PackedBlocks rows;  // in this chunk's mapping, or attached
  std::atomic<ListIndex>* owners;
  std::uint8_t* reusable;
  std::uint64_t* used;  // bit b of the whole: block b is allocated, or beyond the attached ones
  void* mapping;
  std::size_t mapping_bytes;
  std::atomic<std::size_t> num_touched = 0;  // blocks that were ever allocated
  std::size_t num_used = 0;
  std::size_t words = 0;
  bool is_attached = false;

  static std::size_t bitmap_bytes(std::size_t num_blocks) {
    return std::max<std::size_t>(num_blocks / 8, sizeof(std::uint64_t));
  }
  // What a chunk must know of its blocks beside the rows.
  static std::size_t note_bytes(std::size_t num_blocks) {
    return bitmap_bytes(num_blocks) + num_blocks * (sizeof(ListIndex) + 1);
  }
  void place_notes(std::byte* memory, std::size_t num_blocks) {
    used = reinterpret_cast<std::uint64_t*>(memory);
    owners = reinterpret_cast<std::atomic<ListIndex>*>(memory + bitmap_bytes(num_blocks));
    reusable = reinterpret_cast<std::uint8_t*>(owners + num_blocks);
  }
};

void BlockStore::Unmap::operator()(Chunk* chunk) const {
  if (chunk->is_attached) {
    const PackedBlocks& rows = chunk->rows;
    const std::size_t head_words = head_words_of(chunk->words);
    forget_writes(rows.ids, rows.num_blocks * kRowsPerBlock * sizeof(RowId));
    forget_writes(rows.heads, rows.num_blocks * head_words * kCacheLine);
    forget_writes(rows.tails, rows.num_blocks * (chunk->words - head_words) * kCacheLine);
  }
  void* const mapping = chunk->mapping;
  const std::size_t bytes = chunk->mapping_bytes;
  delete chunk;
  munmap(mapping, bytes);
}

std::size_t BlockStore::head_words_of(std::size_t words) {
  return words >= 3 * kHeadWords ? kHeadWords : words;
}

BlockStore::BlockStore(std::size_t words)
    : head_words_(head_words_of(words)),
      tail_words_(words - head_words_),
      chunk_shift_(static_cast<unsigned>(std::bit_width(kChunkBytes / (words * kCacheLine))) - 1) {}

BlockStore::~BlockStore() {
  for (std::size_t i = 0; i < num_chunks(); ++i) {
    if (Chunk* chunk = chunks_[i].load()) Unmap()(chunk);
  }
}

void BlockStore::attach(const PackedBlocks& blocks) {
  chunks_.grow(blocks.num_blocks / chunk_blocks() + 1);
  for (std::size_t first = 0; first < blocks.num_blocks; first += chunk_blocks()) {
    const std::size_t count = std::min(chunk_blocks(), blocks.num_blocks - first);
    auto chunk = std::make_unique<Chunk>();
    chunk->is_attached = true;
    chunk->words = words();
    chunk->rows = {blocks.ids + first * kRowsPerBlock, blocks.heads + first * head_words_ * kRowsPerBlock,
                   blocks.tails + first * tail_words_ * kRowsPerBlock, count};
    rooms_.push_back({0, 0, false});
    chunk->mapping_bytes = Chunk::note_bytes(chunk_blocks());
    chunk->mapping = map_memory(chunk->mapping_bytes);
    chunk->place_notes(static_cast<std::byte*>(chunk->mapping), chunk_blocks());
    // What is missing to a whole chunk is never given away.
    std::fill_n(chunk->used, Chunk::bitmap_bytes(chunk_blocks()) / sizeof(std::uint64_t), ~std::uint64_t{0});
    chunk->num_used = count;
    chunk->num_touched = count;
    ++num_mapped_;
    publish(first >> chunk_shift_, std::move(chunk));
  }
}

void BlockStore::publish(std::size_t chunk_index, std::unique_ptr<Chunk> chunk) {
  chunks_[chunk_index].store(chunk.release(), std::memory_order_release);
  if (chunk_index == num_chunks()) num_chunks_.store(chunk_index + 1, std::memory_order_release);
}

void BlockStore::add_chunk() {
  const std::size_t num_blocks = chunk_blocks();
  const auto place = std::find_if(rooms_.begin(), rooms_.end(), [](const Room& room) {
    return room.num_free == 0 && room.longest_run == std::numeric_limits<std::size_t>::max();
  });
  const auto index = static_cast<std::size_t>(place - rooms_.begin());
  if ((index + 1) * num_blocks > kMaxBlocks) {
    throw Error(ErrorCode::kResource, "adding rows to a Hamming index: it holds at most " +
                                          std::to_string(kMaxBlocks * kRowsPerBlock) +
                                          " rows; split the rows among several indexes");
  }
  chunks_.grow(index + 1);
  rooms_.reserve(rooms_.size() + 1);
  auto chunk = std::make_unique<Chunk>();
  const std::size_t code_bytes = num_blocks * words() * kCacheLine;
  const std::size_t id_bytes = num_blocks * kRowsPerBlock * sizeof(RowId);
  chunk->mapping_bytes = code_bytes + id_bytes + Chunk::note_bytes(num_blocks) + kLargePage;
  chunk->mapping = map_memory(chunk->mapping_bytes);
  const auto aligned =
      (reinterpret_cast<std::uintptr_t>(chunk->mapping) + kLargePage - 1) & ~std::uintptr_t{kLargePage - 1};
  auto* memory = reinterpret_cast<std::byte*>(aligned);
  // A small index must not pay for a large page.
  if (num_mapped_++ > 0) madvise(memory, code_bytes, MADV_HUGEPAGE);
  const auto next = [&](std::size_t num_bytes) { return std::exchange(memory, memory + num_bytes); };
  chunk->rows.heads = reinterpret_cast<std::uint64_t*>(next(num_blocks * head_words_ * kCacheLine));
  chunk->rows.tails = reinterpret_cast<std::uint64_t*>(next(num_blocks * tail_words_ * kCacheLine));
  chunk->rows.ids = reinterpret_cast<RowId*>(next(id_bytes));
  chunk->rows.num_blocks = num_blocks;
  chunk->place_notes(memory, num_blocks);
  if (index == rooms_.size()) rooms_.push_back({});
  rooms_[index] = {num_blocks, num_blocks, false};
  num_free_ += num_blocks;
  publish(index, std::move(chunk));
}

BlockIndex BlockStore::allocate(std::size_t num_blocks) {
  for (;;) {
    for (std::size_t i = 0; i < rooms_.size(); ++i) {
      Room& room = rooms_[i];
      if (room.closed || room.num_free < num_blocks || room.longest_run < num_blocks) continue;
      const std::uint64_t* used = chunks_[i].load(std::memory_order_relaxed)->used;
      std::size_t longest = 0;
      for (std::size_t block = 0, run = 0; block < chunk_blocks(); ++block) {
        if (run == 0 && block % 64 == 0 && used[block / 64] == ~std::uint64_t{0}) {
          block += 63;
          continue;
        }
        run = (used[block / 64] >> (block % 64) & 1) != 0 ? 0 : run + 1;
        longest = std::max(longest, run);
        if (run == num_blocks) return take(i, block + 1 - num_blocks, num_blocks);
      }
      room.longest_run = longest;
    }
    add_chunk();
  }
}

bool BlockStore::extend(BlockIndex end, std::size_t num_blocks) noexcept {
  const std::size_t chunk_index = end >> chunk_shift_;
  const std::size_t first = index_in_chunk(end);
  if (first == 0 || first + num_blocks > chunk_blocks() || rooms_[chunk_index].closed) return false;
  const std::uint64_t* used = chunks_[chunk_index].load(std::memory_order_relaxed)->used;
  for (std::size_t block = first; block < first + num_blocks; ++block) {
    if ((used[block / 64] >> (block % 64) & 1) != 0) return false;
  }
  take(chunk_index, first, num_blocks);
  return true;
}

BlockIndex BlockStore::take(std::size_t chunk_index, std::size_t first, std::size_t num_blocks) noexcept {
  Chunk& chunk = *chunks_[chunk_index].load(std::memory_order_relaxed);
  for (std::size_t block = first; block < first + num_blocks; ++block) {
    chunk.used[block / 64] |= std::uint64_t{1} << (block % 64);
    chunk.reusable[block] = 0xff;
  }
  chunk.num_used += num_blocks;
  rooms_[chunk_index].num_free -= num_blocks;
  num_free_ -= num_blocks;
  if (chunk.num_touched.load(std::memory_order_relaxed) < first + num_blocks) {
    chunk.num_touched.store(first + num_blocks, std::memory_order_release);
  }
  return static_cast<BlockIndex>((chunk_index << chunk_shift_) + first);
}

void BlockStore::release(BlockIndex first, std::size_t num_blocks) noexcept {
  const std::size_t chunk_index = first >> chunk_shift_;
  Chunk& chunk = *chunk_of(first);
  const std::size_t begin = index_in_chunk(first);
  for (std::size_t block = begin; block < begin + num_blocks; ++block) {
    chunk.used[block / 64] &= ~(std::uint64_t{1} << (block % 64));
    chunk.owners[block].store(kNoList, std::memory_order_relaxed);
  }
  const auto is_used = [&](std::size_t block) { return (chunk.used[block / 64] >> (block % 64) & 1) != 0; };
  std::size_t run_begin = begin;
  std::size_t run_end = begin + num_blocks;
  while (run_begin > 0 && !is_used(run_begin - 1)) --run_begin;
  while (run_end < chunk_blocks() && !is_used(run_end)) ++run_end;
  chunk.num_used -= num_blocks;
  Room& room = rooms_[chunk_index];
  room.num_free += num_blocks;
  room.longest_run = std::max(room.longest_run, run_end - run_begin);
  num_free_ += num_blocks;
}

BlockStore::ChunkPointer BlockStore::take_empty_chunk() noexcept {
  // Some room must remain, or the next row would need a new chunk.
  if (num_free_ < chunk_blocks() + chunk_blocks() / 8) return nullptr;
  for (std::size_t i = rooms_.size(); i-- > 0;) {
    Chunk* const chunk = chunks_[i].load(std::memory_order_relaxed);
    if (chunk == nullptr || chunk->num_used != 0) continue;
    chunks_[i].store(nullptr, std::memory_order_release);
    rooms_[i] = {0, std::numeric_limits<std::size_t>::max(), false};  // the mark of a place without a chunk
    num_free_ -= chunk->rows.num_blocks;
    --num_mapped_;
    return ChunkPointer(chunk);
  }
  return nullptr;
}

void BlockStore::close(std::size_t chunk_index) noexcept {
  rooms_[chunk_index].closed = true;
}

void BlockStore::reopen_all() noexcept {
  for (Room& room : rooms_) room.closed = false;
}

void BlockStore::write_row(Slot slot, RowId id, const std::uint64_t* code) noexcept {
  const BlockIndex block = slot / kRowsPerBlock;
  Chunk& chunk = *chunk_of(block);
  const std::size_t index = index_in_chunk(block);
  std::uint64_t* head = chunk.rows.heads + index * head_words_ * kRowsPerBlock + position(slot);
  std::uint64_t* tail = chunk.rows.tails + index * tail_words_ * kRowsPerBlock + position(slot);
  for (std::size_t word = 0; word < head_words_; ++word) head[word * kRowsPerBlock] = code[word];
  for (std::size_t word = 0; word < tail_words_; ++word)
    tail[word * kRowsPerBlock] = code[head_words_ + word];
  chunk.rows.ids[index * kRowsPerBlock + position(slot)] = id;
}

void BlockStore::read_code(Slot slot, std::uint64_t* code) const {
  const BlockIndex block = slot / kRowsPerBlock;
  const BlockRun row = run(block, 1);
  for (std::size_t word = 0; word < head_words_; ++word) {
    code[word] = row.heads[word * kRowsPerBlock + position(slot)];
  }
  for (std::size_t word = 0; word < tail_words_; ++word) {
    code[head_words_ + word] = row.tails[word * kRowsPerBlock + position(slot)];
  }
}

void BlockStore::set_owner(BlockIndex block, ListIndex list) noexcept {
  chunk_of(block)->owners[index_in_chunk(block)].store(list, std::memory_order_relaxed);
}

ListIndex BlockStore::owner(BlockIndex block) const {
  // A scan may ask for a block that was empty when its version was published, of a chunk that is gone.
  const Chunk* chunk = chunk_of(block);
  return chunk == nullptr ? kNoList : chunk->owners[index_in_chunk(block)].load(std::memory_order_relaxed);
}

void BlockStore::prefetch(Slot slot) const {
  const BlockIndex block = slot / kRowsPerBlock;
  const Chunk* chunk = chunk_of(block);
  if (chunk == nullptr) return;  // as in owner()
  __builtin_prefetch(&chunk->owners[index_in_chunk(block)]);
  __builtin_prefetch(&chunk->rows.ids[index_in_chunk(block) * kRowsPerBlock + position(slot)]);
}

std::uint8_t& BlockStore::reusable(BlockIndex block) const {
  return chunk_of(block)->reusable[index_in_chunk(block)];
}

std::size_t BlockStore::num_used_blocks(std::size_t chunk_index) const {
  const Chunk* chunk = chunks_[chunk_index].load(std::memory_order_relaxed);
  return chunk == nullptr ? 0 : chunk->num_used;
}

BlockRun BlockStore::chunk(std::size_t chunk_index) const {
  const Chunk* chunk = chunks_[chunk_index].load(std::memory_order_acquire);
  if (chunk == nullptr) return {};
  return {chunk->rows.heads, chunk->rows.tails, static_cast<BlockIndex>(chunk_index << chunk_shift_),
          chunk->num_touched.load(std::memory_order_acquire)};
}

BlockRun BlockStore::run(BlockIndex first, std::size_t num_blocks) const {
  const Chunk& chunk = *chunk_of(first);
  const std::size_t index = index_in_chunk(first);
  return {chunk.rows.heads + index * head_words_ * kRowsPerBlock,
          chunk.rows.tails + index * tail_words_ * kRowsPerBlock, first, num_blocks};
}

RowId BlockStore::id(Slot slot) const {
  return *id_address(slot);
}

const RowId* BlockStore::id_address(Slot slot) const {
  const BlockIndex block = slot / kRowsPerBlock;
  return chunk_of(block)->rows.ids + index_in_chunk(block) * kRowsPerBlock + position(slot);
}

std::size_t BlockStore::memory_bytes() const {
  const std::size_t block_bytes =
      words() * kCacheLine + kRowsPerBlock * sizeof(RowId) + sizeof(ListIndex) + sizeof(std::uint8_t);
  std::size_t bytes = chunks_.capacity() * sizeof(void*) + rooms_.capacity() * sizeof(Room);
  for (std::size_t i = 0; i < num_chunks(); ++i) {
    if (const Chunk* chunk = chunks_[i].load(std::memory_order_relaxed)) {
      bytes += sizeof(Chunk) + chunk_blocks() / 8 +
               chunk->num_touched.load(std::memory_order_relaxed) * block_bytes;
    }
  }
  return bytes;
}

}  // namespace vitrine::index
