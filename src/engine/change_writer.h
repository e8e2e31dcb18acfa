// SPDX-License-Identifier: MIT
#pragma once
/// Applies changes whose pictures are ready to the catalogue, one after the other.
#include <cstddef>
#include <span>
#include <string>
#include <unordered_set>

#include "engine/change_pictures.h"
#include "vitrine/changes.h"

namespace vitrine::engine {

/// Serves one run of changes, in which no change with a picture follows another one of the same key.
class ChangeWriter {
 public:
  /// All arguments outlive the writer; `catalog` and `report` are changed. `first_index` is that of the first
  /// of `changes`, for the report.
  ChangeWriter(Catalog& catalog, std::span<const ItemChange> changes, const ChangePictures& pictures,
               std::size_t first_index, ChangeReport& report)
      : catalog_(catalog),
        changes_(changes),
        pictures_(pictures),
        first_index_(first_index),
        report_(report) {
    for (std::string& column : catalog.quality_columns()) numeric_columns_.insert(std::move(column));
  }

  /// False if the change's picture was not reached; nothing is done then. Changes come in their order.
  bool apply(std::size_t i);

  /// Removes what is to be removed: until here, items of the same content can share their rows.
  void finish();

 private:
  std::string make(const ItemChange& change, const ChangePicture& picture);
  std::string upsert(const ItemChange& change, const ChangePicture& picture);
  std::string add_picture(Item item, const ChangePicture& picture);
  std::string update(const ItemChange& change);
  std::string remove(const ItemChange& change);
  void warn_of_texts(std::size_t i);
  void replace_metadata(ItemId id, const Item& old, const Item& item);
  std::optional<ItemId> find(const ItemKey& key) const;

  Catalog& catalog_;
  std::span<const ItemChange> changes_;
  const ChangePictures& pictures_;
  std::size_t first_index_;
  ChangeReport& report_;
  std::unordered_set<ItemId> removed_;
  std::unordered_set<std::string> numeric_columns_;  ///< that the catalogue knew before these changes
};

}  // namespace vitrine::engine
