// SPDX-License-Identifier: MIT
#pragma once
/// What a search needs to know of every item beside its code: its id, where its feature lies, its category.
/// Rows ascend by id and lie in chunks that several states of a catalogue share, so that a later state costs
/// what has changed. As one block of bytes the table is kept in the search index's file, and used in place
/// there, so that opening a large catalogue need not ask the database for every item. Layout: docs/format.md.
#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
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
  /// items of that state that may be different now. Calls `visit` for those of them that are, and for new
  /// items, in ascending order.
  static RowTable read_changes(const Catalog& catalog, const RowTable& before,
                               std::span<const ItemId> touched,
                               const std::function<void(const Catalog::Row&)>& visit);
  /// A table in memory of others, which must outlive it and all made from it; nothing if the bytes are no
  /// table of this catalogue.
  static std::optional<RowTable> attach(std::span<const std::byte> bytes, const Catalog& catalog);

  /// What `attach` takes, of this catalogue.
  std::vector<std::byte> bytes(const Catalog& catalog) const;
  /// Catalog::state() at the time of `read`.
  std::uint64_t state() const { return state_; }

  /// Number of rows.
  std::size_t size() const { return size_; }
  /// Their numbers, in ascending order of ids. Numbers have gaps, and belong to this table alone.
  std::vector<std::size_t> rows() const;
  ItemId id(std::size_t row) const { return chunk(row).columns.ids[row % kChunkRows]; }
  RowAddress address(std::size_t row) const { return address(chunk(row).columns, row % kChunkRows); }
  std::uint32_t category_index(std::size_t row) const {
    return chunk(row).columns.categories[row % kChunkRows];
  }
  std::optional<std::size_t> row_of(ItemId id) const;
  /// 0 if there are no rows.
  ItemId largest_id() const;
  /// How many rows each category has, by its index; later ones have none.
  std::span<const std::uint64_t> category_counts() const { return category_counts_; }

 private:
  static constexpr std::size_t kChunkRows = 512;
  struct Columns {
    const ItemId* ids = nullptr;
    const std::uint64_t* rows = nullptr;
    const std::uint32_t* segments = nullptr;
    const std::uint32_t* categories = nullptr;
  };
  struct OwnRows;
  struct Chunk {
    std::size_t size = 0;  ///< 1 to kChunkRows
    Columns columns;
    std::shared_ptr<const OwnRows> own;  ///< what `columns` points into, unless it is memory of others
  };
  class Builder;

  static RowAddress address(const Columns& columns, std::size_t row) {
    return {columns.segments[row], columns.rows[row]};
  }
  const Chunk& chunk(std::size_t row) const { return chunks_[row / kChunkRows]; }
  /// Index of the only chunk that can have the id; nothing if all ids are larger.
  std::optional<std::size_t> chunk_of(ItemId id) const;

  std::vector<Chunk> chunks_;
  std::vector<ItemId> first_ids_;  ///< of the chunks, apart: searching them touches less memory
  std::vector<std::uint64_t> category_counts_;
  std::size_t size_ = 0;
  std::uint64_t state_ = 0;
};

}  // namespace vitrine::engine
