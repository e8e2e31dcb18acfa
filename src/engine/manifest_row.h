// SPDX-License-Identifier: MIT
#pragma once
/// One line of a manifest, before it is known which of its extra columns are numeric in all lines.
#include <cstddef>
#include <filesystem>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "vitrine/ingest.h"

namespace vitrine::engine {

/// A field that the manifest's author added.
struct ExtraField {
  std::string name;
  nlohmann::json value;
  std::optional<double> number;  ///< the value, if it is a finite number
  bool is_not_finite = false;    ///< the value is written as nan, inf, 1e400
};

struct ManifestRow {
  std::size_t line = 0;
  std::string path;
  std::string product;
  std::string picture;
  std::string category;
  nlohmann::json attributes = nlohmann::json::object();
  std::vector<ExtraField> extras;
};

/// Reads the fields of a manifest's records. `set_*` throw ErrorCode::kCorrupt, with the reason alone as
/// message.
void set_csv_field(ManifestRow& row, const std::string& name, const std::string& text);
ManifestRow row_of_json_line(std::string_view line);

/// The key of the picture at `path`, as written, where product or picture are empty: the path, and the same
/// without its extension.
ItemKey key_of_row(const std::string& path, std::string product, std::string picture);

/// Parses JSON of limited depth. ErrorCode::kCorrupt with the reason; for NaN, Infinity or 1e400 it names the
/// field.
nlohmann::json parse_json(std::string_view text);

}  // namespace vitrine::engine
