// SPDX-License-Identifier: MIT
#include "engine/manifest_row.h"

#include <utility>

#include "engine/number_reader.h"
#include "engine/printable_name.h"
#include "vitrine/error.h"

namespace vitrine::engine {
namespace {

using nlohmann::json;

/// Deep nesting would exhaust the stack of whoever walks the value.
constexpr std::size_t kMaxDepth = 32;

[[noreturn]] void refuse(const std::string& reason) {
  throw Error(ErrorCode::kCorrupt, reason);
}

void check_depth(std::string_view text) {
  std::size_t depth = 0;
  bool in_string = false;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const char c = text[i];
    if (in_string) {
      if (c == '\\') ++i;
      in_string = c != '"';
    } else if (c == '"') {
      in_string = true;
    } else if (c == '[' || c == '{') {
      if (++depth > kMaxDepth) refuse("JSON nested deeper than " + std::to_string(kMaxDepth) + " levels");
    } else if ((c == ']' || c == '}') && depth > 0) {
      --depth;
    }
  }
}

std::string* text_field(ManifestRow& row, std::string_view name) {
  if (name == "path") return &row.path;
  if (name == "product") return &row.product;
  if (name == "picture") return &row.picture;
  if (name == "category") return &row.category;
  return nullptr;
}

bool is_known_field(std::string_view name) {
  ManifestRow none;
  return name == "attributes" || text_field(none, name) != nullptr;
}

// Columns whose value is written as NaN, Infinity or 1e400, which `line` has as null afterwards: it is no
// reason to lose all of the line. Elsewhere such words stay.
std::vector<ExtraField> take_non_finite_columns(std::string& line) {
  std::vector<ExtraField> columns;
  const std::vector<NonFiniteWord> words = find_non_finite(line);
  for (auto word = words.rbegin(); word != words.rend(); ++word) {
    if (!word->is_value_of_field || is_known_field(word->field)) continue;
    columns.push_back({word->field, line.substr(word->begin, word->length), std::nullopt, true});
    line.replace(word->begin, word->length, "null");
  }
  return columns;
}

void set_attributes(ManifestRow& row, json value) {
  if (!value.is_object())
    refuse("attributes: expected a JSON object, found " + std::string(value.type_name()));
  row.attributes = std::move(value);
}

}  // namespace

json parse_json(std::string_view text) {
  check_depth(text);
  try {
    return json::parse(text);
  } catch (const json::exception& error) {
    for (const NonFiniteWord& word : find_non_finite(text))
      refuse((word.field.empty() ? "" : word.field + ": ") +
             std::string(text.substr(word.begin, word.length)) +
             " is no finite number, and JSON has no other; write null where there is none");
    const std::string_view what = error.what();
    const std::size_t prefix_end = what.find("] ");  // "[json.exception.parse_error.101] ..."
    refuse("not valid JSON: " +
           std::string(prefix_end == std::string_view::npos ? what : what.substr(prefix_end + 2)));
  }
}

void set_csv_field(ManifestRow& row, const std::string& name, const std::string& text) {
  if (text.empty()) return;
  if (name != "path" && !is_valid_utf8(text)) refuse(name + ": not UTF-8; save the manifest as UTF-8");
  if (std::string* field = text_field(row, name)) {
    *field = text;
  } else if (name == "attributes") {
    set_attributes(row, parse_json(text));
  } else {
    const NumberText number = read_number(text);
    row.extras.push_back({name, text, number.number, number.is_not_finite});
  }
}

ManifestRow row_of_json_line(std::string_view line) {
  std::string repaired(line);
  std::vector<ExtraField> non_finite = take_non_finite_columns(repaired);
  json object = parse_json(repaired);
  if (!object.is_object()) refuse("expected a JSON object, found " + std::string(object.type_name()));
  ManifestRow row;
  for (auto& [name, value] : object.items()) {
    if (value.is_null()) continue;
    if (std::string* field = text_field(row, name)) {
      if (!value.is_string()) refuse(name + ": expected a string, found " + std::string(value.type_name()));
      *field = value.get<std::string>();
    } else if (name == "attributes") {
      set_attributes(row, std::move(value));
    } else {
      const auto number = value.is_number() ? std::optional(value.get<double>()) : std::nullopt;
      const bool is_not_finite = value.is_string() && read_number(value.get<std::string>()).is_not_finite;
      row.extras.push_back({name, std::move(value), number, is_not_finite});
    }
  }
  row.extras.insert(row.extras.end(), std::make_move_iterator(non_finite.begin()),
                    std::make_move_iterator(non_finite.end()));
  return row;
}

ItemKey key_of_row(const std::string& path, std::string product, std::string picture) {
  const std::filesystem::path written(path);
  if (picture.empty()) picture = printable_name(path);
  if (product.empty()) product = printable_name((written.parent_path() / written.stem()).string());
  return {std::move(product), std::move(picture)};
}

}  // namespace vitrine::engine
