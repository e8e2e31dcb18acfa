// SPDX-License-Identifier: MIT
// The part of Store that counts.
#include <system_error>

#include "catalog/store.h"

namespace vitrine::catalog {

CatalogStats Store::stats() const {
  CatalogStats stats;
  for (const Segment& segment : segments_) stats.num_rows += segment.extent().num_rows;
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

}  // namespace vitrine::catalog
