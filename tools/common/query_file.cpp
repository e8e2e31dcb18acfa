// SPDX-License-Identifier: MIT
#include "common/query_file.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <optional>
#include <stdexcept>
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

constexpr std::array<std::string_view, 4> kBoxColumns = {"x0", "y0", "x1", "y1"};

// Unset if no column is there; some of the four are none.
std::optional<std::array<std::size_t, 4>> box_columns(const Fields& header) {
  std::array<std::size_t, 4> columns{};
  for (std::size_t i = 0; i < columns.size(); ++i) {
    const std::optional<std::size_t> index = column(header, kBoxColumns[i]);
    if (!index) return std::nullopt;
    columns[i] = *index;
  }
  return columns;
}

// Unset if all fields are empty. Throws std::invalid_argument with what is wrong.
std::optional<BoxPx> box_of(const Fields& fields, const std::array<std::size_t, 4>& columns) {
  std::array<int, 4> edges{};
  std::size_t num_empty = 0;
  for (std::size_t i = 0; i < edges.size(); ++i) {
    const std::string& field = fields[columns[i]];
    if (field.empty()) {
      ++num_empty;
      continue;
    }
    const auto [end, error] = std::from_chars(field.data(), field.data() + field.size(), edges[i]);
    if (error != std::errc() || end != field.data() + field.size()) {
      throw std::invalid_argument("expected a whole number of pixels in column '" +
                                  std::string(kBoxColumns[i]) + "', found '" + field + "'");
    }
  }
  if (num_empty == edges.size()) return std::nullopt;
  const BoxPx box{edges[0], edges[1], edges[2], edges[3]};
  if (num_empty > 0 || box.empty()) throw std::invalid_argument("expected a box x0 < x1, y0 < y1");
  return box;
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
  const auto box = box_columns(header);
  QueryFile result;
  while (const std::optional<engine::CsvRecord> record = reader.next()) {
    const std::string place = file.string() + ":" + std::to_string(record->line);
    if (!record->problem.empty()) {
      result.bad_lines.push_back({place, record->problem});
    } else if (record->fields.size() != header.size()) {
      result.bad_lines.push_back({place, "expected " + std::to_string(header.size()) + " fields, found " +
                                             std::to_string(record->fields.size())});
    } else {
      try {
        for (const std::size_t needed : {path, product})
          if (record->fields[needed].empty()) throw std::invalid_argument("no " + header[needed]);
        result.queries.push_back({.path = (root / record->fields[path]).string(),
                                  .product = record->fields[product],
                                  .category = category ? record->fields[*category] : std::string(),
                                  .box_px = box ? box_of(record->fields, *box) : std::nullopt});
      } catch (const std::invalid_argument& problem) {
        result.bad_lines.push_back({place, problem.what()});
      }
    }
  }
  return result;
}

}  // namespace vitrine::tools
