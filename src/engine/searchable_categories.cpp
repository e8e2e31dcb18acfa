// SPDX-License-Identifier: MIT
#include "engine/searchable_categories.h"

namespace vitrine::engine {

std::vector<std::string> searchable_categories(const Catalog& catalog, const SearchTable& table) {
  const std::vector<std::string>& known = catalog.category_names();
  std::vector<std::string> names(known.size());
  for (std::size_t row = 0; row < table.size(); ++row) {
    const std::uint32_t category = table.category_index(row);
    if (category < known.size() && names[category].empty()) names[category] = known[category];
  }
  return names;
}

}  // namespace vitrine::engine
