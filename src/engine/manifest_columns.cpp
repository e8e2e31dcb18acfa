// SPDX-License-Identifier: MIT
#include "engine/manifest_columns.h"

#include "engine/shown_value.h"

namespace vitrine::engine {
namespace {

// A value in a thousand that is wrong shall not take the numbers from all others; a column of sizes, some
// 38 and some M, is none of numbers.
constexpr std::size_t kNumbersToOneOther = 9;

}  // namespace

bool ManifestColumns::Column::is_numeric() const {
  return num_numbers >= kNumbersToOneOther * num_others;
}

void ManifestColumns::add(std::size_t line, const ExtraField& field) {
  Column& column = columns_[field.name];
  if (field.number) {
    ++column.num_numbers;
    return;
  }
  ++(field.is_not_finite ? column.num_not_finite : column.num_others);
  if (column.first_odd_line != 0) return;
  column.first_odd_line = line;
  column.first_odd_value = shown_value(field.value);
}

bool ManifestColumns::is_numeric(const std::string& name) const {
  const auto column = columns_.find(name);
  return column != columns_.end() && column->second.is_numeric();
}

std::vector<IngestFailure> ManifestColumns::warnings(const std::string& manifest) const {
  std::vector<IngestFailure> warnings;
  for (const auto& [name, column] : columns_) {
    const std::size_t num_odd = column.num_not_finite + column.num_others;
    const bool is_numeric = column.is_numeric();
    if (num_odd == 0 || (!is_numeric && column.num_numbers <= num_odd)) continue;
    const std::string finding = "column '" + name + "': " + std::to_string(num_odd) + " of " +
                                std::to_string(column.num_numbers + num_odd) +
                                " values are no finite numbers, the first is " + column.first_odd_value;
    warnings.push_back(
        {manifest + ":" + std::to_string(column.first_odd_line),
         finding + (is_numeric
                        ? "; they count as missing; correct them, or leave them empty"
                        : "; that is more than a tenth, so the column is an attribute and no search "
                          "can rank by it; if it is one of numbers, correct them, or leave them empty")});
  }
  return warnings;
}

}  // namespace vitrine::engine
