// SPDX-License-Identifier: MIT
#pragma once
/// Rows in lists, changed by one writer while readers search: the multi-version state of the index.
///
/// A change writes rows into places that no live row uses, makes new versions of the lists it touches, and
/// becomes visible at once with `commit`. What it replaced is reclaimed when no reader has it pinned. Where
/// rows belong is decided elsewhere.
#include <atomic>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <optional>
#include <vector>

#include "index/block_store.h"
#include "index/list_table.h"
#include "index/reader_pins.h"
#include "index/row_image.h"
#include "index/row_map.h"

namespace vitrine::index {

class RowLists {
 public:
  explicit RowLists(std::size_t words) : blocks_(words), lists_(words), map_(blocks_) {}
  ~RowLists();
  RowLists(const RowLists&) = delete;
  RowLists& operator=(const RowLists&) = delete;

  /// Begins with the rows of an image; only right after construction. The image's sizes must fit together;
  /// false, and this is good for nothing but destruction, if its map does not.
  bool attach(const RowImage& image);

  // For everybody.

  /// Keeps the newest version of everything alive; taken before anything else here is read.
  ReaderPins::Pin pin() const { return pins_.pin(); }
  const BlockStore& blocks() const { return blocks_; }
  const ListTable& lists() const { return lists_; }
  /// The slot of a row in the newest or a later version.
  std::optional<Slot> find(RowId id) const { return map_.find(id); }
  /// Whether `find` knows the rows of exactly this version. If so before and after some calls, it did
  /// meanwhile.
  bool maps(std::uint64_t version) const { return mapped_.load(std::memory_order_seq_cst) == version; }
  /// Whether the row of this slot exists in a version.
  bool is_live(Slot slot, std::uint64_t version) const;
  /// Whether every row of the newest version, and nothing else, is found by its id: true unless the rows
  /// come from an image that somebody forged. What changes rows relies on it; searches do not.
  bool finds_all() const;
  std::size_t size() const { return size_.load(std::memory_order_acquire); }

  // For the writer. Changes are invisible to readers until `commit`, but not to these calls. A call that
  // throws leaves a change that must be ended by `abort`.

  ListIndex create_list(PartitionId partition, const std::uint64_t* centroid);
  /// Makes sure that the next `num_rows` rows of a list need no more than one allocation of blocks.
  void reserve(ListIndex list, std::size_t num_rows);
  /// Adds the row of an id that is not there.
  Slot add(ListIndex list, RowId id, const std::uint64_t* code);
  /// Gives a row another code and possibly another list.
  Slot replace(Slot slot, ListIndex list, const std::uint64_t* code);
  /// Takes a row away; the list remains even if it was the last one.
  void remove(Slot slot);
  /// Stores a row in another list while its old one, about to be dropped, still counts it.
  Slot move(Slot slot, ListIndex list);
  /// Forgets a list whose rows are gone or moved.
  void drop_list(ListIndex list);
  /// Stores the rows of a list anew, in consecutive blocks without gaps.
  void repack(ListIndex list);

  void commit();
  void abort() noexcept;

  /// The list as the change in progress has it; null if it has no blocks.
  const ListVersion* newest(ListIndex list) const { return lists_.newest(list); }
  std::size_t num_rows(ListIndex list) const;
  std::vector<Slot> slots(ListIndex list) const;
  void prefetch(RowId id) const { map_.prefetch(id); }
  /// Gives back what no reader can see. Called by `commit` now and then.
  void reclaim();
  BlockStore& blocks() { return blocks_; }
  std::size_t memory_bytes() const;

 private:
  enum class Kind : std::uint8_t { kVersion, kRow, kExtent, kList, kTable, kChunk };
  // Something that the newest version does not use any more.
  struct Retired {
    std::uint64_t version;  // the first one that does not use it
    std::uint64_t what;     // a pointer, a slot, a first block or a list
    std::uint32_t num_blocks;
    Kind kind;
  };
  struct MapChange {
    RowId id;
    Slot before;  // kNoSlot: the id was not in the map
    Slot after;
  };

  std::uint64_t next_version() const { return pins_.newest() + 1; }
  ListVersion& writable(ListIndex list);
  void install(ListIndex list, ListVersion::Pointer made);
  Extent allocate(ListIndex list, std::size_t num_blocks, std::optional<BlockIndex> after);
  Slot take_row(ListIndex list);
  void put_row(ListIndex list, Slot slot, RowId id, const std::uint64_t* code);
  void clear_row(Slot slot);
  void note(RowId id, Slot before, Slot after);
  void begin_map_change();
  void publish(std::uint64_t version) noexcept;
  void retire(Kind kind, std::uint64_t what, std::uint32_t num_blocks = 0);
  void reclaim(const Retired& retired) noexcept;
  void forget_change() noexcept;

  BlockStore blocks_;
  ListTable lists_;
  RowMap map_;
  ReaderPins pins_;
  std::atomic<std::size_t> size_ = 0;
  /// The version whose rows the map has; 0 while a change has altered it that is not visible yet.
  std::atomic<std::uint64_t> mapped_ = 1;

  // The change in progress.
  std::vector<ListIndex> touched_;  // lists with a version of its own
  std::vector<MapChange> map_changes_;
  std::vector<Extent> new_extents_;
  std::vector<ListIndex> new_lists_;
  std::vector<Retired> retiring_;   // waits for commit
  std::vector<Retired> discarded_;  // no version ever had it
  std::ptrdiff_t size_change_ = 0;

  std::deque<Retired> retired_;  // ascending version
  unsigned commits_since_reclaim_ = 0;
};

}  // namespace vitrine::index
