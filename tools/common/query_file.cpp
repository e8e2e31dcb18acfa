// SPDX-License-Identifier: MIT
#include "common/query_file.h"

#include <algorithm>
#include <optional>
#include <string>
#include <string_view>

#include "base/mapped_file.h"
#include "engine/csv_reader.h"
#include "vitrine/error.h"

namespace vitrine::tools {
namespace {

using Fields = std::vector<std::string>;

std::optional<std::size_t> column(const Fields& header, std::string_view name) {
  const auto found = std::find(header.begin(), header.end(), name);
  return found == header.end() ? std::nullopt : std::optional<std::size_t>(found - header.begin());
}

std::size_t required_column(const Fields& header, std::string_view name, const std::filesystem::path& file) {
  const std::optional<std::size_t> index = column(header, name);
  if (!index) {
    throw Error(ErrorCode::kCorrupt, "'" + file.string() + "' has no column '" + std::string(name) +
                                         "' in its first line; expected path,product[,category]");
  }
  return *index;
}

}  // namespace

QueryFile read_query_file(const std::filesystem::path& file, const std::filesystem::path& root) {
  const base::MappedFile mapped(file);
  engine::CsvReader reader({reinterpret_cast<const char*>(mapped.bytes().data()), mapped.bytes().size()});
  const std::optional<engine::CsvRecord> first = reader.next();
  const Fields header = first ? first->fields : Fields();
  const std::size_t path = required_column(header, "path", file);
  const std::size_t product = required_column(header, "product", file);
  const std::optional<std::size_t> category = column(header, "category");
  QueryFile result;
  while (const std::optional<engine::CsvRecord> record = reader.next()) {
    const std::string place = file.string() + ":" + std::to_string(record->line);
    if (!record->problem.empty()) {
      result.bad_lines.push_back({place, record->problem});
    } else if (record->fields.size() != header.size()) {
      result.bad_lines.push_back({place, "expected " + std::to_string(header.size()) + " fields, found " +
                                             std::to_string(record->fields.size())});
    } else {
      result.queries.push_back({.path = (root / record->fields[path]).string(),
                                .product = record->fields[product],
                                .category = category ? record->fields[*category] : std::string()});
    }
  }
  return result;
}

}  // namespace vitrine::tools
