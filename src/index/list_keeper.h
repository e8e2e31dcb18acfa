// SPDX-License-Identifier: MIT
#pragma once
/// Decides which list a row belongs to and keeps the lists in shape: trains centroids once there are enough
/// rows, splits lists that grew, merges those that shrank, moves rows together. For the writer alone; the
/// lists themselves say how their changes look to readers.
#include <cstddef>
#include <cstdint>
#include <memory>
#include <unordered_map>
#include <vector>

#include "hamming/kernel.h"
#include "index/router.h"
#include "index/row_lists.h"

namespace vitrine::index {

struct ListPolicy {
  std::size_t min_rows;  ///< below, all rows of a partition are in lists without centroids
  /// What training aims at; lists of more than three times as many are split. 0: by the number of rows.
  std::size_t rows_per_list;
  std::uint64_t seed;
};

class ListKeeper {
 public:
  ListKeeper(RowLists& rows, const hamming::Kernel& kernel, const ListPolicy& policy)
      : rows_(rows), kernel_(kernel), policy_(policy) {}

  /// To be called when rows are there that this did not put there; the first change looks where they are.
  void attach();

  // Parts of a change: the caller commits it, or aborts it and calls `forget_places`.

  /// Before the first part of a change, and before a whole one. After `attach`, the first call costs some 50
  /// ns a row; it throws kCorrupt if the map from ids to rows does not fit the rows.
  void prepare();

  void upsert(RowId id, const std::uint64_t* code, PartitionId partition);
  bool remove(RowId id);
  /// From now on rows go to lists without centroids, until `train`: for many rows at once.
  void begin_bulk() { is_bulk_ = true; }
  /// Reads from the lists again what they are.
  void forget_places();

  // Whole changes, which commit by themselves.

  /// Splits the lists that the changes since the last call made too large.
  void split_overfull();
  /// Trains new centroids on the rows of every partition and moves all rows to their lists.
  void train(std::size_t num_threads);
  /// Moves rows together to give memory back, about `max_moved_rows` of them; returns whether more is to do.
  bool compact(std::size_t max_moved_rows);

  /// Whether `compact` is likely to give back enough to be worth its time.
  bool wastes_memory() const;

  bool has_centroids() const { return has_centroids_; }
  bool must_train() const { return !has_centroids_ && num_rows_ >= policy_.min_rows; }
  std::size_t num_rows() const { return num_rows_; }
  std::size_t memory_bytes() const;

 private:
  struct Partition {
    std::vector<ListIndex> loose;  // lists without centroids
    std::unique_ptr<Router> router;
  };

  ListIndex list_for(PartitionId partition, const std::uint64_t* code, std::optional<Slot> old);
  ListIndex loose_list(PartitionId partition, std::optional<Slot> old);
  void tidy_grown(ListIndex list);
  void tidy_shrunk(ListIndex list);
  bool must_split(ListIndex list) const;
  std::size_t rows_per_list() const;
  void split(ListIndex list);
  void merge(ListIndex list);
  void drop(ListIndex list);
  void train(PartitionId partition, std::size_t num_threads);
  std::vector<ListIndex> create_lists(PartitionId partition, std::span<const std::uint64_t> centroids,
                                      std::span<const std::uint32_t> assigned, Router& router);
  std::vector<std::uint64_t> read_codes(std::span<const Slot> slots) const;
  std::size_t compact_chunk();

  RowLists& rows_;
  const hamming::Kernel& kernel_;
  ListPolicy policy_;
  std::unordered_map<PartitionId, Partition> partitions_;
  std::unordered_map<ListIndex, std::size_t> unsplittable_;  // not to be tried before it has so many rows
  std::vector<ListIndex> overfull_;
  std::size_t num_rows_ = 0;
  bool has_centroids_ = false;
  bool is_bulk_ = false;
  bool must_read_places_ = false;
  std::size_t next_compacted_ = 0;  // list
};

}  // namespace vitrine::index
