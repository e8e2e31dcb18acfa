// SPDX-License-Identifier: MIT
#pragma once
/// The catalogue's items by the names that logs give them.
#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <unordered_map>
#include <vector>

#include "vitrine/catalog.h"

namespace vitrine::clicks {

struct ItemRow {
  ItemId id = 0;
  const Half* feature = nullptr;    ///< `[feature_dim]`, owned by the catalogue
  std::span<const std::byte> code;  ///< `[code_bits / 8]`, likewise
  std::uint32_t product_index = 0;
  std::string key;  ///< "<product>/<picture>"
};

/// Immutable; all calls may run concurrently. The catalogue must outlive it unchanged.
class ItemTable {
 public:
  explicit ItemTable(const Catalog& catalog);

  /// The rows that a name in a log stands for: the item of that key, or all pictures of that product; empty
  /// if there are none. A name that is both is taken for the key.
  std::span<const std::uint32_t> find(const std::string& name) const;

  std::size_t size() const { return rows_.size(); }
  const ItemRow& row(std::uint32_t index) const { return rows_[index]; }
  std::size_t num_products() const { return products_.size(); }
  const std::string& product(std::uint32_t product_index) const { return products_[product_index]; }
  Item item(std::uint32_t index) const;
  const Catalog& catalog() const { return catalog_; }

 private:
  const Catalog& catalog_;
  std::vector<ItemRow> rows_;
  std::vector<std::string> products_;
  std::unordered_map<std::string, std::vector<std::uint32_t>> rows_of_product_;
  std::unordered_map<std::string, std::uint32_t> row_of_key_;
};

}  // namespace vitrine::clicks
