// SPDX-License-Identifier: MIT
#pragma once
/// A catalogue's codes and rows as a search needs them. They come from the file `search.vhix` in the
/// catalogue's folder where that is up to date; what it lacks is taken from the catalogue, and without it
/// everything. The file is a copy of what the catalogue knows: it can be deleted at any time.
#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <memory>
#include <optional>
#include <span>
#include <vector>

#include "engine/row_table.h"
#include "vitrine/catalog.h"
#include "vitrine/hamming_index.h"

namespace vitrine::engine {

/// Immutable after construction, but for `optimize`. Points into the catalogue, which must outlive it
/// unchanged. Tables of several states of a catalogue can share an index: each searches its own state of it.
class SearchTable {
 public:
  /// Has lists only if the file has: forming them takes longer than many exact searches.
  explicit SearchTable(const Catalog& catalog);
  /// A later state of the catalogue of `before`, which goes on as it is. Shares the index and brings it up to
  /// date, at the cost of what changed. One at a time, always with the latest table of the index.
  SearchTable(const Catalog& catalog, const SearchTable& before);

  std::size_t size() const { return rows_.size(); }
  /// See RowTable for what rows are.
  std::vector<std::size_t> rows() const { return rows_.rows(); }
  ItemId id(std::size_t row) const { return rows_.id(row); }
  ItemId largest_id() const { return rows_.largest_id(); }
  /// `[feature_dim]`. ErrorCode::kCorrupt if the catalogue has no row where this one should be.
  const Half* feature(std::size_t row) const;
  /// ErrorCode::kCorrupt, with file and offset, if it does not match its check.
  void check_feature(std::size_t row) const { catalog_.check_feature(rows_.address(row)); }
  std::span<const std::byte> code(std::size_t row) const { return catalog_.code(rows_.address(row)); }
  std::size_t feature_dim() const { return catalog_.identity().feature_dim; }
  std::uint32_t category_index(std::size_t row) const { return rows_.category_index(row); }
  std::optional<std::size_t> row_of(ItemId id) const { return rows_.row_of(id); }
  void prefetch(std::size_t row) const { rows_.prefetch(row); }
  std::span<const std::uint64_t> category_counts() const { return rows_.category_counts(); }

  /// The nearest codes. Item ids are the index's row ids, category indices its partitions.
  std::vector<Neighbor> nearest(std::span<const std::byte> code, const HammingSearchOptions& options) const {
    return snapshot_.search(code, options);
  }
  /// Has later rows as well, once another table shares it.
  const HammingIndex& index() const { return *index_; }

  /// Whether the file had all there is.
  bool came_from_file() const { return came_from_file_; }
  /// Forms the lists anew and measures them.
  void optimize(unsigned num_threads);
  /// Writes the file. Not beside another writer of the catalogue.
  void save() const;

  static std::filesystem::path file(const Catalog& catalog);

 private:
  struct Parts {
    std::shared_ptr<HammingIndex> index;
    RowTable rows;
    bool came_from_file = false;
  };
  SearchTable(const Catalog& catalog, Parts parts);
  static Parts load(const Catalog& catalog);
  static std::optional<Parts> load_file(const Catalog& catalog);
  static Parts build(const Catalog& catalog);
  static Parts follow(const Catalog& catalog, const SearchTable& before);

  const Catalog& catalog_;
  std::shared_ptr<HammingIndex> index_;
  HammingIndex::Snapshot snapshot_;
  RowTable rows_;  // may lie in the index's file
  bool came_from_file_;
};

}  // namespace vitrine::engine
