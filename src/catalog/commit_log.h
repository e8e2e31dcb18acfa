// SPDX-License-Identifier: MIT
#pragma once
/// What the last commits changed, so that readers can follow a writer without reading everything: which items
/// went or changed, commit by commit. New items need no note, since their ids are larger than all before.
#include <cstdint>
#include <optional>
#include <vector>

#include "catalog/database.h"
#include "vitrine/item.h"

namespace vitrine::catalog {

class CommitLog {
 public:
  explicit CommitLog(const Database& database) : database_(database) {}

  // For the writer.

  /// The item is gone, or what an index knows of it may be different.
  void touch(ItemId id);
  /// So may be all items.
  void touch_all() { all_ = true; }
  /// Notes what was touched, as part of the running transaction that leads to this state, and forgets what is
  /// old.
  void write(std::uint64_t state);
  /// After the commit, or instead of it.
  void clear() noexcept;

  // For a reader.

  /// The items that were touched since this state was committed, ascending; nothing if that is not known: the
  /// state is none of the last ones, or too much has changed.
  std::optional<std::vector<ItemId>> touched_since(std::uint64_t state) const;

 private:
  const Database& database_;
  std::vector<ItemId> touched_;
  bool all_ = false;
};

}  // namespace vitrine::catalog
