// SPDX-License-Identifier: MIT
// parse_change: one JSON object to one change.
#include <limits>
#include <string>
#include <utility>

#include "engine/manifest_row.h"
#include "vitrine/changes.h"
#include "vitrine/error.h"

namespace vitrine {
namespace {

using nlohmann::json;

[[noreturn]] void refuse(const std::string& reason) {
  throw Error(ErrorCode::kCorrupt, reason);
}

[[noreturn]] void refuse_type(const std::string& field, const char* expected, const json& found) {
  refuse(field + ": expected " + expected + ", found " + found.type_name());
}

/// Takes the fields out of the object, so that those nobody asked for remain.
class Record {
 public:
  explicit Record(std::string_view text) : object_(engine::parse_json(text)) {
    if (!object_.is_object()) refuse("expected a JSON object, found " + std::string(object_.type_name()));
  }

  /// Nothing if it is missing or null.
  std::optional<json> take(const std::string& name) {
    const auto found = object_.find(name);
    if (found == object_.end()) return std::nullopt;
    json value = std::move(*found);
    object_.erase(found);
    if (value.is_null()) return std::nullopt;
    return value;
  }

  std::optional<std::string> take_text(const std::string& name) {
    const std::optional<json> value = take(name);
    if (!value) return std::nullopt;
    if (!value->is_string()) refuse_type(name, "a string", *value);
    return value->get<std::string>();
  }

  std::optional<std::int64_t> take_integer(const std::string& name) {
    const std::optional<json> value = take(name);
    if (!value) return std::nullopt;
    if (!value->is_number_integer()) refuse_type(name, "an integer", *value);
    constexpr auto kLargest = static_cast<std::uint64_t>(std::numeric_limits<std::int64_t>::max());
    if (value->is_number_unsigned() && value->get<std::uint64_t>() > kLargest)
      refuse(name + ": expected at most " + std::to_string(kLargest));
    return value->get<std::int64_t>();
  }

  bool is_null(const std::string& name) const { return object_.contains(name) && object_[name].is_null(); }
  const json& rest() const { return object_; }

 private:
  json object_;
};

ItemChange::Kind take_kind(Record& record) {
  const std::string op = record.take_text("op").value_or("upsert");
  if (op == "upsert") return ItemChange::Kind::kUpsert;
  if (op == "update") return ItemChange::Kind::kUpdate;
  if (op == "delete") return ItemChange::Kind::kRemove;
  refuse("op: expected upsert, update or delete, found '" + op + "'");
}

void add_further_fields(ItemChange& change, const json& fields, json& attributes) {
  const bool is_update = change.kind == ItemChange::Kind::kUpdate;
  for (const auto& [name, value] : fields.items()) {
    if (value.is_number()) {
      change.quality.emplace(name, value.get<double>());
      // What a field was before must not stay beside what it is now.
      if (is_update) attributes.emplace(name, nullptr);
    } else if (!value.is_null()) {
      if (is_update) change.quality.emplace(name, std::nullopt);
      attributes.emplace(name, value);
    } else if (is_update) {
      change.quality.emplace(name, std::nullopt);
      attributes.emplace(name, nullptr);
    }
  }
}

}  // namespace

ItemChange parse_change(std::string_view text, const std::filesystem::path& folder) {
  Record record(text);
  ItemChange change;
  change.kind = take_kind(record);
  change.version = record.take_integer("version");
  const std::string path = record.take_text("path").value_or("");
  if (path.find('\0') != std::string::npos) refuse("path: holds a zero byte");
  std::string product = record.take_text("product").value_or("");
  std::string picture = record.take_text("picture").value_or("");
  if (path.empty() && (product.empty() || picture.empty()))
    refuse("no item is named: expected path, or product and picture");
  change.key = engine::key_of_row(path, std::move(product), std::move(picture));
  if (change.kind == ItemChange::Kind::kUpsert && !path.empty()) change.path = (folder / path).string();
  if (record.is_null("category")) change.category = "";
  if (std::optional<std::string> category = record.take_text("category"))
    change.category = *std::move(category);
  json attributes = record.take("attributes").value_or(json::object());
  if (!attributes.is_object()) refuse_type("attributes", "a JSON object", attributes);
  add_further_fields(change, record.rest(), attributes);
  change.attributes_json = attributes.dump();
  return change;
}

}  // namespace vitrine
