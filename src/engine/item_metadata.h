// SPDX-License-Identifier: MIT
#pragma once
/// What a source says about an item, and what was learned from its picture.
#include <string>

#include "vitrine/ingest.h"
#include "vitrine/item.h"

namespace vitrine::engine {

/// Whether both say the same, however the JSON is written.
bool same_json(const std::string& a, const std::string& b);

/// Whether the item already carries the category, attributes and quality columns of an entry or another item.
template <typename Described>
bool same_metadata(const Item& item, const Described& other) {
  return item.category == other.category && item.quality == other.quality &&
         same_json(item.attributes_json, other.attributes_json);
}

/// Size and box of a picture of the same content.
void copy_picture_facts(Item& item, const Item& source);

}  // namespace vitrine::engine
