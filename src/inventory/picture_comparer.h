// SPDX-License-Identifier: MIT
#pragma once
/// Compares the pictures of a catalogue's items by looking at them. Thread-safe.
#include <cstddef>
#include <memory>
#include <mutex>
#include <unordered_map>

#include "inventory/picture_likeness.h"
#include "vitrine/catalog.h"

namespace vitrine::inventory {

class PictureComparer {
 public:
  /// `catalog` must outlive it.
  PictureComparer(const Catalog& catalog, double min_correlation)
      : catalog_(catalog), min_correlation_(min_correlation) {}

  /// Whether two items show one picture: the files are equal, or both can be read and are alike.
  bool same_picture(ItemId left, ItemId right);

  /// Items whose picture could not be read, or has nothing to compare.
  std::size_t num_unseen() const;

 private:
  // What is known of an item; `look` is null if its picture could not be read.
  struct Seen {
    ContentHash hash;
    std::shared_ptr<const PictureLook> look;
  };
  Seen seen(ItemId id);

  const Catalog& catalog_;
  double min_correlation_;
  mutable std::mutex mutex_;
  std::unordered_map<ItemId, Seen> known_;
  std::size_t num_unseen_ = 0;
};

}  // namespace vitrine::inventory
