// SPDX-License-Identifier: MIT
#include "index/row_map.h"

#include <algorithm>
#include <array>
#include <cstring>
#include <iterator>
#include <memory>
#include <utility>

namespace vitrine::index {
namespace {

constexpr std::size_t kEntries = 12;
constexpr Slot kEmpty = kNoSlot;
constexpr Slot kErased = kNoSlot - 1;

// Ids are often consecutive; the finaliser of SplitMix64 (Steele, Lea, Flood: Fast Splittable Pseudorandom
// Number Generators, 2014) spreads them.
std::uint64_t mix(std::uint64_t value) {
  value = (value ^ (value >> 30)) * 0xbf58476d1ce4e5b9;
  value = (value ^ (value >> 27)) * 0x94d049bb133111eb;
  return value ^ (value >> 31);
}

// Parts of a hash that are independent of each other and of its upper half.
std::size_t shard_of(std::uint64_t hash) {
  return hash & 0xff;
}
std::uint8_t tag_of(std::uint64_t hash) {
  return static_cast<std::uint8_t>(hash >> 8);
}
struct alignas(64) Bucket {
  Bucket() {
    for (auto& slot : slots) slot.store(kEmpty, std::memory_order_relaxed);
  }
  std::atomic<Slot> slots[kEntries];
  std::atomic<std::uint8_t> tags[kEntries] = {};
};
static_assert(sizeof(Bucket) == RowMap::kBucketBytes);

// Three quarters full, so that it takes a sixth more rows to fill them again.
std::size_t buckets_for(std::size_t num_rows) {
  return (num_rows + 1) * 4 / 3 / kEntries + 1;
}

// How many entries of packed buckets name a slot; nothing if one of these is too large.
std::optional<std::size_t> count_rows(std::span<const std::byte> buckets, std::size_t num_slots) {
  std::size_t count = 0;
  std::size_t num_bad = 0;
  for (std::size_t offset = 0; offset < buckets.size(); offset += sizeof(Bucket)) {
    std::array<Slot, kEntries> slots;
    std::memcpy(slots.data(), buckets.data() + offset, sizeof(slots));
    for (const Slot slot : slots) {
      count += slot != kEmpty ? 1 : 0;
      num_bad += slot != kEmpty && slot >= num_slots ? 1 : 0;
    }
  }
  return num_bad == 0 ? std::optional(count) : std::nullopt;
}

}  // namespace

struct RowMap::Table {
  explicit Table(std::size_t num_buckets) : owned(num_buckets), buckets(owned) {}
  explicit Table(std::span<Bucket> elsewhere) : buckets(elsewhere) {}

  std::size_t first_bucket(std::uint64_t hash) const {
    return static_cast<std::size_t>(((hash >> 32) * buckets.size()) >> 32);
  }
  std::size_t next(std::size_t bucket) const { return bucket + 1 == buckets.size() ? 0 : bucket + 1; }

  // Stores a slot in the first free entry; returns whether that was never used.
  bool add(std::uint64_t hash, Slot slot) noexcept {
    for (std::size_t index = first_bucket(hash);; index = next(index)) {
      for (std::size_t entry = 0; entry < kEntries; ++entry) {
        const Slot found = buckets[index].slots[entry].load(std::memory_order_relaxed);
        if (found != kEmpty && found != kErased) continue;
        buckets[index].tags[entry].store(tag_of(hash), std::memory_order_relaxed);
        buckets[index].slots[entry].store(slot, std::memory_order_release);
        return found == kEmpty;
      }
    }
  }

  // The bucket and the entry of a slot that is in the table.
  std::pair<Bucket*, std::size_t> locate(std::uint64_t hash, Slot slot) noexcept {
    for (std::size_t index = first_bucket(hash);; index = next(index)) {
      for (std::size_t entry = 0; entry < kEntries; ++entry) {
        if (buckets[index].slots[entry].load(std::memory_order_relaxed) == slot)
          return {&buckets[index], entry};
      }
    }
  }

