// SPDX-License-Identifier: MIT
#pragma once
/// What a search needs to know of every item beside its code, as columns of one block of bytes: item ids,
/// ascending, where their features lie, their categories. The block is kept in the search index's file, so
/// that opening a large catalogue need not ask the database for every item. Layout: docs/format.md.
#include <cstddef>
#include <cstdint>
#include <functional>
#include <optional>
#include <span>
#include <vector>

#include "vitrine/catalog.h"

namespace vitrine::engine {

class RowTable {
 public:
  /// The committed items of a catalogue. `visit`, called for each of them, sees their codes.
  static RowTable read(const Catalog& catalog, const std::function<void(const Catalog::Row&)>& visit);
  /// The committed items of a catalogue, of which `before` is an earlier state; `touched`, ascending, are the
  /// items of that state that may be different now. Calls `visit` for those that are there and for new items,
  /// in ascending order. Cost: copies the table, and asks for nothing but what changed.
  static RowTable read_changes(const Catalog& catalog, const RowTable& before,
                               std::span<const ItemId> touched,
                               const std::function<void(const Catalog::Row&)>& visit);
  /// A table in memory of others, which must outlive it; nothing if the bytes are no table of this catalogue.
  static std::optional<RowTable> attach(std::span<const std::byte> bytes, const Catalog& catalog);

  std::span<const std::byte> bytes() const { return bytes_; }
  /// Catalog::state() at the time of `read`.
  std::uint64_t state() const;

  std::size_t size() const { return ids_.size(); }
  std::span<const ItemId> ids() const { return ids_; }
  RowAddress address(std::size_t row) const { return {segments_[row], rows_[row]}; }
  std::uint32_t category_index(std::size_t row) const { return categories_[row]; }
  std::optional<std::size_t> row_of(ItemId id) const;

 private:
  class Builder;
  explicit RowTable(std::span<const std::byte> bytes);

  std::vector<std::uint64_t> owned_;
  std::span<const std::byte> bytes_;
  std::span<const ItemId> ids_;
  std::span<const std::uint64_t> rows_;
  std::span<const std::uint32_t> segments_;
  std::span<const std::uint32_t> categories_;
};

}  // namespace vitrine::engine
