// SPDX-License-Identifier: MIT
#pragma once
/// From a row's id to its slot. Twelve entries, each a slot and eight bits of its id's hash, share a cache
/// line; the id itself is known to the block store. One writer; readers never wait, and find every row that
/// is there from before their call until after it. Tables grow in many small shards, so no change takes long.
#include <atomic>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <vector>

#include "index/block_store.h"
#include "index/cache_line_allocator.h"

namespace vitrine::index {

/// The table of one shard as it lies in a file.
struct ShardSize {
  std::uint32_t num_buckets = 0;
  std::uint32_t num_rows = 0;
};

/// The tables of all shards, one behind the other.
struct PackedMap {
  std::vector<ShardSize> shards;
  std::vector<std::byte, CacheLineAllocator<std::byte>> buckets;
};

class RowMap {
 public:
  static constexpr std::size_t kNumShards = 256;
  static constexpr std::size_t kBucketBytes = 64;

  struct Table;
  struct Delete {
    void operator()(Table* table) const;
  };
  using TablePointer = std::unique_ptr<Table, Delete>;

  /// `rows` must outlive the map and know the id of every slot in it.
  explicit RowMap(const BlockStore& rows);
  ~RowMap();

  /// The tables that a map would have whose slot s holds the row `ids[s]`, if bit s % 8 of `live[s / 8]` is
  /// set.
  static PackedMap pack(std::span<const RowId> ids, std::span<const std::uint8_t> live);
  /// Goes on with packed tables in place; the map must be empty. False, and the map stays empty, if they do
  /// not fit together or name a slot that is not below `num_slots`.
  bool attach(std::span<const ShardSize> shards, std::span<std::byte> buckets, std::size_t num_slots);

  /// For readers that hold a pin, and for the writer.
  std::optional<Slot> find(RowId id) const;

  /// Adds the slot of an id that is not in the map. If its table had to grow, returns the old one, to be
  /// destroyed when no reader can see it. A failed allocation leaves the map as it was.
  TablePointer insert(RowId id, Slot slot);
  /// Gives an id that is in the map another slot.
  void replace(RowId id, Slot from, Slot to) noexcept;
  /// Takes out an id that is in the map.
  void erase(RowId id, Slot slot) noexcept;

  /// The cache line in which the search for an id begins.
  void prefetch(RowId id) const;

  std::size_t memory_bytes() const;

 private:
  struct Shard {
    std::atomic<Table*> table = nullptr;
    std::uint32_t num_rows = 0;
    std::uint32_t num_taken = 0;  // entries that are not empty
  };
  TablePointer rebuild(Shard& shard);

  const BlockStore& rows_;
  std::vector<Shard> shards_;
};

}  // namespace vitrine::index
