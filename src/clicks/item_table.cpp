// SPDX-License-Identifier: MIT
#include "clicks/item_table.h"

#include "vitrine/error.h"

namespace vitrine::clicks {

ItemTable::ItemTable(const Catalog& catalog) : catalog_(catalog) {
  std::unordered_map<std::string, std::uint32_t> product_indices;
  catalog.for_each_row([&](const Catalog::Row& row) {
    const std::optional<Item> item = catalog.item(row.id);
    if (!item) return;
    const auto index = static_cast<std::uint32_t>(rows_.size());
    const auto [product, is_new] =
        product_indices.emplace(item->key.product, static_cast<std::uint32_t>(products_.size()));
    if (is_new) products_.push_back(item->key.product);
    rows_.push_back(
        {row.id, row.feature, row.code, product->second, item->key.product + '/' + item->key.picture});
    rows_of_product_[item->key.product].push_back(index);
    row_of_key_.emplace(rows_.back().key, index);
  });
}

std::span<const std::uint32_t> ItemTable::find(const std::string& name) const {
  if (const auto found = row_of_key_.find(name); found != row_of_key_.end()) return {&found->second, 1};
  if (const auto found = rows_of_product_.find(name); found != rows_of_product_.end()) return found->second;
  return {};
}

Item ItemTable::item(std::uint32_t index) const {
  const std::optional<Item> item = catalog_.item(rows_[index].id);
  if (!item)
    throw Error(ErrorCode::kInternal, "the catalogue '" + catalog_.folder().string() + "' lost item " +
                                          std::to_string(rows_[index].id) + " while it was open");
  return *item;
}

}  // namespace vitrine::clicks
