// SPDX-License-Identifier: MIT
#include "engine/searchable_categories.h"

#include <algorithm>

namespace vitrine::engine {

std::vector<std::string> searchable_categories(const Catalog& catalog, const SearchTable& table) {
  const std::vector<std::string>& known = catalog.category_names();
  std::vector<std::string> names(known.size());
  const std::span<const std::uint64_t> counts = table.category_counts();
  for (std::size_t category = 0; category < std::min(known.size(), counts.size()); ++category)
    if (counts[category] > 0) names[category] = known[category];
  return names;
}

}  // namespace vitrine::engine
