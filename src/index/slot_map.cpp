// SPDX-License-Identifier: MIT
#include "index/slot_map.h"

#include <algorithm>
#include <bit>

namespace vitrine::index {
namespace {

constexpr std::size_t kMinTableSize = 16;

// Ids are often consecutive; the finaliser of SplitMix64 (Steele, Lea, Flood: Fast Splittable Pseudorandom
// Number Generators, 2014) spreads them, or linear probing would meet long runs.
std::uint64_t mix(std::uint64_t value) {
  value = (value ^ (value >> 30)) * 0xbf58476d1ce4e5b9;
  value = (value ^ (value >> 27)) * 0x94d049bb133111eb;
  return value ^ (value >> 31);
}

}  // namespace

void SlotMap::reserve(std::size_t num_slots) {
  const std::size_t needed = size_ + num_slots;
  // At most three quarters full: beyond, the cost of an unsuccessful lookup rises steeply.
  if (needed <= table_.size() / 4 * 3) return;
  std::vector<Slot> old(std::bit_ceil(std::max(kMinTableSize, needed + needed / 3 + 1)), kEmpty);
  old.swap(table_);
  for (const Slot slot : old) {
    if (slot != kEmpty) table_[locate(rows_.id(slot))] = slot;
  }
}

std::optional<Slot> SlotMap::find(RowId id) const {
  if (size_ == 0) return std::nullopt;
  const Slot slot = table_[locate(id)];
  return slot == kEmpty ? std::nullopt : std::optional(slot);
}

void SlotMap::insert(RowId id, Slot slot) noexcept {
  table_[locate(id)] = slot;
  ++size_;
}

void SlotMap::replace(RowId id, Slot slot) noexcept {
  table_[locate(id)] = slot;
}

void SlotMap::erase(RowId id) noexcept {
  std::size_t hole = locate(id);
  // Entries behind the hole move up unless that would put them before their home.
  for (std::size_t index = next(hole); table_[index] != kEmpty; index = next(index)) {
    const std::size_t distance_to_home = (index - home(rows_.id(table_[index]))) & (table_.size() - 1);
    const std::size_t distance_to_hole = (index - hole) & (table_.size() - 1);
    if (distance_to_home < distance_to_hole) continue;
    table_[hole] = table_[index];
    hole = index;
  }
  table_[hole] = kEmpty;
  --size_;
}

std::size_t SlotMap::home(RowId id) const {
  return mix(id) & (table_.size() - 1);
}

std::size_t SlotMap::locate(RowId id) const {
  std::size_t index = home(id);
  while (table_[index] != kEmpty && rows_.id(table_[index]) != id) index = next(index);
  return index;
}

}  // namespace vitrine::index
