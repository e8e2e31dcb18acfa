// SPDX-License-Identifier: MIT
#include "engine/manifest_row.h"

#include <charconv>
#include <cmath>
#include <system_error>
#include <utility>

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

std::optional<double> finite_number(std::string_view text) {
  double number = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (error != std::errc{} || end != text.data() + text.size() || !std::isfinite(number)) return std::nullopt;
  return number;
}

std::string* text_field(ManifestRow& row, std::string_view name) {
  if (name == "path") return &row.path;
  if (name == "product") return &row.product;
  if (name == "picture") return &row.picture;
  if (name == "category") return &row.category;
  return nullptr;
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
    row.extras.push_back({name, text, finite_number(text)});
  }
}

ManifestRow row_of_json_line(std::string_view line) {
  json object = parse_json(line);
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
      row.extras.push_back({name, std::move(value), number});
    }
  }
  return row;
}

ItemKey key_of_row(const std::string& path, std::string product, std::string picture) {
  const std::filesystem::path written(path);
  if (picture.empty()) picture = printable_name(path);
  if (product.empty()) product = printable_name((written.parent_path() / written.stem()).string());
  return {std::move(product), std::move(picture)};
}

}  // namespace vitrine::engine
