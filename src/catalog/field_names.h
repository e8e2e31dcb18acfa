// SPDX-License-Identifier: MIT
#pragma once
/// The names that selections can use besides the fixed columns: every quality column and attribute key ever
/// stored. Kept in a table, because finding them in the items would mean reading all of them.
#include <set>
#include <string>
#include <tuple>
#include <vector>

#include "catalog/attributes.h"
#include "catalog/database.h"

namespace vitrine::catalog {

enum class FieldKind { kQuality = 0, kAttribute = 1 };

struct Field {
  FieldKind kind = FieldKind::kQuality;
  FieldName name;
};

class FieldNames {
 public:
  explicit FieldNames(const Database& database) : database_(database) {}

  /// Stores what is new, as part of the running transaction.
  void add(FieldKind kind, const std::vector<FieldName>& names);
  /// Forgets what was added since the last commit.
  void forget() noexcept { known_.clear(); }

  std::vector<Field> all() const;

 private:
  const Database& database_;
  /// A shortcut around the table; may lack names, never has one that the table lacks.
  std::set<std::tuple<FieldKind, std::string, bool>> known_;
};

}  // namespace vitrine::catalog
