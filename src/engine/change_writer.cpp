// SPDX-License-Identifier: MIT
#include "engine/change_writer.h"

#include <nlohmann/json.hpp>
#include <utility>

#include "engine/item_metadata.h"
#include "engine/shown_value.h"
#include "vitrine/error.h"

namespace vitrine::engine {
namespace {

using Kind = ItemChange::Kind;
using State = ChangePicture::State;

constexpr const char* kUnknown = "the catalogue has no such item";

void set_metadata(Item& item, const ItemChange& change) {
  item.category = change.category.value_or("");
  item.attributes_json = change.attributes_json;
  item.quality.clear();
  for (const auto& [name, value] : change.quality)
    if (value) item.quality.emplace(name, *value);
}

void patch_attributes(Item& item, const std::string& patch_json) {
  const auto patch = nlohmann::json::parse(patch_json, nullptr, /*allow_exceptions=*/false);
  if (!patch.is_object()) throw Error(ErrorCode::kInvalidArgument, "attributes: expected a JSON object");
  if (patch.empty()) return;
  const auto before = nlohmann::json::parse(item.attributes_json);
  auto attributes = before;
  attributes.merge_patch(patch);
  // Numbers come with a patch that removes what is hardly ever there; the caller's own text stays.
  if (attributes != before) item.attributes_json = attributes.dump();
}

// What the change does not name stays.
void patch_metadata(Item& item, const ItemChange& change) {
  if (change.category) item.category = *change.category;
  patch_attributes(item, change.attributes_json);
  for (const auto& [name, value] : change.quality) {
    if (value)
      item.quality[name] = *value;
    else
      item.quality.erase(name);
  }
}

}  // namespace

bool ChangeWriter::apply(std::size_t i) {
  const ItemChange& change = changes_[i];
  const ChangePicture& picture = pictures_.of(i);
  if (picture.state == State::kWaiting) return false;
  if (change.version) {
    const std::optional<std::int64_t> known = catalog_.version(change.key);
    if (known && *known >= *change.version) {
      ++report_.num_stale;
      return true;
    }
  }
  std::string failure;
  try {
    failure = make(change, picture);
  } catch (const Error& error) {
    // The change's own fault (a field the catalogue refuses), not the catalogue's.
    if (error.code() != ErrorCode::kInvalidArgument) throw;
    failure = error.what();
  }
  if (!failure.empty()) {
    report_.failures.push_back({first_index_ + i, std::move(failure)});
    return true;
  }
  if (change.version) catalog_.set_version(change.key, *change.version);
  warn_of_texts(i);
  return true;
}

// A price of "n/a" is an attribute like any, but hardly meant to be.
void ChangeWriter::warn_of_texts(std::size_t i) {
  const ItemChange& change = changes_[i];
  if (change.kind == Kind::kRemove || change.attributes_json == "{}" || numeric_columns_.empty()) return;
  const auto attributes = nlohmann::json::parse(change.attributes_json);
  for (const auto& [name, value] : attributes.items()) {
    const auto number = change.quality.find(name);
    const bool has_number = number != change.quality.end() && number->second;
    if (value.is_null() || has_number || !numeric_columns_.contains(name)) continue;
    report_.warnings.push_back({first_index_ + i, name +
                                                      ": expected a number, as others have in this column, "
                                                      "found " +
                                                      shown_value(value) +
                                                      "; kept as an attribute, and missing as a number"});
  }
}

void ChangeWriter::finish() {
  for (const ItemId id : removed_) catalog_.remove(id);
  removed_.clear();
}

// Why the change cannot be made; empty if it was.
std::string ChangeWriter::make(const ItemChange& change, const ChangePicture& picture) {
  switch (change.kind) {
    case Kind::kUpsert:
      return upsert(change, picture);
    case Kind::kUpdate:
      return update(change);
    case Kind::kRemove:
      return remove(change);
  }
  throw Error(ErrorCode::kInternal, "unknown kind of change");
}

std::string ChangeWriter::upsert(const ItemChange& change, const ChangePicture& picture) {
  if (picture.state == State::kFailed) return picture.failure;
  const std::optional<ItemId> id = find(change.key);
  const std::optional<Item> old = id ? catalog_.item(*id) : std::nullopt;
  if (change.path.empty() && !old) return std::string(kUnknown) + "; an upsert of a new item needs its path";
  Item item = old.value_or(Item{});
  item.key = change.key;
  set_metadata(item, change);
  if (change.path.empty()) {
    replace_metadata(*id, *old, item);
    return {};
  }
  item.path = change.path;
  item.file_size_bytes = picture.facts.size_bytes;
  item.modified_ns = picture.facts.modified_ns;
  if (old && old->hash == picture.hash) {
    replace_metadata(*id, *old, item);
    return {};
  }
  std::string failure = add_picture(std::move(item), picture);
  if (failure.empty()) ++(old ? report_.num_modified : report_.num_added);
  return failure;
}

std::string ChangeWriter::add_picture(Item item, const ChangePicture& picture) {
  item.hash = picture.hash;
  if (const std::optional<ItemId> owner = catalog_.find_by_hash(picture.hash)) {
    copy_picture_facts(item, *catalog_.item(*owner));
    catalog_.upsert_sharing(item, *owner);
    return {};
  }
  const ChangePicture* source = pictures_.with_content(picture.hash);
  if (source == nullptr) throw Error(ErrorCode::kInternal, "nothing is known of '" + item.path + "'");
  if (source->state != State::kEmbedded) return source->failure;
  item.width_px = source->width_px;
  item.height_px = source->height_px;
  item.box_px.reset();
  catalog_.upsert(item, source->code, source->feature);
  return {};
}

std::string ChangeWriter::update(const ItemChange& change) {
  const std::optional<ItemId> id = find(change.key);
  const std::optional<Item> old = id ? catalog_.item(*id) : std::nullopt;
  if (!old) return kUnknown;
  Item item = *old;
  patch_metadata(item, change);
  replace_metadata(*id, *old, item);
  return {};
}

std::string ChangeWriter::remove(const ItemChange& change) {
  if (const std::optional<ItemId> id = find(change.key)) {
    removed_.insert(*id);
    ++report_.num_removed;
  } else if (change.version) {
    ++report_.num_unchanged;
  } else {
    return kUnknown;
  }
  return {};
}

void ChangeWriter::replace_metadata(ItemId id, const Item& old, const Item& item) {
  const bool same_file = old.path == item.path && old.file_size_bytes == item.file_size_bytes &&
                         old.modified_ns == item.modified_ns;
  if (same_file && same_metadata(old, item)) {
    ++report_.num_unchanged;
    return;
  }
  catalog_.update_metadata(id, item);
  ++report_.num_modified;
}

std::optional<ItemId> ChangeWriter::find(const ItemKey& key) const {
  const std::optional<ItemId> id = catalog_.find(key);
  return id && !removed_.contains(*id) ? id : std::nullopt;
}

}  // namespace vitrine::engine
