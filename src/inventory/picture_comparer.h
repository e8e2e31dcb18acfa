// SPDX-License-Identifier: MIT
#pragma once
/// Compares the pictures of a catalogue's items by looking at them. Thread-safe.
#include <cstddef>
#include <memory>
#include <mutex>
#include <string>
#include <unordered_map>
#include <unordered_set>

#include "inventory/picture_likeness.h"
#include "vitrine/catalog.h"

namespace vitrine::inventory {

class PictureComparer {
 public:
  /// `catalog` must outlive it.
  PictureComparer(const Catalog& catalog, double min_correlation)
      : catalog_(catalog), min_correlation_(min_correlation) {}

  /// Whether two items show one picture: the files are equal, or both can be read and are alike. Pictures are
  /// decoded only where files differ.
  bool same_picture(ItemId left, ItemId right);

  /// Items whose picture could not be read, or has nothing to compare.
  std::size_t num_unseen() const;

 private:
  struct Known {
    ContentHash hash;
    std::string path;
    bool is_seen = false;
    std::shared_ptr<const PictureLook> look = nullptr;  // once seen; null if there is nothing to compare
  };
  Known known(ItemId id, bool look);

  const Catalog& catalog_;
  double min_correlation_;
  mutable std::mutex mutex_;
  std::unordered_map<ItemId, Known> known_;
  std::unordered_set<ItemId> unseen_;
};

}  // namespace vitrine::inventory
