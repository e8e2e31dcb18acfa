// SPDX-License-Identifier: MIT
#pragma once
/// Items for which an SQL expression holds; see Catalog::select.
#include <string_view>
#include <vector>

#include "catalog/database.h"
#include "catalog/field_names.h"
#include "vitrine/catalog.h"

namespace vitrine::catalog {

/// Ascending ids. Other threads' statements on the connection wait until it returns, which an operation
/// budget bounds. Errors: kInvalidArgument (see check_expression, and values SQLite cannot compute),
/// kResource if the budget ends.
std::vector<ItemId> select_items(const Database& database, const FieldNames& fields, std::string_view where);

}  // namespace vitrine::catalog
