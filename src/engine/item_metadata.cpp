// SPDX-License-Identifier: MIT
#include "engine/item_metadata.h"

#include <nlohmann/json.hpp>

namespace vitrine::engine {

bool same_json(const std::string& a, const std::string& b) {
  if (a == b) return true;
  return nlohmann::json::parse(a, nullptr, /*allow_exceptions=*/false) ==
         nlohmann::json::parse(b, nullptr, /*allow_exceptions=*/false);
}

void copy_picture_facts(Item& item, const Item& source) {
  item.width_px = source.width_px;
  item.height_px = source.height_px;
  item.box_px = source.box_px;
}

}  // namespace vitrine::engine
