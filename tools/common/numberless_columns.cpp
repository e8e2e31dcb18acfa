// SPDX-License-Identifier: MIT
#include "common/numberless_columns.h"

namespace vitrine::tools {

void NumberlessColumns::add(const QueryAnswer& answer) {
  add(answer.result);
  for (const SearchResult& object : answer.objects) add(object);
}

void NumberlessColumns::add(const SearchResult& result) {
  for (const Hit& hit : result.hits) {
    if (!hit.quality) continue;
    for (const HitQualityPart& part : hit.quality->parts) {
      bool& has_numbers = has_numbers_[part.column];
      has_numbers = has_numbers || part.value.has_value();
    }
  }
}

std::vector<std::string> NumberlessColumns::names() const {
  std::vector<std::string> names;
  for (const auto& [name, has_numbers] : has_numbers_)
    if (!has_numbers) names.push_back(name);
  return names;
}

}  // namespace vitrine::tools
