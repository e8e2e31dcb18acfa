// SPDX-License-Identifier: MIT
#include "catalog/field_names.h"

namespace vitrine::catalog {

void FieldNames::add(FieldKind kind, const std::vector<FieldName>& names) {
  for (const FieldName& field : names) {
    if (known_.contains({kind, field.name, field.escaped})) continue;
    database_.prepare("INSERT OR IGNORE INTO fields VALUES(?, ?, ?)")
        .bind(1, static_cast<std::int64_t>(kind))
        .bind_text(2, field.name)
        .bind(3, field.escaped ? 1 : 0)
        .run();
    known_.insert({kind, field.name, field.escaped});
  }
}

std::vector<Field> FieldNames::all() const {
  // A key seen with and without escapes counts as escaped, which finds it in both spellings.
  Statement statement = database_.prepare("SELECT kind, name, max(escaped) FROM fields GROUP BY kind, name");
  std::vector<Field> fields;
  while (statement.step()) {
    const FieldKind kind = statement.integer(0) == 0 ? FieldKind::kQuality : FieldKind::kAttribute;
    fields.push_back({kind, {std::string(statement.bytes(1)), statement.integer(2) != 0}});
  }
  return fields;
}

}  // namespace vitrine::catalog
