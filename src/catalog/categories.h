// SPDX-License-Identifier: MIT
#pragma once
/// Category names and their dense, stable numbers, in order of first use. "No category" is the empty name.
#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "catalog/database.h"

namespace vitrine::catalog {

class Categories {
 public:
  /// Errors: kCorrupt if the numbers have gaps.
  explicit Categories(const Database& database);

  const std::vector<std::string>& names() const { return names_; }
  /// Adds the name if it is new, as part of the running transaction.
  std::uint32_t index_of(std::string_view name);
  /// Names added since the last keep() become permanent, or are forgotten.
  void keep() noexcept { num_kept_ = names_.size(); }
  void forget() noexcept;

 private:
  const Database& database_;
  std::vector<std::string> names_;
  std::map<std::string, std::uint32_t, std::less<>> indices_;
  std::size_t num_kept_ = 0;
};

}  // namespace vitrine::catalog
