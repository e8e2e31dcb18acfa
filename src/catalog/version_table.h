// SPDX-License-Identifier: MIT
#pragma once
/// Rows of the table `versions`: the number of the last change to each key that came with one.
#include <cstdint>
#include <functional>
#include <mutex>
#include <optional>

#include "catalog/database.h"
#include "vitrine/item.h"

namespace vitrine::catalog {

/// Const calls may run concurrently; errors are SQLite's (see database.h).
class VersionTable {
 public:
  /// `read_only` leaves out the statement that changes, and copes with a database that is too old for the
  /// table.
  VersionTable(const Database& database, bool read_only);

  std::optional<std::int64_t> find(const ItemKey& key) const;
  void for_each(const std::function<void(const ItemKey& key, std::int64_t version)>& visit) const;
  /// As part of the running transaction.
  void set(const ItemKey& key, std::int64_t version);

 private:
  const Database& database_;
  mutable std::mutex mutex_;  ///< guards the statements
  mutable Statement find_;    ///< empty: there is no table
  Statement set_;
};

}  // namespace vitrine::catalog
