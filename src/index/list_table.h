// SPDX-License-Identifier: MIT
#pragma once
/// All lists: the newest version of each, its centroid, its partition. A reader follows a list's versions
/// back to the one its pinned index version has (multi-version concurrency control; Reed: Naming and
/// synchronization in a decentralized computer system, 1978), so it sees one state of all lists.
///
/// What a list is never changes between its creation and the moment when no reader can see it any more;
/// only then is its index used again.
#include <array>
#include <atomic>
#include <cstddef>
#include <cstdint>
#include <vector>

#include "index/list_version.h"

namespace vitrine::index {

/// Centroids of consecutive lists, in vertical blocks of eight.
struct CentroidRun {
  const std::uint64_t* codes;  ///< `[num_blocks, words, 8]`
  ListIndex first;
  std::size_t num_blocks;
};

class ListTable {
 public:
  explicit ListTable(std::size_t words) : words_(words) {}
  ~ListTable();

  // For the writer.

  /// Takes an unused index for a list without rows; the newest version may be an empty one of an earlier
  /// list. Without a centroid the list is loose: its rows are near nothing in particular.
  ListIndex create(PartitionId partition, const std::uint64_t* centroid);
  /// Gives back the index of a list that no reader can see.
  void release(ListIndex list) noexcept;
  void set_newest(ListIndex list, ListVersion* version) noexcept;

  // For everybody.

  ListVersion* newest(ListIndex list) const { return entries_[list].newest.load(std::memory_order_acquire); }
  /// The list in that version of the index, which the caller has pinned; null if it has no rows.
  const ListVersion* at(ListIndex list, std::uint64_t version) const {
    const ListVersion* found = newest(list);
    while (found != nullptr && found->version > version) found = found->previous;
    return found;
  }
  PartitionId partition(ListIndex list) const {
    return entries_[list].partition.load(std::memory_order_relaxed);
  }
  void prefetch(ListIndex list) const { __builtin_prefetch(&entries_[list]); }
  bool has_centroid(ListIndex list) const { return has_bit(routed_, list); }
  /// Adds the lists without a centroid.
  void append_loose(std::vector<ListIndex>& lists) const;
  /// All lists ever created have smaller indices.
  std::size_t size() const { return size_.load(std::memory_order_acquire); }
  std::size_t words() const { return words_; }
  /// Adds the centroids of all lists, as few runs; those of lists without one are meaningless.
  void append_centroids(std::vector<CentroidRun>& runs) const;
  void read_centroid(ListIndex list, std::uint64_t* centroid) const;

  std::size_t memory_bytes() const;

 private:
  struct Entry {
    std::atomic<ListVersion*> newest;
    std::atomic<PartitionId> partition;
  };
  using Bits = SegmentedArray<std::atomic<std::uint64_t>>;
  static bool has_bit(const Bits& bits, ListIndex list) {
    return (bits[list / 64].load(std::memory_order_relaxed) >> (list % 64) & 1) != 0;
  }
  static void set_bit(const Bits& bits, ListIndex list, bool value) noexcept;
  std::uint64_t* centroid_address(ListIndex list) const;

  std::size_t words_;
  SegmentedArray<Entry> entries_;
  // A bit a list: in use without, and with a centroid.
  Bits loose_;
  Bits routed_;
  std::array<std::atomic<std::uint64_t*>, 32> centroids_{};  // segments like those of `entries_`
  std::atomic<std::size_t> size_ = 0;
  std::vector<ListIndex> unused_;
};

}  // namespace vitrine::index
