// SPDX-License-Identifier: MIT
// The part of Store that counts.
#include <system_error>

#include "catalog/store.h"

namespace vitrine::catalog {

CatalogStats Store::stats() const {
  CatalogStats stats;
  for (const auto& segment : segments_) stats.num_rows += segment->extent().num_rows;
  stats.num_rows += pending_.size();
  stats.num_segments = segments_.size();
  Statement statement = database_->prepare(
      "SELECT c.name, count(*) FROM items INDEXED BY items_rows JOIN categories AS c USING(category_index) "
      "GROUP BY category_index ORDER BY count(*) DESC, c.name");
  while (statement.step()) {
    const auto count = static_cast<std::uint64_t>(statement.integer(1));
    stats.categories.emplace_back(statement.bytes(0), count);
    stats.num_items += count;
  }
  // A writer's log files may come and go meanwhile: what cannot be measured counts nothing.
  std::error_code error;
  for (std::filesystem::recursive_directory_iterator it(folder_, error), end; !error && it != end;
       it.increment(error)) {
    std::error_code unmeasured;
    const auto size_bytes = it->file_size(unmeasured);
    if (!unmeasured) stats.disk_bytes += size_bytes;
  }
  return stats;
}

// Items that share a row make this less eager than it could be: telling how many do would take longer than
// most commits.
bool Store::is_worth_compacting() const {
  Statement count = database_->prepare("SELECT count(*) FROM items INDEXED BY items_rows");
  count.step();
  std::uint64_t num_rows = 0;
  for (const auto& segment : segments_) num_rows += segment->extent().num_rows;
  return num_rows > 2 * static_cast<std::uint64_t>(count.integer(0));
}

}  // namespace vitrine::catalog
