// SPDX-License-Identifier: MIT
#pragma once
/// Rows of the table `items` as values. Const calls may run concurrently; errors are SQLite's (see
/// database.h).
#include <cstdint>
#include <functional>
#include <mutex>
#include <optional>

#include "catalog/database.h"
#include "vitrine/catalog.h"

namespace vitrine::catalog {

/// Where code and feature of an item lie.
using Place = RowAddress;

/// What the index needs of an item.
struct ItemPlace {
  ItemId id = 0;
  Place place;
  std::uint32_t category_index = 0;
};

class ItemTable {
 public:
  /// `read_only` leaves out the statements that change.
  ItemTable(const Database& database, bool read_only);

  /// Replaces an item of the same key; `attributes_json` and `quality_json` were checked by the caller.
  ItemId insert(const Item& item, std::uint32_t category_index, const std::string& quality_json, Place place);
  /// Leaves the key as it is.
  void update(ItemId id, const Item& item, std::uint32_t category_index, const std::string& quality_json);
  bool remove(ItemId id);
  void move(ItemId id, Place place);

  std::optional<Item> item(ItemId id) const;
  std::optional<ItemPlace> place(ItemId id) const;
  std::optional<ItemId> find(const ItemKey& key) const;
  std::optional<ItemId> find_by_hash(const ContentHash& hash) const;
  ItemId largest_id() const;
  std::vector<ItemId> items_of(std::string_view product) const;

  // Ascending by id.
  void for_each_file(const std::function<void(const FileState&)>& visit) const;
  void for_each_place(const std::function<void(const ItemPlace&)>& visit, ItemId first = 0) const;

 private:
  const Database& database_;
  /// Guards the prepared statements below; the iterations prepare their own.
  mutable std::mutex mutex_;
  mutable Statement item_;
  mutable Statement place_;
  mutable Statement find_;
  mutable Statement find_by_hash_;
  Statement insert_;
  Statement update_;
  Statement update_indexed_;
  Statement remove_;
  Statement move_;
};

}  // namespace vitrine::catalog
