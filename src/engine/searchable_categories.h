// SPDX-License-Identifier: MIT
#pragma once
#include <string>
#include <vector>

#include "engine/search_table.h"
#include "vitrine/catalog.h"

namespace vitrine::engine {

/// Catalog::category_names(), with the names of categories that no item has left empty.
std::vector<std::string> searchable_categories(const Catalog& catalog, const SearchTable& table);

}  // namespace vitrine::engine
