// SPDX-License-Identifier: MIT
#pragma once
/// The two JSON columns of an item: attributes (the caller's, any object) and quality (ours, names to
/// numbers).
#include <map>
#include <string>
#include <string_view>
#include <vector>

namespace vitrine::catalog {

/// A top-level key as it can be asked for in a selection.
struct FieldName {
  std::string name;
  /// The key may be written with escapes in the JSON text, where SQLite's paths do not find it.
  bool escaped = false;
};

/// The top-level keys of an object. Errors: kInvalidArgument if the text is not one JSON object, is nested
/// deeper than SQLite reads, or is longer than 8 MiB.
std::vector<FieldName> check_attributes(std::string_view json);

/// Errors: kInvalidArgument for names that are not UTF-8 and numbers that are not finite.
std::string quality_to_json(const std::map<std::string, double>& quality);
std::vector<FieldName> quality_fields(const std::map<std::string, double>& quality);
/// Errors: kCorrupt.
std::map<std::string, double> quality_from_json(std::string_view json);

}  // namespace vitrine::catalog
