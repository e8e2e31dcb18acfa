// SPDX-License-Identifier: MIT
#include "catalog/version_table.h"

#include "catalog/schema.h"

namespace vitrine::catalog {

VersionTable::VersionTable(const Database& database, bool read_only) : database_(database) {
  if (read_only && is_older_version(database)) return;
  find_ = database.prepare("SELECT version FROM versions WHERE product = ? AND picture = ?");
  if (!read_only) set_ = database.prepare("INSERT OR REPLACE INTO versions VALUES(?, ?, ?)");
}

std::optional<std::int64_t> VersionTable::find(const ItemKey& key) const {
  if (!find_) return std::nullopt;
  const std::lock_guard lock(mutex_);
  const ResetAtEnd reset_at_end(find_);
  find_.bind_bytes(1, key.product).bind_bytes(2, key.picture);
  if (!find_.step()) return std::nullopt;
  return find_.integer(0);
}

void VersionTable::for_each(
    const std::function<void(const ItemKey& key, std::int64_t version)>& visit) const {
  if (!find_) return;
  Statement statement = database_.prepare("SELECT product, picture, version FROM versions");
  while (statement.step()) {
    visit({std::string(statement.bytes(0)), std::string(statement.bytes(1))}, statement.integer(2));
  }
}

void VersionTable::set(const ItemKey& key, std::int64_t version) {
  set_.bind_bytes(1, key.product).bind_bytes(2, key.picture).bind(3, version).run();
}

}  // namespace vitrine::catalog
