// SPDX-License-Identifier: MIT
#pragma once
/// A catalogue's rows as a search needs them: numbered 0, 1, ... in ascending item id, so that one number
/// leads to everything without a look-up, and order by number is order by id.
#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <vector>

#include "vitrine/catalog.h"
#include "vitrine/hamming_index.h"

namespace vitrine::engine {

/// Immutable. Points into the catalogue, which must outlive it unchanged.
class SearchTable {
 public:
  explicit SearchTable(const Catalog& catalog);

  std::size_t size() const { return ids_.size(); }
  ItemId id(std::size_t row) const { return ids_[row]; }
  std::span<const ItemId> ids() const { return ids_; }
  const Half* feature(std::size_t row) const { return features_[row]; }
  std::uint32_t category_index(std::size_t row) const { return categories_[row]; }
  std::optional<std::size_t> row_of(ItemId id) const;

  /// Row numbers are its row ids, category indices its partitions.
  const HammingIndex& index() const { return index_; }

 private:
  std::vector<ItemId> ids_;
  std::vector<const Half*> features_;
  std::vector<std::uint32_t> categories_;
  HammingIndex index_;
};

}  // namespace vitrine::engine
