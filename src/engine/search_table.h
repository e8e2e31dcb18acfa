// SPDX-License-Identifier: MIT
#pragma once
/// A catalogue's codes and rows as a search needs them. They come from the file `search.vhix` in the
/// catalogue's folder where that is up to date; what it lacks is taken from the catalogue, and without it
/// everything. The file is a copy of what the catalogue knows: it can be deleted at any time.
#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <optional>
#include <span>

#include "engine/row_table.h"
#include "vitrine/catalog.h"
#include "vitrine/hamming_index.h"

namespace vitrine::engine {

/// Immutable after construction, but for `save`. Points into the catalogue, which must outlive it unchanged.
class SearchTable {
 public:
  /// Has lists only if the file has: forming them takes longer than many exact searches.
  explicit SearchTable(const Catalog& catalog);

  std::size_t size() const { return rows_.size(); }
  ItemId id(std::size_t row) const { return rows_.ids()[row]; }
  /// Ascending.
  std::span<const ItemId> ids() const { return rows_.ids(); }
  /// `[feature_dim]`. ErrorCode::kCorrupt if the catalogue has no row where this one should be.
  const Half* feature(std::size_t row) const;
  std::uint32_t category_index(std::size_t row) const { return rows_.category_index(row); }
  std::optional<std::size_t> row_of(ItemId id) const { return rows_.row_of(id); }

  /// Item ids are its row ids, category indices its partitions.
  const HammingIndex& index() const { return index_; }

  /// Whether the file had all there is.
  bool came_from_file() const { return came_from_file_; }
  /// Forms the lists anew and measures them.
  void optimize(unsigned num_threads) { index_.optimize(num_threads); }
  /// Writes the file. Not beside another writer of the catalogue.
  void save() const;

  static std::filesystem::path file(const Catalog& catalog);

 private:
  struct Parts {
    HammingIndex index;
    RowTable rows;
    bool came_from_file = false;
  };
  SearchTable(const Catalog& catalog, Parts parts);
  static Parts load(const Catalog& catalog);
  static std::optional<Parts> load_file(const Catalog& catalog);
  static Parts build(const Catalog& catalog);

  const Catalog& catalog_;
  HammingIndex index_;
  RowTable rows_;  // may lie in the index's file
  bool came_from_file_;
};

}  // namespace vitrine::engine
