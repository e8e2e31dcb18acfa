// SPDX-License-Identifier: MIT
#pragma once
/// From a row's id to its slot. Open addressing with linear probing; a table entry is the slot alone, four
/// bytes, because the store knows each slot's id. Removal closes the gap, so lookups never slow down. Not
/// synchronised.
#include <cstddef>
#include <limits>
#include <optional>
#include <vector>

#include "index/row_store.h"

namespace vitrine::index {

class SlotMap {
 public:
  /// `rows` must outlive the map and know the id of every slot in it.
  explicit SlotMap(const RowStore& rows) : rows_(rows) {}

  /// Makes sure that the next `num_slots` insertions need no allocation.
  void reserve(std::size_t num_slots);

  std::optional<Slot> find(RowId id) const;
  /// Adds the slot of an id that is not in the map; room must have been reserved.
  void insert(RowId id, Slot slot) noexcept;
  /// Gives an id that is in the map another slot.
  void replace(RowId id, Slot slot) noexcept;
  /// Takes out an id that is in the map; its slot must still know it.
  void erase(RowId id) noexcept;

  std::size_t size() const { return size_; }
  std::size_t memory_bytes() const { return table_.capacity() * sizeof(Slot); }

 private:
  static constexpr Slot kEmpty = std::numeric_limits<Slot>::max();

  std::size_t home(RowId id) const;
  std::size_t next(std::size_t index) const { return (index + 1) & (table_.size() - 1); }
  // The table index of the id, or of the empty entry where it would be inserted.
  std::size_t locate(RowId id) const;

  const RowStore& rows_;
  std::vector<Slot> table_;  // size is a power of two, or 0 before the first reservation
  std::size_t size_ = 0;
};

}  // namespace vitrine::index
