// SPDX-License-Identifier: MIT
#include "catalog/categories.h"

#include "vitrine/error.h"

namespace vitrine::catalog {

Categories::Categories(const Database& database) : database_(database) {
  Statement statement =
      database_.prepare("SELECT category_index, name FROM categories ORDER BY category_index");
  while (statement.step()) {
    if (statement.integer(0) != static_cast<std::int64_t>(names_.size())) {
      throw Error(ErrorCode::kCorrupt, "the catalogue's database is damaged: category " +
                                           std::to_string(names_.size()) + " is missing");
    }
    indices_.emplace(statement.bytes(1), static_cast<std::uint32_t>(names_.size()));
    names_.emplace_back(statement.bytes(1));
  }
  keep();
}

void Categories::forget() noexcept {
  for (; names_.size() > num_kept_; names_.pop_back()) indices_.erase(names_.back());
}

std::uint32_t Categories::index_of(std::string_view name) {
  const auto known = indices_.find(name);
  if (known != indices_.end()) return known->second;
  const auto index = static_cast<std::uint32_t>(names_.size());
  database_.prepare("INSERT INTO categories VALUES(?, ?)").bind(1, index).bind_bytes(2, name).run();
  names_.emplace_back(name);
  indices_.emplace(name, index);
  return index;
}

}  // namespace vitrine::catalog
