// SPDX-License-Identifier: MIT
#include "index/row_lists.h"

#include <algorithm>
#include <bit>

namespace vitrine::index {
namespace {

using hamming::kRowsPerBlock;

// Asking which versions are in use costs more than most changes, so several share it.
constexpr unsigned kCommitsPerReclaim = 16;
constexpr std::size_t kMaxGrowth = 32;

// Blocks that a list gets when it is full: a sixteenth of what it has, so that little stays empty.
std::size_t growth(const ListVersion* list) {
  return list == nullptr ? 1 : std::clamp<std::size_t>(list->num_blocks / 16, 1, kMaxGrowth);
}

std::size_t blocks_for(std::size_t num_rows) {
  return (num_rows + kRowsPerBlock - 1) / kRowsPerBlock;
}

// A large change must not keep its notes' memory for ever.
template <typename T>
void empty(std::vector<T>& notes) noexcept {
  constexpr std::size_t kKept = 4096;
  notes.clear();
  if (notes.capacity() > kKept) notes.shrink_to_fit();
}

template <typename T>
std::uint64_t address(T* pointer) {
  return reinterpret_cast<std::uintptr_t>(pointer);
}

}  // namespace

RowLists::~RowLists() {
  // No reader is left.
  for (const Retired& retired : retired_) reclaim(retired);
}

bool RowLists::attach(const RowImage& image) {
  const std::size_t num_slots = image.blocks.num_blocks * kRowsPerBlock;
  if (!map_.attach(image.shards, image.buckets, num_slots)) return false;
  blocks_.attach(image.blocks);
  const std::size_t words = lists_.words();
  std::size_t num_rows = 0;
  BlockIndex block = 0;
  std::vector<Extent> extents;
  for (std::size_t i = 0; i < image.lists.size(); ++i) {
    const ListRecord& record = image.lists[i];
    const ListIndex list =
        lists_.create(record.partition, record.has_centroid ? image.centroids.data() + i * words : nullptr);
    extents.clear();
    for (std::size_t left = record.num_blocks(); left > 0;) {
      // An extent lies within one chunk.
      const std::size_t count = std::min(left, blocks_.chunk_blocks() - block % blocks_.chunk_blocks());
      extents.push_back({block, static_cast<std::uint32_t>(count)});
      for (const BlockIndex end = block + static_cast<BlockIndex>(count); block < end; ++block)
        blocks_.set_owner(block, list);
      left -= count;
    }
    ListVersion::Pointer made = ListVersion::make(extents);
    std::fill_n(made->live(), made->num_blocks, std::uint8_t{0xff});
    const auto num_missing = static_cast<unsigned>(record.num_blocks() * kRowsPerBlock - record.num_rows);
    made->live()[made->num_blocks - 1] = static_cast<std::uint8_t>(0xff >> num_missing);
    blocks_.reusable(block - 1) = static_cast<std::uint8_t>(~(0xff >> num_missing));
    made->num_rows = record.num_rows;
    made->version = pins_.newest();
    lists_.set_newest(list, made.release());
    num_rows += record.num_rows;
  }
  size_.store(num_rows, std::memory_order_release);
  return true;
}

bool RowLists::finds_all() const {
  for (std::size_t i = 0; i < lists_.size(); ++i) {
    const std::vector<Slot> rows = slots(static_cast<ListIndex>(i));
    for (const Slot slot : rows) map_.prefetch(blocks_.id(slot));
    if (!std::all_of(rows.begin(), rows.end(), [&](Slot slot) { return find(blocks_.id(slot)) == slot; }))
      return false;
  }
  return true;
}

bool RowLists::is_live(Slot slot, std::uint64_t version) const {
  const BlockIndex block = slot / kRowsPerBlock;
  const ListIndex list = blocks_.owner(block);
  if (list == kNoList) return false;
  const ListVersion* found = lists_.at(list, version);
  if (found == nullptr) return false;
  const auto position = found->position(block);
  return position && (found->live()[*position] >> (slot % kRowsPerBlock) & 1) != 0;
}

ListIndex RowLists::create_list(PartitionId partition, const std::uint64_t* centroid) {
  const ListIndex list = lists_.create(partition, centroid);
  new_lists_.push_back(list);
  return list;
}

void RowLists::install(ListIndex list, ListVersion::Pointer made) {
  ListVersion* const old = lists_.newest(list);
  const std::uint64_t version = next_version();
  if (old != nullptr && old->version == version) {
    discarded_.push_back({version, address(old), 0, Kind::kVersion});
    made->previous = old->previous;
  } else {
    touched_.push_back(list);
    if (old != nullptr) retire(Kind::kVersion, address(old));
    made->previous = old;
  }
  made->version = version;
  lists_.set_newest(list, made.release());
}

// A reader may look at the members of a version of this change but follows it to an older one.
ListVersion& RowLists::writable(ListIndex list) {
  ListVersion* const newest = lists_.newest(list);
  if (newest->version != next_version()) install(list, newest->copy());
  return *lists_.newest(list);
}

Extent RowLists::allocate(ListIndex list, std::size_t num_blocks, std::optional<BlockIndex> after) {
  const bool extended = after && blocks_.extend(*after, num_blocks);
  const Extent extent{extended ? *after : blocks_.allocate(num_blocks),
                      static_cast<std::uint32_t>(num_blocks)};
  new_extents_.push_back(extent);
  for (BlockIndex block = extent.first; block < extent.first + num_blocks; ++block)
    blocks_.set_owner(block, list);
  return extent;
}

void RowLists::reserve(ListIndex list, std::size_t num_rows) {
  const ListVersion* newest = lists_.newest(list);
  std::size_t num_blocks = std::max(blocks_for(num_rows), growth(newest));
  while (num_blocks > 0) {
    newest = lists_.newest(list);
    const std::size_t count = std::min(num_blocks, blocks_.chunk_blocks());
    if (newest == nullptr) {
      const Extent extent = allocate(list, count, std::nullopt);
      install(list, ListVersion::make({&extent, 1}));
    } else {
      std::optional<BlockIndex> end;
      if (newest->num_extents != 0)
        end = newest->extents().back().first + newest->extents().back().num_blocks;
      const Extent extra = allocate(list, count, end);
      // Numbers run on from chunk to chunk, memory does not.
      const bool continues = extra.first == end && extra.first % blocks_.chunk_blocks() != 0;
      install(list, newest->grown(extra, continues));
    }
    num_blocks -= count;
  }
}

// Marks a free row of a list as live.
Slot RowLists::take_row(ListIndex list) {
  for (;;) {
    const ListVersion* newest = lists_.newest(list);
    // Full lists grow at their end, so free rows are likely there.
    std::size_t begin = newest == nullptr ? 0 : newest->num_blocks;
    const bool is_full = newest == nullptr || newest->num_rows == newest->num_blocks * kRowsPerBlock;
    for (std::size_t e = is_full ? 0 : newest->num_extents; e-- > 0;) {
      const Extent extent = newest->extents()[e];
      begin -= extent.num_blocks;
      std::uint8_t* const reusable = &blocks_.reusable(extent.first);
      const auto* const found =
          std::find_if(reusable, reusable + extent.num_blocks, [](auto rows) { return rows != 0; });
      if (found == reusable + extent.num_blocks) continue;
      const auto block = static_cast<std::size_t>(found - reusable);
      const auto row = static_cast<unsigned>(std::countr_zero(*found));
      ListVersion& version = writable(list);
      reusable[block] = static_cast<std::uint8_t>(reusable[block] & (reusable[block] - 1));
      version.live()[begin + block] |= static_cast<std::uint8_t>(1u << row);
      ++version.num_rows;
      return (extent.first + static_cast<Slot>(block)) * static_cast<Slot>(kRowsPerBlock) + row;
    }
    reserve(list, 1);
  }
}

void RowLists::note(RowId id, Slot before, Slot after) {
  map_changes_.push_back({id, before, after});
}

void RowLists::begin_map_change() {
  mapped_.store(0, std::memory_order_seq_cst);
}

Slot RowLists::add(ListIndex list, RowId id, const std::uint64_t* code) {
  const Slot slot = take_row(list);
  blocks_.write_row(slot, id, code);
  begin_map_change();
  if (RowMap::TablePointer old = map_.insert(id, slot)) {
    // Readers may find rows of earlier versions in it, and later ones in the new table.
    retire(Kind::kTable, address(old.release()));
  }
  note(id, kNoSlot, slot);
  ++size_change_;
  return slot;
}

void RowLists::clear_row(Slot slot) {
  const BlockIndex block = slot / kRowsPerBlock;
  const ListIndex list = blocks_.owner(block);
  ListVersion& version = writable(list);
  std::uint8_t& live = version.live()[*version.position(block)];
  live = static_cast<std::uint8_t>(live & ~(1u << (slot % kRowsPerBlock)));
  --version.num_rows;
  retire(Kind::kRow, slot);
}

Slot RowLists::replace(Slot slot, ListIndex list, const std::uint64_t* code) {
  const RowId id = blocks_.id(slot);
  const Slot made = take_row(list);
  blocks_.write_row(made, id, code);
  clear_row(slot);
  begin_map_change();
  map_.replace(id, slot, made);
  note(id, slot, made);
  return made;
}

void RowLists::remove(Slot slot) {
  const RowId id = blocks_.id(slot);
  clear_row(slot);
  begin_map_change();
  map_.erase(id, slot);
  note(id, slot, kNoSlot);
  --size_change_;
}

Slot RowLists::move(Slot slot, ListIndex list) {
  std::uint64_t code[kMaxWords];
  const RowId id = blocks_.id(slot);
  blocks_.read_code(slot, code);
  const Slot made = take_row(list);
  blocks_.write_row(made, id, code);
  begin_map_change();
  map_.replace(id, slot, made);
  note(id, slot, made);
  return made;
}

void RowLists::drop_list(ListIndex list) {
  if (const ListVersion* newest = lists_.newest(list)) {
    for (const Extent& extent : newest->extents()) retire(Kind::kExtent, extent.first, extent.num_blocks);
    install(list, ListVersion::make({}));
  }
  retire(Kind::kList, list);
}

void RowLists::repack(ListIndex list) {
  const ListVersion* old = lists_.newest(list);
  if (old == nullptr) return;
  const std::vector<Slot> rows = slots(list);
  std::vector<Extent> extents;
  for (std::size_t left = blocks_for(rows.size()); left > 0;) {
    const std::size_t count = std::min(left, blocks_.chunk_blocks());
    extents.push_back(allocate(list, count, std::nullopt));
    left -= count;
  }
  for (const Extent& extent : old->extents()) retire(Kind::kExtent, extent.first, extent.num_blocks);
  install(list, ListVersion::make(extents));
  for (const Slot slot : rows) map_.prefetch(blocks_.id(slot));
  for (const Slot slot : rows) move(slot, list);
}

std::size_t RowLists::num_rows(ListIndex list) const {
  const ListVersion* newest = lists_.newest(list);
  return newest == nullptr ? 0 : newest->num_rows;
}

std::vector<Slot> RowLists::slots(ListIndex list) const {
  std::vector<Slot> rows;
  const ListVersion* newest = lists_.newest(list);
  if (newest == nullptr) return rows;
  rows.reserve(newest->num_rows);
  const std::uint8_t* live = newest->live();
  for (const Extent& extent : newest->extents()) {
    for (BlockIndex block = extent.first; block < extent.first + extent.num_blocks; ++block) {
      for (unsigned mask = *live++; mask != 0; mask &= mask - 1) {
        rows.push_back(block * static_cast<Slot>(kRowsPerBlock) + static_cast<Slot>(std::countr_zero(mask)));
      }
    }
  }
  return rows;
}

void RowLists::retire(Kind kind, std::uint64_t what, std::uint32_t num_blocks) {
  retiring_.push_back({next_version(), what, num_blocks, kind});
}

void RowLists::commit() {
  for (const Retired& retired : retiring_) retired_.push_back(retired);
  for (const Retired& discarded : discarded_) retired_.push_back(discarded);
  size_.store(size_.load(std::memory_order_relaxed) + static_cast<std::size_t>(size_change_),
              std::memory_order_release);
  publish(next_version());
  forget_change();
  if (++commits_since_reclaim_ >= kCommitsPerReclaim) reclaim();
}

void RowLists::abort() noexcept {
  const std::uint64_t version = next_version();
  // What a commit may have noted before it failed.
  while (!retired_.empty() && retired_.back().version == version) retired_.pop_back();
  for (auto change = map_changes_.rbegin(); change != map_changes_.rend(); ++change) {
    if (change->before == kNoSlot) {
      map_.erase(change->id, change->after);
    } else if (change->after == kNoSlot) {
      map_.insert(change->id, change->before);
    } else {
      map_.replace(change->id, change->after, change->before);
    }
  }
  for (const ListIndex list : touched_) {
    ListVersion* const newest = lists_.newest(list);
    lists_.set_newest(list, newest->previous);
    discarded_.push_back({version, address(newest), 0, Kind::kVersion});
  }
  for (const Extent& extent : new_extents_) blocks_.release(extent.first, extent.num_blocks);
  for (const MapChange& change : map_changes_) {
    if (change.after != kNoSlot) discarded_.push_back({version, change.after, 0, Kind::kRow});
  }
  for (const ListIndex list : new_lists_) lists_.release(list);
  for (const Retired& retired : retiring_) {
    if (retired.kind == Kind::kTable) discarded_.push_back(retired);
  }
  for (const Retired& discarded : discarded_) retired_.push_back(discarded);
  // Readers that saw anything of it must be gone before it is reclaimed.
  publish(version);
  forget_change();
}

void RowLists::publish(std::uint64_t version) noexcept {
  pins_.publish(version);
  mapped_.store(version, std::memory_order_seq_cst);
}

void RowLists::forget_change() noexcept {
  empty(touched_);
  empty(map_changes_);
  empty(new_extents_);
  empty(new_lists_);
  empty(retiring_);
  empty(discarded_);
  size_change_ = 0;
}

void RowLists::reclaim() {
  commits_since_reclaim_ = 0;
  const std::uint64_t oldest = pins_.oldest();
  while (!retired_.empty() && retired_.front().version <= oldest) {
    reclaim(retired_.front());
    retired_.pop_front();
  }
  while (BlockStore::ChunkPointer chunk = blocks_.take_empty_chunk()) {
    // Seen by nobody from the next version on.
    retired_.push_back({next_version(), address(chunk.get()), 0, Kind::kChunk});
    (void)chunk.release();
  }
}

void RowLists::reclaim(const Retired& retired) noexcept {
  switch (retired.kind) {
    case Kind::kVersion:
      ListVersion::Delete()(reinterpret_cast<ListVersion*>(retired.what));
      break;
    case Kind::kRow: {
      const auto slot = static_cast<Slot>(retired.what);
      const BlockIndex block = slot / kRowsPerBlock;
      const ListIndex owner = blocks_.owner(block);
      const ListVersion* list = owner == kNoList ? nullptr : lists_.newest(owner);
      // The list may have moved to other blocks since.
      if (list == nullptr || !list->position(block)) break;
      std::uint8_t& reusable = blocks_.reusable(block);
      reusable = static_cast<std::uint8_t>(reusable | 1u << (slot % kRowsPerBlock));
      break;
    }
    case Kind::kExtent:
      blocks_.release(static_cast<BlockIndex>(retired.what), retired.num_blocks);
      break;
    case Kind::kList:
      lists_.release(static_cast<ListIndex>(retired.what));
      break;
    case Kind::kTable:
      RowMap::Delete()(reinterpret_cast<RowMap::Table*>(retired.what));
      break;
    case Kind::kChunk:
      BlockStore::Unmap()(reinterpret_cast<BlockStore::Chunk*>(retired.what));
      break;
  }
}

std::size_t RowLists::memory_bytes() const {
  return sizeof(*this) + blocks_.memory_bytes() + lists_.memory_bytes() + map_.memory_bytes() +
         retired_.size() * sizeof(Retired);
}

}  // namespace vitrine::index