  std::vector<Bucket> owned;
  std::span<Bucket> buckets;
};

void RowMap::Delete::operator()(Table* table) const {
  delete table;
}

RowMap::RowMap(const BlockStore& rows) : rows_(rows), shards_(kNumShards) {}

RowMap::~RowMap() {
  for (Shard& shard : shards_) delete shard.table.load();
}

PackedMap RowMap::pack(std::span<const RowId> ids, std::span<const std::uint8_t> live) {
  const auto for_each_row = [&](const auto& visit) {
    for (std::size_t slot = 0; slot < ids.size(); ++slot) {
      if ((live[slot / 8] >> (slot % 8) & 1) != 0) visit(mix(ids[slot]), static_cast<Slot>(slot));
    }
  };
  PackedMap packed;
  packed.shards.resize(kNumShards);
  for_each_row([&](std::uint64_t hash, Slot) { ++packed.shards[shard_of(hash)].num_rows; });
  std::size_t num_buckets = 0;
  for (ShardSize& shard : packed.shards) {
    if (shard.num_rows != 0) shard.num_buckets = static_cast<std::uint32_t>(buckets_for(shard.num_rows));
    num_buckets += shard.num_buckets;
  }
  packed.buckets.resize(num_buckets * sizeof(Bucket));
  auto* const first = reinterpret_cast<Bucket*>(packed.buckets.data());
  std::uninitialized_default_construct_n(first, num_buckets);
  std::vector<Table> tables;
  for (std::size_t begin = 0; const ShardSize& shard : packed.shards) {
    tables.emplace_back(std::span(first + begin, shard.num_buckets));
    begin += shard.num_buckets;
  }
  for_each_row([&](std::uint64_t hash, Slot slot) { tables[shard_of(hash)].add(hash, slot); });
  return packed;
}

bool RowMap::attach(std::span<const ShardSize> shards, std::span<std::byte> buckets, std::size_t num_slots) {
  std::size_t num_bytes = 0;
  for (const ShardSize& size : shards) {
    const std::size_t table_bytes = std::size_t{size.num_buckets} * sizeof(Bucket);
    if (table_bytes > buckets.size() - num_bytes) return false;
    // Every row is in the map once, and no entry was given up.
    if (count_rows(buckets.subspan(num_bytes, table_bytes), num_slots) != size.num_rows) return false;
    num_bytes += table_bytes;
  }
  if (shards.size() != kNumShards || num_bytes != buckets.size()) return false;
  auto* bucket = reinterpret_cast<Bucket*>(buckets.data());
  for (std::size_t i = 0; i < kNumShards; ++i) {
    if (shards[i].num_buckets == 0) continue;
    shards_[i].table.store(new Table(std::span(bucket, shards[i].num_buckets)), std::memory_order_release);
    shards_[i].num_rows = shards_[i].num_taken = shards[i].num_rows;
    bucket += shards[i].num_buckets;
  }
  return true;
}

std::optional<Slot> RowMap::find(RowId id) const {
  const std::uint64_t hash = mix(id);
  const Table* table = shards_[shard_of(hash)].table.load(std::memory_order_acquire);
  if (table == nullptr) return std::nullopt;
  std::size_t index = table->first_bucket(hash);
  for (std::size_t step = 0; step < table->buckets.size(); ++step, index = table->next(index)) {
    const Bucket& bucket = table->buckets[index];
    bool has_empty = false;
    for (std::size_t entry = 0; entry < kEntries; ++entry) {
      const Slot slot = bucket.slots[entry].load(std::memory_order_acquire);
      has_empty |= slot == kEmpty;
      if (bucket.tags[entry].load(std::memory_order_relaxed) != tag_of(hash)) continue;
      if (slot != kEmpty && slot != kErased && rows_.id(slot) == id) return slot;
    }
    if (has_empty) return std::nullopt;
  }
  return std::nullopt;
}

RowMap::TablePointer RowMap::insert(RowId id, Slot slot) {
  const std::uint64_t hash = mix(id);
  Shard& shard = shards_[shard_of(hash)];
  Table* table = shard.table.load(std::memory_order_relaxed);
  TablePointer old;
  // Beyond seven eighths, many searches would need more than one cache line.
  if (table == nullptr || (std::size_t{shard.num_taken} + 1) * 8 > table->buckets.size() * kEntries * 7) {
    old = rebuild(shard);
    table = shard.table.load(std::memory_order_relaxed);
  }
  shard.num_taken += table->add(hash, slot) ? 1 : 0;
  ++shard.num_rows;
  return old;
}

RowMap::TablePointer RowMap::rebuild(Shard& shard) {
  Table* const old = shard.table.load(std::memory_order_relaxed);
  auto made = std::make_unique<Table>(buckets_for(shard.num_rows));
  if (old != nullptr) {
    for (const Bucket& bucket : old->buckets) {
      for (const auto& entry : bucket.slots) {
        const Slot slot = entry.load(std::memory_order_relaxed);
        if (slot != kEmpty && slot != kErased) made->add(mix(rows_.id(slot)), slot);
      }
    }
  }
  shard.num_taken = shard.num_rows;
  shard.table.store(made.release(), std::memory_order_release);
  return TablePointer(old);
}

void RowMap::replace(RowId id, Slot from, Slot to) noexcept {
  const std::uint64_t hash = mix(id);
  Table& table = *shards_[shard_of(hash)].table.load(std::memory_order_relaxed);
  const auto [bucket, entry] = table.locate(hash, from);
  bucket->slots[entry].store(to, std::memory_order_release);
}

void RowMap::erase(RowId id, Slot slot) noexcept {
  const std::uint64_t hash = mix(id);
  Shard& shard = shards_[shard_of(hash)];
  const auto [bucket, entry] = shard.table.load(std::memory_order_relaxed)->locate(hash, slot);
  // A search that meets an empty entry stops, so only a bucket that has one already may get another.
  const bool has_empty =
      std::any_of(std::begin(bucket->slots), std::end(bucket->slots),
                  [](const auto& found) { return found.load(std::memory_order_relaxed) == kEmpty; });
  bucket->slots[entry].store(has_empty ? kEmpty : kErased, std::memory_order_release);
  shard.num_taken -= has_empty ? 1 : 0;
  --shard.num_rows;
}

void RowMap::prefetch(RowId id) const {
  const std::uint64_t hash = mix(id);
  const Table* table = shards_[shard_of(hash)].table.load(std::memory_order_acquire);
  if (table != nullptr) __builtin_prefetch(&table->buckets[table->first_bucket(hash)]);
}

std::size_t RowMap::memory_bytes() const {
  std::size_t bytes = shards_.size() * sizeof(Shard);
  for (const Shard& shard : shards_) {
    if (const Table* table = shard.table.load())
      bytes += sizeof(Table) + table->buckets.size() * sizeof(Bucket);
  }
  return bytes;
}

}  // namespace vitrine::index
