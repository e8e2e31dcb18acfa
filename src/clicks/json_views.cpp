// SPDX-License-Identifier: MIT
#include <cmath>
#include <nlohmann/json.hpp>
#include <utility>

#include "clicks/view_source.h"
#include "engine/line_reader.h"
#include "engine/manifest_row.h"
#include "vitrine/error.h"

namespace vitrine::clicks {
namespace {

using nlohmann::json;

[[noreturn]] void refuse(const std::string& field, const std::string& expected, const json& found) {
  throw Error(ErrorCode::kCorrupt, field + ": expected " + expected + ", found " + found.type_name());
}

const json& member(const json& object, const std::string& name) {
  const auto found = object.find(name);
  if (found == object.end()) throw Error(ErrorCode::kCorrupt, "expected a field '" + name + "', found none");
  return *found;
}

std::string text_of(const json& object, const std::string& name) {
  const json& value = member(object, name);
  if (!value.is_string()) refuse(name, "a string", value);
  auto text = value.get<std::string>();
  require_text(text, name);
  return text;
}

double time_of(const json& object) {
  const json& value = member(object, "time");
  if (value.is_number() && std::isfinite(value.get<double>())) return value.get<double>();
  if (!value.is_string()) refuse("time", "seconds since the epoch or ISO 8601", value);
  return require_time(value.get<std::string>());
}

bool flag_of(const json& value, const std::string& name) {
  if (value.is_boolean()) return value.get<bool>();
  if (value.is_number_integer() && (value == 0 || value == 1)) return value == 1;
  refuse(name, "true or false", value);
}

std::optional<bool> optional_flag(const json& object, const std::string& name) {
  const auto found = object.find(name);
  if (found == object.end() || found->is_null()) return std::nullopt;
  return flag_of(*found, name);
}

/// `place` is its place in the list, from 1: the position if none is given.
ShownItem item_of(const json& object, std::size_t place) {
  if (!object.is_object()) refuse("items", "objects", object);
  ShownItem item{text_of(object, "item"), place, flag_of(member(object, "clicked"), "clicked"),
                 optional_flag(object, "same_product"), optional_flag(object, "bought")};
  if (const auto position = object.find("position"); position != object.end()) {
    if (!position->is_number_unsigned() || *position == 0)
      refuse("position", "a whole number from 1", *position);
    item.position = position->get<std::size_t>();
  }
  return item;
}

PageView view_of(const engine::Line& line) {
  if (line.text.size() > engine::LineReader::kMaxLineBytes)
    throw Error(ErrorCode::kCorrupt, "the line is longer than 1 MiB");
  const json object = engine::parse_json(line.text);
  if (!object.is_object()) refuse("page view", "a JSON object", object);
  PageView view{line.number, text_of(object, "session"), time_of(object), text_of(object, "query"), {}};
  const json& items = member(object, "items");
  if (!items.is_array()) refuse("items", "an array", items);
  for (const json& item : items) add_item(view, item_of(item, view.items.size() + 1));
  if (view.items.empty()) throw Error(ErrorCode::kCorrupt, "items: expected at least one, found none");
  return view;
}

class JsonViews final : public ViewSource {
 public:
  JsonViews(std::string_view text, LineProblem on_problem)
      : lines_(text), on_problem_(std::move(on_problem)) {}

  std::optional<PageView> next() override {
    while (const std::optional<engine::Line> line = lines_.next()) {
      try {
        return view_of(*line);
      } catch (const Error& error) {
        on_problem_(line->number, error.what());
      }
    }
    return std::nullopt;
  }

  std::size_t remaining_bytes() const override { return lines_.remaining_bytes(); }

 private:
  engine::LineReader lines_;
  LineProblem on_problem_;
};

}  // namespace

std::unique_ptr<ViewSource> json_views(std::string_view text, ViewSource::LineProblem on_problem) {
  return std::make_unique<JsonViews>(text, std::move(on_problem));
}

}  // namespace vitrine::clicks
